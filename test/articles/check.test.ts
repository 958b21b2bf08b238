// What `npm run article -- check` finds besides wrong front matter: each error and problem with its
// file and line, all of them at once. Images and examples are in check-files.test.ts.

import { readFile } from "node:fs/promises";
import path from "node:path";
import { checkArticles } from "../../src/articles/check.ts";
import { loadArticles } from "../../src/articles/load.ts";
import { linkablePaths } from "../../src/web/pages.ts";
import { articleFile as file, check, description, svg } from "../support/articles.ts";

const projectDir = path.resolve(import.meta.dirname, "../..");

/** Another good article beside the one that a test is about. */
const other = (title = "Other", front: Record<string, string> = {}, body?: string) =>
  file({ title, description: title[0]?.repeat(80) ?? "", date: "2026-10-01", ...front }, body);

describe("a link is reported if it leads", () => {
  test.each([
    ["to no article", "[x](qeueus.md)", "7: links to /articles/qeueus, which does not exist, did"],
    ["to no address", "[x](/articles/no)", "does not exist; use one of a, draft, queues, sched"],
    ["to half a name", "[x](sched.md)", '/sched, which does not exist, did you mean "scheduled"?'],
    ["to no heading there", "[x](queues.md#too)", "7: links to #too, which is not a heading there"],
    ["to no heading here", "[x](#htree)\n\n## Three", 'there, did you mean "three"?'],
    ["to a draft", "[x](draft.md)", "7: links to /articles/draft, which is not public when this"],
    ["to what appears later", "[x](scheduled.md)", "/scheduled, which is not public when this"],
    ["to no page", "[x](/pricing)", "7: links to /pricing, which does not exist; links inside"],
    ["to a file beside it", "[x](notes.txt)", "7: links to notes.txt, which does not exist"],
    ["to no topic", "[x](/topics/cobol)", "7: links to /topics/cobol, which does not exist"],
    ["to a draft's topic", "[x](/topics/java)", "7: links to /topics/java, which does not exist"],
    ["to no author", "[x](/authors/nobody)", "7: links to /authors/nobody, which does not exist"],
    ["to a host without scheme", "[x](//evil.example/x)", "7: links to //evil.example/x, which"],
    ["to www", "[x](www.a.example)", "links to www.a.example: write https:// in front of it"],
    ["to a host without a path", "[x](example.org)", "example.org: write https:// in front of it"],
    ["without .md", "[x](queues)", '7: links to queues, did you mean "queues.md"?'],
    ["to a path", "[x](articles/queues.md)", '/queues.md, did you mean "queues.md"?'],
    ["to a host alone", "[x](a.example/b)", "links to a.example/b: write https:// in front of it"],
    [
      "to this computer",
      "[x](http://localhost:3000/a)",
      "7: links to http://localhost:3000/a, which readers cannot open: write it as code",
    ],
    ["to its address", "[x](http://127.0.0.1/)", "http://127.0.0.1/, which readers cannot open"],
    ["to it in the text", "Open http://localhost:80.", "http://localhost:80, which readers cannot"],
    ["in a list", "- one\n- [x](/no)", "8: links to /no"],
    ["on a later line", "One\ntwo [x](/no)", "8: links to /no"],
    ["in a table", "| a |\n|---|\n| [x](/no) |", "9: links to /no"],
    ["in a note", "One.[^1]\n\n[^1]: [x](/no)", "9: links to /no"],
    ["written below", "One\n[x].\n\n[x]: /no", "8: links to /no"],
  ])("%s", async (_where, body, expected) => {
    const files = {
      "a.md": file({}, `${body}\n`),
      "queues.md": other("Q", {}, "Hello.\n\n## Two\n"),
      "draft.md": other("D", { draft: "true", topics: "[Java]" }),
      "scheduled.md": other("L", { date: "2026-12-01" }),
    };
    expect(await check(files)).toEqual([expect.stringContaining(expected)]);
  });
});

