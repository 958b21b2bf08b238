// Retries of what fails transiently: a lock that another process holds, a database server that restarts.

import { setTimeout as sleep } from "node:timers/promises";

type RetryOptions = { isTransient: (error: unknown) => boolean; attempts: number; delayMs: number };

/** Runs `work` until it succeeds, at most `attempts` times with `delayMs` between them. Throws the first error that is not transient, or the last one. */
export async function retry<Result>(work: () => Promise<Result> | Result, options: RetryOptions): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= options.attempts || !options.isTransient(error)) throw error;
      await sleep(options.delayMs);
    }
  }
}
