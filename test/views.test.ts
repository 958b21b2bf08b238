// Every template compiles, and every page is valid HTML with ordered headings and without scripts
// or inline styles.

import { readdirSync } from "node:fs";
import { HtmlValidate } from "html-validate";
import { view, viewsDir } from "../src/views.ts";
import { attributesOf, elementsNamed, elementsOf, pageOf } from "./support/html.ts";
import { buildTestSite } from "./support/site.ts";
import { visitAll, type Visit } from "./support/visits.ts";

const templates = readdirSync(viewsDir, { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".ejs"),
);

// Among others: headings skip no level, ids are unique and exist where a name or a description
// refers to one, fields have labels, and there is no style attribute.
const validator = new HtmlValidate({
  extends: ["html-validate:recommended"],
  rules: {
    "heading-level": ["error", { allowMultipleH1: false, minInitialRank: "h1" }],
    "long-title": "off", // Two titles are given by the owner; test/site.test.ts limits the others to 70 characters.
    "no-missing-references": "error",
    "no-trailing-whitespace": "off", // code samples are shown unchanged
    "doctype-style": "off", // prettier writes the doctype in lower case
  },
});

test.each(templates)("%s compiles", (file) => {
  expect(() => view(file.replace(/\.ejs$/, ""))).not.toThrow();
});

describe("every page", () => {
  let visits: Visit[] = [];
  beforeAll(async () => {
    const site = await buildTestSite();
    visits = await visitAll(site);
    await site.close();
  });

  /** Returns the complaints of `check`, each with the name of the page. */
  const complaintsOf = (check: (html: string) => string[]) =>
    visits.flatMap(({ name, html }) => check(html).map((complaint) => `${name}: ${complaint}`));

  test("has the right status", () => {
    const unusual = visits
      .filter(({ status }) => status !== 200)
      .map(({ name, status }) => [name, status]);
    expect(Object.fromEntries(unusual)).toEqual({
      "form with errors": 422,
      "form from an article with errors": 422,
      "form with a question": 422,
      "unknown staff page": 404,
      "staff page of another site": 403,
      "staff page while the store is down": 503,
      "unknown receipt": 404,
      "no such address": 404,
      "unreadable address": 400,
      "form of another site": 403,
      "wrong method": 405,
      "form that is too long": 413,
      "form that is no form": 415,
      "failure on our side": 500,
      "form while the store is down": 503,
    });
  });

  test("is valid HTML in English, with one h1 and one main element", async () => {
    const complaints = complaintsOf((html) => [
      ...(elementsNamed(html, "html")[0]?.attributes["lang"] === "en" ? [] : ["lang"]),
      ...["h1", "main"].filter((tag) => elementsNamed(html, tag).length !== 1),
    ]);
    for (const { name, html } of visits) {
      const { results } = await validator.validateString(html, name);
      for (const { ruleId, message, line } of results.flatMap((result) => result.messages))
        complaints.push(`${name}, line ${line}: ${message} (${ruleId})`);
    }
    expect(complaints).toEqual([]);
  });

  test("has ids that begin with page- outside the text, where headings give them", () => {
    const around = (html: string) =>
      attributesOf(html.replace(/<div class="prose">[\s\S]*?<\/div><\/div>/, ""), "id");
    expect(complaintsOf((html) => around(html).filter((id) => !id.startsWith("page-")))).toEqual(
      [],
    );
  });

  test("has no script, no style attribute and no event handler", () => {
    const complaints = complaintsOf((html) => [
      ...elementsOf(html).flatMap(({ attributes }) =>
        Object.keys(attributes).filter((name) => name === "style" || name.startsWith("on")),
      ),
      ...elementsNamed(html, "script").flatMap(
        ({ attributes }) => (attributes["type"] === "application/ld+json" ? [] : "script"), // JSON-LD is data
      ),
      ...attributesOf(html, "href").filter((address) => /^\s*javascript:/i.test(address)),
    ]);
    expect(complaints).toEqual([]);
  });

  test("has no placeholder left", () => {
    const placeholder = /<!--|\bundefined\b|\bNaN\b|\[object |<%/g;
    const complaints = complaintsOf(
      (html) =>
        pageOf({ text: html })
          .replace(/<div class="prose">[\s\S]*<\/article>/, "")
          .match(placeholder) ?? [],
    );
    expect(complaints).toEqual([]);
  });
});
