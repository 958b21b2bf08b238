// The command `jobs`: what timers of systemd do on a server, for a container. It runs the live
// check, the daily check and the backup by the clock, and tells ALERT_WEBHOOK_URL what fails.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { failure, tell } from "./alerts.ts";
import { runProcess, type Call } from "./command.ts";
import { errorMessage } from "../log.ts";
import { readConfig } from "../startup.ts";

const help = `In a container: site jobs

Runs until it is stopped. At its start and then by the clock, each job runs a command of the site:
every five minutes the live check, at 03:30 the backup, at 07:00 the daily check. What fails is told at
ALERT_WEBHOOK_URL, again after a day, and when it is over. On a server, systemd does this.`;

type Job = { name: string; args: string[]; at?: { hour: number; minute: number } };

/** The jobs. One without `at` is due at each step of the clock. */
const jobs: Job[] = [
  { name: "live-check", args: ["doctor", "--live-check"] },
  { name: "backup", args: ["inquiries", "backup"], at: { hour: 3, minute: 30 } },
  { name: "daily-check", args: ["doctor"], at: { hour: 7, minute: 0 } },
];

const stepMs = 5 * 60_000;

/** Returns whether a job that last began at `began` should have begun again. */
function isDue({ at }: Job, began: Date | undefined, now: Date): boolean {
  if (!at || !began) return true;
  const last = new Date(now);
  last.setHours(at.hour, at.minute, 0, 0);
  if (last > now) last.setDate(last.getDate() - 1);
  return began < last;
}

/** Returns the jobs to run now, and notes in `began` that they have begun. */
export function takeDue(began: Map<string, Date>, now: Date): Job[] {
  const due = jobs.filter((job) => isDue(job, began.get(job.name), now));
  for (const { name } of due) began.set(name, now);
  return due;
}

/**
 * Runs a job in a process of its own, because it may crash. Prints what its command prints, and
 * tells the outcome.
 */
export async function runJob(job: Job, { env, print, printError }: Call, stop: AbortSignal) {
  const [command, ...args] = job.args;
  const script = path.join(import.meta.dirname, `${command}.ts`);
  const child = spawn(process.execPath, [script, ...args], { env, signal: stop });
  // The signal stops the job, which Node reports as an error of the process.
  const ended = once(child, "close").catch(() => [null]);
  const printed = await Promise.all([text(child.stdout), text(child.stderr)]);
  const lines = printed.join("").trim().split("\n");
  for (const line of lines) print(`${job.name}: ${line}`);
  const [code] = (await ended) as [number | null];
  if (stop.aborted) return;
  const head = `failed (exit code ${code}); see the log of the jobs`;
  const { siteUrl, dataDir, alertWebhookUrl: url } = readConfig(env);
  const folder = path.join(env["TMPDIR"] ?? tmpdir(), "clean-systems-alerts");
  const untaken = path.join(dataDir, "untaken-alert");
  const outcome = code === 0 ? "passed" : failure(head, lines);
  await tell({ folder, untaken, url, siteUrl }, job.name, outcome).catch((error: unknown) =>
    printError(`jobs: nobody was told: ${errorMessage(error)}`),
  );
}

async function main(call: Call): Promise<void> {
  readConfig(call.env); // a wrong setting ends the command at once
  const stopping = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => stopping.abort());
  const { signal } = stopping;
  const began = new Map<string, Date>();
  call.print(`jobs: the first run is in ${stepMs / 60_000} minutes at most`);
  while (!signal.aborted) {
    await sleep(stepMs - (Date.now() % stepMs), undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    for (const job of takeDue(began, new Date())) await runJob(job, call, signal);
  }
}

if (import.meta.main) await runProcess({ help, main });
