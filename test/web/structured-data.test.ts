// What search engines and other sites show of a page: structured data (schema.org) and sharing
// metadata.

import request from "supertest";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import { elementsNamed, metaOf, pageOf } from "../support/html.ts";
import { buildTestSite, tuesday } from "../support/site.ts";
import { publicAddresses } from "../support/visits.ts";

const siteUrl = "http://clean.localhost:8080";
let site: Awaited<ReturnType<typeof buildTestSite>>;
beforeAll(async () => {
  site = await buildTestSite({ env: { SITE_URL: siteUrl } });
});
afterAll(() => site.close());
const pageAt = async (path: string, server = site.server) =>
  pageOf(await request(server).get(path));

const isArticle = (address: string) => /^\/articles\/[^/]+$/.test(address);
type Facts = Record<string, unknown>;
const factsOf = (html: string) =>
  Array.from(
    html.matchAll(/<script type="application\/ld\+json">([\s\S]*?)<\/script>/g),
    ([, text = ""]) => JSON.parse(text) as Facts,
  );
const address = expect.stringMatching(/^http:\/\/clean\.localhost:8080\//) as string;
const company = {
  "@context": "https://schema.org",
  "@type": "Organization",
  name: "Clean Systems Consulting",
  logo: address,
  address: [
    expect.objectContaining({ postalCode: "1260", addressLocality: "København" }),
    expect.objectContaining({ postalCode: "56485", addressLocality: "Magelang" }),
  ],
};
const posting = {
  "@context": "https://schema.org",
  "@type": "BlogPosting",
  headline: expect.any(String) as string,
  description: expect.any(String) as string,
  url: address,
  dateModified: expect.any(String) as string,
  publisher: expect.objectContaining({ "@type": "Organization" }) as object,
  image: address,
  inLanguage: "en",
  wordCount: expect.any(Number) as number,
};

test("structured data describes the company on the home page and an article on its page", async () => {
  for (const path of await publicAddresses(site)) {
    const expected = path === "/" ? [company] : isArticle(path) ? [posting] : [];
    expect([path, factsOf(await pageAt(path))]).toMatchObject([path, expected]);
  }
  const slug = "why-backend-developers-carry-the-most-responsibility";
  const article = site.library.find(slug, tuesday);
  expect(factsOf(await pageAt(`/articles/${slug}`))[0]).toMatchObject({
    headline: article?.title,
    url: `${siteUrl}/articles/${slug}`,
    datePublished: article?.publishedAt.toISOString(),
    author: { "@type": "Person", name: "Eric Hanson", url: `${siteUrl}/authors/eric-hanson` },
  });
});

test.each([
  "</script><script>alert(1)</script>",
  "<!-- <script>",
  "]]> & \u2028 \\ \" '",
  "{{x}} <%= 1 %>",
])("%s in a title stays a title", async (title) => {
  const own = await buildSiteOf({ "a.md": articleFile({ title: JSON.stringify(title) }) });
  const html = await pageAt("/articles/a", own.server);
  await own.close();
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(factsOf(html)[0]?.["headline"]).toBe(title);
});

test("every page has the metadata for sharing, with an image, and an article has its date", async () => {
  for (const path of await publicAddresses(site)) {
    const html = await pageAt(path);
    const properties = Object.fromEntries(
      elementsNamed(html, "meta").map(({ attributes: { property = "", content } }) => [
        property,
        content,
      ]),
    );
    expect([path, properties]).toMatchObject([
      path,
      {
        "og:site_name": "Clean Systems Consulting",
        "og:url": siteUrl + path,
        "og:title": expect.stringMatching(/\S/) as string,
        "og:description": metaOf(html, "description"),
        "og:type": isArticle(path) ? "article" : "website",
      },
    ]);
    expect("article:published_time" in properties).toBe(isArticle(path));
    const image = await request(site.server).get(
      (properties["og:image"] ?? "").slice(siteUrl.length),
    );
    expect([path, image.status, image.type]).toEqual([path, 200, "image/png"]);
  }
  expect(await pageAt("/search?q=x")).not.toContain('property="og:');
});
