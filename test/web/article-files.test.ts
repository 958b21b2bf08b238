// What readers see of an article's file: every key of its front matter, which the guide for authors
// describes, and its text, also if that has errors. An error in its front matter is logged.

import { readFileSync } from "node:fs";
import path from "node:path";
import { parseFeed } from "@rowanmanning/feed-parser";
import type { FrontMatter } from "../../src/articles/article.ts";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import { pageOf } from "../support/html.ts";

/** Each key with a value and what readers see of it, at which URL. A key that is missing here does not compile. */
const keys: { [Key in keyof FrontMatter]-?: [value: string, shown: string, at?: string] } = {
  title: ["Queues & bounds", "<h1>Queues &amp; bounds</h1>"],
  description: ["d".repeat(80), `<meta name="description" content="${"d".repeat(80)}">`],
  author: ["someone", ">Some One</a>, Engineer at"],
  date: ["2026-11-20", ">20 November 2026</time>"],
  updated: ["{ date: 2026-11-22, change: A word. }", ">22 November 2026</time>: A word."],
  topics: ["[Java]", 'href="/topics/java">Java</a>'],
  series: ["{ name: Waiting, part: 2 }", "Part 2 of 2 in “Waiting”"],
  finding: ["{ symptom: It hangs & waits }", "“It hangs &amp; waits”</p>", "/articles"],
  related: ["[other]", '<h3><a href="/articles/other">'],
  aliases: ["[/old]", "/articles/a", "/old"],
  draft: ["false", "<h1>Queues &amp; bounds</h1>"],
};

test("every key is shown", async () => {
  const front = Object.entries(keys).map(([key, [value]]): [string, string] => [key, value]);
  await using site = await buildSiteOf({
    "a.md": articleFile(Object.fromEntries(front)),
    "other.md": articleFile({ title: "Other", date: "2020-01-01" }),
    "newer.md": articleFile({ title: "Newer", topics: "[Java]" }),
    "newest.md": articleFile({ title: "Newest", topics: "[Java]", date: "2026-11-23" }),
  });
  for (const [key, [, shown, at = "/articles/a"]] of Object.entries(keys)) {
    const response = await site.get(at);
    const seen = (response.headers["location"] ?? "") + pageOf(response);
    expect([key, seen.includes(shown)]).toEqual([key, true]);
  }
});

test("the guide for authors describes exactly the keys that exist", () => {
  const guide = path.resolve(import.meta.dirname, "../../docs/writing-articles.md");
  const [, table = ""] =
    /## What an article needs\n([\s\S]*?)\n## /.exec(readFileSync(guide, "utf8")) ?? [];
  const described = Array.from(table.matchAll(/^\| `(\w+)`/gm), ([, key = ""]) => key);
  expect(described.toSorted()).toEqual(Object.keys(keys).toSorted());
});

const cases: [what: string, body: string, shown: string][] = [
  ["a block of HTML", "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"],
  ["HTML", "One <img src=x onerror=alert(1)> two.", "One &lt;img src=x onerror=alert(1)&gt; two."],
  ["an HTML comment", "One <!-- a remark -->two.\n\n<!-- a remark -->", "<p>One two.</p>"],
  ["an unknown language", "```cobol\nMOVE <A> TO B\n```", "<code>MOVE &lt;A&gt; TO B</code>"],
  ["words after one", "```java beware\nint a;\n```", '<span class="hljs-type">int</span> a;'],
  ["a missing image", "One ![a <graph>](none.png) two.", "One <em>a &lt;graph&gt;</em> two."],
  ["an image of another site", "![a graph](https://other.example/a.png)", "<em>a graph</em>"],
  ["a title's heading", "One.\n\n# Section", '<h2 id="section">Section</h2>'],
];

test("an article with one of these problems is shown in every format", async () => {
  const titleOf = (what: string) => `Zebra with ${what}`;
  const files = cases.map(([what, body], index): [string, string] => [
    `a-${index}.md`,
    articleFile({ title: titleOf(what) }, `${body}\n`),
  ]);
  await using site = await buildSiteOf(Object.fromEntries(files));
  const get = async (address: string) => (await site.get(address)).text;
  const [feed, search] = [await get("/feed.atom"), await get("/search?q=zebra")];
  for (const [index, [what, , shown]] of cases.entries()) {
    const [page, markdown] = [
      await get(`/articles/a-${index}`),
      await get(`/articles/a-${index}.md`),
    ];
    expect([what, page.includes(shown)]).toEqual([what, true]);
    expect(page).not.toMatch(/<script>|<img(?! src="\/)|[\0-\x08\x0b-\x1f]/);
    expect(page.match(/<h1/g)).toHaveLength(1);
    expect(page + feed).not.toContain("a remark");
    expect(markdown).toContain(`title: "${titleOf(what)}"`);
    expect(markdown).not.toMatch(/[\0-\x08\x0b-\x1f]/);
    expect(search).toContain(`href="/articles/a-${index}"`);
  }
  const items = parseFeed(feed).items.map(({ title }) => title);
  expect(new Set(items)).toEqual(new Set(cases.map(([what]) => titleOf(what))));
  expect(feed).not.toMatch(/[\0-\x08\x0b\x0c\x0e-\x1f]/);
});

test("an article with an error is logged at the start and not shown", async () => {
  await using site = await buildSiteOf({
    "a.md": articleFile(),
    "b.md": articleFile({ drfat: "true" }),
  });
  const { status } = await site.get("/articles/a");
  expect(status).toBe(200);
  expect(site.logged).toContainEqual(
    expect.objectContaining({
      level: "error",
      article: expect.stringMatching(/b\.md:6: unknown key/),
    }),
  );
});
