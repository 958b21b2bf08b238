// The order of everything that happens to a request, on one screen.

import { randomUUID } from "node:crypto";
import express, { type Express, type Request, type RequestHandler } from "express";
import type { Library } from "../articles/library.ts";
import type { Config } from "../config.ts";
import type { Delivery } from "../inquiries/delivery.ts";
import type { Store } from "../inquiries/store.ts";
import type { Log } from "../log.ts";
import { articlePages } from "./article-pages.ts";
import { loadAssets, serveAssets } from "./assets.ts";
import { contactPages } from "./contact-pages.ts";
import type { Development } from "./development.ts";
import { failure } from "./errors.ts";
import { gallery } from "./gallery.ts";
import { caching, formerAddresses, oneAddress, securityHeaders } from "./guards.ts";
import { health } from "./health.ts";
import { listPages } from "./list-pages.ts";
import { machines } from "./machines.ts";
import { createPages } from "./page.ts";
import { missingPage, sitePages } from "./site-pages.ts";

export type Parts = {
  config: Config;
  library: Library;
  store: Store;
  delivery: Pick<Delivery, "nudge">;
  /** Whether the process is about to end. */
  stopping: () => boolean;
  now: () => Date;
  monotonicMs: () => number;
  log: Log;
  /** Under `npm run dev` only. */
  development: Development | undefined;
};

export function createApp(parts: Parts): Express {
  const { config, library, now, log } = parts;
  const assets = loadAssets();
  const pages = createPages(parts, assets);
  const app = express();
  const web = { ...parts, ...pages, app, cache: caching(parts) };
  app.disable("x-powered-by");
  app.set("etag", "strong");
  app.set("query parser", "simple");
  app.set("strict routing", true);
  app.set("case sensitive routing", true);
  app.set("trust proxy", config.trustProxy);

  const headers = securityHeaders(assets.css, config);
  app.use((_request, response, next) => (response.set(headers), next()));
  app.use(requestLog(parts));
  health(web);
  app.use(serveAssets(assets));
  if (parts.development) app.use(parts.development.router);
  if (parts.development) gallery(web);
  app.use(oneAddress(config.siteUrl));
  sitePages(web);
  listPages(web);
  articlePages(web);
  machines(web);
  contactPages(web);
  app.use(formerAddresses(config.siteUrl, library, now));
  app.use(missingPage(web));
  app.use(failure({ show: pages.show, log, showDetail: config.development }));
  return app;
}

/** What route files get: the parts of the site, and how to show a page. */
export type Web = Parts & ReturnType<typeof createPages> & { app: Express; cache: ReturnType<typeof caching> };

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
      log[level]({ request: id, method: request.method, route, status: response.statusCode, ms }, "request");
    });
    next();
  };
}
