// The progress of an inquiry that staff set, and by when they have to take and answer it. A value
// of progress is one row of this table: the store, pages, mails and commands take what they need
// from it.

import { endOfWorkingDayAfter } from "../calendar.ts";

type Row<Value extends string> = {
  /** On the staff page. */
  button: string;
  /** In lists and in the digest, after a reference. */
  words: string;
  /** After which of its deadlines the inquiry is overdue. `undefined`: nothing is left to do. */
  deadline: "take_by" | "answer_by" | undefined;
  /** The values that may follow. None of them hides that an inquiry was answered. */
  next: readonly Value[];
  /** Whether a quarantined inquiry may get this value. Staff release it to answer it. */
  inQuarantine: boolean;
  /** What the sender reads on the receipt. */
  receipt: "waiting" | "read" | "answered" | "closed";
};

const table = {
  taken: {
    button: "I am answering this",
    words: "taken",
    deadline: "answer_by",
    next: ["answered", "closed", "open"],
    inQuarantine: false,
    receipt: "read",
  },
  answered: {
    button: "This has been answered",
    words: "answered",
    deadline: undefined,
    next: ["open"],
    inQuarantine: false,
    receipt: "answered",
  },
  closed: {
    button: "This needs no answer",
    words: "closed without an answer",
    deadline: undefined,
    next: ["open"],
    inQuarantine: true,
    receipt: "closed",
  },
  open: {
    button: "Reopen this",
    words: "open again",
    deadline: "take_by", // never later than answer_by
    next: ["taken", "answered", "closed"],
    inQuarantine: true,
    receipt: "waiting",
  },
} as const satisfies Record<string, Row<string>>;

export type Progress = keyof typeof table;

export const progressTable: Record<Progress, Row<Progress>> = table;

export const progressRows = Object.entries(progressTable) as [Progress, Row<Progress>][];

export const isProgress = (value: unknown): value is Progress =>
  typeof value === "string" && Object.hasOwn(table, value);

/** Returns the values that staff may set. `setProgress` in the store has the same rule in SQL. */
export const nextProgress = ({ state, progress }: Pick<FollowedUp, "state" | "progress">) =>
  progressTable[progress].next.filter(
    (value) => state !== "quarantined" || progressTable[value].inQuarantine,
  );

type FollowedUp = { state: string; progress: Progress; take_by: number; answer_by: number };

/**
 * Returns by when staff have to take an inquiry, or to answer it once taken. Undefined: nothing is
 * left to do, or it is quarantined. After that time it is overdue: `isOverdue` in the store is the
 * same rule in SQL.
 */
export function nextDeadline(inquiry: FollowedUp): Date | undefined {
  const { deadline } = progressTable[inquiry.progress];
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

/**
 * Returns for how many days inquiries have to be stored at least, so that staff are reminded of an
 * overdue one before it is deleted: seven days, which cover public holidays, and twice the reply
 * time, in days with weekends.
 */
export function minRetentionDays(workingDays = answerWithinWorkingDays): number {
  return 7 + 2 * (workingDays + 2 * Math.ceil(workingDays / 5));
}
