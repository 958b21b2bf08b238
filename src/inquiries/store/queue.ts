// The part of the store that delivery uses. It claims an inquiry for a limited time (a lease), so that no other process sends it, and then
// records the result unless another process has claimed the inquiry since.

import { sql, type RawBuilder } from "kysely";
import { createStaffToken } from "./follow-up.ts";
import {
  toInquiry,
  undelivered,
  type Database,
  type Engine,
  type StoredInquiry,
} from "./schema.ts";

export type Queue = ReturnType<typeof createQueue>;

/** The maximum time between two attempts in each state. A lease must be shorter. */
export const maxRetryMs = { pending: 30 * 60_000, stuck: 6 * 3_600_000 };

/** The clocks of two machines may differ by this much. */
export const clockSkewMs = 60_000;
/** A clock that is wrong by more than this is assumed to be behind, not ahead. */
const maxAheadMs = 31 * 86_400_000;

export function createQueue(database: Database, engine: Engine) {
  const rows = () => database.selectFrom("inquiries");

  /** Changes a claimed inquiry and ends its lease. Returns false and changes nothing if it was claimed since (owner or attempt differ). */
  async function settle(
    claim: StoredInquiry,
    change: Partial<Omit<StoredInquiry, "answers">>,
  ): Promise<boolean> {
    const update = database
      .updateTable("inquiries")
      .set({ ...change, lease_owner: null, lease_until: null });
    const one = update.where("id", "=", claim.id).where("state", "in", undelivered);
    const stillClaimed = one
      .where("lease_owner", "=", claim.lease_owner)
      .where("attempts", "=", claim.attempts);
    return (await stillClaimed.executeTakeFirst()).numUpdatedRows === 1n;
  }

  return {
    /** Claims the due inquiry that was received first, for `leaseMs`. No other process can claim it until the lease ends. */
    async claimDue(owner: string, now: Date, leaseMs: number): Promise<StoredInquiry | undefined> {
      const at = now.getTime();
      const due = rows().select("id").where("state", "in", undelivered).where(isPast("due_at", at));
      const oldest = due
        .where(isPast("lease_until", at))
        .orderBy("received_at")
        .orderBy("id")
        .limit(1);
      // `=`, because PostgreSQL may evaluate the subquery of an `in` more than once and claim more than one row.
      const claim = database
        .updateTable("inquiries")
        .where("id", "=", engine.isShared ? oldest.forUpdate().skipLocked() : oldest);
      // First case: the time is in the future, because a clock was ahead when the row was stored, or because this clock is behind, for
      // example by years after a start without a time server. The second case undoes that once the clock is right.
      const waitingSince = sql<number>`case when waiting_since > ${at} then ${at}
        when waiting_since < received_at - ${maxAheadMs} and received_at <= ${at} then received_at else waiting_since end`;
      const staffToken = sql<string>`coalesce(staff_token, ${createStaffToken()})`;
      const lease = {
        lease_owner: owner,
        lease_until: at + leaseMs,
        attempts: sql<number>`attempts + 1`,
      };
      const row = await claim
        .set({ ...lease, waiting_since: waitingSince, staff_token: staffToken })
        .returningAll()
        .executeTakeFirst();
      return row && toInquiry(row);
    },

    /** Records that the mail server accepted the mail. `failure` says that it refused some recipients. Returns false if claimed since. */
    settleSent(claim: StoredInquiry, now: Date, failure: string | null = null): Promise<boolean> {
      return settle(claim, {
        state: "sent",
        sent_at: now.getTime(),
        digest_at: null,
        last_failure: failure,
      });
    },

    /** Records a failed attempt; the next one is at `dueAt`. Returns false if the inquiry was claimed since. */
    settleFailed(
      claim: StoredInquiry,
      state: "pending" | "stuck",
      dueAt: Date,
      failure: string,
    ): Promise<boolean> {
      return settle(claim, { state, due_at: dueAt.getTime(), last_failure: failure });
    },

    /** Returns the earliest time at which an inquiry can be claimed, or undefined if nothing is left to deliver. */
    async nextDue(now: Date): Promise<Date | undefined> {
      const at = now.getTime();
      const dueAt = sql`case when ${isPast("due_at", at)} then ${at} else due_at end`;
      const leaseEnd = sql`case when ${isPast("lease_until", at)} then ${at} else lease_until end`;
      const earliest = sql<
        number | null
      >`min(case when ${leaseEnd} > ${dueAt} then ${leaseEnd} else ${dueAt} end)`.as("at");
      const row = await rows()
        .select(earliest)
        .where("state", "in", undelivered)
        .executeTakeFirst();
      return row?.at == null ? undefined : new Date(row.at);
    },

    /** Returns the references of earlier inquiries from the same address, oldest first. */
    async earlierFrom({ email_key, id }: StoredInquiry): Promise<string[]> {
      const earlier = rows()
        .select("reference")
        .where("email_key", "=", email_key)
        .where("id", "<", id);
      return (await earlier.orderBy("id").execute()).map(({ reference }) => reference);
    },
  };
}

/**
 * Returns an SQL condition: a due time or the end of a lease has passed. A time further ahead than `maxRetryMs` was written while a clock was
 * ahead. It counts as passed, or mail would wait until then.
 */
export function isPast(column: "due_at" | "lease_until", at: number): RawBuilder<boolean> {
  const latest = (state: keyof typeof maxRetryMs) =>
    sql`cast(${at + maxRetryMs[state] + clockSkewMs} as bigint)`; // PostgreSQL cannot infer the type
  const value = sql`coalesce(${sql.ref(column)}, 0)`;
  return sql<boolean>`(${value} <= ${at} or ${value} > case state when 'stuck' then ${latest("stuck")} else ${latest("pending")} end)`;
}
