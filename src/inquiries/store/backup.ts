// Copies of the SQLite store, and the test whether a store or a copy is sound.

import { closeSync, existsSync, openSync } from "node:fs";
import { backup, DatabaseSync } from "node:sqlite";

/** Copies a store that may be in use into a new file that only its owner can read. Throws where `target` exists. */
export async function backupSqlite(file: string, target: string): Promise<void> {
  closeSync(openSync(target, "wx", 0o600));
  using database = new DatabaseSync(file, { readOnly: true });
  await backup(database, target);
}

/** Reads every page of a file and returns its problems as a store, without changing it. Empty: it is sound. */
export function verifySqlite(file: string): string[] {
  if (!existsSync(file)) return [`${file} does not exist`];
  try {
    using database = new DatabaseSync(file, { readOnly: true });
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE name = 'inquiries'").all();
    if (tables.length === 0) return [`${file} is not a store of inquiries`];
    const found = database.prepare("PRAGMA integrity_check").all();
    return found.map((row) => String(row["integrity_check"])).filter((line) => line !== "ok");
  } catch (error) {
    return [`${file} is not a store of inquiries: ${(error as Error).message}`];
  }
}
