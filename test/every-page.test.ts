// Every page of the site: valid HTML without scripts, links that lead somewhere, titles, weight,
// structured data, and URLs.

import { createHash } from "node:crypto";
import { HtmlValidate, StaticConfigLoader } from "html-validate";
import { company } from "../src/company.ts";
import { loadAssets } from "../src/web/assets.ts";
import { linkablePaths } from "../src/web/pages.ts";
import {
  attributesOf,
  elementsNamed,
  inlineStyleOf,
  metaOf,
  pageOf,
  resourcesOf,
  titleOf,
} from "./support/html.ts";
import { articleFile, buildSiteOf } from "./support/articles.ts";
import { sent } from "./support/sent.ts";
import { buildTestSite } from "./support/site.ts";
import { crawl, onePerKind, publicAddresses, visitAll, type Visit } from "./support/visits.ts";

/** Otherwise html-validate reads its rules again for each page, which takes as long as the page. */
class ReadOnce extends StaticConfigLoader {
  readonly rules = super.getConfigFor("");
  override readonly getConfigFor = () => this.rules;
}

// Among others: headings skip no level, ids are unique and exist where a name or a description
// refers to one, fields have labels, and there is no style attribute.
const rules = new ReadOnce({
  extends: ["html-validate:recommended"],
  rules: {
    "heading-level": ["error", { allowMultipleH1: false, minInitialRank: "h1" }],
    "long-title": "off", // Two titles are given by the owner; the others have at most 70 characters.
    "no-missing-references": "error",
    "no-trailing-whitespace": "off", // code samples are shown unchanged
    "doctype-style": "off", // prettier writes the doctype in lower case
  },
});
const validator = new HtmlValidate(rules);

const siteUrl = "http://clean.localhost:8080";
/** Every article of this repository is public. */
const now = new Date("2026-12-02T13:33:00Z");

const canonicalOf = (html: string): string | undefined =>
  elementsNamed(html, "link").find(({ rel }) => rel === "canonical")?.["href"];
const site = await buildTestSite({ env: { SITE_URL: siteUrl }, now });
const visits = await visitAll(site);
const { found, links } = await crawl(site);
const indexed = await publicAddresses(site);

const isIndexable = ({ status, html }: Pick<Visit, "status" | "html">) =>
  status === 200 && html !== "" && metaOf(html, "robots") === undefined;
/** The pages that search engines may show. */
const indexable = visits.filter(isIndexable);

