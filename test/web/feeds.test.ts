// What programs read: feeds, the sitemap, robots.txt, llms.txt, security.txt, articles as Markdown, and structured data.

import { parseFeed } from "@rowanmanning/feed-parser";
import request from "supertest";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import { attributesOf, elementsNamed } from "../support/html.ts";
import { buildTestSite, tuesday } from "../support/site.ts";
import { publicAddresses } from "../support/visits.ts";

const siteUrl = "http://clean.localhost:8080";
type Site = Awaited<ReturnType<typeof buildTestSite>>;
const closing: { close: () => Promise<void> }[] = [];
afterAll(() => Promise.all(closing.map((one) => one.close())));

/** The site over these files; closed when all tests are over. */
async function siteOf(files: Record<string, string>) {
  const site = await buildSiteOf(files, { env: { SITE_URL: siteUrl } });
  closing.push(site);
  return site;
}
const get = ({ server }: Pick<Site, "server">, address: string) => request(server).get(address);
const textOf = async (site: Pick<Site, "server">, address: string) =>
  (await get(site, address)).text;

/** What is between the tags `<name>`, as XML has it. */
const between = (xml: string, name: string) =>
  Array.from(
    xml.matchAll(new RegExp(`<${name}[^>]*>([^<]*)</${name}>`, "g")),
    ([, text = ""]) => text,
  );

