// The fixed pages: each row of their table is everywhere, and what the home page, the privacy notice and "Services" say is true.

import { readFileSync } from "node:fs";
import path from "node:path";
import { company } from "../../src/company.ts";
import { listChoices } from "../../src/inquiries/form.ts";
import { fixedPages } from "../../src/web/pages.ts";
import { strict } from "../../src/web/render.ts";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import {
  attributesOf,
  decode,
  elementsNamed,
  metaOf,
  pageOf,
  textOf,
  titleOf,
} from "../support/html.ts";
import { buildTestSite } from "../support/site.ts";

const site = await buildTestSite();
afterAll(() => site.close());
const { get } = site;
const wordsOf = async (address: string) => textOf((await get(address)).text);
const example = (name: string) =>
  readFileSync(path.resolve(import.meta.dirname, "../../articles/examples", name), "utf8");

test("Services names two articles for each choice of the form", () => {
  const { services } = site.library.chosen();
  const counts = Object.entries(services).map(([choice, slugs]) => [choice, slugs.length]);
  expect(counts).toEqual(listChoices("kind").map(({ value }) => [value, 2]));
});

test("what is chosen is taken from the folder of articles", async () => {
  await using own = await buildSiteOf({
    "a.md": articleFile({ title: "Chosen first", topics: "[Java]" }),
    "chosen.yaml": "start:\n  - symptom: It leaks\n    slug: a\n    section: '#one'\n",
    "topics.yaml": "Java: What leaks in Java.\n",
  });
  expect((await own.get("/articles")).text).toContain('<a href="/articles/a#one">It leaks</a>');
  expect((await own.get("/topics/java")).text).toContain("<p>What leaks in Java.</p>");
});

test.each(fixedPages)("the page $path is wherever its row says", async (row) => {
  const [own, other, sitemap, llms] = await Promise.all(
    [row.path, "/search", "/sitemap.xml", "/llms.txt"].map(async (at) => pageOf(await get(at))),
  );
  expect([titleOf(own ?? ""), metaOf(own ?? "", "description")]).toEqual([
    expect.stringContaining(row.title),
    row.description,
  ]);
  expect(own?.includes('aria-current="page"')).toBe(row.navigation !== undefined);
  if (row.navigation)
    expect(own).toContain(`<a href="${row.path}" aria-current="page">${row.navigation}</a>`);
  for (const name of [row.navigation, row.footer])
    if (name) expect(other).toContain(`<a href="${row.path}">${name}</a>`);
  expect(sitemap).toContain(`${row.path}</loc>`);
  expect(llms).toContain(`${row.path}): ${row.description}`);
});

test("a view that uses an unknown name fails, where EJS would print nothing", () => {
  const values = strict("site", { email: undefined });
  expect(values.email).toBeUndefined();
  expect(() => Reflect.get(values, "mail") as unknown).toThrow("a view uses site.mail, which");
});

test("an article's page marks Articles, and its front matter is no HTML", async () => {
  const description = `<i>Slanted</i> ${"and long ".repeat(8)}`;
  const updated = '{ date: 2026-11-02, change: "<u>Wrong</u> figures." }';
  await using site = await buildSiteOf({
    "a.md": articleFile({ title: "<b>Bold words</b> & co", description, updated }),
  });
  const text = pageOf(await site.get("/articles/a"));
  for (const html of [
    "<h1>&lt;b&gt;Bold words&lt;/b&gt; &amp; co</h1>",
    ": &lt;u&gt;Wrong&lt;/u&gt; figures.</p>",
    '<a href="/articles" aria-current="true">Articles</a>',
    '<link rel="alternate" type="application/atom+xml" href="/feed.atom" title="All articles">',
  ])
    expect(text).toContain(html);
  expect(pageOf(await site.get("/articles"))).toContain("<p>&lt;i&gt;Slanted&lt;/i&gt; and long");
});

