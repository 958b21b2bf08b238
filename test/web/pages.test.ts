// The fixed pages: one new row of their table adds a page everywhere, and what the home page, the privacy notice and "Services" say is true.

import { readFileSync } from "node:fs";
import path from "node:path";
import { company } from "../../src/company.ts";
import { choicesOf } from "../../src/inquiries/form.ts";
import { fixedPages } from "../../src/web/pages.ts";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import { attributesOf, elementsNamed, pageOf, textOf } from "../support/html.ts";
import { buildTestSite, type TestSite } from "../support/site.ts";

const site = await buildTestSite();
afterAll(() => site.close());
beforeEach(() => {
  site.clock.now = new Date(site.clock.now.getTime() + 86_400_000); // pages are rendered again
});
const { get } = site;
const wordsOf = async (address: string) => textOf((await get(address)).text);

describe("a new row in the table", () => {
  const row = {
    path: "/new-page",
    view: "pages/how-we-work",
    title: "A new page",
    description: "A page that exists only during a test, with a description that is long enough.",
    navigation: "New in the navigation",
    footer: "New in the footer",
  };
  let site: TestSite;
  beforeAll(async () => {
    fixedPages.push(row);
    site = await buildSiteOf({ "a.md": articleFile() });
  });
  afterAll(async () => {
    fixedPages.splice(fixedPages.indexOf(row), 1);
    await site.close();
  });
  test.each([
    ["/new-page", "<title>A new page · Clean Systems</title>"],
    ["/new-page", `<meta name="description" content="${row.description}">`],
    ["/new-page", '<a href="/new-page" aria-current="page">New in the navigation</a>'],
    ["/", '<a href="/new-page">New in the navigation</a>'],
    ["/", '<li><a href="/new-page">New in the footer</a></li>'],
    ["/sitemap.xml", "/new-page</loc>"],
    ["/llms.txt", `/new-page): ${row.description}`],
  ])("is on %s: %s", async (path, text) => {
    expect(pageOf(await site.get(path))).toContain(text);
  });
});

test.each([
  ["wrong-site", "site.email"],
  ["wrong-company", "site.company.phone"],
])("a view with a name that does not exist fails and is logged: %s", async (view, name) => {
  const row = { path: "/wrong", view: `../test/support/views/${view}`, title: "", description: "" };
  fixedPages.push(row);
  const site = await buildTestSite();
  const { status } = await site.get("/wrong");
  fixedPages.splice(fixedPages.indexOf(row), 1);
  await site.close();
  expect(status).toBe(500);
  expect(JSON.stringify(site.logged)).toContain(`a view uses ${name}, which does not exist`);
});

test("the page of an article marks the list of articles in the navigation, and HTML in the front matter is text there and in the list", async () => {
  const description = `<i>Slanted</i> ${"and long ".repeat(8)}`;
  const updated = '{ date: 2026-11-02, change: "<u>Wrong</u> figures." }';
  const site = await buildSiteOf({
    "a.md": articleFile({ title: "<b>Bold</b> & co", description, updated }),
  });
  const text = pageOf(await site.get("/articles/a"));
  const list = pageOf(await site.get("/articles"));
  await site.close();
  expect(text).toContain("<h1>&lt;b&gt;Bold&lt;/b&gt; &amp; co</h1>");
  expect(text).toContain(": &lt;u&gt;Wrong&lt;/u&gt; figures.</p>");
  expect(text).toContain('<a href="/articles" aria-current="true">Articles</a>');
  expect(list).toContain("<p>&lt;i&gt;Slanted&lt;/i&gt; and long");
});

test("the feed of the whole site is linked from the head of a page", async () => {
  expect(pageOf(await get("/privacy"))).toContain(
    '<link rel="alternate" type="application/atom+xml" href="/feed.atom" title="All articles">',
  );
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
    const file = "../../articles/examples/retries-multiply/output-answers.txt";
    const output = readFileSync(path.resolve(import.meta.dirname, file), "utf8");
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
    const rows = list.split("<li>").slice(1);
    expect(rows.length).toBeGreaterThanOrEqual(4); // two more on the day after
    expect(new Set(rows.map((row) => /<svg.*<\/svg>/s.exec(row)?.[0])).size).toBe(rows.length);
    for (const row of rows) {
      const slug = /href="\/articles\/([^"]+)"/.exec(row)?.[1] ?? "";
      const finding = site.library.find(slug, site.clock.now)?.finding;
      expect(textOf(row)).toContain(finding?.symptom);
      expect(textOf(row)).toContain(`${finding?.number} ${finding?.unit}`);
    }
  });

  test("has no figure without that article", async () => {
    const own = await buildSiteOf({ "a.md": articleFile() });
    const { status, text } = await own.get("/");
    await own.close();
    expect([status, textOf(text).includes("stall")]).toEqual([200, false]);
  });
});

test("the privacy notice names the countries where inquiries are read, and the safeguard, once they are set, and does not say that they are missing", async () => {
  const without = await wordsOf("/privacy");
  expect(without).toContain("Only our engineers read it. The companies");
  expect(without).not.toMatch(/safeguard|transfer|Indonesia|not (yet )?name/);
  company.inquiriesReadIn = "Denmark and Indonesia";
  company.transferSafeguard = "the standard contractual clauses of the European Commission";
  site.clock.now = new Date(site.clock.now.getTime() + 86_400_000);
  const named = await wordsOf("/privacy");
  company.inquiriesReadIn = company.transferSafeguard = "";
  expect(named).toContain("Only our engineers read it, in Denmark and Indonesia. The companies");
  expect(named).toContain(
    "protected by the standard contractual clauses of the European Commission. You can ask us for a copy",
  );
});

describe("services", () => {
  const choices = choicesOf("kind");

  const chosenIn = (html: string) =>
    elementsNamed(html, "input").flatMap(({ attributes }) =>
      "checked" in attributes ? attributes["value"] : [],
    );
  const addressOf = (value: string) => `/contact?kind=${value}`;

  test("the page has a heading for each choice of the form, in their order, and links to the form with it", async () => {
    const { text } = await get("/ways-to-work");
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

  test("a term and its section appear once it is set", async () => {
    expect(await wordsOf("/ways-to-work")).not.toContain("Before you sign");
    company.terms.push({ name: "Pricing", text: "By the day & in writing." });
    site.clock.now = new Date(site.clock.now.getTime() + 86_400_000);
    const { text } = await get("/ways-to-work");
    company.terms.pop();
    expect(text).toContain("<dt>Pricing</dt><dd>By the day &amp; in writing.</dd>");
  });

  test("the offices are open for the hours from which the table of hours in common was counted", () => {
    const hours = company.offices.map((office) => [
      office.city,
      office.opensAtHour,
      office.closesAtHour,
    ]);
    expect(hours).toEqual([
      ["Copenhagen", 8, 17],
      ["Magelang", 8, 17],
    ]);
  });
});
