// Finding an article: the list and its numbered pages, topics, authors, series, search, and what the 404 page offers instead.

import { HtmlValidate } from "html-validate";
import request from "supertest";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import { attributesOf, elementsNamed, metaOf, titleOf } from "../support/html.ts";
import { buildTestSite, tuesday } from "../support/site.ts";

const validator = new HtmlValidate({
  extends: ["html-validate:recommended"],
  rules: { "doctype-style": "off" },
});
const open: { close: () => Promise<void> }[] = [];
afterAll(() => Promise.all(open.map((site) => site.close())));

/** A site over these files and how to ask it; closed when all tests are over. */
async function siteOf(files: Record<string, string>) {
  const site = await buildSiteOf(files);
  open.push(site);
  const get = (address: string) => request(site.server).get(address);
  return {
    ...site,
    get,
    html: async (address: string) =>
      (await get(address)).text.replace(/<style>[\s\S]*?<\/style>/, ""),
  };
}

/** The slugs of the articles that a page lists, in order. */
const listed = (html: string) =>
  Array.from(html.matchAll(/<h[23]><a href="\/articles\/([^"]+)"/g), ([, slug = ""]) => slug);
const words = (html: string) => html.replace(/<[^>]+>/g, "");
/** The chips of a page: "Java 41", the current one with a star. */
const chips = (html: string) =>
  Array.from(
    /<ul class="chips">([\s\S]*?)<\/ul>/.exec(html)?.[1]?.matchAll(/<li>(.*?)<\/li>/g) ?? [],
    ([, chip = ""]) => (chip.includes('aria-current="page"') ? `*${words(chip)}` : words(chip)),
  );

describe("numbered pages", () => {
  let site: Awaited<ReturnType<typeof siteOf>>;
  beforeAll(async () => {
    const day = (index: number) =>
      new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10);
    const files = Array.from({ length: 41 }, (_, index) => [
      `a-${index}.md`,
      articleFile({
        title: `Article ${index}`,
        date: day(index),
        topics: index < 21 ? "[Java, Teams]" : "[Java]",
      }),
    ]);
    site = await siteOf(Object.fromEntries(files) as Record<string, string>);
  });

  test("have twenty articles each, newest first, and every article once", async () => {
    const pages = await Promise.all(
      ["/articles", "/articles?page=2", "/articles?page=3"].map(site.html),
    );
    expect(pages.map((html) => listed(html).length)).toEqual([20, 20, 1]);
    expect(pages.flatMap(listed)).toEqual(
      Array.from({ length: 41 }, (_, index) => `a-${40 - index}`),
    );
  });

  test("have their number, links to the others, and their own titles and canonical URLs", async () => {
    const html = await site.html("/articles?page=2");
    const links = elementsNamed(html, "a").filter(({ attributes }) =>
      attributes["href"]?.startsWith("/articles"),
    );
    const hrefOf = (rel: string) =>
      links.find(({ attributes }) => attributes["rel"] === rel)?.attributes["href"];
    expect([hrefOf("prev"), hrefOf("next")]).toEqual(["/articles", "/articles?page=3"]);
    expect(html).toContain('<b aria-current="page">2</b>');
    expect(titleOf(html)).toBe("Articles, page 2 · Clean Systems");
    expect(elementsNamed(html, "link")[0]?.attributes["href"]).toBe(
      "http://localhost:3000/articles?page=2",
    );
    expect(await site.html("/articles?page=3")).not.toContain('rel="next"');
  });

  test.each(["/articles", "/topics/java", "/authors/someone"])(
    "of %s: there are three, and they are valid HTML",
    async (path) => {
      for (const address of [path, `${path}?page=2`, `${path}?page=3`]) {
        const { status, text } = await site.get(address);
        expect([address, status, (await validator.validateString(text)).results]).toEqual([
          address,
          200,
          [],
        ]);
      }
      expect((await site.get(`${path}?page=4`)).status).toBe(404);
    },
  );

  test.each(["/articles", "/topics/java", "/authors/someone"])(
    "of %s: the first has only one URL",
    async (path) => {
      const { status, headers } = await site.get(`${path}?page=1`);
      expect([status, headers["location"]]).toEqual([301, `http://localhost:3000${path}`]);
    },
  );

  test.each([
    "",
    "0",
    "-1",
    "4",
    "01",
    "2.0",
    "2e0",
    "1.5",
    "0x2",
    "+2",
    "%202",
    "2%00",
    "٢",
    "２",
    "NaN",
    "Infinity",
    "9".repeat(400),
    "2;",
  ])("page=%s does not exist", async (value) => {
    const { status, text } = await site.get(
      `/articles?page=${/%/.test(value) ? value : encodeURIComponent(value)}`,
    );
    expect([status, metaOf(text, "robots")]).toEqual([404, "noindex"]);
  });

  test.each(["/articles?page=2&page=2", "/articles?page=1&page=2"])(
    "%s does not exist",
    async (address) => {
      expect((await site.get(address)).status).toBe(404);
    },
  );

  test.each(["/articles?Page=2", "/articles?page[]=2", "/articles?utm_source=x"])(
    "%s is the list, with its own address",
    async (address) => {
      const { status, text } = await site.get(address);
      expect([status, elementsNamed(text, "link")[0]?.attributes["href"]]).toEqual([
        200,
        "http://localhost:3000/articles",
      ]);
    },
  );
});

