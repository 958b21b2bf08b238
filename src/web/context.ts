// Types that the routes share: the parts of the site, and a page.

import type { Response } from "express";
import type { Article } from "../articles/article.ts";
import type { company } from "../company.ts";
import type { Library } from "../articles/library.ts";
import type { Config } from "../config.ts";
import type { LookUpDomain } from "../inquiries/email-address.ts";
import type { FormStore, PageStore } from "../inquiries/store/interface.ts";
import type { ErrorReports } from "../inquiries/webhook.ts";
import type { Log } from "../log.ts";
import type { Caching, PageCache } from "./page-cache.ts";

declare global {
  namespace Express {
    interface Locals {
      /** Names the request in the log, and on an error page. */
      requestId: string;
      /** Why the store could not be used, for the alert. */
      cause?: string;
    }
  }
}

/** The parts of the site that the web layer serves. */
export type Parts = {
  config: Config;
  /** What pages say about the company. */
  company: typeof company;
  library: Library;
  store: FormStore & PageStore;
  /** `nudge`: an inquiry was stored. */
  worker: { nudge: () => void };
  lookUpDomain: LookUpDomain;
  errorReports: ErrorReports;
  clock: () => Date;
  log: Log;
  pageCache: PageCache;
};

/** A page: a view inside the layout, and what the layout says about it. */
export type Page = {
  /** The template's path below views/, without ".ejs". */
  view: string;
  /** The title, or the part before " · Clean Systems", which a long title does not get. */
  title: string;
  description?: string;
  /** The path of the canonical URL. A page without one is not indexed. */
  path?: string;
  /** The article that this page shows, for its sharing image and search engines. */
  article?: Article;
  /** Other formats of this page, besides the feeds of the whole site. */
  alternates?: { type: string; href: string; title: string }[];
  /** The path of the navigation entry to highlight. */
  section?: string;
  data?: object | undefined;
};

/** Sends a page with a status. */
export type ShowPage = (response: Response, status: number, page: Page, caching?: Caching) => void;

/** Everything that a route may use. */
export type Context = Parts & {
  send: PageCache["send"];
  show: ShowPage;
};
