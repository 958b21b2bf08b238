// `node bench/reader.ts URL PER_SECOND SECONDS`: a reader who asks at fixed instants, however long answers take (an open loop: one who waits
// would ask less during a standstill). It opens its connections, waits a second for the storm to begin, and prints how long each answer took from
// then on, in milliseconds. Connections come first: a busy event loop was seen to take about one new one in each turn, with any store.

import { once } from "node:events";
import { Agent, get, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const [url = "", perSecond = "", seconds = ""] = process.argv.slice(2);
const connections = 64;
const agent = new Agent({ keepAlive: true, maxSockets: connections });

async function ask(): Promise<number> {
  const askedAt = performance.now(); // a timer that is late is not the site's fault
  const [response] = (await once(get(url, { agent, headers: { "accept-encoding": "br" } }), "response")) as [IncomingMessage];
  await once(response.resume(), "end");
  return performance.now() - askedAt;
}

await Promise.all(Array.from({ length: connections }, ask));
await sleep(1_000);
const startedAt = performance.now();
const answers: Promise<number>[] = [];
for (let count = 0; count < Number(perSecond) * Number(seconds); count += 1) {
  const waitMs = startedAt + (count * 1_000) / Number(perSecond) - performance.now();
  if (waitMs > 0) await sleep(waitMs);
  answers.push(ask()); // and does not wait for it
}
console.log(JSON.stringify(await Promise.all(answers)));
agent.destroy();