describe("a problem in a body is reported:", () => {
  test.each([
    ["raw HTML", "One\ntwo <b>three</b>", "8: raw HTML is shown as text (<b>): write Markdown"],
    ["HTML in a table", "| a |\n|---|\n| <i>x</i> |", "9: raw HTML is shown as text (<i>)"],
    ["HTML in a note", "One[^1].\n\n[^1]: <u>note</u>", "9: raw HTML is shown as text (<u>)"],
    ["a block of HTML", "One.\n\n<div>\nx\n</div>", "9: raw HTML is shown as text (<div>"],
    ["a comment", "One.\n\n<!-- todo -->", "9: raw HTML is shown as text (<!-- todo -->)"],
    ["a heading without a space", "One.\n\n##Two", "9: ## is shown as plain text: the heading"],
    [
      "a language",
      "One.\n\n```jav\nx\n```",
      '9: unknown code language "jav", did you mean "java"?',
    ],
    [
      "words after it",
      'One.\n\n```java titel="x"\n```',
      '9: only title="…" and file="…" may follow',
    ],
    ["a title without a space", "One.\n\n#Two", "9: # is shown as plain text: the heading needs"],
    [
      "a heading by accident",
      "One.\n\nTwo.\n---\n\nThree.",
      "9: the --- below makes this text a heading: leave a blank line",
    ],
    [
      "code without an end",
      "One.\n\n```java\nx\n\n## Two",
      "9: the code block that starts here has",
    ],
    [
      "such code in a list",
      "- One\n\n  ```\n  x\n\nTwo.",
      "9: the code block that starts here has",
    ],
    [
      "an unused note",
      "One.\n\n[^a]: Two.",
      "9: the note [^a] is defined twice or not used: rename",
    ],
    [
      "a note twice",
      "One.[^a]\n\n[^a]: Two.\n[^a]: Three.",
      "10: the note [^a] is defined twice or",
    ],
    ["a missing note", "One.\nTwo.[^9]", "8: [^9] is shown as plain text: the note"],
    ["a forbidden link", "[x](javascript:alert)", "7: ]( is shown as plain text: the URL"],
    ["no alternative text", "One ![ ](small.svg) two.", "7: the image small.svg has no altern"],
    ["a skipped level", "## One\n\n#### Two", "9: #### Two skips a level: use ###"],
    ["a skipped first level", "One.\n\n### Two", "9: ### Two skips a level: use ##"],
  ])("%s", async (_what, body, expected) => {
    const found = await check({ "a.md": file({}, `${body}\n`), "small.svg": svg() });
    expect(found).toEqual([expect.stringContaining(expected)]);
  });
});

describe("a text that Markdown shows otherwise than its author thinks is reported:", () => {
  const table = "| a | b |\n|---|---|";
  const lost =
    "the row has more cells than the header: delete them, or write \\| for a bar in a cell";
  const noTable =
    "below its header a table needs a line | --- | --- | with one --- for each column";
  const noBox = "is shown as plain text: delete it, there are no callouts or task lists";
  const link = "is shown as plain text: a link is [text](URL), without a space";
  test.each([
    ["a cell too many", `${table}\n| 1 | 2 |\n| 1 | 2 | LOST |`, `10: ${lost}`],
    ["a bar in code", `> ${table.replace("\n", "\n> ")}\n> | \`a | b\` | c |`, `9: ${lost}`],
    ["cells without outer bars", "a | b\n---|---\n1 | 2 | 3", `9: ${lost}`],
    ["a table without dashes", "One.\n\n| a | b |\n| 1 | 2 |", `9: ${noTable}`],
    ["dashes for too few columns", "| a | b |\n| --- |\n| 1 | 2 |", `7: ${noTable}`],
    ["a callout", "One.\n\n> [!NOTE]\n> Two.", `9: [!NOTE] ${noBox}`],
    ["a container", "One.\n\n:::note\nTwo.\n:::", `9: :::note ${noBox}`],
    ["a task", "- [ ] One", `7: [ ] ${noBox}`],
    ["a task that is done", "- One\n- [x] Two", `8: [x] ${noBox}`],
    ["a space in a link", "See [x] (/contact).", `7: ] ( ${link}`],
    ["a space before an image", "![x] (images/a.svg)", `7: ] ( ${link}`],
    ["a space before a URL", "[x] (https://a.example)", `7: ] ( ${link}`],
    ["a link the wrong way round", "One\n(x)[other.md]", `8: )[ ${link}`],
    ["such a link to a URL", "(x)[https://a.example]", `7: )[ ${link}`],
    [
      "a curly quote",
      "![x](small.svg “One”)",
      "7: ]( is shown as plain text: the URL has a space or is",
    ],
    ["TODO", "One.\n\nTODO: two", "9: TODO is left in the text: write what is missing"],
    ["FIXME", "- FIXME", "7: FIXME is left in the text"],
    ["text without a meaning", "Lorem ipsum dolor.", "7: Lorem ipsum is left in the text"],
  ])("%s", async (_what, body, expected) => {
    const found = await check({ "a.md": file({}, `${body}\n`), "small.svg": svg() });
    expect(found).toEqual([expect.stringContaining(`a.md:${expected}`)]);
  });

  test("the text of the template, unless the article is a draft", async () => {
    const template = await readFile(path.join(projectDir, "articles/_template.md"), "utf8");
    const draft = template.replace("clean-systems #", "someone #").replace("DATE", "2026-11-24");
    expect(await check({ "a.md": draft })).toEqual([]);
    expect(await check({ "a.md": draft.replace("draft: true\n", "") })).toEqual([
      'a.md:3: "description" is unfinished (TODO, FIXME): write what is missing',
      ...[9, 11, 13, 15].map((at) => `a.md:${at}: TODO is left in the text: write what is missing`),
    ]);
  });
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
  const files = { "a.md": file({}, "word ".repeat(41_000)), "b.md": latin1, "c.md": control };
  expect(await check(files)).toEqual([
    "a.md:1: has 206 KB, and the limit is 200 KB",
    "b.md:1: is not text in UTF-8, or has a control character: save it as UTF-8",
    "c.md:1: is not text in UTF-8, or has a control character: save it as UTF-8",
  ]);
});

