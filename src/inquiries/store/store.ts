// The store of inquiries: from the moment one is accepted until it is deleted on schedule.
//
//   state        meaning                                            next state
//   pending      committed; staff do not have it yet                sent: the mail server (or the mail folder) accepted the mail
//                                                                   stuck: five days of failed attempts
//   stuck        as pending, retried every six hours, alerted       sent · pending: `resend`
//   quarantined  looks like spam; listed in the digest              pending: `release` · deleted QUARANTINE_DAYS after that digest
//   sent         the mail server accepted it: no proof of arrival   pending: `resend` · deleted RETENTION_DAYS later, see below
//   live-check   sent by doctor; never mailed                       deleted by doctor, at the latest when it runs again
//
// Every state also ends with `erase`. Nothing that staff have not been shown is deleted by a program: an inquiry that nobody marked as
// answered or closed is not deleted until some days after a digest or the alert webhook reported it as overdue. Marks do not change the state.
//
// An inquiry is accepted when its row is committed with synchronous=FULL, and only then does the visitor read "thank you". Delivery claims a
// row by a lease and settles it only while it holds the lease (owner and attempt are the fence). If the process dies in between, the lease
// ends and another process delivers again. The limit is "at least once": every copy has the Message-ID that was stored at acceptance.

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
import { cleanUpUnlessRead, migrations, StoreError, type Database, type Engine } from "./schema.ts";
import { openSqlite } from "./sqlite.ts";
import { createStaff } from "./staff.ts";

export type Store = Awaited<ReturnType<typeof createStore>>;

/**
 * Returns the store in a SQLite file, or in PostgreSQL, where the file's folder only holds the list of erased references. Its first query opens
 * the database and migrates its tables, and if that fails, the next query tries it again. Until then every query throws: a StoreError where the
 * database cannot be opened, is not durable, or is more than one migration ahead of this release. `onOpen` gets the number of erased inquiries
 * that a restored backup had brought back. They are erased again. `messageIdDomain` is the part after the @ in the Message-IDs of new inquiries.
 */
export async function createStore(
  file: string,
  messageIdDomain: string,
  postgres?: PostgresSettings,
  onOpen: (erasedAgain: number) => void = () => {},
) {
  const engine = postgres ? (await import("./postgres.ts")).openPostgres(postgres) : openSqlite(file);
  const driver = engine.dialect.createDriver();
  const overDriver = (init: Driver["init"]): Database =>
    new Kysely({ dialect: { ...engine.dialect, createDriver: () => ({ ...driver, init }) } });
  const database = overDriver(async () => {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    const opening = overDriver(() => driver.init());
    try {
      if (await migrate(opening, engine)) await cleanUpUnlessRead(engine); // what a migration rewrote is still in the files
      onOpen(await createErasures(opening, engine, file).reapply());
    } catch (error) {
      await opening.destroy();
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

    /** Opens the database now. Throws as described above. */
    open: async () => void (await events.timeOf("probe")),

    /** Releases the lease and closes the connections. */
    async close(): Promise<void> {
      await events.releaseLease().catch(() => undefined); // it expires by itself
      await database.destroy();
    },
  };
}

/** Returns a store that is open, with the number of inquiries that were erased again. Throws as described above. */
export async function openStore(file: string, messageIdDomain: string, postgres?: PostgresSettings) {
  let erasedAgain = 0;
  const store = await createStore(file, messageIdDomain, postgres, (count) => (erasedAgain = count));
  await store.open();
  return { ...store, erasedAgain };
}

/** Runs the migrations that the database lacks. Returns whether it changed tables that had rows before. */
async function migrate(database: Database, engine: Engine): Promise<boolean> {
  const own = migrations(engine);
  const executed = await executedMigrations(database);
  const unknown = executed.filter((name) => !Object.hasOwn(own, name));
  if (unknown.length > 1)
    throw new StoreError(`${engine.name} was written by a newer version of this site: start that one, or restore a backup.`);
  // Kysely refuses a database with a migration that it is not given, so the one of the next release is given as an empty one.
  const empty = { up: () => Promise.resolve() };
  const provided = { ...own, ...Object.fromEntries(unknown.map((name) => [name, empty])) };
  const migrator = new Migrator({ db: database, provider: { getMigrations: () => Promise.resolve(provided) } });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error) throw error;
  // The release before 0004-follow-up writes this state, also after the migration. A mail that came back reached nobody: it is sent again.
  const bounced = database.updateTable("inquiries").where(sql<boolean>`state = 'bounced'`);
  await bounced.set((row) => ({ state: "pending", due_at: row.ref("received_at"), waiting_since: row.ref("received_at") })).execute();
  return executed.length > 0 && results.length > 0;
}

async function executedMigrations(database: Database): Promise<string[]> {
  const table = "kysely_migration";
  const tables = await database.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === table)) return [];
  const rows = await database.withTables<{ [table]: { name: string } }>().selectFrom(table).select("name").execute();
  return rows.map(({ name }) => name);
}
