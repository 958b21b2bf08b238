// Shared by all parts: processes on a core, CPU and memory from /proc, and one line per figure.

import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sent } from "../test/support/sent.ts";

export type Options = { quick: boolean; many: boolean };
export type Part = (options: Options) => Promise<{ intro: string; figures: string[] }>;

/** A part cannot run here. The message says what to install. */
export class MissingError extends Error {}

/** An article of this repository, about 23 KB of HTML. */
export const articlePath = "/articles/why-backend-developers-carry-the-most-responsibility";

export const inBench = (name: string) => path.join(import.meta.dirname, name);

/** Throws a MissingError if one of the programs is not installed. */
export function needPrograms(...names: string[]): void {
  const missing = names.filter((name) => spawnSync(name, ["-v"]).error);
  if (missing.length > 0) throw new MissingError(`not installed: ${missing.join(", ")}`);
}

// Servers have one core and the load generator the other, so that neither takes time from the other.
const serverCore = 0;
const loadCore = 1;

function spawnOn(
  core: number,
  command: string,
  args: string[],
  env: Record<string, string> = {},
): ChildProcess {
  const child = spawn("taskset", ["-c", `${core}`, command, ...args], {
    cwd: inBench(".."),
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill); // also when the benchmark fails
  child.once("exit", () => process.off("exit", kill));
  return child;
}

/** Starts a server on its core. Resolves when `url` responds. */
export async function startServer(
  url: string,
  command: string,
  args: string[],
  env: Record<string, string> = {},
) {
  const child = spawnOn(serverCore, command, args, env);
  child.stdout?.resume();
  for (let attempt = 0; attempt < 500 && child.exitCode === null; attempt += 1) {
    if (await sent(url, {}).catch(() => undefined)) return child;
    await sleep(20);
  }
  throw new Error(`${command} ${args.join(" ")} does not respond at ${url}`);
}

export async function end(child: ChildProcess): Promise<void> {
  const closed = once(child, "close");
  child.kill("SIGKILL");
  await closed;
}

export type Stored = { headers: Record<string, string>; body: Buffer };

/** Returns a response of the site as it stores it, with brotli. The headers of a connection are left out. */
export async function storedResponse(
  url: string,
  requestHeaders: Record<string, string> = {},
): Promise<Stored> {
  await sent(url, { "accept-encoding": "br" });
  await sleep(1_000); // better compression follows the first request in the background
  const { headers, body } = await sent(url, { "accept-encoding": "br", ...requestHeaders });
  const {
    date: _date,
    connection: _connection,
    "keep-alive": _keepAlive,
    "content-length": _length,
    ...rest
  } = headers;
  return { headers: rest, body };
}

type Load = {
  url: string;
  connections: number;
  seconds: number;
  headers?: Record<string, string>;
  requests?: string[];
};

/** Sends requests with wrk. `requests` are the arguments of requests.lua. Returns the number of responses. Throws if one is an error. */
export async function load({
  url,
  connections,
  seconds,
  headers = {},
  requests = [],
}: Load): Promise<number> {
  const options = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  if (requests.length > 0) options.push("-s", inBench("requests.lua"));
  const shape = ["-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "10s"];
  const child = spawnOn(loadCore, "wrk", [...shape, ...options, url, "--", ...requests]);
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await once(child, "close");
  const total = Number(/(\d+) requests in/.exec(output)?.[1]);
  if (!total || /Non-2xx|Socket errors/.test(output)) throw new Error(`${url}: ${output}`);
  return total;
}

export type Server = {
  child: ChildProcess;
  url: string;
  headers?: Record<string, string>;
  requests?: string[];
};

/** Loads the servers in turn, several rounds, and ends them. Returns the CPU time per request of each round in microseconds. */
export async function measureCpu<Name extends string>(
  servers: Record<Name, Server>,
  quick: boolean,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(servers) as Name[];
  const cpu = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<
    Name,
    number[]
  >;
  const [rounds, seconds] = quick ? [1, 1] : [7, 2];
  for (let round = -1; round < rounds; round += 1) {
    for (const name of names) {
      const { child, ...target }: Server = servers[name];
      const before = cpuMsOf(child);
      const total = await load({ ...target, connections: 32, seconds });
      if (round >= 0) cpu[name].push(((cpuMsOf(child) - before) * 1_000) / total); // the first round warms up
    }
  }
  for (const child of new Set(names.map((name) => servers[name].child))) await end(child);
  return cpu;
}

/** Returns user and system time of a process in ms. Linux counts in hundredths of a second. */
export function cpuMsOf({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

export function quantile(values: number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * part), sorted.length - 1)] ?? NaN;
}

/** Returns one figure of all samples. */
export const column = <Name extends string>(samples: Record<Name, number>[], name: Name) =>
  samples.map((sample) => sample[name]);

/** Returns a ÷ b for each round. Rounds differ by what else the machine does. */
export const ratios = (a: number[], b: number[]) =>
  a.map((value, round) => value / (b[round] ?? NaN));

type Goal = { digits?: number; atLeast?: number; atMost?: number };

/** Returns one line: the figure's median, min and max, and whether the median meets the goal. */
export function figure(
  what: string,
  values: number[],
  { digits = 0, atLeast, atMost }: Goal = {},
): string {
  const shown = (value: number) =>
    value.toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const median = quantile(values, 0.5);
  const spread =
    values.length > 1 ? ` (${shown(Math.min(...values))} to ${shown(Math.max(...values))})` : "";
  const line = `${what}: ${shown(median)}${spread}`;
  const goal = atLeast ?? atMost;
  if (goal === undefined) return line;
  const isMet = atLeast === undefined ? median <= goal : median >= goal;
  return `${line}, goal ${atLeast === undefined ? "≤" : "≥"} ${shown(goal)}: ${isMet ? "met" : "**not met**"}`;
}
