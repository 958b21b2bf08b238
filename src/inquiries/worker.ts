// The worker: delivers inquiries, then runs the jobs that are due, each on its own.

import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../log.ts";
import { StoreError } from "./store/database.ts";
import type { WorkerStore } from "./store/interface.ts";

/** What a pass does, in this order: it reports errors, delivers, and then runs the jobs that are due. */
export const passParts = ["error reports", "delivery", "alerts", "digest", "purge"] as const;
export type PassPart = (typeof passParts)[number];

export type Job = {
  /** Names the job in the log and in alerts. */
  name: Exclude<PassPart, "error reports" | "delivery">;
  /** Of several processes, one runs the job within this time. */
  everyMs: number;
  /** Whether it has anything to do at this time of the day. By default, always. */
  isDue?: (now: Date) => boolean;
  /** Throws if the job failed. */
  run: (now: Date) => Promise<void>;
};

type WorkerParts = {
  store: WorkerStore;
  deliverDue: (isOver: () => boolean) => Promise<number>;
  jobs: Job[];
  /** `report` is called before each pass, even if the store fails. */
  failures: { record(what: string, now: Date): void; report(now: Date): Promise<void> };
  storeRetryMs: number;
  clock: () => Date;
  log: Log;
};

/** A pass claims no inquiry after this time: if the mail server hangs, jobs must not wait. */
const maxPassMs = 60_000;
/** A command may have made an inquiry due. */
const maxPauseMs = 60_000;

export function createWorker(parts: WorkerParts) {
  const { store, deliverDue, jobs, failures, storeRetryMs, clock, log } = parts;
  let stopped = false;
  let pause = new AbortController();
  let running: Promise<void> | undefined;

  /** Runs what is due, and records whether it failed. Throws only if the store fails. */
  async function attempt(name: PassPart, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
      await store.setFailing(name, undefined);
    } catch (error) {
      if (error instanceof StoreError) throw error;
      log.error({ err: error }, `the ${name} failed`);
      await store.setFailing(name, clock());
    }
  }

  /** Runs the jobs that are due and that no other process has claimed. */
  async function runJobs(): Promise<void> {
    for (const { name, everyMs, isDue = () => true, run } of jobs) {
      const now = clock();
      if (isDue(now) && (await store.claimJob(name, now, everyMs)))
        await attempt(name, () => run(now));
    }
  }

  /** Returns for how many milliseconds to pause unless a new inquiry arrives. */
  async function pass(): Promise<number> {
    const report = failures.report(clock());
    await report.catch(() => {}); // first, because it reports that the store cannot be opened
    await store.open();
    await attempt("error reports", () => report);
    const end = clock().getTime() + maxPassMs;
    await attempt("delivery", () => deliverDue(() => stopped || clock().getTime() >= end));
    if (!stopped) await runJobs();
    const next = (await store.nextDue())?.getTime() ?? Infinity;
    return Math.min(Math.max(next - clock().getTime(), 100), maxPauseMs);
  }

  async function run(): Promise<void> {
    while (!stopped) {
      pause = new AbortController(); // before the pass: a nudge during it ends the next pause
      const pauseMs = await pass().catch((error: unknown) => {
        const isStore = error instanceof StoreError;
        const what = isStore ? "could not reach the store" : "failed";
        failures.record(isStore ? error.message : "the worker failed", clock());
        log.error(
          { err: error },
          `the worker ${what} and tries again in ${storeRetryMs / 1_000} s`,
        );
        return storeRetryMs;
      });
      await sleep(pauseMs, undefined, { signal: pause.signal }).catch(() => undefined);
    }
  }

  return {
    runJobs,
    /** Runs passes until `stop` is called. */
    start(): void {
      running ??= run();
    },
    /** Ends the pause between two passes, because a new inquiry is due. */
    nudge(): void {
      pause.abort();
    },
    /** Claims nothing more, and resolves once the mail in progress is settled. */
    async stop(): Promise<void> {
      stopped = true;
      pause.abort();
      await running;
    },
  };
}
