// What `npm run article -- check` finds beyond one file's schema: each mistake with its file and line, all of them at once.

import { readFileSync } from "node:fs";
import path from "node:path";
import { checkArticles } from "../../src/articles/check.ts";
import { openLibrary } from "../../src/articles/library.ts";
import { linkablePaths } from "../../src/web/pages.ts";
import { articlesFolder } from "../support/articles.ts";
import { tuesday } from "../support/site.ts";

const projectDir = path.resolve(import.meta.dirname, "../..");
const characters = readFileSync(path.join(projectDir, "static/fonts/characters.txt"), "utf8");
const description =
  "What the article says, in as many words as the front matter has to give to search engines.";

/** Line 1 is `---`, lines 2 to 5 are title, description, author and date, then a line for each other key; a body begins after `---`. */
function file(front: Record<string, string> = {}, body = "Hello.\n"): string {
  const keys = { title: "Queues", description, author: "someone", date: "2026-11-01", ...front };
  const lines = Object.entries(keys).map(([key, value]) => `${key}: ${value}\n`);
  return `---\n${lines.join("")}---\n${body}`;
}

/** Another good article beside the one that a test is about. */
const other = (front: Record<string, string> = {}, body?: string) =>
  file({ title: "Other", description: "o".repeat(80), date: "2026-10-01", ...front }, body);

