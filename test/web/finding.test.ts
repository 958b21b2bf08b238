// Finding an article: the list and its numbered pages, topics, authors, series, search, and what the 404
// page offers instead.

import { articleFile, buildSiteOf } from "../support/articles.ts";
import { attributesOf, elementsNamed, metaOf, pageOf, titleOf } from "../support/html.ts";

const open: { close: () => Promise<void> }[] = [];
afterAll(() => Promise.all(open.map((site) => site.close())));

/** A site over these files and how to ask it; closed when all tests are over. */
async function siteOf(files: Record<string, string>) {
  const site = await buildSiteOf(files);
  open.push(site);
  return { ...site, html: async (address: string) => pageOf(await site.get(address)) };
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
const valueOfBox = (html: string) =>
  elementsNamed(html, "input").find(({ attributes }) => attributes["name"] === "q")?.attributes[
    "value"
  ];

const day = (index: number) => new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10);
const files = Array.from({ length: 41 }, (_, index): [string, string] => [
  `a-${index}.md`,
  articleFile({ title: `Article ${index}`, date: day(index), topics: "[Java]" }),
]);
const numbered = await siteOf(Object.fromEntries(files));
describe("numbered pages", () => {
  test.each(["/articles", "/topics/java", "/authors/someone"])(
    "of %s have twenty articles each, newest first",
    async (path) => {
      const pages = await Promise.all(
        [path, `${path}?page=2`, `${path}?page=3`].map(numbered.html),
      );
      expect(pages.flatMap(listed)).toEqual(Array.from({ length: 41 }, (_, at) => `a-${40 - at}`));
      expect(pages.map((html) => listed(html).length)).toEqual([20, 20, 1]);
      expect((await numbered.get(`${path}?page=4`)).status).toBe(404);
      const { status, headers } = await numbered.get(`${path}?page=1`);
      expect([status, headers["location"]]).toEqual([301, `http://localhost:3000${path}`]);
    },
  );

  test("have their number, links to the others, and their own titles and canonical URLs", async () => {
    const html = await numbered.html("/articles?page=2");
    const links = elementsNamed(html, "a");
    const rewriteLink = (rel: string) =>
      links.find(({ attributes }) => attributes["rel"] === rel)?.attributes["href"];
    expect([rewriteLink("prev"), rewriteLink("next")]).toEqual(["/articles", "/articles?page=3"]);
    expect(html).toContain('<b aria-current="page">2</b>');
    expect(titleOf(html)).toBe("Articles, page 2 · Clean Systems");
    expect(elementsNamed(html, "link")[0]?.attributes["href"]).toBe(
      "http://localhost:3000/articles?page=2",
    );
    expect(await numbered.html("/articles?page=3")).not.toContain('rel="next"');
  });

  test.each(["", "0", "-1", "4", "01", "2e0", "%202", "٢", "2&page=2"])(
    "page=%s does not exist",
    async (value) => {
      const { status, text } = await numbered.get(`/articles?page=${encodeURI(decodeURI(value))}`);
      expect([status, metaOf(text, "robots")]).toEqual([404, "noindex"]);
    },
  );

  test.each(["/articles?Page=2", "/articles?page[]=2", "/articles?utm_source=x"])(
    "%s is the list, with its own address",
    async (address) => {
      const canonical = elementsNamed(await numbered.html(address), "link")[0]?.attributes["href"];
      expect(canonical).toBe("http://localhost:3000/articles");
    },
  );
});

