// SQLite files that hold only what can be made again from the articles: one that is damaged is thrown away and made anew.

import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Opens or makes a file and its folder. Where it cannot be opened, or `prepare` throws since something in it is not as it should be, it is made anew. */
export function openDisposable<Prepared>(file: string, prepare: (database: DatabaseSync) => Prepared): Prepared {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  try {
    return open(file, prepare);
  } catch {
    discard(file);
    return open(file, prepare);
  }
}

/** Throws the file away, with what SQLite keeps beside it: a new file must not meet the log of an old one. */
export function discard(file: string): void {
  for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true });
}

function open<Prepared>(file: string, prepare: (database: DatabaseSync) => Prepared): Prepared {
  const database = new DatabaseSync(file, { timeout: 200 });
  try {
    database.exec("PRAGMA journal_mode = WAL");
    return prepare(database);
  } catch (error) {
    database.close(); // one that is closed later would take the log of its successor with it
    throw error;
  }
}
