// Tests how an article file is read: the article that a valid file gives, and the mistakes that are reported, each with its line.

import { slugOf, type ArticleError } from "../../src/articles/article.ts";
import { parseAuthors } from "../../src/articles/authors.ts";
import { parseArticle } from "../../src/articles/front-matter.ts";
import { createMarkdown } from "../../src/articles/markdown.ts";

const markdown = createMarkdown();
const { authors } = parseAuthors(
  "articles/authors.yaml",
  "eric-hanson:\n  name: Eric Hanson\n  role: Backend Developer\nclean-systems:\n  name: Clean Systems Consulting\n",
);
const description = "A queue hides between two services, and the one who waits is the customer.";
const front = {
  title: "title: Queues",
  description: `description: ${description}`,
  author: "author: eric-hanson",
  date: "date: 2026-11-24",
};

/** Line 1 is `---`, then a line for each key, then `---`, then the body: with `front` as it is, the body begins on line 7. */
function file(changes: Partial<typeof front> & { more?: string } = {}, body = "Hello.\n"): string {
  const { more = "", ...keys } = changes;
  const lines = Object.values({ ...front, ...keys }).filter((line) => line !== "");
  return `---\n${lines.map((line) => `${line}\n`).join("")}${more}---\n${body}`;
}

const parse = (source: string, name = "queues") =>
  parseArticle("articles/queues.md", name, source, authors, markdown);

function articleOf(source: string) {
  const result = parse(source);
  if ("errors" in result) throw new Error(JSON.stringify(result.errors));
  return result.article;
}

function errorsOf(source: string, name?: string): ArticleError[] {
  const result = parse(source, name);
  return "errors" in result ? result.errors : [];
}

/** Returns the mistakes in the front matter and in the body of an article with errors. */
function mistakesIn(source: string, name?: string): { line: number; message: string }[] {
  const result = parse(source, name);
  if ("article" in result) throw new Error("the file has no errors");
  return [...result.errors, ...(result.text?.readBody().problems ?? [])];
}

/** Returns the mistakes in the body of a valid article. */
const problemsOf = (source: string) => articleOf(source).readBody().problems;

describe("a valid article file", () => {
  test("needs a title, a description, an author and a date, and no more", () => {
    expect(articleOf(file())).toMatchObject({
      slug: "queues",
      title: "Queues",
      description,
      author: { key: "eric-hanson", name: "Eric Hanson", role: "Backend Developer" },
      topics: [],
      related: [],
      draft: false,
      body: "Hello.\n",
    });
  });

  test("may have every key", () => {
    const more =
      "updated: { date: 2026-12-01, change: Corrected the figures. }\ntopics: [Java, Teams]\nrelated: [another-one]\ndraft: true\n";
    expect(articleOf(file({ author: "author: clean-systems", more }))).toMatchObject({
      author: { name: "Clean Systems Consulting" },
      updated: { date: new Date("2026-11-30T23:00:00Z"), change: "Corrected the figures." },
      topics: [
        { slug: "java", name: "Java" },
        { slug: "teams", name: "Teams" },
      ],
      related: ["another-one"],
      draft: true,
    });
  });

  test.each([
    ["with the line ends of Windows", file().replaceAll("\n", "\r\n")],
    ["with a byte order mark", `\uFEFF${file()}`],
    ["with spaces behind the closing line", file().replace("---\nHello", "--- \t\nHello")],
  ])("gives the same article %s", (_how, source) => {
    const { version: _version, readBody: _readBody, ...article } = articleOf(source);
    expect(articleOf(file())).toMatchObject(article);
  });

  test.each([
    ["2026-11-24", "2026-11-23T23:00:00Z"],
    ["2026-07-01", "2026-06-30T22:00:00Z"],
    ["2028-02-29", "2028-02-28T23:00:00Z"],
    ["2026-11-24T09:00:00+01:00", "2026-11-24T08:00:00Z"],
    ["2026-11-24T09:00:00Z", "2026-11-24T09:00:00Z"],
    ["0099-12-31", "0099-12-30T23:06:32Z"],
  ])("dated %s is public from %s", (date, instant) => {
    expect(articleOf(file({ date: `date: ${date}` })).publishedAt).toEqual(new Date(instant));
  });

  test("may have `---` in its body", () => {
    expect(articleOf(file({}, "One.\n\n---\n\nTwo.\n")).body).toBe("One.\n\n---\n\nTwo.\n");
  });
});

