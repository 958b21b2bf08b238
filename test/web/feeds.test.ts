// What programs read: feeds, the sitemap, robots.txt, llms.txt, security.txt, and articles as
// Markdown.

import { parseFeed } from "@rowanmanning/feed-parser";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import { attributesOf, decode, elementsNamed, pageOf } from "../support/html.ts";
import { tuesday, type TestSite } from "../support/site.ts";

const siteUrl = "http://clean.localhost:8080";
type Site = Pick<TestSite, "get">;
const siteOf = (files: Record<string, string>) =>
  buildSiteOf(files, { env: { SITE_URL: siteUrl } });
const textOf = async ({ get }: Site, address: string) => pageOf(await get(address));
const itemsOf = async (site: Site) => parseFeed(await textOf(site, "/feed.atom")).items;

/** Returns what is between the tags `<name>`, as XML has it. */
const between = (xml: string, name: string) =>
  Array.from(
    xml.matchAll(new RegExp(`<${name}[^>]*>([^<]*)</${name}>`, "g")),
    ([, text = ""]) => text,
  );

const body = [
  'Signs: \\<, &, "quotes", ]]> and 👋.',
  "[ours](/contact) [other](other.md#more) [here](#more) [far](https://example.org/x)[^1]",
  "[a](../contact) [b](?page=2) [c](//example.org/x)",
  "## More [of](/contact) it",
  '```text\n<a href="/kept" src="/kept">#kept</a>\n```',
  "```console\n$ ls\n```",
  "[^1]: A note.",
].join("\n\n");
const title = '"[x](y)" <b> & `c` ]]>';
const corrected = (day: string) => `{ date: ${day}, change: A word }`;
const site = await siteOf({
  "authors.yaml":
    "someone:\n  name: Some One\n  role: Engineer\n  bio: Reads logs.\nguest:\n  name: Guest\n",
  "a.md": articleFile({ title: `'${title}'` }, body),
  "other.md": articleFile(
    { title: "Other", date: "2026-10-01", author: "guest" },
    "One &#12; two \uffff three.\n\n## More\n",
  ),
  "builder.md": articleFile({
    title: "B",
    date: "2026-02-01T08:00:00Z",
    updated: corrected("2026-02-01"), // begins at midnight
    topics: "[Java]",
  }),
  "queues.md": articleFile({
    date: "2026-01-01",
    updated: corrected("2026-03-01"),
    topics: "[Java]",
    aliases: "[/articles/former, /articles/second]",
  }),
});

