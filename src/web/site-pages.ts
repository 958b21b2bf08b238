// Home, how we work, privacy, and the page for addresses that do not exist.

import { Router, type Request, type Response } from "express";
import type { Web } from "./app.ts";
import { onlyMethods } from "./guards.ts";
import { officeClocks } from "./offices.ts";
import type { Page } from "./page.ts";
import { milliseconds, phaseSpans, type Span } from "./trace.ts";

export function sitePages(web: Web): Router {
  const { show, library, now } = web;
  const router = Router({ strict: true, caseSensitive: true });

  router
    .route("/")
    .get((_request, response) => {
      const routedAt = web.monotonicMs();
      const instant = now();
      const articles = library.list(instant);
      const readAt = web.monotonicMs();
      response.set("Cache-Control", "public, max-age=30");
      showTraced(
        web,
        response,
        200,
        { routedAt, readAt },
        {
          view: "pages/home",
          title: "Clean Systems Consulting: backend engineers for your team",
          description: "Backend engineers who join your team as contractors to build, improve and scale the systems behind your product.",
          path: "/",
          data: { latest: articles.slice(0, 4), clocks: officeClocks(instant) },
        },
      );
    })
    .all(onlyMethods("GET", "HEAD"));

  const fixedPages: Page[] = [
    {
      view: "pages/how-we-work",
      title: "How we work",
      description:
        "From the first message to the handover: what happens on which day, who you talk to, and what you have in your hands at the end.",
      path: "/how-we-work",
      section: "/how-we-work",
    },
    {
      view: "pages/privacy",
      title: "Privacy",
      description:
        "What this site stores about you, why, for how long, and how to see it or have it deleted. It sets no cookies and asks no third party.",
      path: "/privacy",
    },
  ];
  for (const page of fixedPages) {
    router
      .route(page.path ?? "")
      .get((_request, response) => show(response.set("Cache-Control", "public, max-age=300"), 200, page))
      .all(onlyMethods("GET", "HEAD"));
  }
  return router;
}

/** The 404 page: what was looked for, and what there is. */
export function missingPage(web: Web): (request: Request, response: Response) => void {
  return (request, response) => {
    const routedAt = web.monotonicMs();
    const articles = web.library.list(web.now());
    const readAt = web.monotonicMs();
    response.set("Cache-Control", "no-store");
    showTraced(
      web,
      response,
      404,
      { routedAt, readAt },
      {
        view: "pages/not-found",
        title: "Nothing lives at this address.",
        noindex: true,
        data: { address: readableAddress(request), articles: articles.slice(0, 3) },
      },
    );
  };
}

const traceSlot = "<!-- trace -->";

// A page cannot hold the time of its own making before it is made: it is rendered with a gap, then the gap is filled with the times.
function showTraced(web: Web, response: Response, status: number, times: { routedAt: number; readAt: number }, page: Page): void {
  const startedAt = Number(response.locals["startedAt"]);
  const html = web.render({ ...page, data: { ...page.data, traceSlot } });
  const renderedAt = web.monotonicMs();
  const phases = [
    { name: "Route", ms: times.routedAt - startedAt, tone: "own" as const },
    { name: "Articles", ms: times.readAt - times.routedAt, tone: "other" as const },
    { name: "Render", ms: renderedAt - times.readAt, tone: "own" as const },
  ];
  const spans: Span[] = status === 404 ? lostSpans(phases) : phaseSpans(phases);
  const total = milliseconds(renderedAt - startedAt);
  const trace = web.fragment("partials/page-trace", { spans, status, total });
  response
    .status(status)
    .type("html")
    .send(html.replace(traceSlot, () => trace));
}

/** The phases take the first half; the page that is not there is the red span behind them. */
function lostSpans(phases: Parameters<typeof phaseSpans>[0]): Span[] {
  const found = phaseSpans(phases.slice(0, 2)).map((span) => ({ ...span, left: span.left / 2, width: span.width / 2 }));
  return [...found, { name: "Page", value: "404", left: 50, width: 50, tone: "lost" }];
}

/** The path as a person typed it, as text and not too long. */
function readableAddress(request: Request): string {
  let { path } = request;
  try {
    path = decodeURIComponent(path);
  } catch {
    // It stays as it was sent.
  }
  return path.length > 80 ? `${path.slice(0, 79)}…` : path;
}
