// Named times in the store: when something was done last, and since when something is wrong.

import type { Database, EventTable, Incident } from "./schema.ts";

export function createEvents(database: Database) {
  return {
    /** Records that something happened now. */
    async record(name: EventTable["name"], now: Date): Promise<void> {
      const event = { name, at: now.getTime() };
      const insert = database.insertInto("events").values(event);
      await insert.onConflict((same) => same.column("name").doUpdateSet(event)).execute();
    },

    /** When it was recorded last, or undefined. */
    async timeOf(name: EventTable["name"]): Promise<Date | undefined> {
      const event = await database.selectFrom("events").select("at").where("name", "=", name).executeTakeFirst();
      return event && new Date(event.at);
    },

    /** Opens an incident, which keeps its first time, or closes it with undefined. Returns whether that changed anything. */
    async setIncident(name: Incident, since: Date | undefined): Promise<boolean> {
      if (!since) return (await database.deleteFrom("events").where("name", "=", name).executeTakeFirst()).numDeletedRows === 1n;
      const insert = database.insertInto("events").values({ name, at: since.getTime() });
      const inserted = await insert.onConflict((same) => same.column("name").doNothing()).executeTakeFirst();
      return inserted.numInsertedOrUpdatedRows === 1n;
    },
  };
}
