// Before its instant nothing of an article is public but its private preview, from then on all of it
// is, and nothing of a draft ever is. Each article has a word of its own in every place.

import request from "supertest";
import { previewToken, type FrontMatter } from "../../src/articles/article.ts";
import { pagesWith } from "../../src/urls.ts";
import { articleFile, buildSiteOf, svg } from "../support/articles.ts";
import { elementsNamed, metaOf, textOf } from "../support/html.ts";
import { postForm, type TestSite } from "../support/site.ts";

const siteUrl = "http://clean.localhost:8080";
const instant = new Date("2026-12-01T09:00:00+01:00");
const secondBefore = new Date(instant.getTime() - 1_000);

/** The type requires every key that the front matter may have. */
type Front = Record<keyof FrontMatter, string>;

/** An article with `word` in every place that has words, in part `part` of one series. */
function filesOf(word: string, part: number, more: Partial<Front>) {
  const front: Front = {
    title: `The ${word}title`,
    description: `About the ${word}description, in as many words as the front matter has to give to search engines.`,
    author: `${word}author`,
    date: "2026-11-01",
    updated: `{ date: 2026-12-02, change: The ${word}change }`,
    topics: `[Java, ${word}topic]`,
    series: `{ name: Fieldwork, part: ${part} }`,
    finding: `{ symptom: The ${word}symptom, number: "7 ${word}s", unit: ${word}unit, source: "${word}file:1" }`,
    related: "[quokkaslug, numbatslug]",
    aliases: `[/blog/${word}alias]`,
    draft: "false",
    ...more,
  };
  return {
    [`${word}slug.md`]: articleFile(
      front,
      `Queues and the ${word}body ![The ${word}alt](images/${word}image.svg).\n\n## The ${word}heading\n\nMore of it.\n\n\`\`\`java\nint ${word}code;\n\`\`\`\n`,
    ),
    [`images/${word}image.svg`]: svg(part),
    [`examples/${word}slug/README.md`]: `- [${word}file](${word}file): The ${word}sentence.\n`,
    [`examples/${word}slug/${word}file`]: `The ${word}program.\n`,
  };
}

const author = (word: string) =>
  `${word}author:\n  name: The ${word}name\n  role: The ${word}role\n  bio: The ${word}bio\n`;
const plain = {
  title: "Marsupials and queues",
  author: "wombatauthor",
  topics: "[Java]",
  date: "2026-11-21",
};
const corrected = { date: "2026-11-20", updated: "{ date: 2026-11-22, change: A word }" };
const publicFiles = {
  "authors.yaml": ["wombat", "quokka", "numbat"].map(author).join(""),
  "plain.md": articleFile(plain),
  ...filesOf("wombat", 1, corrected),
};
const everything = {
  ...publicFiles,
  ...filesOf("quokka", 2, { date: instant.toISOString() }),
  ...filesOf("numbat", 3, { draft: "true" }),
};

/** Every kind of address that the public has, for an article with `word` in it and for those around it. */
const around =
  "/ /articles /articles?page=2 /topics/java /topics/java/feed.atom /authors/wombatauthor /articles/plain".split(
    " ",
  );
const machines =
  "/feed.atom /sitemap.xml /llms.txt /robots.txt /.well-known/security.txt /readyz".split(" ");
const searches = ["queues", "java", "fieldwork", "the", "More of it", "wombattitel", "image"].map(
  (words) => `/search?q=${words}`,
);
const own = (word: string) => [
  ...pagesWith(
    {
      slug: `${word}slug`,
      topics: [{ slug: `${word}topic`, name: "x" }],
      author: { key: `${word}author`, name: "x", role: "x", bio: "x", links: [] },
    },
    true,
  ),
  ...`/articles/${word}slug.md /og/${word}slug.png /images/images/${word}image.svg /blog/${word}alias
   /articles/${word}slug/examples/${word}file /articles/${word}slug/examples/README.md
   /articles/${word}slug/examples.md
   /topics/${word}topic/feed.atom`.split(/\s+/),
];
const places = "title description topic heading body code slug alias name".split(" ");
const ownSearches = (word: string) => [
  ...places.map((place) => `/search?q=${word}${place}`),
  ...["titel", "tite", "t", "body+queues", "headign"].map((slip) => `/search?q=${word}${slip}`),
  `/${word}title`,
  `/old/${word}-heading.html`,
];
const all = [
  ...around,
  ...machines,
  ...searches,
  "/how-we-work",
  "/privacy",
  "/contact",
  "/articles/wombatslug",
  ...["quokka", "numbat"].flatMap((word) => [...own(word), ...ownSearches(word)]),
];

