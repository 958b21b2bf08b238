// The routes of the app, read from its router.

import type { Router } from "express";
import type { buildTestSite } from "./site.ts";

type Layer = { route?: { path: string | string[] } | undefined; handle: object };

/** Returns the path of each route, as the source writes it. */
export function routesOf({ app }: Awaited<ReturnType<typeof buildTestSite>>): string[] {
  const walk = (layers: Layer[]): string[] =>
    layers.flatMap(
      ({ route, handle }) =>
        route?.path ?? ("stack" in handle ? walk(handle.stack as Layer[]) : []),
    );
  return [...new Set(walk((app.router as Router).stack))];
}
