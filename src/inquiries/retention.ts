// Deletes inquiries after the promised number of days.

import type { Log } from "../log.ts";
import type { Job } from "./jobs.ts";
import type { Inquiry } from "./store/schema.ts";
import type { Store } from "./store/store.ts";

type RetentionParts = {
  store: Pick<Store, "purge" | "record" | "timeOf">;
  retentionDays: number;
};

const dayMs = 86_400_000;
const maxGraceDays = 7;

/** Returns for how many days an inquiry stays after a digest has announced its deletion. */
export const graceDays = (retentionDays: number): number =>
  Math.min(maxGraceDays, retentionDays / 2);

/**
 * Returns the time before which `purge` does not delete an inquiry that a digest lists at `now`, or
 * undefined if its email has not been sent.
 */
export function keptUntil(
  { sent_at, listed_at, overdue_at }: Inquiry,
  isOverdue: boolean,
  now: Date,
  retentionDays: number,
): Date | undefined {
  if (sent_at === null) return undefined;
  const announcedAt = overdue_at ?? (isOverdue ? null : listed_at) ?? now.getTime();
  return new Date(
    Math.max(sent_at + retentionDays * dayMs, announcedAt + graceDays(retentionDays) * dayMs),
  );
}

/** Deletes all inquiries past their retention, and returns their references. */
export function purge({ store, retentionDays }: RetentionParts, now: Date): Promise<string[]> {
  const daysAgo = (days: number) => new Date(now.getTime() - days * dayMs);
  const sentBefore = daysAgo(retentionDays);
  const times = { now, sentBefore, announcedBefore: daysAgo(graceDays(retentionDays)) };
  return store.purge(times);
}

export function createPurge(parts: RetentionParts, log: Log): Job {
  return {
    name: "purge",
    everyMs: dayMs / 4, // so an inquiry is deleted at most six hours late
    async run(now) {
      const last = await parts.store.timeOf("purge");
      await parts.store.record("purge", now);
      // After a longer gap the clock may be ahead, for one pass. The next one deletes.
      if (last && now.getTime() - last.getTime() > dayMs) return;
      const references = await purge(parts, now);
      if (references.length > 0)
        log.info({ purged: references.length }, "inquiries past their retention were deleted");
    },
  };
}
