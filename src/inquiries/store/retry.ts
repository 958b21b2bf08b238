// Retries operations that fail transiently: another process holds a lock, or a database server restarts.

import { setTimeout as sleep } from "node:timers/promises";

type RetryOptions = { isTransient: (error: unknown) => boolean; attempts: number; delayMs: number };

/** Runs `work` up to `attempts` times with `delayMs` in between. Throws an error that is not transient, or the last one. */
export async function retry<Result>(
  work: () => Promise<Result> | Result,
  options: RetryOptions,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= options.attempts || !options.isTransient(error)) throw error;
      await sleep(options.delayMs);
    }
  }
}
