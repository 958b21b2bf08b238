// Where inquiries live until staff have them, and for the promised days after.
//
//   state        meaning                                          leaves it for
//   pending      committed; staff do not have it yet              handed-over: the mail server (or folder) accepted the mail
//                                                                 stuck: five days of failed attempts
//   stuck        as pending, tried every six hours, alarmed       handed-over · pending: `resend`
//   quarantined  suspicious; shown in full in the daily mail      pending: `release` · gone: QUARANTINE_DAYS after that mail
//   handed-over  the mail server said yes: not proof of arrival   bounced, pending: `bounced`, `resend`
//                                                                 gone: RETENTION_DAYS later
//   bounced      staff saw it come back; theirs to answer         pending: `resend` · never gone by age
//   live-check   sent by doctor; nobody is told                   gone: doctor deletes it, at the latest when it runs again
//
// Every state ends with `erase` too. Nothing that staff have not been shown is removed by a program.
//
// An inquiry is accepted at the instant its row is committed with synchronous=FULL; only then does the visitor read "thank you".
// A deliverer takes a row by a lease and settles it only while that lease is its own (owner and attempt are the fence). If it dies in
// between, the lease runs out and another delivers again. The honest limit: at least once, and every copy carries the Message-ID that was
// stored at acceptance.

import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Kysely, sql, type CompiledQuery, type Insertable } from "kysely";
import { Migrator } from "kysely/migration";
import { again } from "./again.ts";
import type { Inquiry } from "./inquiry.ts";
import { liveCheckQueries } from "./live-check.ts";
import type { PostgresSettings } from "./postgres.ts";
import { createReference } from "./reference.ts";
import { openSqlite, StoreError } from "./sqlite.ts";
import { migrations, undelivered, type Database, type InquiryTable, type StoredInquiry } from "./store-schema.ts";
import { emailKey, isPast, staffQueries } from "./store-staff.ts";
import { turnQueries } from "./turn.ts";

export type Store = Awaited<ReturnType<typeof openStore>>;

/** What comes with an inquiry: where it was sent from, why it is suspicious (empty: it is not), and whether it is ours. */
export type Circumstances = { slug: string; title: string; suspicion: string; liveCheck?: boolean };
type Row = Insertable<InquiryTable>;
type Accepted = { stored: StoredInquiry; repeated: boolean };

// The same content within a day is the same inquiry: a double click, a reload, an impatient second try.
const sameContentMs = 24 * 3_600_000;

/**
 * Opens the store and brings its tables up to date: the file, or PostgreSQL, and then beside that file what a restored dump must not undo.
 * `messageIdDomain` stands behind the @ of the Message-IDs of new inquiries.
 * Throws where it cannot be opened, is not durable, or was written by a newer version.
 */