describe("Atom feeds", () => {
  test.each(["/feed.atom", "/topics/java/feed.atom"])(
    "%s has the elements that RFC 4287 requires",
    async (address) => {
      const xml = await textOf(site, address);
      const { meta, self, language } = parseFeed(xml);
      expect([meta.type, self, language]).toEqual(["atom", siteUrl + address, "en"]);
      expect(xml).toMatch(
        /^<\?xml version="1.0" encoding="utf-8"\?>\n<feed xmlns="http:\/\/www.w3.org\/2005\/Atom"/,
      );
      for (const part of xml.split(/<entry>/)) {
        for (const name of ["id", "title", "updated"])
          expect([name, between(part, name).length]).toEqual([name, 1]);
        expect(part.match(/<link rel="alternate" type="text\/html" href="http/g)).toHaveLength(1);
      }
      const [updated, ...others] = between(xml, "updated");
      expect(updated).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
      expect(updated).toBe(others.sort().at(-1));
      const ids = between(xml, "id");
      expect([new Set(ids).size, ids.every((id) => URL.canParse(id))]).toEqual([ids.length, true]);
    },
  );

  test("the feed of the site has every article whole, newest first", async () => {
    const items = await itemsOf(site);
    expect(items).toHaveLength(site.library.list(tuesday).length);
    for (const [index, article] of site.library.list(tuesday).entries()) {
      const { slug, title, author, topics, description, publishedAt } = article;
      const url = author.bio ? `${siteUrl}/authors/${author.key}` : null;
      expect(items[index]).toMatchObject({
        url: `${siteUrl}/articles/${slug}`,
        title,
        description,
        published: publishedAt,
        authors: [{ name: author.name, url }],
        categories: topics.map(({ name }) => ({ label: name })),
        content: expect.stringMatching(/^\s*<p>/) as string,
      });
    }
  });

  test("the feed of a topic has its articles only", async () => {
    const [topic] = site.library.topics(tuesday);
    const feed = parseFeed(await textOf(site, `/topics/${topic?.slug}/feed.atom`));
    expect(feed.items).toHaveLength(topic?.count ?? 0);
    expect(feed.title).toBe(`Clean Systems Consulting: ${topic?.name}`);
  });

  test("have the fifty newest articles", async () => {
    const files = Array.from({ length: 55 }, (_, index) => {
      const date = new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10);
      return [`a-${index}.md`, articleFile({ title: `A ${index}`, date })];
    });
    await using large = await siteOf(Object.fromEntries(files) as Record<string, string>);
    const items = await itemsOf(large);
    expect([items.length, items[0]?.title]).toEqual([50, "A 54"]);
  });

  test("are well-formed without any article", async () => {
    await using empty = await siteOf({});
    const xml = await textOf(empty, "/feed.atom");
    expect(parseFeed(xml).items).toEqual([]);
    expect(between(xml, "updated")).toEqual(["1970-01-01T00:00:00.000Z"]);
  });

  test("have the date of a correction, never before the article's", async () => {
    expect((await itemsOf(site)).map(({ updated }) => updated?.toISOString())).toEqual([
      "2026-10-31T23:00:00.000Z",
      "2026-09-30T22:00:00.000Z",
      "2026-02-01T08:00:00.000Z",
      "2026-02-28T23:00:00.000Z",
    ]);
  });

  test("keep the id of a renamed article: its first URL", async () => {
    const [former, now] = ["former", "queues"].map((slug) => `${siteUrl}/articles/${slug}`);
    expect((await itemsOf(site)).at(-1)).toMatchObject({ id: former, url: now });
    expect((await site.get("/articles/former")).headers["location"]).toBe(now);
  });
});

// The parser would undo entities twice; XML does it once.
const [html = ""] = between(await textOf(site, "/feed.atom"), "content").map(decode);

describe("the text of articles in feeds", () => {
  test("ends with how to reply, in a form that names the article", async () => {
    const form = attributesOf(html.slice(html.lastIndexOf("<p>")), "href");
    expect(form).toEqual([`${siteUrl}/contact?from=a`]);
    expect((await site.get("/contact?from=a")).text).toContain('name="from" value="a"');
  });

  test("has absolute URLs only", () => {
    const page = `${siteUrl}/articles/a`;
    expect(attributesOf(html.replace(/<pre>[\s\S]*?<\/pre>/g, ""), "href")).toEqual([
      `${siteUrl}/contact`,
      `${siteUrl}/articles/other#more`,
      `${page}#more`,
      "https://example.org/x",
      `${page}#page-note-1`,
      `${siteUrl}/contact`,
      `${page}?page=2`,
      "http://example.org/x",
      `${siteUrl}/contact`,
      `${page}#page-note-ref-1`,
      `${siteUrl}/contact?from=a`,
    ]);
  });

  test("keeps special characters and code, and has nothing for a style sheet", async () => {
    expect(html).toContain("Signs: &lt;, &amp;, &quot;quotes&quot;, ]]&gt; and 👋.");
    expect((await itemsOf(site))[0]?.title).toBe(title);
    expect(html).toContain(
      '<pre><code>&lt;a href="/kept" src="/kept"&gt;#kept&lt;/a&gt;</code></pre>',
    );
    expect(html).toContain(`<h2 id="more-of-it">More <a href="${siteUrl}/contact">of</a> it</h2>`);
    expect(html).toContain("<code>$ ls</code>");
    expect(html).not.toMatch(/<span|class=|tabindex/);
    expect(await textOf(site, "/articles/a.md")).toContain(body);
  });

  test("has no character that XML forbids", async () => {
    for (const address of ["/feed.atom", "/sitemap.xml", "/llms.txt"])
      expect(await textOf(site, address)).not.toMatch(/[^\P{Cc}\t\n\r]|[\ufffe\uffff]/u);
  });
});

describe("every machine-readable file", () => {
  test.each([
    ["/feed.atom", "application/atom+xml"],
    ["/topics/java/feed.atom", "application/atom+xml"],
    ["/sitemap.xml", "application/xml"],
    ["/robots.txt", "text/plain"],
    ["/llms.txt", "text/plain"],
  ])("%s is %s, and scripts of other origins may read it", async (address, type) => {
    const { status, headers } = await site.get(address);
    expect([status, headers["content-type"]]).toEqual([200, `${type}; charset=utf-8`]);
    expect(headers["access-control-allow-origin"]).toBe("*");
  });

  test("only what any cache may keep may be embedded by other sites", async () => {
    const policyOf = async (address: string) =>
      (await site.get(address)).headers["cross-origin-resource-policy"];
    for (const address of ["/feed.atom", "/favicon.ico", "/og/builder.png"])
      expect([address, await policyOf(address)]).toEqual([address, "cross-origin"]);
    for (const address of ["/contact", "/search", "/nowhere"])
      expect([address, await policyOf(address)]).toEqual([address, "same-origin"]);
    expect((await site.get("/articles")).headers).not.toHaveProperty("access-control-allow-origin");
  });

  test("links only to URLs of the site that exist", async () => {
    const own = /http:\/\/clean\.localhost:8080([^\s"<>&)#?\\]*)/g;
    const paths = new Set<string>();
    for (const address of ["/feed.atom", "/robots.txt", "/llms.txt", "/.well-known/security.txt"])
      for (const [, path] of (await textOf(site, address)).matchAll(own)) paths.add(path || "/");
    // A renamed article keeps its first path as its id in the feed, and redirects from there.
    const statuses = await Promise.all(
      [...paths].map(async (path) => (await site.get(path)).status),
    );
    const missing = [...paths].filter((_path, at) => ![200, 301].includes(statuses[at] ?? 0));
    expect(missing).toEqual([]);
  });
});

test("/sitemap.xml has dates, of a list that of its newest article", async () => {
  const xml = await textOf(site, "/sitemap.xml");
  const changeOf = (path: string) =>
    new RegExp(`<loc>${siteUrl}${path}</loc><lastmod>([^<]+)`).exec(xml)?.[1];
  for (const path of ["/articles/queues", "/topics/java"])
    expect([path, changeOf(path)]).toEqual([path, "2026-02-28T23:00:00.000Z"]);
  expect(changeOf("/articles/builder")).toBe("2026-02-01T08:00:00.000Z");
  expect(changeOf("/authors/someone")).toBe("2026-10-31T23:00:00.000Z");
  expect(changeOf("/privacy")).toBeUndefined();
});

describe("the text files", () => {
  test("/robots.txt allows everything but search, and names the sitemap", async () => {
    expect(await textOf(site, "/robots.txt")).toMatch(
      /^(#.*\n)*User-agent: \*\nDisallow: \/search\n\nSitemap: http:\/\/clean\.localhost:8080\/sitemap\.xml\n$/,
    );
  });

  test("/llms.txt links to the Markdown of every article", async () => {
    const text = await textOf(site, "/llms.txt");
    expect(text).toMatch(/^# Clean Systems Consulting\n\n> \S/);
    for (const { slug, title, description } of site.library.list(tuesday)) {
      const words = title.replace(/[[\]]/g, String.raw`\$&`);
      expect(text).toContain(`- [${words}](${siteUrl}/articles/${slug}.md): ${description}\n`);
    }
    expect(text).not.toMatch(/\/(staff|drafts|contact\/received)/);
  });

  test.each(["2026-11-24", "2028-02-29"])(
    "on %s security.txt has the fields of RFC 9116, for less than a year",
    async (day) => {
      site.clock.now = new Date(`${day}T23:59:59Z`);
      const text = await textOf(site, "/.well-known/security.txt");
      const [, expires = ""] = /^Expires: (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$/m.exec(text) ?? [];
      const days = (Date.parse(expires) - site.clock.now.getTime()) / 86_400_000;
      site.clock.now = tuesday;
      expect(days > 90 && days < 365).toBe(true);
      expect(text.trim().split("\n")).toEqual([
        "Contact: mailto:hello@cleansystems.example",
        `Expires: ${expires}`,
        "Preferred-Languages: en",
        `Canonical: ${siteUrl}/.well-known/security.txt`,
      ]);
    },
  );
});

describe("an article as Markdown", () => {
  const page = "/articles/queues";

  test("names its page as canonical, and is linked from it", async () => {
    const { headers, text } = await site.get(`${page}.md`);
    expect(headers["content-type"]).toBe("text/markdown; charset=utf-8");
    expect(headers["link"]).toBe(`<${siteUrl}${page}>; rel="canonical"`);
    expect(text).toContain(site.library.find("queues", tuesday)?.body.trim());
    const links = elementsNamed(await textOf(site, page), "link");
    expect(links.filter(({ type }) => type === "text/markdown")).toEqual([
      expect.objectContaining({ rel: "alternate", href: `${page}.md` }),
    ]);
  });

  test.each(["/articles/none.md", "/articles.md", `${page}.md.md`, `${page}.txt`, "/contact.md"])(
    "%s does not exist",
    async (address) => expect((await site.get(address)).status).toBe(404),
  );
});