const ask = async ({ get }: Pick<TestSite, "get">, address: string) => {
  const { status, headers, text, body } = await get(address);
  const type = headers["content-type"] ?? "";
  const [location, caching = ""] = [headers["location"], headers["cache-control"]];
  return { status, type, location, caching, text: type.includes("svg") ? String(body) : text };
};

/** The form from an article, with nothing filled in: the page says which article it knows. */
const fromArticle = async ({ server }: TestSite, slug: string) => {
  const { status, text } = await request(server).post("/contact").type("form").send({ from: slug });
  return { status, text };
};

const secret = "not for anybody else";
const preview = (slug: string, key = secret) => `/drafts/${previewToken(key, slug)}`;

const options = { env: { SITE_URL: siteUrl, PREVIEW_SECRET: secret }, now: secondBefore };
const site = await buildSiteOf(everything, options);
/** The same without the draft and the scheduled article. */
const bare = await buildSiteOf(publicFiles, options);

const setClocks = (now: Date) => {
  for (const one of [site, bare]) one.clock.now = now;
};

// The clock only goes forward: the site keeps rendered pages.
describe("cached copies", () => {
  /** How long a copy may be shown at most: fresh, and stale while a new one is fetched. */
  const longest = (caching: string) =>
    /no-store/.test(caching)
      ? 0
      : ["max-age", "s-maxage", "stale-while-revalidate", "stale-if-error"]
          .map((name) => Number(new RegExp(`(?:^|[ ,])${name}=(\\d+)`).exec(caching)?.[1] ?? 0))
          .reduce((sum, seconds) => sum + seconds, 0);
  test.each([
    [901_000, 300],
    [299_000, 299],
    [29_999, 29],
    [400, 0],
  ])("%i ms before the instant are fresh for %i s, and not beyond it", async (ms, seconds) => {
    setClocks(new Date(instant.getTime() - ms));
    expect((await ask(site, "/articles/plain")).caching).toBe(`public, max-age=${seconds}`);
    for (const address of [...around, ...machines, ...own("wombat")]) {
      if (address === "/blog/wombatalias") continue; // does not depend on other articles
      const { caching } = await ask(site, address);
      expect(caching).not.toBe(""); // without a word, caches guess
      expect([address, caching, longest(caching) * 1_000 <= ms]).toEqual([address, caching, true]);
    }
  });

  test("are bounded by the next instant, and not by the date of a draft", async () => {
    const at = (minutes: number, front = {}) => {
      const date = new Date(instant.getTime() + minutes * 60_000).toISOString();
      return articleFile({ title: `In ${minutes}`, author: "wombatauthor", date, ...front });
    };
    const toCome = { "in-3.md": at(3), "in-1.md": at(1), "in-2.md": at(2) };
    const files = { ...publicFiles, ...toCome, "draft.md": at(0.5, { draft: "true" }) };
    await using own = await buildSiteOf(files, { now: instant });
    expect((await ask(own, "/articles")).caching).toBe("public, max-age=60");
  });
});

describe("one second before the publishing instant", () => {
  beforeEach(() => setClocks(secondBefore));

  test("no response names them, and every one is as if neither existed", async () => {
    for (const address of ["/articles/wombatslug", "/articles/wombatslug.md"])
      // which has `related`
      expect((await ask(site, address)).text).not.toMatch(/quokka|numbat/);
    for (const address of all) {
      const [hidden, absent] = [await ask(site, address), await ask(bare, address)];
      expect({ address, ...hidden, caching: "" }).toEqual({ address, ...absent, caching: "" });
    }
  });

  test.each(["quokka", "numbat"])("%s: its own URLs are 404", async (word) => {
    for (const address of own(word))
      expect([address, (await ask(site, address)).status]).toEqual([address, 404]);
  });

  test("neither the form nor the mail names them", async () => {
    for (const slug of ["quokkaslug", "numbatslug"]) {
      expect(await fromArticle(site, slug)).toEqual(await fromArticle(bare, slug));
      await postForm(site, { from: slug, message: `from ${slug.slice(0, 3)}` });
    }
    await site.worker.deliverDue();
    const mails = site.mailbox.map(({ text, html }) => /quokka|numbat/.test(text + html));
    expect(mails).toEqual([false, false]);
  });
});

