// Deletes inquiries: those past the days of retention, those that the command `erase` names, and
// live checks.

import { randomInt } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { dayMs } from "../../calendar.ts";
import { OperatorError } from "../../operator-error.ts";
import { join, sql, type Database, type StatementRunner } from "./database.ts";
import { StoreError, type DeletionStore } from "./interface.ts";
import { confirmationErased, readTime, recordEvent } from "./events.ts";
import { isQuarantinedFor } from "./queries.ts";
import type { Row } from "./row.ts";

/** A live check that is older was abandoned: its doctor was killed, or its request timed out. */
const abandonedLiveCheckMs = 3_600_000;

/**
 * The event that the files have to be cleaned. It is stored from the transaction of a deletion
 * until they are clean. Once the vacuum failed on a full disk, and nobody knew of it afterwards:
 * the words of 18 in 445 purged people stayed.
 */
const cleaningOwed = "cleaning owed";

/**
 * Stores a random number, not a time. A deletion during a vacuum changes the number, so that
 * another vacuum follows.
 */
const oweCleaning = () =>
  sql`insert into events (name, at) values (${cleaningOwed}, ${randomInt(2 ** 47)})
    on conflict (name) do update set at = events.at + 1`;

async function clean({ query, scrub }: Pick<StatementRunner, "query" | "scrub">): Promise<boolean> {
  const owed = await readTime(query, cleaningOwed);
  if (!owed) return true;
  const isClean = await scrub();
  if (isClean)
    await query(sql`delete from events where name = ${cleaningOwed} and at = ${owed.getTime()}`);
  return isClean;
}

/**
 * Creates the part of the store that deletes inquiries. `erasures` is the file that lists erased
 * references.
 */
export function createDeletion(
  { query, transaction, scrub }: StatementRunner,
  erasures: string,
): DeletionStore {
  return {
    async purge(cutOff) {
      const deleted = await transaction(async (query) => {
        const last = (await readTime(query, "purge cut-off"))?.getTime();
        const at = Math.min(cutOff.getTime(), last === undefined ? Infinity : last + dayMs);
        if (last === undefined || at > last)
          await recordEvent(query, "purge cut-off", new Date(at));
        if (last === undefined) return [];
        const deleted = await query<{ reference: string }>(
          sql`delete from inquiries where (state in ('pending', 'sent') and sent_at < ${at})
            or (state in ('quarantined', 'sent') and listed_at < ${at})
            or (state = 'quarantined' and progress = 'closed' and progress_at < ${at})
            returning reference`,
        );
        if (deleted.length > 0) await query(oweCleaning());
        return deleted;
      });
      return deleted.map(({ reference }) => reference);
    },

    async erase(inquiries, now) {
      if (inquiries.length === 0) return;
      const references = inquiries.map(({ reference }) => reference);
      await transaction(async (query) => {
        const rows = await query<Pick<Row, "reference" | "lease_until" | "confirmed_at">>(
          sql`delete from inquiries where reference in (${join(references)})
            returning reference, lease_until, confirmed_at`,
        );
        // From now on nobody knows that this mailbox got a confirmation.
        if (rows.some(({ confirmed_at: at }) => (at ?? 0) > now.getTime() - dayMs))
          await recordEvent(query, confirmationErased, now);
        const leased = rows.find(({ lease_until }) => lease_until > now.getTime());
        if (leased)
          throw new OperatorError(
            `${leased.reference} is being sent at this moment: run the command again in two minutes.`,
          );
        await query(oweCleaning());
        // The references are listed before the commit: after it, a crash could leave a deleted
        // inquiry unlisted.
        listErased(erasures, references);
      });
    },

    clean: () => clean({ query, scrub }),

    async deleteLiveChecks(reference, now) {
      const old = now.getTime() - abandonedLiveCheckMs;
      await query(sql`delete from inquiries
        where state = 'quarantined' and ${isQuarantinedFor("live-check")}
          and (reference = ${reference} or received_at < ${old})`);
    },
  };
}

// The references of erased inquiries, which identify nobody, are in a file in the data folder. If a
// restored backup or dump contains erased inquiries, the next start on that machine erases them
// again.

/**
 * Returns the path of the list, which is beside the SQLite store, or where that would be if
 * PostgreSQL is used.
 */
export const erasuresFile = (storeFile: string): string =>
  path.join(path.dirname(storeFile), "erased-references.txt");

/** Adds references to the list. Throws a StoreError if the file can't be written. */
function listErased(file: string, references: string[]): void {
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    // Begins with a line break: a full disk may have cut the last line, and the next reference
    // would become part of it.
    appendFileSync(file, `\n${references.join("\n")}\n`, { mode: 0o600, flush: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const advice = "run this on the machine whose DATA_DIR has the list of erased references";
    throw new StoreError(`${file} cannot be written (${code}): ${advice}.`, { cause: error });
  }
}

/**
 * A statement names at most so many erased references. SQLite takes 32,766 values, and said "too
 * many SQL variables" of a longer list.
 */
const erasedAtATime = 1_000;

/**
 * Deletes the erased inquiries that a restored backup brought back. Returns how many there were.
 */
export async function eraseAgain(database: Database, file: string): Promise<number> {
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  const erased = lines.filter(Boolean);
  let count = 0;
  for (let start = 0; start < erased.length; start += erasedAtATime) {
    const some = join(erased.slice(start, start + erasedAtATime));
    count += await database.transaction(async (query) => {
      const deleted = await query(
        sql`delete from inquiries where reference in (${some}) returning reference`,
      );
      if (deleted.length > 0) await query(oweCleaning());
      return deleted.length;
    });
  }
  if (count > 0) await clean(database);
  return count;
}
