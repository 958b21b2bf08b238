// Shared by the parts: servers on one core and load from another, CPU and memory from /proc, and
// one line for each figure.

import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { freePort } from "../test/support/process.ts";
import { sent } from "../test/support/sent.ts";

/** Returns a line for each figure. */
export type Part = (rounds: number) => Promise<string[]>;
export type Server = { child: ChildProcess; origin: string };

export const articlePath = "/articles/why-backend-developers-carry-the-most-responsibility";
export const inBench = (name: string) => path.join(import.meta.dirname, name);

/** Starts a server on the first core. `args` get its port. Resolves when it responds. */
export async function startServer(
  args: (port: number) => string[],
  env: Record<string, string> = {},
  givenPort?: number,
): Promise<Server> {
  const port = givenPort ?? (await freePort());
  const child = spawn("taskset", ["-c", "0", ...args(port)], {
    cwd: inBench(".."),
    env: { PATH: process.env["PATH"] ?? "", PORT: `${port}`, HOST: "127.0.0.1", ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
  process.once("exit", () => child.kill("SIGKILL"));
  const origin = `http://127.0.0.1:${port}`;
  while (!(await sent(`${origin}/`, {}).catch(() => undefined))) {
    if (child.exitCode !== null) throw new Error(`a server ended: ${args(port).join(" ")}`);
    await sleep(20);
  }
  return { child, origin };
}

/** Starts the site as `npm start` does. */
export const startSite = (env: Record<string, string>) =>
  startServer(() => [process.execPath, "--require", "./src/check-node.cjs", "src/main.ts"], env);

export async function stopServer({ child }: Server): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "close");
}

export type Load = { paths: string[]; headers?: Record<string, string>; post?: boolean };

/** Sends requests from the second core. Returns how many there were, and the p99 of their times. */
export async function load(server: Server, requests: Load, seconds: number, connections = 32) {
  const program = ["-c", "1", process.execPath, inBench("load.ts")];
  const args = [server.origin, `${connections}`, `${seconds}`, JSON.stringify(requests)];
  const { stdout } = await promisify(execFile)("taskset", [...program, ...args]);
  return JSON.parse(stdout) as { count: number; p99: number };
}

/** Returns the CPU time per request in µs. */
export async function cpuPerRequest(server: Server, requests: Load, seconds = 2): Promise<number> {
  const before = cpuMs(server);
  const { count } = await load(server, requests, seconds);
  return ((cpuMs(server) - before) * 1_000) / count;
}

/** Linux counts in hundredths of a second. */
export function cpuMs({ child: { pid } }: Pick<Server, "child">): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

export function megabytes({ child: { pid } }: Pick<Server, "child">): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024;
}

/** Returns a line with the median, min and max. Ratios are those of each round. */
export function figure(what: string, values: number[], goal = ""): string {
  const sorted = values.toSorted((a, b) => a - b);
  const shown = (value = NaN) => (value < 10 ? value.toFixed(2) : Math.round(value).toString());
  const median = shown(sorted[Math.floor(sorted.length / 2)]);
  return `${what}: ${median} (${shown(sorted[0])} to ${shown(sorted.at(-1))})${goal && `, goal ${goal}`}`;
}

export const ratios = (a: number[], b: number[]) =>
  a.map((value, round) => value / (b[round] ?? NaN));
