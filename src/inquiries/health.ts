// What keeps staff from inquiries, as /health lists it: sentences without personal data. They have
// times and no durations, because a text that changes each minute would be told each time.

import { lateMs } from "./delivery.ts";
import { inBothCities } from "./mail/text.ts";
import { redactServerReply } from "./mail/smtp.ts";
import type { Summary } from "./store/interface.ts";

/** If more quarantined inquiries are in no digest yet, there is a flood of them. */
const maxUnlisted = 20;

/** Whether something has lasted for too long. */
export const isLate = (since: Date, now: Date): boolean => now.getTime() - since.getTime() > lateMs;

/** `command`: see `Config`. */
export function listProblems(
  { oldestPendingAt, permanentFailure, unlisted, overdue, failingJobs }: Summary,
  now: Date,
  command: (words: string) => string,
): string[] {
  const problems: string[] = [];
  if (oldestPendingAt && isLate(oldestPendingAt, now))
    problems.push(
      `an inquiry has waited for its mail since ${inBothCities(oldestPendingAt)}; ` +
        `see ${command("inquiries list pending")}`,
    );
  if (permanentFailure)
    problems.push(
      `the mail about ${permanentFailure.reference} cannot be sent until this is fixed: ` +
        redactServerReply(permanentFailure.reason),
    );
  if (unlisted > maxUnlisted)
    problems.push(
      `more than ${maxUnlisted} inquiries in quarantine are in no digest yet; ` +
        `see ${command("inquiries list quarantined")}`,
    );
  if (overdue.total > 0) {
    const names = overdue.inquiries.map(({ reference }) => reference);
    if (overdue.total > names.length) names.push("…");
    problems.push(
      `overdue: ${overdue.total} (${names.join(", ")}); see ${command("inquiries list overdue")}`,
    );
  }
  for (const [job, since] of failingJobs)
    if (isLate(since, now))
      problems.push(`the ${job} has failed since ${inBothCities(since)}; the log says why`);
  return problems;
}
