// The composition root: builds the site from its parts, for production and for tests alike.

import type { RequestListener } from "node:http";
import { formatError } from "./articles/article-error.ts";
import { openLibrary, type Library } from "./articles/library.ts";
import type { Config } from "./config.ts";
import { optionalFacts, unconfirmedClaims } from "./company.ts";
import { createWorker, workerTimes } from "./inquiries/jobs/worker.ts";
import { createPurge } from "./inquiries/jobs/purge.ts";
import { createDigest } from "./inquiries/jobs/digest.ts";
import type { LookUpDomain } from "./inquiries/email-address.ts";
import type { SendMail } from "./inquiries/mail/smtp.ts";
import type { Store } from "./inquiries/store/interface.ts";
import { createStore } from "./inquiries/store/store.ts";
import type { Log } from "./log.ts";
import { createApp } from "./web/app.ts";
import { figureStyle } from "./web/assets.ts";
import { createHttpServer } from "./web/server.ts";
import { createPageCache } from "./web/page-cache.ts";

/** The parts that tests replace. By default facts are the real ones, and no domain is looked up. */
export type Dependencies = {
  sendMail: SendMail;
  clock: () => Date;
  log: Log;
  lookUpDomain?: LookUpDomain;
  optionalFacts?: typeof optionalFacts;
};

/** Builds the site. `timings` shortens leases and pauses for tests that kill the process. */
export async function buildSite(
  config: Config,
  dependencies: Dependencies,
  timings: Partial<typeof workerTimes> = {},
) {
  const { sendMail, clock, log } = dependencies;
  if (config.production && unconfirmedClaims.length > 0)
    log.warn(
      { unconfirmed: unconfirmedClaims.length },
      "pages say what the owner has not confirmed: `site doctor` lists it",
    );
  const library = openArticles(config, log);
  const store = await openInquiries(config, log);
  const sending = { sendMail, mail: config };
  const jobs = [createDigest({ ...sending, store, log }), createPurge({ ...config, store, log })];
  const worker = createWorker(
    { ...sending, store, jobs, clock, log },
    { ...workerTimes, ...timings },
  );
  const pageCache = createPageCache(library, clock, !config.development);
  const { send } = pageCache;
  const parts = { optionalFacts, lookUpDomain, ...dependencies, config, library, store };
  const app = createApp({ ...parts, worker, send });
  const listener: RequestListener = (request, response) => {
    if (!pageCache.serve(request, response)) app(request, response);
  };
  const server = createHttpServer(listener, config);

  return {
    server,
    /** The Express app, without the page cache that is in front of it. */
    app,
    library,
    store,
    worker,
    /** Closes the store. The server and the worker must have stopped before. */
    close: () => store.close(),
  };
}

/** Opens the articles. One with an error is only logged, because a typo must not close the form. */
function openArticles(config: Config, log: Log): Library {
  const library = openLibrary(config.articlesDir, {
    showHidden: config.development,
    figureStyle: figureStyle(),
  });
  for (const error of library.errors())
    log.error({ article: formatError(error) }, "an article has an error and is not shown");
  return library;
}

/** Stands in for the look-up, and finds nothing wrong with any domain. */
const lookUpDomain: LookUpDomain = () => Promise.resolve(undefined);

/**
 * Opens the store. If it can't, production only logs it, because a full disk must not take the
 * articles down, and the worker tries again in each pass.
 */
async function openInquiries(config: Config, log: Log): Promise<Store> {
  const store = createStore(config.storeSettings, ({ name, erasedAgain }) => {
    log.info(`inquiries are stored in ${name}`);
    if (erasedAgain === 0) return;
    log.warn(
      { erased: erasedAgain },
      "inquiries that had been erased were in the store, probably from a restored backup, and were erased again",
    );
  });
  await store.open().catch((error: unknown) => {
    if (!config.production) throw error;
    log.error(
      { err: error },
      "the store cannot be opened: articles are served, and the form asks visitors to send an email",
    );
  });
  return store;
}
