// The fixed pages: those that link to articles, and those that need no data.

import type { Express } from "express";
import type { Context } from "../context.ts";
import { addGetRoute } from "../middleware.ts";
import { fixedPage, fixedPages, stalledSlug } from "../pages.ts";
import { companyData } from "../render.ts";

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

export function fixedPageRoutes(app: Express, context: Context): void {
  const { config, asset, library, clock, show } = context;
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

  addGetRoute(app, "/ways-to-work", (_request, response) => {
    const data = { findArticle: (slug: string) => library.find(slug, clock()) };
    show(response, 200, { ...fixedPage("/ways-to-work"), data }, { maxAge: 300 });
  });

  for (const row of fixedPages.filter(({ hasOwnRoute }) => !hasOwnRoute))
    addGetRoute(app, row.path, (_request, response) => show(response, 200, row, { maxAge: 300 }));
}
