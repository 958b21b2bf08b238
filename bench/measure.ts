// What all benchmarks share: processes bound to a core, what /proc says of them, and Markdown tables of medians.

import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sent } from "../test/support/sent.ts";

/** A benchmark cannot run here; the message says what to install. */
export class MissingError extends Error {}

export function needCompetitors(): void {
  const installed = existsSync(path.join(import.meta.dirname, "node_modules/fastify"));
  if (!installed) throw new MissingError("the competitors are not installed: npm ci --prefix bench");
}

export function needPrograms(...names: string[]): void {
  const missing = names.filter((name) => spawnSync(name, ["--version"]).error);
  if (missing.length > 0) throw new MissingError(`not installed: ${missing.join(", ")}`);
}

/** Servers have one core and whoever asks them the other, so that neither takes time from what is measured. */
export const serverCore = 0;
export const loadCore = 1;

export function spawnOn(core: number, command: string, args: string[], env: Record<string, string> = {}): ChildProcess {
  const child = spawn("taskset", ["-c", String(core), command, ...args], {
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill); // also when something fails
  child.once("exit", () => process.off("exit", kill));
  return child;
}

/** Runs a server on its core; `url` has to answer before it counts as started. */
export async function startServer(url: string, command: string, args: string[], env: Record<string, string> = {}) {
  const child = spawnOn(serverCore, command, args, env);
  child.stdout?.resume();
  for (let attempt = 0; attempt < 500; attempt += 1) {
    if (child.exitCode !== null) break;
    if (await sent(url, {}).catch(() => undefined)) return child;
    await sleep(20);
  }
  throw new Error(`${command} ${args.join(" ")} does not answer at ${url}`);
}

export async function end(child: ChildProcess): Promise<void> {
  const closed = once(child, "close");
  child.kill("SIGKILL");
  await closed;
}

/** What a program on the core of the load prints, once it has ended. */
export async function outputOf(command: string, args: string[]): Promise<string> {
  const child = spawnOn(loadCore, command, args);
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${output}`);
  return output;
}

type Load = { connections: number; seconds: number; options?: string[]; scriptArguments?: string[] };

/** Puts load on an address by wrk; answers how many requests were answered. */
export async function load(url: string, { connections, seconds, options = [], scriptArguments = [] }: Load): Promise<number> {
  const shape = ["-t", "1", "-c", `${connections}`, "-d", `${seconds}s`];
  const output = await outputOf("wrk", [...shape, ...options, url, "--", ...scriptArguments]);
  const total = Number(/(\d+) requests in/.exec(output)?.[1]);
  if (!total || /Non-2xx|Socket errors/.test(output)) throw new Error(`${url}: ${output}`);
  return total;
}

/** A port that is free now. */
/** User and system time of a process so far; Linux counts in hundredths of a second. */
export function cpuMsOf({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Megabytes of a process in memory: now, and the most so far. */
export function memoryOf({ pid }: ChildProcess): { now: number; most: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const megabytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1_024;
  return { now: megabytes("VmRSS"), most: megabytes("VmHWM") };
}

export function quantile(values: number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * part), sorted.length - 1)] ?? NaN;
}

export const median = (values: number[]) => quantile(values, 0.5);

/** "20.1 (19.8 to 21.4)": the median, the least and the most. */
export function spread(values: number[], digits = 0): string {
  return `${shown(median(values), digits)} (${shown(Math.min(...values), digits)} to ${shown(Math.max(...values), digits)})`;
}

export function shown(value: number, digits = 0): string {
  return value.toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export function table(head: string[], rows: string[][]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

type Goal = { what: string; measured: number; goal: number; digits?: number; atLeast?: boolean };

/** What was promised beside what was measured. */
export function goals(list: Goal[]): string {
  const rows = list.map(({ what, measured, goal, digits = 2, atLeast = false }) => {
    const met = atLeast ? measured >= goal : measured <= goal;
    return [what, shown(measured, digits), `${atLeast ? "≥" : "≤"} ${shown(goal, digits)}`, met ? "met" : "**missed**"];
  });
  return table(["goal", "measured", "", ""], rows);
}

/** On what and when this was measured. */
export function machine(): string {
  const [cpu, ...others] = cpus();
  const date = new Date().toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
  return `${date}, ${cpu?.model.trim()}, ${others.length + 1} cores, Node ${process.version}`;
}
