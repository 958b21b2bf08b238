// Before its instant nothing of an article is public, from then on all of it is, and nothing of a draft ever is. Each article
// has a word of its own in every place, and every public URL is requested at both instants.

import request from "supertest";
import { previewToken } from "../../src/articles/article.ts";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import { elementsNamed, metaOf } from "../support/html.ts";
import { postForm } from "../support/post.ts";

type Site = Awaited<ReturnType<typeof buildSiteOf>>;

const siteUrl = "http://clean.localhost:8080";
const secret = "not for anybody else";
const instant = new Date("2026-12-01T09:00:00+01:00");
const secondBefore = new Date(instant.getTime() - 1_000);

const image = (width: number) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="9"><path d="M0 0h9v9z"/></svg>`;

/** An article with `word` in every place that has words. */
const articleOf = (word: string, more: Record<string, string>) =>
  articleFile(
    {
      title: `The ${word}title`,
      description: `About the ${word}description, in as many words as the front matter has to give to search engines.`,
      author: `${word}author`,
      topics: `[Java, ${word}topic]`,
      aliases: `[/blog/${word}alias]`,
      updated: `{ date: 2026-12-02, change: The ${word}change }`,
      ...more,
    },
    `Queues and the ${word}body ![The ${word}alt](images/${word}image.svg).\n\n## The ${word}heading\n\nMore of it.\n\n\`\`\`java\nint ${word}code;\n\`\`\`\n`,
  );

/** An example with `word` in its file's name, content and sentence. */
const exampleOf = (word: string) => ({
  [`examples/${word}slug/README.md`]: `- [${word}file](${word}file): The ${word}sentence.\n`,
  [`examples/${word}slug/${word}file`]: `The ${word}program.\n`,
});

const author = (word: string) =>
  `${word}author:\n  name: The ${word}name\n  role: The ${word}role\n`;
const publicFiles = {
  "authors.yaml": ["wombat", "quokka", "numbat"].map(author).join(""),
  "wombatslug.md": articleOf("wombat", {
    series: "{ name: Fieldwork, part: 1 }",
    date: "2026-11-20",
    updated: "{ date: 2026-11-22, change: A word }",
  }),
  ...exampleOf("wombat"),
  "images/wombatimage.svg": image(1),
  "plain.md": articleFile({
    title: "Marsupials and queues",
    author: "wombatauthor",
    topics: "[Java]",
    date: "2026-11-21",
  }),
};
const scheduledFiles = {
  "quokkaslug.md": articleOf("quokka", {
    series: "{ name: Fieldwork, part: 2 }",
    date: instant.toISOString(),
  }),
  ...exampleOf("quokka"),
  "images/quokkaimage.svg": image(2),
};
const draftFiles = {
  "numbatslug.md": articleOf("numbat", { series: "{ name: Fieldwork, part: 3 }", draft: "true" }),
  ...exampleOf("numbat"),
  "images/numbatimage.svg": image(3),
};

/** Every kind of address that the public has, for an article with `word` in it and for those around it. */
const around = [
  "/",
  "/articles",
  "/articles?page=2",
  "/topics/java",
  "/topics/java/feed.atom",
  "/authors/wombatauthor",
  "/articles/plain",
];
const machines = [
  "/feed.atom",
  "/sitemap.xml",
  "/llms.txt",
  "/robots.txt",
  "/.well-known/security.txt",
  "/readyz",
];
const searches = ["queues", "java", "fieldwork", "the", "More of it", "wombattitel", "image"].map(
  (words) => `/search?q=${words}`,
);
const own = (word: string) =>
  `/articles/${word}slug /articles/${word}slug.md /og/${word}slug.png /images/images/${word}image.svg /blog/${word}alias
   /articles/${word}slug/examples /articles/${word}slug/examples/${word}file /articles/${word}slug/examples/README.md
   /articles/${word}slug/examples.md
   /topics/${word}topic /topics/${word}topic/feed.atom /authors/${word}author`.split(/\s+/);
const places = [
  "title",
  "description",
  "topic",
  "heading",
  "body",
  "code",
  "slug",
  "alias",
  "name",
];
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
  ...["wombat", "quokka", "numbat"].flatMap((word) => [...own(word), ...ownSearches(word)]),
];

