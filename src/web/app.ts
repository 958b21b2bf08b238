// The app: its middleware and routes, in order.

import express, { type Express } from "express";
import { loadAssets } from "./assets.ts";
import { handleErrors, missingPage } from "./errors.ts";
import { fixedPages } from "./pages.ts";
import { redirectAliases, redirectToCanonicalUrl } from "./redirects.ts";
import { createRenderer } from "./render.ts";
import { requestLog } from "./request-log.ts";
import { articleRoutes } from "./routes/articles.ts";
import { contactRoutes } from "./routes/contact.ts";
import { feedRoutes } from "./routes/feeds.ts";
import { problemRoutes } from "./routes/problems.ts";
import { listRoutes } from "./routes/lists.ts";
import { liveReloadRoutes } from "./routes/live-reload.ts";
import { receiptRoutes } from "./routes/receipt.ts";
import { staffRoutes } from "./routes/staff.ts";
import { addGetRoute, type RouteContext, type SiteParts } from "./routing.ts";
import { redirects, urls } from "../urls.ts";
import { defaultHeaders } from "./server.ts";

export function createApp(parts: SiteParts): Express {
  const { config } = parts;
  const assets = loadAssets();
  const { show, contentOf } = createRenderer(parts, assets);
  // Redirects are absolute. In development they aren't, because a phone in the same network reaches
  // the site at another origin.
  const origin = config.development ? "" : config.siteUrl;
  const redirect: RouteContext["redirect"] = (response, to, status = 301) =>
    response.set("Cache-Control", "public, max-age=300").redirect(status, origin + to);
  const context: RouteContext = { ...parts, show, contentOf, redirect, failedRequests: new Map() };

  const app = express();
  app.disable("x-powered-by");
  app.set("etag", false);
  app.set("query parser", false); // handlers read the query with parseQuery()
  app.set("strict routing", true);
  app.set("case sensitive routing", true);
  app.set("trust proxy", config.trustProxy);
  const headers = defaultHeaders(Object.values(assets.css), config);
  app.use((_request, response, next) => {
    response.set(headers);
    next();
  });

  app.use(requestLog(context));
  problemRoutes(app, context);
  for (const asset of assets.served)
    addGetRoute(app, asset.url, (_request, response) => parts.send(response, asset));
  if (config.development) liveReloadRoutes(app, context);
  // The routes for staff come before the redirect: a token in upper case is invalid, and must not
  // be redirected to lower case.
  staffRoutes(app, context);
  app.use(redirectToCanonicalUrl(context));
  listRoutes(app, context);
  articleRoutes(app, context);
  feedRoutes(app, context, assets.file("images/sharing/home.png").body);
  contactRoutes(app, context);
  receiptRoutes(app, context);
  for (const page of fixedPages.filter(({ hasOwnRoute }) => !hasOwnRoute))
    addGetRoute(app, page.path, (_request, response) => show(response, 200, page, 300));
  for (const [from, to] of redirects)
    addGetRoute(app, urls[from], (_request, response) => redirect(response, urls[to]));
  app.use(redirectAliases(context));
  app.use(missingPage(context));
  app.use(handleErrors(context));
  return app;
}