describe("groups in the front matter", () => {
  test.each<[string, string, object]>([
    [
      "a correction, with an instant",
      "updated: { date: 2026-12-01T08:00:00Z, change: Corrected. }",
      { updated: { date: new Date("2026-12-01T08:00:00Z"), change: "Corrected." } },
    ],
    [
      "a correction on lines of its own",
      "updated:\n  date: 2026-12-01\n  change: Corrected: all of it."
        .replace("Corrected:", '"Corrected:')
        .concat('"'),
      { updated: { date: new Date("2026-11-30T23:00:00Z"), change: "Corrected: all of it." } },
    ],
    [
      "a series",
      'series: { name: "Work that waits", part: 12 }',
      { series: { name: "Work that waits", part: 12 } },
    ],
    [
      "an image",
      "image: { file: images/a.png, alt: A graph }",
      { image: { file: "images/a.png", alt: "A graph" } },
    ],
    [
      "a canonical URL",
      "canonical: https://a.example/b?c=d",
      { canonical: "https://a.example/b?c=d" },
    ],
    [
      "old addresses, in lower case and as browsers write them",
      "aliases: [/Blog/Queues.html, /år, /a/../b]",
      { aliases: ["/blog/queues.html", "/%c3%a5r", "/b"] },
    ],
    [
      "topics with Danish letters and signs",
      "topics: [Ærlig Snak, C++, C]",
      {
        topics: [
          { slug: "aerlig-snak", name: "Ærlig Snak" },
          { slug: "cpp", name: "C++" },
          { slug: "c", name: "C" },
        ],
      },
    ],
    [
      "eight related articles",
      "related: [a, b, c, d, e, f, g, h]",
      { related: ["a", "b", "c", "d", "e", "f", "g", "h"] },
    ],
    ["topics behind a tab", "topics:\t[Java]", { topics: [{ slug: "java", name: "Java" }] }],
    [
      "a canonical URL with other letters, as browsers send them",
      "canonical: https://example.org/привет",
      { canonical: "https://example.org/%D0%BF%D1%80%D0%B8%D0%B2%D0%B5%D1%82" },
    ],
    ["a comment of two hashes", "## after review\ndraft: true", { draft: true }],
    ["a comment", "# to do: a picture\ndraft: true # for now", { draft: true }],
  ])("may hold %s", (_what, more, expected) => {
    expect(articleOf(file({ more: `${more}\n` }))).toMatchObject(expected);
  });

  test("have the line of each key", () => {
    const more =
      "updated:\n  date: 2026-12-01\n  change: Corrected.\nseries: { name: A, part: 1 }\n";
    expect(articleOf(file({ more })).lines).toEqual(
      new Map(
        Object.entries({ title: 2, description: 3, author: 4, date: 5, updated: 6, series: 9 }),
      ),
    );
  });

  test.each<[string, string, fragments: string[]]>([
    ["a date alone", "updated: 2026-12-01", ['"updated" must hold date and change']],
    ["a list", "updated: [1]", ['"updated" must hold date and change']],
    ["no date", "updated: { change: Corrected. }", ['"updated.date" is missing']],
    [
      "an invalid date",
      "updated: { date: 24.12.2026, change: Corrected. }",
      ['"updated.date" must be a day like 2026-11-24'],
    ],
    [
      "too short a change",
      "updated: { date: 2026-12-01, change: x }",
      ['"updated.change" must be 3 to 200 characters, and has 1'],
    ],
    [
      "a misspelt key",
      "updated: { date: 2026-12-01, change: Corrected., chnage: x }",
      ['unknown key "chnage", did you mean "change"?'],
    ],
    [
      "a misspelt key instead of a required one",
      "updated: { date: 2026-12-01, chagne: Corrected. }",
      ['"updated.change" is missing', 'unknown key "chagne", did you mean "change"?'],
    ],
    [
      "a misspelt short key",
      "image: { file: a.png, alt: x, alts: y }",
      ['unknown key "alts", did you mean "alt"?'],
    ],
    [
      "a key of another group",
      "series: { name: A, part: 1, alt: y }",
      ['unknown key "alt"; use one of name, part'],
    ],
    [
      "a key of the prototype",
      "series: { name: A, part: 1, constructor: y, __proto__: z }",
      ['unknown key "constructor"', 'unknown key "__proto__"'],
    ],
    ["a name alone", "series: Waiting", ['"series" must hold name and part']],
    ["nothing", "series: {}", ['"series.name" is missing', '"series.part" is missing']],
    ["part 0", "series: { name: A, part: 0 }", ['"series.part" starts at 1']],
    [
      "half a part",
      "series: { name: A, part: 1.5 }",
      ['"series.part" must be a number, 1 for the first'],
    ],
    [
      "a part in quotes",
      'series: { name: A, part: "1" }',
      ['"series.part" must be a number, 1 for the first'],
    ],
    ["an image without words", "image: { file: a.png }", ['"image.alt" is missing']],
    ["an image's name alone", "image: a.png", ['"image" must hold file and alt']],
    ["a path as canonical address", "canonical: /here", ['"canonical" must be an absolute URL']],
    [
      "code as canonical address",
      "canonical: javascript:alert(1)",
      ['"canonical" must be an absolute URL'],
    ],
    [
      "an alias outside a list",
      "aliases: /blog",
      ['"aliases" must be a list like [/blog/old-title]'],
    ],
    ["an alias that is not a path", "aliases: [blog]", ['"aliases" must be paths from the root']],
    ["an alias with a slash at its end", "aliases: [/blog/]", ["without a slash at the end"]],
    ["the home page as an alias", "aliases: [/]", ["without a slash at the end"]],
    ["an alias with a query", 'aliases: ["/a?b"]', ['"aliases" must be paths from the root']],
    ["an alias with a blank", "aliases: [/a b]", ['"aliases" must be paths from the root']],
    [
      "an alias on another host",
      'aliases: ["//evil.example/x"]',
      ['"aliases" must be paths from the root'],
    ],
    [
      "an alias that is not a valid URL",
      'aliases: ["//["]',
      ['"aliases" must be paths from the root'],
    ],
    ["a topic twice", "topics: [Java, java]", ['"topics" has a topic twice']],
    [
      "a topic without an address",
      "topics: [Ἑλλάς]",
      ['"topics" must have a letter from a to z or a digit'],
    ],
    ["a tag", "topics: !!set [Java]", [""]],
  ])("are reported with %s", (_what, more, fragments) => {
    const told = fragments.map((fragment) => ({
      file: "articles/queues.md",
      line: 6,
      message: expect.stringContaining(fragment) as string,
    }));
    expect(errorsOf(file({ more: `${more}\n` }))).toEqual(told);
  });
});

