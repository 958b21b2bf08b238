// By when staff have to answer an inquiry, and what its sender was promised.

import { endOfWorkingDayAfter } from "../calendar.ts";

export type Deadlines = Readonly<{
  /** After this time it is overdue. */
  answerBy: Date;
  /** What the receipt says: the same time. Undefined: no reply time was promised. */
  promisedBy: Date | undefined;
}>;

/** Used if no reply time is promised. */
const answerWithinWorkingDays = 2;

export function deadlinesFrom(start: Date, promisedWorkingDays: number | undefined): Deadlines {
  const answerBy = endOfWorkingDayAfter(start, promisedWorkingDays ?? answerWithinWorkingDays);
  return { answerBy, promisedBy: promisedWorkingDays === undefined ? undefined : answerBy };
}

/**
 * So that staff are reminded of an overdue inquiry before it is deleted: seven days, which include
 * public holidays, and twice the reply time, in days with weekends.
 */
export function minRetentionDays(workingDays = answerWithinWorkingDays): number {
  return 7 + 2 * (workingDays + 2 * Math.ceil(workingDays / 5));
}
