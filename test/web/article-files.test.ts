// What readers see of an article's front matter: every key, which the guide for authors describes. An
// error in it is logged.

import { readFileSync } from "node:fs";
import path from "node:path";
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
