// Tests how an article file and authors.yaml are read: what a valid file gives, and each error with its
// line.

import { slugOf } from "../../src/articles/article.ts";
import { parseArticle, parseAuthors } from "../../src/articles/front-matter.ts";
import { articleFile as file, description } from "../support/articles.ts";

/** Returns what `parse` returns, and what it reports, as "6: message". */
function parsed<Result>(parse: (report: (line: number, message: string) => void) => Result) {
  const errors: string[] = [];
  return { result: parse((line, message) => errors.push(`${line}: ${message}`)), errors };
}
const authorsOf = (source: string) => parsed((report) => parseAuthors(source, report));
const { result: authors } = authorsOf(
  "someone:\n  name: Some One\n  role: Engineer\nclean-systems:\n  name: Clean Systems\n",
);
const parse = (source: string, name = "articles/queues.md") =>
  parsed((report) => parseArticle(name, source, authors, report));

function articleOf(source: string) {
  const { result, errors } = parse(source);
  if (!result.article) throw new Error(errors.join("\n"));
  return result.article;
}

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
  ])("gives the same article %s", (_how, source) => {
    const { title, body, publishedAt } = articleOf(file());
    expect(articleOf(source)).toMatchObject({ title, body, publishedAt });
  });
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
    ["a missing title", file({ title: "" }), '1: "title" is missing'],
    ["an unknown key", file({ drfat: "true" }), '6: unknown key "drfat", did you mean "draft"?'],
    ["a second colon", file({ title: "A: B" }), "2: has a second colon: put the value in quotes"],
    ["an open quote", file({ title: '"Queues' }), "2: a quote is never closed"],
    ["a tab", file({ series: "\n\tname: A" }), "7: is indented with a tab: use spaces"],
    [
      "a key given twice",
      file({ draft: "true\ndraft: true" }),
      "7: the key is given twice: delete",
    ],
    [
      "no colon",
      "---\ntitle: A\nauthor someone\ndate: 2026-01-01\n---\n",
      "3: must be `key: value`",
    ],
    [
      "a word on the last line",
      "---\ntitle: A\nmore of it\n---\n",
      "3: must be `key: value`; indent",
    ],
    ["text after a quote", file({ title: '"A" and B' }), "2: has text after a closing quote or"],
    ["an open bracket", file({ topics: "[Java" }), "a bracket is never closed, in this line or"],
    ["a special character", file({ title: "@Bean" }), "2: begins with a special character: put"],
    [
      "a colon in a group",
      file({ updated: "{ date: 2026-11-30, change: One: two }" }),
      "6: has a second colon, or a comma is missing",
    ],
    [
      "a comma in a group",
      file({ updated: "{ date: 2026-11-30, change: 5 %, not 4. }" }),
      '6: unknown key "not 4.": put text with a comma in quotes',
    ],
    ["an alias", file({ topics: "&a [Java]", related: "*a" }), "1: YAML aliases"],
    ["a short description", file({ description: "Short." }), '3: "description" must be 70 to 160'],
    ["a number", file({ title: "2026" }), '2: "title" must be text (put it in quotes'],
    ["a title of two lines", file({ title: '"a\\nb"' }), "one line without control characters"],
    ["30 February", file({ date: "2026-02-30" }), "must be an existing day"],
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
    ["part 0", file({ series: "{ name: A, part: 0 }" }), '"series.part" starts at 1'],
    ["a long symptom", file({ finding: `{ symptom: ${"a".repeat(46)} }` }), "1 to 45 characters"],
    [
      "a number alone",
      file({ finding: '{ symptom: It hangs, number: "5" }' }),
      "needs number, unit",
    ],
    [
      "a number without digits",
      file({ finding: "{ symptom: It hangs, number: some, unit: x, source: a.txt:1 }" }),
      '6: "finding.number" must have a digit',
    ],
    [
      "a source without a line",
      file({ finding: '{ symptom: It hangs, number: "5", unit: x, source: a.txt }' }),
      '6: "finding.source" must be a file of the examples and a line: output.txt:12',
    ],
    ["an alias alone", file({ aliases: "/blog" }), "must be a list like [/blog/old-title]"],
    ["an alias of a host", file({ aliases: '["//evil.example/x"]' }), "must be paths from the"],
    ["no boolean", file({ draft: "soon" }), '6: "draft" must be true or false'],
  ])("%s", (_what, source, expected) => {
    expect(parse(source).errors).toEqual([expect.stringContaining(expected)]);
    expect(globalThis).not.toHaveProperty("ran");
  });

  test("all errors at once", () => {
    const source = file({ title: "5", description: "Short.", date: "", drfat: "true" });
    expect(parse(source, "articles/Queues.md").errors.map((error) => error.slice(0, 25))).toEqual(
      expect.arrayContaining([
        "1: the file's name become",
        '2: "title" must be text (',
        '3: "description" must be ',
        '1: "date" is missing',
        '5: unknown key "drfat", d',
      ]),
    );
  });
});

test("YAML that expands to gigabytes or contains itself is refused", () => {
  for (const topics of ["&a [x, x]\nrelated: [*a, *a]", "&a [*a]", "[".repeat(20_000)])
    expect(parse(file({ topics })).errors).not.toEqual([]);
});

describe("authors.yaml", () => {
  /** The errors about an author whose name is on line 2 and whose further keys begin on line 3. */
  const wrong = (more: string) => authorsOf(`ada:\n  name: Ada\n${more}`).errors;

  test("gives authors with a name, and perhaps a role, a bio and links", () => {
    const links = '  links: [{ label: Web, url: "https://Ada.example" }]\n';
    const more = `  role: Developer\n  bio: >\n    Writes queues.\n    Reads logs.\n${links}`;
    const read = authorsOf(`ada:\n  name: Ada\n${more}rosa:\n  name: Rosa\n`);
    expect(read.errors).toEqual([]);
    expect(Object.fromEntries(read.result)).toEqual({
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
      '5: "ada.links.url" must be an https: or mailto: URL',
    ]);
  });

  test.each([
    [`  bio: ${"b".repeat(401)}\n`, '3: "ada.bio" must be 1 to 400 characters, and has 401'],
    ["  boi: x\n", '3: unknown key "boi"; use one of name, role, bio, links'],
    ["  links: [{ label: GitHub }]\n", '3: "ada.links.url" is missing'],
    ["  links: https://example.org\n", '3: "ada.links" must be a list like [{ label: GitHub'],
    [`  links: [${"{ label: A, url: https://a.example }, ".repeat(6)}]\n`, "5 links or fewer"],
    ["Rosa:\n  name: Rosa\n", '4: "Rosa" must be lower case, digits and hyphens'],
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
