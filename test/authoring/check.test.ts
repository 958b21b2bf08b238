// What `npm run article -- check` finds besides wrong front matter: each with its file and line, all
// of them at once.

import { readFile } from "node:fs/promises";
import path from "node:path";
import { checkArticles } from "../../src/authoring/check.ts";
import { loadArticles } from "../../src/articles/load.ts";
import { formatError } from "../../src/articles/article-error.ts";
import { linkablePaths } from "../../src/web/pages.ts";
import { articleFile as file, check } from "../support/articles.ts";
import { tuesday } from "../support/site.ts";

const errorsIn = (folder: string, now: Date) => {
  const site = { siteUrl: "https://cleansystems.example", paths: linkablePaths() };
  return checkArticles({ ...site, snapshot: loadArticles(folder), now }).map(formatError);
};

test("each mistake in the files of mistakes/ is reported with its line", async () => {
  const folder = path.join(import.meta.dirname, "mistakes");
  const expected = await readFile(path.join(folder, "expected.txt"), "utf8");
  expect(`${errorsIn(folder, tuesday).join("\n")}\n`).toBe(expected);
});

test("nothing is wrong in this repository's articles", () => {
  const folder = path.resolve(import.meta.dirname, "../../articles");
  expect(errorsIn(folder, new Date())).toEqual([]); // as the command does: corrections have a date
});

test("a file that is too large, or no text, is reported", async () => {
  const latin1 = Buffer.from(file({}, "Sm\u00f8r.\n"), "latin1");
  const found = await check({
    "b.md": latin1,
    "images/large.png": Buffer.alloc(1_000_001),
  });
  expect(found).toEqual([
    "b.md:1: is not text in UTF-8: save it as UTF-8",
    "large.png:1: has 1000001 bytes, and the limit is 1000000",
  ]);
});

test("an examples folder without its page is reported", async () => {
  const found = await check({ "b.md": file(), "examples/b/A.java": "class A {}\n" });
  expect(found).toEqual(["README.md:1: is missing: it is /articles/b/examples"]);
});

test("a mistake in authors.yaml is one message, not one for each article", async () => {
  const found = await check({ "authors.yaml": "someone: [\n", "b.md": file() });
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(/^authors\.yaml:/);
});

test("the mark of a conflict is reported wherever it is", async () => {
  const conflict = "<<<<<<< HEAD\nTwo.\n=======\nThree.\n>>>>>>> branch\n";
  const found = await check({
    "a.md": file({}, conflict),
    "b.md": file({}, `\`\`\`java\n${conflict}\`\`\`\n`),
    "c.md": `---\n${conflict}---\n`,
  });
  const mark = "is the mark of a conflict: choose a version, or show it as ```diff";
  expect(found).toEqual([`a.md:7: ${mark}`, `b.md:8: ${mark}`, `c.md:2: ${mark}`]);
});
