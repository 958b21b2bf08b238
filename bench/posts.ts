// `npm run bench -- posts`: durable posts a second, and readers' response times meanwhile. The project form is posted over 64 connections while
// a reader requests a cached page 200 times a second, in turn from a site with its store and from one without. Each round has a new process
// and a new store, because the process remembers recent posts of each network.

import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { Agent, get, type IncomingMessage } from "node:http";
import { once } from "node:events";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../test/support/process.ts";
import { temporaryFolder } from "../test/support/site.ts";
import {
  articlePath,
  column,
  end,
  figure,
  inBench,
  load,
  needPrograms,
  quantile,
  ratios,
  startServer,
  type Part,
} from "./measure.ts";

const connections = 64;
const readsPerSecond = 200;

async function storm(seconds: number, ...options: string[]) {
  const { dir, remove } = await temporaryFolder();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const site = await startServer(url + articlePath, process.execPath, [
    inBench("posts-site.ts"),
    `${port}`,
    dir,
    ...options,
  ]);
  const post = (seconds: number, name: string) =>
    load({ url, connections, seconds, requests: ["post", name] });
  await post(2, "warm-up");
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const read = () => timeOf(agent, url + articlePath);
  // Connections come first: a busy event loop accepts about one new connection per iteration, with any store.
  await Promise.all(Array.from({ length: connections }, read));
  const [posts, times] = await Promise.all([
    post(seconds + 1, "measured"),
    sleep(500).then(() => readTimes(read, seconds)),
  ]);
  agent.destroy();
  await end(site);
  const fdatasyncs = fdatasyncsPerSecond(dir);
  await remove();
  return { perSecond: posts / (seconds + 1), p99: quantile(times, 0.99), fdatasyncs };
}

/** Requests a page and returns the time in ms. A late timer of this process does not count. */
async function timeOf(agent: Agent, url: string): Promise<number> {
  const startedAt = performance.now();
  const [response] = (await once(
    get(url, { agent, headers: { "accept-encoding": "br" } }),
    "response",
  )) as [IncomingMessage];
  await once(response.resume(), "end");
  return performance.now() - startedAt;
}

/** Reads at fixed instants, however long responses take. */
async function readTimes(read: () => Promise<number>, seconds: number): Promise<number[]> {
  const startedAt = performance.now();
  const times: Promise<number>[] = [];
  for (let count = 0; count < readsPerSecond * seconds; count += 1) {
    const waitMs = startedAt + (count * 1_000) / readsPerSecond - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    times.push(read());
  }
  return Promise.all(times);
}

/** Overwrites 4 KB of a file and calls fdatasync, for a second. SQLite overwrites its log in the same way, after each checkpoint. */
function fdatasyncsPerSecond(dir: string): number {
  const file = openSync(path.join(dir, "fdatasync"), "w");
  const page = Buffer.alloc(4_096, 1);
  const pages = 1_000;
  writeSync(file, Buffer.alloc(pages * page.length));
  fdatasyncSync(file);
  const startedAt = performance.now();
  let count = 0;
  for (; performance.now() - startedAt < 1_000; count += 1) {
    writeSync(file, page, 0, page.length, (count % pages) * page.length);
    fdatasyncSync(file);
  }
  closeSync(file);
  return count;
}

export const run: Part = async ({ quick }) => {
  needPrograms("taskset", "wrk");
  const [rounds, seconds] = quick ? [1, 2] : [7, 3];
  const durable: Awaited<ReturnType<typeof storm>>[] = [];
  const without: typeof durable = [];
  for (let round = 0; round < rounds; round += 1) {
    durable.push(await storm(seconds));
    without.push(await storm(seconds, "--without-store"));
  }
  const perSecond = column(durable, "perSecond");
  const fdatasyncs = column(durable, "fdatasyncs");
  const p99 = column(durable, "p99");
  return {
    intro: `Posts over ${connections} connections on one core, with ${readsPerSecond} reads of a cached page a second. Nothing is delivered, the log is written
to /dev/null, and the limits on posts are off. fdatasync is measured with 4 KB each time on the same disk.`,
    figures: [
      figure("durable posts a second", perSecond, { atLeast: 3_000 }),
      figure("fdatasyncs a second on this disk", fdatasyncs),
      figure("durable posts ÷ fdatasyncs", ratios(perSecond, fdatasyncs), { digits: 2 }),
      figure("posts a second without a store", column(without, "perSecond")),
      figure("readers' p99 ÷ readers' p99 without a store", ratios(p99, column(without, "p99")), {
        digits: 2,
        atMost: 2,
      }),
      figure("readers' p99, ms", p99, { digits: 1 }),
    ],
  };
};
