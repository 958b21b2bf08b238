// Deletes inquiries after the promised number of days: their rows, their .eml files, and all remains of their text.

import { existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import type { Log } from "../log.ts";
import type { StoredInquiry } from "./store/schema.ts";
import type { Staff } from "./store/staff.ts";

type RetentionParts = {
  staff: Staff;
  mailDir: string;
  retentionDays: number;
  quarantineDays: number;
  now: () => Date;
  log: Log;
};

const dayMs = 86_400_000;
const maxGraceDays = 7;
const intervalMs = dayMs / 4; // so an inquiry is deleted at most six hours late

/** Returns for how many days an inquiry is kept after it was first reported as overdue, if nobody answers or closes it. */
export const graceDays = (retentionDays: number): number =>
  Math.min(maxGraceDays, retentionDays / 2);

export function createRetention({
  staff,
  mailDir,
  retentionDays,
  quarantineDays,
  now,
  log,
}: RetentionParts) {
  let nextAt = 0;

  /** Deletes all inquiries past their retention. Returns their references. */
  async function purge(): Promise<string[]> {
    await staff.correctFutureTimes(now());
    const daysAgo = (days: number) => new Date(now().getTime() - days * dayMs);
    const times = {
      sentBefore: daysAgo(retentionDays),
      reportedBefore: daysAgo(graceDays(retentionDays)),
      listedBefore: daysAgo(quarantineDays),
    };
    const references = await staff.purge(times, (expired) => removeMailFiles(mailDir, expired));
    if (references.length > 0)
      log.info({ purged: references.length }, "inquiries past their retention were deleted");
    return references;
  }

  /** Purges unless the last purge was less than six hours ago. */
  async function purgeIfDue(): Promise<void> {
    const waitMs = nextAt - now().getTime();
    if (waitMs > 0 && waitMs <= intervalMs) return; // if longer, the clock was ahead
    nextAt = now().getTime() + intervalMs;
    await purge();
  }

  return { purge, purgeIfDue };
}

/** Deletes the .eml files with the text of these inquiries: their own mails, and digests that list them. Returns the file names. */
export async function removeMailFiles(
  mailDir: string,
  inquiries: StoredInquiry[],
): Promise<string[]> {
  const names = inquiries.length > 0 && existsSync(mailDir) ? await readdir(mailDir) : [];
  const own = inquiries.map(({ reference }) => `${reference}.eml`);
  const listed = inquiries
    .filter((inquiry) => inquiry.quarantine_reason !== "")
    .map(({ reference }) => reference);
  const holdsText = async (name: string) => {
    if (own.includes(name.replace(/\.part$/, ""))) return true; // .part: a kill or a full disk interrupted the write
    if (!/^(digest|daily)-/.test(name)) return false; // daily-: written by releases before 0003-answers
    const text = await readFile(path.join(mailDir, name), "utf8"); // each reference begins a line, so quoted-printable does not fold it
    return listed.some((reference) => text.includes(reference));
  };
  const removed: string[] = [];
  for (const name of names) {
    if (!(await holdsText(name))) continue;
    await rm(path.join(mailDir, name));
    removed.push(name);
  }
  return removed;
}
