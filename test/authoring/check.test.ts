// What an author reads of each mistake, with its file and line and all of them at once, and how front
// matter and authors.yaml are read.

import { readFile } from "node:fs/promises";
import path from "node:path";
import { slugify } from "../../src/articles/article.ts";
import { formatError } from "../../src/articles/article-error.ts";
import { parseArticle, parseAuthors } from "../../src/articles/front-matter.ts";
import { loadArticles } from "../../src/articles/load.ts";
import { checkArticles } from "../../src/authoring/check.ts";
import { linkablePaths } from "../../src/web/pages.ts";
import { articleFile as file, check, description, svg } from "../support/articles.ts";
import { tuesday } from "../support/site.ts";

test("each mistake in the files of mistakes/ is reported with its line", async () => {
  const folder = path.join(import.meta.dirname, "mistakes");
  const site = { siteUrl: "https://cleansystems.example", paths: linkablePaths() };
  const found = checkArticles({ ...site, snapshot: loadArticles(folder), now: tuesday });
  const expected = await readFile(path.join(folder, "expected.txt"), "utf8");
  expect(`${found.map(formatError).join("\n")}\n`).toBe(expected);
});

test("a file that is too large, or no text, is reported", async () => {
  const latin1 = Buffer.from(file({}, "Sm\u00f8r.\n"), "latin1");
  const sentence = "java: Articles about a language.\n";
  const long = "x".repeat(64_001);
  const found = await check({
    "a.md": file({}, long),
    "b.md": latin1,
    "images/large.png": Buffer.alloc(1_000_001),
    "topics.yaml": `#${long}\n${sentence}`,
  });
  expect(found).toEqual([
    "a.md:1: has 64160 bytes, and the limit is 64000",
    "b.md:1: is not text in UTF-8: save it as UTF-8",
    "large.png:1: has 1000001 bytes, and the limit is 1000000",
    "topics.yaml:1: has 64036 bytes, and the limit is 64000",
  ]);
});

test("a file that all files together have no room for is reported", async () => {
  const image = Buffer.concat([Buffer.from(svg()), Buffer.alloc(999_000, " ")]);
  const names = Array.from({ length: 21 }, (_, index) => `images/${index + 10}.svg`);
  const found = await check({
    ...Object.fromEntries(names.map((name) => [name, image])),
    "queues.md": file(),
  });
  expect(found).toEqual([
    "30.svg:1: has no room: the limit of all files together is 20000000 bytes",
  ]);
});

test("an examples folder without its page is reported", async () => {
  const found = await check({ "b.md": file(), "examples/b/A.java": "class A {}\n" });
  expect(found).toEqual(["README.md:1: is missing: it is /articles/b/examples"]);
});

test("a file of examples that the README doesn't link to is reported", async () => {
  const found = await check({
    "b.md": file(),
    "examples/b/README.md": "- [A.java](A.java): A program.\n",
    "examples/b/A.java": "class A {}\n",
    "examples/b/deep/secret.env": "PASSWORD=canary\n",
  });
  expect(found).toEqual([
    "secret.env:1: is public, and README.md has no link to it: describe it there, or delete it",
  ]);
});

test.each([
  ["of GitHub", `ghp_${"a1B2".repeat(9)}`],
  ["of GitHub, fine-grained", `github_pat_${"a1B2_".repeat(8)}`],
  ["of AWS", "AKIA2E0A8F3B244C9986"],
])("a token %s is reported wherever it is", async (_whose, token) => {
  const found = await check({
    "b.md": file({}, `One.\n\n\`\`\`sh\nexport TOKEN=${token}\n\`\`\`\n`),
    "examples/b/README.md": "- [run.sh](run.sh): A program.\n",
    "examples/b/run.sh": `#!/bin/sh\necho ${token}\n`,
  });
  const [form] = /^(github_pat_|ghp_|AKIA)/.exec(token) ?? [];
  const message = `has a token that begins with ${form}: revoke it, and write …`;
  expect(found).toEqual([`b.md:10: ${message}`, `run.sh:2: ${message}`]);
});

test("what only begins like a token is none, nor is the example of AWS", async () => {
  const body = "Tokens begin with `ghp_` or `AKIA…`, such as AKIAIOSFODNN7EXAMPLE.\n";
  expect(await check({ "b.md": file({}, body) })).toEqual([]);
});

test("a topic with other capitals than in an older article is reported", async () => {
  const found = await check({
    "a.md": file({ topics: "[Data, JAVA]", date: "2026-11-02" }),
    "b.md": file({ topics: "[Java]" }),
    "c.md": file({ topics: "[Java]", date: "2026-11-03" }),
  });
  expect(found).toEqual([
    'a.md:6: "JAVA" is "Java" in b.md, and both have one page: write it in the same way',
  ]);
});

