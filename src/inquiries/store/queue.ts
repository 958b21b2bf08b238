// The part of the store that delivery uses. It takes an inquiry for a limited time (a lease), so that no other process sends it too, and then
// records the result, unless another process has taken the inquiry since.

import { sql, type RawBuilder } from "kysely";
import { createStaffToken } from "./follow-up.ts";
import { toInquiry, undelivered, type Database, type Engine, type StoredInquiry } from "./schema.ts";

export type Queue = ReturnType<typeof createQueue>;

/** The maximum time between two attempts in each state. A lease must be shorter. */
export const maxRetryMs = { pending: 30 * 60_000, stuck: 6 * 3_600_000 };

/** The clocks of two machines may differ by this. */
export const clockSkewMs = 60_000;
/** A clock that is wrong by more than this is taken to be behind, not ahead. */
const maxAheadMs = 31 * 86_400_000;

export function createQueue(database: Database, engine: Engine) {
  const rows = () => database.selectFrom("inquiries");

  /** Changes a claimed inquiry and ends its lease. Does nothing and returns false if it has been claimed since: owner or attempt differ then. */
  async function settle(claim: StoredInquiry, change: Partial<Omit<StoredInquiry, "answers">>): Promise<boolean> {
    const update = database.updateTable("inquiries").set({ ...change, lease_owner: null, lease_until: null });
    const one = update.where("id", "=", claim.id).where("state", "in", undelivered);
    const stillClaimed = one.where("lease_owner", "=", claim.lease_owner).where("attempts", "=", claim.attempts);
    return (await stillClaimed.executeTakeFirst()).numUpdatedRows === 1n;
  }

  return {
    /**
     * Claims the due inquiry that was received first, for `leaseMs`. No other process gets it until the lease ends.
     */
    async claimDue(owner: string, now: Date, leaseMs: number): Promise<StoredInquiry | undefined> {
      const at = now.getTime();
      const due = rows().select("id").where("state", "in", undelivered).where(isPast("due_at", at));
      const oldest = due.where(isPast("lease_until", at)).orderBy("received_at").orderBy("id").limit(1);
      // `=`, because PostgreSQL may evaluate the subquery of an `in` more than once and claim more than one row.
      const claim = database.updateTable("inquiries").where("id", "=", engine.isShared ? oldest.forUpdate().skipLocked() : oldest);
      // In the first case a clock was ahead when the row was stored. Or our own clock is behind, by years after a start without a time server:
      // the second case undoes that once the clock is right.
      const waitingSince = sql<number>`case when waiting_since > ${at} then ${at}
        when waiting_since < received_at - ${maxAheadMs} and received_at <= ${at} then received_at else waiting_since end`;
      const staffToken = sql<string>`coalesce(staff_token, ${createStaffToken()})`;
      const lease = { lease_owner: owner, lease_until: at + leaseMs, attempts: sql<number>`attempts + 1` };
      const row = await claim
        .set({ ...lease, waiting_since: waitingSince, staff_token: staffToken })
        .returningAll()
        .executeTakeFirst();
      return row && toInquiry(row);
    },

    /** The mail server accepted the mail. `failure` names recipients that it refused. Returns false if the inquiry was claimed since. */
    settleSent(claim: StoredInquiry, now: Date, failure: string | null = null): Promise<boolean> {
      return settle(claim, { state: "sent", sent_at: now.getTime(), digest_at: null, last_failure: failure });
    },

    /** The mail server did not accept the mail: due again at `dueAt`. Returns false if the inquiry was claimed since. */
    settleFailed(claim: StoredInquiry, state: "pending" | "stuck", dueAt: Date, failure: string): Promise<boolean> {
      return settle(claim, { state, due_at: dueAt.getTime(), last_failure: failure });
    },

    /** Returns the earliest time at which an inquiry can be claimed, or undefined if nothing is left to deliver. */
    async nextDue(now: Date): Promise<Date | undefined> {
      const at = now.getTime();
      const dueAt = sql`case when ${isPast("due_at", at)} then ${at} else due_at end`;
      const leaseEnd = sql`case when ${isPast("lease_until", at)} then ${at} else lease_until end`;
      const earliest = sql<number | null>`min(case when ${leaseEnd} > ${dueAt} then ${leaseEnd} else ${dueAt} end)`.as("at");
      const row = await rows().select(earliest).where("state", "in", undelivered).executeTakeFirst();
      return row?.at == null ? undefined : new Date(row.at);
    },

    /** Returns the references of earlier inquiries from the same address, oldest first. */
    async earlierFrom({ email_key, id }: StoredInquiry): Promise<string[]> {
      const earlier = rows().select("reference").where("email_key", "=", email_key).where("id", "<", id);
      return (await earlier.orderBy("id").execute()).map(({ reference }) => reference);
    },
  };
}

/**
 * Returns an SQL condition: a due time or the end of a lease has passed. A time that is further ahead than `maxRetryMs` was written while a
 * clock was ahead, and counts as passed, because mail would otherwise wait until then.
 */
export function isPast(column: "due_at" | "lease_until", at: number): RawBuilder<boolean> {
  const latest = (state: keyof typeof maxRetryMs) => sql`cast(${at + maxRetryMs[state] + clockSkewMs} as bigint)`; // PostgreSQL cannot infer the type
  const value = sql`coalesce(${sql.ref(column)}, 0)`;
  return sql<boolean>`(${value} <= ${at} or ${value} > case state when 'stuck' then ${latest("stuck")} else ${latest("pending")} end)`;
}
