// Alarms, the daily mail and retention are done by one process, however many share the store: whose turn it is stands there as an instant.

import type { Store } from "./store.ts";

// Longer than the minute between two passes and the minute that a mail may take; a process that died leaves its turn to another after it.
const turnMs = 180_000;

export function createTurn(store: Store, now: () => Date) {
  let heldUntil = 0;

  return {
    /** Whether it is our turn; asks the store where half of it is over. */
    async isOurs(): Promise<boolean> {
      const at = now();
      if (heldUntil - at.getTime() > turnMs / 2) return true;
      const until = at.getTime() + turnMs;
      const ours = await store.takeTurn(heldUntil, at, until);
      heldUntil = ours ? until : 0;
      return ours;
    },
    /** Somebody else may have it at once. */
    async giveUp(): Promise<void> {
      if (heldUntil > 0) await store.takeTurn(heldUntil, new Date(0), 0).catch(() => undefined);
    },
  };
}
