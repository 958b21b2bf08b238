// An inquiry as JSON, CSV or text.

import { stringify } from "csv-stringify/sync";
import { readableAnswers } from "./answers.ts";
import { fields } from "./form.ts";
import type { StoredInquiry } from "./store/schema.ts";

/** The exported properties of an inquiry, except its answers: names in JSON and CSV, labels for people, and columns of the store. */
const facts = [
  { name: "reference", label: "Reference", column: "reference" },
  { name: "state", label: "State", column: "state" },
  { name: "received", label: "Received", column: "received_at" },
  { name: "sent", label: "Sent", column: "sent_at" },
  { name: "from", label: "Sent from", column: "source_slug" },
  { name: "takeBy", label: "To be taken by", column: "take_by" },
  { name: "answerBy", label: "Answer due", column: "answer_by" },
  { name: "taken", label: "Taken", column: "taken_at" },
  { name: "answered", label: "Answered", column: "answered_at" },
  { name: "closed", label: "Closed", column: "closed_at" },
  { name: "overdueInDigest", label: "Overdue in digest", column: "overdue_digest_at" },
  { name: "overdueInAlert", label: "Overdue in alert", column: "overdue_alert_at" },
  { name: "quarantineReason", label: "Quarantined", column: "quarantine_reason" },
  { name: "emailDoubt", label: "Address", column: "email_doubt" },
  { name: "attempts", label: "Attempts", column: "attempts" },
  { name: "lastFailure", label: "Last failure", column: "last_failure" },
  { name: "messageId", label: "Message-ID", column: "message_id" },
] as const;

const isoTime = (ms: number) => new Date(ms).toISOString();

/**
 * Returns these properties, which exclude keys, tokens, leases and the time of the next attempt. `format` formats
 * milliseconds since 1970, by default as ISO 8601 in UTC.
 */
export function factsOf(inquiry: StoredInquiry, format: (ms: number) => string = isoTime) {
  return facts.map(({ name, label, column }) => {
    const value = inquiry[column] ?? "";
    return {
      name,
      label,
      value: typeof value === "number" && column !== "attempts" ? format(value) : value,
    };
  });
}

const answersOf = ({ answers }: StoredInquiry) =>
  Object.fromEntries(readableAnswers(answers).map(({ name, text }) => [name, text]));

/** Returns the facts of an inquiry, and its answers by field name (choices by their labels). */
export function exportInquiry(inquiry: StoredInquiry) {
  const values = factsOf(inquiry).map(({ name, value }) => [name, value] as const);
  return { ...Object.fromEntries(values), answers: answersOf(inquiry) };
}

/**
 * Returns CSV (RFC 4180) with a byte order mark, which Excel needs, and a header even without rows. Answers are in the order of the form,
 * those to removed questions last. A cell that a spreadsheet would run as a formula gets a leading apostrophe.
 */
export function toCsv(inquiries: StoredInquiry[]): string {
  const answers = inquiries.map(answersOf);
  const names = [
    ...new Set([
      ...fields.map(({ name }) => name),
      ...answers.flatMap((given) => Object.keys(given)),
    ]),
  ];
  const rows = inquiries.map((inquiry, index) => [
    ...factsOf(inquiry).map(({ value }) => value),
    ...names.map((name) => answers[index]?.[name] ?? ""),
  ]);
  const header = [...facts.map(({ name }) => name), ...names];
  return stringify([header, ...rows], {
    bom: true,
    quoted: true,
    escape_formulas: true,
    record_delimiter: "windows",
  });
}
