// Trying again, for what fails in passing: a lock that another process holds, a server that restarts.

import { setTimeout as sleep } from "node:timers/promises";

/** Does some work until it succeeds, at most so many times, as long as what it fails with passes; then throws that. */
export async function again<Result>(
  work: () => Promise<Result>,
  passes: (error: unknown) => boolean,
  attempts: number,
  pauseMs: number,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === attempts || !passes(error)) throw error;
      await sleep(pauseMs);
    }
  }
}
