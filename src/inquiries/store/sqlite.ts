// The embedded database: node:sqlite as a Kysely dialect, opened so that a commit is on disk and an erasure is final.

import { chmodSync, closeSync, openSync, statSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import QuickLRU from "quick-lru";
import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, CompiledQuery, type DatabaseConnection, type Driver } from "kysely";
import type { QueryResult } from "kysely";
import { retry } from "./retry.ts";
import { StoreError, type Engine } from "./schema.ts";

// node:sqlite is synchronous: while it waits for a lock, every reader waits too. With 5 s, another process froze the site for 2 s.
const busyTimeoutMs = 50;
// The event loop runs during the delays, so an attempt takes about 100 ms: a lock may last 2 s.
const whileLocked = { isTransient: isLocked, attempts: 20, delayMs: busyTimeoutMs };

/**
 * Opens or creates the database file, readable by its owner only, and checks that it is as durable as promised. Throws where the file cannot
 * be written, is not a database, or where SQLite did not accept a setting.
 */
export function openSqlite(file: string): Engine {
  closeSync(openSync(file, "a", 0o600)); // SQLite gives -wal and -shm the mode of this file
  chmodSync(file, 0o600);
  const database = new DatabaseSync(file, { timeout: busyTimeoutMs });
  makeDurable(database, file);
  return {
    dialect: {
      createDriver: () => createDriver(database, file),
      createAdapter: () => new TransactionalDdlAdapter(),
      createQueryCompiler: () => new SqliteQueryCompiler(),
      createIntrospector: (kysely) => new SqliteIntrospector(kysely),
    },
    name: file,
    isShared: false,
    autoIncrementKey: "integer primary key autoincrement",
    randomToken: "lower(hex(randomblob(16)))",
    disableColumnStatistics: () => [], // SQLite samples columns only for ANALYZE, which nothing here runs
    cleanUp: () => truncateWal(database),
    isTransient: () => false, // the driver has retried already
  };
}

/** SQLite can roll back a change of tables. Without that, a kill between two statements of a migration left a store that never opened again. */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** One connection. Kysely lets one query or transaction use it at a time. */
function createDriver(database: DatabaseSync, file: string): Driver {
  const { ino } = statSync(file);

  const prepared = new QuickLRU<string, StatementSync>({ maxSize: 100 }); // preparing takes longer than most statements

  const execute = <Row>({ sql, parameters }: CompiledQuery): QueryResult<Row> => {
    const statement = prepared.get(sql) ?? database.prepare(sql);
    prepared.set(sql, statement);
    const values = parameters as SQLInputValue[];
    if (statement.columns().length > 0) return { rows: statement.all(...values) as Row[] };
    return { rows: [], numAffectedRows: BigInt(statement.run(...values).changes) };
  };
  const connection: DatabaseConnection = {
    async executeQuery(query) {
      // Observed: the folder was removed while the site ran, and every inquiry was stored in a file without a name. This is not checked in
      // acquireConnection: Kysely does not release its lock when that throws, and every later query waits for ever.
      if (!database.isTransaction && statSync(file, { throwIfNoEntry: false })?.ino !== ino)
        throw new StoreError(`${file} was moved or replaced while the site was running: start the site again.`);
      return retry(() => execute(query), whileLocked);
    },
    streamQuery: () => {
      throw new Error("streaming is not supported");
    },
  };
  const run = async (sql: string) => void (await connection.executeQuery(CompiledQuery.raw(sql)));

  return {
    init: () => Promise.resolve(),
    acquireConnection: () => Promise.resolve(connection),
    releaseConnection: () => Promise.resolve(),
    // A transaction that reads first cannot write once another process has: of two that started at once, one failed.
    beginTransaction: () => run("begin immediate"),
    commitTransaction: () => run("commit"),
    // A commit that failed for want of disk space has rolled back already.
    rollbackTransaction: () => (database.isTransaction ? run("rollback") : Promise.resolve()),
    destroy: () => Promise.resolve(database.close()),
  };
}

// secure_delete overwrites deleted rows. The write-ahead log holds older copies until it is truncated, which waits for readers.
function truncateWal(database: DatabaseSync): Promise<void> {
  const truncate = () => {
    if (database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.["busy"] === 0) return;
    throw new StoreError("Deleted, but another process keeps reading, so the text is still in the write-ahead log: run purge later.");
  };
  return retry(truncate, { isTransient: (error) => error instanceof StoreError, attempts: 50, delayMs: busyTimeoutMs });
}

// FULL: in 100 simulated power cuts it lost nothing, NORMAL lost acknowledged rows in 65.
const durable = { journal_mode: "wal", synchronous: 2, secure_delete: 1 };

function makeDurable(database: DatabaseSync, file: string): void {
  try {
    for (const [name, expected] of Object.entries(durable)) {
      database.exec(`PRAGMA ${name} = ${expected}`);
      const actual = database.prepare(`PRAGMA ${name}`).get()?.[name];
      if (actual !== expected) throw new StoreError(`${file}: SQLite refused ${name}=${expected} and reports ${String(actual)}.`);
    }
  } catch (error) {
    database.close();
    const isDamaged = [11, 26].includes(errorCode(error)); // SQLITE_CORRUPT, SQLITE_NOTADB
    throw isDamaged ? new StoreError(`${file} is damaged or not a store: stop the site and restore a backup (docs/inquiries.md).`) : error;
  }
}

const errorCode = (error: unknown) => (error as { errcode?: number }).errcode ?? 0;

function isLocked(error: unknown): boolean {
  return (errorCode(error) & 0xff) === 5; // SQLITE_BUSY
}
