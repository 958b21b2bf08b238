// Tests how an article file and authors.yaml are read: what a valid file gives, and each error with its
// line.

import { readFileSync } from "node:fs";
import path from "node:path";
import { formatError, slugOf, type FrontMatter } from "../../src/articles/article.ts";
import { frontMatterKeys, parseArticle, parseAuthors } from "../../src/articles/front-matter.ts";
import { factsOf } from "../../src/articles/markdown.ts";
import { articleFile as file, description } from "../support/articles.ts";

const { authors } = parseAuthors(
  "authors.yaml",
  "someone:\n  name: Some One\n  role: Engineer\nclean-systems:\n  name: Clean Systems\n",
);
const parse = (source: string, name = "queues") =>
  parseArticle("articles/queues.md", name, source, authors);

function articleOf(source: string) {
  const { article, errors } = parse(source);
  if (!article) throw new Error(errors.map(formatError).join("\n"));
  return article;
}
/** The errors as "6: message". */
const errorsOf = (source: string, name?: string) =>
  parse(source, name).errors.map(({ line, message }) => `${line}: ${message}`);

describe("a valid article file", () => {
  test("needs a title, a description, an author and a date, and no more", () => {
    expect(articleOf(file())).toMatchObject({
      slug: "queues",
      title: "Queues",
      description,
      author: { key: "someone", name: "Some One", role: "Engineer" },
      topics: [],
      related: [],
      aliases: [],
      draft: false,
      body: "Hello.\n",
      bodyLine: 7,
    });
  });

  test("has the line of each key, and its body as it is", () => {
    const front = { updated: "\n  date: 2026-12-01\n  change: Corrected.", draft: "true" };
    const { lines, body } = articleOf(file(front, "One.\n\n---\n\nTwo.\n"));
    expect(Object.fromEntries(lines)).toMatchObject({ title: 2, date: 5, updated: 6, draft: 9 });
    expect(body).toBe("One.\n\n---\n\nTwo.\n");
  });

  test.each([
    ["with the line ends of Windows", file().replaceAll("\n", "\r\n")],
    ["with a byte order mark", `\uFEFF${file()}`],
    ["with comments", file({ "# to do": "a figure" })],
    ["with control characters in its text, which are removed", file({}, "He\u0007llo.\n")],
  ])("gives the same article %s", (_how, source) => {
    const { title, body, publishedAt } = articleOf(file());
    expect(articleOf(source)).toMatchObject({ title, body, publishedAt });
  });

  test.each([
    ["2026-11-24", "2026-11-23T23:00:00Z"],
    ["'2026-07-01'", "2026-06-30T22:00:00Z"],
    ["2026-11-24T09:00:00+01:00", "2026-11-24T08:00:00Z"],
    ["2026-11-24T09:00:00.5Z", "2026-11-24T09:00:00.500Z"],
  ])("dated %s is public from %s", (date, instant) => {
    expect(articleOf(file({ date })).publishedAt).toEqual(new Date(instant));
  });
});

/** A value of each key and what it gives. A key that is missing here does not compile. */
const everyKey: { [Key in keyof FrontMatter]-?: [value: string, given: object] } = {
  title: ["Ærø, “quotes” – 日本 🚀", { title: "Ærø, “quotes” – 日本 🚀" }],
  description: ["e".repeat(160), { description: "e".repeat(160) }],
  author: ["clean-systems", { author: { name: "Clean Systems", links: [] } }],
  date: ["2026-11-24", { publishedAt: new Date("2026-11-23T23:00:00Z") }],
  updated: [
    "{ date: 2026-12-01, change: Corrected. }",
    { updated: { date: new Date("2026-11-30T23:00:00Z"), change: "Corrected." } },
  ],
  topics: [
    "[Ærlig Snak, C++]",
    {
      topics: [
        { slug: "aerlig-snak", name: "Ærlig Snak" },
        { slug: "cpp", name: "C++" },
      ],
    },
  ],
  series: ["{ name: Work that waits, part: 2 }", { series: { name: "Work that waits", part: 2 } }],
  related: ["[a, b-2]", { related: ["a", "b-2"] }],
  aliases: ["[/Blog/Q.html, /år, /a/../b]", { aliases: ["/blog/q.html", "/%c3%a5r", "/b"] }],
  draft: ["true", { draft: true }],
};

