// `npm run bench -- posts`: what a durable store costs those who post, and those who read meanwhile. The project form is posted over 64
// connections while a reader asks for a kept page 200 times a second, to a site with its store and to the same site without; rounds are
// interleaved. Each round has a process and a store of its own, since what is remembered of a network grows with its posts.

import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openStore, type Store } from "../src/inquiries/store/store.ts";
import { freePort } from "../test/support/process.ts";
import { temporaryFolder } from "../test/support/site.ts";
import { cpuMsOf, end, goals, load, median, needPrograms, outputOf, quantile, shown, spread, startServer, table } from "./measure.ts";

const ways = ["no store", "no commit", "durable"]; // posts-site.ts tells what they mean
const rounds = 5;
const seconds = 3;
const warmSeconds = 2;
const connections = 64;
const readsPerSecond = 200;
const readPage = "/articles/why-backend-developers-carry-the-most-responsibility";
const beside = (name: string) => path.join(import.meta.dirname, name);

type Sample = { perSecond: number; cpu: number; readMs: number };

async function storm(way: string): Promise<Sample> {
  const { dir, remove } = await temporaryFolder();
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const site = await startServer(origin + readPage, process.execPath, [beside("posts-site.ts"), way, `${port}`, dir]);
  const post = (forSeconds: number, name: string) =>
    load(`${origin}/contact`, { connections, seconds: forSeconds, options: ["-s", beside("posts.lua")], scriptArguments: [name] });
  await post(warmSeconds, "warm");
  const reading = outputOf(process.execPath, [beside("reader.ts"), origin + readPage, `${readsPerSecond}`, `${seconds}`]);
  await sleep(500); // it has its connections, and begins when the storm is half a second old
  const before = cpuMsOf(site);
  const posted = await post(seconds + 1, "measured");
  const cpu = ((cpuMsOf(site) - before) * 1_000) / posted;
  const readMs = quantile(JSON.parse(await reading) as number[], 0.99);
  await end(site);
  await remove();
  return { perSecond: posted / (seconds + 1), cpu, readMs };
}

export async function run(): Promise<string> {
  needPrograms("taskset", "wrk");
  const samples = new Map<string, Sample[]>(ways.map((way) => [way, []]));
  for (let round = 0; round < rounds; round += 1) for (const [way, taken] of samples) taken.push(await storm(way));
  const of = (way: string, figure: keyof Sample) => (samples.get(way) ?? []).map((sample) => sample[figure]);
  // Each round is compared with itself: what else the machine does changes from one to the next.
  const ratio = (figure: keyof Sample, way: string) =>
    median(of("durable", figure).map((value, round) => value / (of(way, figure)[round] ?? NaN)));
  const rows = ways.map((way) => [way, spread(of(way, "perSecond")), spread(of(way, "cpu")), spread(of(way, "readMs"), 1)]);
  return [
    `Posts over ${connections} connections with ${readsPerSecond} reads a second beside them, ${rounds} rounds of ${seconds + 1} s, medians (min to max).`,
    table(["store", "posts/s", "CPU µs a post", "99 of 100 readers answered within, ms"], rows),
    goals([
      { what: "posts/s, durable × no store", measured: ratio("perSecond", "no store"), goal: 0.9, atLeast: true },
      { what: "posts/s, durable × no commit", measured: ratio("perSecond", "no commit"), goal: 0.9, atLeast: true },
      { what: "readers' p99, durable × no store", measured: ratio("readMs", "no store"), goal: 2 },
    ]),
    "All posts come from one network, without the limits on how many one may send. Nothing is delivered, and the log goes to /dev/null. Readers have their connections already.",
    await groupCommit(),
  ].join("\n\n");
}

const inquiries = 1_024;
const groupRounds = 7;

/** The store alone: inquiries one after the other, a commit each, and 64 at a time with a commit for all that arrived together. */
async function groupCommit(): Promise<string> {
  const { dir, remove } = await temporaryFolder();
  const store = await openStore(path.join(dir, "inquiries.db"), "localhost");
  const sizes = [1, connections];
  const perSecond = sizes.map((): number[] => []);
  for (let round = 0; round < groupRounds; round += 1) {
    for (const [index, together] of sizes.entries()) {
      const startedAt = performance.now();
      for (let done = 0; done < inquiries; done += together) {
        await Promise.all(Array.from({ length: together }, (_one, place) => accept(store, `${round} ${together} ${done + place}`)));
      }
      perSecond[index]?.push((inquiries / (performance.now() - startedAt)) * 1_000);
    }
  }
  await store.close();
  await remove();
  const [alone = [], grouped = []] = perSecond;
  return `The store by itself, ${groupRounds} rounds of ${inquiries}: one inquiry at a time ${spread(alone)} a second, ${connections} together
${spread(grouped)}: ${shown(median(grouped) / median(alone), 1)} times as many.`;
}

function accept(store: Store, message: string) {
  const inquiry = { name: "Priya", email: "p@fjord.example", company: "", kind: "team", start: "open", message };
  return store.inbox.accept(inquiry, { slug: "", title: "", quarantineReason: "" }, new Date());
}
