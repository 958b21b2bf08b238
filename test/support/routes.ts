// The routes of the app, read from its router.

import type { Router } from "express";
import { createApp } from "../../src/web/app.ts";
import { createDevelopment } from "../../src/web/development.ts";
import { createPageCache } from "../../src/web/page-cache.ts";
import type { buildTestSite } from "./site.ts";
import { openStore } from "./store.ts";

type TestSite = Awaited<ReturnType<typeof buildTestSite>>;
type Layer = { route?: { path: string | string[] } | undefined; handle: object };

/** Returns the path of each route of an app that is like this site's, as the source writes it. */
export async function routesOf({
  config,
  library,
  worker,
  clock: time,
}: TestSite): Promise<string[]> {
  const clock = () => time.now;
  const store = await openStore(config.dataDir);
  const development = config.development ? createDevelopment() : undefined;
  const silent = () => undefined;
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  const parts = {
    config,
    library,
    worker,
    store,
    clock,
    log,
    development,
  };
  const pageCache = createPageCache({ library, clock, isEnabled: false });
  const lookUpDomain = () => Promise.resolve(undefined);
  const app = createApp({
    ...parts,
    pageCache,
    lookUpDomain,
  });
  await store.close();
  const walk = (layers: Layer[]): string[] =>
    layers.flatMap(
      ({ route, handle }) =>
        route?.path ?? ("stack" in handle ? walk(handle.stack as Layer[]) : []),
    );
  return [...new Set(walk((app.router as Router).stack))];
}
