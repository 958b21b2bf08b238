// The queries of the contact form and the pages: accept and find inquiries.

import { randomBytes } from "node:crypto";
import { contentKey } from "../answers.ts";
import type { Deadlines } from "../deadlines.ts";
import { emailKey } from "../email-address.ts";
import type { Answers } from "../form.ts";
import { createReference } from "../reference.ts";
import { join, raw, sql, StoreError, type LazyDatabase, type Value } from "./database.ts";
import { toInquiry, type Inquiry, type StoredRow } from "./schema.ts";

/** What comes with the answers. */
export type Submission = {
  /** The article the form was sent from. Empty: the contact page. */
  slug: string;
  title: string;
  /** Empty: not quarantined. */
  quarantineReason: string;
  emailFault: string;
  deadlines: Deadlines;
};

// The same content within a day is the same inquiry: a double click, a reload, a second try.
const duplicateWindowMs = 24 * 3_600_000;

export function createInbox({ read, transaction }: LazyDatabase, messageIdDomain: string) {
  return {
    /**
     * Commits an inquiry durably. The same content within 24 hours is not stored again: the first
     * inquiry is returned, with `isRepeated`. Throws if it cannot be committed; nothing is stored.
     */
    accept(answers: Answers, submission: Submission, now: Date) {
      const row = newRow(answers, submission, messageIdDomain, now.getTime());
      const { reference, content_key, received_at } = row;
      const columns = join(Object.keys(row).map((name) => raw(name)));
      const insertion = sql`insert into inquiries (${columns}) values (${join(Object.values(row))})
        on conflict (content_key) do nothing returning *`;
      return transaction(async (connection): Promise<{ inquiry: Inquiry; isRepeated: boolean }> => {
        // The same content may be sent again after a day.
        await connection.write(sql`update inquiries set content_key = null
            where content_key = ${content_key} and received_at <= ${received_at - duplicateWindowMs}`);
        const [added] = await connection.write<StoredRow>(insertion);
        if (added) return { inquiry: toInquiry(added), isRepeated: false };
        const [first] = await connection.read<StoredRow>(
          sql`select * from inquiries where content_key = ${content_key}`,
        );
        if (!first) throw new StoreError("The first inquiry was just deleted: send it again.");
        // If the result of a commit was lost, the second attempt finds its own row.
        return { inquiry: toInquiry(first), isRepeated: first.reference !== reference };
      });
    },

    /** Returns the inquiry with the same content if one was accepted within the last 24 hours. */
    async findDuplicate(answers: Answers, now: Date): Promise<Inquiry | undefined> {
      const [row] = await read<StoredRow>(sql`select * from inquiries
        where content_key = ${contentKey(answers)}
        and received_at > ${now.getTime() - duplicateWindowMs}`);
      return row && toInquiry(row);
    },

    /** Returns the inquiry with a reference, or whose staff page has a token. */
    async find(by: { reference: string } | { token: string }): Promise<Inquiry | undefined> {
      const condition = "token" in by ? sql`token = ${by.token}` : sql`reference = ${by.reference}`;
      const [row] = await read<StoredRow>(sql`select * from inquiries where ${condition}`);
      return row && toInquiry(row);
    },

    /** Returns how many inquiries were accepted after `since`, in any state. */
    async countSince(since: Date): Promise<number> {
      const [row] = await read<{ count: number }>(
        sql`select count(*) as count from inquiries where received_at > ${since.getTime()}`,
      );
      return row?.count ?? 0;
    },
  };
}

function newRow(answers: Answers, submission: Submission, messageIdDomain: string, at: number) {
  const { slug, title, quarantineReason, emailFault, deadlines } = submission;
  const reference = createReference();
  return {
    reference,
    token: randomBytes(16).toString("hex"),
    message_id: `<${reference.toLowerCase()}@${messageIdDomain}>`,
    content_key: contentKey(answers),
    email_key: emailKey(answers["email"] ?? ""),
    answers: JSON.stringify(answers),
    source_slug: slug,
    source_title: title,
    received_at: at,
    promised_by: deadlines.promisedBy?.getTime() ?? null,
    take_by: deadlines.takeBy.getTime(),
    answer_by: deadlines.answerBy.getTime(),
    state: quarantineReason ? "quarantined" : "pending",
    quarantine_reason: quarantineReason,
    email_fault: emailFault,
    waiting_since: at,
    due_at: at,
  } satisfies Partial<Record<keyof StoredRow, Value>>;
}
