// Tests over HTTP that a mistake in an article's text never hides the article, and that every format of it stays safe and well-formed.

import { parseFeed } from "@rowanmanning/feed-parser";
import request from "supertest";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import { attributesOf } from "../support/html.ts";
import { productionEnv } from "../support/site.ts";

type Site = Awaited<ReturnType<typeof buildSiteOf>>;

const cases: [what: string, body: string, shown: string | RegExp][] = [
  ["a block of HTML", "<script>alert(1)</script>\n", "&lt;script&gt;alert(1)&lt;/script&gt;"],
  [
    "HTML in a sentence",
    "One <img src=x onerror=alert(1)> two.\n",
    "One &lt;img src=x onerror=alert(1)&gt; two.",
  ],
  ["an HTML comment", "One.\n\n<!-- to do -->\n", "&lt;!-- to do --&gt;"],
  [
    "an unknown code language",
    "```cobol\nMOVE <A> TO B\n```\n",
    "<code>MOVE &lt;A&gt; TO B</code>",
  ],
  [
    "words after a code language",
    "```java beware\nint a;\n```\n",
    /<code><span[^>]*>int<\/span> a;<\/code>/,
  ],
  ["control characters", "One\u0000 \u0007two\u001b.\n", "One two."],
  ["bytes that are not UTF-8", "Sm\ufffdr.\n", "Sm\ufffdr."],
  ["a missing image", "One ![a <graph>](none.png) two.\n", "One <em>a &lt;graph&gt;</em> two."],
  [
    "a missing image with a caption",
    '![a graph](none.png "The caption")\n',
    "<em>a graph</em><figcaption>The caption</figcaption>",
  ],
  ["an image of another site", "![a graph](https://other.example/a.png)\n", "<em>a graph</em>"],
  [
    "a heading of the title's level",
    "One.\n\n# Section\n\nTwo.\n",
    /<h2 id="section"><a [^>]*>Section<\/a><\/h2>/,
  ],
];

const named: Record<string, string> = { lt: "<", gt: ">", amp: "&", "#34": '"', "#39": "'" };
const unescapeXml = (xml: string) =>
  xml.replace(/&(lt|gt|amp|#34|#39);/g, (whole, name: string) => named[name] ?? whole);

describe.each(cases)("an article with %s", (_what, body, shown) => {
  let site: Site;
  const get = async (address: string) => (await request(site.server).get(address)).text;
  beforeAll(async () => {
    site = await buildSiteOf({ "a.md": articleFile({ title: "Zebra crossings" }, body) });
  });
  afterAll(() => site.close());

  test("is a page that shows the mistake as text", async () => {
    const { status, text } = await request(site.server).get("/articles/a");
    expect(status).toBe(200);
    expect(text).toMatch(typeof shown === "string" ? new RegExp(RegExp.escape(shown)) : shown);
    expect(text).not.toMatch(/<script>|<img(?! src="\/)|[\0-\x08\x0b-\x1f]/);
    expect(text.match(/<h1/g)).toHaveLength(1);
  });

  test("has its Markdown", async () => {
    const { status, text } = await request(site.server).get("/articles/a.md");
    expect(status).toBe(200);
    expect(text).toContain('title: "Zebra crossings"');
    expect(text).not.toMatch(/[\0-\x08\x0b-\x1f]/);
  });

  test("is in a well-formed Atom feed", async () => {
    const xml = await get("/feed.atom");
    expect(xml).not.toMatch(/[\0-\x08\x0b\x0c\x0e-\x1f]/);
    expect(parseFeed(xml).items.map(({ title }) => title)).toEqual(["Zebra crossings"]);
    const [, content = ""] = /<content type="html">([^<]*)<\/content>/.exec(xml) ?? [];
    expect(unescapeXml(content)).not.toMatch(/data-at|<script>|<img/);
  });

  test("is found by a search", async () => {
    expect(attributesOf(await get("/search?q=zebra"), "href")).toContain("/articles/a");
  });

  test("is listed by /readyz with file and line and without its text", async () => {
    await site.indexArticles();
    const { status, body } = await request(site.server).get("/readyz");
    const { articleProblems, refusedArticles } = body as {
      articleProblems: string[];
      refusedArticles: string[];
    };
    expect(status).toBe(200);
    expect(refusedArticles).toEqual([]);
    expect(articleProblems).not.toEqual([]);
    for (const place of articleProblems) expect(place).toMatch(/\/a\.md:\d+$/);
  });

  test("is logged with its file and line", async () => {
    await site.indexArticles();
    const logged = site.logged.find(
      ({ msg }) => msg === "an article or image has a mistake, but every article is still shown",
    );
    expect(logged).toMatchObject({
      level: "warn",
      article: expect.stringMatching(/\/a\.md:\d+: ./),
    });
  });
});

test("a file with a wrong ending is not read, and the log does not say that it is shown", async () => {
  const site = await buildSiteOf({
    "a.md": articleFile(),
    "b.markdown": articleFile({ title: "Zebra crossings" }),
  });
  await site.indexArticles();
  const { text } = await request(site.server).get("/articles");
  await site.close();
  expect(text).not.toContain("Zebra");
  expect(site.logged).toContainEqual(
    expect.objectContaining({ article: expect.stringMatching(/b\.markdown:1: is not read/) }),
  );
  expect(site.logged.map(({ msg }) => msg)).not.toContainEqual(expect.stringContaining("is shown"));
});

test("an article with wrong front matter prevents the start of a site that is not in production", async () => {
  const wrong = { "a.md": articleFile(), "b.md": articleFile({ drfat: "true" }) };
  await expect(buildSiteOf(wrong)).rejects.toThrow(
    /^The site was not started.*\n.*\/b\.md:\d+: unknown key "drfat", did you mean "draft"\?/,
  );
});

test("in production, an article with wrong front matter is logged at the start, and the others are shown", async () => {
  const site = await buildSiteOf(
    { "a.md": articleFile(), "b.md": articleFile({ draft: "perhaps" }) },
    { env: productionEnv },
  );
  const { status } = await request(site.server).get("/articles/a");
  await site.close();
  expect(status).toBe(200);
  expect(site.logged).toContainEqual(
    expect.objectContaining({
      level: "error",
      article: expect.stringMatching(/b\.md:6: "draft" /),
    }),
  );
});

test("a missing image in the front matter leaves the page without it", async () => {
  const site = await buildSiteOf({
    "a.md": articleFile({ image: "{ file: none.png, alt: A graph }" }),
  });
  const { status, text } = await request(site.server).get("/articles/a");
  await site.close();
  expect(status).toBe(200);
  expect(text).not.toContain("none.png");
});
