// What the store needs from a database. The embedded one is in sqlite.ts, the shared one in
// postgres.ts.

import { setTimeout as sleep } from "node:timers/promises";
import sqlTemplate, { join as joinValues, raw, Sql } from "sql-template-tag";

export { raw, Sql };
export type Value = string | number | null;

/** SQL whose values become parameters. `undefined`, booleans and dates do not compile. */
export const sql: (strings: TemplateStringsArray, ...values: (Value | Sql)[]) => Sql = sqlTemplate;

/** Returns the values as parameters, with `separator` in between. */
export const join: (values: readonly (Value | Sql)[], separator?: string) => Sql = joinValues;

/** A parameter of arithmetic, whose type PostgreSQL cannot infer. */
export const bigint = (value: number): Sql => sql`cast(${value} as bigint)`;

export type Connection = {
  /** Returns the rows of a select, which may run twice if the connection is lost. */
  read: <Row>(query: Sql) => Promise<Row[]>;
  /** Changes rows, and returns those of `returning`. */
  write: <Row>(query: Sql) => Promise<Row[]>;
};

/** Returns how many rows a select has: `from` is all of it after the columns. */
export async function countRows({ read }: Connection, from: Sql): Promise<number> {
  const [row] = await read<{ count: number }>(sql`select count(*) as count ${from}`);
  return row?.count ?? 0;
}

/** Returns the column `at` of the first row. */
export async function timeIn({ read }: Connection, query: Sql): Promise<Date | undefined> {
  const [row] = await read<{ at: number | null }>(query);
  return row?.at == null ? undefined : new Date(row.at);
}

/** What differs in the SQL of SQLite and PostgreSQL. */
export type Dialect = {
  /** The type of an ascending key. */
  key: Sql;
  /** Ends a select of rows to change, because other processes may change rows at the same time. */
  skipLocked: Sql;
  /** Makes processes that lock too wait until the end of the transaction. */
  lock: Sql;
};

export type Database = Connection & {
  /** For messages. */
  name: string;
  dialect: Dialect;
  /** Commits what `work` does, or nothing. `work` uses the connection that it receives. */
  transaction: <Result>(work: (connection: Connection) => Promise<Result>) => Promise<Result>;
  /**
   * Removes remains of deleted rows from files. `hasDeleted`: since the last time. Returns false if
   * a reader prevents it.
   */
  scrub: (hasDeleted: boolean) => Promise<boolean>;
  close: () => Promise<void>;
};

/** The database as the methods of the store use it: it may not be open yet. */
export type StatementRunner = Pick<Database, "read" | "write" | "transaction" | "scrub">;

/**
 * Runs `work` in a transaction of the connection to which `query` sends statements. Rolls back after
 * an error if the transaction `isOpen`.
 */
export async function transact<Result>(
  query: Connection["write"],
  work: (connection: Connection) => Promise<Result>,
  isOpen: (error: unknown) => boolean,
  begin = sql`begin`,
): Promise<Result> {
  await query(begin);
  try {
    const result = await work({ read: query, write: query });
    await query(sql`commit`);
    return result;
  } catch (error) {
    if (isOpen(error)) await query(sql`rollback`);
    throw error;
  }
}

type RetryOptions = { isTransient: (error: unknown) => boolean; attempts: number; delayMs: number };

/** Runs `work` up to `attempts` times. Throws an error that is not transient, or the last one. */
export async function retry<Result>(
  work: () => Promise<Result> | Result,
  options: RetryOptions,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= options.attempts || !options.isTransient(error)) throw error;
      await sleep(options.delayMs);
    }
  }
}
