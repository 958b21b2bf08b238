// `node bench/reader.ts URL PER_SECOND SECONDS`: a reader who asks at fixed instants, however long answers take (an open loop: one who waits
// would ask less during a standstill). Prints how long each answer took, in milliseconds.

import { once } from "node:events";
import { Agent, get, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const [url = "", perSecond = "", seconds = ""] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true });
const startedAt = performance.now();

async function ask(): Promise<number> {
  const askedAt = performance.now(); // a timer that is late is not the site's fault
  const [response] = (await once(get(url, { agent, headers: { "accept-encoding": "br" } }), "response")) as [IncomingMessage];
  await once(response.resume(), "end");
  return performance.now() - askedAt;
}

const answers: Promise<number>[] = [];
for (let count = 0; count < Number(perSecond) * Number(seconds); count += 1) {
  const waitMs = startedAt + (count * 1_000) / Number(perSecond) - performance.now();
  if (waitMs > 0) await sleep(waitMs);
  answers.push(ask()); // and does not wait for it
}
console.log(JSON.stringify(await Promise.all(answers)));
agent.destroy();