describe("the dates in a list", () => {
  const dates = (html: string) =>
    Array.from(html.matchAll(/<time datetime="([^"]+\.000Z)">([^<]+)<\/time>/g), ([, ...date]) =>
      date.join(" "),
    );

  test("are shown where they differ, as days in Copenhagen", async () => {
    const site = await siteOf({
      "a.md": articleFile({ date: "2026-11-01" }),
      "b.md": articleFile({ title: "B", date: "2026-10-31" }),
    });
    const expected = [
      "2026-10-31T23:00:00.000Z 1 November 2026",
      "2026-10-30T23:00:00.000Z 31 October 2026",
    ];
    for (const address of ["/articles", "/authors/someone", "/", "/search?q=hello"])
      expect([address, dates(await site.html(address))]).toEqual([address, expected]);
  });

  test("are left out where all articles have the same day", async () => {
    const site = await siteOf({
      "a.md": articleFile({ date: "2026-11-01" }),
      "b.md": articleFile({ title: "B", date: "2026-11-01T09:00:00+01:00" }),
    });
    expect(dates(await site.html("/articles"))).toEqual([]);
  });
});

describe("topics and authors", () => {
  let site: Awaited<ReturnType<typeof siteOf>>;
  beforeAll(async () => {
    site = await siteOf({
      "authors.yaml":
        "someone:\n  name: Some One\n  role: Engineer\nhouse:\n  name: Clean Systems Consulting\nidle:\n  name: Idle One\n",
      "one.md": articleFile({ title: "One", date: "2026-01-01", topics: "[Java, Spring Boot]" }),
      "two.md": articleFile({
        title: "Two",
        date: "2026-01-02",
        topics: "[Java]",
        author: "house",
      }),
      "three.md": articleFile({ title: "Three", date: "2026-01-03" }),
    });
  });

  test("are listed above the articles with their counts, the most used first", async () => {
    expect(chips(await site.html("/articles"))).toEqual(["*All 3", "Java 2", "Spring Boot 1"]);
    expect(chips(await site.html("/topics/spring-boot"))).toEqual([
      "All 3",
      "Java 2",
      "*Spring Boot 1",
    ]);
  });

  test("have the same counts on a search without results", async () => {
    expect(chips(await site.html("/search?q=zzyzx"))).toEqual(["All 3", "Java 2", "Spring Boot 1"]);
    const two = await siteOf({
      "a.md": articleFile({ topics: "[Java, Teams, Tests]" }),
      "b.md": articleFile({ title: "B" }),
    });
    expect(chips(await two.html("/search?q=zzyzx"))).toEqual([
      "All 2",
      "Java 1",
      "Teams 1",
      "Tests 1",
    ]);
  });

  test("a topic's page lists its articles and links to the feed of the topic", async () => {
    const html = await site.html("/topics/java");
    expect([listed(html), titleOf(html)]).toEqual([
      ["two", "one"],
      "Java articles · Clean Systems",
    ]);
    expect(attributesOf(html, "href")).toContain("/topics/java/feed.atom");
    expect(html).toContain('id="page-count">2 articles, newest first</h2>');
    expect(await site.html("/topics/spring-boot")).toContain('id="page-count">1 article</h2>');
  });

  test("an author's page lists their articles and says who they are", async () => {
    const html = await site.html("/authors/someone");
    expect([listed(html), titleOf(html)]).toEqual([
      ["three", "one"],
      "Articles by Some One · Clean Systems",
    ]);
    expect(words(html)).toContain("Engineer at Clean Systems Consulting.");
    const ofCompany = await site.html("/authors/house");
    expect(listed(ofCompany)).toEqual(["two"]);
    expect(
      [html, ofCompany].map((page) =>
        attributesOf(page, "href").includes("/how-we-work#page-who-we-are"),
      ),
    ).toEqual([false, true]);
  });

  test("an author's page shows a bio and links as text, whatever they hold, and none if there are none", async () => {
    const [bio, label] = ["<b>Queues</b> & <script>alert(1)</script>", '"><img src=x>'];
    const links = `[{ label: ${JSON.stringify(label)}, url: "https://example.org/?a=1&b='\\"><i>" }, { label: Mail, url: "mailto:ada@example.org" }]`;
    const site = await siteOf({
      "authors.yaml": `ada:\n  name: Ada\n  bio: ${JSON.stringify(bio)}\n  links: ${links}\nrosa:\n  name: Rosa\n`,
      "a.md": articleFile({ author: "ada" }),
      "b.md": articleFile({ title: "B", author: "rosa" }),
    });
    const html = await site.html("/authors/ada");
    const personal = elementsNamed(html, "a").filter(
      ({ attributes }) => attributes["rel"] === "me noopener",
    );
    expect(personal.map(({ attributes }) => attributes["href"])).toEqual([
      "https://example.org/?a=1&b=%27%22%3E%3Ci%3E",
      "mailto:ada@example.org",
    ]);
    expect(html).toContain("&lt;b&gt;Queues&lt;/b&gt; &amp; &lt;script&gt;");
    expect([
      /<b>Queues|<(i|script|img)>/.test(html),
      (await validator.validateString(html)).valid,
    ]).toEqual([false, true]);
    expect(await site.html("/authors/rosa")).not.toMatch(/rel="me|class="fine"/);
  });

  test("an article links to its topics and its author", async () => {
    const links = attributesOf(await site.html("/articles/one"), "href");
    expect(links).toEqual(
      expect.arrayContaining(["/topics/java", "/topics/spring-boot", "/authors/someone"]),
    );
  });

  test.each([
    "/topics/none",
    "/topics",
    "/topics/spring%20boot",
    "/topics/__proto__",
    "/topics/java/feed",
    "/topics/none/feed.atom",
  ])("%s does not exist", async (address) => expect((await site.get(address)).status).toBe(404));

  test.each(["/authors", "/authors/idle", "/authors/nobody", "/authors/constructor"])(
    "%s does not exist",
    async (address) => expect((await site.get(address)).status).toBe(404),
  );

  test("topics whose names differ only in punctuation have different slugs", async () => {
    const site = await siteOf({
      "a.md": articleFile({ topics: "[C]" }),
      "b.md": articleFile({ title: "B", topics: "[C++]" }),
    });
    expect(chips(await site.html("/articles"))).toEqual(["*All 2", "C 1", "C++ 1"]);
  });
});

describe("series and related articles", () => {
  let site: Awaited<ReturnType<typeof siteOf>>;
  beforeAll(async () => {
    const part = (part: number, date: string) =>
      articleFile({ title: `Part ${part}`, date, series: `{ name: Waiting, part: ${part} }` });
    site = await siteOf({
      "first.md": part(1, "2026-03-03"),
      "second.md": part(2, "2026-03-01"),
      "third.md": part(4, "2026-03-02"), // the third is not public yet
      "alone.md": articleFile({ title: "Alone", related: "[second]" }),
      "last.md": articleFile({ title: "Last", date: "2025-01-01" }),
      "older.md": articleFile({ title: "Older", date: "2024-01-01" }),
    });
  });

  test.each([
    ["first", "Part 1 of 4 in “Waiting” Next: Part 2"],
    ["second", "Part 2 of 4 in “Waiting” Previous: Part 1 Next: Part 4"],
    ["third", "Part 4 of 4 in “Waiting” Previous: Part 2"],
    ["alone", ""],
  ])("%s is ordered in its series by number, not by date", async (slug, expected) => {
    const series =
      /<nav class="series"[\s\S]*?<\/nav>/.exec(await site.html(`/articles/${slug}`))?.[0] ?? "";
    expect(words(series).replace(/\s+/g, " ").trim()).toBe(expected);
  });

  const readNext = (html: string) =>
    Array.from(
      /<nav class="more"[\s\S]*?<\/nav>/.exec(html)?.[0].matchAll(/href="\/articles\/([^"]+)"/g) ??
        [],
      ([, slug = ""]) => slug,
    );

  test("every article has two to read next above the pitch, the next part and the author's choice first, and four more below", async () => {
    for (const [slug, expected] of [
      ["first", "second"],
      ["alone", "second"],
      ["older", undefined],
    ] as const) {
      const html = await site.html(`/articles/${slug}`);
      const next = readNext(html);
      const more = listed(html);
      expect([
        slug,
        next.length,
        new Set([...next, slug]).size,
        more.length,
        new Set([...more, slug]).size,
      ]).toEqual([slug, 2, 3, 4, 5]);
      expect([slug, html.indexOf("Read next") < html.indexOf('id="page-pitch"')]).toEqual([
        slug,
        true,
      ]);
      if (expected) expect([slug, next[0]]).toEqual([slug, expected]);
    }
  });

  test("a single article has neither", async () => {
    const alone = await siteOf({ "alone.md": articleFile() });
    const html = await alone.html("/articles/alone");
    expect([readNext(html), listed(html), /Read next|More articles/.test(html)]).toEqual([
      [],
      [],
      false,
    ]);
  });

  test("in the articles of this repository, no article is suggested twice, and the first suggests the four that it names", async () => {
    const own = await buildTestSite();
    open.push(own);
    for (const { slug } of own.library.list(tuesday)) {
      const { text } = await request(own.server).get(`/articles/${slug}`);
      expect([slug, new Set([...readNext(text), ...listed(text), slug]).size]).toEqual([slug, 7]);
    }
    const { text } = await request(own.server).get(
      "/articles/why-backend-developers-carry-the-most-responsibility",
    );
    expect(listed(text)).toEqual([
      "when-clients-hate-your-work",
      "service-communication-in-spring-boot-rest-vs-messaging",
      "spring-boot-configuration-management",
      "builder-pattern-in-java",
    ]);
  });

  test("an article ends with a mailto link for reporting a mistake, with its title in the subject", async () => {
    const title = `Why "100 %" & <more>? It's ø`;
    const own = await siteOf({ "a.md": articleFile({ title: JSON.stringify(title) }) });
    const html = await own.html("/articles/a");
    const href = elementsNamed(html, "a")
      .map(({ attributes }) => attributes["href"] ?? "")
      .find((address) => address.includes("?subject="));
    const mail = new URL(href ?? "");
    expect([mail.pathname, mail.searchParams.get("subject")]).toEqual([
      own.config.contactEmail,
      `Mistake in “${title}”`,
    ]);
    expect(href).toMatch(/^[\x21-\x7e]+$/);
  });
});

