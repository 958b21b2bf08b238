// The embedded database: node:sqlite as a Kysely dialect, opened so that a commit is on disk and an erasure is final.

import { chmodSync, closeSync, openSync, statSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import QuickLRU from "quick-lru";
import {
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
} from "kysely";
import type { QueryResult } from "kysely";
import { retry } from "./retry.ts";
import { CleanUpBlocked, StoreError, type Engine } from "./schema.ts";

// node:sqlite is synchronous: while it waits for a lock, every visitor waits. With 5 s, another process blocked the site for 2 s.
const busyTimeoutMs = 50;
// The event loop runs during the delays, so an attempt takes about 100 ms: a lock may last 2 s.
const whileLocked = { isTransient: isLocked, attempts: 20, delayMs: busyTimeoutMs };

/**
 * Returns the engine of a database file. Its driver opens or creates the file, readable by its owner only. The driver's `init` throws if the
 * file cannot be written, is not a database, or SQLite does not accept a setting. It may then be called again.
 */
export function openSqlite(file: string): Engine {
  let opened: DatabaseSync | undefined;
  const open = () => {
    closeSync(openSync(file, "a", 0o600)); // SQLite gives -wal and -shm the mode of this file
    chmodSync(file, 0o600);
    opened = new DatabaseSync(file, { timeout: busyTimeoutMs });
    makeDurable(opened, file);
    return opened;
  };
  return {
    dialect: {
      createDriver: () => createDriver(open, file),
      createAdapter: () => new TransactionalDdlAdapter(),
      createQueryCompiler: () => new SqliteQueryCompiler(),
      createIntrospector: (kysely) => new SqliteIntrospector(kysely),
    },
    name: file,
    isShared: false,
    autoIncrementKey: "integer primary key autoincrement",
    randomToken: "lower(hex(randomblob(16)))",
    disableColumnStatistics: () => [], // SQLite samples columns only for ANALYZE, which nothing here runs
    cleanUp: () => (opened ? truncateWal(opened, file) : Promise.resolve()),
    isTransient: () => false, // the driver has retried already
  };
}

/** SQLite can roll back DDL. Without this, a kill between two statements of a migration left a store that could never be opened again. */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** One connection. Kysely lets one query or transaction use it at a time. */
function createDriver(open: () => DatabaseSync, file: string): Driver {
  let database: DatabaseSync;
  let ino: number;
  let prepared: QuickLRU<string, StatementSync>;

  const execute = <Row>({ sql, parameters }: CompiledQuery): QueryResult<Row> => {
    const statement = prepared.get(sql) ?? database.prepare(sql);
    prepared.set(sql, statement);
    const values = parameters as SQLInputValue[];
    if (statement.columns().length > 0) return { rows: statement.all(...values) as Row[] };
    return { rows: [], numAffectedRows: BigInt(statement.run(...values).changes) };
  };
  const connection: DatabaseConnection = {
    async executeQuery<Row>(query: CompiledQuery) {
      // Observed: the folder was removed while the site ran, and inquiries were written to the unlinked file. Not checked in acquireConnection:
      // if that throws, Kysely does not release its lock, and every later query waits forever.
      if (!database.isTransaction && statSync(file, { throwIfNoEntry: false })?.ino !== ino)
        throw new StoreError(
          `${file} was moved or replaced while the site was running: start the site again.`,
        );
      try {
        return await retry(() => execute<Row>(query), whileLocked);
      } catch (error) {
        throw toStoreError(error, file);
      }
    },
    streamQuery: () => {
      throw new Error("streaming is not supported");
    },
  };
  const run = async (sql: string) => void (await connection.executeQuery(CompiledQuery.raw(sql)));

  return {
    async init() {
      database = open();
      ({ ino } = statSync(file));
      prepared = new QuickLRU({ maxSize: 100 }); // preparing takes longer than most statements
    },
    acquireConnection: () => Promise.resolve(connection),
    releaseConnection: () => Promise.resolve(),
    // A deferred transaction that has read cannot write after another process has written: of two simultaneous ones, one failed.
    beginTransaction: () => run("begin immediate"),
    commitTransaction: () => run("commit"),
    // If a commit fails because the disk is full, SQLite has rolled back already.
    rollbackTransaction: () => (database.isTransaction ? run("rollback") : Promise.resolve()),
    destroy: () => Promise.resolve(database.close()),
  };
}

// secure_delete overwrites deleted rows. The write-ahead log contains older copies until it is truncated, which has to wait for readers.
async function truncateWal(database: DatabaseSync, file: string): Promise<void> {
  const truncate = () => {
    try {
      if (database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.["busy"] === 0) return;
    } catch (error) {
      throw toStoreError(error, file);
    }
    throw new CleanUpBlocked(
      "Deleted, but another process is reading the store, so the text is still in its write-ahead log: run purge later.",
    );
  };
  await retry(truncate, {
    isTransient: (error) => error instanceof CleanUpBlocked,
    attempts: 50,
    delayMs: busyTimeoutMs,
  });
}

// FULL: in 100 simulated power cuts it lost nothing, NORMAL lost acknowledged rows in 65.
const durable = { journal_mode: "wal", synchronous: 2, secure_delete: 1 };

function makeDurable(database: DatabaseSync, file: string): void {
  try {
    for (const [name, expected] of Object.entries(durable)) {
      database.exec(`PRAGMA ${name} = ${expected}`);
      const actual = database.prepare(`PRAGMA ${name}`).get()?.[name];
      if (actual !== expected)
        throw new StoreError(
          `${file}: SQLite refused ${name}=${expected} and reports ${String(actual)}.`,
        );
    }
  } catch (error) {
    database.close();
    throw toStoreError(error, file);
  }
}

const damaged =
  "is damaged or not a store: stop the site and restore a backup (docs/operations.md)";
/** What is wrong and what to do, by SQLite result code. Other codes are bugs. */
const failures: Record<number, string> = {
  5: "was locked by another process for more than two seconds: try again",
  8: "cannot be written: its file system is read-only, or the file belongs to another user",
  10: "cannot be read or written: its disk is full or broken. npm run doctor shows the free space, and the kernel's log shows failures",
  11: damaged,
  13: "cannot be written, because the disk is full: free some space",
  14: "cannot be opened: this user may not use the file or its folder, or the disk is full",
  26: damaged,
};

/** Returns a StoreError with advice, or the error itself if it is a bug of the site. */
export function toStoreError(error: unknown, file: string): unknown {
  const failure = failures[resultCode(error)];
  return failure ? new StoreError(`${file} ${failure}.`, { cause: error }) : error;
}

/** Returns the primary result code of SQLite, or 0 for other errors. */
export const resultCode = (error: unknown): number =>
  ((error as { errcode?: number }).errcode ?? 0) & 0xff;

function isLocked(error: unknown): boolean {
  return resultCode(error) === 5; // SQLITE_BUSY
}
