// Nothing is kept too long: what was handed over is deleted after the promised days, row and .eml file.

import { rm } from "node:fs/promises";
import path from "node:path";
import type { Log } from "../log.ts";
import type { Store } from "./store.ts";

type RetentionParts = { store: Store; mailDir: string; retentionDays: number; now: () => Date; log: Log };

const dayMs = 86_400_000;

export function createRetention({ store, mailDir, retentionDays, now, log }: RetentionParts) {
  /** Deletes what was handed over more than `retentionDays` ago. Returns the references. */
  async function purge(): Promise<string[]> {
    const references = await store.purgeHandedOver(new Date(now().getTime() - retentionDays * dayMs));
    for (const reference of references) await rm(path.join(mailDir, `${reference}.eml`), { force: true });
    if (references.length > 0) log.info({ purged: references.length }, "inquiries past their retention were deleted");
    return references;
  }

  const purgeAndTell = () => {
    purge().catch((error: unknown) =>
      log.error({ err: error }, "the retention purge failed; it runs again in six hours"),
    );
  };

  return {
    purge,
    /** Purges now and every six hours, so that a promise of days is kept to within one. Returns the function that stops it. */
    start(): () => void {
      purgeAndTell();
      const timer = setInterval(purgeAndTell, dayMs / 4);
      return () => clearInterval(timer);
    },
  };
}
