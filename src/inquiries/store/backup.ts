// Copies of the SQLite store, and the test whether a store or a copy is sound.

import { closeSync, existsSync, openSync, rmSync } from "node:fs";
import path from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { explained, resultCode } from "./sqlite.ts";

/** Copies a store that may be in use into a new file that only its owner can read. Throws where `target` exists, and leaves no incomplete copy. */
export async function backupSqlite(file: string, target: string): Promise<void> {
  closeSync(openSync(target, "wx", 0o600));
  try {
    using database = new DatabaseSync(file, { readOnly: true });
    await backup(database, target);
  } catch (error) {
    rmSync(target);
    throw explained(error, target);
  }
}

/** Reads every page of a file and returns its problems as a store, without changing it. Empty: it is sound. */
export function verifySqlite(file: string): string[] {
  if (!existsSync(file)) return [`${file} does not exist`];
  const address = pathToFileURL(path.resolve(file));
  // Without a log beside it, nothing has the file open. Otherwise SQLite would create one, which fails on a read-only medium.
  if (!existsSync(`${file}-wal`)) address.searchParams.set("immutable", "1");
  try {
    using database = new DatabaseSync(address, { readOnly: true });
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE name = 'inquiries'").all();
    if (tables.length === 0) return [`${file} is not a store of inquiries`];
    const found = database.prepare("PRAGMA integrity_check").all();
    return found.map((row) => String(row["integrity_check"])).filter((line) => line !== "ok");
  } catch (error) {
    const what = { 11: "is damaged", 26: "is not a store of inquiries" }[resultCode(error)] ?? "cannot be read";
    return [`${file} ${what}: ${(error as Error).message}`];
  }
}