describe("dates", () => {
  const good: [date: string, instant: string][] = [
    ["2026-11-24T09:00:00.5Z", "2026-11-24T09:00:00.500Z"],
    ["'2026-11-24'", "2026-11-23T23:00:00Z"],
    ["9999-12-31", "9999-12-30T23:00:00Z"],
    ["2026-03-29", "2026-03-28T23:00:00Z"],
  ];
  test.each(good)("%s is valid", (date, instant) => {
    expect(articleOf(file({ date: `date: ${date}` })).publishedAt).toEqual(new Date(instant));
  });

  test.each(
    "2026-1-1 24-11-2026 2026/11/24 24.11.2026 20261124 2026-11 2026-W48 tomorrow 2026-13-01 0000-00-00 9999-99-99 +002026-11-24".split(
      " ",
    ),
  )("%s is not valid", (date) => {
    expect(errorsOf(file({ date: `date: ${date}` }))).toMatchObject([
      { line: 5, message: expect.stringContaining('"date" must be a day') },
    ]);
  });

  test.each([
    "09:00",
    "09:00:00",
    "T09:00Z",
    "T09:00:00+0100",
    "T24:00:00Z",
    "T09:00:00+25:00",
    "T09:00:60Z",
    " ",
  ])("a day followed by %j is not valid", (time) => {
    expect(errorsOf(file({ date: `date: "2026-11-24${time}"` }))).toMatchObject([{ line: 5 }]);
  });
});