describe("the HTML", () => {
  /** Returns the complaints of `check`, each with the name of the page. */
  const complaintsOf = (check: (html: string) => string[]) =>
    visits.flatMap(({ name, html }) => check(html).map((complaint) => `${name}: ${complaint}`));

  test("is valid HTML in English, with one h1 and one main element", async () => {
    const complaints = complaintsOf((html) => [
      ...(elementsNamed(html, "html")[0]?.["lang"] === "en" ? [] : ["lang"]),
      ...["h1", "main"].filter((tag) => elementsNamed(html, tag).length !== 1),
    ]);
    // html-validate takes 80 ms for a page.
    for (const { name, html } of onePerKind(visits)) {
      const { results } = await validator.validateString(html, name);
      for (const { ruleId, message, line } of results.flatMap((result) => result.messages))
        complaints.push(`${name}, line ${line}: ${message} (${ruleId})`);
    }
    expect(complaints).toEqual([]);
  });

  test("has no script, no style attribute and no event handler", () => {
    // JSON-LD is data.
    const script =
      /<script(?! type="application\/ld\+json")|<[^<>]*\s(?:style|on\w+)=|="\s*javascript:/gi;
    expect(complaintsOf((html) => html.match(script) ?? [])).toEqual([]);
  });

  test("has a space between texts that only the style sheet separates", () => {
    const inline = "(?:a|b|bdi|button|code|em|input|label|rect|span|strong|svg|text|time|tspan|u)";
    const joined = new RegExp(`[^\\s>](?:</${inline}>)+(?:<${inline}\\b[^>]*>)+[^\\s<]{1,9}`, "g");
    const complaints = complaintsOf((html) => {
      const [, body = ""] = /<body>([\s\S]*)/.exec(html) ?? [];
      return body.replace(/<pre[\s\S]*?<\/pre>/g, "").match(joined) ?? [];
    });
    expect(complaints).toEqual([]);
  });

  const placeholder = /<!--|\bundefined\b|\bNaN\b|\[object |<%/g;

  test("has no placeholder left", () => {
    const prose = /<div class="prose">[\s\S]*<\/article>/;
    const complaints = complaintsOf(
      (html) => pageOf({ text: html }).replace(prose, "").match(placeholder) ?? [],
    );
    expect(complaints).toEqual([]);
  });

  test("has nothing empty where an article has only the keys it needs", async () => {
    await using bare = await buildSiteOf({
      "authors.yaml": "someone:\n  name: Some One\n  role: Engineer\nhouse:\n  name: We\n",
      "a.md": articleFile(),
      "b.md": articleFile({ title: "By the company", author: "house" }),
      "examples/a/README.md": "[a.txt](a.txt)\n",
      "examples/a/a.txt": "1\n",
    });
    const { found } = await crawl(bare);
    const pages = [...found.keys()].filter((address) => !address.startsWith("/assets/"));
    const empty = /<(?!textarea)([a-z]\w*)[^>]*>\s*<\/\1>|\bnull\b/g;
    const others = ["/search?q=hello", "/articles/a.md", "/llms.txt", "/nothing"];
    for (const address of [...pages, ...others]) {
      const page = pageOf(await bare.get(address));
      expect([address, page.match(placeholder), page.match(empty)]).toEqual([address, null, null]);
    }
  });
});

describe("links", () => {
  test("lead somewhere, on every page that they reach", async () => {
    expect([...found.keys()].filter((address) => address.endsWith(".woff2"))).toHaveLength(3);
    const failed = [...found].filter(([, { status }]) => status !== 200);
    expect(failed.map(([address]) => address)).toEqual([]);
    for (const path of linkablePaths()) await site.get(path).expect(200); // also from articles
  });

  test("lead from the home page to exactly the pages of the sitemap", () => {
    const reached = [...found].filter(([, response]) => isIndexable(response));
    const canonical = reached.map(([address, { html }]) => canonicalOf(html) ?? siteUrl + address);
    const paths = canonical.map((url) => url.slice(siteUrl.length));
    const firstPages = paths.filter((one) => !one.includes("?page=")); // of lists
    expect([...new Set(firstPages)].sort()).toEqual(indexed.toSorted());
  });

  test("with a fragment point to an existing element", () => {
    const withFragment = links.filter(({ to }) => to.hash !== "");
    const ids = new Map(
      Array.from(found, ([address, { html }]) => [address, new Set(attributesOf(html, "id"))]),
    );
    const broken = withFragment.filter(
      ({ to }) => !ids.get(to.pathname + to.search)?.has(decodeURIComponent(to.hash.slice(1))),
    );
    expect(withFragment.length).toBeGreaterThan(10);
    expect(broken.map(({ from, to }) => `${from} -> ${to.href}`)).toEqual([]);
  });

  test("to other sites need a click: no page loads anything from there", () => {
    const loaded = [...found.values(), ...visits].flatMap(({ html }) => resourcesOf(html));
    expect(loaded.filter((address) => !/^\/(?!\/)/.test(address))).toEqual([]);
  });
});

describe("search engine metadata", () => {
  test("allows indexing of the public pages only", () => {
    expect(indexable.map(({ name }) => name)).toEqual(indexed);
    const others = visits.filter((visit) => !indexable.includes(visit));
    expect(others.map(({ html }) => metaOf(html, "robots"))).toEqual(others.map(() => "noindex"));
  });

  test("has unique titles, of at most 70 characters except of articles", () => {
    const titles = indexable.map(({ html }) => titleOf(html));
    expect(new Set(titles).size).toBe(titles.length);
    const long = visits.filter(({ html }) => titleOf(html).length > 70).map(({ name }) => name);
    expect(long.filter((name) => !name.startsWith("/articles/"))).toEqual([]);
  });

  test("has unique descriptions of 70 to 160 characters", () => {
    const texts = indexable.map(({ html }) => metaOf(html, "description") ?? "");
    expect(texts.filter((text) => text.length < 70 || text.length > 160)).toEqual([]);
    expect(new Set(texts).size).toBe(texts.length);
  });

  test("has a canonical URL, built from SITE_URL, on public pages only", () => {
    for (const { name, html } of visits) {
      const expected = name.startsWith("/") ? siteUrl + name : undefined;
      expect({ name, canonical: canonicalOf(html) }).toEqual({ name, canonical: expected });
    }
  });
});

test("the policy allows the one style element by the hash of its text", () => {
  const policy = visits[0]?.headers["content-security-policy"] ?? "";
  for (const { name, html } of visits) {
    const hash = createHash("sha256").update(inlineStyleOf(html)).digest("base64");
    const isAllowed = policy.includes(`'sha256-${hash}'`);
    expect([name, isAllowed, elementsNamed(html, "style").length]).toEqual([name, true, 1]);
  }
});

test("every button that leads to the form says the same", () => {
  const words = visits.flatMap(({ html }) =>
    Array.from(
      html.matchAll(/<a class="button" href="\/contact[^"]*">([^<]*)</g),
      ([, label]) => label,
    ),
  );
  expect([...new Set(words)]).toEqual(["Write to an engineer"]);
});

describe("the weight", () => {
  const asked = (address: string) => sent(site.origin + address, { "Accept-Encoding": "br" });
  const article = "/articles/you-cannot-roll-back-a-row";

  test("of an article with figure and form is below 13,100 bytes", async () => {
    const { headers, body } = await asked(article);
    expect(headers["content-encoding"]).toBe("br");
    expect(body.length).toBeLessThan(13_100);
    const { text: html } = await site.get(article);
    expect(inlineStyleOf(html)).toBe(loadAssets().css.article);
    for (const tag of ["textarea", "figure"]) expect(elementsNamed(html, tag)).not.toEqual([]);
  });

  test("of the two preloaded fonts is 55 KB at most", async () => {
    const { text: html } = await site.get("/");
    const preloaded = elementsNamed(html, "link").filter(({ rel }) => rel === "preload");
    const fonts = await Promise.all(preloaded.map(({ href = "" }) => asked(href)));
    expect(fonts.map(({ headers }) => headers["content-type"])).toEqual([
      "font/woff2",
      "font/woff2",
    ]);
    expect(fonts.reduce((sum, { body }) => sum + body.length, 0)).toBeLessThanOrEqual(55_000);
  });
});

describe("structured data and sharing metadata", () => {
  const isArticle = (address: string) => /^\/articles\/[^/]+$/.test(address);
  const bodyFacts = (html: string) =>
    Array.from(
      html.matchAll(/<script type="application\/ld\+json">([\s\S]*?)<\/script>/g),
      ([, text = ""]) => JSON.parse(text) as Record<string, unknown>,
    );
  const slug = "why-backend-developers-carry-the-most-responsibility";
  const url = expect.stringMatching(/^http:\/\/clean\.localhost:8080\//) as string;

  test("describe the company on the home page and an article on its page", () => {
    for (const { name, html } of indexable) {
      const expected = name === "/" ? ["Organization"] : isArticle(name) ? ["BlogPosting"] : [];
      expect([name, bodyFacts(html).map((facts) => facts["@type"])]).toEqual([name, expected]);
    }
    const factsOn = (address: string) =>
      bodyFacts(visits.find(({ name }) => name === address)?.html ?? "")[0];
    expect(factsOn("/")).toMatchObject({
      "@context": "https://schema.org",
      name: company.name,
      logo: url,
    });
    const article = site.library.find(slug, now);
    expect(factsOn(`/articles/${slug}`)).toMatchObject({
      headline: article?.title,
      datePublished: article?.publishedAt.toISOString(),
      author: { "@type": "Person", name: "Eric Hanson" },
      image: url,
    });
  });

  test("keep a title that looks like markup a title", async () => {
    const title = "</script><script>alert(1)</script> <!-- <script> & \\ \" '";
    const own = await buildSiteOf({ "a.md": articleFile({ title: JSON.stringify(title) }) });
    const { text } = await own.get("/articles/a");
    expect(text.match(/<script/g)).toHaveLength(1);
    expect(bodyFacts(text)[0]?.["headline"]).toBe(title);
  });

  test("are on every public page and on no other, an article with its date", () => {
    for (const { name, html } of visits) {
      const properties = Object.fromEntries(
        elementsNamed(html, "meta").map(({ property = "", content }) => [property, content]),
      );
      const expected = {
        "og:site_name": company.name,
        "og:url": siteUrl + name,
        "og:title": expect.stringMatching(/\S/) as string,
        "og:description": metaOf(html, "description"),
        "og:type": isArticle(name) ? "article" : "website",
        "og:image": url,
      };
      if (name.startsWith("/")) expect([name, properties]).toMatchObject([name, expected]);
      else expect([name, /property="og:/.test(html)]).toEqual([name, false]);
      expect("article:published_time" in properties).toBe(isArticle(name));
    }
  });
});

test.each([
  ["/Articles", "/articles"],
  ["/articles/", "/articles"],
  ["/ARTICLES/Builder-Pattern//?page=2&x=Y", "/articles/builder-pattern?page=2&x=Y"],
  ["//evil.example/", "/evil.example"],
  ["///evil.example//", "/evil.example"],
  ["/%5Cevil.example/", "/%5cevil.example"],
  ["//evil.example/%2e%2e/", "/evil.example/%2e%2e"],
])("%s redirects to SITE_URL, whatever the Host header says", async (address, expected) => {
  const { status, headers } = await site.get(address).set("Host", "evil.example");
  expect([status, headers["location"]]).toEqual([301, siteUrl + expected]);
});

test("an error of ours is a 500 that only the log explains", async () => {
  await using own = await buildSiteOf({});
  own.library.search = () => {
    throw new Error("a secret of the index");
  };
  const { status, text } = await own.get("/search?q=queue");
  expect(status).toBe(500);
  expect(text).toContain("Something went wrong on our side.");
  expect(text).not.toContain("a secret");
  const failure = own.logged.find(({ msg }) => msg === "a request failed");
  expect(failure).toMatchObject({
    level: "error",
    err: { message: "a secret of the index", stack: expect.any(String) },
  });
});

test("development shows what is hidden, and redirects stay on its host", async () => {
  const files = {
    "half-done.md": articleFile({ title: "Half done", draft: "true" }),
    "to-come.md": articleFile({ title: "To come", date: "2026-12-01", aliases: "[/old]" }),
    "examples/to-come/README.md": "# Examples\n",
  };
  await using own = await buildSiteOf(files, { development: true });
  const list = await own.get("/articles");
  expect(list.headers["cache-control"]).toBe("no-store");
  expect(list.text.match(/<b[^>]*>(Draft|Scheduled for Tue 1 Dec 2026, 00:00)<\/b>/g)).toHaveLength(
    2,
  );
  expect((await own.get("/articles/to-come/examples")).status).toBe(200);
  for (const path of ["/old", "/Articles/To-Come/"])
    expect((await own.get(path)).headers["location"]).toBe("/articles/to-come");
});
