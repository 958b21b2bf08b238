// Names each request, logs it, and remembers which routes failed.

import { randomUUID } from "node:crypto";
import type { RequestHandler } from "express";
import { urls } from "../urls.ts";
import type { RouteContext } from "./routing.ts";

/** How many failed requests are remembered at most. The path of each is in memory for an hour. */
const maxFailed = 1_000;

/**
 * Logs requests that the page cache does not serve: posts and failures at level info, others at
 * level debug.
 */
export function requestLog({ log, clock, failedRequests }: RouteContext): RequestHandler {
  return (request, response, next) => {
    const startedAt = clock().getTime();
    const requestId = (response.locals.requestId = randomUUID());
    response.on("close", () => {
      const { method } = request;
      const { statusCode: status } = response;
      const now = clock();
      const ms = now.getTime() - startedAt;
      // The log has the route and not the path: an unknown path may contain personal data.
      const route = (request.route as { path?: string } | undefined)?.path ?? "none";
      const asked = `${method} ${request.path}`;
      if (status < 500) failedRequests.delete(asked);
      else if (route !== urls.readyz && route !== urls.problems && failedRequests.size < maxFailed)
        failedRequests.set(asked, { route: `${method} ${route}`, at: now });
      const level = method === "POST" || status >= 500 ? "info" : "debug";
      log[level]({ request: requestId, method, route, status, ms }, "request");
    });
    next();
  };
}
