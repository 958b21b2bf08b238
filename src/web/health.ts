// For whoever watches the site: does the process answer, and can it do its work? Mail being down is told, but the site is ready without it.

import { Router } from "express";
import type { Parts } from "./app.ts";

export function health({ store, library, now }: Parts): Router {
  const router = Router({ strict: true });

  router.get("/livez", (_request, response) => {
    response.set("Cache-Control", "no-store").type("text/plain").send("ok\n");
  });

  router.get("/readyz", async (_request, response) => {
    const storeStatus = await store.checkWritable().then(
      () => store.summary().then((summary) => ({ ok: true as const, ...summary })),
      (error: unknown) => ({ ok: false as const, error: error instanceof Error ? error.message : String(error) }),
    );
    const articles = library.list(now()).length;
    const oldest = storeStatus.ok ? storeStatus.oldestPendingAt : undefined;
    const ready = storeStatus.ok && articles > 0;
    response
      .status(ready ? 200 : 503)
      .set("Cache-Control", "no-store")
      .json({
        ready,
        store: storeStatus.ok ? "writable" : storeStatus.error,
        inquiries: storeStatus.ok ? storeStatus.counts : undefined,
        oldestPendingSeconds: oldest ? Math.round((now().getTime() - oldest.getTime()) / 1000) : undefined,
        articles,
        refusedArticles: library.errors.map(({ file, line, message }) => `${file}:${line}: ${message}`),
      });
  });

  return router;
}
