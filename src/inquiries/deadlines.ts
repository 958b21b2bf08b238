// By when an inquiry has to be taken and answered.

import { endOfWorkingDayAfter } from "../calendar.ts";
import { company } from "../company.ts";
import type { StoredInquiry } from "./store/schema.ts";

const takenWithinWorkingDays = 1;
/** Where no reply time is promised. */
const answeredWithinWorkingDays = 2;

/** Returns by when we promised an answer, or undefined where the configuration promises none. The time was stored with the inquiry. */
export function replyDeadline({ answer_by }: StoredInquiry, promisedWorkingDays: number | undefined): Date | undefined {
  return promisedWorkingDays === undefined || answer_by === null ? undefined : new Date(answer_by);
}

/** Returns when an inquiry becomes overdue unless staff have taken it, and unless they have answered it. */
export function overdueTimes(receivedAt: Date, promisedWorkingDays: number | undefined): { takeBy: Date; answerBy: Date } {
  return {
    takeBy: closeOfBusiness(receivedAt, takenWithinWorkingDays),
    answerBy: closeOfBusiness(receivedAt, promisedWorkingDays ?? answeredWithinWorkingDays),
  };
}

type FollowedUp = Pick<StoredInquiry, "state" | "take_by" | "answer_by" | "taken_at" | "answered_at" | "closed_at">;

/**
 * Returns by when staff have to take an inquiry, or to answer it once they have taken it. Undefined: it was answered or closed, is quarantined,
 * or was received by a release that set no times. It is overdue after that time: `isOverdue` in store/follow-up.ts is the same in SQL.
 */
export function nextDeadline({ state, take_by, answer_by, taken_at, answered_at, closed_at }: FollowedUp): Date | undefined {
  const by = taken_at === null ? take_by : answer_by; // take_by is never later
  const isDone = answered_at !== null || closed_at !== null || state === "quarantined" || state === "live-check";
  return isDone || by === null ? undefined : new Date(by);
}

function closeOfBusiness(receivedAt: Date, workingDays: number): Date {
  const { timeZone, closesAtHour } = company.headOffice;
  return endOfWorkingDayAfter(receivedAt, workingDays, timeZone, closesAtHour);
}
