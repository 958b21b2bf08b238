// The database of a simulation on PostgreSQL. The application_name of a connection says to which simulated process it belongs.

import type { Socket } from "node:net";
import path from "node:path";
import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import { Client } from "pg";
import { toInquiry } from "../../src/inquiries/store/schema.ts";
import type { Cluster } from "../support/postgres.ts";
import { openStore, type Owner, type SimulatedDatabase } from "./sqlite.ts";

type Crashable = Client & {
  connectionParameters: { application_name?: string };
  connection: { stream: Socket };
};
const owners = new Map<string, Owner>();
const clients = new WeakMap<Owner, Set<Crashable>>();
// oxlint-disable-next-line typescript/unbound-method -- pg has no hook before a statement, so the simulation replaces this method to crash there; it is called with its own `this` below
const query = Client.prototype.query as (this: Client, ...parts: unknown[]) => Promise<unknown>;
Client.prototype.query = function queryCrashable(
  this: Crashable,
  ...parts: unknown[]
): Promise<unknown> {
  const owner = owners.get(this.connectionParameters.application_name ?? "");
  if (!owner) return query.apply(this, parts);
  clients.get(owner)?.add(this);
  // A promise, so that a query of a dead process rejects like any other failed query.
  return Promise.resolve().then(() => owner.execute(() => query.apply(this, parts)));
} as Client["query"];

let processes = 0;

/** Empties the database and returns it for a simulation. `runQuery` reads it without a store. */
export async function postgresDatabase(
  cluster: Cluster,
  url: string,
  runQuery: RunQuery,
  dir: string,
): Promise<SimulatedDatabase> {
  await cluster.empty(url);
  return {
    async open(owner, domain) {
      const name = `process-${(processes += 1)}`;
      owners.set(name, owner);
      clients.set(owner, new Set());
      const databaseUrl = `${url}&application_name=${name}`;
      const file = path.join(dir, "inquiries.db");
      return openStore({ file, databaseUrl, messageIdDomain: domain });
    },
    rows() {
      const present = runQuery("select to_regclass('inquiries') is not null as present")[0]?.[
        "present"
      ];
      return present
        ? (
            runQuery("select * from inquiries order by id") as Parameters<typeof toInquiry>[0][]
          ).map(toInquiry)
        : [];
    },
    run: (sql, ...values) => {
      let place = 0;
      return runQuery(
        sql.replace(/\?/g, () => `$${(place += 1)}`),
        values,
      );
    },
    bytes: () => Buffer.alloc(0), // test/inquiries/postgres.long.test.ts searches the files
    cut(owner) {
      for (const client of clients.get(owner) ?? []) client.connection.stream.destroy();
    },
    close: () => Promise.resolve(), // dead processes stay registered, so that a reconnection is refused
  };
}

/** Runs a query and blocks the thread until its rows arrive. */
export type RunQuery = (sql: string, values?: unknown[]) => Record<string, unknown>[];

export function startQuerying(url: string): { runQuery: RunQuery; close: () => Promise<unknown> } {
  const { port1, port2 } = new MessageChannel();
  const results = new Int32Array(new SharedArrayBuffer(4));
  const workerData = { url, results, port: port2 };
  const worker = new Worker(new URL("./ask-postgres.ts", import.meta.url), {
    workerData,
    transferList: [port2],
    execArgv: [],
  });
  const runQuery: RunQuery = (sql, values = []) => {
    port1.postMessage({ sql, values });
    for (;;) {
      const before = Atomics.load(results, 0);
      const received = receiveMessageOnPort(port1);
      if (!received) {
        Atomics.wait(results, 0, before);
        continue;
      }
      const { rows, error } = received.message as {
        rows?: Record<string, unknown>[];
        error?: string;
      };
      if (error) throw new Error(`${sql}: ${error}`);
      return rows ?? [];
    }
  };
  return { runQuery, close: () => worker.terminate() };
}
