// The lease on housekeeping: one process sends the digest and the alerts and purges, however many share the store.

import { sql } from "kysely";
import type { Database } from "./schema.ts";

// Longer than the time between two passes unless mail hangs. After it, another process takes over from one that died.
const leaseMs = 180_000;

export function createLease(database: Database) {
  let heldUntil = 0; // 0: we do not hold the lease

  return {
    /** Acquires or extends the lease unless another process holds it. Returns whether we hold it. Queries the database when half of it has passed. */
    async acquireLease(now: Date): Promise<boolean> {
      const at = now.getTime();
      const leftMs = heldUntil - at;
      if (leftMs > leaseMs / 2 && leftMs <= leaseMs) return true;
      const lease = { name: "housekeeping", at: at + leaseMs } as const;
      // A lease that ends later than any can was acquired while a clock was ahead.
      const free = sql<boolean>`events.at <= ${at} or events.at = ${heldUntil} or events.at > ${at + 2 * leaseMs}`;
      const insert = database.insertInto("events").values(lease).returning("at");
      const acquired = await insert.onConflict((same) => same.column("name").doUpdateSet(lease).where(free)).executeTakeFirst();
      heldUntil = acquired?.at ?? 0;
      return acquired !== undefined;
    },

    /** Lets another process acquire the lease at once. */
    async releaseLease(): Promise<void> {
      if (heldUntil === 0) return;
      await database.deleteFrom("events").where("name", "=", "housekeeping").where("at", "=", heldUntil).execute();
      heldUntil = 0;
    },
  };
}