/** The parser undoes entities twice; this is once, as XML has it. */
const unescaped = (xml: string) =>
  xml.replace(
    /&(lt|gt|amp|#34|#39);/g,
    (_whole, name: string) => ({ lt: "<", gt: ">", amp: "&", "#34": '"', "#39": "'" })[name] ?? "",
  );

let site: Site;
beforeAll(async () => {
  site = await buildTestSite({ env: { SITE_URL: siteUrl } });
});
afterAll(() => site.close());

type JsonFeed = {
  version: string;
  title: string;
  home_page_url: string;
  feed_url: string;
  items: JsonItem[];
} & Record<string, unknown>;
type JsonItem = {
  id: string;
  url: string;
  title: string;
  content_html: string;
  summary: string;
  tags: string[];
} & Record<string, string>;
const jsonFeed = async (of: Pick<Site, "server">) =>
  JSON.parse(await textOf(of, "/feed.json")) as JsonFeed;

describe("Atom feeds", () => {
  test.each(["/feed.atom", "/topics/java/feed.atom"])(
    "%s has the elements that RFC 4287 requires",
    async (address) => {
      const xml = await textOf(site, address);
      const feed = parseFeed(xml);
      expect([feed.meta.type, feed.meta.version, feed.self, feed.language]).toEqual([
        "atom",
        "1.0",
        siteUrl + address,
        "en",
      ]);
      expect(xml).toMatch(
        /^<\?xml version="1.0" encoding="utf-8"\?>\n<feed xmlns="http:\/\/www.w3.org\/2005\/Atom"/,
      );
      const head = xml.slice(0, xml.indexOf("<entry>"));
      for (const part of [head, ...(xml.match(/<entry>[\s\S]*?<\/entry>/g) ?? [])]) {
        for (const name of ["id", "title", "updated"])
          expect([name, part.match(new RegExp(`<${name}>[^<]+</${name}>`, "g"))?.length]).toEqual([
            name,
            1,
          ]);
        expect(
          part.match(/<link rel="alternate" type="text\/html" href="http[^"]+"\/>/g),
        ).toHaveLength(1);
      }
      const updates = between(xml, "updated");
      expect(
        updates.filter((time) => !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(time)),
      ).toEqual([]);
      expect(updates[0]).toBe(updates.slice(1).sort().at(-1));
      const ids = [
        ...head.matchAll(/<id>([^<]+)/g),
        ...xml.slice(head.length).matchAll(/<id>([^<]+)/g),
      ].map(([, id = ""]) => id);
      expect([new Set(ids).size, ids.filter((id) => !URL.canParse(id))]).toEqual([ids.length, []]);
    },
  );

  test("the feed of the site has every article, newest first, with its author, topics, summary and text", async () => {
    const feed = parseFeed(await textOf(site, "/feed.atom"));
    const articles = site.library.list(tuesday);
    expect(feed.items.map(({ url, title }) => [url, title])).toEqual(
      articles.map(({ slug, title }) => [`${siteUrl}/articles/${slug}`, title]),
    );
    for (const [index, item] of feed.items.entries()) {
      const article = articles[index];
      expect(item.authors.map(({ name, url }) => [name, url])).toEqual([
        [article?.author.name, `${siteUrl}/authors/${article?.author.key}`],
      ]);
      expect(item.categories.map(({ label }) => label)).toEqual(
        article?.topics.map(({ name }) => name),
      );
      expect([item.description, item.published]).toEqual([
        article?.description,
        article?.publishedAt,
      ]);
      expect(item.content).toMatch(/^\s*<p>/);
    }
  });

  test("the feed of a topic has the articles of that topic only, and an unknown topic has no feed", async () => {
    const [topic] = site.library.topics(tuesday);
    const feed = parseFeed(await textOf(site, `/topics/${topic?.slug}/feed.atom`));
    expect([feed.items.length, feed.title]).toEqual([
      topic?.count,
      `Clean Systems Consulting: ${topic?.name}`,
    ]);
    expect((await get(site, "/topics/none/feed.atom")).status).toBe(404);
  });

  test("have the twenty newest articles", async () => {
    const files = Array.from({ length: 25 }, (_, index) => [
      `a-${index}.md`,
      articleFile({ title: `A ${index}`, date: `2026-01-${index + 1}`.replace(/-(\d)$/, "-0$1") }),
    ]);
    const many = await siteOf(Object.fromEntries(files) as Record<string, string>);
    const { items } = parseFeed(await textOf(many, "/feed.atom"));
    expect([items.length, items[0]?.title, (await jsonFeed(many)).items.length]).toEqual([
      20,
      "A 24",
      20,
    ]);
  });

  test("are well-formed without any article", async () => {
    const xml = await textOf(await siteOf({}), "/feed.atom");
    expect([parseFeed(xml).items, between(xml, "updated")]).toEqual([
      [],
      ["1970-01-01T00:00:00.000Z"],
    ]);
  });

  test("have the date of a correction besides the date of publishing", async () => {
    const corrected = await siteOf({
      "a.md": articleFile({ date: "2026-11-01", updated: "{ date: 2026-11-20, change: A word }" }),
    });
    const [item] = parseFeed(await textOf(corrected, "/feed.atom")).items;
    expect([item?.published, item?.updated].map((time) => time?.toISOString())).toEqual([
      "2026-10-31T23:00:00.000Z",
      "2026-11-19T23:00:00.000Z",
    ]);
  });

  test("never date a correction before the article: a plain day begins at midnight", async () => {
    const sameDay = {
      date: "2026-11-20T08:00:00Z",
      updated: "{ date: 2026-11-20, change: A word }",
    };
    const [item] = parseFeed(
      await textOf(await siteOf({ "a.md": articleFile(sameDay) }), "/feed.atom"),
    ).items;
    expect([item?.published, item?.updated].map((time) => time?.toISOString())).toEqual([
      "2026-11-20T08:00:00.000Z",
      "2026-11-20T08:00:00.000Z",
    ]);
  });

  test("keep the id of a renamed article, so that feed readers do not show it as new", async () => {
    const before = await siteOf({ "old-name.md": articleFile() });
    const after = await siteOf({
      "new-name.md": articleFile({ aliases: "[/articles/old-name, /articles/second-name]" }),
    });
    const [[old], [renamed]] = [
      parseFeed(await textOf(before, "/feed.atom")).items,
      parseFeed(await textOf(after, "/feed.atom")).items,
    ];
    expect([renamed?.id, renamed?.url]).toEqual([old?.id, `${siteUrl}/articles/new-name`]);
    expect([(await jsonFeed(after)).items[0]?.id, (await jsonFeed(before)).items[0]?.id]).toEqual([
      old?.id,
      old?.id,
    ]);
    expect((await get(after, "/articles/old-name")).headers["location"]).toBe(
      `${siteUrl}/articles/new-name`,
    );
  });
});

describe("the text of articles in feeds", () => {
  const body = [
    'Signs: <, &, "quotes", ]]> and 👋.'.replace("<", "\\<"),
    "[ours](/contact) [other](other.md#more) [here](#more) [far](https://example.org/x)[^1]",
    "## More",
    '```text\n<a href="/kept" src="/kept">#kept</a>\n```',
    '```html\n<a href="/kept">\n```',
    "[^1]: A note.",
  ].join("\n\n");
  let own: Site;
  beforeAll(async () => {
    own = await siteOf({
      "a.md": articleFile({ title: "'\"A\" <b> & ]]>'" }, body),
      "other.md": articleFile({ title: "Other" }, "## More\n"),
    });
  });
  const contents = async () => {
    const atom = unescaped(
      between(await textOf(own, "/feed.atom"), "content").find((html) => html.includes("Signs")) ??
        "",
    );
    const json =
      (await jsonFeed(own)).items.find(({ url }) => url.endsWith("/a"))?.content_html ?? "";
    return { atom, json };
  };

  test("is the same in both formats, with every special character", async () => {
    const { atom, json } = await contents();
    expect(json).toContain("Signs: &lt;, &amp;, &quot;quotes&quot;, ]]&gt; and 👋.");
    expect(atom.trim()).toBe(json.trim());
    expect(parseFeed(await textOf(own, "/feed.atom")).items[0]?.title).toBe('"A" <b> & ]]>');
  });

  test("has absolute URLs only", async () => {
    const { json } = await contents();
    const links = [...attributesOf(json.replace(/<pre>[\s\S]*?<\/pre>/g, ""), "href")];
    const page = `${siteUrl}/articles/a`;
    expect(links).toEqual([
      `${siteUrl}/contact`,
      `${siteUrl}/articles/other#more`,
      `${page}#more`,
      "https://example.org/x",
      `${page}#page-note-1`,
      `${page}#page-note-ref-1`,
    ]);
  });

  test("has absolute URLs only, in every article of this repository", async () => {
    for (const { content_html } of (await jsonFeed(site)).items) {
      const html = content_html.replace(/<pre>[\s\S]*?<\/pre>/g, "");
      const addresses = [...attributesOf(html, "href"), ...attributesOf(html, "src")];
      expect(addresses.filter((address) => !/^(https?:\/\/|mailto:)/.test(address))).toEqual([]);
    }
  });

  test("has no links of headings to themselves, and no attributes that only this site's style sheet and keyboard support use", async () => {
    const text =
      '## Why [it](/contact) waits\n\n## Why\n\n### How\n\n```java mark="1"\nint a;\nint b;\n```\n\n```console\n$ ls\n```\n';
    const marked = await siteOf({ "a.md": articleFile({}, text) });
    const html = (await jsonFeed(marked)).items[0]?.content_html ?? "";
    expect(html).toContain(
      `<h2 id="why-it-waits">Why <a href="${siteUrl}/contact">it</a> waits</h2>\n<h2 id="why">Why</h2>\n<h3 id="how">How</h3>`,
    );
    expect(html).toContain("<code><mark>int a;\n</mark>int b;</code>");
    expect(html).toContain("<code>$ ls</code>");
    expect(html).not.toMatch(/<span|class=|tabindex|data-at/);
    expect(await textOf(marked, "/articles/a.md")).toContain(text.trim());
  });

  test("does not change code", async () => {
    const { json } = await contents();
    expect(json.match(/<pre>[\s\S]*?<\/pre>/g)?.[0]).toBe(
      '<pre><code>&lt;a href="/kept" src="/kept"&gt;#kept&lt;/a&gt;</code></pre>',
    );
  });

  test("has absolute URLs for relative links and for links without a scheme", async () => {
    const loose = await siteOf({
      "a.md": articleFile({}, "[a](../contact) [b](other) [c](?page=2) [d](//example.org/x)\n"),
    });
    const links = attributesOf((await jsonFeed(loose)).items[0]?.content_html ?? "", "href");
    expect(links.filter((address) => !/^https?:\/\//.test(address))).toEqual([]);
  });

  test.each([
    ["an entity in the text", articleFile({}, "One &#12; two.\n")],
    ["a character that is none", articleFile({}, "One \uffff two.\n")],
  ])("has no control character: %s", async (_what, source) => {
    const odd = await siteOf({ "odd.md": source });
    for (const address of ["/feed.atom", "/feed.json", "/sitemap.xml", "/llms.txt"])
      expect(await textOf(odd, address)).not.toMatch(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]/);
  });
});

describe("the JSON feed", () => {
  test("has the members that version 1.1 requires", async () => {
    const { items, ...about } = await jsonFeed(site);
    expect(about).toEqual({
      version: "https://jsonfeed.org/version/1.1",
      title: "Clean Systems Consulting",
      home_page_url: `${siteUrl}/articles`,
      feed_url: `${siteUrl}/feed.json`,
      language: "en",
    });
    expect(new Set(items.map(({ id }) => id)).size).toBe(site.library.list(tuesday).length);
    const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
    for (const item of items) {
      expect(item).toMatchObject({
        language: "en",
        authors: [
          { name: expect.any(String), url: expect.stringContaining(`${siteUrl}/authors/`) },
        ],
      });
      expect([item["date_published"], item["date_modified"]]).toEqual([
        expect.stringMatching(time),
        expect.stringMatching(time),
      ]);
      expect(
        typeof item.id === "string" &&
          item.url.startsWith(siteUrl) &&
          item.content_html &&
          item.summary &&
          Array.isArray(item.tags),
      ).toBeTruthy();
    }
  });
});

describe("every machine-readable file", () => {
  const types = {
    "/feed.atom": "application/atom+xml",
    "/topics/java/feed.atom": "application/atom+xml",
    "/feed.json": "application/feed+json",
    "/sitemap.xml": "application/xml",
    "/robots.txt": "text/plain",
    "/llms.txt": "text/plain",
    "/.well-known/security.txt": "text/plain",
  };

  test.each(Object.entries(types))(
    "%s is %s, may be read from other origins, and has an ETag",
    async (address, type) => {
      const { status, headers } = await get(site, address);
      expect([status, headers["content-type"]]).toEqual([200, `${type}; charset=utf-8`]);
      expect([
        headers["access-control-allow-origin"],
        headers["cross-origin-resource-policy"],
      ]).toEqual(["*", "cross-origin"]);
      const again = await get(site, address).set("If-None-Match", headers["etag"] ?? "");
      expect([
        again.status,
        again.text,
        again.headers["access-control-allow-origin"],
        again.headers["cache-control"],
      ]).toEqual([304, "", "*", headers["cache-control"]]);
      expect((await get(site, address).set("If-None-Match", '"other"')).status).toBe(200);
    },
  );

  test.each(Object.keys(types))("%s allows GET and HEAD only", async (address) => {
    expect((await request(site.server).head(address)).status).toBe(200);
    const { status, headers } = await request(site.server).post(address);
    expect([status, headers["allow"]]).toEqual([405, "GET, HEAD"]);
  });

  test("pages may not be read from other origins, and the icon may be shown there", async () => {
    const { headers } = await get(site, "/articles");
    expect([
      headers["access-control-allow-origin"],
      headers["cross-origin-resource-policy"],
    ]).toEqual([undefined, "same-origin"]);
    expect((await get(site, "/favicon.ico")).headers["cross-origin-resource-policy"]).toBe(
      "cross-origin",
    );
  });

  test.each(Object.keys(types))("%s links only to URLs of the site that exist", async (address) => {
    const own = (await textOf(site, address)).matchAll(
      /http:\/\/clean\.localhost:8080([^\s"<>&)#?\\]*)/g,
    );
    for (const path of new Set(Array.from(own, ([, path = ""]) => path || "/")))
      expect([path, (await get(site, path)).status]).toEqual([path, 200]);
  });
});

describe("/sitemap.xml", () => {
  test("has every indexed page once", async () => {
    const addresses = between(await textOf(site, "/sitemap.xml"), "loc").map((loc) =>
      loc.slice(siteUrl.length),
    );
    expect(addresses.sort()).toEqual((await publicAddresses(site)).sort());
  });

  test("omits an article that was first published elsewhere", async () => {
    const own = await siteOf({
      "a.md": articleFile({ canonical: "https://example.org/first" }),
      "b.md": articleFile({ title: "B" }),
    });
    const addresses = between(await textOf(own, "/sitemap.xml"), "loc");
    expect(addresses.filter((address) => address.includes("/articles/"))).toEqual([
      `${siteUrl}/articles/b`,
    ]);
  });

  test("has the date of the last change: for a list, that of its newest article", async () => {
    const own = await siteOf({
      "a.md": articleFile({
        title: "A",
        date: "2026-01-01",
        topics: "[Java]",
        updated: "{ date: 2026-03-01, change: A word }",
      }),
      "b.md": articleFile({ title: "B", date: "2026-02-01" }),
    });
    const xml = await textOf(own, "/sitemap.xml");
    const lastmod = (path: string) =>
      xml.match(new RegExp(`<loc>${siteUrl}${path}</loc><lastmod>([^<]+)`))?.[1];
    const [march, february] = ["2026-02-28T23:00:00.000Z", "2026-01-31T23:00:00.000Z"];
    expect(
      ["/articles/a", "/articles/b", "/topics/java", "/authors/someone", "/articles", "/"].map(
        lastmod,
      ),
    ).toEqual([march, february, march, march, march, march]);
    expect(lastmod("/privacy")).toBeUndefined();
  });
});

describe("the text files", () => {
  test("/robots.txt allows everything but search, and names the sitemap", async () => {
    const lines = (await textOf(site, "/robots.txt"))
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    expect(lines).toEqual([
      "User-agent: *",
      "Disallow: /search",
      `Sitemap: ${siteUrl}/sitemap.xml`,
    ]);
  });

  test("/llms.txt links to the Markdown of every article, below a title and a summary", async () => {
    const text = await textOf(site, "/llms.txt");
    expect(text).toMatch(/^# Clean Systems Consulting\n\n> \S/);
    for (const { slug, title, description } of site.library.list(tuesday))
      expect(text).toContain(`- [${title}](${siteUrl}/articles/${slug}.md): ${description}\n`);
    const odd = await siteOf({ "a.md": articleFile({ title: '"[x](y) <b> & `c`"' }) });
    expect(await textOf(odd, "/llms.txt")).toContain(
      `- [\\[x\\](y) <b> & \`c\`](${siteUrl}/articles/a.md)`,
    );
  });

  test.each([
    "2026-11-24T13:33:00Z",
    "2027-01-31T23:59:59Z",
    "2027-12-31T23:59:59Z",
    "2028-02-29T12:00:00Z",
  ])(
    "/.well-known/security.txt has the fields of RFC 9116 on %s, and expires within a year",
    async (now) => {
      site.clock.now = new Date(now);
      const text = await textOf(site, "/.well-known/security.txt");
      site.clock.now = tuesday;
      const fields = text
        .trimEnd()
        .split("\n")
        .map((line) => /^([A-Z][A-Za-z-]+): (\S.*)$/.exec(line)?.slice(1) ?? [line, "is no field"]);
      const { Expires: expires = "", ...others } = Object.fromEntries(fields) as Record<
        string,
        string
      >;
      expect([fields.length, others]).toEqual([
        4,
        {
          Contact: "mailto:hello@cleansystems.example",
          "Preferred-Languages": "en",
          Canonical: `${siteUrl}/.well-known/security.txt`,
        },
      ]);
      expect(expires).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      const days = (Date.parse(expires) - Date.parse(now)) / 86_400_000;
      expect(days > 90 && days < 365).toBe(true);
    },
  );
});

describe("an article as Markdown", () => {
  const page = "/articles/builder-pattern-in-java";
  const browser =
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

  test.each([
    ["no word on it", undefined, "html"],
    ["a browser's", browser, "html"],
    ["anything", "*/*", "html"],
    ["any text", "text/*", "html"],
    ["Markdown", "text/markdown", "markdown"],
    ["Markdown in capitals", "TEXT/Markdown", "markdown"],
    ["Markdown with a charset", "text/markdown;charset=utf-8", "markdown"],
    [
      "Markdown with parameters, rather",
      'text/html;q=0.8, Text/Markdown ; variant=GFM; charset="UTF-8" ;q=0.9',
      "markdown",
    ],
    [
      "HTML rather than Markdown with a charset",
      "text/html, text/markdown;charset=utf-8;q=0.9",
      "html",
    ],
    ["Markdown first", "text/markdown, text/html, */*", "markdown"],
    ["HTML first", "text/html, text/markdown", "html"],
    ["Markdown rather", "text/html;q=0.8, text/markdown;q=0.9", "markdown"],
    ["HTML rather", "text/html, text/markdown;q=0.9", "html"],
    ["Markdown rather than anything", "*/*;q=0.1, text/markdown;q=0.2", "markdown"],
    ["Markdown, or anything", "text/markdown, */*;q=0.1", "markdown"],
    ["anything but Markdown", "*/*, text/markdown;q=0", "html"],
    ["Markdown but no HTML", "text/html;q=0, text/markdown;q=0.001", "markdown"],
    ["neither", "application/json", "html"],
    ["nothing", "", "html"],
    ["a word that means nothing", "markdown;;q=,/", "html"],
  ])("is negotiated by Accept: %s", async (_what, accept, expected) => {
    const asked = get(site, page);
    const { status, headers } = await (accept === undefined ? asked : asked.set("Accept", accept));
    const isMarkdown = expected === "markdown";
    expect([status, headers["content-type"]]).toEqual([200, `text/${expected}; charset=utf-8`]);
    expect(headers["vary"]).toMatch(/^Accept(, Accept-Encoding)?$/);
    expect(headers["content-location"]).toBe(isMarkdown ? `${page}.md` : undefined);
    expect(headers["cache-control"]).toMatch(
      isMarkdown ? /^private, max-age=\d+$/ : /^public, max-age=\d+/,
    );
  });

  test("at its own URL may be cached by anybody, and names the page as canonical", async () => {
    const { headers, text } = await get(site, `${page}.md`);
    expect(headers["content-type"]).toBe("text/markdown; charset=utf-8");
    expect(headers["vary"] ?? "Accept-Encoding").toBe("Accept-Encoding"); // by Accept it does not vary
    expect(headers["cache-control"]).toMatch(/^public, max-age=\d+/);
    expect(headers["link"]).toBe(`<${siteUrl}${page}>; rel="canonical"`);
    expect(text).toContain(site.library.find("builder-pattern-in-java", tuesday)?.body);
    expect((await get(site, page).set("Accept", "text/markdown")).text).toBe(text);
  });

  test("is linked from the page, has an ETag of its own, and does not exist for an unknown slug", async () => {
    const html = await get(site, page);
    const alternates = elementsNamed(html.text, "link").filter(
      ({ attributes }) => attributes["type"] === "text/markdown",
    );
    expect(alternates.map(({ attributes }) => [attributes["rel"], attributes["href"]])).toEqual([
      ["alternate", `${page}.md`],
    ]);
    const other = await get(site, page).set({
      Accept: "text/markdown",
      "If-None-Match": html.headers["etag"] ?? "",
    });
    expect(other.status).toBe(200);
    const same = await get(site, page).set("If-None-Match", html.headers["etag"] ?? "");
    expect([same.status, same.headers["vary"]]).toEqual([304, expect.stringMatching(/^Accept\b/)]);
    for (const address of [
      "/articles/none.md",
      "/articles.md",
      `${page}.md.md`,
      `${page}.txt`,
      "/contact.md",
    ])
      expect((await get(site, address)).status).toBe(404);
  });

  test.each([
    ["https://example.org/first", "https://example.org/first"],
    ["https://example.org/år", "https://example.org/%C3%A5r"],
  ])("names the URL of first publication, %s, as the page does", async (canonical, address) => {
    const own = await siteOf({ "a.md": articleFile({ canonical }) });
    expect(elementsNamed(await textOf(own, "/articles/a"), "link")[0]?.attributes["href"]).toBe(
      address,
    );
    expect((await get(own, "/articles/a.md")).headers["link"]).toBe(
      `<${address}>; rel="canonical"`,
    );
  });
});

describe("structured data", () => {
  const isArticle = (address: string) => /^\/articles\/[^/]+$/.test(address);
  type Facts = { "@type": string } & Record<string, unknown>;
  const scripts = (html: string) =>
    Array.from(
      html.matchAll(/<script type="application\/ld\+json">([\s\S]*?)<\/script>/g),
      ([, text = ""]) => text,
    );
  const factsOf = (html: string) =>
    scripts(html).flatMap((text) => {
      const { "@context": context, "@graph": graph } = JSON.parse(text) as {
        "@context": string;
        "@graph": Facts[];
      };
      expect(context).toBe("https://schema.org");
      return graph;
    });
  const required: Record<string, string[]> = {
    Organization: ["name", "url", "logo", "address"],
    WebSite: ["name", "url"],
    BlogPosting: [
      "headline",
      "description",
      "url",
      "datePublished",
      "dateModified",
      "author",
      "publisher",
      "inLanguage",
      "wordCount",
    ],
    BreadcrumbList: ["itemListElement"],
  };

  const typesOn = (address: string) => {
    if (address === "/") return ["Organization", "WebSite"];
    return isArticle(address) ? ["BlogPosting", "BreadcrumbList"] : [];
  };

  test("is on the home page and every article, is JSON, and has the properties that search engines require", async () => {
    for (const address of await publicAddresses(site)) {
      const facts = factsOf(await textOf(site, address));
      expect([address, facts.map((fact) => fact["@type"])]).toEqual([address, typesOn(address)]);
      for (const fact of facts)
        for (const name of required[fact["@type"]] ?? [])
          expect([address, name, fact[name] ?? ""]).not.toEqual([address, name, ""]);
    }
  });

  test("describes an article as the page does, with breadcrumbs", async () => {
    const slug = "why-backend-developers-carry-the-most-responsibility";
    const article = site.library.find(slug, tuesday);
    const [posting, crumbs] = factsOf(await textOf(site, `/articles/${slug}`));
    expect(posting).toMatchObject({
      headline: article?.title,
      url: `${siteUrl}/articles/${slug}`,
      datePublished: article?.publishedAt.toISOString(),
      author: {
        "@type": "Person",
        name: article?.author.name,
        url: `${siteUrl}/authors/${article?.author.key}`,
      },
      publisher: { "@type": "Organization", name: "Clean Systems Consulting" },
    });
    const steps = crumbs?.["itemListElement"] as { position: number; item: string }[];
    expect(steps.map(({ position }) => position)).toEqual(steps.map((_, index) => index + 1));
    for (const { item } of steps)
      expect([item, (await get(site, item.slice(siteUrl.length))).status]).toEqual([item, 200]);
  });

  test.each([
    "</script><script>alert(1)</script>",
    "<!-- <script>",
    "]]> & \u2028 \\ \" '",
    "{{x}} <%= 1 %>",
  ])("%s in a title stays a title", async (title) => {
    const html = await textOf(
      await siteOf({
        "a.md": articleFile({
          title: JSON.stringify(title),
          topics: `[${JSON.stringify(`x ${title.slice(0, 30)}`)}]`,
        }),
      }),
      "/articles/a",
    );
    expect(html.match(/<script/g)).toHaveLength(1);
    const [posting, crumbs] = factsOf(html);
    expect([
      posting?.["headline"],
      JSON.stringify(crumbs).includes(JSON.stringify(title).slice(1, -1)),
    ]).toEqual([title, true]);
  });

  test("has the metadata for sharing: title, description, URL, and the date of an article", async () => {
    for (const address of await publicAddresses(site)) {
      const html = await textOf(site, address);
      const properties = Object.fromEntries(
        elementsNamed(html, "meta").map(({ attributes }) => [
          attributes["property"] ?? "",
          attributes["content"],
        ]),
      );
      expect(properties).toMatchObject({
        "og:site_name": "Clean Systems Consulting",
        "og:url": siteUrl + address,
        "og:title": expect.stringMatching(/\S/),
      });
      expect(properties["og:description"]).toBe(
        elementsNamed(html, "meta").find(({ attributes }) => attributes["name"] === "description")
          ?.attributes["content"],
      );
      expect(properties["og:type"]).toBe(isArticle(address) ? "article" : "website");
      expect("article:published_time" in properties).toBe(isArticle(address));
    }
    expect(await textOf(site, "/search?q=x")).not.toContain('property="og:');
  });
});
