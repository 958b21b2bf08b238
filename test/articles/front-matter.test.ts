// Tests how an article file and authors.yaml are read. The files in mistakes/ have the errors of an
// article file.

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
const parse = (source: string) =>
  parsed((report) => parseArticle("articles/queues.md", source, authors, report));

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
    "mailto:a@example.org",
  ])("refuses the link %j", (url) => {
    expect(wrong(`  links:\n    - label: A\n      url: ${JSON.stringify(url)}\n`)).toEqual([
      '5: "ada.links.url" must be an https: URL',
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
