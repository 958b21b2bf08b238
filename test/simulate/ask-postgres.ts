// The other end of startAsking: a thread with a connection of its own, so that the simulation can wait for an answer.

import { workerData, type MessagePort } from "node:worker_threads";
import { Client, types } from "pg";

const { url, answered, port } = workerData as { url: string; answered: Int32Array; port: MessagePort };
types.setTypeParser(types.builtins.INT8, Number);
const client = new Client({ connectionString: url });
const connected = client.connect();

port.on("message", ({ sql, values }: { sql: string; values: unknown[] }) => {
  void connected
    .then(() => client.query<Record<string, unknown>>(sql, values))
    .then(({ rows }) => ({ rows }))
    .catch((error: unknown) => ({ error: String(error) }))
    .then(tell);
});

function tell(answer: object): void {
  port.postMessage(answer);
  Atomics.add(answered, 0, 1);
  Atomics.notify(answered, 0);
}
