// An inquiry, its reference and its export. What staff do about it is in progress.ts.

import { randomBytes } from "node:crypto";
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

/** What staff say about an inquiry. */
export type Progress = "open" | "taken" | "answered" | "closed";

/**
 * Why an attempt failed. `temporary`: it is retried. `permanent`: it is retried too, and needs a
 * correction: a setting, a staff mailbox, a bug. Of a sent inquiry: `partial`, not all of the staff
 * have it.
 */
export type Failure = Readonly<{
  kind: "temporary" | "permanent" | "partial";
  /** In words, with the mail server's. */
  reason: string;
}>;

/** The article that a form was sent from, with its title then. Both empty: the contact page. */
export type Source = Readonly<{ slug: string; title: string }>;

/** The quarantine reason of an inquiry that doctor sends, finds and deletes. */
export const liveCheckReason = "live check";

/** The quarantine reason of an inquiry that looks like a client's, but arrived during a flood. */
export const hourlyTotalReason = "too many inquiries arrived within an hour";

/** If an inquiry waits for delivery for longer, /health says so. */
export const lateMs = 15 * 60_000;

export type Inquiry = Readonly<{
  id: number;
  reference: string;
  /** The secret part of the staff page's URL. */
  token: string;
  messageId: string;
  answers: Answers;
  source: Source;
  receivedAt: Date;
  /** After this time it is overdue. */
  answerBy: Date;
  /** What the receipt says: the same time. Undefined: no reply time was promised. */
  promisedBy: Date | undefined;
  state: State;
  /** In words, also after it was released. Empty: never quarantined. */
  quarantineReason: string;
  /** What is doubtful about the email address, in words for staff. Empty: nothing. */
  emailFault: string;
  /** Since when it has been waiting for delivery: its acceptance, release or `resend`. */
  waitingSince: Date;
  /** How often a process has tried to send it since then. */
  attempts: number;
  /** Of the last attempt, or a permanent one before it. */
  failure: Failure | undefined;
  /** When the mail server accepted its first mail. */
  sentAt: Date | undefined;
  /** When the mail server accepted the digest that listed it. */
  listedAt: Date | undefined;
  progress: Progress;
  /** When staff last set the progress, or released it. */
  progressAt: Date | undefined;
  /** The initials of who took it, or "". */
  takenBy: string;
}>;

/**
 * Returns when an inquiry was emailed to staff, or undefined. A quarantined one is listed in a digest,
 * and is sent after its release.
 */
export const emailedTime = ({ state, sentAt, listedAt }: Inquiry): Date | undefined =>
  sentAt ?? (state === "pending" ? undefined : listedAt);

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

/**
 * Returns the exported properties of an inquiry, except its answers: names in JSON, labels for
 * people. They exclude the token. `format` formats times.
 */
export function inquiryFacts(inquiry: Inquiry, format: (time: Date) => string) {
  const facts = [
    { name: "reference", label: "Reference", value: inquiry.reference },
    { name: "state", label: "State", value: inquiry.state },
    { name: "received", label: "Received", value: inquiry.receivedAt },
    { name: "sent", label: "Sent", value: inquiry.sentAt },
    { name: "from", label: "Sent from", value: inquiry.source.slug },
    { name: "promised", label: "Reply promised", value: inquiry.promisedBy },
    { name: "answerBy", label: "Answer due", value: inquiry.answerBy },
    { name: "progress", label: "Progress", value: inquiry.progress },
    { name: "takenBy", label: "Taken by", value: inquiry.takenBy },
    { name: "progressAt", label: "Progress set", value: inquiry.progressAt },
    { name: "listed", label: "Listed in a mail", value: inquiry.listedAt },
    { name: "quarantineReason", label: "Quarantined", value: inquiry.quarantineReason },
    { name: "emailFault", label: "Address", value: inquiry.emailFault },
    { name: "attempts", label: "Attempts", value: inquiry.attempts },
    { name: "lastFailure", label: "Last failure", value: inquiry.failure?.reason },
    { name: "messageId", label: "Message-ID", value: inquiry.messageId },
  ];
  return facts.map(({ value = "", ...fact }) => ({
    ...fact,
    value: value instanceof Date ? format(value) : value,
  }));
}

/** Returns the facts of an inquiry, and its answers by field name (choices by their labels). */
export function exportInquiry(inquiry: Inquiry) {
  const facts = inquiryFacts(inquiry, (time) => time.toISOString());
  const values = facts.map(({ name, value }) => [name, value] as const);
  const answers = readableAnswers(inquiry.answers).map(({ name, text }) => [name, text] as const);
  return { ...Object.fromEntries(values), answers: Object.fromEntries(answers) };
}
