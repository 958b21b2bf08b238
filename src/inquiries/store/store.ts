// The store of inquiries: opening it, and putting it together from its parts. Each part has its
// file, named like its type in interface.ts.

import type { Database, StatementRunner } from "./database.ts";
import { createDeletion, eraseAgain, erasuresFile } from "./deletion.ts";
import { createDeliveries } from "./deliveries.ts";
import { recordEvent } from "./events.ts";
import { StoreError, type Store } from "./interface.ts";
import { createJobs } from "./jobs.ts";
import { updateSchema } from "./schema.ts";
import { openSqlite } from "./sqlite.ts";
import { createStaff } from "./staff.ts";
import { createSubmissions } from "./submissions.ts";

export type StoreSettings = {
  /** The path of the SQLite store. With `databaseUrl`, only its folder is used. */
  file: string;
  /** The address of the store in PostgreSQL. */
  databaseUrl?: string | undefined;
  /** The part after the @ in the Message-IDs of new inquiries. */
  messageIdDomain: string;
};

/**
 * What is known after the store was opened: the database's name, and how many erased inquiries a
 * restored backup had brought back.
 */
type Opened = { name: string; erasedAgain: number };

export const openDatabase = async ({ file, databaseUrl }: StoreSettings): Promise<Database> =>
  databaseUrl ? (await import("./postgres.ts")).openPostgres(databaseUrl) : openSqlite(file);

/**
 * Creates a store that isn't open: until `open` has succeeded, and after `close`, the other methods
 * throw a StoreError. `openAny` is for tests that stop at a statement.
 */
export function createStore(
  settings: StoreSettings,
  onOpen: (opened: Opened) => void = () => {},
  openAny = openDatabase,
): Store {
  const erasures = erasuresFile(settings.file);
  let opened: Database | undefined;
  let whyClosed = new StoreError("The store is not open.");
  const database = () => {
    if (!opened) throw whyClosed;
    return opened;
  };
  const whenOpen: StatementRunner = {
    query: async (statement) => database().query(statement),
    transaction: async (work) => database().transaction(work),
    scrub: async () => database().scrub(),
    get dialect() {
      return database().dialect;
    },
  };
  return {
    async open() {
      if (opened) return opened.name;
      let opening: Database | undefined;
      try {
        opening = await openAny(settings);
        await updateSchema(opening);
        const erasedAgain = await eraseAgain(opening, erasures);
        opened = opening;
        onOpen({ name: opened.name, erasedAgain });
        return opened.name;
      } catch (error) {
        await opening?.close();
        whyClosed =
          error instanceof StoreError
            ? error
            : new StoreError("The store cannot be opened.", { cause: error });
        throw error;
      }
    },

    async close() {
      whyClosed = new StoreError("The store is closed.");
      const closing = opened;
      opened = undefined;
      await closing?.close();
    },

    checkWritable: async (now) => void (await recordEvent(whenOpen.query, "probe", now)),

    ...createSubmissions(whenOpen, settings.messageIdDomain),
    ...createStaff(whenOpen),
    ...createDeliveries(whenOpen),
    ...createJobs(whenOpen),
    ...createDeletion(whenOpen, erasures),
  };
}
