// The simulated installation's database as a file. SQLite connections are made inside the store, so they are met at `prepare`.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { toInquiry, type StoredInquiry } from "../../src/inquiries/store/schema.ts";
import { openStore, type Store } from "../../src/inquiries/store/store.ts";

/** What a simulated process is to its database: whoever runs statements, until one of them kills it. */
export type Owner = { execute: <Result>(statement: () => Result) => Result };

/** A database under a simulation, and a way past every store to what is in it. */
export type SimulatedDatabase = {
  open: (owner: Owner, domain: string) => Promise<Store>;
  rows: () => StoredInquiry[];
  /** Runs one statement behind the back of every store; values stand where there are question marks. */
  run: (sql: string, ...values: (string | number)[]) => Record<string, unknown>[];
  /** All that stands in the files which a deletion promises to clean. */
  bytes: () => Buffer;
  /** The process died: what it had not committed is gone. */
  cut: (owner: Owner) => void;
  close: () => Promise<void>;
};

// Which process a database connection belongs to.
let starting: Owner | undefined;
const owners = new WeakMap<DatabaseSync, Owner>();
const connections = new WeakMap<Owner, DatabaseSync>();
// oxlint-disable-next-line typescript/unbound-method -- it is called with its own `this` below
const { prepare } = DatabaseSync.prototype;
DatabaseSync.prototype.prepare = function prepareCrashable(this: DatabaseSync, sql: string): StatementSync {
  const statement = prepare.call(this, sql);
  if (starting) {
    owners.set(this, starting);
    connections.set(starting, this);
  }
  const owner = owners.get(this);
  if (!owner) return statement;
  const [all, get, run] = [statement.all.bind(statement), statement.get.bind(statement), statement.run.bind(statement)];
  return Object.assign(statement, {
    all: (...values: Parameters<typeof all>) => owner.execute(() => all(...values)),
    get: (...values: Parameters<typeof get>) => owner.execute(() => get(...values)),
    run: (...values: Parameters<typeof run>) => owner.execute(() => run(...values)),
  });
};

/** Calls `open`, which makes its connection before it first waits, and notes whose it is. */
function meetingConnection<Result>(owner: Owner, open: () => Result): Result {
  starting = owner;
  try {
    return open();
  } finally {
    starting = undefined;
  }
}

export function sqliteDatabase(dir: string): Promise<SimulatedDatabase> {
  const file = path.join(dir, "inquiries.db");
  let observer: DatabaseSync | undefined;
  let select: StatementSync | undefined;
  return Promise.resolve({
    open: (owner, domain) => meetingConnection(owner, () => openStore(file, domain)),
    rows() {
      if (!existsSync(file)) return [];
      observer ??= new DatabaseSync(file);
      if (!select) {
        if (observer.prepare("SELECT 1 FROM sqlite_master WHERE name = 'inquiries'").all().length === 0) return [];
        select = observer.prepare("SELECT * FROM inquiries ORDER BY id");
      }
      return (select.all() as Parameters<typeof toInquiry>[0][]).map(toInquiry);
    },
    run(sql, ...values) {
      const database = new DatabaseSync(file);
      database.exec("PRAGMA secure_delete = 1"); // or what it moves stays in the file, and is found instead of the fault
      try {
        return database.prepare(sql).all(...values);
      } finally {
        database.close();
      }
    },
    bytes: () => Buffer.concat([file, `${file}-wal`].filter((name) => existsSync(name)).map((name) => readFileSync(name))),
    cut(owner) {
      const connection = connections.get(owner);
      if (connection?.isOpen) connection.close();
    },
    close() {
      observer?.close();
      return Promise.resolve();
    },
  });
}
