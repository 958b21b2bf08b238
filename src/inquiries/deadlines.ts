// By when an inquiry has to be taken and answered.

import { endOfWorkingDayAfter } from "../calendar.ts";
import { company } from "../company.ts";

const takenWithinWorkingDays = 1;
/** Where no reply time is promised. */
const answeredWithinWorkingDays = 2;

/** Returns when the promised answer is due: the close of business in the head office, so many working days after the inquiry was received. */
export function replyDeadline(receivedAt: Date, workingDays: number | undefined): Date | undefined {
  return workingDays === undefined ? undefined : closeOfBusiness(receivedAt, workingDays);
}

/** Returns when an inquiry becomes overdue unless staff have taken it, and unless they have answered it. */
export function overdueTimes(receivedAt: Date, promisedWorkingDays: number | undefined): { takeBy: Date; answerBy: Date } {
  return {
    takeBy: closeOfBusiness(receivedAt, takenWithinWorkingDays),
    answerBy: closeOfBusiness(receivedAt, promisedWorkingDays ?? answeredWithinWorkingDays),
  };
}

function closeOfBusiness(receivedAt: Date, workingDays: number): Date {
  const { timeZone, closesAtHour } = company.headOffice;
  return endOfWorkingDayAfter(receivedAt, workingDays, timeZone, closesAtHour);
}