/** The text before the first paragraph of an article, and its links. */
const headOf = async (slug: string) => {
  const [, head = ""] =
    /<article class="article">(.*?)<\/header>/s.exec((await get(`/articles/${slug}`)).text) ?? [];
  return { text: textOf(head), links: attributesOf(head, "href") };
};

test("an article opens with its number and the line of output that has it", async () => {
  const { text, links } = await headOf("retries-multiply");
  expect(text).toMatch(/0% answered, still none 14 minutes later line 29 of output\.txt$/);
  const examples = "/articles/retries-multiply/examples";
  expect(links).toContain(`${examples}/output.txt#L29`);
  expect((await get(`${examples}/output.txt`)).text).toContain('id="L29"');
});

test("an article without a number opens with its byline", async () => {
  await using own = await buildSiteOf({ "a.md": articleFile() });
  const [, head = ""] =
    /<article class="article">(.*?)<\/header>/s.exec((await own.get("/articles/a")).text) ?? [];
  expect(textOf(head)).toMatch(/min read$/);
});

/** Returns the values of a curve, second by second, up to a constant. */
function answersIn(svg: string): number[] {
  const values: number[] = [];
  for (const [, path = ""] of svg.matchAll(/class="stroke"[^>]* d="([^"]+)"/g)) {
    let [x, y] = [0, 0];
    for (const [, command, rest = ""] of path.matchAll(/([Mlh])([^Mlh]+)/g)) {
      const steps = (rest.match(/-?\d+/g) ?? []).map(Number);
      if (command === "M") [x, y] = [0, 0];
      if (command === "h")
        steps.splice(0, 1, ...Array.from({ length: steps[0] ?? 0 }, () => [1, 0]).flat());
      for (let at = 0; at < steps.length; at += 2) {
        x += steps[at] ?? 0;
        y += steps[at + 1] ?? 0;
        values[x] = -y;
      }
    }
  }
  return values;
}

describe("the home page", () => {
  test("has two curves that show what the stored output of their article says", async () => {
    const output = example("retries-multiply/output-answers.txt");
    const { text } = await get("/");
    const [, figure = ""] = /<figure class="strips"(.*?)<\/figure>/s.exec(text) ?? [];
    const curves = figure.split('<svg class="figure').slice(1);
    const claims = Array.from(figure.matchAll(/<p[^>]*>(.*?)<\/p>/g), ([, words = ""]) =>
      words.split("</b> <b").map((part) => textOf(part.replace(/^[^>]*>/, ""))),
    );
    expect([claims.length, curves.length]).toEqual([2, 2]);
    const parts = output.split("\n\n").slice(1);
    for (const [index, claim] of claims.entries()) {
      const part = parts[index]?.trimStart() ?? "";
      expect(part.split("\n").slice(0, 2)).toEqual(claim);
      const seconds = part.split("\n").slice(2).join(" ").trim().split(/ +/).map(Number);
      const drawn = answersIn(curves[index] ?? "");
      expect(drawn).toHaveLength(301);
      const offset = (seconds[20] ?? 0) - (drawn[0] ?? 0); // the curves begin at second 20
      expect(drawn.map((value) => value + offset)).toEqual(seconds.slice(20, 321));
    }
  });

  test("shows findings as rows, each with its number, its figure and a link", async () => {
    const { text } = await get("/");
    const [, list = ""] = /<ul class="findings">(.*?)<\/ul>/s.exec(text) ?? [];
    const rows = list.split(/<li[ >]/).slice(1);
    expect(rows.length).toBeGreaterThanOrEqual(3); // the other articles are dated later
    expect(new Set(rows.map((row) => /<svg.*<\/svg>/s.exec(row)?.[0])).size).toBe(rows.length);
    for (const [index, row] of rows.entries()) {
      const slug = /href="\/articles\/([^"]+)"/.exec(row)?.[1] ?? "";
      const bars = site.library.image(`images/small/${slug}.svg`)?.figure?.rows ?? [];
      for (const bar of [bars[0], bars.at(-1)])
        expect(textOf(row)).toContain(index > 0 ? bar : bar?.split(": ")[0]);
      const finding = site.library.find(slug, site.clock.now)?.finding;
      expect(textOf(row)).toContain(finding?.symptom);
      expect(textOf(row)).toContain(`${finding?.number} ${finding?.unit}`);
    }
  });

  test("has no figure without that article", async () => {
    await using own = await buildSiteOf({ "a.md": articleFile() });
    const { status, text } = await own.get("/");
    expect([status, textOf(text).includes("seconds of stall")]).toEqual([200, false]);
  });
});

