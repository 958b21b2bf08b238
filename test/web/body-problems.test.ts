// A problem in an article's text never hides the article, and every format of it stays safe and
// well-formed. An error in its front matter is logged or prevents the start.

import { parseFeed } from "@rowanmanning/feed-parser";
import request from "supertest";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import { productionEnv } from "../support/site.ts";

const cases: [what: string, body: string, shown: string][] = [
  ["a block of HTML", "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"],
  ["HTML", "One <img src=x onerror=alert(1)> two.", "One &lt;img src=x onerror=alert(1)&gt; two."],
  ["an HTML comment", "One.\n\n<!-- to do -->", "&lt;!-- to do --&gt;"],
  ["an unknown language", "```cobol\nMOVE <A> TO B\n```", "<code>MOVE &lt;A&gt; TO B</code>"],
  ["words after one", "```java beware\nint a;\n```", '<span class="keyword">int</span> a;</code>'],
  ["control characters", "One\u0000 \u0007two\u001b.", "One two."],
  ["bytes that are not UTF-8", "Sm\ufffdr.", "Sm\ufffdr."],
  ["a missing image", "One ![a <graph>](none.png) two.", "One <em>a &lt;graph&gt;</em> two."],
  ["an image of another site", "![a graph](https://other.example/a.png)", "<em>a graph</em>"],
  [
    "a title's heading",
    "One.\n\n# Section",
    '<h2 id="section"><a href="#section">Section</a></h2>',
  ],
];

test.each(cases)("an article with %s is shown in every format", async (_what, body, shown) => {
  const site = await buildSiteOf({
    "a.md": articleFile({ title: "Zebra crossings" }, `${body}\n`),
  });
  const get = async (address: string) => (await request(site.server).get(address)).text;
  const [page, markdown, feed, search] = await Promise.all(
    ["/articles/a", "/articles/a.md", "/feed.atom", "/search?q=zebra"].map(get),
  );
  await site.close();
  expect(page).toContain(shown);
  expect(page).not.toMatch(/<script>|<img(?! src="\/)|[\0-\x08\x0b-\x1f]/);
  expect(page?.match(/<h1/g)).toHaveLength(1);
  expect(markdown).toContain('title: "Zebra crossings"');
  expect(markdown).not.toMatch(/[\0-\x08\x0b-\x1f]/);
  expect(parseFeed(feed ?? "").items.map(({ title }) => title)).toEqual(["Zebra crossings"]);
  expect(feed).not.toMatch(/[\0-\x08\x0b\x0c\x0e-\x1f]/);
  expect(search).toContain('href="/articles/a"');
});

test("thousands of headings with links are valid and quick in a feed", async () => {
  const body = "## [a](#b) c\n\n## D\n\n".repeat(2_000);
  const site = await buildSiteOf({ "a.md": articleFile({}, body) });
  await request(site.server).get("/articles/a");
  const startedAt = performance.now();
  const { text } = await request(site.server).get("/feed.atom");
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  await site.close();
  const html = parseFeed(text).items[0]?.content ?? "";
  expect(html.match(/<a /g)).toHaveLength(2_000);
  expect(html.match(/<\/a>/g)).toHaveLength(2_000);
});

const wrong = { "a.md": articleFile(), "b.md": articleFile({ drfat: "true" }) };

test("an article with an error prevents the start of a site that is not in production", async () => {
  await expect(buildSiteOf(wrong)).rejects.toThrow(
    /^The site was not started.*\n.*\/b\.md:6: unknown key "drfat", did you mean "draft"\?/,
  );
});

test("in production an article with an error is logged at the start, and the others are shown", async () => {
  const site = await buildSiteOf(wrong, { env: productionEnv });
  const { status } = await request(site.server).get("/articles/a");
  const { body } = await request(site.server).get("/readyz");
  await site.close();
  expect(status).toBe(200);
  expect(body).toMatchObject({ refusedArticles: [expect.stringMatching(/\/b\.md:6$/)] });
  expect(site.logged).toContainEqual(
    expect.objectContaining({
      level: "error",
      article: expect.stringMatching(/b\.md:6: unknown key/),
    }),
  );
});