describe("characters", () => {
  test.each<[string, string, number, string]>([
    [
      "a control character written as a YAML escape",
      file({ title: 'title: "a\\x01b"' }),
      2,
      "one line without control characters",
    ],
    [
      "a title of two lines",
      file({ title: 'title: "a\\nb"' }),
      2,
      "one line without control characters",
    ],
    [
      "a comment at the end of a title",
      file({ title: "title: The C# language and F #1" }),
      2,
      "begins a comment in YAML",
    ],
  ])("%s is reported", (_what, source, line, fragment) => {
    expect(errorsOf(source)).toEqual([
      { file: "articles/queues.md", line, message: expect.stringContaining(fragment) },
    ]);
  });

  test("lines may end as on Windows and on old Macs", () => {
    const source = file({ description: "description: Short." }, "One.\n\n<b>two</b>\n");
    for (const end of ["\r\n", "\r"])
      expect(mistakesIn(source.replaceAll("\n", end))).toEqual(mistakesIn(source));
  });

  test("tabs and letters of every script are allowed", () => {
    const title = "Ærø, naïveté, “quotes” – 日本 🚀";
    expect(articleOf(file({ title: `title: ${title}` }, "\tcode\n\nÅr\t日本\n")).title).toBe(title);
  });
});

test.each([
  ["Year of ’24: A/B — tests!", "year-of-24-a-b-tests"],
  ["Smørrebrød & Æbler på Å", "smoerrebroed-aebler-paa-aa"],
  ["Straße, Łódź & İstanbul", "strasse-lodz-istanbul"],
  ["ﬁne", "fine"],
  ["C++ and C#", "cpp-and-c-sharp"],
  ["  🚀 Launch -- now  ", "launch-now"],
  ["../../etc/passwd", "etc-passwd"],
  ["Don’t wait, don't retry", "dont-wait-dont-retry"],
  ["日本", ""],
])("%j becomes %j in a URL", (words, slug) => {
  expect(slugOf(words)).toBe(slug);
});

