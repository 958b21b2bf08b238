// Before its instant nothing of an article is public, from then on all of it is, and nothing of a draft
// ever is. Each article has a word of its own in every place.

import request from "supertest";
import { pagesWith } from "../../src/urls.ts";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import { everything, instant, publicFiles, secondBefore } from "../support/hidden-articles.ts";
import { postForm, type TestSite } from "../support/site.ts";

const siteUrl = "http://clean.localhost:8080";

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

const options = { env: { SITE_URL: siteUrl }, now: secondBefore };
const site = await buildSiteOf(everything, options);
/** The same without the draft and the scheduled article. */
const bare = await buildSiteOf(publicFiles, options);

const setClocks = (now: Date) => {
  for (const one of [site, bare]) one.clock.now = now;
};

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
    await using own = await buildSiteOf(everything, { now: secondBefore });
    for (const slug of ["quokkaslug", "numbatslug"]) {
      expect(await fromArticle(site, slug)).toEqual(await fromArticle(bare, slug));
      await postForm(own, { from: slug, message: `from ${slug.slice(0, 3)}` });
    }
    await own.worker.deliverDue();
    const mails = own.mailbox.map(({ text, html }) => /quokka|numbat/.test(text + html));
    expect(mails).toEqual([false, false]);
  });
});

describe("at the publishing instant", () => {
  beforeEach(() => setClocks(instant));

  const withArticle = `/ /articles /articles/quokkaslug /articles/quokkaslug.md /articles/wombatslug /articles/plain
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
});

describe("cached copies", () => {
  /** How long a copy may be shown at most: fresh, and stale while a new one is fetched. */
  const longest = (caching: string) =>
    /no-store/.test(caching)
      ? 0
      : ["max-age", "s-maxage", "stale-while-revalidate", "stale-if-error"]
          .map((name) => Number(new RegExp(`(?:^|[ ,])${name}=(\\d+)`).exec(caching)?.[1] ?? 0))
          .reduce((sum, seconds) => sum + seconds, 0);
  test.each([400, 29_999, 299_000, 901_000])(
    "%i ms before the instant, none may be used beyond it",
    async (ms) => {
      const now = new Date(instant.getTime() - ms);
      await using early = await buildSiteOf(everything, { now });
      for (const address of [...around, ...machines, ...own("wombat")]) {
        if (address === "/blog/wombatalias") continue; // does not depend on other articles
        const { caching } = await ask(early, address);
        expect(caching).not.toBe(""); // without a word, caches guess
        expect([address, caching, longest(caching) * 1_000 <= ms]).toEqual([
          address,
          caching,
          true,
        ]);
      }
    },
  );

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
