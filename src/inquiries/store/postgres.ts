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
      isBroken = isLost(error); // the result of a query that timed out may still arrive
      throw error;
    } finally {
      client.release(isBroken);
    }
  }

  /** Runs `work`, up to so many times if a connection was lost or transactions conflicted. */
  async function upTo<Result>(attempts: number, work: () => Promise<Result>) {
    try {
      return await retry(work, { isTransient, attempts, delayMs: 0 });
    } catch (error) {
      throw isTransient(error) || isLost(error) ? unusable(error) : error;
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
    read: (query) => upTo(maxAttempts, () => connected((client) => run(client, query))),
    write: (query) => upTo(1, () => connected((client) => run(client, query))),
    transaction: (work) => upTo(maxAttempts, () => connected((client) => transact(client, work))),
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
  const reported = new Map(found.rows.map((row) => [row.name, row.setting]));
  for (const [setting, [expected, words]] of Object.entries(requiredServerSettings)) {
    const value = reported.get(setting) ?? "nothing";
    if (!expected.test(value))
      throw new StoreError(
        `${name} reports ${setting}=${value}, and inquiries are safe only with ${words}.`,
      );
  }
}

/** Whether the same work may succeed at once: transactions conflicted, or the connection was lost. */
const isTransient = (error: unknown): boolean =>
  ["40001", "40P01"].includes(codeOf(error)) || isDisconnected(error);

/** Whether nothing else may use the connection: it was lost, or has an unread result. */
const isLost = (error: unknown): boolean =>
  isDisconnected(error) || (error as Error).message === "Query read timeout";

function isDisconnected(error: unknown): boolean {
  const codes = /^(57P0\d|08\w{3}|ECONNREFUSED|ECONNRESET|EPIPE|ENOENT)$/; // shutdown, connection
  const messages = /terminated unexpectedly|not queryable/;
  return codes.test(codeOf(error)) || messages.test((error as Error).message);
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? "";
