// Services: the plan that the page shows is the one that was written, and its links lead somewhere.

import { readFileSync } from "node:fs";
import path from "node:path";
import { buildTestSite } from "../support/site.ts";
import { decode, elementsNamed, pageOf } from "../support/html.ts";

const example = (name: string) => {
  const folder = path.resolve(import.meta.dirname, "../../articles/examples/taking-over-a-backend");
  return readFileSync(path.join(folder, name), "utf8");
};

const site = await buildTestSite();
const html = pageOf(await site.get("/ways-to-work"));
afterAll(() => site.close());

test("every line of the sheet is in the stored page", () => {
  const sheet = /<div class="sheet">(.*?)<\/div>/s.exec(html)?.[1] ?? "";
  const stored = example("page.txt").replaceAll("`", "");
  const asOneLine = stored.replace(/\s+/g, " ");
  const texts = Array.from(sheet.matchAll(/<(h3|h4|li|p)>([^<]+)/g), ([, , text = ""]) =>
    decode(text).trim(),
  );
  expect(texts.length).toBe(11);
  for (const text of texts) expect(asOneLine).toContain(text);
});

test("the squares are the stored verdicts, in their order", () => {
  const verdicts = Array.from(
    example("mutants.txt").matchAll(/^(nothing|\d+ tests?) +\S.* (?:drop|negate|false) /gm),
    ([, verdict]) => (verdict === "nothing" ? "unnoticed" : "noticed"),
  ).slice(0, 24);
  const squares = Array.from(
    html.matchAll(/<rect class="(noticed|unnoticed)"/g),
    ([, tone]) => tone,
  );
  expect(squares).toEqual(verdicts);
  expect(example("unnoticed.txt")).toMatch(
    `${squares.filter((tone) => tone === "unnoticed").length} of 24`,
  );
});

test("each way to work links to articles, and to the form with its choice", async () => {
  const links = elementsNamed(html, "a").map(({ attributes }) => attributes["href"] ?? "");
  for (const kind of ["failing", "team", "project", "release", "support"])
    expect(links).toContain(`/contact?kind=${kind}`);
  for (const link of links.filter((href) => href.startsWith("/articles/")))
    await site.get(link).expect(200);
});