describe("a mistake in the body is reported with its line and does not hide the article", () => {
  test.each<[string, string, line: number, fragment: string]>([
    [
      "HTML on a later line of a paragraph",
      file({}, "One\ntwo <b>three</b>\n"),
      8,
      "raw HTML is shown as text (<b>)",
    ],
    [
      "HTML in a table",
      file({}, "| a |\n|---|\n| <i>x</i> |\n"),
      9,
      "raw HTML is shown as text (<i>)",
    ],
    [
      "an unknown option after a code language",
      file({}, 'One.\n\n```java titel="x"\n```\n'),
      9,
      'only title="…", file="…" and mark="…" may follow',
    ],
    [
      "a marked line below the last",
      file({}, 'One.\n\n```java mark="1,3"\na\nb\n```\n'),
      9,
      'mark="1,3" must have lines from 1 to 2 or ranges of them, like mark="3,7-9"',
    ],
    [
      "a marked range that ends below the last line",
      file({}, '- a\n\n  ```java file="A.java" mark="1-3"\n  a\n  ```\n'),
      9,
      'mark="1-3" must have lines from 1 to 1',
    ],
    [
      "a marked line 0",
      file({}, 'One.\n\n```java mark="0-1"\na\n```\n'),
      9,
      'mark="0-1" must have lines from 1 to 1',
    ],
    [
      "a reversed range",
      file({}, 'One.\n\n```java title="x" mark="2-1"\na\nb\n```\n'),
      9,
      'mark="2-1" must have lines from 1 to 2',
    ],
    [
      "a mark that is no number",
      file({}, 'One.\n\n```java mark="3,x"\na\nb\nc\n```\n'),
      9,
      'mark="3,x" must have lines from 1 to 3',
    ],
    [
      "an empty mark",
      file({}, 'One.\n\n```java mark=""\na\n```\n'),
      9,
      'mark="" must have lines from 1 to 1',
    ],
    [
      "a prompt outside of a console",
      file({}, "One.\n\n```sh\n# all\n$ ls\n```\n"),
      11,
      'the prompt "$ " needs the code language console',
    ],
    [
      "a link in a heading",
      file({}, "One.\n\n## See [two](/privacy)\n"),
      9,
      "a heading is a link to itself",
    ],
    [
      "a block of HTML",
      file({}, "One.\n\n<div>\nx\n</div>\n"),
      9,
      "raw HTML is shown as text (<div>",
    ],
    [
      "an HTML comment",
      file({}, "One.\n\n<!-- todo -->\n"),
      9,
      "raw HTML is shown as text (<!-- todo -->): delete it",
    ],
    [
      "an HTML comment in a sentence",
      file({}, "One <!-- todo --> two.\n"),
      7,
      "(<!-- todo -->): delete it",
    ],
    [
      "HTML in a sentence",
      file({}, "One.\n\nTwo <b>bold</b>.\n"),
      9,
      "raw HTML is shown as text (<b>)",
    ],
    ["HTML in a list", file({}, "- a\n- b <i>c</i>\n"), 8, "raw HTML is shown as text (<i>)"],
    [
      "HTML in a footnote",
      file({}, "One[^1].\n\n[^1]: <u>note</u>\n"),
      9,
      "raw HTML is shown as text (<u>)",
    ],
    [
      "a heading of the title's level",
      file({}, "One.\n\n# Two\n"),
      9,
      "# is the level of the title",
    ],
    [
      "an underlined heading of the title's level",
      file({}, "One.\n\nTwo\n===\n"),
      9,
      "# is the level of the title",
    ],
    [
      "code in an unknown language",
      file({}, "One.\n\n```cobol\nx\n```\n"),
      9,
      'unknown code language "cobol"; use one of bash, ',
    ],
    [
      "code in a misspelt language",
      file({}, "One.\n\n```jav\nx\n```\n"),
      9,
      'unknown code language "jav", did you mean "java"?',
    ],
    [
      "a control character in the text",
      file({}, "One.\nTwo\u0007.\n"),
      8,
      "holds a control character",
    ],
    ["NUL", file({}, "a\0b\n"), 7, "holds a control character"],
    ["bytes of another encoding", file({}, "One.\n\nSm\ufffdr.\n"), 9, "one that is not UTF-8"],
  ])("%s", (_what, source, line, fragment) => {
    expect(problemsOf(source)).toEqual([{ line, message: expect.stringContaining(fragment) }]);
  });

  test("its control characters are removed", () => {
    expect(articleOf(file({}, "One\u0007.\n")).body).toBe("One.\n");
  });
});

