// Files for programs: feeds (RFC 4287), the sitemap, robots.txt, llms.txt and security.txt.

import type { Express, Response } from "express";
import { modifiedAt, type Article } from "../../articles/article.ts";
import { examplesPath } from "../../articles/load.ts";
import { company } from "../../company.ts";
import { view } from "../../views.ts";
import type { Context } from "../context.ts";
import { addGetRoute } from "../middleware.ts";
import { fixedPages } from "../pages.ts";

const maxInFeed = 20;
const invalidInXml = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu; // feed readers reject a feed that contains one
const dayMs = 86_400_000;

export function feedRoutes(app: Express, { config, library, now, publish }: Context): void {
  const { siteUrl } = config;

  addGetRoute(app, "/feed.atom", (_request, response) => {
    sendAtom(response, library.list(now()), {
      title: company.name,
      path: "/articles",
      feedPath: "/feed.atom",
    });
  });

  addGetRoute(app, "/topics/:topic/feed.atom", (request, response, next) => {
    const topic = library.topic(request.params["topic"] ?? "", now());
    if (!topic) return next("route");
    const path = `/topics/${topic.slug}`;
    sendAtom(response, topic.articles, {
      title: `${company.name}: ${topic.name}`,
      path,
      feedPath: `${path}/feed.atom`,
    });
  });

  for (const path of ["/feed", "/rss.xml"])
    addGetRoute(app, path, (_request, response) =>
      response.set("Cache-Control", "public, max-age=300").redirect(301, `${siteUrl}/feed.atom`),
    );

  addGetRoute(app, "/sitemap.xml", (_request, response) => {
    const articles = library.list(now());
    const newest = (some: Article[]) => latest(some)?.toISOString();
    const authors = [...new Set(articles.map(({ author }) => author.key))];
    const pages = [
      ...fixedPages.map(({ path, listsArticles }) => ({
        path,
        at: listsArticles ? newest(articles) : undefined,
      })),
      ...articles.flatMap((article) => {
        const at = modifiedAt(article).toISOString();
        const examples = library.exampleOf(article)
          ? [{ path: examplesPath(article.slug), at }]
          : [];
        return [{ path: `/articles/${article.slug}`, at }, ...examples];
      }),
      ...library.topics(now()).map(({ slug }) => ({
        path: `/topics/${slug}`,
        at: newest(library.topic(slug, now())?.articles ?? []),
      })),
      ...authors.map((key) => ({
        path: `/authors/${key}`,
        at: newest(articles.filter(({ author }) => author.key === key)),
      })),
    ];
    send(response, "application/xml", view("machines/sitemap.xml")({ siteUrl, pages }));
  });

  const texts: Record<string, () => object> = {
    "/robots.txt": () => ({}),
    "/llms.txt": () => ({ company, articles: library.list(now()), pages: fixedPages }),
    // RFC 9116: it must expire within a year. Rounded to months, so that the file rarely changes.
    "/.well-known/security.txt": () => ({
      contact: config.contactEmail,
      expires: new Date(now().getTime() + 180 * dayMs).toISOString().slice(0, 7) + "-01T00:00:00Z",
    }),
  };
  for (const [path, data] of Object.entries(texts)) {
    const template = view(`machines/${path.split("/").at(-1)}`);
    addGetRoute(app, path, (_request, response) =>
      send(response, "text/plain", template({ siteUrl, ...data() })),
    );
  }

  /** The id of a renamed article is its first URL, so that feed readers do not treat it as new. */
  function entriesOf(articles: Article[]) {
    const newest = articles.slice(0, maxInFeed);
    return newest.map((article) => {
      const url = `${siteUrl}/articles/${article.slug}`;
      const html = forOtherSites(library.html(article), url);
      return { article, id: article.aliases[0] ? siteUrl + article.aliases[0] : url, url, html };
    });
  }

  type About = { title: string; path: string; feedPath: string };

  function sendAtom(response: Response, articles: Article[], about: About): void {
    const updated = latest(articles) ?? new Date(0);
    const xml = view("machines/atom.xml")({
      siteUrl,
      ...about,
      updated,
      modifiedAt,
      entries: entriesOf(articles),
      company,
    });
    send(response, "application/atom+xml", xml);
  }

  /** Allows any origin: feed readers run on other origins. */
  function send(response: Response, type: string, text: string): void {
    response.set({
      "Access-Control-Allow-Origin": "*",
      "Cross-Origin-Resource-Policy": "cross-origin",
    });
    publish(response, {
      body: text.replace(invalidInXml, ""),
      type: `${type}; charset=utf-8`,
      maxAge: 300,
    });
  }
}

/** Returns the latest modification time. */
function latest(articles: Article[]): Date | undefined {
  const times = articles.map((article) => modifiedAt(article).getTime());
  return times.length > 0 ? new Date(Math.max(...times)) : undefined;
}

/** Returns HTML for other sites: with absolute URLs, and without self-links of headings, classes and tabindex. */
function forOtherSites(html: string, url: string): string {
  const relative = / (href|src)="(?![a-z][a-z0-9+.-]*:)([^"]*)"/gi;
  const resolved = (_whole: string, name: string, address: string) =>
    ` ${name}="${URL.parse(address, url)?.href ?? address}"`;
  return (
    html
      .replace(/(<h[23] id="[^"]*">)<a href="#[^"]*">((?:(?!<\/a>).)*)<\/a>(?=<\/h)/g, "$1$2")
      .replace(/<\/?span[^>]*>/g, "")
      // Only in tags: code may contain such text.
      .replace(/<[a-z][^>]*>/gi, (tag) =>
        tag.replace(/ (class|tabindex)="[^"]*"/g, "").replace(relative, resolved),
      )
  );
}