test("the privacy notice and Services name facts once they are set, and do not say that they are missing", async () => {
  const without = await wordsOf("/privacy");
  expect(without).toContain("Only our engineers read it. The companies");
  const countries = company.offices.map(({ country }) => `in ${country}`).join(" and ");
  expect(without).toContain(
    `Our engineers work ${countries}, which is outside the European Economic Area (EEA).`,
  );
  expect(without).not.toMatch(/safeguard|transfer|not (yet )?name/);
  expect(await wordsOf("/ways-to-work")).not.toContain("Before you sign");
  const facts = {
    registration: "CVR 12345678",
    inquiriesReadIn: "Denmark and Indonesia",
    transferSafeguard: "the standard contractual clauses of the European Commission",
    terms: [{ name: "Pricing", text: "By the day & in writing." }],
  };
  await using own = await buildTestSite({ dependencies: { optionalFacts: facts } });
  const named = textOf((await own.get("/privacy")).text);
  expect(named).toContain(`${company.tagline} · CVR 12345678`);
  expect(named).toContain("Only our engineers read it, in Denmark and Indonesia. The companies");
  expect(named).toContain(
    "protected by the standard contractual clauses of the European Commission. You can ask us for a copy",
  );
  expect((await own.get("/ways-to-work")).text).toContain(
    "<dt>Pricing</dt><dd>By the day &amp; in writing.</dd>",
  );
});

test("How we work names the people who sign articles", async () => {
  expect(await wordsOf("/how-we-work")).toContain("), Eric Hanson among them. You talk");
});

const pagesWithPeople = ["/", "/ways-to-work", "/contact"];

test("people with a portrait and a city are on the pages that sell", async () => {
  const icon = path.resolve(import.meta.dirname, "../../static/images/apple-touch-icon.png");
  const portrait = "portrait: images/rosa.png";
  await using own = await buildSiteOf({
    "authors.yaml": `someone:\n  name: Some One\n  role: Engineer\nrosa:\n  name: Rosa Lind\n  role: Engineer\n  city: Magelang\n  ${portrait}\n`,
    "images/rosa.png": readFileSync(icon),
    "a.md": articleFile(),
  });
  for (const address of pagesWithPeople) {
    const { text } = await own.get(address);
    const [, list = ""] = /<ul class="people">(.*?)<\/ul>/s.exec(text) ?? [];
    expect([address, textOf(list)]).toEqual([address, "Rosa Lind Engineer, Magelang"]);
    const [source = ""] = attributesOf(list, "src");
    expect((await own.get(source)).type).toBe("image/png");
    expect((await get(address)).text).not.toContain('class="people"');
  }
});

test("the number of each day of the first week is in a line of the trial’s files", async () => {
  const { text } = await get("/how-we-work");
  const digitsIn = (words: string) => new Set(words.match(/\d+/g));
  const lines = ["clock.txt", "unnoticed.txt", "what-we-know.markdown"].flatMap((file) =>
    example(`taking-over-a-backend/${file}`).split("\n").map(digitsIn),
  );
  const days = Array.from(text.matchAll(/<p class="finding"><b>([^<]+)/g), ([, number = ""]) =>
    digitsIn(number),
  );
  expect(days).toHaveLength(5);
  for (const day of days) expect(lines.some((line) => day.isSubsetOf(line))).toBe(true);
});

