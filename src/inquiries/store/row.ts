// A row of the table of inquiries: what a new inquiry is stored as, and the inquiry that a row is.
// Nothing outside this folder uses it. Times are milliseconds since 1970.

import { hash, randomBytes } from "node:crypto";
import { emailKey, mailboxKey } from "../email-address.ts";
import { questions, type Answers } from "../form.ts";
import type { Failure, State } from "../delivery.ts";
import { isProgress } from "../handling.ts";
import { createReference, type Inquiry } from "../inquiry.ts";
import type { Submission } from "./interface.ts";

export type Row = Omit<ReturnType<typeof newRow>, "state" | "progress" | "confirmation"> &
  Pick<Inquiry, "id" | "confirmation"> & {
    state: State;
    progress: string;
    taken_by: string;
    attempts: number;
    lease_until: number;
    failure_type: Failure["type"] | "";
    last_failure: string;
    sent_at: number | null;
    listed_at: number | null;
    confirmed_at: number | null;
  };

const toTime = (ms: number | null) => (ms === null ? undefined : new Date(ms));

export function toInquiry(row: Row): Inquiry {
  return {
    id: row.id,
    reference: row.reference,
    token: row.token,
    messageId: row.message_id,
    answers: JSON.parse(row.answers) as Answers,
    source: row.source,
    receivedAt: new Date(row.received_at),
    emailFault: row.email_fault,
    confirmation: row.confirmation,
    delivery: {
      state: row.state,
      quarantineReason: row.quarantine_reason,
      waitingSince: new Date(row.waiting_since),
      attempts: row.attempts,
      failure: row.failure_type ? { type: row.failure_type, reason: row.last_failure } : undefined,
      sentAt: toTime(row.sent_at),
      listedAt: toTime(row.listed_at),
    },
    handling: {
      // Before `deploy --back`, a newer version may have set a progress that this one does not
      // have.
      progress: isProgress(row.progress) ? row.progress : "open",
      changedAt: toTime(row.progress_at),
      takenBy: row.taken_by,
      promisedBy: toTime(row.promised_by),
      answerBy: new Date(row.answer_by),
    },
  };
}

/** Returns what is stored of a new inquiry: the columns that have no default. */
export function newRow(
  answers: Answers,
  submission: Submission,
  messageIdDomain: string,
  now: Date,
) {
  const { source, quarantineReason, emailFault, promisedBy } = submission;
  const reference = createReference();
  const at = now.getTime();
  const isLiveCheck = quarantineReason === "live-check";
  return {
    reference,
    token: randomBytes(16).toString("hex"),
    message_id: `<${reference.toLowerCase()}@${messageIdDomain}>`,
    // Without a key the same content can be stored again. Anybody may send a live check, which is
    // deleted: if somebody sends a client's text as one, the client's own form must still be
    // stored.
    content_key: isLiveCheck ? null : contentKey(answers),
    mailbox: mailboxKey(answers.email ?? ""),
    // The column of answers is text, because pg would parse a `json` column and SQLite has none.
    answers: JSON.stringify(answers),
    source,
    received_at: at,
    promised_by: promisedBy?.getTime() ?? null,
    answer_by: submission.answerBy.getTime(),
    state: quarantineReason ? "quarantined" : "pending",
    quarantine_reason: quarantineReason,
    progress: isLiveCheck ? "closed" : "open",
    progress_at: isLiveCheck ? at : null,
    email_fault: emailFault,
    confirmation: answers.confirmation && !quarantineReason ? "wanted" : "",
    waiting_since: at,
    due_at: at,
  };
}

/**
 * Returns a key that forms with the same content have in common, however the address is spelt, and
 * from whichever page they were sent.
 */
export function contentKey(answers: Answers): string {
  const values = questions.map(({ name, control }) =>
    control === "email" ? emailKey(answers[name] ?? "") : (answers[name] ?? ""),
  );
  return hash("sha256", JSON.stringify(values));
}