test.each(Object.entries(everyKey))("the key %s has an effect", (key, [value, given]) => {
  expect(articleOf(file({ [key]: value }))).toMatchObject(given);
});

test("the guide for authors describes exactly the keys that exist", () => {
  const guide = path.resolve(import.meta.dirname, "../../docs/writing-articles.md");
  const [, table = ""] =
    /## The front matter\n([\s\S]*?)\n## /.exec(readFileSync(guide, "utf8")) ?? [];
  const described = Array.from(table.matchAll(/^\| `(\w+)`/gm), ([, key = ""]) => key);
  expect(described.toSorted()).toEqual(frontMatterKeys.toSorted());
});

describe("wrong front matter is reported with its line:", () => {
  test.each<[what: string, source: string, expected: string]>([
    ["none", "Hello.\n", "1: must start with front matter"],
    ["code", "---js\nglobalThis.ran = true\n---\n", "1: must start with front matter"],
    [
      "UTF-16",
      Buffer.from(`\ufeff${file()}`, "utf16le").toString(),
      "1: must start with front matter",
    ],
    ["a missing title", file({ title: "" }), '2: "title" is missing'],
    ["an unknown key", file({ drfat: "true" }), '6: unknown key "drfat", did you mean "draft"?'],
    ["a key of the prototype", file({ __proto_: "x" }), '6: unknown key "__proto_"'],
    ["a second colon", file({ title: "A: B" }), "2: has a second colon: put the value in quotes"],
    ["an open quote", file({ title: '"Queues' }), "2: a quote is never closed"],
    ["a tab", file({ series: "\n\tname: A" }), "7: is indented with a tab: use spaces"],
    ["a key given twice", file({ draft: "true\ndraft: true" }), "7: Map keys must be unique"],
    ["an alias", file({ topics: "&a [Java]", related: "*a" }), "2: YAML aliases"],
    ["a tag", file({ topics: "!!set [Java]" }), "6: "],
    ["a short description", file({ description: "Short." }), '3: "description" must be 70 to 160'],
    ["a long one", file({ description: "d".repeat(161) }), "and has 161"],
    ["a number", file({ title: "2026" }), '2: "title" must be text (put it in quotes'],
    ["a title of two lines", file({ title: '"a\\nb"' }), "one line without control characters"],
    ["30 February", file({ date: "2026-02-30" }), "must be an existing day"],
    ["no offset", file({ date: "2026-11-24T09:00:00" }), '5: "date" must be an existing day'],
    ["an unknown author", file({ author: "somone" }), '"somone" is not, did you mean "someone"?'],
    ["the prototype", file({ author: "constructor" }), '4: "author" must be one of those in'],
    ["a topic alone", file({ topics: "Java" }), '6: "topics" must be a list like [Java, Teams]'],
    ["a topic twice", file({ topics: "[Java, java]" }), "has a topic twice"],
    ["a topic without a slug", file({ topics: "[Ἑλλάς]" }), "must have a letter from a to z"],
    [
      "a correction without date",
      file({ updated: "{ change: Yes }" }),
      '"updated.date" is missing',
    ],
    ["a key of a group", file({ series: "{ name: A, prt: 1, part: 1 }" }), 'unknown key "prt"'],
    ["part 0", file({ series: "{ name: A, part: 0 }" }), '"series.part" starts at 1'],
    ["an alias alone", file({ aliases: "/blog" }), "must be a list like [/blog/old-title]"],
    ["an alias of a host", file({ aliases: '["//evil.example/x"]' }), "must be paths from the"],
    ["no boolean", file({ draft: "soon" }), '6: "draft" must be true or false'],
  ])("%s", (_what, source, expected) => {
    expect(errorsOf(source)).toEqual([expect.stringContaining(expected)]);
    expect(globalThis).not.toHaveProperty("ran");
  });

  test("all errors at once", () => {
    const source = file({ title: "5", description: "Short.", date: "", drfat: "true" });
    expect(errorsOf(source, "Queues").map((error) => error.slice(0, 25))).toEqual(
      expect.arrayContaining([
        "1: the file's name become",
        '2: "title" must be text (',
        '3: "description" must be ',
        '2: "date" is missing',
        '5: unknown key "drfat", d',
      ]),
    );
  });
});

