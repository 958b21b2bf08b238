// An inquiry as people read it: its reference, its answers in words, and its export as JSON.

import { randomBytes } from "node:crypto";
import { fields, type Answers, type Field } from "./form.ts";
import type { Inquiry } from "./store/interface.ts";

/**
 * Forty random bits that identify nobody and can be read out on the phone: CS-7F3K-9QXM. Crockford's
 * base 32 has no I, L, O and U.
 */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Returns a random reference. The store refuses one that exists already. */
export function createReference(): string {
  const symbols = Array.from(randomBytes(8), (byte) => alphabet[byte & 31]).join("");
  return `CS-${symbols.slice(0, 4)}-${symbols.slice(4)}`;
}

/**
 * Returns the reference that `text` is, or undefined. Ignores case, spaces and punctuation; O is read
 * as 0, I and L as 1. "CS" may be left out.
 */
export function parseReference(text: string): string | undefined {
  const plain = text.toUpperCase().replace(/[\s\p{P}]/gu, "");
  const symbols = plain.replace(/O/g, "0").replace(/[IL]/g, "1");
  const [, first, second] =
    /^(?:CS)?([0-9A-HJKMNP-TV-Z]{4})([0-9A-HJKMNP-TV-Z]{4})$/.exec(symbols) ?? [];
  return first && `CS-${first}-${second}`;
}

type ReadableAnswer = {
  name: string;
  label: string;
  text: string;
  inMail?: Field["inMail"];
};

/**
 * Returns the answers that are not empty, in the order of the form, with the labels of choices.
 * After them come answers to removed questions, labelled with the name of the field.
 */
export function readableAnswers(answers: Answers): ReadableAnswer[] {
  const given = new Map(Object.entries(answers));
  const asked = fields.map((field) => {
    const answer = given.get(field.name) ?? "";
    given.delete(field.name);
    const text = field.choices?.find(({ value }) => value === answer)?.label ?? answer;
    return { ...field, label: field.shortLabel ?? field.label, text };
  });
  const former = Array.from(given, ([name, text]) => ({ name, label: name, text }));
  return [...asked, ...former].filter(({ text }) => text !== "");
}

/** Returns the readable answers that belong to one place in a mail. */
export function answersIn(place: NonNullable<Field["inMail"]>, answers: Answers): string[] {
  return readableAnswers(answers).flatMap(({ inMail, text }) => (inMail === place ? text : []));
}

/** Returns the answers for a mailto link, which some mail programs cut after 2,000 characters. */
export function asPlainText(answers: Answers): string {
  const lines = readableAnswers(answers).map(({ label, text, inMail }) =>
    inMail === "text" ? `\n${text}` : `${label}: ${text}`,
  );
  const text = lines.join("\n");
  return text.length > 1_800 ? `${text.slice(0, 1_700)}…\n\n(The rest is in the form.)` : text;
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