const image = (bytes = 0) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="8" height="4"><!--${"x".repeat(bytes)}--></svg>`;

async function checkFolder(dir: string, now = tuesday) {
  const library = await openLibrary(dir, { showHidden: true });
  const errors = await checkArticles(library, characters, linkablePaths(), now);
  library.close();
  return errors;
}

/** The lines that a check of these files prints, with the file's name alone. */
async function check(files: Record<string, string>): Promise<string[]> {
  const { dir, remove } = await articlesFolder(files);
  const errors = await checkFolder(dir);
  await remove();
  return errors.map(({ file, line, message }) => `${path.basename(file)}:${line}: ${message}`);
}

describe("a link is reported if it leads", () => {
  test.each([
    [
      "to an article that is not there",
      "[x](qeueus.md)",
      'a.md:7: links to /articles/qeueus, which does not exist, did you mean "queues"?',
    ],
    [
      "to its address",
      "[x](/articles/nowhere)",
      "a.md:7: links to /articles/nowhere, which does not exist; use one of scheduled, a, draft, queues",
    ],
    [
      "to a heading that is not there",
      "[x](queues.md#too)",
      'a.md:7: links to #too, which is not a heading there, did you mean "two"?',
    ],
    [
      "to none of its own headings",
      "[x](#wto)\n\n## Two\n\n## Three",
      "a.md:7: links to #wto, which is not a heading there; use one of two, three",
    ],
    ["to a draft", "[x](draft.md)", "a.md:7: links to /articles/draft, which is a draft"],
    [
      "to what appears later",
      "[x](scheduled.md)",
      "a.md:7: links to /articles/scheduled, which appears later than this article",
    ],
    [
      "to no page of the site",
      "[x](/pricing)",
      "a.md:7: links to /pricing, which does not exist; links inside the site are",
    ],
    ["to a file beside it", "[x](notes.txt)", "a.md:7: links to notes.txt, which does not exist"],
    [
      "to an unknown topic",
      "[x](/topics/cobol)",
      "a.md:7: links to /topics/cobol, which does not exist",
    ],
    [
      "to an unknown author",
      "[x](/authors/nobody)",
      "a.md:7: links to /authors/nobody, which does not exist",
    ],
    [
      "to another host without its scheme",
      "[x](//evil.example/x)",
      "a.md:7: links to //evil.example/x, which does not exist",
    ],
    [
      "on a later line of a paragraph",
      "One\ntwo [x](/no)",
      "a.md:8: links to /no, which does not exist",
    ],
    ["in a list", "- one\n- [x](/no)", "a.md:8: links to /no"],
    ["in a table", "| a |\n|---|\n| [x](/no) |", "a.md:9: links to /no"],
    ["in a note", "One.[^1]\n\n[^1]: [x](/no)", "a.md:9: links to /no"],
    ["written below", "One\n[x].\n\n[x]: /no", "a.md:8: links to /no"],
    ["to a note that is not there", "One.\nTwo.[^9]", "a.md:8: there is no note [^9]"],
  ])("%s", async (_where, body, expected) => {
    const files = {
      "a.md": file({}, `${body}\n`),
      "queues.md": other({}, "Hello.\n\n## Two\n"),
      "draft.md": other({ title: "Draft", description: "d".repeat(80), draft: "true" }),
      "scheduled.md": other({ title: "Later", description: "l".repeat(80), date: "2026-12-01" }),
    };
    expect(await check(files)).toEqual([expect.stringContaining(expected)]);
  });
});

describe("an article's examples", () => {
  /** A README about A.java: line 1 is `---`, line 3 `runs`, line 6 `---`, and the list begins on line 8. */
  const readme = (
    list = "- `A.java`: A program.\n",
    run = "{ command: java A.java, output: A.java, seconds: 1 }",
  ) => `---\nversions: Java 25\nruns:\n  - ${run}\n# end\n---\n\n${list}`;
  const examples = (source: string) => ({
    "examples/a/A.java": source,
    "examples/a/README.md": readme(),
  });
  const listing = 'One.\n\n```java file="A.java"\nint a;\nint b;\n```\n';

  test("are compared with the code blocks that name them", async () => {
    expect(await check({ "a.md": file({}, listing), ...examples("int a;\nint c;\n") })).toEqual([
      'a.md:11: the code block has "int b;", and line 2 of A.java is "int c;"',
    ]);
    expect(
      await check({ "a.md": file({}, listing), ...examples("class A {\n  int a;\n  int b;\n}\n") }),
    ).toEqual([]);
  });

  test("are those of the article's own folder, which has its name", async () => {
    const files = { "examples/b/A.java": "int a;\nint b;\n", "examples/b/README.md": readme() };
    expect(await check({ "a.md": file({}, listing), ...files })).toEqual([
      "a.md:9: there is no examples/a/A.java",
    ]);
  });

  test.each<[string, string | undefined, string[]]>([
    [
      "is missing",
      undefined,
      ["README.md:1: is missing: it says how the programs are run, and what each file is"],
    ],
    [
      "has no front matter",
      "# A\n",
      [
        'README.md:1: must start with front matter: a line "---", then versions and runs, then a line "---"',
      ],
    ],
    [
      "misses a file and names another",
      readme("- `A.java`: A program.\n- `B.jav`: Another,\n  on two lines.\n"),
      [
        "README.md:1: has no sentence about B.java: add a line like - `B.java`: What it is.",
        'README.md:9: there is no B.jav, did you mean "B.java"?',
      ],
    ],
    [
      "has a command without its output, and an unknown key",
      readme(undefined, "{ command: java A.java, outptu: a.txt, seconds: 1 }").replace(
        "versions",
        "version",
      ),
      [
        'README.md:2: "versions" is missing',
        'README.md:2: unknown key "version", did you mean "versions"?',
        'README.md:4: "runs.output" is missing',
        'README.md:4: unknown key "outptu", did you mean "output"?',
      ],
    ],
    [
      "names an output that is not there",
      readme(undefined, "{ command: java A.java, output: A.jav, seconds: 1 }"),
      ['README.md:3: there is no output A.jav, did you mean "A.java"?'],
    ],
    [
      "has an invalid pattern",
      readme(undefined, "{ command: java A.java, output: A.java, seconds: 1, varies: ['('] }"),
      ['README.md:4: "runs.varies" must be a regular expression'],
    ],
    [
      "has a range without its number",
      readme(
        undefined,
        "{ command: java A.java, output: A.java, seconds: 1, ranges: [{ figure: '\\d+', from: 1, to: 2 }] }",
      ),
      ['README.md:4: "runs.ranges.figure" must have one group, the number'],
    ],
  ])("are reported if the README %s", async (_what, source, expected) => {
    const found = await check({
      "a.md": file(),
      "examples/a/A.java": "class A {}\n",
      ...(source?.includes("B.jav") ? { "examples/a/B.java": "class B {}\n" } : {}),
      ...(source === undefined ? {} : { "examples/a/README.md": source }),
    });
    expect(found).toEqual(expected);
  });

  test("are reported if the article cites a figure that varies, or if the stored output is outside of a range", async () => {
    const run = (rest: string) => `{ command: sh run.sh, output: output.txt, seconds: 1, ${rest} }`;
    const list = "- `output.txt`: What it printed.\n";
    const checkWith = (rest: string, body: string) =>
      check({
        "a.md": file({}, body),
        "examples/a/README.md": readme(list, run(rest)),
        "examples/a/output.txt": "late 3818 of 4,800 in 250 ms, then 273 ms\n",
      });
    const varies = "varies: ['\\d+ of', '\\d+ ms']";
    const range = (to: number) =>
      `${varies}, ranges: [{ figure: 'late (\\d+)', from: 3000, to: ${to} }]`;
    expect(await checkWith(varies, "Of 4,800\n*3,818* were late, after `250` ms.\n")).toEqual([
      'a.md:8: cites 3818, which varies in output.txt: write a range, and add it to "ranges" in the README of the example',
    ]);
    expect(await checkWith(varies, "Then 273 ms.\n")).toEqual([
      expect.stringMatching(/^a\.md:7: cites 273, /),
    ]);
    expect(await checkWith(range(3_900), "Of 4,800, 3,818 were late.\n")).toEqual([]);
    expect(await checkWith(range(3_800), "Late.\n")).toEqual([
      "README.md:3: output.txt: 3818 is not from 3000 to 3800 (late (\\d+))",
    ]);
  });

  test("are text files with plain names, and others are reported", async () => {
    const files = {
      "long.txt": "x".repeat(200_001),
      "nul.txt": "a\0b",
      "two words.txt": "x",
      ".hidden": "x",
    };
    const named = Object.entries({ ...files, "A.java": "class A {}\n", "README.md": readme() }).map(
      ([name, content]) => [`examples/a/${name}`, content],
    );
    expect(await check({ "a.md": file(), ...Object.fromEntries(named) })).toEqual([
      "long.txt:1: has 201 KB, and the limit is 200 KB, so it is not served",
      "nul.txt:1: is not text in UTF-8, so it is not served",
      "two words.txt:1: has a name with other characters than a-z A-Z 0-9 . _ -, so it is not served",
    ]);
  });
});

