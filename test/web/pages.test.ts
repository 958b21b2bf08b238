// The table of fixed pages: every route is in it or is excluded for a reason, and one new row adds
// a page everywhere.

import request from "supertest";
import { checkArticles } from "../../src/articles/check.ts";
import { loadArticles } from "../../src/articles/load.ts";
import { fixedPages, linkablePaths } from "../../src/web/pages.ts";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import { pageOf } from "../support/html.ts";
import { routesOf } from "../support/routes.ts";
import { buildTestSite, tuesday } from "../support/site.ts";
import { publicAddresses } from "../support/visits.ts";

const excluded: Record<string, string> = {
  "/livez": "monitoring",
  "/readyz": "monitoring",
  "/articles/:slug": "a page for each article: the sitemap lists them from the library",
  "/articles/:slug/examples": "a page for each example: the sitemap lists them from the library",
  "/articles/:slug/examples/*file": "a file",
  "/articles/:slug.md": "the source of an article",
  "/topics/:topic": "a page for each topic: the sitemap lists them from the library",
  "/topics/:topic/feed.atom": "a feed",
  "/authors/:author": "a page for each author: the sitemap lists them from the library",
  "/drafts/:token": "private",
  "/images/*file": "a file",
  "/og/:slug.png": "a file",
  "/feed.atom": "a feed",
  "/feed": "redirects to a feed",
  "/rss.xml": "redirects to a feed",
  "/sitemap.xml": "a file for programs",
  "/robots.txt": "a file for programs",
  "/llms.txt": "a file for programs",
  "/.well-known/security.txt": "a file for programs",
  "/contact/received": "private: a receipt",
  "/staff/:token": "private: for staff",
  "/search": "search results are not indexed",
};

test("every route is in the table of pages or is excluded for a reason", async () => {
  const site = await buildTestSite();
  const routes = await routesOf(site);
  await site.close();
  const paths = fixedPages.map(({ path }) => path);
  expect(routes.filter((route) => !paths.includes(route) && !(route in excluded))).toEqual([]);
  expect([...paths, ...Object.keys(excluded)].filter((path) => !routes.includes(path))).toEqual([]);
});

test("every path that articles may link to exists", async () => {
  const site = await buildTestSite();
  const missing: string[] = [];
  for (const path of linkablePaths())
    if ((await request(site.server).get(path)).status !== 200) missing.push(path);
  await site.close();
  expect(missing).toEqual([]);
});

describe("a new row in the table", () => {
  const row = {
    path: "/new-page",
    view: "pages/how-we-work",
    title: "A new page",
    description: "A page that exists only during a test, with a description that is long enough.",
    navigation: "New in the navigation",
    footer: "New in the footer",
  };
  let site: Awaited<ReturnType<typeof buildSiteOf>>;
  beforeAll(async () => {
    fixedPages.push(row);
    site = await buildSiteOf({ "a.md": articleFile({}, "[The new page](/new-page)\n") });
  });
  afterAll(async () => {
    fixedPages.splice(fixedPages.indexOf(row), 1);
    await site.close();
  });
  test.each([
    ["/new-page", "<title>A new page · Clean Systems</title>"],
    ["/new-page", `<meta name="description" content="${row.description}">`],
    ["/new-page", '<a href="/new-page" aria-current="page">New in the navigation</a>'],
    ["/", '<a href="/new-page">New in the navigation</a>'],
    ["/", '<li><a href="/new-page">New in the footer</a></li>'],
    ["/sitemap.xml", "/new-page</loc>"],
    ["/llms.txt", `/new-page): ${row.description}`],
  ])("is on %s: %s", async (path, text) => {
    expect(pageOf(await request(site.server).get(path))).toContain(text);
  });

  test("may be linked from articles", () => {
    const messages = (paths: string[]) =>
      checkArticles(loadArticles(site.config.articlesDir), paths, tuesday, () => 0).map(
        ({ message }) => message,
      );
    const withoutRow = linkablePaths().filter((path) => path !== "/new-page");
    expect(messages(withoutRow)).toContainEqual(
      expect.stringContaining("links to /new-page, which does not exist"),
    );
    expect(messages(linkablePaths())).not.toContainEqual(expect.stringContaining("/new-page"));
  });

  test("is among the pages that the accessibility tests visit", async () => {
    expect(await publicAddresses(site)).toContain("/new-page");
  });
});

test.each([
  ["wrong-site", "site.email"],
  ["wrong-company", "site.company.phone"],
  ["wrong-page", "page.heading"],
])("a view with a name that does not exist fails and is logged: %s", async (view, name) => {
  const row = { path: "/wrong", view: `../test/support/views/${view}`, title: "", description: "" };
  fixedPages.push(row);
  const site = await buildTestSite();
  const { status } = await request(site.server).get("/wrong");
  fixedPages.splice(fixedPages.indexOf(row), 1);
  await site.close();
  expect(status).toBe(500);
  expect(JSON.stringify(site.logged)).toContain(`a view uses ${name}, which does not exist`);
});

test("the page of an article marks the list of articles in the navigation, and HTML in the front matter is text there and in the list", async () => {
  const description = `<i>Slanted</i> ${"and long ".repeat(8)}`;
  const updated = '{ date: 2026-11-02, change: "<u>Wrong</u> figures." }';
  const site = await buildSiteOf({
    "a.md": articleFile({ title: "<b>Bold</b> & co", description, updated }),
  });
  const text = pageOf(await request(site.server).get("/articles/a"));
  const list = pageOf(await request(site.server).get("/articles"));
  await site.close();
  expect(text).toContain("<h1>&lt;b&gt;Bold&lt;/b&gt; &amp; co</h1>");
  expect(text).toContain(": &lt;u&gt;Wrong&lt;/u&gt; figures.</p>");
  expect(text).toContain('<a href="/articles" aria-current="true">Articles</a>');
  expect(list).toContain("<p>&lt;i&gt;Slanted&lt;/i&gt; and long");
});

test("the feed of the whole site is linked from the head of a page", async () => {
  const site = await buildTestSite();
  const text = pageOf(await request(site.server).get("/privacy"));
  await site.close();
  expect(text).toContain(
    '<link rel="alternate" type="application/atom+xml" href="/feed.atom" title="All articles">',
  );
});
