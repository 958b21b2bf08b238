// What `npm run article -- check` finds besides wrong front matter: each error and problem with its
// file and line, all of them at once.

import { readFile } from "node:fs/promises";
import path from "node:path";
import { checkArticles } from "../../src/articles/check.ts";
import { paragraphRules, textRules, unfinishedRules } from "../../src/articles/check-signs.ts";
import { formatError } from "../../src/articles/report.ts";
import { loadArticles } from "../../src/articles/load.ts";
import { chosen, linkablePaths } from "../../src/web/pages.ts";
import { articleFile as file, check } from "../support/articles.ts";
import { tuesday } from "../support/site.ts";

const site = {
  siteUrl: "https://cleansystems.example",
  paths: linkablePaths(),
  images: chosen.curves.files,
};
const projectDir = path.resolve(import.meta.dirname, "../..");

/** Another good article beside the one that a test is about. */
const other = (title = "Other", front: Record<string, string> = {}, body?: string) =>
  file({ title, description: title[0]?.repeat(80) ?? "", date: "2026-10-01", ...front }, body);

test("each mistake in the files of mistakes/ is reported with its line and what to do", async () => {
  const folder = path.join(import.meta.dirname, "mistakes");
  const found = checkArticles(loadArticles(folder), site, tuesday).map(formatError);
  const expected = await readFile(path.join(folder, "expected.txt"), "utf8");
  expect(`${found.join("\n")}\n`).toBe(expected);
});

test("the mistake in the row of each rule gets the advice of this row, and no other", async () => {
  const rules = [...paragraphRules, ...unfinishedRules, ...textRules];
  const articles = rules.map(([mistake], index) => {
    const title = `Rule ${index + 100}`; // so that files and rules have the same order
    return [`${index + 100}.md`, file({ title, description: title.repeat(10) }, `${mistake}\n`)];
  });
  const found = await check(Object.fromEntries(articles));
  const rows = found.map((line) => {
    const index = Number(line.slice(0, 3)) - 100;
    return line.endsWith(`: ${rules[index]?.[2]}`) ? index : line;
  });
  expect(rows).toEqual([...rules.keys()]);
});

test("reports the text of the template, unless the article is a draft", async () => {
  const template = await readFile(path.join(projectDir, "articles/_template.md"), "utf8");
  const draft = template.replace("clean-systems #", "someone #").replace("DATE", "2026-11-24");
  expect(await check({ "a.md": draft })).toEqual([]);
  const published = draft.replace("draft: true\n", "");
  const advice = "readers would see TODO: write what is missing";
  const expected = [3, 9, 11, 13, 15].map((at) => `a.md:${at}: ${advice}`);
  expected.unshift(`a.md:2: ${advice.replace("TODO", "TITLE")}`);
  expect(await check({ "a.md": published })).toEqual(expected);
});

test("the first fifty errors of a file, and the first five unknown keys, are reported", async () => {
  expect(await check({ "a.md": file({}, "##Two\n\n".repeat(100)) })).toHaveLength(50);
  const keys = Array.from({ length: 100 }, (_, index) => `key${index}: x\n`).join("");
  const found = await check({ "a.md": file().replace("---\n", `---\n${keys}`) });
  expect(found).toEqual([expect.stringMatching(/^a\.md:2: (unknown key "key\d"[^"]*){5}$/)]);
});

test("a file over the limit of its kind, or with other characters than text has, is reported", async () => {
  const latin1 = Buffer.from(file({}, "Sm\u00f8r.\n"), "latin1");
  const control = file({}, "Two\u0007.\n");
  const long = "word ".repeat(41_000);
  const excerpt = file({}, '```text file="long.txt"\nword\n```\n\n![A day](images/large.png)\n');
  const files = { "a.md": file({}, long), "b.md": latin1, "c.md": control, "d.md": excerpt };
  const readme = "# D\n\nIt printed [long.txt](long.txt).\n";
  const example = { "examples/d/README.md": readme, "examples/d/long.txt": long };
  const image = { "images/large.png": Buffer.alloc(1_000_001) };
  expect(await check({ ...files, ...example, ...image })).toEqual([
    "a.md:1: has 206 KB, and the limit is 200 KB",
    "b.md:1: is not text in UTF-8: save it as UTF-8",
    "c.md:7: has a control character: delete it",
    "long.txt:1: has 205 KB, and the limit is 200 KB",
    "large.png:1: has 1001 KB, and the limit is 1000 KB",
  ]);
});

test("an error in authors.yaml, or of an article, makes no other file wrong", async () => {
  const links = "[x](/topics/java) [y](/authors/someone) [z](b.md)\n";
  const files = {
    "a.md": file({ series: "{ name: A, part: 2 }" }, links),
    "b.md": other("B", { series: "{ name: A, part: 1 }", topics: "[Java]" }),
  };
  expect(await check(files)).toEqual([]);
  const authors = "someone:\n  name: One\n  links: [{ label: A, url: http://a.example }]\n";
  expect(await check({ ...files, "authors.yaml": authors })).toEqual([
    'authors.yaml:3: "someone.links.url" must be an https: URL',
  ]);
  const wrong = other("B", { series: "{ name: A, part: 1 }", topics: "[Java]", drfat: "true" });
  expect(await check({ ...files, "b.md": wrong })).toEqual([
    'b.md:8: unknown key "drfat", did you mean "draft"?',
  ]);
});

test("a file that could not be read is not also reported as missing, but one of another article is", async () => {
  const readme = "# A\n\nIt printed [output.txt](output.txt).\n";
  const found = await check({
    "a.md": file(),
    "b.md": other(),
    "examples/a/README.md": readme,
    "examples/a/output.txt": "\u001b[31mred\n",
    "examples/b/README.md": readme,
  });
  expect(found).toEqual([
    "output.txt:1: has a control character: delete it",
    expect.stringMatching(/^README\.md:3: links to output\.txt, which does not exist/),
  ]);
});

test("a gap in a series, and a part that is public before the one before it, are reported", async () => {
  const found = await check({ "a.md": file({ series: "{ name: C, part: 3 }" }) });
  expect(found).toEqual(["a.md:6: part 2 is missing: number the parts 1, 2, 3"]);
  const parts = [1, 2].map((part) => ({ series: `{ name: Waiting, part: ${part} }` }));
  const later = await check({
    "a.md": other("A", { ...parts[0], date: "2026-10-03" }),
    "b.md": other("B", parts[1]),
  });
  expect(later).toEqual(["b.md:6: part 1 is public later or a draft: correct a date"]);
});

test("nothing is reported about an empty folder, and about the articles of this repository", async () => {
  expect(await check({})).toEqual([]);
  const own = loadArticles(path.join(projectDir, "articles"));
  // As the command does: corrections have a date.
  expect(checkArticles(own, site, new Date())).toEqual([]);
});