test.each<[string, string]>([
  ["brackets without end", file({ topics: "[".repeat(20_000) })],
  ["maps in maps", file({ topics: "{a: ".repeat(5_000) })],
  ["aliases of aliases", file({ topics: "&a [x, x]", related: `[${"*a, ".repeat(9)}*a]` })],
  ["an anchor in itself", file({ topics: "&a [*a]" })],
  ["open emphasis", file({}, `${"*a _b ".repeat(5_000)}\n`)],
])("a hostile file is read in time: %s", (_what, source) => {
  const startedAt = performance.now();
  expect(factsOf(parse(source)).outline.sections).toBeDefined();
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});

describe("authors.yaml", () => {
  /** The errors about an author whose name is on line 2 and whose further keys begin on line 3. */
  const wrong = (more: string) =>
    parseAuthors("authors.yaml", `ada:\n  name: Ada\n${more}`).errors.map(formatError);

  test("gives authors with a name, and perhaps a role, a bio and links", () => {
    const links = '  links: [{ label: Web, url: "https://Ada.example" }]\n';
    const more = `  role: Developer\n  bio: >\n    Writes queues.\n    Reads logs.\n${links}`;
    const read = parseAuthors("authors.yaml", `ada:\n  name: Ada\n${more}rosa:\n  name: Rosa\n`);
    expect(read.errors).toEqual([]);
    expect(Object.fromEntries(read.authors)).toEqual({
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

  test.each([
    "javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,x",
    "http://example.org",
    "//example.org",
    "/contact",
    "mailto:",
    "mailto:a@example.org,b@example.org",
  ])("refuses the link %j", (url) => {
    expect(wrong(`  links:\n    - label: A\n      url: ${JSON.stringify(url)}\n`)).toEqual([
      'authors.yaml:5: "ada.links.url" must be an https: or mailto: URL',
    ]);
  });

  test.each([
    [`  bio: ${"b".repeat(401)}\n`, ':3: "ada.bio" must be 1 to 400 characters, and has 401'],
    ["  boi: x\n", ':3: unknown key "boi"; use one of name, role, bio, links'],
    ["  links: [{ label: GitHub }]\n", ':3: "ada.links.url" is missing'],
    ["  links: https://example.org\n", ':3: "ada.links" must be a list like [{ label: GitHub'],
    [`  links: [${"{ label: A, url: https://a.example }, ".repeat(6)}]\n`, "5 links or fewer"],
    ["Rosa:\n  name: Rosa\n", ':4: "Rosa" must be lower case, digits and hyphens'],
  ])("reports %j", (more, expected) => {
    expect(wrong(more)).toEqual([expect.stringContaining(expected)]);
  });
});

test.each([
  ["Year of ’24: A/B — tests!", "year-of-24-a-b-tests"],
  ["Smørrebrød & Æbler på Å", "smoerrebroed-aebler-paa-aa"],
  ["C++ and C#", "cpp-and-c-sharp"],
  ["../../etc/passwd", "etc-passwd"],
  ["Don’t wait, don't retry", "dont-wait-dont-retry"],
  ["日本", ""],
])("%j becomes %j in a URL", (words, slug) => {
  expect(slugOf(words)).toBe(slug);
});