describe("the private preview", () => {
  beforeEach(() => setClocks(secondBefore));

  test.each([
    ["quokka", /Scheduled for Tue 1 Dec 2026, 09:00/],
    ["numbat", /Draft/],
  ])("of %s shows the article marked, neither stored nor indexed", async (word, mark) => {
    const { status, text, headers } = await site.get(preview(`${word}slug`));
    expect(status).toBe(200);
    for (const place of ["title", "heading", "body", "topic", "name"])
      expect(text).toContain(`${word}${place}`);
    expect(/<b class="hidden-mark">(.*?)<\/b>/.exec(text)?.[1]).toMatch(mark);
    expect(headers).toMatchObject({
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
    });
    expect(metaOf(text, "robots")).toBe("noindex");
    expect(text).not.toMatch(/rel="canonical"|og:url|ld\+json|name="from"/);
  });

  test("shows the images of the article", async () => {
    const { text } = await site.get(preview("numbatslug"));
    const [{ src: address = "" } = {}] = elementsNamed(text, "img");
    expect([address, (await site.get(address)).status]).toEqual([
      expect.stringMatching(/numbatimage\.[0-9a-f]{10}\.svg$/),
      200,
    ]);
  });

  test("shows the article in its future place in the series", async () => {
    const { text } = await site.get(preview("quokkaslug"));
    const series = /<nav class="series"[\s\S]*?<\/nav>/.exec(text)?.[0] ?? "";
    expect(textOf(series)).toBe("Part 2 of 2 in “Fieldwork” Previous: The wombattitle");
  });

  test.each([
    ["a token for another secret", preview("numbatslug", "another secret of somebody")],
    ["a token of nothing", preview("nothing")],
    ["the beginning of a token", preview("numbatslug").slice(0, -1)],
    ["a token and more", `${preview("numbatslug")}0`],
    ["a slug", "/drafts/numbatslug"],
    ["no token", "/drafts"],
    ["an odd one", "/drafts/__proto__"],
  ])("does not exist for %s", async (_what, address) => {
    const { status, text } = await site.get(address);
    expect([status, /quokka(?!slug)|numbat(?!slug)/.test(text)]).toEqual([404, false]);
  });

  test("does not exist without PREVIEW_SECRET", async () => {
    await using own = await buildSiteOf(everything);
    for (const key of [secret, "", "undefined"])
      expect((await own.get(preview("numbatslug", key))).status).toBe(404);
  });
});

describe("at the publishing instant", () => {
  beforeEach(() => setClocks(instant));

  const withArticle = `/articles /articles/quokkaslug /articles/quokkaslug.md /articles/wombatslug /articles/plain
    /topics/java /topics/quokkatopic /authors/quokkaauthor /feed.atom /topics/java/feed.atom /topics/quokkatopic/feed.atom /llms.txt
    /search?q=quokkabody /search?q=quokkabdoy /search?q=quokkaheading /search?q=quokkatopic`;
  test.each(withArticle.split(/\s+/))("%s shows the article", async (address) => {
    const { status, text } = await ask(site, address);
    expect([status, text.includes("The quokkatitle")]).toEqual([200, true]);
  });

  test("the sitemap, its alias and its series have the article", async () => {
    const { text } = await ask(site, "/sitemap.xml");
    for (const path of ["/articles/quokkaslug", "/topics/quokkatopic", "/authors/quokkaauthor"])
      expect(text).toContain(`<loc>${siteUrl}${path}</loc>`);
    const { status, location } = await ask(site, "/blog/quokkaalias");
    expect([status, location]).toEqual([301, `${siteUrl}/articles/quokkaslug`]);
    expect((await ask(site, "/articles/wombatslug")).text).toContain("Part 1 of 2 in “Fieldwork”");
  });

  test("a misspelt URL suggests the article, and the form names it", async () => {
    const { status, text } = await ask(site, "/articles/quokkatitel");
    expect([status, text.includes("The quokkatitle")]).toEqual([404, true]);
    expect((await fromArticle(site, "quokkaslug")).text).toContain(
      'name="from" value="quokkaslug"',
    );
  });

  test("the preview redirects to the article once it is public", async () => {
    const { status, location } = await ask(site, preview("quokkaslug"));
    expect([status, location]).toEqual([302, `${siteUrl}/articles/quokkaslug`]);
    expect((await ask(site, preview("numbatslug"))).status).toBe(200);
  });
});
