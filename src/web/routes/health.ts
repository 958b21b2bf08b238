// Health checks: whether the process responds, and whether the site is ready, which it is if its
// store can be read and readers see an article. Mail that waits is reported, but the site is ready
// without it.

import type { Express } from "express";
import { lateMs } from "../../inquiries/inquiry.ts";
import { addGetRoute, type RouteContext } from "../routing.ts";

export function healthRoutes(
  app: Express,
  { send, store, library, clock, log }: RouteContext,
): void {
  addGetRoute(app, "/livez", (_request, response) =>
    send(response, { body: "ok\n", type: "text/plain" }),
  );

  addGetRoute(app, "/readyz", async (_request, response) => {
    const mail = await mailStatus();
    const ready = mail !== undefined && library.list(clock()).length > 0;
    const body = JSON.stringify({ ready, mail });
    send(response, { status: ready ? 200 : 503, body, type: "json" });
  });

  /** Returns undefined if the store cannot be read. */
  async function mailStatus(): Promise<"ok" | "waiting" | undefined> {
    try {
      const oldest = await store.oldestPendingAt();
      return oldest && clock().getTime() - oldest.getTime() > lateMs ? "waiting" : "ok";
    } catch (error) {
      log.error({ err: error }, "the store cannot be read");
      return undefined;
    }
  }
}
