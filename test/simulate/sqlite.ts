// The database of a simulation in a SQLite file. The real store runs on it; its statements run only
// while their process is alive.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Inquiry } from "../../src/inquiries/inquiry.ts";
import type { Database, Query } from "../../src/inquiries/store/database.ts";
import type { Store } from "../../src/inquiries/store/interface.ts";
import { toInquiry, type Row } from "../../src/inquiries/store/row.ts";
import { createStore, openDatabase } from "../../src/inquiries/store/store.ts";

/** The process that owns a connection. It runs the statements, and may die at one of them. */
export type Owner = { execute: <Result>(statement: () => Promise<Result>) => Promise<Result> };

/** The database of a simulation, with access to its content without a store. */
export type SimulatedDatabase = ReturnType<typeof sqliteDatabase>;

export function sqliteDatabase(dir: string) {
  const file = path.join(dir, "inquiries.db");
  const connections = new Map<Owner, Database>();
  const closing: Promise<void>[] = [];
  let observer: DatabaseSync | undefined;
  let select: StatementSync | undefined;
  return {
    /** Opens the store of a process. Returns how many inquiries it erased again. */
    async open(owner: Owner, messageIdDomain: string) {
      let erasedAgain = 0;
      const store: Store = createStore(
        { file, messageIdDomain },
        (opened) => ({ erasedAgain } = opened),
        async (settings) => {
          const database = await openDatabase(settings);
          connections.set(owner, database);
          return crashable(database, owner);
        },
      );
      await store.open();
      return { store, erasedAgain };
    },
    rows(): Inquiry[] {
      if (!existsSync(file)) return [];
      observer ??= new DatabaseSync(file);
      const tables = "SELECT 1 FROM sqlite_master WHERE name = 'inquiries'";
      if (!select && !observer.prepare(tables).get()) return [];
      select ??= observer.prepare("SELECT * FROM inquiries ORDER BY id");
      return (select.all() as Row[]).map(toInquiry);
    },
    /** Runs one statement without a store. The values replace the question marks. */
    run(sql: string, ...values: (string | number)[]): Record<string, unknown>[] {
      using database = new DatabaseSync(file);
      database.exec("PRAGMA secure_delete = 1"); // otherwise deleted text stays in the file
      return database.prepare(sql).all(...values);
    },
    /** Returns the bytes of the files that a deletion must clean. */
    bytes: (): Buffer =>
      Buffer.concat(
        [file, `${file}-wal`].filter((name) => existsSync(name)).map((name) => readFileSync(name)),
      ),
    /** Closes the connection of a dead process, which has rolled back its transaction. */
    cut(owner: Owner): void {
      const connection = connections.get(owner);
      if (connection) closing.push(connection.close());
      connections.delete(owner);
    },
    async close(): Promise<void> {
      await Promise.all(closing);
      observer?.close();
    },
  };
}

/** Returns a database whose owner may die at each statement, which rolls a transaction back. */
function crashable(database: Database, { execute }: Owner): Database {
  const crashing =
    (query: Query): Query =>
    (statement) =>
      execute(() => query(statement));
  return {
    ...database,
    query: crashing(database.query),
    scrub: () => execute(() => database.scrub()),
    transaction: (work) =>
      execute(() =>
        database.transaction(async (query) => {
          const result = await work(crashing(query));
          await execute(() => Promise.resolve()); // it may die before the commit too
          return result;
        }),
      ),
  };
}
