// The queries of delivery. It claims an inquiry for a limited time (a lease), so that no other
// process sends it, and then records the result unless another process has claimed it since.

import { sql, type LazyDatabase } from "./database.ts";
import { toInquiry, type FailureKind, type Inquiry, type StoredRow } from "./schema.ts";

export type Failure = { kind: FailureKind; reason: string };
/** Sent, perhaps with something that failed, or due again. */
export type Settlement =
  { sentAt: Date; failure?: Failure | undefined } | { dueAt: Date; failure: Failure };

export function createDeliveryQueries({ read, write, dialect }: LazyDatabase) {
  return {
    /**
     * Claims the due inquiry that was received first, for `leaseMs`. No other process can claim it
     * until the lease ends.
     */
    async claimDue(owner: string, now: Date, leaseMs: number): Promise<Inquiry | undefined> {
      const at = now.getTime();
      // `=`, because PostgreSQL may run the subquery of an `in` more than once.
      const [row] = await write<StoredRow>(sql`update inquiries
        set lease_owner = ${owner}, lease_until = ${at + leaseMs}, attempts = attempts + 1
        where id = (select id from inquiries
          where state = 'pending' and due_at <= ${at} and lease_until <= ${at}
          order by received_at, id limit 1 ${dialect.skipLocked})
        returning *`);
      return row && toInquiry(row);
    },

    /**
     * Records the result of a claim and ends its lease. Returns false and changes nothing if the
     * inquiry was claimed or erased since.
     */
    async settle(claim: Inquiry, result: Settlement): Promise<boolean> {
      const change =
        "sentAt" in result
          ? sql`state = 'sent', sent_at = ${result.sentAt.getTime()}, listed_at = null`
          : sql`due_at = ${result.dueAt.getTime()}`;
      const settled = await write(sql`update inquiries
        set ${change}, lease_owner = '', lease_until = 0,
          failure_kind = ${result.failure?.kind ?? ""},
          last_failure = ${result.failure?.reason ?? ""}
        where id = ${claim.id} and state = 'pending'
          and lease_owner = ${claim.lease_owner} and attempts = ${claim.attempts}
        returning id`);
      return settled.length === 1;
    },

    /** Returns when the next inquiry can be claimed, or undefined if nothing is left to deliver. */
    async nextDue(): Promise<Date | undefined> {
      const [row] = await read<{ at: number | null }>(sql`select
        min(case when lease_until > due_at then lease_until else due_at end) as at
        from inquiries where state = 'pending'`);
      return row?.at == null ? undefined : new Date(row.at);
    },

    /** Returns the references of earlier inquiries from the same address, oldest first. */
    async earlierFrom({ email_key, id }: Inquiry): Promise<string[]> {
      const rows = await read<{ reference: string }>(sql`select reference from inquiries
        where email_key = ${email_key} and id < ${id} order by id`);
      return rows.map(({ reference }) => reference);
    },
  };
}
