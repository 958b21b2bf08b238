// Finding an article: the list and its numbered pages, topics, authors, series, search, and what the 404
// page offers instead.

import { articleFile, buildSiteOf } from "../support/articles.ts";
import { attributesOf, elementsNamed, metaOf, pageOf, textOf, titleOf } from "../support/html.ts";
import { buildTestSite } from "../support/site.ts";

/** A site over these files and how to ask it. */
async function siteOf(files: Record<string, string>) {
  const site = await buildSiteOf(files);
  return {
    ...site,
    html: async (address: string) => pageOf(await site.get(address)),
  };
}

/** The slugs of the articles that a page lists, in order. */
const listed = (html: string) =>
  Array.from(html.matchAll(/<h[23]><a href="\/articles\/([^"]+)"/g), ([, slug = ""]) => slug);
/** The part of a page from `start` to `end`. */
const between = (html: string, start: string, end: string) =>
  html.split(start)[1]?.split(end)[0] ?? "";
const canonicalOf = (html: string) => attributesOf(html, "href")[0];
const valueOfBox = (html: string) =>
  elementsNamed(html, "input").find(({ name }) => name === "q")?.["value"];

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
      const addresses = [path, `${path}?page=2`, `${path}?page=3`];
      const pages = await Promise.all(addresses.map(numbered.html));
      expect(pages.flatMap(listed)).toEqual(Array.from({ length: 41 }, (_, at) => `a-${40 - at}`));
      expect(pages.map((html) => listed(html).length)).toEqual([20, 20, 1]);
      expect((await numbered.get(`${path}?page=4`)).status).toBe(404);
    },
  );

  test("have their own title and canonical URL, and link to their neighbours", async () => {
    const html = await numbered.html("/articles?page=2");
    for (const link of ['/articles" rel="prev', '/articles?page=3" rel="next'])
      expect(html).toContain(`<a href="${link}"`);
    expect(html).toContain('<b aria-current="page">2</b>');
    expect(titleOf(html)).toBe("Articles, page 2 · Clean Systems");
    expect(canonicalOf(html)).toBe("http://localhost:3000/articles?page=2");
    expect(await numbered.html("/articles?page=3")).not.toContain('rel="next"');
  });

  test.each(["", "0", "-1", "4", "01", "2e0", "1e999", "%202", "٢"])(
    "page=%s does not exist",
    async (value) => {
      const { status, text } = await numbered.get(`/articles?page=${encodeURI(decodeURI(value))}`);
      expect([status, metaOf(text, "robots")]).toEqual([404, "noindex"]);
    },
  );

  test("a list with another query has the list's own address", async () => {
    for (const query of ["?page=1", "?Page=2", "?page[]=2", "?utm_source=x"])
      expect(canonicalOf(await numbered.html(`/articles${query}`))).toBe(
        "http://localhost:3000/articles",
      );
  });
});

