// The part of the store that the contact form uses: accepts and finds inquiries, and never changes or deletes one.

import { sql, type Insertable } from "kysely";
import { contentKey } from "../answers.ts";
import { emailKey } from "../email-address.ts";
import type { Answers } from "../form.ts";
import { createReference } from "../reference.ts";
import { countSource, createStaffToken } from "./follow-up.ts";
import { retry } from "./retry.ts";
import {
  toInquiry,
  undelivered,
  type Database,
  type Engine,
  type InquiryTable,
  type StoredInquiry,
} from "./schema.ts";

export type Inbox = ReturnType<typeof createInbox>;

/** What comes with the answers. */
export type Submission = {
  /** The article the form was sent from. Empty: the contact page. */
  slug: string;
  title: string;
  /** Empty: not quarantined. */
  quarantineReason: string;
  /** When the inquiry becomes overdue. A live check never does. */
  deadlines?: { takeBy: Date; answerBy: Date };
  emailDoubt?: string;
  isLiveCheck?: boolean;
};
type Accepted = { inquiry: StoredInquiry; isRepeated: boolean };

// The same content within a day is the same inquiry: a double click, a reload, an impatient second try.
const duplicateWindowMs = 24 * 3_600_000;

/** `messageIdDomain` is the part after the @ in the Message-IDs of new inquiries. */
export function createInbox(database: Database, engine: Engine, messageIdDomain: string) {
  const rows = () => database.selectFrom("inquiries");
  const withRetry = <Result>(work: () => Promise<Result>) =>
    retry(work, { isTransient: engine.isTransient, attempts: 3, delayMs: 0 });

  return {
    /**
     * Commits an inquiry durably. The same content within 24 hours is not stored again: the first inquiry is returned, with `isRepeated`.
     * Throws if it cannot be committed, and then stores nothing.
     */
    accept(answers: Answers, submission: Submission, now: Date): Promise<Accepted> {
      const { slug, title, quarantineReason, deadlines, emailDoubt = "", isLiveCheck } = submission;
      const at = now.getTime();
      const reference = createReference();
      const row: Insertable<InquiryTable> = {
        reference,
        message_id: `<${reference.toLowerCase()}@${messageIdDomain}>`,
        content_key: isLiveCheck ? null : contentKey(answers),
        answers: JSON.stringify(answers),
        email_key: emailKey(answers["email"] ?? ""),
        received_at: at,
        waiting_since: at,
        source_slug: slug,
        source_title: title,
        state: isLiveCheck ? "live-check" : quarantineReason ? "quarantined" : "pending",
        quarantine_reason: quarantineReason,
        attempts: 0,
        due_at: at,
        staff_token: createStaffToken(),
        take_by: deadlines?.takeBy.getTime() ?? null,
        answer_by: deadlines?.answerBy.getTime() ?? null,
        email_doubt: emailDoubt,
      };
      // If a commit succeeded but its result was lost, the second attempt finds its own row.
      return withRetry(() =>
        database.transaction().execute((transaction) => insert(transaction, row)),
      );
    },

    /** Returns the inquiry with the same content if one was accepted within the last 24 hours. */
    async findDuplicate(answers: Answers, now: Date): Promise<StoredInquiry | undefined> {
      const same = rows().selectAll().where("content_key", "=", contentKey(answers));
      const row = await withRetry(() =>
        same.where("received_at", ">", now.getTime() - duplicateWindowMs).executeTakeFirst(),
      );
      return row && toInquiry(row);
    },

    async find(reference: string): Promise<StoredInquiry | undefined> {
      const row = await withRetry(() =>
        rows().selectAll().where("reference", "=", reference).executeTakeFirst(),
      );
      return row && toInquiry(row);
    },

    /** Returns how many inquiries were accepted after `since`, in any state. Live checks do not count. */
    async countSince(since: Date): Promise<number> {
      const count = rows().select(sql<number>`count(*)`.as("count"));
      const recent = count
        .where("state", "!=", "live-check")
        .where("received_at", ">", since.getTime());
      return (await withRetry(() => recent.executeTakeFirstOrThrow())).count;
    },

    /** Returns the time since which the oldest undelivered inquiry has been waiting, or undefined if there is none. */
    async oldestUndeliveredAt(): Promise<Date | undefined> {
      const waiting = rows().select("waiting_since").where("state", "in", undelivered);
      const oldest = await waiting.orderBy("waiting_since").limit(1).executeTakeFirst();
      return oldest && new Date(oldest.waiting_since);
    },

    /** Whether `staff.issueLiveCheckToken` issued this token within the last two minutes. A token can be used once. */
    async consumeLiveCheckToken(token: unknown, now: Date): Promise<boolean> {
      if (typeof token !== "string" || !/^[\da-f]{64}$/.test(token)) return false;
      const issued = database.deleteFrom("events").where("name", "=", `live-check ${token}`);
      return (
        (await issued.where("at", ">", now.getTime()).executeTakeFirst()).numDeletedRows === 1n
      );
    },
  };
}

/** Inserts a row unless the same content was stored within a day. The key of an older row with the same content is removed. */
async function insert(transaction: Database, row: Insertable<InquiryTable>): Promise<Accepted> {
  for (;;) {
    const insertion = transaction.insertInto("inquiries").values(row).returningAll();
    const added = await insertion
      .onConflict((same) => same.column("content_key").doNothing())
      .executeTakeFirst();
    if (added) {
      if (added.state === "pending") await countSource(transaction, added);
      return { inquiry: toInquiry(added), isRepeated: false };
    }
    const same = await transaction
      .selectFrom("inquiries")
      .selectAll()
      .where("content_key", "=", row.content_key ?? "")
      .executeTakeFirst();
    if (!same) continue; // it was deleted between the two statements
    if (same.received_at > row.received_at - duplicateWindowMs)
      return { inquiry: toInquiry(same), isRepeated: true };
    await transaction
      .updateTable("inquiries")
      .set({ content_key: null })
      .where("id", "=", same.id)
      .execute();
  }
}