/** Not compressed: compressing and decompressing 1,500 responses took a third of the processor time of this file. */
const ask = async ({ server }: Site, address: string, headers: Record<string, string> = {}) => {
  const {
    status,
    headers: sent,
    text,
    body,
  } = await request(server)
    .get(address)
    .set({ "Accept-Encoding": "identity", ...headers });
  const type = sent["content-type"] ?? "";
  return {
    status,
    type,
    location: sent["location"],
    caching: sent["cache-control"] ?? "",
    text: type.includes("svg") ? String(body) : text,
  };
};

/** The form from an article, with nothing filled in: the page says which article it knows. */
const fromArticle = async ({ server }: Site, slug: string) => {
  const { status, text } = await request(server).post("/contact").type("form").send({ from: slug });
  return { status, text };
};

/** A response without the words of the request, which pages repeat. */
const unasked = (address: string, text: string) =>
  decodeURIComponent(address.replaceAll("+", " "))
    .split(/[/?=&. -]+/)
    .filter((word) => /quokka|numbat/.test(word))
    .reduce((rest, word) => rest.replaceAll(word, ""), text);

let site: Site;
/** The same without the draft, and without the scheduled article too. */
let draftless: Site;
let bare: Site;

beforeAll(async () => {
  const options = { env: { SITE_URL: siteUrl, PREVIEW_SECRET: secret }, now: secondBefore };
  site = await buildSiteOf({ ...publicFiles, ...scheduledFiles, ...draftFiles }, options);
  draftless = await buildSiteOf({ ...publicFiles, ...scheduledFiles }, options);
  bare = await buildSiteOf(publicFiles, options);
});
afterAll(() => Promise.all([site, draftless, bare].map((one) => one.close())));

const setClocks = (now: Date) => {
  for (const one of [site, draftless, bare]) one.clock.now = now;
};

