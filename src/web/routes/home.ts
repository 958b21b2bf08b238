// Home, how we work, privacy, and the page for addresses that do not exist.

import { unescape } from "node:querystring"; // unlike decodeURIComponent it takes anything
import createError from "http-errors";
import type { Express, Request, Response } from "express";
import type { Context, Page } from "../context.ts";
import { page } from "../middleware.ts";
import { fixedPage, fixedPages } from "../pages.ts";
import { officeClocks } from "../offices.ts";
import { siteFacts } from "../structured-data.ts";
import { lostSpans, milliseconds, phaseSpans, type Span } from "../trace.ts";

const mostLatest = 4;

type Tracing = Pick<Context, "render" | "fragment" | "monotonicMs">;
type Uses = Tracing & Pick<Context, "config" | "asset" | "show" | "library" | "now" | "cache">;

export function homeRoutes(app: Express, context: Uses): void {
  const { show, library, now, cache } = context;

  page(app, "/", (_request, response) => {
    const routedAt = context.monotonicMs();
    const instant = now();
    const articles = library.list(instant);
    const readAt = context.monotonicMs();
    cache(response, 30, 0, () => library.list(now()).slice(0, mostLatest));
    const times = { routedAt, readAt };
    showTraced(context, response, 200, times, {
      ...fixedPage("/"),
      facts: siteFacts(context.config.siteUrl, context.asset("images/mark.svg")),
      data: { latest: articles.slice(0, mostLatest), clocks: officeClocks(instant) },
    });
  });

  for (const row of fixedPages.filter(({ hasOwnRoute }) => !hasOwnRoute)) {
    page(app, row.path, (_request, response) => {
      cache(response, 300, 0, () => []);
      show(response, 200, row);
    });
  }
}

/** The 404 page: what was looked for, and what is close to it. */
export function missingPage(context: Tracing & Pick<Context, "library" | "now">): (request: Request, response: Response) => void {
  return (request, response) => {
    if (!["GET", "HEAD"].includes(request.method)) throw createError(404, "no such address");
    const routedAt = context.monotonicMs();
    const address = readableAddress(request);
    const words = (address.match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => !/^(articles|topics|html|md)$/i.test(word)).join(" ");
    const close = context.library.search(words, context.now(), 3).map(({ article }) => article);
    const readAt = context.monotonicMs();
    response.set("Cache-Control", "no-store");
    const articles = close.length > 0 ? close : context.library.list(context.now()).slice(0, 3);
    const data = { address, words, close: close.length > 0, articles };
    const times = { routedAt, readAt };
    showTraced(context, response, 404, times, { view: "pages/not-found", title: "Nothing lives at this address.", data });
  };
}

const traceSlot = "<!-- trace -->";

// A page cannot hold the time of its own making before it is made: it is rendered with a gap, then the gap is filled with the times.
function showTraced(context: Tracing, response: Response, status: number, times: { routedAt: number; readAt: number }, page: Page): void {
  const startedAt = Number(response.locals["startedAt"]);
  const html = context.render({ ...page, data: { ...page.data, traceSlot } });
  const renderedAt = context.monotonicMs();
  const phases = [
    { name: "Route", ms: times.routedAt - startedAt, tone: "own" as const },
    { name: "Articles", ms: times.readAt - times.routedAt, tone: "other" as const },
    { name: "Render", ms: renderedAt - times.readAt, tone: "own" as const },
  ];
  const spans: Span[] = status === 404 ? lostSpans(phases) : phaseSpans(phases);
  const total = milliseconds(renderedAt - startedAt);
  const trace = context.fragment("partials/page-trace", { spans, status, total });
  response
    .status(status)
    .type("html")
    .send(html.replace(traceSlot, () => trace));
}

/** The path as a person typed it, as text and not too long. */
function readableAddress(request: Request): string {
  const path = unescape(request.path);
  return path.length > 80 ? `${path.slice(0, 79)}…` : path;
}
