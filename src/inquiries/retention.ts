// Deletes inquiries after the promised number of days, whatever their progress.

import type { Log } from "../log.ts";
import type { Job } from "./worker.ts";
import type { RetentionStore } from "./store/interface.ts";

type RetentionParts = {
  store: RetentionStore;
  retentionDays: number;
};

const dayMs = 86_400_000;
const cutOffName = "purge cut-off";

/** Returns when an inquiry that was sent at `sentAt` is deleted at the earliest. */
export const deletedAfter = (sentAt: number, retentionDays: number): Date =>
  new Date(sentAt + retentionDays * dayMs);

/**
 * Deletes the inquiries that staff have had for longer than `retentionDays`, and returns their
 * references. The cut-off is stored, and moves by at most a day at a time: a clock that is ahead
 * for some hours deletes next to nothing, and after an outage some passes catch up.
 */
export async function purge({ store, retentionDays }: RetentionParts, now: Date) {
  const wanted = now.getTime() - retentionDays * dayMs;
  const last = (await store.timeOf(cutOffName))?.getTime() ?? wanted;
  const cutOff = new Date(Math.min(wanted, last + dayMs));
  const references = await store.purge(cutOff, now);
  await store.record(cutOffName, new Date(Math.max(last, cutOff.getTime())));
  return references;
}

export function createPurge(parts: RetentionParts, log: Log): Job {
  return {
    name: "purge",
    everyMs: dayMs / 4, // so an inquiry is deleted at most six hours late
    async run(now) {
      const references = await purge(parts, now);
      if (references.length > 0)
        log.info({ purged: references.length }, "inquiries past their retention were deleted");
    },
  };
}
