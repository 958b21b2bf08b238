// What staff and housekeeping ask of the store: lists, the daily mail, putting things back, erasure, purge.

import { appendFileSync, existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { sql, type RawBuilder } from "kysely";
import { withoutDialogue } from "./mail-transport.ts";
import { StoreError } from "./sqlite.ts";
import { undelivered, type Database, type Engine, type EventTable, type State, type StoredInquiry, type Trouble } from "./store-schema.ts";

export type Summary = {
  counts: Record<State, number>;
  /** Since when the oldest inquiry waits that staff do not have. */
  oldestUndeliveredAt: Date | undefined;
  /** Why an attempt failed where waiting will not help (our settings, a staff mailbox), while that is news; without what the server said. */
  ourFailure: string | undefined;
  /** Since when the daily mail is not taken. */
  dailyMailFailingSince: Date | undefined;
};

const dayMs = 86_400_000;
// A flood must not make a mail that servers refuse for its size: what is left over is told the next day.
const mostShown = 200;
const mostNamed = 2_000;
const none: Record<State, number> = { pending: 0, stuck: 0, quarantined: 0, "handed-over": 0, bounced: 0, "live-check": 0 };

export function staffQueries(database: Database, engine: Engine, file: string) {
  // References only, which say nothing of anybody. It lies beside the store and outlives the restoring of an older backup.
  const erasedFile = path.join(path.dirname(file), "erased-references.txt");
  const rows = () => database.selectFrom("inquiries").selectAll();
  const update = () => database.updateTable("inquiries");

  async function noteEvent(name: EventTable["name"], now: Date): Promise<void> {
    const event = { name, at: now.getTime() };
    const note = database.insertInto("events").values(event);
    await note.onConflict((same) => same.column("name").doUpdateSet(event)).execute();
  }

  async function eventAt(name: EventTable["name"]): Promise<Date | undefined> {
    const event = await database.selectFrom("events").select("at").where("name", "=", name).executeTakeFirst();
    return event && new Date(event.at);
  }

  const readErased = () => (existsSync(erasedFile) ? readFileSync(erasedFile, "utf8").split("\n").filter(Boolean) : []);

  function noteErased(references: string[]): void {
    appendFileSync(erasedFile, references.map((reference) => `${reference}\n`).join(""), { mode: 0o600, flush: true });
  }

  /** What was erased from any machine: a backup that is restored forgets it, a file does not, and a new machine has no file. */
  async function exchangeErased(): Promise<void> {
    const told = await database.selectFrom("events").select("name").where("name", "like", "erased %").execute();
    const inDatabase = new Set(told.map(({ name }) => name.slice("erased ".length)));
    const inFile = new Set(readErased());
    if (!inDatabase.isSubsetOf(inFile)) noteErased([...inDatabase.difference(inFile)]);
    const untold = [...inFile.difference(inDatabase)].sort(); // in one order, so that no two machines wait for each other
    while (untold.length > 0) {
      const events = untold.splice(0, 1_000).map((reference) => ({ name: `erased ${reference}` as const, at: 0 }));
      const tell = database.insertInto("events").values(events);
      await tell.onConflict((same) => same.column("name").doNothing()).execute();
    }
  }

  /** Deletes whatever was erased from any machine and is there all the same. Returns how many that were. */
  async function deleteErased(): Promise<number> {
    await exchangeErased();
    const reference = sql<string>`substr(name, ${sql.lit("erased ".length + 1)})`.as("reference");
    const erased = database.selectFrom("events").select(reference).where("name", "like", "erased %");
    const deleted = await database.deleteFrom("inquiries").where("reference", "in", erased).executeTakeFirst();
    return Number(deleted.numDeletedRows);
  }

  return {
    /** Newest first. */
    list(state?: State): Promise<StoredInquiry[]> {
      const newestFirst = rows().orderBy("received_at", "desc").orderBy("id", "desc");
      return (state ? newestFirst.where("state", "=", state) : newestFirst).execute();
    },

    /** All of an address, in any case; oldest first. */
    ofAddress(email: string): Promise<StoredInquiry[]> {
      return rows().where("email_key", "=", emailKey(email)).orderBy("id").execute();
    },

    /** Throws unless a commit reaches the disk at this moment: a statement that changes nothing would pass on a full one. */
    checkWritable: (now: Date) => noteEvent("probe", now),

    /** How things stand. */
    async summary(now: Date): Promise<Summary> {
      const byState = database.selectFrom("inquiries").groupBy("state");
      const groups = await byState.select(["state", sql<number>`count(*)`.as("count")]).execute();
      const oldestFirst = rows().where("state", "in", undelivered).orderBy("waiting_since");
      const oldest = await oldestFirst.limit(1).executeTakeFirst();
      const failed = await rows()
        .where("last_failure", "like", "ours: %")
        .where((row) => row.or([row("state", "in", undelivered), row("handed_over_at", ">", now.getTime() - dayMs)]))
        .orderBy("due_at", "desc")
        .limit(1)
        .executeTakeFirst();
      const failing = await eventAt("daily-mail-failing");
      return {
        counts: { ...none, ...Object.fromEntries(groups.map(({ state, count }) => [state, count])) },
        oldestUndeliveredAt: oldest && new Date(oldest.waiting_since),
        ourFailure: failed?.last_failure ? withoutDialogue(failed.last_failure.slice("ours: ".length)) : undefined,
        dailyMailFailingSince: failing,
      };
    },

    /** What the daily mail has to tell: quarantined or handed over before then, and not named in one yet; oldest first. */
    async unlisted(before: Date): Promise<StoredInquiry[]> {
      const untold = rows().where("listed_at", "is", null).orderBy("received_at").orderBy("id");
      const quarantined = untold.where("state", "=", "quarantined").where("received_at", "<", before.getTime());
      const handedOver = untold.where("state", "=", "handed-over").where("handed_over_at", "<", before.getTime());
      return [...(await quarantined.limit(mostShown).execute()), ...(await handedOver.limit(mostNamed).execute())];
    },

    /** Notes since when something goes wrong; the first such instant stays until it is over (undefined). Answers whether this is news. */
    async noteTrouble(name: Trouble, since: Date | undefined): Promise<boolean> {
      if (!since) return (await database.deleteFrom("events").where("name", "=", name).executeTakeFirst()).numDeletedRows === 1n;
      const note = database.insertInto("events").values({ name, at: since.getTime() });
      const noted = await note.onConflict((same) => same.column("name").doNothing()).executeTakeFirst();
      return noted.numInsertedOrUpdatedRows === 1n;
    },

    troubleSince: (name: Trouble): Promise<Date | undefined> => eventAt(name),

    /** Today's daily mail was sent and named these. */
    async markListed(inquiries: StoredInquiry[], now: Date): Promise<void> {
      await noteEvent("daily-mail", now);
      // What has left its state since the mail was composed was not told as what it is now.
      for (const [state, shown] of Map.groupBy(inquiries, ({ state }) => state)) {
        const ids = shown.map(({ id }) => id);
        const untold = update().where("id", "in", ids).where("state", "=", state).where("listed_at", "is", null);
        await untold.set({ listed_at: now.getTime() }).execute();
      }
    },

    /** When the last daily mail was sent. */
    lastDailyMailAt: () => eventAt("daily-mail"),

    /** Moves one inquiry to another state if it is in one of `from`; a pending one is due at once. Answers whether it moved. */
    async move(reference: string, from: readonly State[], to: "pending" | "bounced", now: Date): Promise<boolean> {
      const at = now.getTime();
      const afresh = { due_at: at, waiting_since: at, last_failure: null, lease_owner: null, lease_until: null };
      const change = update().set({ state: to, ...(to === "pending" && afresh) });
      const moved = await change.where("reference", "=", reference).where("state", "in", from).executeTakeFirst();
      return moved.numUpdatedRows === 1n;
    },

    /** Makes everything undelivered due at once, but for what is being sent at this moment. */
    async makeDue(now: Date): Promise<void> {
      const waiting = update().set({ due_at: now.getTime() }).where("state", "in", undelivered);
      await waiting.where(isPast("lease_until", now.getTime())).execute();
    },

    /** Replaces instants of the future, which a clock that was ahead has written, by now: retention counts from them. */
    async correctFutureTimes(now: Date): Promise<void> {
      const at = now.getTime();
      await update().set({ handed_over_at: at }).where("handed_over_at", ">", at).execute();
      await update().set({ listed_at: at }).where("listed_at", ">", at).execute();
    },

    /**
     * Deletes what was handed over before `handedOverBefore`, and what was quarantined and told to staff before `listedBefore`.
     * `first` gets them before: if the process dies in between, both are done again. What staff have put back meanwhile stays.
     * Returns the references.
     */
    async purge(handedOverBefore: Date, listedBefore: Date, first?: (expired: StoredInquiry[]) => Promise<unknown>): Promise<string[]> {
      const expired = sql<boolean>`
        (state = 'handed-over' and handed_over_at < ${handedOverBefore.getTime()})
        or (state = 'quarantined' and listed_at < ${listedBefore.getTime()})`;
      await first?.(await rows().where(expired).execute());
      const deleted = await database.deleteFrom("inquiries").where(expired).returning("reference").execute();
      await engine.cleanUp(database); // also with nothing deleted: an earlier purge may have left its text to this one
      return deleted.map(({ reference }) => reference);
    },

    /**
     * Deletes these inquiries in whatever state, as every start does with what is remembered as erased.
     * Throws a StoreError where they are deleted and a reader keeps their text from going yet.
     */
    async erase(inquiries: StoredInquiry[]): Promise<void> {
      noteErased(inquiries.map(({ reference }) => reference));
      await deleteErased();
      await engine.cleanUp(database);
    },

    /**
     * Takes over what another store holds, in its order, with states and Message-IDs; what is here already stays as it is, and what was
     * erased is left out. All or nothing. Answers how many came.
     */
    takeOver(inquiries: StoredInquiry[], dailyMailAt: Date | undefined): Promise<number> {
      const erased = new Set(readErased());
      return database.transaction().execute(async (transaction) => {
        let came = 0;
        for (const { id: _id, ...row } of inquiries.filter(({ reference }) => !erased.has(reference))) {
          const same = transaction.selectFrom("inquiries").select("id").where("content_key", "=", row.content_key);
          const sentAgain = await same.where("reference", "!=", row.reference).executeTakeFirst(); // both are kept, one remembers its content
          const values = { ...row, content_key: sentAgain ? null : row.content_key, lease_owner: null, lease_until: null };
          const insert = transaction.insertInto("inquiries").values(values).returning("id");
          if (await insert.onConflict((conflict) => conflict.column("reference").doNothing()).executeTakeFirst()) came += 1;
        }
        const told = { name: "daily-mail", at: dailyMailAt?.getTime() ?? 0 } as const;
        const note = transaction.insertInto("events").values(told);
        const later = sql<boolean>`events.at < ${told.at}`;
        if (dailyMailAt) await note.onConflict((same) => same.column("name").doUpdateSet(told).where(later)).execute();
        return came;
      });
    },

    /** Erases again what an older backup brought back; a reader at this moment leaves its text to the next purge. Returns how many came back. */
    async repeatErasures(): Promise<number> {
      const back = await deleteErased();
      const leftForPurge = (error: unknown) => {
        if (!(error instanceof StoreError)) throw error;
      };
      if (back > 0) await engine.cleanUp(database).catch(leftForPurge);
      return back;
    },
  };
}

/** The longest time that lies between two attempts at a row in each state. */
export const longestRetryMs = { pending: 30 * 60_000, stuck: 6 * 3_600_000 };

/**
 * Whether a due time or the end of a lease has passed. One that lies further ahead than the longest retry was written by a clock that was
 * ahead, and counts as passed: otherwise mail would wait until the right clock reaches it.
 */
export function isPast(column: "due_at" | "lease_until", at: number): RawBuilder<boolean> {
  const furthest = sql`${at} + case state when 'stuck' then ${sql.lit(longestRetryMs.stuck)} else ${sql.lit(longestRetryMs.pending)} end`;
  const value = sql`coalesce(${sql.ref(column)}, 0)`;
  return sql<boolean>`(${value} <= ${at} or ${value} > ${furthest})`;
}

/** How an address is looked up: people spell their own in more than one case. */
export const emailKey = (email: string) => email.trim().toLowerCase();