describe("search", () => {
  let site: Awaited<ReturnType<typeof siteOf>>;
  beforeAll(async () => {
    site = await siteOf({
      "title.md": articleFile({ title: "Idempotent consumers" }, "Messages come twice.\n"),
      "heading.md": articleFile(
        { title: "Queues" },
        "Words.\n\n## An idempotent handler\n\nMore.\n",
      ),
      "text.md": articleFile(
        { title: "Retries" },
        "A handler has to be idempotent, says Søren at the café <3 & co.\n".replace("<", "\\<"),
      ),
      "code.md": articleFile(
        { title: "Code" },
        '```java\nList<String> frobnicate = List.of("a");\n```\n',
      ),
    });
  });
  const search = async (query: string) =>
    listed(await site.html(`/search?q=${encodeURIComponent(query)}`));

  test.each([
    ["a word: title before heading before text", "idempotent", ["title", "heading", "text"]],
    ["the beginning of a word", "idemp", ["title", "heading", "text"]],
    ["a word with a slip", "idempotnet", ["title", "heading", "text"]],
    ["another form of a word", "retry", ["text"]],
    ["all words before any of them", "idempotent messages", ["title"]],
    ["any of the words where no article has all", "frobnicate messages", ["title", "code"]],
    ["a word in code", "frobnicate", ["code"]],
    ["a word without its accent", "cafe", ["text"]],
    ["capital letters", "SØREN", ["text"]],
    ["nothing that anybody wrote", "zzyzx", []],
    ["only signs", "?!*", []],
  ])("finds by %s", async (_what, query, expected) => {
    expect(await search(query)).toEqual(expected);
  });

  test("marks the words of the query in the title and in an excerpt, and escapes the rest", async () => {
    expect(await site.html("/search?q=idempotent")).toContain(
      '<a href="/articles/title"><mark>Idempotent</mark> consumers</a>',
    );
    expect(await site.html("/search?q=soren+cafe+handler")).toContain(
      "the <mark>café</mark> &lt;3 &amp; co.",
    );
  });

  test("shows the query in its box, is not indexed, and is never stored by shared caches", async () => {
    const { text, headers } = await site.get("/search?q=%22a%22+%3Cb%3E");
    expect(
      elementsNamed(text, "input").find(({ attributes }) => attributes["name"] === "q")?.attributes[
        "value"
      ],
    ).toBe('"a" <b>');
    expect([metaOf(text, "robots"), headers["cache-control"]]).toEqual([
      "noindex",
      expect.stringMatching(/^private|no-store/),
    ]);
    expect(titleOf(text)).toBe('Search: "a" <b> · Clean Systems');
  });

  test("without results says so and offers the topics", async () => {
    const { status, text } = await site.get("/search?q=zzyzx");
    expect([status, listed(text)]).toEqual([200, []]);
    expect(words(text)).toContain(
      "No article mentions “zzyzx”. Try another word, or choose a topic.",
    );
    expect(words(await site.html("/search?q=zzyzx+qwxyz"))).toContain(
      "Try fewer words, or choose a topic.",
    );
    expect(text).toContain('<nav aria-label="Topics">');
  });

  test.each([
    "/search",
    "/search?q=",
    "/search?q=+%20",
    "/search?q=a&q=b",
    "/search?q[]=a",
    "/search?x=1",
  ])("%s asks for words", async (address) => {
    const { status, text } = await site.get(address);
    expect([
      status,
      words(text).includes("The beginning of a word is enough"),
      listed(text),
    ]).toEqual([200, true, []]);
  });

  const hostile: [what: string, query: string][] = [
    ["quotes", `"'\``],
    ["an open quote", '"idempotent'],
    ["operators", "AND OR NOT NEAR"],
    ["a call", "NEAR(a b, 3)"],
    ["a column", "title:idempotent {title text}: x"],
    ["a prefix", "*"],
    ["a caret", "^idempotent + handler"],
    ["an end of the statement", "'; DROP TABLE pages; --"],
    ["a script", "<script>alert(1)</script>"],
    ["the end of an attribute", '" autofocus onfocus="alert(1)'],
    ["a template", "<%= 7*7 %> ${7*7} {{7*7}}"],
    ["a replacement pattern", "$& $` $' $1"],
    ["marks of the index itself", "\u0001idempotent\u0002"],
    ["a zero byte", "idem\u0000potent"],
    ["digits that are no token", "½ ² ⑦ Ⅷ"],
    ["emoji", "👩‍👩‍👧‍👦 🇩🇰"],
    ["text from right to left", "שלום \u202e evil"],
    ["letters with many marks", `z${"\u0301".repeat(150)}algo`],
    ["half a pair", "\ud800"],
    ["a very long word", "x".repeat(5_000)],
    ["very many words", "idempotent handler ".repeat(250)],
  ];
  test.each(hostile)("treats %s as words and returns a valid page", async (_what, query) => {
    const { status, text } = await site.get(
      `/search?q=${encodeURIComponent(query.toWellFormed())}`,
    );
    expect(status).toBe(200);
    expect(text).not.toMatch(/<script|onfocus="|<!-- trace/);
    expect(
      (await validator.validateString(text)).results.flatMap(({ messages }) => messages),
    ).toEqual([]);
  });

  test.each(["%", "%zz", "%ff%fe", "%u0041", "+&&=;&q"])(
    "returns a page for %s, which is not valid percent-encoding",
    async (raw) => {
      expect((await site.get(`/search?q=${raw}`)).status).toBe(200);
    },
  );
});

describe("an unknown URL", () => {
  let site: Awaited<ReturnType<typeof siteOf>>;
  beforeAll(async () => {
    site = await siteOf({
      "builder-pattern.md": articleFile({ title: "The builder pattern", date: "2025-01-01" }),
      "one.md": articleFile({ title: "One" }, "Words.\n"),
      "two.md": articleFile({ title: "Two", date: "2026-11-02" }, "Words.\n"),
      "retries.md": articleFile(
        { title: "The retries when clients hate our work", date: "2025-01-02" },
        "Words about pricing.\n",
      ),
      "three.md": articleFile(
        {
          title: "Three",
          date: "2026-11-03",
          aliases: "[/Blog/Old-Three.html, /2019/03/three, /docs/three.md]",
        },
        "Words.\n",
      ),
    });
  });

  test.each([
    "/articles/bilder-patern",
    "/articles/builder-pattern-of-gof",
    "/builder",
    "/topics/builder",
    "/articles/builder-pattern.html",
  ])("%s shows the closest article", async (address) => {
    const { status, text } = await site.get(address);
    expect([status, listed(text)]).toEqual([404, ["builder-pattern"]]);
    expect(words(text)).toContain("Perhaps you were looking for");
  });

  test.each([
    "/invoices",
    "/careers",
    "/login",
    "/wp-login.php",
    "/the",
    "/tow", // one letter from "two"
    "/words", // in texts only
    "/buildings/in/one-city", // one word of three
    "/clients",
    "/our-work",
    "/topics",
  ])("%s shows no article as close", async (address) => {
    const { text } = await site.get(address);
    expect(words(text)).not.toContain("Perhaps");
    expect(words(text)).toContain("Latest articles");
  });

  test("suggests the article with its words, whatever else is in the URL", async () => {
    for (const address of ["/blog/2019/03/retry", "/articles/retry", "/posts/retries-for-teams"])
      expect([address, listed(await site.html(address))]).toEqual([address, ["retries"]]);
  });

  test("without a close article shows the newest ones, and a search for its words", async () => {
    const { status, text } = await site.get("/zzyzx/wp-login.php");
    expect([status, listed(text)]).toEqual([404, ["three", "two", "one"]]);
    expect(
      elementsNamed(text, "input").find(({ attributes }) => attributes["name"] === "q")?.attributes[
        "value"
      ],
    ).toBe("zzyzx wp login php");
  });

  test("shows the address without its percent-encoding", async () => {
    expect((await site.get("/bl%c3%a5b%c3%a6r")).text).toContain('<b dir="auto">/blåbær</b>');
  });

  test.each([
    "/%3cscript%3ealert(1)%3c/script%3e",
    "/%22%20onload=%22x",
    "/%00",
    "/$&$`",
    `/${"a/".repeat(2_000)}b`,
    "/..%2f..%2fetc%2fpasswd",
    "/%f0%9f%91%8b",
  ])("%s is shown as text on a valid page", async (address) => {
    const { status, text } = await site.get(address);
    expect([status, /<script|onload="/.test(text)]).toEqual([404, false]);
    expect(
      (await validator.validateString(text)).results.flatMap(({ messages }) => messages),
    ).toEqual([]);
  });

  test.each(["/blog/old-three.html", "/2019/03/three", "/docs/three.md"])(
    "%s, an alias of an article, redirects to it",
    async (address) => {
      const { status, headers } = await site.get(address);
      expect([status, headers["location"]]).toEqual([301, "http://localhost:3000/articles/three"]);
      expect(headers["cache-control"]).toBe("public, max-age=300"); // without it browsers remember a 301 for as long as they like
    },
  );

  test("an alias with capital letters or a trailing slash redirects to the canonical spelling first", async () => {
    const { headers } = await site.get("/Blog/Old-Three.HTML/?x=1");
    expect(headers["location"]).toBe("http://localhost:3000/blog/old-three.html?x=1");
  });
});