const services = pageOf(await get("/ways-to-work"));
describe("services", () => {
  const choices = listChoices("kind");
  const text = services;
  const plan = (name: string) => example(`taking-over-a-backend/${name}`);
  const chosenIn = (html: string) =>
    elementsNamed(html, "input").flatMap(({ attributes }) =>
      "checked" in attributes ? attributes["value"] : [],
    );
  const addressOf = (value: string) => `/contact?kind=${value}`;

  test("every line of the sheet is in the stored page", () => {
    const sheet = /<div class="sheet">(.*?)<\/div>/s.exec(text)?.[1] ?? "";
    const stored = plan("what-we-know.markdown")
      .replace(/`|\*\*|\[|\]\(.*?\)/g, "")
      .replace(/\s+/g, " ");
    const lines = Array.from(sheet.matchAll(/<(h3|h4|li|p)>([^<]+)/g), ([, , line = ""]) =>
      decode(line).trim().replaceAll("\u00a0", " "),
    );
    expect(lines).toHaveLength(20);
    for (const line of lines) expect(stored).toContain(line);
  });

  test("the squares are the stored verdicts, in their order", () => {
    const verdicts = Array.from(
      plan("mutants.txt").matchAll(/^(nothing|\d+ tests?) +\S.* (?:drop|negate|false) /gm),
      ([, verdict]) => (verdict === "nothing" ? "unnoticed" : "noticed"),
    ).slice(0, 24);
    const squares = Array.from(
      text.matchAll(/<rect class="(noticed|unnoticed)"/g),
      ([, tone]) => tone,
    );
    expect(squares).toEqual(verdicts);
    const count = squares.filter((tone) => tone === "unnoticed").length;
    expect(plan("unnoticed.txt")).toMatch(`${count} of 24`);
  });

  test("the page has a heading for each choice of the form, in their order, and links to the form with it", async () => {
    const sections = elementsNamed(text, "section").map(
      ({ attributes }) => attributes["aria-labelledby"],
    );
    expect(sections).toEqual(["page-first-week", "page-after", "page-overlap", undefined]);
    const headings = elementsNamed(text, "h3").flatMap(({ attributes }) => attributes["id"] ?? []);
    expect(headings).toEqual(choices.map(({ value }) => `page-way-${value}`));
    const links = attributesOf(text, "href").filter((link) => link.startsWith("/contact?"));
    expect(links).toEqual(choices.map(({ value }) => addressOf(value)));
  });

  test.each(choices)(
    "the form opens with $value selected, and no cache stores it",
    async ({ value }) => {
      const { text, headers } = await get(addressOf(value));
      expect(chosenIn(text)).toEqual([value]);
      expect(headers["cache-control"]).toBe("private, no-cache");
      expect(text).toContain(`<link rel="canonical" href="http://localhost:3000/contact">`);
      expect(chosenIn((await get("/contact")).text)).toEqual([]);
    },
  );

  test("a choice that the form does not have is ignored", async () => {
    const { text } = await get("/contact?kind=%22%3E%3Cb%3E");
    expect(textOf(text)).toBe(await wordsOf("/contact"));
  });

  test("the table of hours in common follows from the time zones", () => {
    const [, table = ""] = /<table class="hours-in-common">(.*?)<\/table>/s.exec(services) ?? [];
    const rows = table.split("<tr>").slice(1).map(textOf);
    expect(rows).toEqual([
      "Your city Copenhagen Magelang 00 12 24 UTC",
      "Berlin, Paris 8 hours 2 to 3 hours",
      "London 7 hours 1 to 2 hours",
      "New York 2 hours None",
      "San Francisco None None",
      "Singapore 2 to 3 hours 8 hours",
      "Sydney 0 to 1 hour 5 to 6 hours",
    ]);
  });
});
