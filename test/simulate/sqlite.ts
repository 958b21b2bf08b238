// The database of a simulation in a SQLite file. The store opens its connection itself, so `prepare` is replaced to find it.

import { AsyncLocalStorage } from "node:async_hooks";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { toInquiry, type Inquiry } from "../../src/inquiries/store/schema.ts";
import { createStore, type Store } from "../../src/inquiries/store/store.ts";

/** The simulated process that owns a connection. It runs the statements, and may die at one of them. */
export type Owner = { execute: <Result>(statement: () => Result) => Result };

/** The database of a simulation, with access to its content without a store. */
export type SimulatedDatabase = {
  open: (owner: Owner, domain: string) => Promise<{ store: Store; erasedAgain: number }>;
  rows: () => Inquiry[];
  /** Runs one statement without a store. The values replace the question marks. */
  run: (sql: string, ...values: (string | number)[]) => Record<string, unknown>[];
  /** The bytes of the files that a deletion must clean. */
  bytes: () => Buffer;
  /** Closes the connection of a dead process, which rolls back its transaction. */
  cut: (owner: Owner) => void;
  close: () => Promise<void>;
};

// Which process a database connection belongs to: the one that was starting when the connection was opened.
const starting = new AsyncLocalStorage<Owner>();
const owners = new WeakMap<DatabaseSync, Owner>();
const connections = new WeakMap<Owner, DatabaseSync>();
// oxlint-disable-next-line typescript/unbound-method -- node:sqlite has no hook before a statement, so the simulation replaces this method to crash there; `this` is passed below
const { prepare } = DatabaseSync.prototype;
DatabaseSync.prototype.prepare = function prepareCrashable(
  this: DatabaseSync,
  sql: string,
): StatementSync {
  const statement = prepare.call(this, sql);
  const opener = starting.getStore();
  if (opener && !owners.has(this)) {
    owners.set(this, opener);
    connections.set(opener, this);
  }
  const owner = owners.get(this);
  if (!owner) return statement;
  const [all, get, run] = [
    statement.all.bind(statement),
    statement.get.bind(statement),
    statement.run.bind(statement),
  ];
  return Object.assign(statement, {
    all: (...values: Parameters<typeof all>) => owner.execute(() => all(...values)),
    get: (...values: Parameters<typeof get>) => owner.execute(() => get(...values)),
    run: (...values: Parameters<typeof run>) => owner.execute(() => run(...values)),
  });
};

/** Opens a store, and returns how many inquiries it erased again. */
export async function openStore(settings: Parameters<typeof createStore>[0]) {
  let erasedAgain = 0;
  const store = createStore(settings, (opened) => ({ erasedAgain } = opened));
  await store.open();
  return { store, erasedAgain };
}

export function sqliteDatabase(dir: string): Promise<SimulatedDatabase> {
  const file = path.join(dir, "inquiries.db");
  let observer: DatabaseSync | undefined;
  let select: StatementSync | undefined;
  return Promise.resolve({
    open: (owner, messageIdDomain) =>
      starting.run(owner, () => openStore({ file, messageIdDomain })),
    rows() {
      if (!existsSync(file)) return [];
      observer ??= new DatabaseSync(file);
      if (!select) {
        if (
          observer.prepare("SELECT 1 FROM sqlite_master WHERE name = 'inquiries'").all().length ===
          0
        )
          return [];
        select = observer.prepare("SELECT * FROM inquiries ORDER BY id");
      }
      return (select.all() as Parameters<typeof toInquiry>[0][]).map(toInquiry);
    },
    run(sql, ...values) {
      const database = new DatabaseSync(file);
      database.exec("PRAGMA secure_delete = 1"); // otherwise deleted text stays in the file
      try {
        return database.prepare(sql).all(...values);
      } finally {
        database.close();
      }
    },
    bytes: () =>
      Buffer.concat(
        [file, `${file}-wal`].filter((name) => existsSync(name)).map((name) => readFileSync(name)),
      ),
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