describe("the advice for invalid YAML fits the mistake", () => {
  const otherQuotes =
    "has text after the closing quote: put the whole value in the other kind of quotes";
  const quotes = (sign: string) => `has a value that begins with ${sign}: put the value in quotes`;
  const noKey = "is not `key: value`: write a key, a colon, a space and the value on one line";
  test.each<[what: string, more: string, line: number, message: string]>([
    [
      "a colon in a value",
      "canonical: a: b",
      6,
      "has a second colon: put the value in quotes, or a group of keys in braces",
    ],
    ["two texts in quotes", 'canonical: "Why" " Queues Wait"', 6, otherQuotes],
    ["text behind a text in quotes", 'canonical: "Why" Queues', 6, otherQuotes],
    ["an apostrophe in single quotes", "canonical: 'It's here'", 6, otherQuotes],
    ["a value that begins with @", "canonical: @a", 6, quotes("@")],
    ["a value that begins with a backtick", "canonical: `a`", 6, quotes("`")],
    ["a value that begins with !", "canonical: !a", 6, quotes("!")],
    ["a tab before a key", "\tdraft: true", 6, "is indented with a tab: use spaces"],
    [
      "a tab before the key of a group",
      "series:\n\tname: A",
      7,
      "is indented with a tab: use spaces",
    ],
    [
      "a key that is indented by itself",
      " draft: true",
      5,
      "the next line is indented, and this one is not: indent both alike",
    ],
    [
      "keys that are indented differently",
      "series:\n  name: A\n part: 1",
      8,
      "is indented differently from the lines beside it: begin the keys of a group in the same column",
    ],
    ["a value of two lines", "foo\nrelated: [a]", 6, noKey],
    ["no space after a colon", "draft:true", 6, noKey],
    [
      "a list on the line of its key",
      "topics: - Java",
      6,
      "has a list on the line of its key: write it as [a, b], or put the value in quotes",
    ],
    ["a second document", "...\ndraft: true", 7, 'a line "---" or "..." ends the YAML: delete it'],
    [
      "a list that is not closed",
      "topics: [Java\ndraft: true",
      6,
      "a bracket is never closed: end the value with ]",
    ],
    [
      "a group that is not closed",
      "series: { name: A\ndraft: true",
      6,
      "a bracket is never closed: end the value with }",
    ],
    [
      "a list that is closed twice",
      "topics: [Java]]",
      6,
      "has text after the closing bracket: delete it, or put the whole value in quotes",
    ],
    ["two commas", "topics: [Java,, Teams]", 6, "has a comma too many: delete it"],
    [
      "no comma",
      "image: { file: a.png alt: x }",
      6,
      "has a second colon inside of braces: write a comma between the keys, and a space after each colon",
    ],
    [
      "a text that is not closed",
      'canonical: "a\ndraft: true',
      6,
      'a quote is never closed: end the value with "',
    ],
    [
      "a text of a group that is not closed",
      "series:\n  name: 'a\ndraft: true",
      7,
      "a quote is never closed: end the value with '",
    ],
    [
      "a backslash in double quotes",
      'canonical: "a\\q"',
      6,
      "has a \\ inside of double quotes: write \\\\, or use single quotes",
    ],
    [
      "a key given twice",
      "date: 2026-11-24",
      6,
      "this key is given twice: delete one of the two lines",
    ],
    [
      "braces of a template",
      "canonical: {{ url }}",
      6,
      "has a key that begins with a bracket: put the value in quotes",
    ],
    [
      "30 braces that are not closed",
      `canonical: ${"{".repeat(30)}`,
      6,
      "a bracket is never closed: end the value with }",
    ],
    [
      "keys of keys",
      `${"? ".repeat(30)}a`,
      6,
      "has a key that begins with a bracket: put the value in quotes",
    ],
    [
      "emphasis",
      "canonical: *a*",
      6,
      "YAML aliases (&name, *name) are not allowed: put a value that begins with * in quotes",
    ],
  ])("%s", (_what, more, line, message) => {
    expect(errorsOf(file({ more: `${more}\n` }))).toEqual([
      { file: "articles/queues.md", line, message },
    ]);
  });

  test("and the mistakes in other lines are reported too", () => {
    const source = file({
      title: 'title: "Why" " Queues"',
      description: "description: Short.",
      date: "",
      more: "drfat: true\n",
    });
    expect(errorsOf(source).map(({ line, message }) => `${line}: ${message.slice(0, 28)}`)).toEqual(
      [
        "2: has text after the closing q",
        '3: "description" must be 70 to ',
        '5: unknown key "drfat", did you',
      ],
    );
  });
});

