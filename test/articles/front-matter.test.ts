// Tests how an article file and authors.yaml are read. The files in mistakes/ have the errors of an
// article file.

import { slugOf } from "../../src/articles/article.ts";
import { parseArticle, parseAuthors } from "../../src/articles/front-matter.ts";
import { articleFile as file, check, description } from "../support/articles.ts";

const authors = parseAuthors("someone:\n  name: Some One\n  role: Engineer\n", () => {});
const articleOf = (source: string) =>
  parseArticle("articles/queues.md", source, authors, () => {}).article;

test("an article needs a title, a description, an author and a date, and no more", () => {
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

test("an article has the line of each key, and its body as it is", () => {
  const front = { updated: "\n  date: 2026-12-01\n  change: Corrected.", draft: "true" };
  const article = articleOf(file(front, "One.\n\n---\n\nTwo.\n"));
  const lines = Object.fromEntries(article?.lines ?? []);
  expect(lines).toMatchObject({ title: 2, date: 5, updated: 6, draft: 9 });
  expect(article?.body).toBe("One.\n\n---\n\nTwo.\n");
});

test.each([
  ["with the line ends of Windows", file().replaceAll("\n", "\r\n")],
  ["with a byte order mark", `\uFEFF${file()}`],
  ["with comments", file({ "# to do": "a figure" })],
])("a file is the same article %s", (_how, source) => {
  const { title, body, publishedAt } = articleOf(file()) ?? {};
  expect(articleOf(source)).toMatchObject({ title, body, publishedAt });
});

test("YAML that expands to gigabytes or contains itself is refused", async () => {
  for (const topics of ["&a [x, x]\nrelated: [*a, *a]", "&a [*a]", "[".repeat(20_000)])
    expect(await check({ "a.md": file({ topics }) })).not.toEqual([]);
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
  [linkTo("java\nscript:alert(1)"), noUrl],
  [linkTo("http://example.org"), noUrl],
  [linkTo("//example.org"), noUrl],
  ["  links: [{ label: GitHub }]\n", '3: "ada.links.url" is missing'],
  ["  links: https://example.org\n", '3: "ada.links" must be a list like [{ label: GitHub'],
  [`  links: [${"{ label: A, url: https://a.example }, ".repeat(6)}]\n`, "5 links or fewer"],
  [`  bio: ${"b".repeat(401)}\n`, '3: "ada.bio" must be 1 to 400 characters, and has 401'],
  ["  boi: x\n", '3: unknown key "boi"; use one of name, role, bio, links'],
  ["Rosa:\n  name: Rosa\n", '4: "Rosa" must be lower case, digits and hyphens'],
])("authors.yaml is refused with %j", async (more, expected) => {
  const found = await check({ "authors.yaml": `ada:\n  name: Ada\n${more}` });
  expect(found).toEqual([expect.stringContaining(expected)]);
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
