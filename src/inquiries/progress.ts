// The progress of an inquiry that staff set, and by when they have to answer it. A value of progress
// is one row of this table: the store, pages, mails and commands take what they need from it.

import { endOfWorkingDayAfter } from "../calendar.ts";

type Row<Value extends string> = {
  /** On the staff page. */
  button: string;
  /** In lists and in the digest, after a reference. */
  words: string;
  /** Whether the inquiry is still to be answered, so that it can become overdue. */
  isUnanswered: boolean;
  /** The values that may follow. None of them hides that an inquiry was answered. */
  next: readonly Value[];
};

const table = {
  taken: {
    button: "I am answering this",
    words: "taken",
    isUnanswered: true,
    next: ["answered", "closed", "open"],
  },
  answered: {
    button: "This has been answered",
    words: "answered",
    isUnanswered: false,
    next: ["open"],
  },
  closed: {
    button: "This needs no answer",
    words: "closed without an answer",
    isUnanswered: false,
    next: ["open"],
  },
  open: {
    button: "Reopen this",
    words: "open again",
    isUnanswered: true,
    next: ["taken", "answered", "closed"],
  },
} as const satisfies Record<string, Row<string>>;

export type Progress = keyof typeof table;

export const progressTable: Record<Progress, Row<Progress>> = table;

export const progressRows = Object.entries(progressTable) as [Progress, Row<Progress>][];

export const isProgress = (value: unknown): value is Progress =>
  typeof value === "string" && Object.hasOwn(table, value);

/** A regular expression for the initials of whoever takes an inquiry. */
export const initialsPattern = String.raw`\p{Script=Latin}{0,12}`;

/** Stored in place of initials if it was taken without. */
export const noInitials = "-";

/** "taken by MK", or of an inquiry that was answered since, "answered (taken by MK)" */
export function progressWords({ progress, taken_by }: { progress: Progress; taken_by: string }) {
  const { words } = progressTable[progress];
  if (taken_by === "" || taken_by === noInitials) return words;
  return progress === "taken" ? `taken by ${taken_by}` : `${words} (taken by ${taken_by})`;
}

/**
 * Returns the values that staff may set: none in quarantine, from which they release an inquiry to
 * answer it. `setProgress` in the store has the same rule in SQL.
 */
export const nextProgress = ({ state, progress }: Pick<FollowedUp, "state" | "progress">) =>
  state === "quarantined" ? [] : progressTable[progress].next;

type FollowedUp = { state: string; progress: Progress; answer_by: number };

/**
 * Returns by when staff have to answer an inquiry. Undefined: it needs no answer, or is quarantined.
 * After that time it is overdue: `isOverdue` in the store is the same rule in SQL.
 */
export function deadlineOf({ state, progress, answer_by }: FollowedUp): Date | undefined {
  const isDue = progressTable[progress].isUnanswered && state !== "quarantined";
  return isDue ? new Date(answer_by) : undefined;
}

export type Deadlines = {
  /** After this time the inquiry is overdue. */
  answerBy: Date;
  /** What the receipt says: then it is the deadline. Undefined: no reply time was promised. */
  promisedBy: Date | undefined;
};

/** Used if no reply time is promised. */
const answerWithinWorkingDays = 2;

/** Returns the deadlines of an inquiry that staff can see from `start`. */
export function deadlinesFrom(start: Date, promisedWorkingDays: number | undefined): Deadlines {
  const answerBy = endOfWorkingDayAfter(start, promisedWorkingDays ?? answerWithinWorkingDays);
  return { answerBy, promisedBy: promisedWorkingDays === undefined ? undefined : answerBy };
}

/**
 * Returns for how many days inquiries have to be stored at least, so that staff are reminded of an
 * overdue one before it is deleted: seven days, which cover public holidays, and twice the reply
 * time, in days with weekends.
 */
export function minRetentionDays(workingDays = answerWithinWorkingDays): number {
  return 7 + 2 * (workingDays + 2 * Math.ceil(workingDays / 5));
}
