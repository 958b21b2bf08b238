// An inquiry: its row in the store, its reference, its progress and deadline, and its export.

import { randomBytes } from "node:crypto";
import { endOfWorkingDayAfter } from "../calendar.ts";
import { readableAnswers, type Answers } from "./form.ts";

//   state        meaning                                    next state
//   pending      committed; staff do not have it yet        sent: the mail server accepted the mail
//   quarantined  looks like spam; listed in a digest        pending: `release` · deleted, see `purge`
//   sent         accepted by the mail server, which is      deleted, see `purge`
//                no proof of arrival
//
// `erase` deletes in every state. `purge` deletes nothing before staff have it. The progress that
// staff set does not change the state.
export const states = ["pending", "quarantined", "sent"] as const;
export type State = (typeof states)[number];

/**
 * Why an attempt failed. `temporary`: it is retried. `permanent`: it is retried too, and needs a
 * correction: a setting, a staff mailbox, a bug. Of a sent inquiry: `partial`, not all of the staff
 * have it; `text`, the mail server refused its text, and staff have a mail without it.
 */
export type FailureKind = "temporary" | "permanent" | "partial" | "text";

/** The quarantine reason of an inquiry that doctor sends, finds and deletes. */
export const liveCheckReason = "live check";

/** The quarantine reason of an inquiry that looks like a client's, but arrived during a flood. */
export const hourlyTotalReason = "too many inquiries arrived within an hour";

/** If an inquiry waits for delivery for longer, staff are alerted, and /readyz says so. */
export const lateMs = 15 * 60_000;

/** A row of the table. All times are milliseconds since 1970. */
export type StoredRow = {
  id: number;
  reference: string;
  /** The secret part of the staff page's URL. */
  token: string;
  message_id: string;
  /** See `contentKey`. Null: a live check, or the same content may be sent again. */
  content_key: string | null;
  /** See `emailKey`. */
  email_key: string;
  /** See `mailboxKey`. Empty in a row of the version before this one, until the store is opened. */
  mailbox: string;
  /** JSON in a text column, because pg would parse a `json` column and SQLite has none. */
  answers: string;
  /** The article that the form was sent from, as slug and as its title then, or "". */
  source_slug: string;
  source_title: string;
  received_at: number;
  /** See `Deadlines`. */
  promised_by: number | null;
  /** Only the version before this one reads it. */
  take_by: number;
  answer_by: number;
  state: State;
  /** In words, also after it was released. Empty: never quarantined. */
  quarantine_reason: string;
  /** What is doubtful about the email address, in words for staff. Empty: nothing. */
  email_fault: string;
  /** Since when it has been waiting for delivery: its acceptance, release or `resend`. */
  waiting_since: number;
  due_at: number;
  attempts: number;
  lease_owner: string;
  lease_until: number;
  failure_kind: FailureKind | "";
  last_failure: string;
  sent_at: number | null;
  /** When the mail server accepted the digest that listed it. */
  listed_at: number | null;
  progress: Progress;
  progress_at: number | null;
  /** The initials of who took it. "-": taken without initials; "": not taken. */
  taken_by: string;
};
export type Inquiry = Omit<StoredRow, "answers"> & { answers: Answers };

/** Returns a row with its answers parsed. */
export function toInquiry(row: StoredRow): Inquiry {
  return { ...row, answers: JSON.parse(row.answers) as Answers };
}

/**
 * Returns when an inquiry was emailed to staff, or null. A quarantined one is listed in a digest,
 * and is sent after its release.
 */
export const emailedTime = ({ state, sent_at, listed_at }: Inquiry): number | null =>
  sent_at ?? (state === "pending" ? null : listed_at);

/**
 * Forty random bits that identify nobody and can be read out on the phone: CS-7F3K-9QXM.
 * Crockford's base 32 has no I, L, O and U.
 */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Returns a random reference. The store refuses one that exists already. */
export function createReference(): string {
  const symbols = Array.from(randomBytes(8), (byte) => alphabet[byte & 31]).join("");
  return `CS-${symbols.slice(0, 4)}-${symbols.slice(4)}`;
}

/**
 * Returns the reference that `text` is, or undefined. Ignores case, spaces and punctuation; O is
 * read as 0, I and L as 1. "CS" may be left out.
 */
export function parseReference(text: string): string | undefined {
  const plain = text.toUpperCase().replace(/[\s\p{P}]/gu, "");
  const symbols = plain.replace(/O/g, "0").replace(/[IL]/g, "1");
  const [, first, second] =
    /^(?:CS)?([0-9A-HJKMNP-TV-Z]{4})([0-9A-HJKMNP-TV-Z]{4})$/.exec(symbols) ?? [];
  return first && `CS-${first}-${second}`;
}

/** What staff say about an inquiry. */
export type Progress = "open" | "taken" | "answered" | "closed";

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
};

export const progressRows = Object.entries(progressTable) as [Progress, ProgressRow][];