describe("a problem in front matter is reported:", () => {
  test.each<[what: string, front: Record<string, string>, expected: string]>([
    ["a late correction", { updated: "{ date: 2026-12-24, change: Yes }" }, "is in the future"],
    ["nothing to read", { related: "[oter]" }, 'names oter, which does not exist, did you mean "o'],
    ["a topic", { topics: "[Java, queues]" }, '"queues" is spelt "Queues" in older articles: use'],
    [
      "a series",
      { series: "{ name: a-b, part: 2 }" },
      '"a-b" is spelt "A B" in older articles: use',
    ],
    ["a used path", { aliases: "[/old, /articles/other]" }, "a.md:6: /articles/other is a path of"],
    ["a gap", { series: "{ name: C, part: 3 }" }, "a.md:6: part 2 is missing: number the parts 1,"],
  ])("%s", async (_what, front, expected) => {
    const about = { topics: "[Queues]", series: "{ name: A B, part: 1 }" };
    const files = { "a.md": file(front), "other.md": other("Other", about) };
    expect(await check(files)).toEqual([expect.stringContaining(expected)]);
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
  test.each([
    [
      "links",
      "[a](other.md) [b](./other.md#more-of-it) [d](#here) [e](/) [f](/contact)\n\n## Here",
    ],
    [
      "lists",
      "[a](/topics/java) [b](/authors/someone) [x](/search?q=java) [y](other.md#more-of-it)",
    ],
    [
      "other sites",
      "[a](HTTPS://a.example/caf%E9?c=d#e) [c](mailto:a@b.example) [d](tel:+4512345678)",
    ],
    [
      "what stands in code",
      "`[x](/no) [^1]`\n\n```text\n[x](/no) ![](no.png)\n[^1]: an example\n```",
    ],
    ["images", "![A graph](small.svg)\n\nOne ![Two](images/nested.svg) three ![4](./small.svg)."],
    [
      "notes",
      "One[^a], two[^a], three^[in place].\n\n[^a]: Note.\n\n    ```text\n    [^b]: x\n    ```",
    ],
    ["letters", "[x](#grød-på-vej) → “quoted” ✓ 🚀\n\n## Grød på vej"],
    ["bars", "| a | \\| b |\n|---|---|\n| `x \\| y` | \\| |\n| 1 |\n\nOne | two \\| three"],
    ["brackets", "f(x)[0], [1] (see below), [RFC] (`-v`), [RFC] (*x*), a [ ] b\n\n`TODO` todos"],
    ["headings", "## A\n\n### B\n\n#### C\n\n## D\n\n#1 is first."],
    ["a longer end of code", "> ````text\n> ```\n> x\n> `````"],
  ])("%s", async (_what, body) => {
    const front = { topics: "[Java]", related: "[other]", aliases: "[/blog/queues]" };
    const files = {
      "a.md": file(front, `${body}\n`),
      "other.md": other("Other", { topics: "[Java]" }, "## More of it\n\nHello.\n"),
      "_template.md": "not finished",
      "small.svg": svg(),
      "images/nested.svg": svg(),
    };
    expect(await check(files)).toEqual([]);
  });

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
    expect(checkArticles(own, linkablePaths(), new Date())).toEqual([]);
  });
});
