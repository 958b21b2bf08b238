// Copies the SQLite store, and verifies a store or a copy of it.

import { closeSync, existsSync, openSync, rmSync } from "node:fs";
import path from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { toStoreError, resultCode } from "./sqlite.ts";

/** Copies a store, even while it is in use, to a new file that only its owner can read. Throws if `target` exists. Leaves no incomplete copy. */
export async function backupSqlite(file: string, target: string): Promise<void> {
  closeSync(openSync(target, "wx", 0o600));
  try {
    using database = new DatabaseSync(file, { readOnly: true });
    await backup(database, target);
  } catch (error) {
    rmSync(target);
    throw toStoreError(error, target);
  }
}

/** Reads every page of a file without changing it. Returns why it is not a sound store, or []. */
export function verifySqlite(file: string): string[] {
  if (!existsSync(file)) return [`${file} does not exist`];
  const address = pathToFileURL(path.resolve(file));
  // Without a -wal file, no process has the store open. `immutable` keeps SQLite from creating one, which fails on a read-only medium.
  if (!existsSync(`${file}-wal`)) address.searchParams.set("immutable", "1");
  try {
    using database = new DatabaseSync(address, { readOnly: true });
    const tables = database
      .prepare("SELECT name FROM sqlite_schema WHERE name = 'inquiries'")
      .all();
    if (tables.length === 0) return [`${file} is not a store of inquiries`];
    const found = database.prepare("PRAGMA integrity_check").all();
    return found.map((row) => String(row["integrity_check"])).filter((line) => line !== "ok");
  } catch (error) {
    const what =
      { 11: "is damaged", 26: "is not a store of inquiries" }[resultCode(error)] ??
      "cannot be read";
    return [`${file} ${what}: ${(error as Error).message}`];
  }
}