const part = (name: string, part: number) => file({ series: `{ name: ${name}, part: ${part} }` });

test("two articles that are the same part of a series are reported", async () => {
  const files = {
    "a.md": part("Waiting", 1),
    "b.md": part("waiting", 1),
    "c.md": part("Other", 1),
  };
  expect(await check(files)).toEqual([
    'a.md:6: part 1 of "Waiting" is b.md too: give one of them another number',
    'b.md:6: part 1 of "waiting" is a.md too: give one of them another number',
  ]);
});

test("a part beyond the last of its series is reported", async () => {
  const files = { "a.md": part("Waiting", 1), "b.md": part("Waiting", 2) };
  expect(await check({ ...files, "c.md": part("Waiting", 9) })).toEqual([
    'c.md:6: part 9 is beyond the end of "Waiting", which has 3 articles: use 1 to 3',
  ]);
});

test("a correction in the future is reported", async () => {
  const updated = "{ date: 2026-11-25, change: A word. }"; // the day after the check's
  expect(await check({ "a.md": file({ updated }) })).toEqual([
    "a.md:6: is a correction in the future: readers would see its date today",
  ]);
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

const authors = parseAuthors("someone:\n  name: Some One\n  role: Engineer\n", () => {});
const articleOf = (source: string) =>
  parseArticle("articles/queues.md", source, authors, () => {}).article;

test("an article needs a title, a description, an author and a date", () => {
  const body = "One.\n\n---\n\nTwo.\n";
  expect(articleOf(file({}, body))).toMatchObject({
    slug: "queues",
    title: "Queues",
    description,
    author: { key: "someone", name: "Some One", role: "Engineer" },
    topics: [],
    related: [],
    aliases: [],
    draft: false,
    body: `${"\n".repeat(6)}${body}`,
  });
});

test.each([
  ["with the line ends of Windows", file().replaceAll("\n", "\r\n")],
  ["with a byte order mark", `\uFEFF${file()}`],
])("a file is the same article %s", (_how, source) => {
  const { title, body, publishedAt } = articleOf(file()) ?? {};
  expect(articleOf(source)).toMatchObject({ title, body, publishedAt });
});

test("YAML that expands to gigabytes or contains itself is refused", async () => {
  for (const topics of ["&a [x, x]\nrelated: [*a, *a]", "&a [*a]", "[".repeat(20_000)])
    expect(await check({ "a.md": file({ topics }) })).not.toEqual([]);
});

const yaml = (...lines: string[]) => `---\n${lines.join("\n")}\n---\n\nHello.\n`;

test.each([
  ["no front matter", "Hello.\n", "1: must start with title, description, author"],
  ["JavaScript", "---js\nglobalThis.ran = true\n---\n", "1: must start with title"],
  [
    "no second ---",
    "---\ntitle: A\n\nText.\n\n---\n",
    "4: must be `key: value`; indent a continued value, and put --- above the text",
  ],
  [
    "text behind ---",
    "---\ntitle: A\n--- # end\n\n---\n",
    "3: the line --- must have nothing behind",
  ],
  ["a line without a colon", yaml("title: A", "author someone"), "3: must be `key: value`"],
  ["a second colon", file({ title: "A: B" }), "2: has a second colon: put the value in quotes"],
  [
    "one in a group",
    file({ updated: "{ change: One: two }" }),
    "6: has a second colon, or a comma",
  ],
  [
    "a special character",
    file({ title: "@Bean" }),
    "2: has a value that begins with a special character: put it in quotes",
  ],
  ["an open quote", file({ title: '"Queues' }), "2: a quote or bracket is never closed"],
  ["text after a quote", file({ title: '"A" and B' }), "2: has text after a closing quote"],
  ["an open bracket", file({ topics: "[Java" }), "6: a quote or bracket is never closed"],
  ["a tab", file({ series: "\n\tname: A" }), "7: tab characters must not be used in indentation"],
  ["a key twice", yaml("title: A", "title: A"), "3: duplicated mapping key"],
  [
    "an alias",
    file({ topics: "&a [Java]", related: "*a" }),
    "7: YAML aliases (*name) are not allowed",
  ],
  ["another author", file({ author: "somone" }), '"somone" is not: use someone'],
])("the message about %s says what to do", async (_what, source, expected) => {
  const found = await check({ "a.md": source });
  expect(found).toEqual([expect.stringMatching(/^a\.md:\d/)]);
  expect(found[0]).toContain(expected);
});

test.each([
  ["title", "2026", "must be text: put a number, or text with a colon, in quotes"],
  ["title", '"a\\nb"', "must be one line without control characters"],
  ["description", "Short.", "must be 70 to 160 characters, and has 6"],
  ["description", " ", "is missing"],
  ["date", "2026-02-30", "must be an existing day like 2026-11-24"],
  [
    "updated",
    "{ date: 2026-11-30, change: 5 %, not 4. }",
    'unknown key "not 4.": use date, change',
  ],
  ["topics", "Java", "must be a list like [Java, Teams]"],
  ["topics", "[Java, java]", "has a topic twice"],
  ["topics", "[Ἑλλάς]", "must have a letter from a to z or a digit, for its URL"],
  ["series", "Waiting", "must be a group of name, part"],
  ["finding", "{ symptom: It hangs, number: '5' }", "needs number, unit and source together"],
  [
    "finding",
    "{ symptom: It hangs, number: 145 ms, unit: u, source: 'o:1', repaired: { number: 0.3 s, unit: u, source: 'o:2' } }",
    "needs both numbers in the same unit",
  ],
  [
    "finding",
    "{ symptom: It hangs, repaired: { number: '5', unit: u, source: 'o:2' } }",
    "needs the number before the repair too",
  ],
  [
    "finding",
    "{ symptom: It hangs, number: '5', unit: u, source: 'o:1', repaired: { number: '2', unit: u } }",
    '"finding.repaired.source" is missing',
  ],
  ["aliases", "/blog", "must be a list like [/blog/old-title]"],
  ["aliases", '["//evil.example/x"]', "must be paths from the root"],
  ["related", "[Queues]", "must be the slug of an article"],
  ["draft", "soon", "must be true or false"],
  ["drfat", "true", 'unknown key "drfat": use title, description, '],
])("%s: %s is refused in words", async (key, value, expected) => {
  expect(await check({ "a.md": file({ [key]: value }) })).toEqual([
    expect.stringContaining(expected),
  ]);
});

test("all wrong values are reported at once, each with its line", async () => {
  const wrong = { title: "2026", date: "soon", topics: "Java", draft: "soon" };
  const found = await check({ "Capital.md": file(wrong) });
  expect(found.map((one) => one.replace(/(:\d+):.*/, "$1"))).toEqual(
    [1, 2, 5, 6, 7].map((line) => `Capital.md:${line}`),
  );
});

test("an author has a name, and perhaps a role, a bio and links", () => {
  const links = '  links: [{ label: Web, url: "https://Ada.example" }]\n';
  const ada = `ada:\n  name: Ada\n  role: Developer\n  bio: >\n    Writes queues.\n    Reads logs.\n${links}`;
  expect(Object.fromEntries(parseAuthors(`${ada}rosa:\n  name: Rosa\n`, fail))).toEqual({
    ada: {
      key: "ada",
      name: "Ada",
      role: "Developer",
      bio: "Writes queues. Reads logs.",
      links: [{ label: "Web", url: "https://ada.example/" }],
    },
    rosa: { key: "rosa", name: "Rosa", links: [] },
  });
});

function fail(line: number, message: string): never {
  throw new Error(`${line}: ${message}`);
}

const linkTo = (url: string) => `  links: [{ label: A, url: ${JSON.stringify(url)} }]\n`;
const noUrl = '3: "ada.links.url" must be an https: URL';

test.each([
  [linkTo("javascript:alert(1)"), noUrl],
  [linkTo("http://example.org"), noUrl],
  ["  links: [{ label: GitHub }]\n", '3: "ada.links.url" is missing'],
  ["  links: https://example.org\n", '3: "ada.links" must be a list like [{ label: GitHub'],
  [`  links: [${"{ label: A, url: https://a.example }, ".repeat(6)}]\n`, "5 links or fewer"],
  [`  bio: ${"b".repeat(401)}\n`, '3: "ada.bio" must be 1 to 400 characters, and has 401'],
  ["  boi: x\n", '3: unknown key "boi": use name, role, bio, portrait, city, links'],
  ["Rosa:\n  name: Rosa\n", '3: "Rosa" must be lower case, digits and hyphens'],
  ["rosa: [\n", "3: a quote or bracket is never closed"],
])("authors.yaml with %j is one message", async (more, expected) => {
  const authors = `ada:\n  name: Ada\n${more}`;
  const found = await check({ "authors.yaml": authors, "b.md": file({ author: "ada" }) });
  expect(found).toEqual([expect.stringContaining(expected)]);
});

test.each([
  ["Year of ’24: A/B — tests!", "year-of-24-a-b-tests"],
  ["Smørrebrød & Æbler på Å", "smoerrebroed-aebler-paa-aa"],
  ["C++ and C#", "cpp-and-c-sharp"],
  ["../../etc/passwd", "etc-passwd"],
  ["日本", ""],
])("%j becomes %j in a URL", (words, slug) => {
  expect(slugify(words)).toBe(slug);
});
