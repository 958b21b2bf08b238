// Files for programs: feeds (RFC 4287), the sitemap, robots.txt, llms.txt, security.txt, and the
// images that other sites show beside a link.

import type { Express, Response } from "express";
import { articleImage } from "../../articles/sharing-image.ts";
import { modifiedAt, type Article } from "../../articles/article.ts";
import { dayMs } from "../../calendar.ts";
import { company } from "../../company.ts";
import { view } from "../../views.ts";
import { authorHref, href, pagesWith, urls } from "../../urls.ts";
import { addGetRoute, type RouteContext } from "../routing.ts";
import { contactHref, fixedPages } from "../pages.ts";

/** How many articles a feed has. With their whole texts, 50 are about 750 KB before compression. */
const maxInFeed = 50;
/** The characters that XML 1.0 forbids: feed readers reject a feed that contains one. */
const invalidInXml = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** Adds the routes. `siteImage` is what an article shares that has no image of its own. */
export function feedRoutes(app: Express, context: RouteContext, siteImage: Buffer): void {
  const { config, library, clock, send } = context;
  const { siteUrl } = config;

  addGetRoute(app, urls.feed, (_request, response) =>
    sendAtom(response, library.list(clock()), company.name, urls.articles, urls.feed),
  );

  addGetRoute(app, urls.topicFeed, (request, response, next) => {
    const topic = library.topic(request.params["topic"] ?? "", clock());
    if (!topic) return next("route");
    const path = href("topic", { topic: topic.slug });
    const title = `${company.name}: ${topic.name}`;
    sendAtom(response, topic.articles, title, path, href("topicFeed", { topic: topic.slug }));
  });

  addGetRoute(app, urls.sitemap, (_request, response) => {
    const articles = library.list(clock());
    const shown = new Map<string, Article[]>();
    for (const { path } of fixedPages) shown.set(path, []);
    for (const article of articles)
      for (const path of pagesWith(article, library.examples(article) !== undefined))
        shown.getOrInsertComputed(path, () => []).push(article);
    const pages = Array.from(shown, ([path, changing]) => ({ path, at: latest(changing) }));
    sendText(response, "application/xml", view("machines/sitemap.xml")({ siteUrl, pages }));
  });

  addGetRoute(app, urls.robots, (_request, response) =>
    sendText(response, "text/plain", view("machines/robots.txt")({ siteUrl, href })),
  );

  addGetRoute(app, urls.llms, (_request, response) => {
    const data = { siteUrl, href, company, articles: library.list(clock()), pages: fixedPages };
    sendText(response, "text/plain", view("machines/llms.txt")(data));
  });

  // By RFC 9116 security.txt should expire within a year, so it is written anew for each request.
  addGetRoute(app, urls.security, (_request, response) => {
    const month = new Date(clock().getTime() + 180 * dayMs).toISOString().slice(0, 7);
    const data = { siteUrl, href, contact: config.contactEmail, expires: `${month}-01T00:00:00Z` };
    send(response, { body: view("machines/security.txt")(data), type: "text/plain" });
  });

  addGetRoute(app, urls.sharingImage, (request, response, next) => {
    const article = library.find(request.params["slug"] ?? "", clock());
    if (!article) return next("route");
    const { file } = articleImage(article);
    const body = library.image(`sharing/${file}`)?.content ?? siteImage;
    send(response, { body, type: "png", caching: 3_600 });
  });

  function sendAtom(
    response: Response,
    articles: Article[],
    title: string,
    path: string,
    feedPath: string,
  ): void {
    const entries = articles.slice(0, maxInFeed).map((article) => {
      const url = siteUrl + href("article", { slug: article.slug });
      // A renamed article keeps its first URL as its id, so that feed readers do not show it as
      // new.
      const [former] = article.aliases;
      const id = former ? siteUrl + former : url;
      const rewriteLink = (target: string) => URL.parse(target, url)?.href ?? target;
      const html = library.html(article, { rewriteLink, isPlain: true });
      // A feed reader shows neither the form below the article nor our navigation.
      const form = siteUrl + contactHref(href("contact"), article.slug);
      return { article, id, url, html, form };
    });
    const updated = latest(articles) ?? new Date(0);
    const links = { siteUrl, path, feedPath, href, authorHref };
    const about = { ...links, company, title, updated, modifiedAt };
    sendText(response, "application/atom+xml", view("machines/atom.xml")({ ...about, entries }));
  }

  /** Sends a file that pages of any origin may read, because feed readers in a browser do. */
  function sendText(response: Response, type: string, text: string): void {
    response.set("Access-Control-Allow-Origin", "*");
    const body = text.replace(invalidInXml, "");
    send(response, { body, type: `${type}; charset=utf-8`, caching: 300 });
  }
}

const latest = (articles: Article[]): Date | undefined =>
  articles
    .map(modifiedAt)
    .sort((a, b) => a.getTime() - b.getTime())
    .at(-1);
