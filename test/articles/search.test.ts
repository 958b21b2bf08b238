// Tests what a search finds and in which order, what it never finds, and the bounds of a query.

import path from "node:path";
import { openLibrary, type Library } from "../../src/articles/library.ts";
import { articleFile, articlesFolder } from "../support/articles.ts";
import { tuesday } from "../support/site.ts";

const projectDir = path.resolve(import.meta.dirname, "../..");
/** Opens a library over these files, which are in memory. */
async function open(files: Record<string, string>) {
  await using folder = await articlesFolder(files);
  return openLibrary(folder.dir);
}

async function slugsFor(library: Library, query: string): Promise<string[]> {
  const found = await library.search(query, new Date("2027-01-01T00:00:00Z"), { max: 20 });
  return found.map(({ article }) => article.slug);
}

describe("a search", () => {
  let library: Library;
  beforeAll(async () => {
    library = await open({
      "text.md": articleFile(
        { title: "On waiting" },
        "A backlog grows.\n\n## Naïve retries\n\nWhoever retried made the backlog longer.\n",
      ),
      "heading.md": articleFile(
        { title: "On growing" },
        "Hello.\n\n## The backlog\n\nFriendly words, and nothing about the matter.\n",
      ),
      "title.md": articleFile(
        { title: "The Backlog" },
        "Hello.\n\n## Somewhere\n\nFriendly words at the café.\n",
      ),
      "coupling.md": articleFile(
        { title: "Synchronous calls", topics: "[Spring Boot]" },
        "Temporal coupling – smørrebrød.\n",
      ),
      "code.md": articleFile(
        { title: "Code" },
        '```java title="Never"\nnew SimpleAsyncTaskExecutor();\n```\n\n[a link](https://a.example/hidden)[^1]\n\n[^1]: A proposal.\n',
      ),
      "apart.md": articleFile({ title: "A meeting across two time zones" }, "Set up a queue.\n"),
      "together.md": articleFile(
        { title: "A timezone" },
        "Do a backup.\n\n| p50 | p99 |\n| --- | --- |\n| 12 ms | 40 ms |\n\nAfterwards.\n",
      ),
      "company.md": articleFile({ title: "By all of us", author: "house" }),
      "authors.yaml":
        "someone:\n  name: Mette Krag\n  role: Engineer\nhouse:\n  name: Nordhavn Consulting\n",
    });
  });

  test.each([
    ["a word: in titles before headings before text", "backlog", ["title", "heading", "text"]],
    ["the beginning of a word", "synchr", ["coupling"]],
    ["one letter too many", "couplling", ["coupling"]],
    ["two slips in a long word", "sincronous", ["coupling"]],
    ["no slip in a word of four letters", "cave", []],
    ["another form of the word", "retry", ["text"]],
    ["without the accent", "cafe naive", ["text", "title"]],
    ["a letter that is no accent", "smørrebrød", ["coupling"]],
    ["all words, whatever their order", "growing backlog", ["heading"]],
    ["all words before any of them", "friendly cafe", ["title"]],
    ["any of the words where nobody has all", "synchronous simpleasync", ["code", "coupling"]],
    ["any of the words, but no single letter", "kubernetes a", []],
    ["a topic", "spring", ["coupling"]],
    ["a name in code", "SimpleAsyncTaskExecutor", ["code"]],
    ["words that a sign parts", "temporal-coupling", ["coupling"]],
    ["a joined word, written apart", "timezone", ["together", "apart"]],
    [
      "the name of its author",
      "krag mette",
      "apart code coupling heading text title together".split(" "),
    ],
    ["no name of the company", "nordhavn", []],
    ["what stands behind a link", "hidden", []],
    ["a sign", "?! 🚀 \u0301", []],
  ])("finds by %s", async (_what, query, expected) => {
    const found = await slugsFor(library, query);
    expect(query.includes(" ") ? found.sort() : found).toEqual(expected);
  });

  test.each([
    ["the words of the query", "backlogs", "title", ["Backlog"]],
    ["the correct word for a misspelt one", "copling", "excerpt", ["coupling"]],
    ["the whole word for its beginning", "temp", "excerpt", ["Temporal"]],
  ] as const)("marks %s, as it is written in the article", async (_what, query, place, marks) => {
    const [best] = await library.search(query, tuesday, { max: 1 });
    expect(best?.[place].match(/(?<=<mark>)\w+/g)).toEqual(marks);
  });

  test("shows the description where only code or a topic has the words", async () => {
    for (const query of ["SimpleAsyncTaskExecutor", "spring"]) {
      const [found] = await library.search(query, tuesday, { max: 1 });
      expect(found?.excerpt).toBe(found?.article.description);
    }
  });

  test("takes the first 200 characters and 8 words, and corrects 2 of them", async () => {
    expect(await slugsFor(library, `${"x".repeat(199)} backlog`)).toEqual([]);
    expect(await slugsFor(library, "q w e r t y u backlog")).toHaveLength(3);
    expect(await slugsFor(library, "q w e r t y u i backlog")).toEqual([]);
    expect(await slugsFor(library, "q couplling")).toEqual(["coupling"]);
    expect(await slugsFor(library, "qqq www couplling")).toEqual([]);
  });
});

test("indexes one article in each turn of the event loop", async () => {
  const numbers = Array.from({ length: 30 }, (_, index) => index);
  const files = numbers.map((at) => [`a-${at}.md`, articleFile({ title: `Article ${at}` })]);
  const library = await open(Object.fromEntries(files));
  let [turns, isSearching] = [0, true];
  const countTurns = () => {
    turns += 1;
    if (isSearching) setImmediate(countTurns);
  };
  countTurns();
  expect(await slugsFor(library, "29")).toEqual(["a-29"]);
  isSearching = false;
  expect(turns).toBeGreaterThanOrEqual(numbers.length);
});

test("words that most articles have find nothing by themselves", async () => {
  const numbers = Array.from({ length: 10 }, (_, index) => index);
  const files = numbers.map((at) => [
    `a-${at}.md`,
    articleFile({ title: `Note ${at}` }, "On call.\n"),
  ]);
  const kafka = articleFile({ title: "A log" }, "Kafka, for those on call.\n");
  const library = await open({ ...Object.fromEntries(files), "kafka.md": kafka });
  expect(await slugsFor(library, "kafka rebalancing on call")).toEqual(["kafka"]);
  expect(await slugsFor(library, "on call")).toHaveLength(11);
});

describe("among this repository's articles", () => {
  const library = openLibrary(path.join(projectDir, "articles"));
  const published = library.all().filter(({ draft }) => !draft);

  test("the title of each finds it first", async () => {
    for (const { slug, title } of published)
      expect([title, (await slugsFor(library, title))[0]]).toEqual([title, slug]);
  });

  test("the symptom of each finds it among the first two", async () => {
    for (const { slug, finding } of published)
      if (finding) expect((await slugsFor(library, finding.symptom)).slice(0, 2)).toContain(slug);
  });

  test("each excerpt is a sentence", async () => {
    for (const query of ["on call", "timeout", "read", "spring http"])
      for (const { excerpt } of await library.search(query, tuesday, { max: 99 }))
        expect(excerpt).toMatch(/^.{20}/);
  });
});
