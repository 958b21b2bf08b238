// The progress of an inquiry that staff set, and by when they have to take and answer it. A value
// of progress is one row of this table: the store, pages, mails and commands take what they need
// from it.

import { endOfWorkingDayAfter } from "../calendar.ts";

type Row = {
  /** On the staff page. */
  button: string;
  /** In lists and in the digest, after a reference. */
  words: string;
  /** After which of its deadlines the inquiry is overdue. `undefined`: nothing is left to do. */
  deadline: "take_by" | "answer_by" | undefined;
  /** What the sender reads on the receipt. */
  receipt: "waiting" | "read" | "answered" | "closed";
};

export const progressTable = {
  taken: {
    button: "I am answering this",
    words: "taken",
    deadline: "answer_by",
    receipt: "read",
  },
  answered: {
    button: "This has been answered",
    words: "answered",
    deadline: undefined,
    receipt: "answered",
  },
  closed: {
    button: "This needs no answer",
    words: "closed without an answer",
    deadline: undefined,
    receipt: "closed",
  },
  open: {
    button: "Reopen this",
    words: "open again",
    deadline: "take_by", // never later than answer_by
    receipt: "waiting",
  },
} satisfies Record<string, Row>;

export type Progress = keyof typeof progressTable;

export const progressRows = Object.entries<Row>(progressTable) as [Progress, Row][];

export const isProgress = (value: unknown): value is Progress =>
  typeof value === "string" && Object.hasOwn(progressTable, value);

type FollowedUp = { state: string; progress: Progress; take_by: number; answer_by: number };

/**
 * Returns by when staff have to take an inquiry, or to answer it once taken. Undefined: nothing is
 * left to do, or it is quarantined. After that time it is overdue: `isOverdue` in the store is the
 * same rule in SQL.
 */
export function nextDeadline(inquiry: FollowedUp): Date | undefined {
  const { deadline }: Row = progressTable[inquiry.progress];
  return deadline && inquiry.state !== "quarantined" ? new Date(inquiry[deadline]) : undefined;
}

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
  const after = (days: number) => endOfWorkingDayAfter(start, days);
  return {
    takeBy: after(takeWithinWorkingDays),
    answerBy: after(promisedWorkingDays ?? answerWithinWorkingDays),
    promisedBy: promisedWorkingDays === undefined ? undefined : after(promisedWorkingDays),
  };
}