export const isProgress = (value: unknown): value is Progress =>
  typeof value === "string" && Object.hasOwn(progressTable, value);

/** A regular expression for the initials of whoever takes an inquiry, in any script: "J.H.". */
export const initialsPattern = String.raw`(?!\.+$)[\p{L}.]{0,12}`;

const noInitials = "-";

type ProgressOf = Pick<Inquiry, "state" | "progress" | "taken_by">;

/** "taken by MK", or of an inquiry that was answered since, "answered (taken by MK)" */
export function progressWords({ progress, taken_by }: Omit<ProgressOf, "state">): string {
  const { words } = progressTable[progress];
  if (taken_by === "" || taken_by === noInitials) return words;
  return progress === "taken" ? `taken by ${taken_by}` : `${words} (taken by ${taken_by})`;
}

/**
 * Returns the values that staff may set: none in quarantine, from which they release an inquiry.
 */
export const nextProgress = ({ state, progress }: Omit<ProgressOf, "taken_by">) =>
  state === "quarantined" ? [] : progressTable[progress].next;

/**
 * Returns the progress of an inquiry, and who has taken it, after staff set `value`. Returns
 * undefined if `value` may not follow its present progress. If an answered or closed inquiry that
 * somebody had taken is opened again, that person has taken it. `initials`: of the person who takes
 * it, used only if `value` is "taken".
 */
export function withProgress(inquiry: ProgressOf, value: Progress, initials: string) {
  const { progress, taken_by } = inquiry;
  if (!nextProgress(inquiry).includes(value)) return undefined;
  if (value === "open")
    return progress === "taken" || taken_by === ""
      ? { progress: value, taken_by: "" }
      : { progress: "taken" as const, taken_by };
  return { progress: value, taken_by: value === "taken" ? initials || noInitials : taken_by };
}

/**
 * Returns by when staff have to answer an inquiry. Undefined: it needs no answer, or is
 * quarantined. After that time it is overdue. The store selects those with the same rule,
 * `isOverdue`.
 */
export function deadlineOf({
  state,
  progress,
  answer_by,
}: Pick<Inquiry, "state" | "progress" | "answer_by">): Date | undefined {
  const isDue = progressTable[progress].isUnanswered && state !== "quarantined";
  return isDue ? new Date(answer_by) : undefined;
}

export type Deadlines = {
  /** After this time the inquiry is overdue. */
  answerBy: Date;
  /** What the receipt says: the same time. Undefined: no reply time was promised. */
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
 * overdue one before it is deleted: seven days, which include public holidays, and twice the reply
 * time, in days with weekends.
 */
export function minRetentionDays(workingDays = answerWithinWorkingDays): number {
  return 7 + 2 * (workingDays + 2 * Math.ceil(workingDays / 5));
}

/** The exported properties of an inquiry, except its answers: names in JSON, labels for people. */
const facts = [
  { name: "reference", label: "Reference", column: "reference" },
  { name: "state", label: "State", column: "state" },
  { name: "received", label: "Received", column: "received_at" },
  { name: "sent", label: "Sent", column: "sent_at" },
  { name: "from", label: "Sent from", column: "source_slug" },
  { name: "promised", label: "Reply promised", column: "promised_by" },
  { name: "answerBy", label: "Answer due", column: "answer_by" },
  { name: "progress", label: "Progress", column: "progress" },
  { name: "takenBy", label: "Taken by", column: "taken_by" },
  { name: "progressAt", label: "Progress set", column: "progress_at" },
  { name: "listed", label: "Listed in a mail", column: "listed_at" },
  { name: "quarantineReason", label: "Quarantined", column: "quarantine_reason" },
  { name: "emailFault", label: "Address", column: "email_fault" },
  { name: "attempts", label: "Attempts", column: "attempts" },
  { name: "lastFailure", label: "Last failure", column: "last_failure" },
  { name: "messageId", label: "Message-ID", column: "message_id" },
] as const;

const isoTime = (ms: number) => new Date(ms).toISOString();

/**
 * Returns these properties, which exclude keys, tokens, leases and the time of the next attempt.
 * `format` formats milliseconds since 1970, by default as ISO 8601 in UTC.
 */
export function inquiryFacts(inquiry: Inquiry, format: (ms: number) => string = isoTime) {
  return facts.map(({ name, label, column }) => {
    const value = inquiry[column] ?? "";
    return {
      name,
      label,
      value: typeof value === "number" && column !== "attempts" ? format(value) : value,
    };
  });
}

/** Returns the facts of an inquiry, and its answers by field name (choices by their labels). */
export function exportInquiry(inquiry: Inquiry) {
  const values = inquiryFacts(inquiry).map(({ name, value }) => [name, value] as const);
  const answers = readableAnswers(inquiry.answers).map(({ name, text }) => [name, text] as const);
  return { ...Object.fromEntries(values), answers: Object.fromEntries(answers) };
}