test("the dates in a list are days in Copenhagen, and are left out where all are the same", async () => {
  const dates = (html: string) =>
    Array.from(html.matchAll(/<time datetime="[^"]+\.000Z">([^<]+)<\/time>/g), ([, day]) => day);
  const [a, b] = [articleFile(), articleFile({ title: "B", date: "2026-10-31" })];
  const site = await siteOf({ "a.md": a, "b.md": b });
  for (const address of ["/articles", "/authors/someone", "/", "/search?q=hello"])
    expect([address, dates(await site.html(address))]).toEqual([
      address,
      ["1 November 2026", "31 October 2026"],
    ]);
  const same = articleFile({ title: "B", date: "2026-11-01T09:00:00+01:00" });
  expect(dates(await (await siteOf({ "a.md": a, "b.md": same })).html("/articles"))).toEqual([]);
});

const links = `[{ label: '"><img src=x>', url: "https://example.org/?a=1&b='<i>" }]`;
const sorted = await siteOf({
  "authors.yaml": `someone:\n  name: Some One\n  role: Engineer\n  bio: "<b>Queues</b> & more"\n  links: ${links}\nhouse:\n  name: Clean Systems Consulting\nquiet:\n  name: Quiet One\n  role: Tester\nidle:\n  name: Idle One\n`,
  "one.md": articleFile({ title: "One", date: "2026-01-01", topics: "[Java, Spring Boot]" }),
  "two.md": articleFile({ title: "Two", topics: "[Java, C++]", author: "house" }),
  "three.md": articleFile({ title: "Three", date: "2026-01-03", topics: "[C]" }),
  "four.md": articleFile({ title: "Four", date: "2026-01-04", topics: "[C]", author: "quiet" }),
});
describe("topics and authors", () => {
  test("are listed above the articles with their counts, the most used first", async () => {
    const topics = ["C 2", "Java 2", "C++ 1", "Spring Boot 1"];
    expect(chips(await sorted.html("/articles"))).toEqual(["*All 4", ...topics]);
    expect(chips(await sorted.html("/search?q=zzyzx"))).toEqual(["All 4", ...topics]);
    expect(chips(await sorted.html("/topics/spring-boot")).at(-1)).toBe("*Spring Boot 1");
  });

  test("a topic's page lists its articles and links to the feed of the topic", async () => {
    const html = await sorted.html("/topics/java");
    expect([listed(html), titleOf(html)]).toEqual([
      ["two", "one"],
      "Java articles · Clean Systems",
    ]);
    expect(attributesOf(html, "href")).toContain("/topics/java/feed.atom");
    expect(html).toContain('id="page-count">2 articles, newest first</h2>');
    expect(await sorted.html("/topics/spring-boot")).toContain('id="page-count">1 article</h2>');
  });

  test("a topic's page begins with the findings of the home page", async () => {
    const own = (title: string, date: string, finding: string) =>
      articleFile({ title, date, topics: "[Queues]", finding: `{ ${finding} }` });
    const number = "number: '7', unit: rows, source: output.txt:1";
    const files: Record<string, string> = {
      "one.md": own("One", "2026-01-01", `symptom: It is full, ${number}`),
      "two.md": own("Two", "2026-01-02", "symptom: It is empty"),
      "three.md": own("Three", "2026-01-03", `symptom: It is late, ${number}`),
      "chosen.yaml": "curves: { slug: figures, files: [] }\nfindings:\n  - not-public\n  - home\n",
    };
    const parts = async (more: Record<string, string> = {}) => {
      const site = await siteOf({ ...files, ...more });
      const html = await site.html("/topics/queues");
      expect(html).toMatch(/<a class="button" href="\/contact">/);
      return html.split('id="page-count"').map(listed);
    };
    expect(await parts()).toEqual([["three", "one"], ["two"]]);
    const more: Record<string, string> = {};
    for (const slug of ["home", "figures"])
      more[`${slug}.md`] = own(slug, "2025-01-01", `symptom: It is ours, ${number}`);
    const [found = [], others] = await parts(more);
    expect(found).toEqual([
      ...Object.keys(more)
        .toReversed()
        .map((name) => name.slice(0, -3)),
      "three",
    ]);
    expect(others).toEqual(["two", "one"]);
  });

  test("an author's page lists only their articles, and shows bio and links as text", async () => {
    const html = await sorted.html("/authors/someone");
    expect([listed(html), titleOf(html)]).toEqual([
      ["three", "one"],
      "Articles by Some One · Clean Systems",
    ]);
    expect(words(html)).toContain("Engineer at Clean Systems Consulting.");
    expect(html).toContain("&lt;b&gt;Queues&lt;/b&gt; &amp; more");
    const personal = elementsNamed(html, "a").find(
      ({ attributes }) => attributes["rel"] === "me noopener",
    );
    expect(personal?.attributes["href"]).toBe("https://example.org/?a=1&b=%27%3Ci%3E");
    expect(html).not.toMatch(/<(i|img)[ >]/);
    const links = attributesOf(await sorted.html("/articles/one"), "href");
    for (const href of ["/topics/java", "/authors/someone"]) expect(links).toContain(href);
  });

  test.each([
    ["two", "by Clean Systems Consulting, contract engineers for backends"],
    ["four", "by Quiet One, Tester at Clean Systems Consulting"],
  ])("the byline of %s, by somebody without a page, is text", async (slug, byline) => {
    const html = await sorted.html(`/articles/${slug}`);
    expect(words(html)).toContain(byline);
    expect(attributesOf(html, "href").filter((href) => href.startsWith("/authors/"))).toEqual([]);
  });

  test.each(
    "/topics /topics/none /topics/spring%20boot /topics/__proto__ /topics/none/feed.atom /authors /authors/house /authors/quiet /authors/idle /authors/nobody /authors/constructor".split(
      " ",
    ),
  )("%s does not exist", async (address) => expect((await sorted.get(address)).status).toBe(404));
});

const part = (part: number, date: string) =>
  articleFile({ title: `Part ${part}`, date, series: `{ name: Waiting, part: ${part} }` });
const related = await siteOf({
  "first.md": part(1, "2026-03-03"),
  "second.md": part(2, "2026-03-01"),
  "third.md": part(4, "2026-03-02"), // the third is not public yet
  "alone.md": articleFile({ title: "'\"Alone\" & ø'", related: "[second]" }),
  "last.md": articleFile({ title: "Last", date: "2025-01-01" }),
  "older.md": articleFile({ title: "Older", date: "2024-01-01" }),
});
describe("series and related articles", () => {
  test.each([
    ["first", "Part 1 of 4 in “Waiting” Next: Part 2"],
    ["second", "Part 2 of 4 in “Waiting” Previous: Part 1 Next: Part 4"],
    ["third", "Part 4 of 4 in “Waiting” Previous: Part 2"],
    ["alone", ""],
  ])("%s is ordered in its series by number, not by date", async (slug, expected) => {
    const html = await related.html(`/articles/${slug}`);
    const series = /<nav class="series"[\s\S]*?<\/nav>/.exec(html)?.[0] ?? "";
    expect(words(series).replace(/\s+/g, " ").trim()).toBe(expected);
  });

  const readNext = (html: string) =>
    Array.from(
      /<nav class="more"[\s\S]*?<\/nav>/.exec(html)?.[0].matchAll(/href="\/articles\/([^"]+)"/g) ??
        [],
      ([, slug = ""]) => slug,
    );

  test.each([
    ["first", "second"],
    ["alone", "second"],
    ["older", "alone"],
  ])("%s has %s and one more to read next above the pitch, and four below", async (slug, first) => {
    const html = await related.html(`/articles/${slug}`);
    const [next, more] = [readNext(html), listed(html)];
    expect([next[0], next.length, more.length]).toEqual([first, 2, 4]);
    expect([new Set([...next, slug]).size, new Set([...more, slug]).size]).toEqual([3, 5]);
    expect(html.indexOf("Read next")).toBeLessThan(html.indexOf('id="page-pitch"'));
  });

  test("a single article has neither", async () => {
    const alone = await siteOf({ "alone.md": articleFile() });
    expect(await alone.html("/articles/alone")).not.toMatch(/Read next|More articles/);
  });

  test("an article ends with a link for writing to us, with its slug in the subject", async () => {
    const hrefs = attributesOf(await related.html("/articles/alone"), "href");
    const href = hrefs.find((address) => address.includes("?subject=")) ?? "";
    const { pathname, searchParams } = new URL(href);
    expect([pathname, searchParams.get("subject")]).toEqual([
      related.config.contactEmail,
      "Mistake in alone",
    ]);
    expect(href).toMatch(/^[\x21-\x7e]+$/);
  });
});

