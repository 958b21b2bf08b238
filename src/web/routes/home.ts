// The home page, the fixed pages that need no data, and the 404 page.

import { unescape } from "node:querystring"; // unlike decodeURIComponent it never throws
import type { Express, RequestHandler } from "express";
import type { Context } from "../context.ts";
import { HttpError } from "../errors.ts";
import { addGetRoute } from "../middleware.ts";
import { fixedPage, fixedPages, imagePath } from "../pages.ts";
import { pageImage } from "../sharing-images.ts";
import { companyData } from "../structured-data.ts";

const maxLatest = 4;
/** The articles whose findings the home page shows, in this order, as soon as they are public. */
const foundSlugs = [
  "every-query-is-fast-and-the-database-is-slow",
  "offset-gets-slower-and-skips-rows",
  "why-backend-developers-carry-the-most-responsibility",
  "idempotency-keys-and-crashes",
  "changing-a-column-while-two-versions-run",
  "taking-over-a-backend",
];
const maxAddress = 80; // characters of the requested path that the 404 page shows
/** Words in paths that name a kind of page and not the subject of an article. */
const genericWords = /^(articles?|topics?|blog|posts?|clients?|help|work|html|md|\d+)$/i;

/** The article whose measurement the home page shows, as soon as it is public. */
const stalledSlug = "retries-multiply";
const curveFiles = ["", "-bounded"].map((kind) => `images/${stalledSlug}-answers${kind}.svg`);

export function homeRoutes(app: Express, context: Context): void {
  const { config, asset, library, clock, show, send } = context;
  addGetRoute(app, "/", (_request, response) => {
    const structuredData = companyData(config.siteUrl, asset("images/mark.svg"));
    const stalled = library.find(stalledSlug, clock());
    const found = foundSlugs.flatMap((slug) => library.find(slug, clock()) ?? []);
    const others = library
      .list(clock())
      .filter((article) => article !== stalled && !found.includes(article));
    const planned = library.find("taking-over-a-backend", clock());
    const data = { stalled, found, planned, latest: others.slice(0, maxLatest) };
    show(response, 200, { ...fixedPage("/"), structuredData, data }, { maxAge: 300 });
  });

  for (const row of fixedPages)
    addGetRoute(app, imagePath(row.path), async (_request, response) => {
      response.set("Cross-Origin-Resource-Policy", "cross-origin");
      const isHome = row.path === "/";
      const title = isHome ? "Backend systems that stay quiet." : row.title;
      const curves = isHome && library.find(stalledSlug, clock()) ? curveFiles : [];
      const figures = curves.flatMap((file) => library.figure(file) ?? []);
      const body = await pageImage(row, title, figures);
      send(response, { body, type: "png", maxAge: 3_600 });
    });
}

/** The services, which link to articles. */
export function servicesRoutes(app: Express, { library, clock, show }: Context): void {
  addGetRoute(app, "/ways-to-work", (_request, response) => {
    const data = { findArticle: (slug: string) => library.find(slug, clock()) };
    show(response, 200, { ...fixedPage("/ways-to-work"), data }, { maxAge: 300 });
  });
}

/** Adds a route for each page that needs no data. */
export function fixedPageRoutes(app: Express, { show }: Context): void {
  for (const row of fixedPages.filter(({ hasOwnRoute }) => !hasOwnRoute))
    addGetRoute(app, row.path, (_request, response) => show(response, 200, row, { maxAge: 300 }));
}

/** Returns the handler of the 404 page, which shows the articles that match the path best. */
export function missingPage({ library, clock, show }: Context): RequestHandler {
  return async (request, response) => {
    if (!["GET", "HEAD"].includes(request.method)) throw new HttpError(404, "no such address");
    const path = unescape(request.path);
    const address = path.length > maxAddress ? `${path.slice(0, maxAddress - 1)}…` : path;
    const words = (address.match(/[\p{L}\p{N}]+/gu) ?? [])
      .filter((word) => !genericWords.test(word))
      .join(" ");
    const found = await library.search(words, clock(), 3, true);
    const suggested = found.map(({ article }) => article);
    const hasMatches = suggested.length > 0;
    const articles = hasMatches ? suggested : library.list(clock()).slice(0, 3);
    show(response, 404, {
      view: "pages/not-found",
      title: "This page doesn’t exist.",
      data: { address, words, hasMatches, articles },
    });
  };
}
