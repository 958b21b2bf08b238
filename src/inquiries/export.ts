// An inquiry as JSON or text.

import { readableAnswers } from "./answers.ts";
import type { Inquiry } from "./store/schema.ts";

/** The exported properties of an inquiry, except its answers: names in JSON, labels for people. */
const facts = [
  { name: "reference", label: "Reference", column: "reference" },
  { name: "state", label: "State", column: "state" },
  { name: "received", label: "Received", column: "received_at" },
  { name: "sent", label: "Sent", column: "sent_at" },
  { name: "from", label: "Sent from", column: "source_slug" },
  { name: "promised", label: "Reply promised", column: "promised_by" },
  { name: "takeBy", label: "To be taken by", column: "take_by" },
  { name: "answerBy", label: "Answer due", column: "answer_by" },
  { name: "progress", label: "Progress", column: "progress" },
  { name: "progressAt", label: "Progress set", column: "progress_at" },
  { name: "listed", label: "Listed in a mail", column: "listed_at" },
  { name: "overdueReported", label: "Overdue reported", column: "overdue_at" },
  { name: "quarantineReason", label: "Quarantined", column: "quarantine_reason" },
  { name: "emailFault", label: "Address", column: "email_fault" },
  { name: "attempts", label: "Attempts", column: "attempts" },
  { name: "lastFailure", label: "Last failure", column: "last_failure" },
  { name: "messageId", label: "Message-ID", column: "message_id" },
] as const;

const isoTime = (ms: number) => new Date(ms).toISOString();

/**
 * Returns these properties, which exclude keys, tokens, leases and the time of the next attempt. `format` formats
 * milliseconds since 1970, by default as ISO 8601 in UTC.
 */
export function factsOf(inquiry: Inquiry, format: (ms: number) => string = isoTime) {
  return facts.map(({ name, label, column }) => {
    const value = inquiry[column] ?? "";
    return {
      name,
      label,
      value: typeof value === "number" && column !== "attempts" ? format(value) : value,
    };
  });
}

const answersOf = ({ answers }: Inquiry) =>
  Object.fromEntries(readableAnswers(answers).map(({ name, text }) => [name, text]));

/** Returns the facts of an inquiry, and its answers by field name (choices by their labels). */
export function exportInquiry(inquiry: Inquiry) {
  const values = factsOf(inquiry).map(({ name, value }) => [name, value] as const);
  return { ...Object.fromEntries(values), answers: answersOf(inquiry) };
}
