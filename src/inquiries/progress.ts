// What staff do about an inquiry: its progress, and the deadline by which they have to answer it.

import { endOfWorkingDayAfter } from "../calendar.ts";
import type { Inquiry, Progress } from "./inquiry.ts";

type ProgressRow = {
  /** On the staff page. */
  button: string;
  /** In lists and in the digest, after a reference. */
  words: string;
  /** Whether the inquiry is still to be answered, so that it can become overdue. */
  isUnanswered: boolean;
  /** The values that may follow. None of them hides that an inquiry was answered. */
  next: Progress[];
};

/** The values of progress: the store, pages, mails and commands read their rows. */
export const progressTable: Record<Progress, ProgressRow> = {
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
    button: "This is advertising, or needs no answer",
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
};

export const progressRows = Object.entries(progressTable) as [Progress, ProgressRow][];

export const isProgress = (value: unknown): value is Progress =>
  typeof value === "string" && Object.hasOwn(progressTable, value);

/** A regular expression for the initials of whoever takes an inquiry, in any script: "A-M". */
export const initialsPattern = String.raw`(?![.\-]+$)[\p{L}.\-]{0,12}`;

/** "taken by MK", or of an inquiry that was answered since, "answered (taken by MK)" */
export function progressWords({
  progress,
  takenBy,
}: Pick<Inquiry, "progress" | "takenBy">): string {
  const { words } = progressTable[progress];
  if (takenBy === "") return words;
  return progress === "taken" ? `taken by ${takenBy}` : `${words} (taken by ${takenBy})`;
}

/**
 * Returns the values that staff may set. Nobody can answer what is in quarantine: it is released
 * first, or closed.
 */
export const nextProgress = ({ state, progress }: Inquiry) =>
  progressTable[progress].next.filter(
    (value) => state !== "quarantined" || value === "closed" || value === "open",
  );

/**
 * Returns the progress of an inquiry, and who has taken it, after staff set `value`, or undefined if
 * that may not follow. `initials`: of whoever takes it. Whoever reopens it may be another person.
 */
export function withProgress(inquiry: Inquiry, value: Progress, initials: string) {
  if (!nextProgress(inquiry).includes(value)) return undefined;
  if (value === "open") return { progress: value, takenBy: "" };
  return { progress: value, takenBy: value === "taken" ? initials : inquiry.takenBy };
}

/** Returns whether staff have to answer an inquiry. In quarantine too: its sender expects it. */
export const needsAnswer = ({ progress }: Inquiry): boolean => progressTable[progress].isUnanswered;

/**
 * Returns whether an inquiry was not answered in time. The store selects those with the same rule,
 * see `isOverdue` in store/reports.ts.
 */
export const isOverdue = (inquiry: Inquiry, now: Date): boolean =>
  needsAnswer(inquiry) && inquiry.answerBy < now;

export type Deadlines = Pick<Inquiry, "answerBy" | "promisedBy">;

/** Used if no reply time is promised. */
const answerWithinWorkingDays = 2;

/** Returns the deadlines of an inquiry that staff can see from `start`. */
export function deadlinesFrom(start: Date, promisedWorkingDays: number | undefined): Deadlines {
  const answerBy = endOfWorkingDayAfter(start, promisedWorkingDays ?? answerWithinWorkingDays);
  return { answerBy, promisedBy: promisedWorkingDays === undefined ? undefined : answerBy };
}

/**
 * Returns for how many days inquiries have to be stored at least, so that staff are reminded of an
 * overdue one before it is deleted: seven days, which include public holidays, and twice the reply
 * time, in days with weekends.
 */
export function minRetentionDays(workingDays = answerWithinWorkingDays): number {
  return 7 + 2 * (workingDays + 2 * Math.ceil(workingDays / 5));
}
