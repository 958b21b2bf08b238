// The fixed pages: each row of their table is everywhere, and what the home page, the privacy notice
// and "Services" say is true.

import { readFileSync } from "node:fs";
import path from "node:path";
import { company, optionalFacts } from "../../src/company.ts";
import { kinds } from "../../src/inquiries/form.ts";
import { redirects, urls } from "../../src/urls.ts";
import { repairBars } from "../../src/articles/article.ts";
import { fixedPages } from "../../src/web/pages.ts";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import { attributesOf, elementsNamed, metaOf, pageOf, textOf, titleOf } from "../support/html.ts";
import { buildTestSite } from "../support/site.ts";

const site = await buildTestSite();
const { get } = site;
const wordsOf = async (address: string) => textOf((await get(address)).text);
const example = (name: string) =>
  readFileSync(path.resolve(import.meta.dirname, "../../articles/examples", name), "utf8");

test("Services names two articles for each choice of the form", () => {
  const { services } = site.library.chosen();
  const counts = Object.entries(services).map(([choice, slugs]) => [choice, slugs.length]);
  expect(counts).toEqual(kinds.map(({ value }) => [value, 2]));
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

test.each(redirects)("the address of %s redirects to that of %s", async (from, to) => {
  const { status, headers } = await get(urls[from]);
  expect([status, headers["location"]]).toEqual([301, site.config.siteUrl + urls[to]]);
  expect(headers["cache-control"]).toBe("public, max-age=300");
});

test("an article opens with its number and the line of output that has it", async () => {
  const { text } = await get("/articles/retries-multiply");
  expect(text).toContain('<a href="/articles" aria-current="true">Articles</a>');
  expect(attributesOf(text, "title")).toContain("All articles"); // the feed
  const [, head = ""] = /<article class="article">(.*?)<\/header>/s.exec(text) ?? [];
  expect(textOf(head)).toMatch(
    /as it was 0% answered, still none 14 minutes later line 29 of output\.txt repaired 100% answered after the stall, queue bounded line 35 of output\.txt$/,
  );
  const output = "/articles/retries-multiply/examples/output.txt";
  expect(attributesOf(head, "href")).toContain(`${output}#L29`);
  expect((await get(output)).text).toContain('id="L29"');
});

test("an article asks to write after its first section, and says what to read after its last", async () => {
  const { text } = await get("/articles/retries-multiply");
  const [, body = ""] = text.split('<div class="prose">');
  const asking = body.split("<h2").map((section) => section.includes("Sounds familiar?"));
  expect([asking[1], asking.filter(Boolean).length]).toEqual([true, 1]);
  const [prose = "", after = ""] = text.split('<section class="section pitch"');
  expect(textOf(prose)).toContain("Next part: Booked Twice, or Not at All: Where the Key Belongs");
  expect(after).toContain('id="page-more"');
});

describe("the home page", () => {
  test("says of its curves what the stored output of their article says", async () => {
    const { text } = await get("/");
    const [, figure = ""] = /<figure class="strips"(.*?)<\/figure>/s.exec(text) ?? [];
    expect(figure.match(/<svg class="figure/g)).toHaveLength(2);
    const claims = Array.from(figure.matchAll(/<p[^>]*>(.*?)<\/p>/g), ([, words = ""]) =>
      words.split("</b> <b").map((part) => textOf(part.replace(/^[^>]*>/, ""))),
    );
    const parts = example("retries-multiply/output-answers.txt").split("\n\n").slice(1, 3);
    expect(claims).toEqual(parts.map((part) => part.trimStart().split("\n").slice(0, 2)));
  });

  test("shows each symptom as it was, and the same test repaired", async () => {
    const { text } = await get("/");
    const [, list = ""] = /<ul class="findings">(.*?)<\/ul>/s.exec(text) ?? [];
    const rows = list.split(/<li[ >]/).slice(1);
    expect(rows.length).toBeGreaterThanOrEqual(3); // the other articles are dated later
    for (const row of rows) {
      const slug = /href="\/articles\/([^"]+)"/.exec(row)?.[1] ?? "";
      const { symptom, number, unit, repaired } =
        site.library.find(slug, site.clock.now)?.finding ?? {};
      const was = `as it was ${number} ${unit}`;
      const now = `repaired ${repaired?.number} ${repaired?.unit}`;
      expect(textOf(row)).toBe(`${symptom} ${was} ${now}`);
      expect(row.match(/<rect width="[\d.]+%"/g)).toHaveLength(2);
    }
  });
});

test("pages name the owner's facts once they are set", async () => {
  const without = await wordsOf("/privacy");
  expect(without).toContain("Only our engineers read it. The companies");
  for (const { country } of company.offices) expect(without).toContain(`in ${country}`);
  expect(without).not.toMatch(/safeguard|transfer|not (yet )?name/);
  expect(await wordsOf("/services")).not.toContain("Before you sign");
  expect(await wordsOf("/how-we-work")).not.toContain("Your code:");
  expect(await wordsOf("/")).not.toContain("What we found for a client");
  const facts = {
    registration: "CVR 12345678",
    inquiriesReadIn: "Denmark and Indonesia",
    officeHours: undefined,
    transferSafeguard: "the standard contractual clauses of the European Commission",
    clientCode: "It stays on your machines.",
    clientCase: "A bookshop’s orders stopped.",
    terms: [{ name: "Pricing", text: "By the day & in writing." }],
  };
  await using own = await buildSiteOf({}, { dependencies: { optionalFacts: facts } });
  const named = textOf((await own.get("/privacy")).text);
  for (const words of [
    `${company.tagline} · CVR 12345678`,
    "Only our engineers read it, in Denmark and Indonesia. The companies",
    "protected by the standard contractual clauses of the European Commission. You can ask us",
  ])
    expect(named).toContain(words);
  const term = "<dt>Pricing</dt><dd>By the day &amp; in writing.</dd>";
  expect((await own.get("/services")).text).toContain(term);
  const yourCode = "<b>Your code:</b> It stays on your machines.";
  expect((await own.get("/how-we-work")).text).toContain(yourCode);
  const ownCase =
    "What we found for a client A bookshop’s orders stopped. What you have after a week";
  expect(textOf((await own.get("/")).text)).toContain(ownCase);
});

test("people who sign are named, and shown with a portrait and a city", async () => {
  const icon = path.resolve(import.meta.dirname, "../../static/images/apple-touch-icon.png");
  const rosa = "city: Magelang\n  portrait: images/rosa.png\n";
  await using own = await buildSiteOf({
    "authors.yaml": `someone:\n  name: Some One\n  role: Engineer\nrosa:\n  name: Rosa Lind\n  role: Engineer\n  ${rosa}`,
    "images/rosa.png": readFileSync(icon),
    "a.md": articleFile(),
  });
  const named = textOf((await own.get("/how-we-work")).text);
  expect(named).toContain("), Some One (Engineer) and Rosa Lind (Engineer) among them. You talk");
  for (const address of ["/", "/services", "/contact"]) {
    const { text } = await own.get(address);
    const [, list = ""] = /<ul class="people">(.*?)<\/ul>/s.exec(text) ?? [];
    expect([address, textOf(list)]).toEqual([address, "Rosa Lind Engineer, Magelang"]);
    expect((await own.get(attributesOf(list, "src")[0] ?? "")).type).toBe("image/png");
    expect((await get(address)).text).not.toContain('class="people"');
  }
});

const services = pageOf(await get("/services"));
describe("services", () => {
  const plan = (name: string) => example(`taking-over-a-backend/${name}`);
  test("every line of the sheet is in the stored page", () => {
    const sheet = /<div class="sheet">(.*?)<\/div>/s.exec(services)?.[1] ?? "";
    const stored = plan("what-we-know.markdown")
      .replace(/`|\*\*|\[|\]\(.*?\)/g, "")
      .replace(/\s+/g, " ");
    const parts = /<(h3|h4|li|p|th|td)\b[^>]*>(.*?)<\/\1>/g;
    const lines = Array.from(sheet.matchAll(parts), ([, , html = ""]) =>
      textOf(html).replaceAll("\u00a0", " "),
    );
    expect(lines).toHaveLength(30);
    for (const line of lines) expect(stored).toContain(line);
  });

  test("each choice of the form has a heading, and a link that chooses it", async () => {
    const headings = elementsNamed(services, "h3").flatMap(({ id }) => id ?? []);
    expect(headings).toEqual(kinds.map(({ value }) => `page-kind-${value}`));
    const links = attributesOf(services, "href").filter((link) => link.startsWith("/contact?"));
    const chosen = await Promise.all(
      [...links, "/contact"].map(async (address) =>
        elementsNamed((await get(address)).text, "input").flatMap((input) =>
          "checked" in input ? input["value"] : [],
        ),
      ),
    );
    expect(chosen).toEqual([...kinds.map(({ value }) => [value]), []]);
    expect(await wordsOf("/contact?kind=%22%3E%3Cb%3E")).toBe(await wordsOf("/contact"));
  });

  test("hours in common follow from the hours that the owner sets", async () => {
    const facts = { ...optionalFacts, officeHours: { opensAtHour: 8, closesAtHour: 17 } };
    await using own = await buildSiteOf({}, { dependencies: { optionalFacts: facts } });
    const { text } = await own.get("/services");
    const [, table = ""] = /<table class="hours-in-common">(.*?)<\/table>/s.exec(text) ?? [];
    const rows = [
      "Your city Copenhagen Magelang 00 12 24 UTC",
      "Berlin, Paris 8 hours 2 to 3 hours",
      "London 7 hours 1 to 2 hours",
      "New York 2 hours None",
      "San Francisco None None",
      "Singapore 2 to 3 hours 8 hours",
      "Sydney 0 to 1 hour 5 to 6 hours",
    ];
    expect(textOf(table)).toBe(rows.join(" "));
    expect((await own.get("/contact")).text).toContain("08:00 to 17:00");
  });

  test("no page speaks of hours that nobody has set", async () => {
    for (const { path: at } of fixedPages)
      expect(await wordsOf(at)).not.toMatch(/hours in common|San Francisco|office hours/i);
  });

  test.each([
    ["18", "of 51,719 requests", "0", "of 40,517", [0, 0]],
    ["73", "of 110 mornings", "2", "of 110", [66.4, 1.8]],
    ["0 of 3", "failures", "3 of 3", "failures", [0, 100]],
    ["145 ms", "an answer", "0.3 ms", "an answer", [100, 0.2]],
  ])("draws %s %s and %s %s as shares", (number, unit, after, unitAfter, bars) => {
    const half = { unit, source: "output.txt:1" };
    const repaired = { number: after, unit: unitAfter, source: "output.txt:2" };
    expect(repairBars({ symptom: "It hangs", number, ...half, repaired })).toEqual(bars);
  });
});
