// The app: middleware and routes, in order.

import { randomUUID } from "node:crypto";
import express, { type Express, type Request, type RequestHandler } from "express";
import { loadAssets, serveAssets } from "./assets.ts";
import type { Context, Parts } from "./context.ts";
import { handleErrors } from "./errors.ts";
import { redirectAliases, redirectToCanonicalUrl, securityHeaders } from "./middleware.ts";
import { createRenderer } from "./render.ts";
import { articleRoutes } from "./routes/articles.ts";
import { contactRoutes } from "./routes/contact.ts";
import { exampleRoutes } from "./routes/examples.ts";
import { feedRoutes } from "./routes/feeds.ts";
import { healthRoutes } from "./routes/health.ts";
import { fixedPageRoutes, homeRoutes, missingPage } from "./routes/home.ts";
import { listRoutes } from "./routes/lists.ts";
import { staffRoutes } from "./routes/staff.ts";

export function createApp(parts: Parts): Express {
  const { config, library, now } = parts;
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
  app.use(parts.pageCache.recordVersion);
  healthRoutes(app, context);
  app.use(serveAssets(assets, context.publish));
  if (parts.development) app.use(parts.development.router);
  staffRoutes(app, context); // before the redirect: an upper-case token is invalid and must not be redirected to lower case
  app.use(redirectToCanonicalUrl(config.siteUrl));
  homeRoutes(app, context);
  listRoutes(app, context);
  articleRoutes(app, context);
  exampleRoutes(app, context);
  feedRoutes(app, context);
  contactRoutes(app, context);
  fixedPageRoutes(app, context);
  app.use(redirectAliases(config.siteUrl, library, now));
  app.use(missingPage(context));
  app.use(handleErrors(context));
  return app;
}

/** Returns the request id of a trusted proxy, so that both logs have the same id, otherwise a new one. */
function requestIdOf(request: Request): string {
  const given = request.get("x-request-id") ?? "";
  const trusts = request.app.get("trust proxy fn") as (address: string, hop: number) => boolean;
  return /^[\w.-]{8,64}$/.test(given) && trusts(request.socket.remoteAddress ?? "", 0)
    ? given
    : randomUUID();
}

/** Logs requests that the page cache does not serve: posts and failures at level info, others at level debug. */
function requestLog({ log, monotonicMs }: Parts): RequestHandler {
  return (request, response, next) => {
    const startedAt = monotonicMs();
    const id = requestIdOf(request);
    Object.assign(response.locals, { startedAt, requestId: id });
    response.on("close", () => {
      const ms = Math.round((monotonicMs() - startedAt) * 10) / 10;
      const route = (request.route as { path?: string } | undefined)?.path ?? "none"; // an unknown path may contain personal data
      const level = request.method === "POST" || response.statusCode >= 500 ? "info" : "debug";
      // If the client disconnected before the headers were sent, it received no status, and statusCode is still 200.
      const outcome = response.headersSent ? { status: response.statusCode } : { aborted: true };
      log[level]({ request: id, method: request.method, route, ...outcome, ms }, "request");
    });
    next();
  };
}
