// What routes share: the parts of the site that they use, how a GET route is added, and the requests
// that they refuse.

import express, { type Express, type Request, type RequestHandler, type Response } from "express";
import type { Library } from "../articles/library.ts";
import type { optionalFacts } from "../company.ts";
import type { Config } from "../config.ts";
import type { LookUpDomain } from "../inquiries/email-address.ts";
import type { Store } from "../inquiries/store/interface.ts";
import type { Log } from "../log.ts";
import type { Caching, PageCache } from "./page-cache.ts";
import type { Page } from "./pages.ts";

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
  /** `nudge`: an inquiry was stored. `passedAt`: when a pass last succeeded. */
  worker: { nudge: () => void; passedAt: () => Date };
  lookUpDomain: LookUpDomain;
  clock: () => Date;
  log: Log;
  send: PageCache["send"];
};

export type ShowPage = (response: Response, status: number, page: Page, caching?: Caching) => void;

export type RouteContext = SiteParts & {
  show: ShowPage;
  /** The HTML of a page without header and footer. */
  contentOf: (page: Page) => string;
  /** For five minutes: browsers would keep a 301 for as long as they like. */
  redirect: (response: Response, path: string, status?: number) => void;
  /**
   * The requests whose last response was a 5xx, by method and path. Only their route, such as
   * "GET /articles/:slug", is shown, because a path may be personal.
   */
  failedRequests: Map<string, { route: string; at: Date }>;
};

/** An error whose status and words may be shown and logged: they quote nothing that was sent. */
export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * The steps of Go's http.CrossOriginProtection. The last also accepts the request's own host, so
 * that the form can be tried in a local network. The site has no cookies to protect.
 */
export function sameOrigin(siteUrl: string): RequestHandler {
  return (request, _response, next) => {
    const origin = request.get("origin");
    const site = request.get("sec-fetch-site");
    const isOwnHost = origin === undefined || URL.parse(origin)?.host === request.get("host");
    const isSame =
      origin === siteUrl || site === "same-origin" || site === "none" || (!site && isOwnHost);
    next(isSame ? undefined : new HttpError(403, "cross-site"));
  };
}

const maxFields = 32;

/** Refuses any other body before it has arrived. The value of a repeated name is an array. */
export function formBody(limitBytes: number): RequestHandler[] {
  const check: RequestHandler = (request, _response, next) => {
    const length = request.get("content-length");
    if (Number(length) > limitBytes) throw new HttpError(413, "body too long");
    if (!request.is("urlencoded")) throw new HttpError(415, "not a form");
    // A body may be sent in chunks of one byte, which take 30 times its size in memory.
    if (length === undefined) throw new HttpError(411, "no Content-Length");
    next();
  };
  const options = { extended: false, limit: limitBytes, parameterLimit: maxFields, inflate: false };
  const parse = express.urlencoded(options);
  const read: RequestHandler = (request, response, next) =>
    parse(request, response, (error?: unknown) => {
      const isTooMany = (error as { type?: string } | undefined)?.type === "parameters.too.many";
      next(isTooMany ? new HttpError(422, "too many fields") : error);
    });
  return [check, read];
}

export function onlyMethods(...methods: string[]): RequestHandler {
  return (_request, response, next) => {
    response.set("Allow", methods.join(", "));
    next(new HttpError(405, "method not allowed"));
  };
}

export type GetHandler = RequestHandler<Record<string, string>>;

/** The page cache stores no response to a URL with a query. */
export function parseQuery({ originalUrl }: Request): URLSearchParams {
  return new URLSearchParams(/\?.*$/s.exec(originalUrl)?.[0]);
}

export function addGetRoute(app: Express, path: string, handler: GetHandler): void {
  app.route(path).get(handler).all(onlyMethods("GET", "HEAD"));
}
