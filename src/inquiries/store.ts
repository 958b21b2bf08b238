// Where inquiries live until staff have them, and for the promised days after.
//
//   state        meaning                                   leaves it when
//   pending      committed; staff do not have it yet       the mail server accepted the mail -> handed-over
//   handed-over  the mail server (or the mail folder)      RETENTION_DAYS later the row is deleted
//                accepted the mail
//
// An inquiry is accepted at the instant its row is committed with synchronous=FULL; only then does the visitor read "thank you".
// A deliverer takes a pending row by a lease and settles it only while the lease is still its own. If it dies in between, the lease
// runs out and another delivers again: at least once, and every copy carries the Message-ID that was stored at acceptance.

import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Kysely, sql, type Generated, type Selectable } from "kysely";
import { Migrator } from "kysely/migration";
import type { Inquiry } from "./inquiry.ts";
import { createReference } from "./reference.ts";
import { isLocked, openSqlite } from "./sqlite.ts";
import { migrations } from "./store-migrations.ts";

export type State = "pending" | "handed-over";

/** All instants are milliseconds since 1970. */
type InquiryTable = Inquiry & {
  id: Generated<number>;
  reference: string;
  message_id: string;
  content_key: string | null;
  received_at: number;
  /** The article the form stood under, as slug and as the title shown then; empty: the contact page. */
  source_slug: string;
  source_title: string;
  state: State;
  attempts: number;
  due_at: number;
  lease_owner: string | null;
  lease_until: number | null;
  handed_over_at: number | null;
  last_failure: string | null;
};
export type StoredInquiry = Selectable<InquiryTable>;

export type Source = { slug: string; title: string };

export type Store = Awaited<ReturnType<typeof openStore>>;

// The same content within a day is the same inquiry: a double click, a reload, an impatient second try.
const sameContentMs = 24 * 3_600_000;

/**
 * Opens the store and brings its tables up to date. `messageIdDomain` stands behind the @ of the Message-IDs of new inquiries.
 * Throws where the file cannot be opened, is not durable, or was written by a newer version.
 */
