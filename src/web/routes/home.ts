// The home page, the fixed pages that need no data, and the 404 page.

import { unescape } from "node:querystring"; // unlike decodeURIComponent it never throws
import createError from "http-errors";
import type { Express, Request, Response } from "express";
import type { Context, Page } from "../context.ts";
import { page } from "../middleware.ts";
import type { Caching } from "../page-cache.ts";
import { fixedPage, fixedPages } from "../pages.ts";
import { officeClocks } from "../offices.ts";
import { siteThings } from "../structured-data.ts";
import { notFoundSpans, formatMs, phaseSpans, type Phase } from "../trace.ts";

const maxLatest = 4;

export function homeRoutes(app: Express, context: Context): void {
  const { config, asset, library, now, monotonicMs } = context;

  page(app, "/", (_request, response) => {
    const routedAt = monotonicMs();
    const latest = library.list(now()).slice(0, maxLatest);
    const readAt = monotonicMs();
    const structuredData = siteThings(config.siteUrl, asset("images/mark.svg"));
    const page = { ...fixedPage("/"), structuredData, data: { latest, clocks: officeClocks(now()) } };
    showTraced(context, response, 200, page, [routedAt, readAt], { maxAge: 30 });
  });
}

/** Adds a route for each page that needs no data. */
export function fixedPageRoutes(app: Express, { show }: Context): void {
  for (const row of fixedPages.filter(({ hasOwnRoute }) => !hasOwnRoute))
    page(app, row.path, (_request, response) => show(response, 200, row, { maxAge: 300 }));
}

/** The 404 page: the path that was requested, and the articles that match it best. */
export function missingPage(context: Context): (request: Request, response: Response) => Promise<void> {
  const { library, now, monotonicMs } = context;
  return async (request, response) => {
    if (!["GET", "HEAD"].includes(request.method)) throw createError(404, "no such address");
    const routedAt = monotonicMs();
    const address = readableAddress(request);
    const words = (address.match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => !/^(articles|topics|html|md)$/i.test(word)).join(" ");
    const found = await library.search(words, now(), 3).catch(() => []); // the page works without suggestions
    const close = found.map(({ article }) => article);
    const readAt = monotonicMs();
    const articles = close.length > 0 ? close : library.list(now()).slice(0, 3);
    const data = { address, words, close: close.length > 0, articles };
    const page = { view: "pages/not-found", title: "Nothing lives at this address.", data };
    showTraced(context, response, 404, page, [routedAt, readAt]);
  };
}

const traceSlot = "<!-- trace -->";

/**
 * Publishes a page that shows how it was composed. `marks` are the times at which the route was found and the articles were read. The page is
 * rendered with a placeholder, which is replaced once the time of rendering is measured.
 */
function showTraced(context: Context, response: Response, status: number, page: Page, marks: [number, number], caching?: Caching): void {
  const { render, fragment, publish, monotonicMs } = context;
  const html = render({ ...page, data: { ...page.data, traceSlot } });
  const times = [Number(response.locals["startedAt"]), ...marks, monotonicMs()] as const;
  const phases: Phase[] = [
    { name: "Route", ms: times[1] - times[0], tone: "own" },
    { name: "Articles", ms: times[2] - times[1], tone: "other" },
    { name: "Render", ms: times[3] - times[2], tone: "own" },
  ];
  const spans = status === 404 ? notFoundSpans(phases) : phaseSpans(phases);
  const trace = fragment("partials/page-trace", { spans, status, total: formatMs(times[3] - times[0]) });
  publish(response, { status, body: html.replace(traceSlot, () => trace), type: "html", ...caching });
}

/** Returns the path without percent-encoding, at most 80 characters. */
function readableAddress(request: Request): string {
  const path = unescape(request.path);
  return path.length > 80 ? `${path.slice(0, 79)}…` : path;
}
