// What the store needs from a database. The embedded one is in sqlite.ts, the shared one in
// postgres.ts.

import { setTimeout as sleep } from "node:timers/promises";
import sqlTemplate, { join as joinValues, raw, Sql } from "sql-template-tag";

export { raw, Sql };
export type Value = string | number | null;

/** SQL whose values become parameters. `undefined`, booleans and dates do not compile. */
export const sql: (strings: TemplateStringsArray, ...values: (Value | Sql)[]) => Sql = sqlTemplate;

export const join: (values: readonly (Value | Sql)[], separator?: string) => Sql = joinValues;

/** A statement may run again, if the connection was lost before it was answered. */
export type Query = <Row>(statement: Sql) => Promise<Row[]>;

/** What differs in the SQL of SQLite and PostgreSQL. */
export type Dialect = {
  /** The type of an ascending key. */
  key: Sql;
  /** Ends a select of rows to change, because other processes may change rows at the same time. */
  skipLocked: Sql;
  /**
   * Locks the store for a transaction: another process that locks it waits until the transaction
   * ends.
   */
  lock: Sql;
};

export type Database = {
  /** What messages call the database. */
  name: string;
  dialect: Dialect;
  query: Query;
  /** Runs `work` in a transaction, which only the query that `work` receives belongs to. */
  transaction: <Result>(work: (query: Query) => Promise<Result>) => Promise<Result>;
  /** Removes deleted text from the files. Returns false if a reader prevents it. */
  scrub: () => Promise<boolean>;
  close: () => Promise<void>;
};

/**
 * What the methods of the store use of a database. All of it throws while the store isn't open,
 * also reading `dialect`.
 */
export type StatementRunner = Pick<Database, "query" | "transaction" | "scrub" | "dialect">;

/**
 * Runs `work` in a transaction of the connection that `query` uses. After an error it rolls back,
 * if the transaction still `isOpen`.
 */
export async function transact<Result>(
  query: Query,
  work: (query: Query) => Promise<Result>,
  isOpen: (error: unknown) => boolean,
  begin = sql`begin`,
): Promise<Result> {
  await query(begin);
  try {
    const result = await work(query);
    await query(sql`commit`);
    return result;
  } catch (error) {
    if (isOpen(error)) await query(sql`rollback`);
    throw error;
  }
}

type RetryOptions = { isTransient: (error: unknown) => boolean; attempts: number; delayMs: number };

/**
 * Repeats `work` after a transient error. Throws any other error, or the one of the last attempt.
 */
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