describe("a mistake in one article is reported:", () => {
  test.each<[string, string, string]>([
    [
      "an image without words",
      file({}, "One.\n\n![](small.svg)\n"),
      "a.md:9: the image small.svg has no alternative text",
    ],
    [
      "an image with a blank for words",
      file({}, "One ![ ](small.svg) two.\n"),
      "a.md:7: the image small.svg has no alternative text",
    ],
    [
      "an image that is not there",
      file({}, "One.\n\n![x](smal.svg)\n"),
      "a.md:9: the image smal.svg is not in the folder of articles",
    ],
    [
      "an image of somewhere else",
      file({}, "![x](https://a.example/b.png)\n"),
      "a.md:7: the image https://a.example/b.png is not in the folder of articles",
    ],
    [
      "an image outside the folder",
      file({}, "![x](../small.svg)\n"),
      "a.md:7: the image ../small.svg is not in the folder",
    ],
    [
      "too large an image",
      file({}, "![x](images/large.svg)\n"),
      "a.md:7: the image images/large.svg has 400 KB; make it 300 KB or less",
    ],
    [
      "a sharing image that is not there",
      file({ image: "{ file: none.svg, alt: x }" }),
      "a.md:6: the image none.svg is not in the folder",
    ],
    [
      "too large a sharing image",
      file({ image: "{ file: images/large.svg, alt: x }" }),
      "a.md:6: the image images/large.svg has 400 KB",
    ],
    [
      "a first heading that is too deep",
      file({}, "### Deep\n\nx\n"),
      "a.md:7: ### follows the title: use ##",
    ],
    [
      "a heading that skips a level",
      file({}, "## Two\n\n#### Four\n"),
      "a.md:9: #### follows ##: use ###",
    ],
    ["a heading without words", file({}, "## Two\n\n##\n\nx\n"), "a.md:9: a heading without words"],
    [
      "a note that nothing refers to",
      file({}, "One.\n\n[^n]: Two.\n"),
      "a.md:9: nothing refers to the note [^n]",
    ],
    [
      "an indented note that nothing refers to",
      file({}, "One.\n\n  [^n]: Two.\n"),
      "a.md:9: nothing refers to the note [^n]",
    ],
    [
      "a note in a quotation that is defined twice",
      file({}, "> One.[^n]\n>\n> [^n]: Two.\n>\n> [^n]: Three.\n"),
      "a.md:11: the note [^n] is defined twice",
    ],
    [
      "a note that is defined twice",
      file({}, "One.[^n]\n\n[^n]: Two.\n[^n]: Three.\n"),
      "a.md:10: the note [^n] is defined twice",
    ],
    [
      "code that is never closed",
      file({}, "One.\n\n```java\nint a;\n"),
      "a.md:9: this code block is never closed",
    ],
    ["a link without an address", file({}, "One [two]().\n"), "a.md:7: a link without a target"],
    [
      "a link to #null",
      file({}, "[x](#null)\n"),
      "a.md:7: links to #null, which is not a heading there",
    ],
    [
      "a correction in the future",
      file({ updated: "{ date: 2026-12-24, change: Corrected. }" }),
      'a.md:6: "updated" is in the future',
    ],
    ["no text at all", file({}, "\n\n"), "a.md:7: there is no text below the front matter"],
    [
      "a character that the fonts lack",
      file({}, "One.\nTwo → three ✓.\n"),
      "a.md:8: the site's fonts have no → (U+2192), ✓ (U+2713)",
    ],
    [
      "one in a heading",
      file({}, "## 🚀 Launch\n\nx\n"),
      "a.md:7: the site's fonts have no 🚀 (U+1F680): use words",
    ],
    ["one in the title", file({ title: "A → B" }), "a.md:2: the site's fonts have no → (U+2192)"],
    [
      "one in the description",
      file({ description: `→ ${description}` }),
      "a.md:3: the site's fonts have no →",
    ],
    [
      "a correction long before it was published",
      file({ updated: "{ date: 2026-10-30, change: Corrected. }" }),
      'a.md:6: "updated" is before "date"',
    ],
    [
      "nothing as what to read next",
      file({ related: "[oter]" }),
      'a.md:6: "related" names oter, which does not exist, did you mean "other"?',
    ],
    [
      "an alias that is a page",
      file({ aliases: "[/privacy]" }),
      "a.md:6: the alias /privacy is the URL of another page",
    ],
    [
      "an alias that is a topic's page",
      file({ topics: "[Java]", aliases: "[/topics/java]" }),
      "a.md:7: the alias /topics/java is the URL of another page",
    ],
    [
      "an alias that is an article",
      file({ aliases: "[/articles/Other]" }),
      "a.md:6: the alias /articles/other is the URL of another page",
    ],
    [
      "front matter that the schema refuses",
      file({ topics: "Java" }),
      'a.md:6: "topics" must be a list like [Java, Teams]',
    ],
  ])("%s", async (_what, source, expected) => {
    const files = {
      "a.md": source,
      "other.md": other(),
      "small.svg": image(),
      "images/large.svg": image(400_000),
    };
    expect(await check(files)).toEqual([expect.stringContaining(expected)]);
  });
});

