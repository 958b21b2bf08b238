// Deletes inquiries after the promised number of days, whatever their progress.

import type { Log } from "../log.ts";
import type { Job } from "./worker.ts";
import type { PurgeStore } from "./store/interface.ts";

const dayMs = 86_400_000;

/** Returns when an inquiry that was sent at `sentAt` is deleted at the earliest. */
export const deletedAfter = (sentAt: number, retentionDays: number): Date =>
  new Date(sentAt + retentionDays * dayMs);

type PurgeParts = { store: PurgeStore; retentionDays: number; log: Log };

/** Returns the job that deletes the inquiries that staff have had for longer than `retentionDays`. */
export function createPurge({ store, retentionDays, log }: PurgeParts): Job {
  return {
    name: "purge",
    everyMs: dayMs / 4, // so an inquiry is deleted at most six hours late
    async run(now) {
      const cutOff = new Date(now.getTime() - retentionDays * dayMs);
      const references = await store.purge(cutOff, now);
      if (references.length > 0)
        log.info({ purged: references.length }, "inquiries past their retention were deleted");
    },
  };
}
