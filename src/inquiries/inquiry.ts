// An inquiry, its reference and its export.

import { createHmac, hash, randomBytes, timingSafeEqual } from "node:crypto";
import { quarantineWords, resentTime, type Delivery } from "./delivery.ts";
import type { Answers } from "./form.ts";
import { readableAnswers } from "./answers.ts";
import type { Handling } from "./handling.ts";

/**
 * What became of the confirmation that the sender wanted. `tried` means that at most one attempt
 * was made, and `refused` that the mail server said that there is no such address. It is empty if
 * nobody wants one, or the inquiry was quarantined.
 */
export type Confirmation = "" | "wanted" | "tried" | "refused";

export type Inquiry = Readonly<{
  id: number;
  reference: string;
  /** The secret part of the staff page's URL. */
  token: string;
  messageId: string;
  answers: Answers;
  /** The slug of the article that the form was sent from, or "" for the contact page. */
  source: string;
  receivedAt: Date;
  /** What is doubtful about the email address, in words for staff, or "". */
  emailFault: string;
  delivery: Delivery;
  handling: Handling;
  confirmation: Confirmation;
}>;

/**
 * A reference such as CS-7F3K-9QXM is forty random bits, which identify nobody and can be read out
 * on the phone. Crockford's base 32 has no I, L, O and U.
 */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

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

const copyShownMs = 3_600_000;

/**
 * Returns the key with which the receipt shows what the sender wrote. Only the redirect after the
 * form has it, so a mail that somebody else reads, and a reference that was read out on the phone,
 * show nothing.
 */
export const copyKey = ({ token, reference }: Pick<Inquiry, "token" | "reference">): string =>
  createHmac("sha256", token).update(`what was sent as ${reference}`).digest("hex").slice(0, 32);

/**
 * Returns until when the receipt shows what the sender wrote, which is an hour after it arrived.
 * Returns undefined if `key` is wrong or the hour is over.
 */
export function copyShownUntil(inquiry: Inquiry, key: string, now: Date): Date | undefined {
  const until = new Date(inquiry.receivedAt.getTime() + copyShownMs);
  const [given, right] = [key, copyKey(inquiry)].map((text) => hash("sha256", text, "buffer"));
  return given && right && timingSafeEqual(given, right) && now < until ? until : undefined;
}

/**
 * Returns the facts of an inquiry that are exported, besides its answers. JSON has their names, and
 * people read their labels. The token isn't among them, because whoever has it can open the staff
 * page. `format` writes times.
 */
export function inquiryFacts(inquiry: Inquiry, format: (time: Date) => string) {
  const { delivery, handling } = inquiry;
  const facts = [
    { name: "reference", label: "Reference", value: inquiry.reference },
    { name: "state", label: "State", value: delivery.state },
    { name: "received", label: "Received", value: inquiry.receivedAt },
    { name: "sent", label: "Sent", value: delivery.sentAt },
    { name: "resent", label: "Sent again", value: resentTime(delivery) },
    { name: "from", label: "Sent from", value: inquiry.source },
    { name: "promised", label: "Reply promised", value: handling.promisedBy },
    { name: "answerBy", label: "Answer due", value: handling.answerBy },
    { name: "progress", label: "Progress", value: handling.progress },
    { name: "takenBy", label: "Initials", value: handling.takenBy },
    { name: "progressAt", label: "Progress set", value: handling.changedAt },
    { name: "listed", label: "Listed in a mail", value: delivery.listedAt },
    { name: "quarantineReason", label: "Quarantined", value: quarantineWords(delivery) },
    { name: "emailFault", label: "Address", value: inquiry.emailFault },
    { name: "confirmation", label: "Confirmation", value: inquiry.confirmation },
    { name: "attempts", label: "Attempts", value: delivery.attempts },
    { name: "lastFailure", label: "Last failure", value: delivery.failure?.reason },
    { name: "messageId", label: "Message-ID", value: inquiry.messageId },
  ];
  return facts.map(({ value = "", ...fact }) => ({
    ...fact,
    value: value instanceof Date ? format(value) : value,
  }));
}

/** Returns the facts of an inquiry, and its answers by field name, with the labels of choices. */
export function exportInquiry(inquiry: Inquiry) {
  const facts = inquiryFacts(inquiry, (time) => time.toISOString());
  const values = facts.map(({ name, value }) => [name, value] as const);
  const answers = readableAnswers(inquiry.answers).map(({ name, text }) => [name, text] as const);
  return { ...Object.fromEntries(values), answers: Object.fromEntries(answers) };
}
