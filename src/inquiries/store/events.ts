// Named times in the store: when something last happened, when an incident began, and the lease on housekeeping.

import { sql } from "kysely";
import type { Database, EventTable, Incident } from "./schema.ts";

export type Events = ReturnType<typeof createEvents>;

// Longer than the time between two passes unless mail hangs. If a process dies, another takes over after this time.
const leaseMs = 180_000;

export function createEvents(database: Database) {
  let leaseEnd = 0; // 0: we do not hold the lease

  return {
    /** Replaces the time of an event. */
    async record(name: EventTable["name"], time: Date): Promise<void> {
      const event = { name, at: time.getTime() };
      const insert = database.insertInto("events").values(event);
      await insert.onConflict((same) => same.column("name").doUpdateSet(event)).execute();
    },

    /** Returns the time of an event, or undefined if there is none. */
    async timeOf(name: EventTable["name"]): Promise<Date | undefined> {
      const event = await database
        .selectFrom("events")
        .select("at")
        .where("name", "=", name)
        .executeTakeFirst();
      return event && new Date(event.at);
    },

    /** Opens an incident (an open one keeps its time) or, with undefined, closes it. Returns whether that changed anything. */
    async setIncident(name: Incident, since: Date | undefined): Promise<boolean> {
      if (!since)
        return (
          (await database.deleteFrom("events").where("name", "=", name).executeTakeFirst())
            .numDeletedRows === 1n
        );
      const insert = database.insertInto("events").values({ name, at: since.getTime() });
      const inserted = await insert
        .onConflict((same) => same.column("name").doNothing())
        .executeTakeFirst();
      return inserted.numInsertedOrUpdatedRows === 1n;
    },

    /**
     * Acquires or extends the lease on housekeeping, so that only one process sends digests and alerts and purges. Returns whether this process
     * holds it. Queries the database only after half of the lease has passed.
     */
    async acquireLease(now: Date): Promise<boolean> {
      const at = now.getTime();
      const leftMs = leaseEnd - at;
      if (leftMs > leaseMs / 2 && leftMs <= leaseMs) return true;
      const lease = { name: "housekeeping", at: at + leaseMs } as const;
      // A lease that ends too far ahead was acquired while a clock was ahead.
      const free = sql<boolean>`events.at <= ${at} or events.at = ${leaseEnd} or events.at > ${at + 2 * leaseMs}`;
      const insert = database.insertInto("events").values(lease).returning("at");
      const acquired = await insert
        .onConflict((same) => same.column("name").doUpdateSet(lease).where(free))
        .executeTakeFirst();
      leaseEnd = acquired?.at ?? 0;
      return acquired !== undefined;
    },

    /** Releases the lease, so that another process can acquire it now. */
    async releaseLease(): Promise<void> {
      if (leaseEnd === 0) return;
      await database
        .deleteFrom("events")
        .where("name", "=", "housekeeping")
        .where("at", "=", leaseEnd)
        .execute();
    },
  };
}
