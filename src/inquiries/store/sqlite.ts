// The embedded database: opens it with node:sqlite, counts its inquiries, and copies it.

import {
  chmodSync,
  closeSync,
  existsSync,
  globSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
} from "node:fs";
import path from "node:path";
import { backup, DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { retry, sql, transact, type Database, type Dialect, type Sql } from "./database.ts";
import { StoreError } from "./interface.ts";
import { scrub } from "./scrub.ts";

// node:sqlite is synchronous: while it waits for a lock, every visitor waits. With a timeout of 5
// s, another process blocked the site for 2 s.
const busyTimeoutMs = 50;
// An attempt and the delay after it, in which the event loop runs, take 100 ms, so a lock may last
// 10 s. The server ends a connection after 15 s, and a visitor has to get a page before. The vacuum
// of a full quarantine (376 MB) held the lock for 6 s on a busy machine.
const maxLockedAttempts = 100;

// With FULL nothing was lost in 100 simulated power cuts, and with NORMAL acknowledged rows in 65.
const durable = { journal_mode: "wal", synchronous: 2, secure_delete: 1 };

export const sqliteDialect: Dialect = {
  key: sql`integer primary key autoincrement`,
  // SQLite's transactions exclude all other writers, so no row and no table needs a lock.
  skipLocked: sql``,
  lock: sql`select 1`,
};

/** Opens a file, or creates one that only its owner can read. */
export function openSqlite(file: string): Database {
  const database = open(file);
  const { ino } = statSync(file);
  const statements = new Map<string, StatementSync>();
  // Callers take turns, so all of them wait while one tries: this counts the attempts of all.
  let lockedAttempts = 0;
  const whileLocked = {
    isTransient: (error: unknown) => {
      if (resultCode(error) !== 5) return false; // 5 is SQLITE_BUSY
      lockedAttempts += 1;
      return lockedAttempts < maxLockedAttempts;
    },
    attempts: Infinity,
    delayMs: busyTimeoutMs,
  };
  const query = async <Row>({ sql: text, values }: Sql): Promise<Row[]> => {
    try {
      return await retry(() => {
        const statement = statements.getOrInsertComputed(text, () => database.prepare(text));
        const rows = statement.all(...(values as SQLInputValue[])) as Row[];
        if (!text.startsWith("select")) lockedAttempts = 0; // a lock hinders no reading
        return rows;
      }, whileLocked);
    } catch (error) {
      throw toStoreError(error, file);
    }
  };

  // Callers take turns, so that nothing runs inside another caller's transaction.
  let last: Promise<unknown> = Promise.resolve();
  function enqueue<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = last.then(async () => {
      // Observed: the folder was removed while the site ran, and inquiries were written to the
      // unlinked file.
      if (statSync(file, { throwIfNoEntry: false })?.ino !== ino)
        throw new StoreError(
          `${file} was moved or replaced while the site was running: if it is gone, restore a backup, then start the site again.`,
        );
      return work();
    });
    last = result.catch(() => undefined);
    return result;
  }

  // A deferred transaction that has read cannot write after another process has written.
  const begin = sql`begin immediate`;
  // If a commit fails because the disk is full, SQLite has rolled back already.
  const isOpen = () => database.isTransaction;

  return {
    name: file,
    query: (statement) => enqueue(() => query(statement)),
    transaction: (work) => enqueue(() => transact(query, work, isOpen, begin)),
    dialect: sqliteDialect,
    async scrub() {
      // With automatic checkpoints, the next commit of the site could copy the whole log of the
      // vacuum into the store, which takes 0.4 s.
      await enqueue(() => query(sql`pragma wal_autocheckpoint = 0`));
      try {
        return await scrub(file);
      } catch (error) {
        throw toStoreError(error, file);
      } finally {
        // 1,000 pages are SQLite's default.
        await enqueue(() => query(sql`pragma wal_autocheckpoint = 1000`));
      }
    },
    async close() {
      await last;
      if (database.isOpen) database.close();
    },
  };
}

