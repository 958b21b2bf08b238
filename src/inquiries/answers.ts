// Derived from answers: their readable form, the export as JSON, and the key that detects
// duplicates.

import { hash } from "node:crypto";
import { emailKey } from "./email-address.ts";
import { fields, type Answers, type Field } from "./form.ts";
import type { Inquiry } from "./store/interface.ts";

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

/**
 * Returns a key that is equal for the same answers. Ignores the spelling of the email address, and
 * the page the form was sent from.
 */
export function contentKey(answers: Answers): string {
  const values = fields.map(({ name, control }) =>
    control === "email" ? emailKey(answers[name] ?? "") : (answers[name] ?? ""),
  );
  return hash("sha256", JSON.stringify(values));
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
