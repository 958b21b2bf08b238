// What routes share: the parts of the site that they use, and how a GET route is added.

import type { Express, Request, RequestHandler, Response } from "express";
import type { Library } from "../articles/library.ts";
import type { optionalFacts } from "../company.ts";
import type { Config } from "../config.ts";
import type { LookUpDomain } from "../inquiries/email-address.ts";
import type { Store } from "../inquiries/store/interface.ts";
import type { Log } from "../log.ts";
import type { Caching, PageCache } from "./page-cache.ts";
import type { Page } from "./pages.ts";
import { onlyMethods } from "./refusals.ts";

declare global {
  namespace Express {
    interface Locals {
      /** Names the request in the log, and on an error page. */
      requestId: string;
    }
  }
}

export type SiteParts = {
  config: Config;
  optionalFacts: typeof optionalFacts;
  library: Library;
  store: Store;
  /** `nudge` says that an inquiry was stored. `passedAt` returns when a pass last succeeded. */
  worker: { nudge: () => void; passedAt: () => Date };
  lookUpDomain: LookUpDomain;
  clock: () => Date;
  log: Log;
  send: PageCache["send"];
};

export type ShowPage = (response: Response, status: number, page: Page, caching?: Caching) => void;

export type RouteContext = SiteParts & {
  show: ShowPage;
  /** Renders a page without its header and footer. */
  contentOf: (page: Page) => string;
  /**
   * Redirects a request. Browsers may keep the redirect for five minutes: otherwise they would keep
   * a 301 as long as they like.
   */
  redirect: (response: Response, path: string, status?: number) => void;
  /**
   * The requests whose last response was a 5xx, by method and path. Only their route, such as
   * "GET /articles/:slug", is shown, because a path may be personal.
   */
  failedRequests: Map<string, { route: string; at: Date }>;
};

export type GetHandler = RequestHandler<Record<string, string>>;

/** Returns the query of a request. The page cache stores no response to a URL that has one. */
export function parseQuery({ originalUrl }: Request): URLSearchParams {
  return new URLSearchParams(/\?.*$/s.exec(originalUrl)?.[0]);
}

export function addGetRoute(app: Express, path: string, handler: GetHandler): void {
  app.route(path).get(handler).all(onlyMethods("GET", "HEAD"));
}