function open(file: string): DatabaseSync {
  // An empty store would hide that the old one was lost, and the next backup would copy it.
  if (!existsSync(file) && globSync(`${path.dirname(file)}-backups/*.db`).length > 0)
    throw new StoreError(
      `${file} is missing, and there are backups of it: mount its disk or restore a backup (docs/operations.md); to begin with an empty store, move the backups away.`,
    );
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    closeSync(openSync(file, "a", 0o600)); // SQLite gives -wal and -shm the mode of this file
    chmodSync(file, 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StoreError(
      `${file} cannot be used (${code}): it has to belong to the user of the site, in a DATA_DIR on a writable disk with free space.`,
      { cause: error },
    );
  }
  const database = new DatabaseSync(file, { timeout: busyTimeoutMs });
  try {
    for (const [name, expected] of Object.entries(durable)) {
      database.exec(`PRAGMA ${name} = ${expected}`);
      const actual = database.prepare(`PRAGMA ${name}`).get()?.[name];
      if (actual !== expected)
        throw new StoreError(
          `${file}: SQLite refused ${name}=${expected} and reports ${String(actual)}.`,
        );
    }
    return database;
  } catch (error) {
    database.close();
    throw toStoreError(error, file);
  }
}

const damaged =
  "is damaged or not a store: stop the site and restore a backup (docs/operations.md)";
/**
 * Says what is wrong and what to do, by SQLite's result code. An error with another code is a bug.
 */
const adviceByCode: Record<number, string> = {
  5: "was locked by another process for more than ten seconds: try again",
  8: "cannot be written: its file system is read-only, or the file belongs to another user",
  10: "cannot be read or written: its disk is full or broken: check its free space, and the kernel's log",
  11: damaged,
  13: "cannot be written, because the disk is full: free some space",
  14: "cannot be opened: this user may not use the file or its folder, or the disk is full",
  26: damaged,
};

/** Adds advice to an error that an operator can fix. Our own bugs pass unchanged. */
function toStoreError(error: unknown, file: string): unknown {
  const advice = adviceByCode[resultCode(error)];
  return advice ? new StoreError(`${file} ${advice}.`, { cause: error }) : error;
}

/** Returns SQLite's primary result code, or 0 if the error has none. */
const resultCode = (error: unknown): number =>
  ((error as { errcode?: number }).errcode ?? 0) & 0xff;

type Counted = { state: string; count: number; last: number };

/**
 * Counts the inquiries of each state in a file of SQLite, without opening it as a store. Throws a
 * StoreError if the file can't be read.
 */
export function countSqlite(file: string): Counted[] {
  try {
    using database = new DatabaseSync(file, { readOnly: true });
    const counts = database.prepare(
      `select state, count(*) as count, max(received_at) as last
      from inquiries group by state order by state`,
    );
    return counts.all() as Counted[];
  } catch (error) {
    throw toStoreError(error, file);
  }
}

/**
 * Copies a store, which may be in use, to a file that only its owner can read. It reads every page
 * of the copy once, and throws a StoreError and removes the copy if a page is damaged.
 */
export async function backupSqlite(file: string, target: string): Promise<void> {
  closeSync(openSync(target, "wx", 0o600));
  try {
    using database = new DatabaseSync(file, { readOnly: true });
    await backup(database, target);
    // `immutable` keeps SQLite from creating a -wal file beside the copy.
    const address = pathToFileURL(path.resolve(target));
    address.searchParams.set("immutable", "1");
    using copy = new DatabaseSync(address, { readOnly: true });
    const [result] = copy.prepare("PRAGMA integrity_check").all();
    if (result?.["integrity_check"] !== "ok") throw new StoreError(`${file} ${damaged}.`);
  } catch (error) {
    rmSync(target);
    throw toStoreError(error, target);
  }
}
