// The order of everything that happens to a request, on one screen.

import { randomUUID } from "node:crypto";
import express, { type Express, type Request, type RequestHandler } from "express";
import { loadAssets, serveAssets } from "./assets.ts";
import { contactRoutes } from "./contact-pages.ts";
import type { Context, Parts } from "./context.ts";
import { failure } from "./errors.ts";
import { formerAddresses, oneAddress, securityHeaders } from "./middleware.ts";
import { createRenderer } from "./render.ts";
import { articleRoutes } from "./routes/articles.ts";
import { feedRoutes } from "./routes/feeds.ts";
import { galleryRoutes } from "./routes/gallery.ts";
import { healthRoutes } from "./routes/health.ts";
import { homeRoutes, missingPage } from "./routes/home.ts";
import { listRoutes } from "./routes/lists.ts";

export function createApp(parts: Parts): Express {
  const { config, library, now, log } = parts;
  const assets = loadAssets();
  const pages = createRenderer(parts, assets);
  const app = express();
  const context: Context = { ...parts, ...pages, publish: parts.pageCache.publish };
  app.disable("x-powered-by");
  app.set("etag", false);
  app.set("query parser", "simple");
  app.set("strict routing", true);
  app.set("case sensitive routing", true);
  app.set("trust proxy", config.trustProxy);

  const headers = securityHeaders(assets.css, config);
  app.use((_request, response, next) => (response.set(headers), next()));
  app.use(requestLog(parts));
  app.use(parts.pageCache.begin);
  healthRoutes(app, context);
  app.use(serveAssets(assets, context.publish));
  if (parts.development) app.use(parts.development.router);
  if (parts.development) galleryRoutes(app, context);
  app.use(oneAddress(config.siteUrl));
  homeRoutes(app, context);
  listRoutes(app, context);
  articleRoutes(app, context);
  feedRoutes(app, context);
  contactRoutes(app, context);
  app.use(formerAddresses(config.siteUrl, library, now));
  app.use(missingPage(context));
  app.use(failure({ show: pages.show, log, showDetail: config.development }));
  return app;
}

/** The id that a trusted proxy gave, so that its log and ours tell of the same request; anybody else's could say anything. */
function requestIdOf(request: Request): string {
  const given = request.get("x-request-id") ?? "";
  const trusts = request.app.get("trust proxy fn") as (address: string, hop: number) => boolean;
  return /^[\w.-]{8,64}$/.test(given) && trusts(request.socket.remoteAddress ?? "", 0) ? given : randomUUID();
}

// Reading leaves a line only at debug level: what an operator looks for is what was sent and what failed.
function requestLog({ log, monotonicMs }: Parts): RequestHandler {
  return (request, response, next) => {
    const startedAt = monotonicMs();
    const id = requestIdOf(request);
    Object.assign(response.locals, { startedAt, requestId: id });
    response.on("close", () => {
      const ms = Math.round((monotonicMs() - startedAt) * 10) / 10;
      const route = (request.route as { path?: string } | undefined)?.path ?? "none"; // an unknown path may hold anything
      const level = request.method === "POST" || response.statusCode >= 500 ? "info" : "debug";
      const outcome = response.headersSent ? { status: response.statusCode } : { aborted: true };
      log[level]({ request: id, method: request.method, route, ...outcome, ms }, "request");
    });
    next();
  };
}
