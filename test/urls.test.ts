// The table of URLs: addresses are built from it, matched with it, and printed in the documentation.

import { readFileSync } from "node:fs";
import { href, matchUrl, urls, type UrlName } from "../src/urls.ts";

const rows = Object.entries(urls) as [UrlName, string][];

test("the documentation begins with the table of URLs", () => {
  const table = rows.map(([name, route]) => `${name.padEnd(14)}${route}`).join("\n");
  const page = readFileSync(new URL("../docs/architecture.md", import.meta.url), "utf8");
  expect(page).toContain(`\`\`\`text\n${table}\n\`\`\``);
});

test.each(rows)("an address of %s is built and recognised", (name, route) => {
  const parts = { slug: "queues", topic: "java", author: "ada", token: "f00", file: "a/b.txt" };
  const address = (href as (name: UrlName, parts: object) => string)(name, parts);
  const named = Object.entries(parts).filter(([key]) => new RegExp(`[:*]${key}\\b`).test(route));
  expect(matchUrl(address)).toEqual({ name, parts: Object.fromEntries(named) });
});

test("an address that is in no row is not recognised", () => {
  expect(matchUrl("/articles/queues/")).toBeUndefined();
  expect(matchUrl("/feedXatom")).toBeUndefined();
});