describe("wrong front matter is reported with its line", () => {
  test.each<[string, string, line: number, fragment: string]>([
    ["no front matter", "Hello.\n", 1, "must start with front matter"],
    ["an empty file", "", 1, "must start with front matter"],
    ["front matter that never ends", "---\ntitle: Queues\n", 1, "the front matter is never closed"],
    [
      "front matter that ends at a line of the text",
      file().replace("---\nHello.", "\nHello.\n\n## Waiting\n\nMore.\n\n---\n\nThe end."),
      1,
      "the front matter is never closed",
    ],
    [
      "a comment of two hashes beside a mistake",
      file({ more: "## after review\ndrfat: true\n" }),
      7,
      'unknown key "drfat"',
    ],
    ["front matter of a list", "---\n- title\n---\n", 2, "lines of `key: value`"],
    ["a missing title", file({ title: "" }), 2, '"title" is missing'],
    ["a missing date", file({ date: "" }), 2, '"date" is missing'],
    [
      "an unknown key",
      file({ more: "drfat: true\n" }),
      6,
      'unknown key "drfat", did you mean "draft"?',
    ],
    [
      "a key that is similar to none",
      file({ more: "category: Java\n" }),
      6,
      "use one of title, description",
    ],
    [
      "a short description",
      file({ description: "description: Short." }),
      3,
      "70 to 160 characters, and has 6",
    ],
    [
      "a long description",
      file({ description: `description: ${"d".repeat(161)}` }),
      3,
      "and has 161",
    ],
    [
      "a title that is a number",
      file({ title: "title: 2026" }),
      2,
      '"title" must be text (put it in quotes',
    ],
    ["a blank title", file({ title: 'title: "  "' }), 2, "1 to 120 characters"],
    [
      "30 February",
      file({ date: "date: 2026-02-30" }),
      5,
      '"date" is a day that does not exist: the last day of that month is 2026-02-28',
    ],
    [
      "31 April at noon",
      file({ date: "date: 2026-04-31T12:00:00Z" }),
      5,
      "the last day of that month is 2026-04-30",
    ],
    [
      "31 November in a correction",
      file({ more: "updated: { date: 2026-11-31, change: Corrected. }\n" }),
      6,
      '"updated.date" is a day that does not',
    ],
    ["month 13", file({ date: "date: 2026-13-01" }), 5, '"date" must be a day'],
    [
      "an instant without its offset",
      file({ date: "date: 2026-11-24T09:00:00" }),
      5,
      '"date" must be a day',
    ],
    ["a key given twice", file({ more: "title: Again\n" }), 6, "twice"],
    ["YAML that does not parse", file({ more: "topics: [Java\n" }), 6, "a bracket is never closed"],
    ["a key of the prototype", file({ more: "__proto__: x\n" }), 6, 'unknown key "__proto__"'],
    [
      "a file in UTF-16",
      Buffer.from(`\ufeff${file()}`, "utf16le").toString("utf8"),
      1,
      "is not UTF-8: save the file as UTF-8",
    ],
    ["a control character", file({ more: "# \u0007\n" }), 6, "holds a control character"],
    ["an alias", file({ more: "topics: &a [Java]\nrelated: *a\n" }), 7, "YAML aliases"],
    ["six topics", file({ more: "topics: [a, b, c, d, e, f]\n" }), 6, "5 topics or fewer"],
    [
      "nine related articles",
      file({ more: "related: [a, b, c, d, e, f, g, h, i]\n" }),
      6,
      "8 slugs or fewer",
    ],
    [
      "related articles that are numbers",
      file({ more: "related: [12]\n" }),
      6,
      "must be a list of slugs",
    ],
    ["empty front matter", "---\n---\n", 2, "lines of `key: value`"],
    [
      "an unknown author",
      file({ author: "author: erik-hanson" }),
      4,
      '"erik-hanson" is not, did you mean "eric-hanson"?',
    ],
    [
      "a property of Object as author",
      file({ author: "author: constructor" }),
      4,
      '"constructor" is not',
    ],
    [
      "topics outside a list",
      file({ more: "topics: Java\n" }),
      6,
      "must be a list like [Java, Teams]",
    ],
    [
      "related articles that are not slugs",
      file({ more: "related: [Foo_Bar]\n" }),
      6,
      "slug of an article",
    ],
    [
      "a draft that is not a boolean",
      file({ more: "draft: soon\n" }),
      6,
      '"draft" must be true or false',
    ],
  ])("%s", (_what, source, line, fragment) => {
    expect(errorsOf(source)).toEqual([
      { file: "articles/queues.md", line, message: expect.stringContaining(fragment) },
    ]);
  });

  test.each(["Queues", "my_article", "queues-", "-queues", "a b", "œuvre", "..", ""])(
    "the file name %j",
    (name) => {
      expect(errorsOf(file(), name)).toEqual([
        {
          file: "articles/queues.md",
          line: 1,
          message: expect.stringContaining("the file's name becomes its URL"),
        },
      ]);
    },
  );

  test("all mistakes are reported at once, in front matter and body", () => {
    const source = `---
title: 5
description: Short.
author: nobody
drfat: true
---

# One

Two <b>bold</b>.

\`\`\`cobol
\`\`\`
`;
    const lines = mistakesIn(source, "Queues").map(
      ({ line, message }) => `${line}: ${message.slice(0, 22)}`,
    );
    expect(lines.sort()).toEqual(
      [
        "1: the file's name become",
        '2: "date" is missing',
        '2: "title" must be text (',
        '3: "description" must be ',
        '5: unknown key "drfat", d',
        "8: # is the level of the ",
        "10: raw HTML is shown as t",
        "12: unknown code language ",
      ].sort(),
    );
  });
});

