// By when an inquiry has to be taken and answered.

import { endOfWorkingDayAfter } from "../calendar.ts";
import { company } from "../company.ts";
import type { StoredInquiry } from "./store/schema.ts";

const takeWithinWorkingDays = 1;
/** Used if no reply time is promised. */
const answerWithinWorkingDays = 2;

/** Returns by when we promised an answer, or undefined if the configuration promises none. */
export function replyDeadline(
  { answer_by }: StoredInquiry,
  promisedWorkingDays: number | undefined,
): Date | undefined {
  return promisedWorkingDays === undefined || answer_by === null ? undefined : new Date(answer_by);
}

/** Returns by when staff have to take and to answer an inquiry before it becomes overdue. */
export function overdueTimes(
  receivedAt: Date,
  promisedWorkingDays: number | undefined,
): { takeBy: Date; answerBy: Date } {
  return {
    takeBy: closeOfBusiness(receivedAt, takeWithinWorkingDays),
    answerBy: closeOfBusiness(receivedAt, promisedWorkingDays ?? answerWithinWorkingDays),
  };
}

type FollowedUp = Pick<
  StoredInquiry,
  "state" | "take_by" | "answer_by" | "taken_at" | "answered_at" | "closed_at"
>;

/**
 * Returns by when staff have to take an inquiry, or to answer it once taken. Undefined: it was answered or closed, is quarantined, or was
 * received by a release that set no deadlines. After that time it is overdue: `isOverdue` in store/follow-up.ts is the same rule in SQL.
 */
export function nextDeadline({
  state,
  take_by,
  answer_by,
  taken_at,
  answered_at,
  closed_at,
}: FollowedUp): Date | undefined {
  const by = taken_at === null ? take_by : answer_by; // take_by is never later
  const isDone =
    answered_at !== null || closed_at !== null || state === "quarantined" || state === "live-check";
  return isDone || by === null ? undefined : new Date(by);
}

function closeOfBusiness(receivedAt: Date, workingDays: number): Date {
  const { timeZone, closesAtHour } = company.headOffice;
  return endOfWorkingDayAfter(receivedAt, workingDays, timeZone, closesAtHour);
}