test("an error in an article is the only line, although others name it as what to read next", async () => {
  const files = { "a.md": file({ related: "[other]" }), "other.md": other({ date: "2026-02-30" }) };
  expect(await check(files)).toEqual([
    expect.stringContaining('other.md:5: "date" is a day that does not exist'),
  ]);
});

describe("a value that must be unique is reported at the newer article:", () => {
  test.each<[string, Record<string, string>, Record<string, string>, string]>([
    [
      "a title",
      { title: "Why Queues Wait" },
      { title: "why queues wait" },
      "new.md:2: old.md has the same title",
    ],
    [
      "a description",
      { description: "q".repeat(80) },
      { description: "Q".repeat(80) },
      "new.md:3: old.md has the same description",
    ],
    [
      "an alias",
      { aliases: "[/blog/x]" },
      { aliases: "[/y, /Blog/X]" },
      "new.md:6: old.md has the same alias, /blog/x:",
    ],
    [
      "a part",
      { series: "{ name: A B, part: 2 }" },
      { series: "{ name: A B, part: 2 }" },
      "new.md:6: old.md has the same part of the series",
    ],
  ])("%s", async (_what, old, recent, expected) => {
    expect(await check({ "new.md": file(recent), "old.md": other(old) })).toEqual([
      expect.stringContaining(expected),
    ]);
  });

  test("an alias twice in one article", async () => {
    expect(await check({ "a.md": file({ aliases: "[/x, /X]" }) })).toEqual([
      "a.md:6: a.md has the same alias, /x:",
    ]);
  });
});