describe("one second before the publishing instant", () => {
  beforeEach(() => setClocks(secondBefore));

  test("no URL shows a word of the scheduled article or of the draft", async () => {
    const leaks: string[] = [];
    for (const address of all) {
      const { text, location = "" } = await ask(site, address);
      const found = /(quokka|numbat).{0,30}/.exec(unasked(address, text + location));
      if (found) leaks.push(`${address}: ${found[0]}`);
    }
    expect(leaks).toEqual([]);
  });

  test("every response is as if neither file existed", async () => {
    for (const address of all) {
      const [hidden, absent] = [await ask(site, address), await ask(bare, address)];
      expect({ address, ...hidden, caching: "" }).toEqual({ address, ...absent, caching: "" });
    }
  });

  test.each(["quokka", "numbat"])("%s: its own URLs are 404", async (word) => {
    for (const address of own(word))
      expect([address, (await ask(site, address)).status]).toEqual([address, 404]);
  });

  test.each(["quokka", "numbat"])("%s: neither the form nor the mail names it", async (word) => {
    expect(await fromArticle(site, `${word}slug`)).toEqual(await fromArticle(bare, `${word}slug`));
    const own = await buildSiteOf(
      { ...publicFiles, ...scheduledFiles, ...draftFiles },
      { now: secondBefore },
    );
    await postForm(own, { from: `${word}slug` });
    await own.delivery.deliverDue();
    await own.close();
    expect(own.mailbox.map(({ text, html }) => /quokka|numbat/.test(text + html))).toEqual([false]);
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

  test("the sitemap has the article, its topic and its author, its alias redirects, and its series has two parts", async () => {
    const { text } = await ask(site, "/sitemap.xml");
    for (const path of ["/articles/quokkaslug", "/topics/quokkatopic", "/authors/quokkaauthor"])
      expect(text).toContain(`<loc>${siteUrl}${path}</loc>`);
    const { status, location } = await ask(site, "/blog/quokkaalias");
    expect([status, location]).toEqual([301, `${siteUrl}/articles/quokkaslug`]);
    expect((await ask(site, "/articles/wombatslug")).text).toContain("Part 1 of 2 in “Fieldwork”");
    expect((await request(site.server).get("/readyz")).body).toMatchObject({ articles: 3 });
  });

  test("a misspelt URL suggests the article, and the form names it", async () => {
    const { status, text } = await ask(site, "/articles/quokkatitel");
    expect([status, text.includes("The quokkatitle")]).toEqual([404, true]);
    expect((await fromArticle(site, "quokkaslug")).text).toContain(
      'name="from" value="quokkaslug"',
    );
  });

  test("no URL shows a word of the draft", async () => {
    const leaks: string[] = [];
    for (const address of [...all, ...own("quokka")]) {
      const { text, location = "" } = await ask(site, address);
      const found = /numbat.{0,30}/.exec(unasked(address, text + location));
      if (found) leaks.push(`${address}: ${found[0]}`);
    }
    expect(leaks).toEqual([]);
  });

  test("every response is as if the draft's file did not exist", async () => {
    for (const address of all)
      expect({ address, ...(await ask(site, address)) }).toEqual({
        address,
        ...(await ask(draftless, address)),
      });
  });
});

describe("a reference to a hidden article", () => {
  test("in `related` does not name it in any format of the page", async () => {
    const files = {
      "open.md": articleFile({
        title: "Open",
        author: "wombatauthor",
        related: "[quokkaslug, numbatslug]",
      }),
    };
    const site = await buildSiteOf(
      { ...publicFiles, ...scheduledFiles, ...draftFiles, ...files },
      { now: secondBefore },
    );
    const answers = await Promise.all(
      ["/articles/open", "/articles/open.md"].map((address) => ask(site, address)),
    );
    await site.close();
    expect(answers.map(({ status, text }) => [status, /quokka|numbat/.test(text)])).toEqual([
      [200, false],
      [200, false],
    ]);
  });

  test("in an error of a draft is not in /readyz, which has only file and line", async () => {
    const settings = {
      NODE_ENV: "production",
      SITE_URL: "https://cleansystems.dk",
      CONTACT_EMAIL: "hi@cleansystems.dk",
    };
    const mail = {
      SMTP_URL: "smtp://localhost",
      MAIL_FROM: "site@cleansystems.dk",
      MAIL_TO: "hi@cleansystems.dk",
    };
    const wrong = {
      "numbatslug.md": articleFile({ draft: "true", numbatkey: "1" }, "The <i>numbatbody</i>.\n"),
    };
    const site = await buildSiteOf({ ...publicFiles, ...wrong }, { env: { ...settings, ...mail } });
    const { text } = await ask(site, "/readyz");
    await site.close();
    expect([text.includes("/numbatslug.md:"), /numbat(?!slug)/.test(text)]).toEqual([true, false]);
  });

  test("does not change what a search finds: a word of a hidden article is unknown", async () => {
    const files = { "open.md": articleFile({ title: "Open" }, "About marsupials.\n") };
    const hidden = {
      "to-come.md": articleFile(
        { title: "To come", date: instant.toISOString() },
        "About marsupialis.\n",
      ),
    };
    const sites = [
      await buildSiteOf(files, { now: secondBefore }),
      await buildSiteOf({ ...files, ...hidden }, { now: secondBefore }),
    ];
    const found = await Promise.all(
      sites.map(async (one) =>
        (await ask(one, "/search?q=marsupialis")).text.includes("/articles/open"),
      ),
    );
    await Promise.all(sites.map((one) => one.close()));
    expect(found).toEqual([true, true]);
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
  /** What does not depend on which articles there are. */
  const fixed = ["/how-we-work", "/privacy", "/contact", "/blog/wombatalias"];
  const beforehand = [400, 1_000, 29_999, 30_000, 299_000, 301_000, 899_000, 901_000];

  test.each(beforehand)("%i ms before the instant, none may be used beyond it", async (ms) => {
    setClocks(new Date(instant.getTime() - ms));
    for (const address of all.filter((one) => !fixed.includes(one) && !one.startsWith("/search"))) {
      const { caching } = await ask(site, address);
      expect([address, caching, longest(caching) * 1_000 <= ms]).toEqual([
        address,
        expect.any(String),
        true,
      ]);
      expect([address, caching !== ""]).toEqual([address, true]); // without a word, caches guess
    }
  });

  test("of search results may never be used without revalidation", async () => {
    setClocks(secondBefore);
    expect(longest((await ask(site, "/search?q=queues")).caching)).toBeLessThanOrEqual(1);
  });

  test.each(["/", "/articles", "/articles/plain", "/feed.atom"])(
    "%s has its usual max-age once nothing is scheduled",
    async (address) => {
      setClocks(instant);
      expect(longest((await ask(site, address)).caching)).toBeGreaterThanOrEqual(30);
    },
  );

  test("are bounded by the next of several instants", async () => {
    const at = (minutes: number) => new Date(instant.getTime() + minutes * 60_000).toISOString();
    const toCome = [3, 1, 2].map((minutes) => [
      `in-${minutes}.md`,
      articleFile({ title: `In ${minutes}`, author: "wombatauthor", date: at(minutes) }),
    ]);
    const site = await buildSiteOf(
      { ...publicFiles, ...(Object.fromEntries(toCome) as Record<string, string>) },
      { now: instant },
    );
    expect((await ask(site, "/articles")).caching).toBe("public, max-age=60");
    site.clock.now = new Date(at(1));
    expect((await ask(site, "/articles/plain")).caching).toBe("public, max-age=60");
    await site.close();
  });

  test("are not bounded by the date of a draft", async () => {
    const later = {
      "numbatslug.md": articleOf("numbat", { draft: "true", date: "2026-12-01T08:00:01Z" }),
    };
    const site = await buildSiteOf(
      { ...publicFiles, "images/numbatimage.svg": image(3), ...later },
      { now: instant },
    );
    expect((await ask(site, "/articles/plain")).caching).toBe("public, max-age=300");
    await site.close();
  });

  test("are forbidden in development", async () => {
    const site = await buildSiteOf({ ...publicFiles, ...draftFiles }, { development: true });
    for (const address of [
      "/",
      "/articles",
      "/articles/plain",
      "/articles/plain.md",
      "/feed.atom",
      "/topics/java",
    ])
      expect([address, (await ask(site, address)).caching]).toEqual([address, "no-store"]);
    await site.close();
  });
});

describe("the private preview", () => {
  const preview = (slug: string, key = secret) => `/drafts/${previewToken(key, slug)}`;
  beforeEach(() => setClocks(secondBefore));

  test.each([
    ["quokka", /Scheduled for Tue 1 Dec 2026, 09:00/],
    ["numbat", /Draft/],
  ])(
    "of %s shows the article with a mark, and may be neither stored nor indexed",
    async (word, mark) => {
      const { status, text, headers } = await request(site.server).get(preview(`${word}slug`));
      expect(status).toBe(200);
      for (const place of ["title", "heading", "body", "topic", "name"])
        expect(text).toContain(`${word}${place}`);
      expect(/<b class="hidden-mark">(.*?)<\/b>/.exec(text)?.[1]).toMatch(mark);
      expect([
        headers["cache-control"],
        headers["x-robots-tag"],
        headers["referrer-policy"],
      ]).toEqual(["no-store", "noindex", "no-referrer"]);
      expect(metaOf(text, "robots")).toBe("noindex");
      const canonical = elementsNamed(text, "link").filter(
        ({ attributes }) => attributes["rel"] === "canonical",
      );
      expect([canonical, /og:url|ld\+json|name="from"/.test(text)]).toEqual([[], false]);
    },
  );

  test("shows no other hidden article", async () => {
    expect((await ask(site, preview("quokkaslug"))).text).not.toContain("numbat");
    expect((await ask(site, preview("numbatslug"))).text).not.toContain("quokka");
  });

  test("shows the images of the article", async () => {
    const { text } = await ask(site, preview("numbatslug"));
    const address = elementsNamed(text, "img")[0]?.attributes["src"] ?? "";
    expect([address, (await ask(site, address)).status]).toEqual([
      expect.stringMatching(/numbatimage\.[0-9a-f]{10}\.svg$/),
      200,
    ]);
  });

  test("shows the article in its future place in the series", async () => {
    const { text } = await ask(site, preview("quokkaslug"));
    const series = (/<nav class="series"[\s\S]*?<\/nav>/.exec(text)?.[0] ?? "")
      .replace(/<[^>]+>/g, "")
      .replace(/\s+/g, " ");
    expect(series.trim()).toBe("Part 2 of 2 in “Fieldwork” Previous: The wombattitle");
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
    const { status, text } = await ask(site, address);
    expect([status, /quokka(?!slug)|numbat(?!slug)/.test(text)]).toEqual([404, false]);
  });

  test("does not exist without PREVIEW_SECRET", async () => {
    const site = await buildSiteOf({ ...publicFiles, ...draftFiles }, { now: secondBefore });
    for (const key of [secret, "", "undefined"])
      expect((await ask(site, preview("numbatslug", key))).status).toBe(404);
    await site.close();
  });

  test("redirects to the article once it is public", async () => {
    setClocks(instant);
    const { status, location, caching } = await ask(site, preview("quokkaslug"));
    expect([status, location, caching]).toEqual([
      302,
      `${siteUrl}/articles/quokkaslug`,
      "no-store",
    ]);
    expect((await ask(site, preview("numbatslug"))).status).toBe(200);
  });
});
