// Deletes inquiries after the promised number of days: their rows, their .eml files, and all
// remains of their text.

import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import type { Log } from "../log.ts";
import type { Job } from "./jobs.ts";
import type { Inquiry } from "./store/schema.ts";
import type { Store } from "./store/store.ts";

type RetentionParts = {
  store: Pick<Store, "purge" | "record" | "timeOf">;
  mailDir: string;
  retentionDays: number;
};

const dayMs = 86_400_000;
const maxGraceDays = 7;

/** Returns for how many days an inquiry stays after staff have read that it is overdue. */
export const graceDays = (retentionDays: number): number =>
  Math.min(maxGraceDays, retentionDays / 2);

/** Deletes all inquiries past their retention, and returns their references. */
export function purge(
  { store, mailDir, retentionDays }: RetentionParts,
  now: Date,
): Promise<string[]> {
  const daysAgo = (days: number) => new Date(now.getTime() - days * dayMs);
  const sentBefore = daysAgo(retentionDays);
  const times = { sentBefore, reportedBefore: daysAgo(graceDays(retentionDays)) };
  return store.purge(times, (expired) => removeMailFiles(mailDir, expired));
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

/**
 * Deletes the .eml files with the text of these inquiries: their own mails, and all quarantine
 * mails if one of them was ever quarantined. Returns the file names.
 */
export function removeMailFiles(mailDir: string, inquiries: Inquiry[]): Promise<string[]> {
  const own = new Set(inquiries.map(({ reference }) => `${reference}.eml`));
  const anyListed = inquiries.some(({ quarantine_reason }) => quarantine_reason !== "");
  return removeFiles(
    mailDir,
    // .part: a kill or a full disk interrupted the write
    (name) => own.has(name.replace(/\.part$/, "")) || (anyListed && name.startsWith("quarantine-")),
  );
}

async function removeFiles(dir: string, matches: (name: string) => boolean): Promise<string[]> {
  const names = existsSync(dir) ? (await readdir(dir)).filter(matches) : [];
  for (const name of names) await rm(path.join(dir, name), { force: true });
  return names;
}