test("dates are days in Copenhagen, left out where all are the same", async () => {
  const dates = (html: string) =>
    Array.from(html.matchAll(/<time datetime="[^"]+\.000Z">([^<]+)<\/time>/g), ([, day]) => day);
  const [a, b] = [articleFile(), articleFile({ title: "B", date: "2026-10-31" })];
  const site = await siteOf({ "a.md": a, "b.md": b });
  for (const address of ["/articles", "/authors/someone", "/search?q=hello"])
    expect(dates(await site.html(address))).toEqual(["1 November 2026", "31 October 2026"]);
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
  test("topics are listed with their counts, the most used first", async () => {
    for (const [address, all, last] of [
      ["/articles", "*All", "Spring Boot"],
      ["/search?q=zzyzx", "All", "Spring Boot"],
      ["/topics/spring-boot", "All", "*Spring Boot"],
    ]) {
      const chips = between(await sorted.html(address ?? ""), '<ul class="chips">', "</ul>");
      const marked = chips.replace(/aria-current="page">/g, "$&*");
      expect(textOf(marked)).toBe(`${all} 4 C 2 Java 2 C++ 1 ${last} 1`);
    }
  });

  test("a topic's page lists its articles and links to its feed", async () => {
    const html = await sorted.html("/topics/java");
    expect(listed(html)).toEqual(["two", "one"]);
    expect(titleOf(html)).toBe("Java articles · Clean Systems");
    expect(attributesOf(html, "href")).toContain("/topics/java/feed.atom");
    expect(html).toContain('id="page-count">2 articles, newest first</h2>');
    expect(await sorted.html("/topics/spring-boot")).toContain('id="page-count">1 article</h2>');
  });

  test("a topic's page begins with the findings of the home page", async () => {
    const own = (title: string, date: string, topics = "[Queues]") => {
      const finding = "{ symptom: It is full, number: '7', unit: rows, source: output.txt:1 }";
      return articleFile({ title, date, topics, finding });
    };
    const site = await siteOf({
      "one.md": own("One", "2026-01-01"),
      "two.md": articleFile({ title: "Two", date: "2026-01-02", topics: "[Queues]" }),
      "three.md": own("Three", "2026-01-03"),
      "home.md": own("Home", "2025-01-01"),
      "figures.md": own("Figures", "2025-01-01", "[Queues, Data]"),
      "chosen.yaml": "curves: { slug: figures, files: [] }\nfindings:\n  - not-public\n  - home\n",
    });
    expect((await site.html("/topics/queues")).split('id="page-count"').map(listed)).toEqual([
      ["figures", "home", "three"],
      ["two", "one"],
    ]);
    // A list of one article needs no advice where to start.
    expect(await site.html("/topics/data")).toContain('id="page-count">1 article</h2>');
  });

  test("an author's page lists their articles, with bio and links as text", async () => {
    const html = await sorted.html("/authors/someone");
    expect(listed(html)).toEqual(["three", "one"]);
    expect(titleOf(html)).toBe("Articles by Some One · Clean Systems");
    expect(textOf(html)).toContain("Engineer at Clean Systems Consulting.");
    expect(html).toContain("&lt;b&gt;Queues&lt;/b&gt; &amp; more");
    expect(html).toMatch(
      /<a [^>]*href="https:\/\/example\.org\/\?a=1&amp;b=%27%3Ci%3E" rel="me noopener"/,
    );
    expect(html).not.toMatch(/<(i|img)[ >]/);
    const links = attributesOf(await sorted.html("/articles/one"), "href");
    expect(links).toEqual(expect.arrayContaining(["/topics/java", "/authors/someone"]));
  });

  test.each([
    ["two", "by Clean Systems Consulting , contract engineers for backends"],
    ["four", "by Quiet One, Tester at Clean Systems Consulting"],
  ])("the byline of %s, by somebody without a page, is text", async (slug, byline) => {
    const html = await sorted.html(`/articles/${slug}`);
    expect(textOf(html)).toContain(byline.replace(" ,", ","));
    expect(attributesOf(html, "href").filter((href) => href.startsWith("/authors/"))).toEqual([]);
  });

  const absent =
    "/topics /topics/none /topics/spring%20boot /topics/__proto__ /topics/none/feed.atom /authors /authors/house /authors/quiet /authors/idle /authors/nobody /authors/constructor";
  test.each(absent.split(" "))("%s does not exist", async (address) =>
    expect((await sorted.get(address)).status).toBe(404),
  );
});

const part = (part: number, date: string) =>
  articleFile({ title: `Part ${part}`, date, series: `{ name: Waiting, part: ${part} }` });
const related = await siteOf({
  "first.md": part(1, "2026-03-03"),
  "second.md": part(2, "2026-03-01"),
  "third.md": part(4, "2026-03-02"), // the third is not public yet
  "alone.md": articleFile({ title: "'\"Alone\" & ø'", related: "[second]" }),
  "java.md": articleFile({ title: "Java", date: "2025-01-01", topics: "[Java]" }),
  "older.md": articleFile({ title: "Older", date: "2024-01-01", topics: "[Teams, Java]" }),
});
describe("series and related articles", () => {
  test.each([
    ["first", "Part 1 of 4 in “Waiting” Next: Part 2"],
    ["second", "Part 2 of 4 in “Waiting” Previous: Part 1 Next: Part 4"],
    ["third", "Part 4 of 4 in “Waiting” Previous: Part 2"],
    ["alone", ""],
  ])("%s is ordered in its series by number, not by date", async (slug, expected) => {
    const series = between(
      await related.html(`/articles/${slug}`),
      '<nav class="series"',
      "</nav>",
    );
    expect(textOf(series.slice(series.indexOf(">") + 1))).toBe(expected);
  });

  test.each([
    ["first", "the next part", ["second", "alone", "third", "java"]],
    ["alone", "the author’s choice", ["second", "first", "third", "java"]],
    ["older", "one on its topic", ["java", "alone", "first", "third"]],
  ])("below %s stand %s and the newest", async (slug, _what, expected) => {
    expect(listed(await related.html(`/articles/${slug}`))).toEqual(expected);
  });

  test("an article ends with a link for writing to us about it", async () => {
    const hrefs = attributesOf(await related.html("/articles/alone"), "href");
    expect(hrefs).toContain("mailto:hello@cleansystems.example?subject=Mistake%20in%20alone");
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
  test("lists the best match first, with marked words", async () => {
    const html = await searched.html("/search?q=idempotent");
    expect(listed(html)).toEqual(["title", "heading", "text"]);
    expect(html).toContain('<a href="/articles/title"><mark>Idempotent</mark> consumers</a>');
    expect(await searched.html("/search?q=s%C3%B8ren+cafe+handler")).toContain(
      "the <mark>café</mark> &lt;3 &amp; co.",
    );
  });

  test("shows the query, is not indexed, and no shared cache stores it", async () => {
    const response = await searched.get("/search?q=%22a%22+%3Cb%3E");
    const html = pageOf(response);
    expect([valueOfBox(html), metaOf(html, "robots")]).toEqual(['"a" <b>', "noindex"]);
    expect(response.headers["cache-control"]).toMatch(/^private|no-store/);
    expect(titleOf(html)).toBe('Search: "a" <b> · Clean Systems');
  });

  test.each([
    ["idempotint", "No article has exactly this. 3 come close, best match first."],
    ["kubernetes+cafe", "No article has exactly this. One comes close."],
    ["zzyzx", "Try another word, or choose a topic"],
    ["zzyzx+qwxyz", "Try fewer words, or choose"],
  ])("says what it found for %s", async (query, sentence) => {
    const html = await searched.html(`/search?q=${query}`);
    expect(textOf(html)).toContain(sentence);
    expect(listed(html).length === 0).toBe(html.includes('<nav aria-label="Topics">'));
  });

  test.each(["/search", "/search?q=", "/search?q=+%20", "/search?q[]=a", "/search?x=1"])(
    "%s asks for words",
    async (address) => {
      const html = await searched.html(address);
      expect(textOf(html)).toContain("The beginning of a word is enough");
      expect(listed(html)).toEqual([]);
    },
  );

  test.each([
    ["quotes", encodeURIComponent(`"'\``)],
    ["a script", encodeURIComponent("<script>alert(1)</script>")],
    ["the end of an attribute", encodeURIComponent('" autofocus onfocus="alert(1)')],
    ["control characters", "a%00b%07c%1b[31md%7f%c2%85e"],
    ["emoji and other directions", encodeURIComponent("👩‍👩‍👧‍👦 שלום \u202e evil")],
    ["letters with many marks", encodeURIComponent(`z${"\u0301".repeat(150)}algo`)],
    ["invalid encoding", "%ff%fe%"],
    ["separators", "+&&=;&q"],
  ])("treats %s as words", async (_what, query) => {
    const response = await searched.get(`/search?q=${query}`);
    expect(response.status).toBe(200);
    expect(pageOf(response)).not.toMatch(/<script|onfocus="|[^\P{Cc}\n]/u);
  });
});

const aliases = "[/Blog/Old-Three.html, /2019/03/three, /docs/three.md, /articles/trois]";
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
    ["/articles/bilder-patern", ["builder-pattern"]],
    ["/articles/builder-pattern-of-gof", ["builder-pattern"]],
    ["/articles/builder-pattern.html", ["builder-pattern"]],
    ["/blog/2019/03/retry", ["retries"]],
    ["/posts/retries-teams", ["retries"]],
    ["/zzyzx", []],
    ["/tow", []], // one letter from "two"
    ["/words", []], // in texts only
    ["/buildings-in-one-city", []], // one word of four
  ])("%s suggests %j", async (address, slugs) => {
    const response = await unknown.get(address);
    expect([response.status, listed(pageOf(response))]).toEqual([404, slugs]);
    const asks = /Perhaps you were looking for|Did you mean this one\?/.test(response.text);
    expect(asks).toBe(slugs.length > 0);
  });

  test.each(["biulder-pattern", "builder-patern", "builder-patterns", "builder-pattarn"])(
    "one letter away from an article, %s, asks for that one",
    async (name) => {
      const html = await unknown.html(`/articles/${name}`);
      expect(textOf(html)).toContain("Did you mean this one? The builder pattern");
      expect(listed(html)).toEqual(["builder-pattern"]);
    },
  );

  test("has a search for its words", async () => {
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
    `/${"a-".repeat(2_000)}b`,
  ])("%s is shown as text", async (address) => {
    const response = await unknown.get(address);
    expect([response.status, /<script|onload="/.test(pageOf(response))]).toEqual([404, false]);
    expect(pageOf(response)).not.toContain("a ".repeat(50)); // which no screen has room for
  });

  test.each([
    ["/blog/old-three.html", "/articles/three"],
    ["/docs/three.md", "/articles/three"],
    ["/articles/trois.md", "/articles/three.md"],
    ["/og/trois.png", "/og/three.png"],
    ["/Blog/Old-Three.HTML/?x=1", "/blog/old-three.html?x=1"], // the canonical spelling first
  ])("%s, an alias of an article, redirects to %s", async (address, target) => {
    const { status, headers } = await unknown.get(address);
    expect([status, headers["location"]]).toEqual([301, `http://localhost:3000${target}`]);
    expect(headers["cache-control"]).toBe("public, max-age=300");
  });

  test("a URL whose redirect would not fit into nginx's buffer is not found", async () => {
    expect((await unknown.get(`/A${"a".repeat(2_000)}`)).status).toBe(404);
  });
});

const ours = await buildTestSite({ now: new Date("2026-12-02T13:33:00Z") });
describe("a search for what we offer", () => {
  const resultsOf = (html: string) =>
    Array.from(html.matchAll(/<h3><a href="([^"]+)"/g), ([, address = ""]) => address);

  test.each([
    ["price", "/services#page-first-week", "You have in writing what it costs."],
    ["cost", "/services#page-first-week", "You have in writing what it costs."],
    ["on call", "/services#page-kind-failing", "We aren’t on call"],
    ["team", "/how-we-work#page-who-we-are", "Who does the work"],
    ["who are you", "/how-we-work#page-who-we-are", "Who does the work"],
  ])("%s leads to %s, which answers", async (query, address, answer) => {
    const html = pageOf(await ours.get(`/search?q=${encodeURIComponent(query)}`));
    expect(resultsOf(html)[0]).toBe(address);
    const [path = "", id = ""] = address.split("#");
    const [, section = ""] = (await ours.get(path)).text.split(`id="${id}"`);
    expect(textOf(section)).toContain(answer);
  });

  test("stands above the articles, whose order it doesn’t change", async () => {
    const html = pageOf(await ours.get("/search?q=team"));
    const hits = await ours.library.search("team", ours.clock.now, { max: 20 });
    expect(hits.length).toBeGreaterThan(2);
    expect(resultsOf(html).slice(1)).toEqual(
      hits.map(({ article }) => `/articles/${article.slug}`),
    );
  });

  test("finds the words of a page that no article has", async () => {
    const html = await searched.html("/search?q=your+premises");
    expect(resultsOf(html)).toEqual(["/how-we-work"]);
    expect(textOf(html)).toContain("No article mentions “ your premises ”. See this page:");
  });

  test("shows no page for a word of an article", async () =>
    expect(resultsOf(await searched.html("/search?q=queues"))).toEqual(["/articles/heading"]));
});
