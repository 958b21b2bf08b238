// The references of erased inquiries, which identify nobody. If a restored backup contains erased
// inquiries, this list erases them again. It is a file beside the SQLite store. On PostgreSQL it is
// in the database, because another machine lacks the file, and in the file too where the data
// folder can be written, because a restored database lacks later erasures.

import { appendFileSync, existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { sql, StoreError, type Connection } from "./database.ts";

/**
 * Returns the path of the list. `storeFile` is the path of the SQLite store, even if it is unused.
 */
export const erasuresFile = (storeFile: string): string =>
  path.join(path.dirname(storeFile), "erased-references.txt");

/** `isShared`: the store is in PostgreSQL. */
export type ErasureList = { file: string; isShared: boolean };

const readFile = (file: string) =>
  existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];

function append(file: string, references: string[]): void {
  // Begins with a line break: a full disk may have cut the last line, and the next reference would
  // become part of it.
  appendFileSync(file, `\n${references.join("\n")}\n`, { mode: 0o600, flush: true });
}

/** Adds references to the list, before their rows are deleted in the same transaction. */
export async function listErased(
  { write }: Connection,
  { file, isShared }: ErasureList,
  references: string[],
): Promise<void> {
  if (references.length === 0) return;
  if (!isShared) return append(file, references);
  for (const reference of references)
    await write(sql`insert into events (name, at) values (${`erased ${reference}`}, 0)
      on conflict (name) do nothing`);
  ifWritable(() => append(file, references));
}

/** Deletes rows whose reference is in the list, and returns how many. */
export async function eraseAgain(connection: Connection, list: ErasureList): Promise<number> {
  const { read, write } = connection;
  const erased = new Set(readFile(list.file));
  if (list.isShared) {
    const rows = await read<{ name: string }>(
      sql`select name from events where name like 'erased %'`,
    );
    const listed = new Set(rows.map(({ name }) => name.slice("erased ".length)));
    // Sorted, so that two processes do not deadlock.
    await listErased(connection, list, [...erased.symmetricDifference(listed)].sort());
    for (const reference of listed) erased.add(reference);
  }
  const stored = await read<{ reference: string }>(sql`select reference from inquiries`);
  const found = stored.filter(({ reference }) => erased.has(reference));
  for (const { reference } of found)
    await write(sql`delete from inquiries where reference = ${reference}`);
  return found.length;
}

/** Runs `write`, and ignores that this user may not write to the folder. */
function ifWritable(write: () => void): void {
  try {
    write();
  } catch (error) {
    const { code = "", path: file = "" } = error as NodeJS.ErrnoException;
    if (!["EACCES", "EROFS", "ENOENT", "ENOTDIR"].includes(code))
      throw new StoreError(`${file} cannot be written: ${code}.`, { cause: error });
  }
}
