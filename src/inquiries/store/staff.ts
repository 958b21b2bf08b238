// The part of the store that commands, the digest, alerts and retention use: list, make pending, import, erase, purge.

import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { emailKey } from "../email-address.ts";
import { redactServerReply } from "../smtp.ts";
import { correctFutureTimes } from "./future-times.ts";
import type { createErasures } from "./erasures.ts";
import type { Events } from "./events.ts";
import { countSource, isOverdue } from "./follow-up.ts";
import { importInto, type StoreContent } from "./import.ts";
import { clockSkewMs, isPast } from "./queue.ts";
import { permanentPrefix, states, toInquiry, undelivered } from "./schema.ts";
import type { Database, Engine, EventTable, Incident, State, StoredInquiry } from "./schema.ts";

export type Staff = ReturnType<typeof createStaff>;

export type Summary = {
  counts: Record<State, number>;
  /** Not taken or not answered in time. */
  overdue: number;
  /** Since when the oldest undelivered inquiry has been waiting. */
  oldestUndeliveredAt: Date | undefined;
  /** Why a recent attempt failed permanently (a setting, a staff mailbox), without the mail server's words. */
  permanentFailure: string | undefined;
  /** Why mail sent within a day reached only some of the staff. */
  partialFailure: string | undefined;
  digestFailingSince: Date | undefined;
};

const dayMs = 86_400_000;
const liveCheckMs = 2 * 60_000;
const abandonedLiveCheckMs = 3_600_000;
// After a flood, the digest must not be so large that mail servers refuse it. The next digest lists the others.
const maxQuarantinedInDigest = 200;
const maxSentInDigest = 2_000;

/** See `purge`. */
type PurgeTimes = Record<"sentBefore" | "reportedBefore" | "listedBefore", Date>;

