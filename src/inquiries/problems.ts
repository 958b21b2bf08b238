// What keeps staff from inquiries, as /problems lists it: sentences without personal data. They
// have times and no durations, because a text that changes each minute would be told each time.

import { inEachOffice } from "./mail/text.ts";
import { redactServerReply } from "./mail/smtp.ts";
import type { Summary } from "./store/interface.ts";

/** /problems says no more than this to other machines than its own. */
export const seenFromOutside = "there are problems";

/** If more quarantined inquiries than this are in no digest yet, there is a flood. */
const maxUnlisted = 20;

/**
 * For how long an inquiry may wait, a job fail or the worker stand still before /problems lists it.
 */
const lateMs = 15 * 60_000;

export const isLate = (since: Date, now: Date): boolean => now.getTime() - since.getTime() > lateMs;

/**
 * Returns a sentence for each problem. `command` writes a command as staff type it on this machine.
 */
export function listProblems(
  { oldestPending, refused, unlisted, overdue, failingJobs }: Summary,
  now: Date,
  command: (words: string) => string,
): string[] {
  const named = overdue.inquiries.map(({ reference }) => reference);
  if (overdue.total > named.length) named.push("…");
  const waitingSince = oldestPending?.delivery.waitingSince;
  const failing = Array.from(failingJobs).filter(([, since]) => isLate(since, now));
  const problems = [
    waitingSince &&
      isLate(waitingSince, now) &&
      `an inquiry has waited for its mail since ${inEachOffice(waitingSince)}; ` +
        `see ${command("inquiries list pending")}`,
    refused &&
      `the mail about ${refused.reference} cannot be sent until this is fixed: ` +
        redactServerReply(refused.delivery.failure?.reason ?? ""),
    unlisted > maxUnlisted &&
      `more than ${maxUnlisted} inquiries in quarantine are in no digest yet; ` +
        `see ${command("inquiries list quarantined")}`,
    overdue.total > 0 &&
      `overdue: ${overdue.total} (${named.join(", ")}); see ${command("inquiries list overdue")}`,
    ...failing.map(
      ([job, since]) => `the ${job} has failed since ${inEachOffice(since)}; the log says why`,
    ),
  ];
  return problems.filter((problem) => typeof problem === "string");
}
