// The simulated installation's database on PostgreSQL. Which process a connection belongs to stands in its application_name.

import type { Socket } from "node:net";
import path from "node:path";
import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import { Client } from "pg";
import { toInquiry } from "../../src/inquiries/store/schema.ts";
import { openStore } from "../../src/inquiries/store/store.ts";
import type { Cluster } from "../support/postgres.ts";
import type { Owner, SimulatedDatabase } from "./sqlite.ts";

type Crashable = Client & { connectionParameters: { application_name?: string }; connection: { stream: Socket } };
const owners = new Map<string, Owner>();
const clients = new WeakMap<Owner, Set<Crashable>>();
// oxlint-disable-next-line typescript/unbound-method -- it is called with its own `this` below
const query = Client.prototype.query as (this: Client, ...parts: unknown[]) => Promise<unknown>;
Client.prototype.query = function queryCrashable(this: Crashable, ...parts: unknown[]): Promise<unknown> {
  const owner = owners.get(this.connectionParameters.application_name ?? "");
  if (!owner) return query.apply(this, parts);
  clients.get(owner)?.add(this);
  // As a promise, so that what a dead process asks is refused like anything else that fails.
  return Promise.resolve().then(() => owner.execute(() => query.apply(this, parts)));
} as Client["query"];

let processes = 0;

/** Empties the database and simulates on it. `ask` reads it past every store. */
export async function postgresDatabase(cluster: Cluster, url: string, ask: Ask, dir: string): Promise<SimulatedDatabase> {
  await cluster.empty(url);
  return {
    async open(owner, domain) {
      const name = `process-${(processes += 1)}`;
      owners.set(name, owner);
      clients.set(owner, new Set());
      const postgres = { url: `${url}&application_name=${name}`, requireTls: undefined };
      return openStore(path.join(dir, "inquiries.db"), domain, postgres);
    },
    rows() {
      const present = ask("select to_regclass('inquiries') is not null as present")[0]?.["present"];
      return present ? (ask("select * from inquiries order by id") as Parameters<typeof toInquiry>[0][]).map(toInquiry) : [];
    },
    run: (sql, ...values) => {
      let place = 0;
      return ask(
        sql.replace(/\?/g, () => `$${(place += 1)}`),
        values,
      );
    },
    bytes: () => Buffer.alloc(0), // test/inquiries/postgres.long.test.ts looks into the files
    cut(owner) {
      for (const client of clients.get(owner) ?? []) client.connection.stream.destroy();
    },
    close: () => Promise.resolve(), // the dead stay known: one that still tries to connect again is refused
  };
}

/** Asks and waits for the rows, without letting anything else happen in between. */
export type Ask = (sql: string, values?: unknown[]) => Record<string, unknown>[];

export function startAsking(url: string): { ask: Ask; close: () => Promise<unknown> } {
  const { port1, port2 } = new MessageChannel();
  const answered = new Int32Array(new SharedArrayBuffer(4));
  const workerData = { url, answered, port: port2 };
  const worker = new Worker(new URL("./ask-postgres.ts", import.meta.url), { workerData, transferList: [port2], execArgv: [] });
  const ask: Ask = (sql, values = []) => {
    port1.postMessage({ sql, values });
    for (;;) {
      const answers = Atomics.load(answered, 0);
      const received = receiveMessageOnPort(port1);
      if (!received) {
        Atomics.wait(answered, 0, answers); // may wake up for an answer that was taken already
        continue;
      }
      const { rows, error } = received.message as { rows?: Record<string, unknown>[]; error?: string };
      if (error) throw new Error(`${sql}: ${error}`);
      return rows ?? [];
    }
  };
  return { ask, close: () => worker.terminate() };
}
