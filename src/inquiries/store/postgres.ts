// PostgreSQL: the store that several instances share. Only DATABASE_URL loads this file, and with
// it `pg`.

import { Pool, types, type ClientBase, type PoolClient, type PoolConfig } from "pg";
import { reasonOf } from "../../log.ts";
import {
  postgresDialect,
  retry,
  StoreError,
  type Connection,
  type Database,
  type Sql,
} from "./database.ts";

// After this time a visitor sees that the message could not be saved. The form still contains it.
const connectTimeoutMs = 3_000;
const queryTimeoutMs = 5_000;
const connectDelayMs = 200;
/** For reads and transactions, which have to give the same result if they run twice. */
const maxAttempts = 3;

/** The settings without which PostgreSQL may lose a commit or refuse a character. */
const requiredServerSettings: Record<string, [RegExp, string]> = {
  server_version_num: [/^(1[5-9]|[2-9]\d)\d{4}$/, "PostgreSQL 15 or later"],
  server_encoding: [/^UTF8$/, "UTF8"],
  fsync: [/^on$/, "fsync=on"],
  full_page_writes: [/^on$/, "full_page_writes=on"],
  synchronous_commit: [/^(?!off$)/, "synchronous_commit=on"],
};

/**
 * Connects with the first query. Queries throw a StoreError if the server cannot be reached,
 * refuses the login, has no valid certificate, or could lose committed rows.
 */
export function openPostgres(url: string): Database {
  const { searchParams, hostname, pathname } = new URL(url);
  const host = decodeURIComponent(searchParams.get("host") ?? hostname);
  const name = `PostgreSQL at ${host || "localhost"}${pathname}`;
  const pool = new Pool({
    connectionString: url,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: queryTimeoutMs,
    keepAlive: true,
    types: {
      getTypeParser: (type, format) =>
        type === types.builtins.INT8 ? Number : types.getTypeParser(type, format),
    },
    max: 8,
    idleTimeoutMillis: 60_000,
    verify: ((client, checked) =>
      void checkServer(client, name).then(() => checked(), checked)) satisfies PoolConfig["verify"],
  });
  pool.on("error", () => {}); // an idle connection was lost: the next query opens another

  const unusable = (error: unknown) =>
    new StoreError(`${name} cannot be used: ${reasonOf(error)}; check DATABASE_URL.`);

  /** Runs `work` with a connection, and waits for one while the server restarts. */
  async function connected<Result>(work: (client: PoolClient) => Promise<Result>) {
    const waiting = retry(() => pool.connect(), {
      isTransient,
      attempts: 1 + connectTimeoutMs / connectDelayMs,
      delayMs: connectDelayMs,
    });
    const client = await waiting.catch((error: unknown) => {
      throw error instanceof StoreError ? error : unusable(error);
    });
    let isBroken = false;
    try {
      return await work(client);
    } catch (error) {
      // The result of a query that timed out may still arrive: nothing else may use this
      // connection.
      isBroken = isLost(error);
      throw error;
    } finally {
      client.release(isBroken);
    }
  }

  /** Runs `work`, again if a connection was lost. */
  async function repeatedly<Result>(attempts: number, work: () => Promise<Result>) {
    try {
      return await retry(work, { isTransient, attempts, delayMs: 0 });
    } catch (error) {
      throw isLost(error) ? unusable(error) : error;
    }
  }

  const run = async <Row>(client: ClientBase, { text, values }: Sql): Promise<Row[]> =>
    (await client.query(text, values)).rows as Row[];

  async function transact<Result>(
    client: PoolClient,
    work: (connection: Connection) => Promise<Result>,
  ): Promise<Result> {
    const query = <Row>(one: Sql) => run<Row>(client, one);
    await client.query("begin");
    try {
      const result = await work({ read: query, write: query });
      await client.query("commit");
      return result;
    } catch (error) {
      if (!isLost(error)) await client.query("rollback");
      throw error;
    }
  }

  return {
    name,
    read: (query) => repeatedly(maxAttempts, () => connected((client) => run(client, query))),
    write: (query) => repeatedly(1, () => connected((client) => run(client, query))),
    transaction: (work) =>
      repeatedly(maxAttempts, () => connected((client) => transact(client, work))),
    dialect: postgresDialect,
    // Nothing to do: the write-ahead log, dumps and standbys hold deleted text until they expire,
    // as docs/postgresql.md says.
    scrub: () => Promise.resolve(true),
    close: () => pool.end(),
  };
}

/** Checks a new connection for the required settings: a reload of the server can change them. */
async function checkServer(client: ClientBase, name: string): Promise<void> {
  client.on("error", () => {}); // the connection was lost between two statements: the next reports it
  const found = await client.query<{ name: string; setting: string }>(
    "select name, setting from pg_settings where name = any($1)",
    [Object.keys(requiredServerSettings)],
  );
  for (const { name: setting, setting: value } of found.rows) {
    const [expected, words] = requiredServerSettings[setting] ?? [/^/, ""];
    if (!expected.test(value))
      throw new StoreError(
        `${name} reports ${setting}=${value}, and inquiries are safe only with ${words}.`,
      );
  }
}

/** Whether the server restarts, the connection was lost, or another transaction conflicted. */
function isTransient(error: unknown): boolean {
  const { code = "", message } = error as NodeJS.ErrnoException;
  // Serialization, deadlock, shutdown, connection.
  const codes = /^(40001|40P01|57P0\d|08\w{3}|ECONNREFUSED|ECONNRESET|EPIPE|ENOENT)$/;
  return codes.test(code) || /terminated unexpectedly|not queryable/.test(message);
}

/** Whether the connection can no longer be used. */
const isLost = (error: unknown): boolean =>
  isTransient(error) || (error as Error).message === "Query read timeout";
