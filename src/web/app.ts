// The app: middleware and routes, in order, and the middleware for all requests.

import { randomUUID } from "node:crypto";
import express, { type Express, type RequestHandler } from "express";
import { href, matchUrl, urls, type UrlName } from "../urls.ts";
import { loadAssets } from "./assets.ts";
import { handleErrors, missingPage } from "./errors.ts";
import { fixedPage, fixedPages, sharingImageName } from "./pages.ts";
import { createRenderer } from "./render.ts";
import { articleRoutes } from "./routes/articles.ts";
import { contactRoutes } from "./routes/contact.ts";
import { feedRoutes } from "./routes/feeds.ts";
import { healthRoutes } from "./routes/health.ts";
import { listRoutes } from "./routes/lists.ts";
import { liveReloadRoutes } from "./routes/live-reload.ts";
import { staffRoutes } from "./routes/staff.ts";
import { addGetRoute, type RouteContext, type SiteParts } from "./routing.ts";
import { securityHeaders } from "./server.ts";

export function createApp(parts: SiteParts): Express {
  const { config } = parts;
  const assets = loadAssets();
  const show = createRenderer(parts, assets);
  const app = express();
  const origin = config.development ? "" : config.siteUrl;
  const context: RouteContext = { ...parts, show, origin, failedRoutes: new Map() };
  app.disable("x-powered-by");
  app.set("etag", false);
  app.set("query parser", false); // handlers use parseQuery()
  app.set("strict routing", true);
  app.set("case sensitive routing", true);
  app.set("trust proxy", config.trustProxy);

  const headers = securityHeaders(Object.values(assets.css), config);
  app.use((_request, response, next) => {
    response.set(headers);
    next();
  });
  app.use(requestLog(context));
  healthRoutes(app, context);
  for (const [url, asset] of assets.byUrl)
    addGetRoute(app, url, (_request, response) => {
      if (asset.type.startsWith("image/"))
        response.set("Cross-Origin-Resource-Policy", "cross-origin"); // feed readers show the icon
      parts.send(response.set("Cache-Control", asset.cacheControl), asset);
    });
  if (config.development) liveReloadRoutes(app, context);
  // Before the redirect: an upper-case token is invalid and is not redirected to lower case.
  staffRoutes(app, context);
  app.use(redirectToCanonicalUrl(origin));
  listRoutes(app, context);
  articleRoutes(app, context);
  feedRoutes(
    app,
    context,
    assets.file(`images/sharing/${sharingImageName(fixedPage(urls.home))}.png`).body,
  );
  contactRoutes(app, context);
  for (const page of fixedPages.filter(({ hasOwnRoute }) => !hasOwnRoute))
    addGetRoute(app, page.path, (_request, response) => show(response, 200, page, { maxAge: 300 }));
  app.use(redirectAliases(context));
  app.use(missingPage(context));
  app.use(handleErrors(context));
  return app;
}

/**
 * Logs requests that the page cache does not serve: posts and failures at level info, others at
 * level debug.
 */
function requestLog({ log, clock, failedRoutes }: RouteContext): RequestHandler {
  return (request, response, next) => {
    const startedAt = clock().getTime();
    const requestId = (response.locals.requestId = randomUUID());
    response.on("close", () => {
      const { method } = request;
      const { statusCode: status } = response;
      const now = clock();
      const ms = now.getTime() - startedAt;
      // The route and not the path: an unknown path may contain personal data.
      const route = (request.route as { path?: string } | undefined)?.path ?? "none";
      if (status >= 500 && route !== urls.readyz && route !== urls.health)
        failedRoutes.set(`${method} ${route}`, now);
      const level = method === "POST" || status >= 500 ? "info" : "debug";
      log[level]({ request: requestId, method, route, status, ms }, "request");
    });
    next();
  };
}

/** nginx turns a response whose header is larger than its buffer of 4 KB into a 502. */
const maxRedirectedLength = 2_000;

/** Redirects to the canonical URL, which is never built from the Host header. */
function redirectToCanonicalUrl(origin: string): RequestHandler {
  return (request, response, next) => {
    const { path, originalUrl, method } = request;
    const canonical = canonicalPath(path);
    const given = /\?.*$/s.exec(originalUrl)?.[0] ?? "";
    const query = withoutQuery.has(matchUrl(canonical)?.name) ? "" : given;
    const isCanonical = path === canonical && query === given;
    if (isCanonical || originalUrl.length > maxRedirectedLength) return next();
    // After a 301 browsers drop the body of a post. Two leading slashes would name another host.
    const status = method === "GET" || method === "HEAD" ? 301 : 308;
    response.redirect(status, origin + canonical.replace(/^\/+/, "/") + query);
  };
}

/** These ignore the query. A feed takes ten times as long as a page. */
const withoutQuery = new Set<UrlName | undefined>(["sharingImage", "feed", "topicFeed"]);

/** Returns a path without a trailing slash, in lower case except for the names of example files. */
function canonicalPath(path: string): string {
  const { name, parts } = matchUrl(path.toLowerCase()) ?? {};
  const file = name === "exampleFile" ? path.slice(-(parts?.["file"]?.length ?? 0)) : "";
  const lower = path.slice(0, path.length - file.length).toLowerCase();
  // Without the lookbehind, the time would grow with the square of the number of slashes.
  return (lower + file).replace(/(?<!\/)\/+$/, "") || "/";
}

/** Redirects the former URLs of an article's page, and of its examples, to the current ones. */
function redirectAliases({ origin, library, clock }: RouteContext): RequestHandler {
  return ({ path }, response, next) => {
    const { slug, file } = matchUrl(path)?.parts ?? {};
    const page = slug ? href("article", { slug }) : path;
    const article = library.findByAlias(page, clock());
    if (!article || (file?.length ?? 0) > 300) return next();
    const current = href("article", { slug: article.slug }) + path.slice(page.length);
    response.set("Cache-Control", "public, max-age=300").redirect(301, origin + current);
  };
}