test("all findings are reported at once, by file and line", async () => {
  const reported = await check({
    "authors.yaml": "someone:\n  name: Some One\n",
    "b.md": file({ title: "5" }, "One.\n\n<b>two</b>\n"),
    "a.md": file(
      { related: "[none]", updated: "{ date: 2026-10-31, change: Corrected. }" },
      "[x](/no) [y](/nope)\n\n#### Four\n\n![](none.png)\n",
    ),
    "c.md": other({ image: "{ file: wide.png, alt: A graph }" }),
    "wide.png": "not an image",
    "d.md": other(
      { title: "D", description: "d".repeat(80) },
      "## A\n\n[x](#b)\n\n![](s.svg)\n\n#### Four\n\n[^n]: x\n",
    ),
    "s.svg": image(),
  });
  expect(reported.map((line) => line.split(": ")[0])).toEqual([
    "a.md:6",
    "a.md:9",
    "a.md:9",
    "a.md:11",
    "a.md:13",
    "a.md:13",
    "b.md:2",
    "b.md:9",
    "c.md:6",
    "d.md:9",
    "d.md:11",
    "d.md:13",
    "d.md:15",
    "wide.png:1",
  ]);
});

describe("with an error in the front matter, the text is checked too:", () => {
  const body =
    "[x](qeueus.md) and ✓\n\n![A graph](none.svg)\n\n```jav\nint a;\n```\n\n<b>Two</b>\n";
  const queues = other({}, "Hello.\n");
  const mistakesIn = (firstLine: number) => [
    `a.md:${firstLine}: the site's fonts have no ✓ (U+2713): use words`,
    `a.md:${firstLine}: links to /articles/qeueus, which does not exist, did you mean "queues"?`,
    `a.md:${firstLine + 2}: the image none.svg is not in the folder of articles, or browsers cannot show it`,
    `a.md:${firstLine + 4}: unknown code language "jav", did you mean "java"?`,
    `a.md:${firstLine + 8}: raw HTML is shown as text (<b>): write Markdown, or \\< for the character itself`,
  ];

  test.each<[string, string, firstLine: number, error: string]>([
    [
      "an unknown key",
      file({ drfat: "true" }, body),
      8,
      'a.md:6: unknown key "drfat", did you mean "draft"?',
    ],
    [
      "YAML that does not parse",
      file({ title: "A: B" }, body),
      7,
      "a.md:2: has a second colon: put the value in quotes",
    ],
    [
      "an unknown author",
      file({ author: "nobody" }, body),
      7,
      'a.md:4: "author" must be one of those in authors.yaml',
    ],
    ["no front matter", body, 1, "a.md:1: must start with front matter"],
  ])("%s", async (_what, source, firstLine, error) => {
    const [first, ...others] = (await check({ "a.md": source, "queues.md": queues })).sort(
      (a, b) => Number(b.includes(error)) - Number(a.includes(error)),
    );
    expect([first, others.sort()]).toEqual([
      expect.stringContaining(error),
      mistakesIn(firstLine).sort(),
    ]);
  });

  test("a link to a draft is not reported, because the article may be one itself", async () => {
    const files = {
      "a.md": file({ draft: "soon" }, "[x](queues.md)\n"),
      "queues.md": other({ draft: "true" }),
    };
    expect(await check(files)).toEqual(['a.md:6: "draft" must be true or false']);
  });
});