export async function openStore(file: string, messageIdDomain: string, postgres?: PostgresSettings) {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const engine = postgres ? (await import("./postgres.ts")).openPostgres(postgres) : openSqlite(file);
  const database: Database = new Kysely({ dialect: engine.dialect });
  const migrator = new Migrator({ db: database, provider: { getMigrations: () => Promise.resolve(migrations(engine)) } });
  const { error } = await migrator.migrateToLatest();
  if (error) {
    await database.destroy();
    const newer = /previously executed migration .* is missing/.test((error as Error).message);
    throw newer
      ? new StoreError(`${engine.name} was written by a newer version of this site: start that one, or restore a backup.`)
      : error;
  }

  // Inquiries that arrive in one turn of the event loop share one transaction, since a commit costs the same for one and for fifty.
  // 3.3 times as many fit into a second: docs/decisions/0007, `npm run bench`.
  let waiting: Row[] = [];
  let committed: Promise<Map<Row, Accepted>> | undefined;

  async function commitWaiting(): Promise<Map<Row, Accepted>> {
    await nextTurn();
    // In the order of their keys, so that two instances with the same two inquiries wait for each other in the same order.
    const group = waiting.sort((a, b) => ((a.content_key ?? "") < (b.content_key ?? "") ? -1 : 1));
    waiting = [];
    return persist(() => commit(group)); // if only the answer was lost, the second try finds its own rows
  }

  /** Does what may be done twice again where the connection was lost on the way. */
  const persist = <Result>(work: () => Promise<Result>) => again(work, engine.isPassing, 3, 0);

  function commit(group: Row[]): Promise<Map<Row, Accepted>> {
    return database.transaction().execute(async (transaction) => {
      const accepted = new Map<Row, Accepted>();
      for (const row of group) accepted.set(row, await insert(transaction, row));
      return accepted;
    });
  }

  let insertion: CompiledQuery<StoredInquiry> | undefined; // compiled once: building it anew took as long as SQLite needs to store a row

  /** Adds a row, unless the same content came within a day; an older row forgets its content, and keeps the rest. */
  async function insert(transaction: Database, row: Row): Promise<Accepted> {
    insertion ??= compileInsertion(transaction, row);
    for (;;) {
      const added = await transaction.executeQuery<StoredInquiry>({ ...insertion, parameters: Object.values(row) });
      if (added.rows[0]) return { stored: added.rows[0], repeated: false };
      const holder = transaction
        .selectFrom("inquiries")
        .selectAll()
        .where("content_key", "=", row.content_key ?? "");
      const same = await holder.executeTakeFirst();
      if (!same) continue; // it was deleted at this moment
      if (same.received_at > row.received_at - sameContentMs) return { stored: same, repeated: same.reference !== row.reference };
      await transaction.updateTable("inquiries").set({ content_key: null }).where("id", "=", same.id).execute();
    }
  }

  const rows = () => database.selectFrom("inquiries");

  async function settle(claim: StoredInquiry, change: Partial<StoredInquiry>): Promise<boolean> {
    const update = database.updateTable("inquiries").set({ ...change, lease_owner: null, lease_until: null });
    const ours = update.where("id", "=", claim.id).where("state", "in", undelivered);
    const fenced = ours.where("lease_owner", "=", claim.lease_owner).where("attempts", "=", claim.attempts);
    return (await fenced.executeTakeFirst()).numUpdatedRows === 1n;
  }

  const turn = turnQueries(database);
  const staff = staffQueries(database, engine, file);
  /** How many inquiries an older backup had brought back although they were erased. */
  const erasedAgain = await staff.repeatErasures();

  return {
    /** Where it is, as messages say it. */
    name: engine.name,
    ...staff,
    ...liveCheckQueries(database),
    ...turn,
    erasedAgain,

    /**
     * Commits an inquiry durably. The same content within 24 hours is not stored again: the answer is the first one's, with
     * `repeated: true`. Throws where it could not be committed; then nothing was stored.
     */
    async accept(inquiry: Inquiry, { slug, title, suspicion, liveCheck }: Circumstances, now: Date): Promise<Accepted> {
      const at = now.getTime();
      const reference = createReference();
      const { name, email, company, kind, start, message } = inquiry;
      // Every row names its columns in this order, which the compiled insertion counts on.
      const row: Row = {
        name,
        email,
        company,
        kind,
        start,
        message,
        reference,
        message_id: `<${reference.toLowerCase()}@${messageIdDomain}>`,
        content_key: liveCheck ? null : contentKey(inquiry),
        email_key: emailKey(email),
        received_at: at,
        waiting_since: at,
        source_slug: slug,
        source_title: title,
        state: liveCheck ? "live-check" : suspicion ? "quarantined" : "pending",
        suspicion,
        attempts: 0,
        due_at: at,
      };
      if (waiting.push(row) === 1) committed = commitWaiting();
      return (await committed)?.get(row) as Accepted;
    },

    /** The inquiry with the same content, if one came within the last 24 hours. */
    findSame(inquiry: Inquiry, now: Date): Promise<StoredInquiry | undefined> {
      const same = rows().selectAll().where("content_key", "=", contentKey(inquiry));
      return persist(() => same.where("received_at", ">", now.getTime() - sameContentMs).executeTakeFirst());
    },

    find(reference: string): Promise<StoredInquiry | undefined> {
      return persist(() => rows().selectAll().where("reference", "=", reference).executeTakeFirst());
    },

    /** How many inquiries were accepted since then, in any state; ours do not count. */
    async countSince(since: Date): Promise<number> {
      const count = rows().select(sql<number>`count(*)`.as("count"));
      const lately = count.where("state", "!=", "live-check").where("received_at", ">", since.getTime());
      return (await persist(() => lately.executeTakeFirstOrThrow())).count;
    },

    /** References of what the same address sent before this one, oldest first. */
    async earlierFrom({ email_key, id }: StoredInquiry): Promise<string[]> {
      const fromAddress = rows().select("reference").where("email_key", "=", email_key);
      return (await fromAddress.where("id", "<", id).orderBy("id").execute()).map(({ reference }) => reference);
    },

    /**
     * Takes the due inquiry that has waited longest, for `leaseMs`; nobody else gets it until the lease runs out. A row that claims to have
     * waited since an instant in the future was stored by a clock that was ahead: it has waited since now.
     */
    claimDue(owner: string, now: Date, leaseMs: number): Promise<StoredInquiry | undefined> {
      const at = now.getTime();
      const due = rows().select("id").where("state", "in", undelivered).where(isPast("due_at", at));
      const oldest = due.where(isPast("lease_until", at)).orderBy("received_at").orderBy("id").limit(1);
      // `=` and not `in`, for which PostgreSQL may look more than once and take more than one.
      const claim = database.updateTable("inquiries").where("id", "=", engine.shared ? oldest.forUpdate().skipLocked() : oldest);
      const waitingSince = sql<number>`case when waiting_since > ${at} then ${at} else waiting_since end`;
      const lease = { lease_owner: owner, lease_until: at + leaseMs, attempts: sql<number>`attempts + 1`, waiting_since: waitingSince };
      return claim.set(lease).returningAll().executeTakeFirst();
    },

    /** The mail was accepted. False where the lease was no longer ours, so that somebody else settles it. */
    settleHandedOver(claim: StoredInquiry, now: Date, failure: string | null = null): Promise<boolean> {
      return settle(claim, { state: "handed-over", handed_over_at: now.getTime(), listed_at: null, last_failure: failure });
    },

    /** The mail was not accepted: due again at `dueAt`, with the reason. */
    settleFailed(claim: StoredInquiry, state: "pending" | "stuck", dueAt: Date, failure: string): Promise<boolean> {
      return settle(claim, { state, due_at: dueAt.getTime(), last_failure: failure });
    },

    /** The instant at which the next inquiry is due or its lease ends; undefined: nothing is left to deliver. */
    async nextDue(now: Date): Promise<Date | undefined> {
      const at = now.getTime();
      const dueAt = sql`case when ${isPast("due_at", at)} then ${at} else due_at end`;
      const leaseEnd = sql`case when ${isPast("lease_until", at)} then ${at} else lease_until end`;
      const earliest = sql<number | null>`min(case when ${leaseEnd} > ${dueAt} then ${leaseEnd} else ${dueAt} end)`.as("at");
      const row = await rows().select(earliest).where("state", "in", undelivered).executeTakeFirst();
      return row?.at == null ? undefined : new Date(row.at);
    },

    /** Leaves our turn to others, and closes. */
    async close(): Promise<void> {
      await turn.giveUpTurn().catch(() => undefined); // without the database it runs out by itself
      await database.destroy();
    },
  };
}

function compileInsertion(database: Database, row: Row): CompiledQuery<StoredInquiry> {
  const add = database.insertInto("inquiries").values(row).returningAll();
  return add.onConflict((same) => same.column("content_key").doNothing()).compile();
}

/** What makes two inquiries the same: every answer, but not the page it was sent from. */
function contentKey(inquiry: Inquiry): string {
  const { name, email, company, kind, start, message } = inquiry;
  const answers = [name, emailKey(email), company, kind, start, message];
  return createHash("sha256").update(JSON.stringify(answers)).digest("hex");
}
