// Alarms, the daily mail and retention are done by one process, however many share the store: whose turn it is stands there as an instant.

import { sql } from "kysely";
import type { Database } from "./store-schema.ts";

// Longer than what lies between two passes, unless mail hangs; a process that died leaves its turn to another after it.
const turnMs = 180_000;

export function turnQueries(database: Database) {
  let heldUntil = 0; // no other turn ends at that instant

  return {
    /** Whether it is our turn; takes or keeps it where nobody else has it. Asks the database where half of it is over. */
    async isOurTurn(now: Date): Promise<boolean> {
      const at = now.getTime();
      const leftMs = heldUntil - at;
      if (leftMs > turnMs / 2 && leftMs <= turnMs) return true;
      const turn = { name: "housekeeping", at: at + turnMs } as const;
      const take = database.insertInto("events").values(turn).returning("at");
      // A turn that ends later than any can was taken by a clock that was ahead.
      const free = sql<boolean>`events.at <= ${at} or events.at = ${heldUntil} or events.at > ${at + 2 * turnMs}`;
      const taken = await take.onConflict((same) => same.column("name").doUpdateSet(turn).where(free)).executeTakeFirst();
      heldUntil = taken?.at ?? 0;
      return taken !== undefined;
    },

    /** Somebody else may have it at once. */
    async giveUpTurn(): Promise<void> {
      if (heldUntil === 0) return;
      await database.deleteFrom("events").where("name", "=", "housekeeping").where("at", "=", heldUntil).execute();
      heldUntil = 0;
    },
  };
}
