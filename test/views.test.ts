// Every template compiles, and every page is valid HTML with ordered headings and without scripts or inline styles.

import { readdirSync } from "node:fs";
import { HtmlValidate } from "html-validate";
import { view, viewsDir } from "../src/views.ts";
import { attributesOf, elementsNamed, elementsOf } from "./support/html.ts";
import { buildTestSite } from "./support/site.ts";
import { visitAll, type Visit } from "./support/visits.ts";

const templates = readdirSync(viewsDir, { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".ejs"),
);

const validator = new HtmlValidate({
  extends: ["html-validate:recommended"],
  rules: {
    "long-title": "off", // Two titles are given by the owner; test/site.test.ts limits the others to 70 characters.
    "no-trailing-whitespace": "off", // code samples are shown unchanged
    "doctype-style": "off", // prettier writes the doctype in lower case
  },
});

describe("templates", () => {
  test.each(templates)("%s compiles", (file) => {
    expect(() => view(file.replace(/\.ejs$/, ""))).not.toThrow();
  });
});

describe("every page", () => {
  let visits: Visit[] = [];

  beforeAll(async () => {
    const site = await buildTestSite();
    visits = await visitAll(site);
    await site.close();
  });

  /** Returns the complaints of `check` by page name, without pages that have none. */
  const wrongOn = (check: (html: string, visit: Visit) => string[]) =>
    Object.fromEntries(
      visits
        .map((visit) => [visit.name, check(visit.html, visit)] as const)
        .filter(([, complaints]) => complaints.length > 0),
    );

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

  test("is valid HTML", async () => {
    const complaints: string[] = [];
    for (const { name, html } of visits) {
      const { results } = await validator.validateString(html, name);
      for (const { ruleId, message, line } of results.flatMap((result) => result.messages))
        complaints.push(`${name}, line ${line}: ${message} (${ruleId})`);
    }
    expect(complaints).toEqual([]);
  });

  test("has the language English, one main element and one title", () => {
    const faults = wrongOn((html) => [
      ...(elementsNamed(html, "html")[0]?.attributes["lang"] === "en" ? [] : ["lang"]),
      ...["main", "title"].filter((tag) => elementsNamed(html, tag).length !== 1),
    ]);
    expect(faults).toEqual({});
  });

  test("has exactly one h1 and skips no level of headings", () => {
    const faults = wrongOn((html) => {
      const levels = elementsOf(html).flatMap(({ tag }) => /^h([1-6])$/.exec(tag)?.[1] ?? []);
      const skips = levels
        .map(Number)
        .filter((level, index, all) => level > (all[index - 1] ?? 0) + 1);
      const heads = levels.filter((level) => level === "1").length;
      return [
        ...skips.map((level) => `skips to h${level}`),
        ...(heads === 1 ? [] : [`${heads} h1`]),
      ];
    });
    expect(faults).toEqual({});
  });

  test("has unique ids, and those outside the text start with page-", () => {
    const faults = wrongOn((html) => {
      const ids = attributesOf(html, "id");
      const around = attributesOf(
        html.replace(/<div class="prose">[\s\S]*?<\/div><\/div>/, ""),
        "id",
      );
      const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
      return [...twice, ...around.filter((id) => !id.startsWith("page-"))];
    });
    expect(faults).toEqual({});
  });

  test("has labels, descriptions and names that point to existing elements", () => {
    const faults = wrongOn((html) => {
      const ids = attributesOf(html, "id");
      const pointers = ["for", "aria-labelledby", "aria-describedby"].flatMap((name) =>
        attributesOf(html, name),
      );
      return pointers.flatMap((list) => list.split(" ")).filter((id) => !ids.includes(id));
    });
    expect(faults).toEqual({});
  });

  test("has no script, no style attribute and no event handler", () => {
    const faults = wrongOn((html) => [
      ...elementsOf(html).flatMap(({ attributes }) =>
        Object.keys(attributes).filter((name) => name === "style" || name.startsWith("on")),
      ),
      ...elementsNamed(html, "script")
        .filter(({ attributes }) => attributes["type"] !== "application/ld+json")
        .map(({ tag }) => tag), // JSON-LD is data
      ...attributesOf(html, "href").filter((address) => /^\s*javascript:/i.test(address)),
    ]);
    expect(faults).toEqual({});
  });

  test("has no placeholder left", () => {
    const faults = wrongOn(
      (html) =>
        html
          .replace(/<div class="prose">[\s\S]*<\/article>/, "")
          .match(/<!--|\bundefined\b|\bNaN\b|\[object |<%/g) ?? [],
    );
    expect(faults).toEqual({});
  });
});
