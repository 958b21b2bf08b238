// The home page, the fixed pages that need no data, redirects from addresses that people guess, and the 404 page.

import { unescape } from "node:querystring"; // unlike decodeURIComponent it never throws
import createError from "http-errors";
import type { Express, RequestHandler, Response } from "express";
import type { Context, Page } from "../context.ts";
import { addGetRoute } from "../middleware.ts";
import type { Caching } from "../page-cache.ts";
import { fixedPage, fixedPages, guessedPaths } from "../pages.ts";
import { officeClocks } from "../offices.ts";
import { siteThings } from "../structured-data.ts";
import { formatMs, phaseSpans, type Phase, type Span } from "../trace.ts";

const maxLatest = 4;
const maxAddress = 80; // characters of the requested path that the 404 page shows
/** Words in paths that name a kind of page and not the subject of an article. */
const genericWords = /^(articles?|topics?|blog|posts?|clients?|help|work|html|md|\d+)$/i;

export function homeRoutes(app: Express, context: Context): void {
  const { config, asset, library, now } = context;

  addGetRoute(app, "/", async (_request, response) => {
    const compose = () => {
      const structuredData = siteThings(config.siteUrl, asset("images/mark.svg"));
      return {
        ...fixedPage("/"),
        structuredData,
        data: { latest: library.list(now()).slice(0, maxLatest), clocks: officeClocks(now()) },
      };
    };
    await showTraced(context, response, 200, compose, { maxAge: 30 });
  });
}

/** Adds a route for each page that needs no data. */
export function fixedPageRoutes(app: Express, { show }: Context): void {
  for (const row of fixedPages.filter(({ hasOwnRoute }) => !hasOwnRoute))
    addGetRoute(app, row.path, (_request, response) => show(response, 200, row, { maxAge: 300 }));
}

/** Adds a redirect for each address that people guess. */
export function guessedPathRoutes(app: Express, { config }: Context): void {
  for (const [path, target] of Object.entries(guessedPaths))
    addGetRoute(app, path, (_request, response) =>
      response.set("Cache-Control", "public, max-age=300").redirect(301, config.siteUrl + target),
    );
}

/** Returns the handler for the 404 page: the requested path, and the articles that match it best. */
export function missingPage(context: Context): RequestHandler {
  const { library, now } = context;
  return async (request, response) => {
    if (!["GET", "HEAD"].includes(request.method)) throw createError(404, "no such address");
    await showTraced(context, response, 404, async () => {
      const path = unescape(request.path);
      const address = path.length > maxAddress ? `${path.slice(0, maxAddress - 1)}…` : path;
      const words = (address.match(/[\p{L}\p{N}]+/gu) ?? [])
        .filter((word) => !genericWords.test(word))
        .join(" ");
      const suggested = await library.suggest(words, now(), 3).catch(() => []); // the page works without suggestions
      const hasMatches = suggested.length > 0;
      const articles = hasMatches ? suggested : library.list(now()).slice(0, 3);
      return {
        view: "pages/not-found",
        title: "Nothing lives at this address.",
        data: { address, words, hasMatches, articles },
      };
    });
  };
}

const traceSlot = "<!-- trace -->";
type Compose = () => Page | Promise<Page>;

/**
 * Publishes the page that `compose` returns, with a figure of how long each step took. The page is rendered with a placeholder, which is
 * replaced by the figure once the rendering time is known.
 */
async function showTraced(
  context: Context,
  response: Response,
  status: number,
  compose: Compose,
  caching?: Caching,
): Promise<void> {
  const { render, fragment, publish, monotonicMs } = context;
  const startedAt = Number(response.locals["startedAt"]);
  const routedAt = monotonicMs();
  const page = await compose();
  const composedAt = monotonicMs();
  const html = render({ ...page, data: { ...page.data, traceSlot } });
  const renderedAt = monotonicMs();
  const route: Phase = { name: "Route", ms: routedAt - startedAt, tone: "own" };
  const articles: Phase = { name: "Articles", ms: composedAt - routedAt, tone: "other" };
  const spans: Span[] =
    status === 404
      ? [
          ...phaseSpans([route, articles], 0.5),
          { name: "Page", value: "404", left: 50, width: 50, tone: "lost" },
        ]
      : phaseSpans([route, articles, { name: "Render", ms: renderedAt - composedAt, tone: "own" }]);
  const figure = fragment("partials/page-trace", {
    spans,
    status,
    total: formatMs(renderedAt - startedAt),
  });
  publish(response, {
    status,
    body: html.replace(traceSlot, () => figure),
    type: "html",
    ...caching,
  });
}
