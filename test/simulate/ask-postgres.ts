// The thread that startQuerying starts. It has its own connection, so that the simulation can block until a query has its result.

import { workerData, type MessagePort } from "node:worker_threads";
import { Client, types } from "pg";

const { url, results, port } = workerData as {
  url: string;
  results: Int32Array;
  port: MessagePort;
};
types.setTypeParser(types.builtins.INT8, Number);
const client = new Client({ connectionString: url });
const connected = client.connect();

port.on("message", ({ sql, values }: { sql: string; values: unknown[] }) => {
  void connected
    .then(() => client.query<Record<string, unknown>>(sql, values))
    .then(({ rows }) => ({ rows }))
    .catch((error: unknown) => ({ error: String(error) }))
    .then(report);
});

function report(result: object): void {
  port.postMessage(result);
  Atomics.add(results, 0, 1);
  Atomics.notify(results, 0);
}
