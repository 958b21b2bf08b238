// Tests how authors.yaml is read: the authors that a valid file gives, and the mistakes that are reported, each with its line.

import { parseAuthors } from "../../src/articles/authors.ts";

const parse = (source: string) => parseAuthors("articles/authors.yaml", source);
/** An author `ada`, whose name is on line 2 and whose further keys begin on line 3. */
const errorsOf = (more: string) => parse(`ada:\n  name: Ada\n${more}`).errors;
const link = (url: string, label = "GitHub") =>
  `  links:\n    - label: ${label}\n      url: ${JSON.stringify(url)}\n`;

test("an author has a name, and may have a role, a bio and links", () => {
  const more = "  role: Developer\n  bio: >\n    Writes queues.\n    Reads logs.\n";
  const links = `${link("https://Example.org/~ada")}    - { label: Mail, url: "mailto:ada@example.org" }\n`;
  const { authors, errors } = parse(`ada:\n  name: Ada\n${more}${links}rosa:\n  name: Rosa\n`);
  expect(errors).toEqual([]);
  expect(Object.fromEntries(authors)).toEqual({
    ada: {
      key: "ada",
      name: "Ada",
      role: "Developer",
      bio: "Writes queues. Reads logs.",
      links: [
        { label: "GitHub", url: "https://example.org/~ada" },
        { label: "Mail", url: "mailto:ada@example.org" },
      ],
    },
    rosa: { key: "rosa", name: "Rosa", links: [] },
  });
});

describe("is reported:", () => {
  test.each([
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "http://example.org",
    "//example.org",
    "/contact",
    "example.org",
    "https://",
    "mailto:",
    "mailto:a@example.org,b@example.org",
  ])("the link %j", (url) => {
    const message = '"ada.links.url" must be an https: or mailto: URL';
    expect(errorsOf(link(url))).toEqual([{ file: "articles/authors.yaml", line: 5, message }]);
  });

  test.each<[what: string, more: string, line: number, message: string]>([
    [
      "a bio that is too long",
      `  bio: ${"b".repeat(401)}\n`,
      3,
      '"ada.bio" must be 1 to 400 characters, and has 401',
    ],
    [
      "a bio of two paragraphs",
      "  bio: |\n    One.\n    Two.\n",
      3,
      '"ada.bio" must be one line without control characters',
    ],
    [
      "a bio that is a list",
      "  bio: [a]\n",
      3,
      '"ada.bio" must be text (put it in quotes if it looks like a number)',
    ],
    [
      "a misspelt key",
      "  role: Developer\n  boi: x\n",
      4,
      'unknown key "boi"; use one of name, role, bio, links',
    ],
    [
      "a link that is too long",
      link(`https://example.org/${"a".repeat(200)}`),
      5,
      '"ada.links.url" must have 200 characters or fewer',
    ],
    [
      "a label that is too long",
      link("https://example.org", "x".repeat(41)),
      4,
      '"ada.links.label" must be 1 to 40 characters, and has 41',
    ],
    ["a link without its URL", "  links:\n    - label: GitHub\n", 4, '"ada.links.url" is missing'],
    [
      "a link alone",
      "  links: https://example.org\n",
      3,
      '"ada.links" must be a list like [{ label: GitHub, url: https://github.com/NAME }]',
    ],
    [
      "six links",
      `  links:\n${"    - { label: A, url: https://example.org }\n".repeat(6)}`,
      3,
      '"ada.links" must have 5 links or fewer',
    ],
    [
      "a key in capitals",
      "Rosa:\n  name: Rosa\n",
      3,
      '"Rosa" must be lower case, digits and hyphens',
    ],
  ])("%s", (_what, more, line, message) => {
    expect(errorsOf(more)).toEqual([{ file: "articles/authors.yaml", line, message }]);
  });
});
