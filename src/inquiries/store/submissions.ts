// What a form needs: storing an inquiry once, and what decides on its quarantine.

import { dayMs } from "../../calendar.ts";
import { mailboxKey } from "../email-address.ts";
import { join, raw, sql, type Query, type StatementRunner } from "./database.ts";
import { StoreError, type SubmissionStore } from "./interface.ts";
import { countInquiries, isQuarantinedFor, readInquiries } from "./queries.ts";
import { contentKey, newRow, toInquiry, type Row } from "./row.ts";

// Within a day the same content is the same inquiry: a double click, a reload, a second try.
const duplicateWindowMs = dayMs;
/** The quarantine refuses more than these, live checks included, so that a flood has an end. */
const maxQuarantined = 5_000;

/** `messageIdDomain` is the part after the @ in the Message-IDs of new inquiries. */
export function createSubmissions(
  { query, transaction }: StatementRunner,
  messageIdDomain: string,
): SubmissionStore {
  return {
    async accept(answers, submission, now) {
      const row = newRow(answers, submission, messageIdDomain, now);
      const { token, content_key, received_at } = row;
      const columns = join(Object.keys(row).map((name) => raw(name)));
      const insertion = sql`insert into inquiries (${columns}) values (${join(Object.values(row))})
        on conflict do nothing returning *`;
      return transaction(async (query) => {
        // A form with the same content may be sent again after a day.
        await query(sql`update inquiries set content_key = null
            where content_key = ${content_key} and received_at <= ${received_at - duplicateWindowMs}`);
        const [added] = await query<Row>(insertion);
        if (added?.state === "quarantined") await refuseIfFull(query);
        if (added) return { inquiry: toInquiry(added), isRepeated: false };
        const [first] = await readInquiries(
          query,
          sql`where content_key = ${content_key} or token = ${token}`,
        );
        if (!first) throw new StoreError("The first inquiry was just deleted: send it again.");
        // If the result of a commit was lost, the second attempt finds its own row.
        return { inquiry: first, isRepeated: first.token !== token };
      });
    },

    async findDuplicate(answers, now) {
      const [first] = await readInquiries(
        query,
        sql`where content_key = ${contentKey(answers)}
          and received_at > ${now.getTime() - duplicateWindowMs}`,
      );
      return first;
    },

    countSince: (since) =>
      countInquiries(
        query,
        sql`received_at > ${since.getTime()} and (quarantine_reason = '' or ${isQuarantinedFor("flood")})`,
      ),

    wasMailed: async (email) =>
      (await countInquiries(query, sql`mailbox = ${mailboxKey(email)} and sent_at is not null`)) >
      0,

    async wantConfirmation(inquiry) {
      const answers = JSON.stringify({ ...inquiry.answers, confirmation: "yes" });
      const [row] = await query<Row>(sql`update inquiries
        set answers = ${answers}, confirmation = case
          when confirmation = '' and quarantine_reason = '' then 'wanted' else confirmation end
        where id = ${inquiry.id} returning *`);
      return row ? toInquiry(row) : inquiry;
    },
  };
}

/** Throws a StoreError, which undoes the transaction, if the quarantine is full. */
async function refuseIfFull(query: Query): Promise<void> {
  // What staff have closed leaves room. Live checks count although they are closed from the start,
  // because anybody can send one.
  const count = await countInquiries(
    query,
    sql`state = 'quarantined'
      and (progress <> 'closed' or ${isQuarantinedFor("live-check")})`,
  );
  if (count > maxQuarantined)
    throw new StoreError(`The quarantine is full: it has ${maxQuarantined} inquiries.`);
}
