// What the parts of the benchmark share: servers, load from the second core (`npm run bench` runs
// everything else on the first), CPU time from /proc, requests of a list of pages, and one line for
// each figure.

import { execFile, spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { opened } from "../test/support/opened.ts";
import { freePort } from "../test/support/process.ts";
import { sent } from "../test/support/sent.ts";

export type Server = { child: ChildProcess; origin: string };
export type Load = { paths: string[]; headers?: Record<string, string>; post?: boolean };

export const inBench = (name: string) => path.join(import.meta.dirname, name);

/** Starts a server. `args` get its port. Resolves when it responds. */
export async function startServer(args: (port: number) => string[]): Promise<Server> {
  const port = await freePort();
  const [program = "", ...others] = args(port);
  const child = spawn(program, others, { stdio: ["ignore", "ignore", "inherit"] });
  opened.defer(() => void child.kill("SIGKILL"));
  const origin = `http://127.0.0.1:${port}`;
  while (!(await sent(`${origin}/`, {}).catch(() => undefined))) {
    if (child.exitCode !== null) throw new Error(`a server ended: ${program} ${others.join(" ")}`);
    await sleep(20);
  }
  return { child, origin };
}

/** Sends requests from the second core. Returns how many got a response. */
export async function load({ origin }: Server, requests: Load, seconds: number): Promise<number> {
  const args = [inBench("load.ts"), origin, `${seconds}`, JSON.stringify(requests)];
  const { stdout } = await promisify(execFile)("taskset", ["-c", "1", process.execPath, ...args]);
  return Number(stdout);
}

/** Starts a server of servers.js. */
export const startOther = (kind: string, file: string): Promise<Server> =>
  startServer((port) => [process.execPath, inBench("servers.js"), kind, `${port}`, file]);

/** Requests pages one after the other. Returns their HTML by path, and the slowest, in ms. */
export async function requestAll({ origin }: Pick<Server, "origin">, paths: string[]) {
  const pages: Record<string, string> = {};
  let slowestMs = 0;
  for (const path of paths) {
    const askedAt = performance.now();
    const { body } = await sent(origin + path, {});
    slowestMs = Math.max(slowestMs, performance.now() - askedAt);
    pages[path] = body.toString();
  }
  return { pages, slowestMs };
}

/** Returns the CPU time per request in µs. */
export async function cpuPerRequest(server: Server, requests: Load): Promise<number> {
  const before = cpuMs(server);
  const count = await load(server, requests, 2);
  return ((cpuMs(server) - before) * 1_000) / count;
}

/** Linux counts in hundredths of a second. */
function cpuMs({ child: { pid } }: Server): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Measures seven times. Returns a line for each figure, with the median, min and max. */
export async function figures(measure: () => Promise<Record<string, number>>): Promise<string[]> {
  const samples: Record<string, number>[] = [];
  while (samples.length < 7) samples.push(await measure());
  return Object.keys(samples[0] ?? {}).map((what) => {
    const sorted = samples.map((sample) => sample[what] ?? NaN).sort((a, b) => a - b);
    const shown = (value = NaN) => value.toFixed(value < 10 ? 2 : 0);
    const [min, median, max] = [0, 3, 6].map((index) => shown(sorted[index]));
    return `- ${what}: ${median} (${min} to ${max})`;
  });
}