describe("nothing is reported about", () => {
  test.each<[string, string]>([
    [
      "links that lead somewhere",
      "[a](other.md) [b](./other.md#more-than-that) [c](/articles/other) [d](#here) [e](/) [f](/contact)\n\n## Here\n",
    ],
    ["topics and authors of articles", "[a](/topics/java) [b](/authors/someone)\n"],
    [
      "links out of the site",
      "[a](https://a.example/b?c=d#e) [b](http://a.example) [c](mailto:a@b.example) <https://a.example>\n",
    ],
    ["what stands in code", "`[x](/no) → [^1]`\n\n```text\n[x](/no) ![](no.png) ✓\n```\n"],
    [
      "images that are there and have words",
      "![A graph](small.svg)\n\nOne ![Two](images/nested.svg) three.\n",
    ],
    ["headings that go up by more than one", "## A\n\n### B\n\n#### C\n\n## D\n"],
    ["notes that are used, also twice", "One[^a], two[^a], three^[in place].\n\n[^a]: Note.\n"],
    [
      "code about notes",
      "One.[^1]\n\n```text\n[^1]: an example\n```\n\n    [^1]: another\n\n[^1]: Note.\n",
    ],
    [
      "letters of the neighbours",
      "Æbler, øl & crème brûlée – “quoted” … 10\u00a0×\u00a020 − 5 ≤ 7 €\n",
    ],
    ["a link to a heading in other letters", "[x](#grød-på-vej)\n\n## Grød på vej\n"],
  ])("%s", async (_what, body) => {
    const files = {
      "a.md": file({ topics: "[Java]", related: "[other]", aliases: "[/blog/queues]" }, body),
      "other.md": other({ topics: "[Java]" }, "## More than that\n\nHello.\n"),
      "_template.md": "not finished",
      "small.svg": image(),
      "images/nested.svg": image(),
    };
    expect(await check(files)).toEqual([]);
  });

  test("a draft that links to a draft, and an article to one that appeared after it", async () => {
    const files = {
      "a.md": file({ draft: "true" }, "[x](b.md)\n"),
      "b.md": other({ draft: "true" }, "[x](a.md)\n"),
      "c.md": other({ title: "C", description: "c".repeat(80), date: "2026-01-01" }, "[x](d.md)\n"),
      "d.md": other({ title: "D", description: "d".repeat(80), date: "2026-02-01" }),
    };
    expect(await check(files)).toEqual([]);
  });

  test("a folder without articles", async () => {
    expect(await check({})).toEqual([]);
  });

  test("the articles of this repository", async () => {
    const errors = await checkFolder(path.join(projectDir, "articles"), new Date()); // as the command does: corrections have a date
    expect(errors).toEqual([]);
  });
});

test.each<[what: string, files: Record<string, string>]>([
  [
    "a link to a site that counts its letters otherwise",
    { "a.md": file({}, "[x](https://a.example/caf%E9)\n") },
  ],
  [
    "a link with a query",
    {
      "a.md": file({}, "[x](/search?q=java) [y](other.md#here)\n"),
      "other.md": other({}, "## Here\n\nx\n"),
    },
  ],
  [
    "a scheme in capitals, and a telephone",
    { "a.md": file({}, "[x](HTTPS://a.example/) [y](tel:+4512345678)\n") },
  ],
  [
    "two drafts as the template makes them",
    { "a.md": file({ draft: "true" }), "b.md": file({ title: "B", draft: "true" }) },
  ],
])("nothing is reported about %s", async (_what, files) => {
  expect(await check(files)).toEqual([]);
});

test("a link to an article with errors is not reported", async () => {
  const reported = await check({
    "a.md": file({}, "[x](other.md)\n"),
    "other.md": other({ draft: "soon" }),
  });
  expect(reported).toEqual([expect.stringContaining("other.md:6")]);
});

test("a link to a topic that only a draft has is reported", async () => {
  const reported = await check({
    "a.md": file({}, "[x](/topics/java)\n"),
    "b.md": other({ draft: "true", topics: "[Java]" }),
  });
  expect(reported).toEqual([expect.stringContaining("a.md:7: links to /topics/java")]);
});