export function createStaff(
  database: Database,
  engine: Engine,
  events: Events,
  erasures: ReturnType<typeof createErasures>,
) {
  const rows = () => database.selectFrom("inquiries").selectAll();
  const update = () => database.updateTable("inquiries");

  return {
    /** Returns all inquiries, or those in one state; newest first. */
    async list(state?: State): Promise<StoredInquiry[]> {
      const newestFirst = rows().orderBy("received_at", "desc").orderBy("id", "desc");
      return (await (state ? newestFirst.where("state", "=", state) : newestFirst).execute()).map(
        toInquiry,
      );
    },

    /** Returns the inquiries from an email address, whose case is ignored; oldest first. */
    async listByAddress(email: string): Promise<StoredInquiry[]> {
      return (await rows().where("email_key", "=", emailKey(email)).orderBy("id").execute()).map(
        toInquiry,
      );
    },

    /** Throws if nothing can be committed. Writes a row, because a statement that changes nothing would succeed on a full disk. */
    checkWritable: (now: Date): Promise<void> => events.record("probe", now),

    /** Returns counts and failures, which `deliveryProblems` turns into words. */
    async summary(now: Date): Promise<Summary> {
      const byState = database.selectFrom("inquiries").groupBy("state");
      const groups = await byState.select(["state", sql<number>`count(*)`.as("count")]).execute();
      const overdue = database
        .selectFrom("inquiries")
        .select(sql<number>`count(*)`.as("count"))
        .where(isOverdue(now.getTime()));
      const oldest = await rows()
        .where("state", "in", undelivered)
        .orderBy("waiting_since")
        .limit(1)
        .executeTakeFirst();
      const lastPermanentFailure = async (among: ReturnType<typeof rows>) => {
        const failures = among.where("last_failure", "like", `${permanentPrefix}%`);
        const failed = await failures.orderBy("due_at", "desc").limit(1).executeTakeFirst();
        return failed?.last_failure
          ? redactServerReply(failed.last_failure.slice(permanentPrefix.length))
          : undefined;
      };
      const dayAgo = now.getTime() - dayMs;
      const none = Object.fromEntries(states.map((state) => [state, 0]));
      return {
        counts: {
          ...none,
          ...Object.fromEntries(groups.map(({ state, count }) => [state, count])),
        } as Record<State, number>,
        overdue: (await overdue.executeTakeFirstOrThrow()).count,
        oldestUndeliveredAt: oldest && new Date(oldest.waiting_since),
        permanentFailure: await lastPermanentFailure(rows().where("state", "in", undelivered)),
        partialFailure: await lastPermanentFailure(
          rows().where("state", "=", "sent").where("sent_at", ">", dayAgo),
        ),
        digestFailingSince: await events.timeOf("digest-failing"),
      };
    },

    timeOf: (name: EventTable["name"]) => events.timeOf(name),
    setIncident: (name: Incident, since: Date | undefined) => events.setIncident(name, since),

    /**
     * Returns inquiries that were quarantined or sent before `before` and that no digest has listed, oldest first. A time in the future, beyond
     * clock skew, was written while a clock was ahead and counts as earlier.
     */
    async notInDigest(before: Date, now: Date): Promise<StoredInquiry[]> {
      const isEarlier = (column: "received_at" | "sent_at") =>
        sql<boolean>`(${sql.ref(column)} < ${before.getTime()} or ${sql.ref(column)} > ${now.getTime() + clockSkewMs})`;
      const notListed = rows().where("digest_at", "is", null).orderBy("received_at").orderBy("id");
      const quarantined = notListed
        .where("state", "=", "quarantined")
        .where(isEarlier("received_at"));
      const sent = notListed.where("state", "=", "sent").where(isEarlier("sent_at"));
      return [
        ...(await quarantined.limit(maxQuarantinedInDigest).execute()),
        ...(await sent.limit(maxSentInDigest).execute()),
      ].map(toInquiry);
    },

    /** Records that a digest listed these inquiries. One whose state has changed since will be listed again. */
    async markInDigest(inquiries: StoredInquiry[], now: Date): Promise<void> {
      await events.record("digest", now);
      for (const [state, listed] of Map.groupBy(inquiries, ({ state }) => state)) {
        const ids = listed.map(({ id }) => id);
        const unchanged = update()
          .where("id", "in", ids)
          .where("state", "=", state)
          .where("digest_at", "is", null);
        await unchanged.set({ digest_at: now.getTime() }).execute();
      }
    },

    /** If an inquiry is in one of the states `from`, makes it pending and due now. Returns whether it was. */
    makePending(reference: string, from: readonly State[], now: Date): Promise<boolean> {
      const at = now.getTime();
      const change = {
        state: "pending",
        due_at: at,
        waiting_since: at,
        last_failure: null,
        lease_owner: null,
        lease_until: null,
      } as const;
      return database.transaction().execute(async (transaction) => {
        const one = transaction
          .updateTable("inquiries")
          .set(change)
          .where("reference", "=", reference)
          .where("state", "in", from);
        const moved = await one.returning(["received_at", "source_slug"]).executeTakeFirst();
        if (moved && from.includes("quarantined")) await countSource(transaction, moved);
        return moved !== undefined;
      });
    },

    /** Makes every undelivered inquiry due now, except one that is being sent. */
    async makeDue(now: Date): Promise<void> {
      const waiting = update().set({ due_at: now.getTime() }).where("state", "in", undelivered);
      await waiting.where(isPast("lease_until", now.getTime())).execute();
    },

    /** See `correctFutureTimes`. */
    correctFutureTimes: (now: Date): Promise<void> => correctFutureTimes(database, events, now),

    /**
     * Deletes inquiries that were sent before `sentBefore` and were answered, closed, or reported to staff as overdue before
     * `reportedBefore`. Also deletes quarantined ones that a digest listed before `listedBefore`. Calls `beforeDelete` with them first: if
     * the process dies in between, the next purge repeats both. Does not delete an inquiry whose state changes meanwhile. Returns the
     * references of the deleted ones.
     */
    async purge(
      { sentBefore, reportedBefore, listedBefore }: PurgeTimes,
      beforeDelete?: (expired: StoredInquiry[]) => Promise<unknown>,
    ) {
      const reported = reportedBefore.getTime();
      const expired = sql<boolean>`
        (state = 'quarantined' and digest_at < ${listedBefore.getTime()}) or (state = 'sent' and sent_at < ${sentBefore.getTime()} and (
          answered_at is not null or closed_at is not null or overdue_digest_at < ${reported} or overdue_alert_at < ${reported}
          or (answer_by is null and digest_at < ${reported})))`;
      await beforeDelete?.((await rows().where(expired).execute()).map(toInquiry));
      const deleted = await database
        .deleteFrom("inquiries")
        .where(expired)
        .returning("reference")
        .execute();
      await engine.cleanUp(); // even if nothing was deleted: an earlier clean-up may have been blocked
      return deleted.map(({ reference }) => reference);
    },

    /** Deletes inquiries in any state. See `createErasures`. */
    erase: (inquiries: StoredInquiry[]): Promise<void> =>
      erasures.erase(inquiries.map(({ reference }) => reference)),

    /** See `importInto`. */
    importFrom: (source: StoreContent): Promise<number> =>
      importInto(database, source, new Set(erasures.read())),

    /** Returns a token, valid for two minutes, that marks one inquiry as a live check. Only a process that can write to the store can get one. */
    async issueLiveCheckToken(now: Date): Promise<string> {
      const tokens = database.deleteFrom("events").where("name", "like", "live-check %");
      await tokens.where("at", "<=", now.getTime()).execute();
      const token = randomBytes(32).toString("hex");
      await events.record(`live-check ${token}`, new Date(now.getTime() + liveCheckMs));
      return token;
    },

    /** Deletes a live check, and those older than an hour, left by a doctor that was killed. */
    async deleteLiveCheck(reference: string, now: Date): Promise<void> {
      const checks = database.deleteFrom("inquiries").where("state", "=", "live-check");
      const isAbandoned = sql<boolean>`received_at < ${now.getTime() - abandonedLiveCheckMs}`;
      await checks
        .where((row) => row.or([row("reference", "=", reference), isAbandoned]))
        .execute();
    },
  };
}