describe("a hostile file", () => {
  test("is not executed", () => {
    const source = `---js\nglobalThis.frontMatterRan = true\n---\nHello.\n`;
    expect(errorsOf(source)[0]?.message).toContain("must start with front matter");
    expect(
      errorsOf(file({ more: "topics: !!js/function 'globalThis.frontMatterRan = true'\n" })),
    ).not.toEqual([]);
    expect(globalThis).not.toHaveProperty("frontMatterRan");
  });

  test("cannot expand: YAML aliases are refused before they are followed", () => {
    const levels = "bcdefghij"
      .split("")
      .map((key, index) => `${key}: &${key} [${`*${"abcdefghi"[index]}, `.repeat(9)}]\n`);
    const [error, ...others] = errorsOf(file({ more: `a: &a [x, x]\n${levels.join("")}` }));
    expect(error).toMatchObject({ line: 7, message: expect.stringContaining("aliases") });
    expect(others).toEqual([]);
  });

  test.each<[string, string]>([
    ["brackets without end", file({ more: `topics: ${"[".repeat(20_000)}\n` })],
    ["maps in maps", file({ more: `topics: ${"{a: ".repeat(5_000)}\n` })],
    ["an anchor in itself", file({ more: "topics: &a [*a]\n" })],
    ["the prototype as a key", file({ more: "__proto__: {draft: true}\n" })],
    ["a map as a title", file({ title: "title: {a: {b: c}}" })],
    ["NUL and half a character", file({}, "a\0b \ud800\n\n## \udfff\n")],
    ["quotes in quotes", file({}, `${">".repeat(20_000)}x\n`)],
    ["open emphasis", file({}, `${"*a _b ".repeat(5_000)}\n`)],
    ["open links and images", file({}, `${"![".repeat(3_000)}x${"](y)".repeat(3_000)}\n`)],
    ["notes in notes", file({}, `${"^[".repeat(2_000)}x${"]".repeat(2_000)}\n`)],
    ["only dashes", `---\n${"\n--".repeat(50_000)}`],
  ])("never throws: %s", (_what, source) => {
    const result = parse(source);
    if ("article" in result) expect(result.article.readBody().outline.sections).toBeDefined();
  });
});
