// The store of inquiries, from acceptance to scheduled deletion.
//
//   state        meaning                                            next state
//   pending      committed; staff do not have it yet                sent: the mail server (or the mail folder) accepted the mail
//                                                                   stuck: five days of failed attempts
//   stuck        as pending, retried every six hours, alerted       sent · pending: `resend`
//   quarantined  looks like spam; listed in the digest              pending: `release` · deleted QUARANTINE_DAYS after that digest
//   sent         the mail server accepted it, no proof of arrival   pending: `resend` · deleted RETENTION_DAYS later, see below
//   live-check   sent by doctor; never mailed                       deleted by doctor, at the latest by its next run
//
// `erase` deletes in every state. No inquiry is deleted automatically before staff have seen it: one that nobody marked as answered or
// closed is deleted only some days after a digest or the alert webhook reported it as overdue. Marks do not change the state.
//
// An inquiry is accepted when its row is committed with synchronous=FULL. Only then does the visitor get a receipt. Delivery claims a row
// with a lease and settles it only while it holds the lease (owner and attempt are the fencing token). If the process dies in between, the
// lease expires and another process delivers again. Delivery is at least once: every copy has the Message-ID that was stored at acceptance.

import { mkdirSync } from "node:fs";
import path from "node:path";
import { Kysely, sql, type Driver } from "kysely";
import { Migrator } from "kysely/migration";
import { createErasures } from "./erasures.ts";
import { createEvents } from "./events.ts";
import { createFollowUp } from "./follow-up.ts";
import { createInbox } from "./inbox.ts";
import type { PostgresSettings } from "./postgres.ts";
import { createQueue } from "./queue.ts";
import { migrations, StoreError, type Database, type Engine } from "./schema.ts";
import { openSqlite } from "./sqlite.ts";
import { createStaff } from "./staff.ts";

export type Store = Awaited<ReturnType<typeof createStore>>;

/**
 * Returns the store in a SQLite file or in PostgreSQL; with PostgreSQL, the file's folder only contains the list of erased references. The
 * first query opens the database and runs migrations. If that fails, the query throws, and the next query tries again. It is a StoreError
 * if the database cannot be opened, is not durable, or is more than one migration ahead of this release. `onOpen` is called with the number
 * of inquiries that had been erased, were back after a restore, and were erased again. `messageIdDomain` is the part after the @ in new
 * Message-IDs.
 */
export async function createStore(
  file: string,
  messageIdDomain: string,
  postgres?: PostgresSettings,
  onOpen: (erasedAgain: number) => void = () => {},
) {
  const engine = postgres
    ? (await import("./postgres.ts")).openPostgres(postgres)
    : openSqlite(file);
  const driver = engine.dialect.createDriver();
  // Both instances of Kysely use this driver: `migrating` runs inside the init of `database`, so every query waits for the migrations.
  const createDatabase = (init: Driver["init"]): Database =>
    new Kysely({ dialect: { ...engine.dialect, createDriver: () => ({ ...driver, init }) } });
  const database = createDatabase(async () => {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    const migrating = createDatabase(() => driver.init());
    try {
      await migrate(migrating, engine);
      onOpen(await createErasures(migrating, engine, file).reapply());
    } catch (error) {
      await migrating.destroy();
      throw error;
    }
  });
  const events = createEvents(database);
  return {
    /** Names the database in messages. */
    name: engine.name,
    inbox: createInbox(database, engine, messageIdDomain),
    queue: createQueue(database, engine),
    staff: createStaff(database, engine, events, createErasures(database, engine, file)),
    followUp: createFollowUp(database),
    acquireLease: (now: Date) => events.acquireLease(now),

    /** Opens the database now. Throws like the first query. */
    open: async () => void (await events.timeOf("probe")),

    /** Releases the lease and closes the connections. */
    async close(): Promise<void> {
      await events.releaseLease().catch(() => undefined); // it expires by itself
      await database.destroy();
    },
  };
}

/** Returns an open store and the number of inquiries that were erased again. Throws like the first query of a store. */
export async function openStore(
  file: string,
  messageIdDomain: string,
  postgres?: PostgresSettings,
) {
  let erasedAgain = 0;
  const store = await createStore(
    file,
    messageIdDomain,
    postgres,
    (count) => (erasedAgain = count),
  );
  await store.open();
  return { ...store, erasedAgain };
}

/** Runs the missing migrations. The files contain what they rewrote until the next purge. */
async function migrate(database: Database, engine: Engine): Promise<void> {
  const own = migrations(engine);
  const unknown = (await executedMigrations(database)).filter((name) => !Object.hasOwn(own, name));
  if (unknown.length > 1)
    throw new StoreError(
      `${engine.name} was written by a newer version of this site: start that one, or restore a backup.`,
    );
  // Kysely refuses a database with an unknown migration, so an empty migration stands in for that of the next release.
  const empty = { up: () => Promise.resolve() };
  const provided = { ...own, ...Object.fromEntries(unknown.map((name) => [name, empty])) };
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: () => Promise.resolve(provided) },
  });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
  // The release before 0004-follow-up may still write this state after the migration. A bounced mail reached nobody, so it is sent again.
  const bounced = database.updateTable("inquiries").where(sql<boolean>`state = 'bounced'`);
  await bounced
    .set((row) => ({
      state: "pending",
      due_at: row.ref("received_at"),
      waiting_since: row.ref("received_at"),
    }))
    .execute();
}

async function executedMigrations(database: Database): Promise<string[]> {
  const table = "kysely_migration";
  const tables = await database.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === table)) return [];
  const rows = await database
    .withTables<{ [table]: { name: string } }>()
    .selectFrom(table)
    .select("name")
    .execute();
  return rows.map(({ name }) => name);
}
