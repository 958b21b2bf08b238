// The store of inquiries, from acceptance to scheduled deletion.
//
// An inquiry is accepted when its row is committed with synchronous=FULL. Only then does the visitor
// get a receipt. Delivery claims a row with a lease and settles it only while it holds the lease
// (owner and attempt are the fencing token). If the process dies in between, the lease expires and
// another process delivers again. Delivery is at least once: every copy has the Message-ID that was
// stored at acceptance.

import path from "node:path";
import { mkdirSync } from "node:fs";
import { openWhenUsed, postgresDialect, sqliteDialect, type Database } from "./database.ts";
import { createDeliveryQueries } from "./delivery-queries.ts";
import { eraseAgain, erasuresFile } from "./erasures.ts";
import { createEvents } from "./events.ts";
import { createInbox } from "./inbox.ts";
import { createReports } from "./reports.ts";
import { updateSchema } from "./schema.ts";
import { openSqlite } from "./sqlite.ts";
import { createStaffQueries } from "./staff-queries.ts";

export type Store = ReturnType<typeof createStore>;

export type StoreSettings = {
  /** The path of the SQLite store. With `databaseUrl`, only its folder is used. */
  file: string;
  /** The store in PostgreSQL. */
  databaseUrl?: string | undefined;
  /** The part after the @ in the Message-IDs of new inquiries. */
  messageIdDomain: string;
};

/** `erasedAgain`: inquiries that had been erased, were back after a restore, and were erased again. */
type Opened = { name: string; erasedAgain: number };

/**
 * Returns the store. The first query opens the database and updates its schema. If that fails, the
 * query throws, and the next one tries again. It is a StoreError if the database cannot be opened,
 * is not durable, or was written by a newer release than the next. `onOpen` is called once it is
 * open.
 */
export function createStore(settings: StoreSettings, onOpen: (opened: Opened) => void = () => {}) {
  const { file, databaseUrl, messageIdDomain } = settings;
  const erasures = { file: erasuresFile(file), isShared: databaseUrl !== undefined };

  async function open(): Promise<Database> {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    const database = databaseUrl
      ? (await import("./postgres.ts")).openPostgres(databaseUrl)
      : openSqlite(file);
    try {
      await updateSchema(database);
      const erasedAgain = await database.transaction((connection) =>
        eraseAgain(connection, erasures),
      );
      if (erasedAgain > 0) await database.scrub();
      onOpen({ name: database.name, erasedAgain });
      return database;
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  const database = openWhenUsed(databaseUrl ? postgresDialect : sqliteDialect, open);
  const events = createEvents(database);
  return {
    ...events,
    ...createInbox(database, messageIdDomain),
    ...createDeliveryQueries(database),
    ...createStaffQueries(database, erasures),
    ...createReports(database, events.failingJobs),

    /** Opens the database now. Throws like the first query. Returns its name, for messages. */
    open: async (): Promise<string> => (await database.opened()).name,

    close: (): Promise<void> => database.close(),
  };
}
