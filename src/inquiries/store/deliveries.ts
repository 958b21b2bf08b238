// What the worker needs: claiming an inquiry for its mail, storing the result, and the same for the
// confirmation to its sender.

import { dayMs } from "../../calendar.ts";
import { join, raw, sql, type Sql, type StatementRunner } from "./database.ts";
import { confirmationErased } from "./events.ts";
import { maxRetryMs, type DeliveryStore } from "./interface.ts";
import { toInquiry, type Row } from "./row.ts";

/**
 * All mailboxes together get at most so many confirmations in a day, because any of them could go
 * to a stranger's address.
 */
const maxConfirmationsPerDay = 20;

export function createDeliveries(database: StatementRunner): DeliveryStore {
  const { query, transaction } = database;
  return {
    async claimDue(owner, now, leaseMs) {
      const at = now.getTime();
      const isPast = (time: Sql) => sql`${time} not between ${at + 1} and ${at + maxRetryMs}`;
      // The update finds its row with `=`, because PostgreSQL may run the subquery of an `in`
      // twice.
      const [row] = await query<Row>(sql`update inquiries
        set lease_owner = ${owner}, lease_until = ${at + leaseMs}, attempts = attempts + 1
        where id = (select id from inquiries
          where state = 'pending' and ${isPast(raw("due_at"))} and ${isPast(raw("lease_until"))}
          order by received_at, id limit 1 ${database.dialect.skipLocked})
        returning *`);
      return row && { ...toInquiry(row), owner };
    },

    async settle(claim, result) {
      // `sent_at` stays the time of the first mail, from which retention counts. An approved
      // inquiry was listed as quarantined, so the next digest has to list it as sent.
      const change =
        "sentAt" in result
          ? sql`state = 'sent', sent_at = coalesce(sent_at, ${result.sentAt.getTime()}),
              listed_at = null`
          : sql`due_at = ${result.dueAt.getTime()}`;
      const isPermanent =
        claim.delivery.failure?.type === "permanent" && result.failure?.type === "temporary";
      const failure = isPermanent ? claim.delivery.failure : result.failure;
      const settled = await query(sql`update inquiries
        set ${change}, lease_owner = '', lease_until = 0,
          failure_type = ${failure?.type ?? ""}, last_failure = ${failure?.reason ?? ""}
        where id = ${claim.id} and state = 'pending'
          and lease_owner = ${claim.owner} and attempts = ${claim.delivery.attempts}
        returning id`);
      return settled.length === 1;
    },

    async takeConfirmation(now) {
      const yesterday = now.getTime() - dayMs;
      const triedToday = sql`from inquiries where confirmed_at > ${yesterday}`;
      const rules = [
        sql`confirmation = 'wanted'`,
        // Staff have the mail of the inquiry, and have not begun to answer.
        sql`state = 'sent' and progress = 'open'`,
        // The inquiry is new, and was neither approved nor sent again: then it would be waiting
        // since then.
        sql`received_at > ${yesterday} and waiting_since = received_at`,
        sql`mailbox not in (select mailbox ${triedToday})`,
      ];
      const rulesForAll = [
        sql`(select count(*) ${triedToday}) < ${maxConfirmationsPerDay}`,
        // Nobody knows any more which mailbox the erased inquiry was from.
        sql`not exists (select 1 from events where name = ${confirmationErased} and at > ${yesterday})`,
      ];
      return transaction(async (query) => {
        // Without the lock two processes could count the same confirmations, and send one too many.
        await query(database.dialect.lock);
        const [row] = await query<Row>(sql`update inquiries
          set confirmation = 'tried', confirmed_at = ${now.getTime()}
          where ${join(rulesForAll, " and ")} and id = (select id from inquiries
            where ${join(rules, " and ")} order by received_at, id limit 1)
          returning *`);
        return row && toInquiry(row);
      });
    },

    async setConfirmationRefused({ id }) {
      await query(sql`update inquiries set confirmation = 'refused' where id = ${id}`);
    },

    async retryAll(now) {
      const at = now.getTime();
      await query(sql`update inquiries set due_at = ${at}
        where state = 'pending' and lease_until <= ${at}`);
    },
  };
}
