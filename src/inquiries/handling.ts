// What staff do about an inquiry, and by when they have to answer it. They take, answer, close or
// reopen it, approve it in quarantine, or have its mail sent again. Each of these functions returns
// what changes, or undefined if it may not follow. The store saves it.

import { endOfWorkingDayAfter } from "../calendar.ts";
import { waitFrom, type Delivery } from "./delivery.ts";

export type Progress = "open" | "taken" | "answered" | "closed";

export type Deadlines = Readonly<{
  /** The inquiry is overdue after this time. */
  answerBy: Date;
  /** The same time as `answerBy` if the receipt promised a reply by then, or undefined. */
  promisedBy: Date | undefined;
}>;

export type Handling = Deadlines &
  Readonly<{
    progress: Progress;
    /** When staff last set the progress of the inquiry, or approved it. */
    changedAt: Date | undefined;
    /** The initials of whoever last took, answered, closed or reopened the inquiry, or "". */
    takenBy: string;
  }>;

/** The part of an inquiry that `take`, `approve`, `resend` and the like read and change. */
export type InquiryState = Readonly<{ delivery: Delivery; handling: Handling }>;
export type Change = Pick<InquiryState, "handling"> & Partial<InquiryState>;

type Press = { by?: string; now: Date };

export const take = (inquiry: InquiryState, press: Press) => setProgress(inquiry, "taken", press);
export const answer = (inquiry: InquiryState, press: Press) =>
  setProgress(inquiry, "answered", press);
export const close = (inquiry: InquiryState, press: Press) => setProgress(inquiry, "closed", press);
export const reopen = (inquiry: InquiryState, press: Press) => setProgress(inquiry, "open", press);

/**
 * Lets an inquiry out of quarantine, so that its mail is sent. Staff have to answer by the time
 * that the receipt promised, or by `answerBy` if it promised none. Returns undefined if the inquiry
 * isn't in quarantine.
 */
export function approve(inquiry: InquiryState, { answerBy, now }: { answerBy: Date; now: Date }) {
  const { delivery, handling } = inquiry;
  if (delivery.state !== "quarantined") return undefined;
  const due = { answerBy: handling.promisedBy ?? answerBy };
  return {
    delivery: waitFrom(now, delivery),
    handling: changed(handling, now, { ...due, progress: "open", takenBy: "" }),
  };
}

/**
 * Has a mail sent again that the mail server took and nobody got. Returns undefined if the inquiry
 * wasn't sent.
 */
export const resend = ({ delivery, handling }: InquiryState, { now }: { now: Date }) =>
  delivery.state === "sent" ? { delivery: waitFrom(now, delivery), handling } : undefined;

/** What the buttons of the staff page do, by the values that they send. */
export const actions = { taken: take, answered: answer, closed: close, open: reopen, approve };
export type Action = keyof typeof actions;

function setProgress(inquiry: InquiryState, progress: Progress, { by = "", now }: Press) {
  if (!nextProgress(inquiry).includes(progress)) return undefined;
  // Without new initials nobody knows who did it, so the old ones go: in a trial with two
  // colleagues, a client was shown as "answered (AK)" when JH had answered.
  return { handling: changed(inquiry.handling, now, { progress, takenBy: by }) };
}

/**
 * Returns handling with a change. Each change has a time of its own, by which the staff page knows
 * what it has seen.
 */
const changed = (handling: Handling, now: Date, to: Partial<Handling>): Handling => ({
  ...handling,
  ...to,
  changedAt: new Date(Math.max(now.getTime(), (handling.changedAt?.getTime() ?? 0) + 1)),
});

type ProgressRow = {
  /** The words of the button on the staff page. */
  button: string;
  /** The words for this progress in lists and in the digest. */
  words: string;
  /** Whether the inquiry is still to be answered, so that it can become overdue. */
  isUnanswered: boolean;
};

/** The words of the button with which staff approve an inquiry. */
export const approveButton = "Approve this, and send it to us as an email";

/** The values of progress, with what the store, pages, mails and commands need to know of each. */
export const progressTable: Record<Progress, ProgressRow> = {
  taken: { button: "I am answering this", words: "taken", isUnanswered: true },
  answered: { button: "This has been answered", words: "answered", isUnanswered: false },
  closed: {
    button: "This is advertising, or needs no answer",
    words: "closed without an answer",
    isUnanswered: false,
  },
  open: { button: "Reopen this", words: "open again", isUnanswered: true },
};

export const progressRows = Object.entries(progressTable) as [Progress, ProgressRow][];
export const isProgress = (value: unknown): value is Progress =>
  typeof value === "string" && Object.hasOwn(progressTable, value);

/**
 * Returns the values of progress that may follow the present one. An answered or closed inquiry can
 * only be reopened, because any other value would hide that it was answered or closed. Nobody can
 * take or answer a quarantined one: staff approve it first, or close it.
 */
export const nextProgress = ({ delivery, handling }: InquiryState): Progress[] =>
  progressRows.flatMap(([value]) => {
    const mayFollow = value === "open" || needsAnswer(handling);
    const mayBeSet = value === "open" || value === "closed" || delivery.state !== "quarantined";
    return value !== handling.progress && mayFollow && mayBeSet ? [value] : [];
  });

/** Writes what staff did about an inquiry, and who: "taken by MK" or "answered (MK)". */
export function progressWords({ progress, takenBy }: Handling): string {
  const { words } = progressTable[progress];
  if (takenBy === "") return words;
  return progress === "taken" ? `taken by ${takenBy}` : `${words} (${takenBy})`;
}

/**
 * Says how far an inquiry is: what staff did about it, or "not taken" or "in quarantine" if they
 * haven't marked it, or reopened it.
 */
export function standing({ delivery, handling }: InquiryState): string {
  if (handling.progress !== "open") return progressWords(handling);
  return delivery.state === "quarantined" ? "in quarantine" : "not taken";
}

/**
 * Returns whether staff still have to answer an inquiry. They do in quarantine too, because its
 * sender expects an answer.
 */
export const needsAnswer = ({ progress }: Handling) => progressTable[progress].isUnanswered;

/**
 * Returns whether the time to answer an inquiry is over. store/queries.ts has the same rule in SQL.
 */
export const isOverdue = (handling: Handling, now: Date): boolean =>
  needsAnswer(handling) && handling.answerBy < now;

/** Staff have to answer within so many working days if no reply time is promised. */
const answerWithinWorkingDays = 2;

/**
 * Returns by when staff have to answer an inquiry that arrives at `start`, and what its receipt
 * promises.
 */
export function deadlinesFrom(start: Date, promisedWorkingDays: number | undefined): Deadlines {
  const answerBy = endOfWorkingDayAfter(start, promisedWorkingDays ?? answerWithinWorkingDays);
  return { answerBy, promisedBy: promisedWorkingDays === undefined ? undefined : answerBy };
}

/**
 * Returns the shortest retention that is allowed: seven days, among which public holidays may be,
 * and twice the reply time with its weekends. With less, an inquiry could be deleted before staff
 * are reminded of it.
 */
export function minRetentionDays(workingDays = answerWithinWorkingDays): number {
  return 7 + 2 * (workingDays + 2 * Math.ceil(workingDays / 5));
}
