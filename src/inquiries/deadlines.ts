// The deadlines of an inquiry: by when staff have to answer it, and what its sender was promised.

import { endOfWorkingDayAfter } from "../calendar.ts";

export type Deadlines = Readonly<{
  /** The inquiry is overdue after this time. */
  answerBy: Date;
  /** The same time, as the receipt promised it. Undefined if no reply time was promised. */
  promisedBy: Date | undefined;
}>;

/** Staff have to answer within two working days if no reply time is promised. */
const answerWithinWorkingDays = 2;

export function deadlinesFrom(start: Date, promisedWorkingDays: number | undefined): Deadlines {
  const answerBy = endOfWorkingDayAfter(start, promisedWorkingDays ?? answerWithinWorkingDays);
  return { answerBy, promisedBy: promisedWorkingDays === undefined ? undefined : answerBy };
}

/**
 * An inquiry has to be stored for so long that staff are reminded of it before it is deleted: for
 * seven days, which may include public holidays, and twice the reply time, weekends included.
 */
export function minRetentionDays(workingDays = answerWithinWorkingDays): number {
  return 7 + 2 * (workingDays + 2 * Math.ceil(workingDays / 5));
}
