// An inquiry as a person, a program or a spreadsheet reads it.

import { stringify } from "csv-stringify/sync";
import { readableAnswers } from "./answers.ts";
import { fields } from "./form.ts";
import type { StoredInquiry } from "./store/schema.ts";

/** The facts of an exported inquiry besides its answers, as people read them. */
export const factLabels = {
  reference: "Reference",
  state: "State",
  received: "Received",
  sent: "Sent",
  from: "Sent from",
  takeBy: "To be taken by",
  answerBy: "Answer due",
  taken: "Taken",
  answered: "Answered",
  closed: "Closed",
  overdueInDigest: "Overdue in digest",
  overdueInAlert: "Overdue in alert",
  quarantineReason: "Quarantined",
  emailDoubt: "Address",
  attempts: "Attempts",
  lastFailure: "Last failure",
  messageId: "Message-ID",
};

const isoTime = (ms: number) => new Date(ms).toISOString();

/**
 * Returns one inquiry with its answers by field name (choices by their labels), and without keys, tokens, leases and the time of the next
 * attempt. `format` gets times in milliseconds since 1970, and writes them as ISO 8601 in UTC by default.
 */
export function exportInquiry(inquiry: StoredInquiry, format: (ms: number) => string = isoTime) {
  const time = (ms: number | null) => (ms === null ? "" : format(ms));
  return {
    reference: inquiry.reference,
    state: inquiry.state,
    received: time(inquiry.received_at),
    sent: time(inquiry.sent_at),
    from: inquiry.source_slug,
    takeBy: time(inquiry.take_by),
    answerBy: time(inquiry.answer_by),
    taken: time(inquiry.taken_at),
    answered: time(inquiry.answered_at),
    closed: time(inquiry.closed_at),
    overdueInDigest: time(inquiry.overdue_digest_at),
    overdueInAlert: time(inquiry.overdue_alert_at),
    quarantineReason: inquiry.quarantine_reason,
    emailDoubt: inquiry.email_doubt,
    attempts: inquiry.attempts,
    lastFailure: inquiry.last_failure ?? "",
    messageId: inquiry.message_id,
    answers: Object.fromEntries(readableAnswers(inquiry.answers).map(({ name, text }) => [name, text])),
  };
}

/**
 * CSV as in RFC 4180, with a byte order mark, which Excel needs, and a header even without rows. The answers follow in the order of the form,
 * then those that the form no longer has. A cell that a spreadsheet would run as a formula gets an apostrophe in front.
 */
export function toCsv(inquiries: StoredInquiry[]): string {
  const exported = inquiries.map((inquiry) => exportInquiry(inquiry));
  const names = [...new Set([...fields.map(({ name }) => name), ...exported.flatMap(({ answers }) => Object.keys(answers))])];
  const facts = Object.keys(factLabels) as (keyof typeof factLabels)[];
  const rows = exported.map((inquiry) => [...facts.map((fact) => inquiry[fact]), ...names.map((name) => inquiry.answers[name] ?? "")]);
  return stringify([[...facts, ...names], ...rows], { bom: true, quoted: true, escape_formulas: true, record_delimiter: "windows" });
}
