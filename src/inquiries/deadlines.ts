// By when an inquiry has to be taken and answered, and what its sender was promised.

import { endOfWorkingDayAfter } from "../calendar.ts";
import { company } from "../company.ts";

export type Deadlines = {
  /** After these times the inquiry is overdue. A release from quarantine renews them. */
  takeBy: Date;
  answerBy: Date;
  /** What the receipt says, also after a release. Undefined: no reply time was promised. */
  promisedBy: Date | undefined;
};

const takeWithinWorkingDays = 1;
/** Used if no reply time is promised. */
const answerWithinWorkingDays = 2;

/** Returns the deadlines of an inquiry that staff can see from `start`. */
export function deadlinesFrom(start: Date, promisedWorkingDays: number | undefined): Deadlines {
  const after = (days: number) => {
    const { timeZone, closesAtHour } = company.headOffice;
    return endOfWorkingDayAfter(start, days, timeZone, closesAtHour);
  };
  return {
    takeBy: after(takeWithinWorkingDays),
    answerBy: after(promisedWorkingDays ?? answerWithinWorkingDays),
    promisedBy: promisedWorkingDays === undefined ? undefined : after(promisedWorkingDays),
  };
}
