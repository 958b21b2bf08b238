// What `npm run article -- check` finds besides wrong front matter: each error and problem with its
// file and line, all of them at once.

import { readFile } from "node:fs/promises";
import path from "node:path";
import { checkArticles } from "../../src/articles/check.ts";
import { formatError } from "../../src/articles/report.ts";
import { loadArticles } from "../../src/articles/load.ts";
import { linkablePaths } from "../../src/web/pages.ts";
import { articleFile as file, check, description } from "../support/articles.ts";
import { tuesday } from "../support/site.ts";

const site = { siteUrl: "https://cleansystems.example", paths: linkablePaths() };
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

test("reports the text of the template, unless the article is a draft", async () => {
  const template = await readFile(path.join(projectDir, "articles/_template.md"), "utf8");
  const draft = template.replace("clean-systems #", "someone #").replace("DATE", "2026-11-24");
  expect(await check({ "a.md": draft })).toEqual([]);
  expect(await check({ "a.md": draft.replace("draft: true\n", "") })).toEqual([
    'a.md:3: "description" is unfinished (TODO, FIXME): write what is missing',
    ...[9, 11, 13, 15].map((at) => `a.md:${at}: TODO is left in the text: write what is missing`),
  ]);
});

test("the first fifty errors of a file are reported", async () => {
  const keys = Array.from({ length: 10_000 }, (_, index) => `key${index}: x\n`).join("");
  const found = await check({ "a.md": file().replace("---\n", `---\n${keys}`) });
  expect(found).toHaveLength(50);
  expect(found[49]).toContain('a.md:51: unknown key "key49"');
  expect(await check({ "a.md": file({}, "##Two\n\n".repeat(100)) })).toHaveLength(50);
});

test("a file over the limit of its kind, or with other characters than text has, is reported", async () => {
  const latin1 = Buffer.from(file({}, "Sm\u00f8r.\n"), "latin1");
  const control = file({}, "Two\u0007.\n");
  const long = "word ".repeat(41_000);
  const files = { "a.md": file({}, long), "b.md": latin1, "c.md": control, "d.md": file() };
  const example = { "examples/d/README.md": "# D\n", "examples/d/long.txt": long };
  expect(await check({ ...files, ...example })).toEqual([
    "a.md:1: has 206 KB, and the limit is 200 KB",
    "b.md:1: is not text in UTF-8, or has a control character: save it as UTF-8",
    "c.md:1: is not text in UTF-8, or has a control character: save it as UTF-8",
    "long.txt:1: has 205 KB, and the limit is 200 KB",
  ]);
});

test("an image over the limit is reported where it is used", async () => {
  const found = await check({
    "a.md": file({}, "One.\n\n![x](images/large.png)\n"),
    "images/large.png": Buffer.alloc(1_000_001),
  });
  expect(found[0]).toBe("a.md:9: the image images/large.png has 1001 KB, and the limit is 1000 KB");
});

test.each([
  ['"2,500"', "output.txt:2", undefined],
  ["5 of 2500", "output.txt:2", undefined],
  ["7.0 ms", "output.txt:3", undefined],
  ['"500"', "output.txt:2", "500 is not in line 2 of output.txt: correct the number or the line"],
  ['"5"', "output.txt:9", "5 is not in line 9 of output.txt: correct the number or the line"],
  ['"5"', "outputs.txt:2", 'there is no examples/a/outputs.txt, did you mean "output.txt"?'],
])(
  "the number %s of a finding is in %s of its example, or it is reported",
  async (number, source, wrong) => {
    const finding = `{ symptom: Rows are missing, number: ${number}, unit: rows, source: ${source} }`;
    const found = await check({
      "a.md": file({ finding }),
      "examples/a/README.md": "# A\n",
      "examples/a/output.txt": "never read\n  2500 5\n  7 ms\n",
    });
    const message = expect.stringContaining(`a.md:6: "finding.source": ${wrong}`) as string;
    expect(found).toEqual(wrong ? [message] : []);
  },
);

describe("a problem in front matter is reported:", () => {
  test("a gap in a series", async () => {
    const found = await check({ "a.md": file({ series: "{ name: C, part: 3 }" }) });
    expect(found).toEqual(["a.md:6: part 2 is missing: number the parts 1, 2, 3"]);
  });

  test.each<[what: string, front: Record<string, string>, place: string]>([
    ["the same title", { title: "other" }, "2"],
    ["the same description", { description: "O".repeat(80) }, "3"],
    ["the same part of the series", { series: "{ name: A B, part: 1 }" }, "6"],
  ])("%s, at both files", async (what, front, line) => {
    const about = { series: "{ name: A B, part: 1 }" };
    expect(await check({ "a.md": file(front), "other.md": other("Other", about) })).toEqual([
      `a.md:${line}: other.md has ${what}: change one of the two`,
      `other.md:${line}: a.md has ${what}: change one of the two`,
    ]);
  });
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
    'authors.yaml:3: "someone.links.url" must be an https: or mailto: URL',
  ]);
  const wrong = other("B", { series: "{ name: A, part: 1 }", topics: "[Java]", drfat: "true" });
  expect(await check({ ...files, "b.md": wrong })).toEqual([
    'b.md:8: unknown key "drfat", did you mean "draft"?',
  ]);
});

test("a file that looks like an article, but is not read as one, is reported", async () => {
  const files = { "a.md": file(), "b.markdown": file(), "c/d.md": file(), "_e.md": file() };
  const isNotRead = "is not read: an article is a file like $/my-title.md";
  expect(await check(files)).toEqual([`b.markdown:1: ${isNotRead}`, `d.md:1: ${isNotRead}`]);
});

test("everything is reported at once, by file and line, also the text of an article with an error", async () => {
  const reported = await check({
    "b.md": file({ title: "5" }, "One [x](draft.md).\n\n<b>two</b>\n"),
    "a.md": file({ related: "[none, b]" }, "[x](/no) [y](/nope)\n\n##Two\n\n![](none.png)\n"),
    "c.md": "[x](/no)\n\n```jav\n```\n",
    "draft.md": other("D", { draft: "true" }, "[x](b.md)\n"),
  });
  expect(reported.map((line) => line.split(": ")[0]).join(" ")).toBe(
    "a.md:6 a.md:8 a.md:8 a.md:10 a.md:12 a.md:12 b.md:2 b.md:9 c.md:1 c.md:1 c.md:3",
  );
});

describe("nothing is reported about", () => {
  test("drafts with the same description, and a link to an article that has appeared since", async () => {
    const files = {
      "a.md": file({ draft: "true", description }, "[x](b.md)\n"),
      "b.md": file({ title: "B", draft: "true", description }, "[x](a.md)\n"),
      "c.md": other("C", { date: "2026-01-01" }, "[x](d.md)\n"),
      "d.md": other("D", { date: "2026-02-01" }),
    };
    expect(await check(files)).toEqual([]);
  });

  test("an empty folder, and the articles of this repository", () => {
    const own = loadArticles(path.join(projectDir, "articles"));
    // As the command does: corrections have a date.
    expect(checkArticles(own, site, new Date())).toEqual([]);
  });
});
