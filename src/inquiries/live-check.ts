// An inquiry of our own, which `npm run doctor -- --live` sends through the public address to see that the form takes what people write.
// The site knows it by a mark: a hash of its words under a key that the sender put into the store. So only who may write to the store can
// make one; it is good for these words, once, and for two minutes. With any other mark an inquiry is one like all others.

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { sql } from "kysely";
import { fields, type Inquiry } from "./inquiry.ts";
import type { Database } from "./store-schema.ts";

/** The form's field for it, which no page shows. */
export const markName = "live_check";

const goodForMs = 2 * 60_000;
const leftBehindMs = 3_600_000;

export function markOf(key: string, inquiry: Inquiry): string {
  const words = fields.map(({ name }) => inquiry[name]);
  return createHmac("sha256", key).update(JSON.stringify(words)).digest("hex");
}

export function liveCheckQueries(database: Database) {
  const keyOf = (name: string) => name.slice("live-check ".length);

  return {
    /** Makes a key for the mark of one inquiry that is about to come. */
    async expectLiveCheck(now: Date): Promise<string> {
      const keys = database.deleteFrom("events").where("name", "like", "live-check %");
      await keys.where("at", "<=", now.getTime()).execute();
      const key = randomBytes(32).toString("hex");
      const values = { name: `live-check ${key}`, at: now.getTime() + goodForMs } as const;
      await database.insertInto("events").values(values).execute();
      return key;
    },

    /** Whether this is an inquiry that is expected. From then on it is not. */
    async takeLiveCheck(inquiry: Inquiry, mark: unknown, now: Date): Promise<boolean> {
      if (typeof mark !== "string" || !/^[\da-f]{64}$/.test(mark)) return false;
      const expected = database.selectFrom("events").select("name").where("name", "like", "live-check %");
      const events = await expected.where("at", ">", now.getTime()).execute();
      const found = events.find(({ name }) => timingSafeEqual(Buffer.from(markOf(keyOf(name), inquiry)), Buffer.from(mark)));
      if (!found) return false;
      const taken = await database.deleteFrom("events").where("name", "=", found.name).executeTakeFirst();
      return taken.numDeletedRows === 1n;
    },

    /** Deletes one, and what checks that died on the way have left. It says nothing of anybody, so nothing of it is remembered. */
    async forgetLiveCheck(reference: string, now: Date): Promise<void> {
      const checks = database.deleteFrom("inquiries").where("state", "=", "live-check");
      const old = sql<boolean>`received_at < ${now.getTime() - leftBehindMs}`;
      await checks.where((row) => row.or([row("reference", "=", reference), old])).execute();
    },
  };
}