export async function openStore(file: string, messageIdDomain: string) {
  const database = new Kysely<{ inquiries: InquiryTable }>({ dialect: openSqlite(file) });
  const migrator = new Migrator({ db: database, provider: { getMigrations: () => Promise.resolve(migrations) } });
  const { error } = await migrator.migrateToLatest();
  if (error) {
    await database.destroy();
    const newer = error instanceof Error && /previously executed migration .* is missing/.test(error.message);
    throw newer
      ? new Error(`${file} was written by a newer version of this site: start that version, or restore a backup.`)
      : error;
  }

  return {
    /**
     * Commits an inquiry durably. The same content within 24 hours is not stored again: the answer is the first one's,
     * with `repeated: true`. Throws where it could not be committed; then nothing was stored.
     */
    accept(inquiry: Inquiry, source: Source, now: Date): Promise<{ stored: StoredInquiry; repeated: boolean }> {
      const at = now.getTime();
      const reference = createReference();
      const row = {
        ...inquiry,
        reference,
        message_id: `<${reference.toLowerCase()}@${messageIdDomain}>`,
        content_key: contentKey(inquiry),
        received_at: at,
        source_slug: source.slug,
        source_title: source.title,
        state: "pending" as const,
        attempts: 0,
        due_at: at,
      };
      return whenUnlocked(() =>
        database.transaction().execute(async (transaction) => {
          await transaction
            .updateTable("inquiries")
            .set({ content_key: null })
            .where("content_key", "=", row.content_key)
            .where("received_at", "<=", at - sameContentMs)
            .execute();
          const stored = await transaction
            .insertInto("inquiries")
            .values(row)
            .onConflict((conflict) => conflict.column("content_key").doNothing())
            .returningAll()
            .executeTakeFirst();
          if (stored) return { stored, repeated: false };
          const earlier = transaction.selectFrom("inquiries").selectAll().where("content_key", "=", row.content_key);
          return { stored: await earlier.executeTakeFirstOrThrow(), repeated: true };
        }),
      );
    },

    find(reference: string): Promise<StoredInquiry | undefined> {
      return whenUnlocked(() =>
        database.selectFrom("inquiries").selectAll().where("reference", "=", reference).executeTakeFirst(),
      );
    },

    /** Takes up to `limit` due inquiries, oldest first, for `leaseMs`; nobody else gets them until the lease runs out. */
    async claimDue(owner: string, now: Date, leaseMs: number, limit: number): Promise<StoredInquiry[]> {
      const at = now.getTime();
      const claimed = await whenUnlocked(() =>
        database
          .updateTable("inquiries")
          .set((expression) => ({
            lease_owner: owner,
            lease_until: at + leaseMs,
            attempts: expression("attempts", "+", 1),
          }))
          .where("id", "in", (due) =>
            due
              .selectFrom("inquiries")
              .select("id")
              .where("state", "=", "pending")
              .where("due_at", "<=", at)
              .where((lease) => lease.or([lease("lease_until", "is", null), lease("lease_until", "<=", at)]))
              .orderBy("received_at")
              .orderBy("id")
              .limit(limit),
          )
          .returningAll()
          .execute(),
      );
      return claimed.sort((a, b) => a.received_at - b.received_at || a.id - b.id); // RETURNING promises no order
    },

    /** The mail was accepted. False where the lease was no longer ours, so that somebody else settles it. */
    settleHandedOver(claim: StoredInquiry, now: Date): Promise<boolean> {
      return settle(claim, { state: "handed-over", handed_over_at: now.getTime(), last_failure: null });
    },

    /** The mail was not accepted: due again at `dueAt`, with the reason (no personal data in it). */
    settleFailed(claim: StoredInquiry, dueAt: Date, reason: string): Promise<boolean> {
      return settle(claim, { due_at: dueAt.getTime(), last_failure: reason });
    },

    /** The instant at which the next pending inquiry is due or its lease ends; undefined: nothing is pending. */
    async nextDue(): Promise<Date | undefined> {
      const row = await whenUnlocked(() =>
        database
          .selectFrom("inquiries")
          .select(sql<number | null>`min(max(due_at, coalesce(lease_until, 0)))`.as("at"))
          .where("state", "=", "pending")
          .executeTakeFirst(),
      );
      return row?.at == null ? undefined : new Date(row.at);
    },

    /** Inquiries by state, and when the oldest pending one was received. Throws unless the store can be written at this moment. */
    async summary(): Promise<{ counts: Record<State, number>; oldestPendingAt: Date | undefined }> {
      await whenUnlocked(() => database.updateTable("inquiries").set({ attempts: 0 }).where("id", "=", -1).execute());
      const rows = await whenUnlocked(() =>
        database
          .selectFrom("inquiries")
          .select((select) => [
            "state",
            select.fn.countAll<number>().as("count"),
            select.fn.min("received_at").as("oldest"),
          ])
          .groupBy("state")
          .execute(),
      );
      const counts: Record<State, number> = { pending: 0, "handed-over": 0 };
      for (const row of rows) counts[row.state] = row.count;
      const oldest = rows.find((row) => row.state === "pending")?.oldest;
      return { counts, oldestPendingAt: oldest === undefined ? undefined : new Date(oldest) };
    },

    /** Deletes what was handed over before `before`, so that its text is in no file any more. Returns the references. */
    async purgeHandedOver(before: Date): Promise<string[]> {
      const gone = await whenUnlocked(() =>
        database
          .deleteFrom("inquiries")
          .where("state", "=", "handed-over")
          .where("handed_over_at", "<", before.getTime())
          .returning("reference")
          .execute(),
      );
      // secure_delete has blanked the pages; the write-ahead log still holds older copies of them until it is cut.
      if (gone.length > 0) await whenUnlocked(() => sql`PRAGMA wal_checkpoint(TRUNCATE)`.execute(database));
      return gone.map((row) => row.reference);
    },

    close: () => database.destroy(),
  };

  async function settle(claim: StoredInquiry, change: Partial<StoredInquiry>): Promise<boolean> {
    const settled = await whenUnlocked(() =>
      database
        .updateTable("inquiries")
        .set({ ...change, lease_owner: null, lease_until: null })
        .where("id", "=", claim.id)
        .where("state", "=", "pending")
        .where("lease_owner", "=", claim.lease_owner)
        .where("attempts", "=", claim.attempts)
        .executeTakeFirst(),
    );
    return settled.numUpdatedRows === 1n;
  }
}

/** What makes two inquiries the same: every answer, but not the page it was sent from. */
function contentKey(inquiry: Inquiry): string {
  const { name, email, company, kind, start, message } = inquiry;
  const answers = [name, email.toLowerCase(), company, kind, start, message];
  return createHash("sha256").update(JSON.stringify(answers)).digest("hex");
}

/** Tries again while another process holds the lock, letting the event loop go on in between; gives up after about 2 s. */
async function whenUnlocked<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isLocked(error) || attempt === 20) throw error;
      await sleep(50);
    }
  }
}