const searched = await siteOf({
  "title.md": articleFile({ title: "Idempotent consumers" }, "Messages come twice.\n"),
  "heading.md": articleFile({ title: "Queues" }, "Words.\n\n## An idempotent handler\n"),
  "text.md": articleFile(
    { title: "Retries" },
    "A handler has to be idempotent, says Søren at the café \\<3 & co.\n",
  ),
});
describe("search", () => {
  test("lists the articles, best match first, with marked words in title and excerpt", async () => {
    const html = await searched.html("/search?q=idempotent");
    expect(listed(html)).toEqual(["title", "heading", "text"]);
    expect(html).toContain('<a href="/articles/title"><mark>Idempotent</mark> consumers</a>');
    expect(await searched.html("/search?q=s%C3%B8ren+cafe+handler")).toContain(
      "the <mark>café</mark> &lt;3 &amp; co.",
    );
  });

  test("shows the query in its box, is not indexed, and is never stored by shared caches", async () => {
    const response = await searched.get("/search?q=%22a%22+%3Cb%3E");
    const html = pageOf(response);
    expect([valueOfBox(html), metaOf(html, "robots")]).toEqual(['"a" <b>', "noindex"]);
    expect(response.headers["cache-control"]).toMatch(/^private|no-store/);
    expect(titleOf(html)).toBe('Search: "a" <b> · Clean Systems');
  });

  test("says if no article has all of the words, or only similar ones", async () => {
    expect(words(await searched.html("/search?q=idempotint"))).toContain(
      "No article has exactly this. 3 articles with similar words, best match first.",
    );
    expect(words(await searched.html("/search?q=kubernetes+cafe"))).toContain(
      "No article has all of these words. One article with some of them.",
    );
  });

  test("without results says so and offers the topics", async () => {
    const html = await searched.html("/search?q=zzyzx");
    expect(listed(html)).toEqual([]);
    expect(words(html)).toContain("No article mentions “zzyzx”. Try another word, or choose a to");
    expect(words(await searched.html("/search?q=zzyzx+qwxyz"))).toContain(
      "Try fewer words, or choose",
    );
    expect(html).toContain('<nav aria-label="Topics">');
  });

  test("no control character of the query is in the page", async () => {
    const html = await searched.html("/search?q=a%00b%07c%1b[31md%7f%c2%85e");
    expect(html).not.toMatch(/[^\P{Cc}\n]/u);
    expect(html).toContain('value="a b c [31md e"');
  });

  test.each(["/search", "/search?q=", "/search?q=+%20", "/search?q[]=a", "/search?x=1"])(
    "%s asks for words",
    async (address) => {
      const html = await searched.html(address);
      expect(words(html)).toContain("The beginning of a word is enough");
      expect(listed(html)).toEqual([]);
    },
  );

  test.each([
    ["quotes", `"'\``],
    ["a script", "<script>alert(1)</script>"],
    ["the end of an attribute", '" autofocus onfocus="alert(1)'],
    ["a zero byte", "idem\u0000potent"],
    ["emoji and other directions", "👩‍👩‍👧‍👦 שלום \u202e evil"],
    ["letters with many marks", `z${"\u0301".repeat(150)}algo`],
  ])("treats %s as words", async (_what, query) => {
    const response = await searched.get(`/search?q=${encodeURIComponent(query)}`);
    expect([response.status, /<script|onfocus="/.test(pageOf(response))]).toEqual([200, false]);
  });

  test.each(["%", "%ff%fe", "+&&=;&q"])("returns a page for %s, invalid encoding", async (raw) =>
    expect((await searched.get(`/search?q=${raw}`)).status).toBe(200),
  );
});

const aliases = "[/Blog/Old-Three.html, /2019/03/three, /docs/three.md]";
const unknown = await siteOf({
  "builder-pattern.md": articleFile({ title: "The builder pattern", date: "2025-01-01" }),
  "one.md": articleFile({ title: "One" }, "Words.\n"),
  "two.md": articleFile({ title: "Two", date: "2026-11-02" }, "Words.\n"),
  "retries.md": articleFile(
    { title: "The retries when clients hate our work", date: "2025-01-02" },
    "Words about pricing.\n",
  ),
  "three.md": articleFile({ title: "Three", date: "2026-11-03", aliases }, "Words.\n"),
});
describe("an unknown URL", () => {
  test.each([
    ["/articles/bilder-patern", "builder-pattern"],
    ["/articles/builder-pattern-of-gof", "builder-pattern"],
    ["/articles/builder-pattern.html", "builder-pattern"],
    ["/blog/2019/03/retry", "retries"],
    ["/posts/retries-teams", "retries"],
  ])("%s shows %s as the closest article", async (address, slug) => {
    const response = await unknown.get(address);
    expect([response.status, listed(pageOf(response))]).toEqual([404, [slug]]);
    expect(words(pageOf(response))).toContain("Perhaps you were looking for");
  });

  test.each([
    "/careers",
    "/wp-login.php",
    "/tow", // one letter from "two"
    "/words", // in texts only
    "/buildings-in-one-city", // one word of four
  ])("%s shows no article as close", async (address) => {
    const html = await unknown.html(address);
    expect([words(html).includes("Perhaps"), listed(html)]).toEqual([false, []]);
  });

  test("has a search for its words, without their percent-encoding", async () => {
    expect(valueOfBox(await unknown.html("/zzyzx/wp-login.php"))).toBe("wp login");
    const html = await unknown.html("/bl%c3%a5b%c3%a6r");
    expect(valueOfBox(html)).toBe("blåbær");
    expect(titleOf(html)).toBe("This page doesn’t exist · Clean Systems");
  });

  test.each([
    "/%3cscript%3ealert(1)%3c/script%3e",
    "/%22%20onload=%22x",
    "/%00",
    "/$&$`",
    `/${"a/".repeat(2_000)}b`,
  ])("%s is shown as text", async (address) => {
    const response = await unknown.get(address);
    expect([response.status, /<script|onload="/.test(pageOf(response))]).toEqual([404, false]);
    expect(pageOf(response)).not.toContain("a/".repeat(50)); // which no screen has room for
  });

  test.each([
    ["/blog/old-three.html", "/articles/three"],
    ["/docs/three.md", "/articles/three"],
    ["/Blog/Old-Three.HTML/?x=1", "/blog/old-three.html?x=1"], // the canonical spelling first
  ])("%s, an alias of an article, redirects to %s", async (address, target) => {
    const { status, headers } = await unknown.get(address);
    expect([status, headers["location"]]).toEqual([301, `http://localhost:3000${target}`]);
  });

  test("a URL whose redirect would not fit into the buffer of nginx is not found", async () => {
    expect((await unknown.get(`/A${"a".repeat(2_000)}`)).status).toBe(404);
  });

  test("browsers may forget the redirect of an alias after five minutes", async () => {
    const { headers } = await unknown.get("/2019/03/three");
    expect(headers["cache-control"]).toBe("public, max-age=300");
  });
});
