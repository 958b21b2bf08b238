// Deletes inquiries after the promised number of days: their rows, their .eml files, and all
// remains of their text.

import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { localTime, weekdayDate } from "../calendar.ts";
import { company } from "../company.ts";
import type { Log } from "../log.ts";
import type { Job } from "./jobs.ts";
import { nextDeadline } from "./progress.ts";
import type { Inquiry } from "./store/schema.ts";
import type { Store } from "./store/store.ts";

type RetentionParts = {
  store: Pick<Store, "purge" | "record" | "timeOf">;
  mailDir: string;
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
export function purge(
  { store, mailDir, retentionDays }: RetentionParts,
  now: Date,
): Promise<string[]> {
  const daysAgo = (days: number) => new Date(now.getTime() - days * dayMs);
  const sentBefore = daysAgo(retentionDays);
  const times = { now, sentBefore, announcedBefore: daysAgo(graceDays(retentionDays)) };
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
 * Deletes the .eml files that may name one of these inquiries: its own mail, and each digest and
 * quarantine mail from the day it was received. Returns the file names.
 */
export async function removeMailFiles(mailDir: string, inquiries: Inquiry[]): Promise<string[]> {
  const [first] = inquiries.map(({ received_at }) => new Date(received_at).toISOString()).sort();
  if (!first || !existsSync(mailDir)) return [];
  const own = new Set(inquiries.map(({ reference }) => `${reference}.eml`));
  const names = (await readdir(mailDir)).filter((name) => {
    const day = /^(?:digest|quarantine)-(\d{4}-\d\d-\d\d)/.exec(name)?.[1];
    // .part: a kill or a full disk interrupted the write
    return day ? day >= first.slice(0, 10) : own.has(name.replace(/\.part$/, ""));
  });
  for (const name of names) await rm(path.join(mailDir, name), { force: true });
  return names;
}

/** Returns in words which mails to staff hold something that the visitor wrote. */
export function mailsWith(inquiry: Inquiry, now: Date): string[] {
  const { state, attempts, quarantine_reason, received_at, waiting_since, listed_at } = inquiry;
  // Also after a failure, because the mail server may have accepted the mail all the same.
  const mails = attempts > 0 ? [`the mail ${inquiry.message_id}`] : [];
  if (quarantine_reason && state === "sent")
    // Since it was released and sent, `listed_at` is the time of a digest.
    mails.push(`the quarantine mail of ${period(received_at, waiting_since)}`);
  else if (quarantine_reason && listed_at !== null)
    mails.push(`the quarantine mail of ${period(listed_at, listed_at)}`);
  if (state === "quarantined") return mails;
  const { take_by, progress_at } = inquiry;
  const end = nextDeadline(inquiry) || progress_at === null ? now.getTime() : progress_at;
  if (dateOf(take_by) <= dateOf(end)) mails.push(`the digests of ${period(take_by, end)}`);
  return mails;
}

const { timeZone } = company.headOffice;
const dateOf = (ms: number) => localTime(new Date(ms), timeZone).toPlainDate().toString();

/** "Wednesday 25 November to Friday 27 November", as in the subjects of these mails. */
function period(from: number, to: number): string {
  const [first = "", last = ""] = [from, to].map((ms) => weekdayDate(new Date(ms), timeZone));
  return first === last ? first : `${first} to ${last}`;
}
