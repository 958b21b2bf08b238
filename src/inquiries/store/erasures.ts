// The references of erased inquiries, which identify nobody. If a restored backup contains erased inquiries, this list erases them again. It is
// in a file, because a restored database lacks later erasures, and in the database, because a new machine lacks the file.

import { appendFileSync, chownSync, existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { sql } from "kysely";
import { cleanUpUnlessBlocked, type Database, type Engine } from "./schema.ts";

const prefix = "erased ";

/** Returns the path of the file. `storeFile` is the path of the SQLite store, even if the store is in PostgreSQL. */
export const erasuresFile = (storeFile: string): string =>
  path.join(path.dirname(storeFile), "erased-references.txt");

export function createErasures(database: Database, engine: Engine, storeFile: string) {
  const file = erasuresFile(storeFile);

  const read = () =>
    existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];

  /** Adds references to the file, before their rows are deleted. */
  function append(references: string[]): void {
    // Starts with a line break: a full disk may have cut the last line, and the next reference would become part of it.
    appendFileSync(file, `\n${references.join("\n")}\n`, { mode: 0o600, flush: true });
    // A file of root, who may run commands, would keep the site from starting again.
    const { uid, gid } = statSync(existsSync(storeFile) ? storeFile : path.dirname(file));
    if (statSync(file).uid !== uid) chownSync(file, uid, gid);
  }

  /** Adds to the file and to the database what each lacks. */
  async function synchronise(): Promise<void> {
    const events = await database
      .selectFrom("events")
      .select("name")
      .where("name", "like", `${prefix}%`)
      .execute();
    const inDatabase = new Set(events.map(({ name }) => name.slice(prefix.length)));
    const inFile = new Set(read());
    if (!inDatabase.isSubsetOf(inFile)) append([...inDatabase.difference(inFile)]);
    const missing = [...inFile.difference(inDatabase)].sort(); // sorted, so that two processes do not deadlock
    while (missing.length > 0) {
      const rows = missing
        .splice(0, 1_000)
        .map((reference) => ({ name: `erased ${reference}` as const, at: 0 }));
      const insert = database.insertInto("events").values(rows);
      await insert.onConflict((same) => same.column("name").doNothing()).execute();
    }
  }

  /** Deletes every row whose reference is in the file or the database. Returns how many. */
  async function deleteRows(): Promise<number> {
    await synchronise();
    const reference = sql<string>`substr(name, ${sql.lit(prefix.length + 1)})`.as("reference");
    const erased = database
      .selectFrom("events")
      .select(reference)
      .where("name", "like", `${prefix}%`);
    const deleted = await database
      .deleteFrom("inquiries")
      .where("reference", "in", erased)
      .executeTakeFirst();
    return Number(deleted.numDeletedRows);
  }

  return {
    /** The references in the file. */
    read,

    /** Erases inquiries. Throws a CleanUpBlocked if they are deleted, but their text is still in a file that another process is reading. */
    async erase(references: string[]): Promise<void> {
      append(references);
      await deleteRows();
      await engine.cleanUp();
    },

    /** Erases again what a restored backup contained, and returns how many. If a reader blocks the clean-up, the next purge does it. */
    async reapply(): Promise<number> {
      const deleted = await deleteRows();
      if (deleted > 0) await cleanUpUnlessBlocked(engine);
      return deleted;
    },
  };
}
