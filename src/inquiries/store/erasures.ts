// The references of erased inquiries, which identify nobody, in a file in the data folder. If a
// restored backup or dump contains erased inquiries, the next start on that machine erases them again.

import { appendFileSync, existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { sql, StoreError, type Connection } from "./database.ts";

/**
 * Returns the path of the list. `storeFile` is the path of the SQLite store, even if it is unused.
 */
export const erasuresFile = (storeFile: string): string =>
  path.join(path.dirname(storeFile), "erased-references.txt");

/** Adds references to the list, before their rows are deleted. Throws a StoreError if it cannot. */
export function listErased(file: string, references: string[]): void {
  try {
    // Begins with a line break: a full disk may have cut the last line, and the next reference would
    // become part of it.
    appendFileSync(file, `\n${references.join("\n")}\n`, { mode: 0o600, flush: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const advice = "run this on the machine whose DATA_DIR has the list of erased references";
    throw new StoreError(`${file} cannot be written (${code}): ${advice}.`, { cause: error });
  }
}

/** Deletes rows whose reference is in the list, and returns how many. */
export async function eraseAgain({ read, write }: Connection, file: string): Promise<number> {
  if (!existsSync(file)) return 0;
  const erased = new Set(readFileSync(file, "utf8").split("\n"));
  const stored = await read<{ reference: string }>(sql`select reference from inquiries`);
  const found = stored.filter(({ reference }) => erased.has(reference));
  for (const { reference } of found)
    await write(sql`delete from inquiries where reference = ${reference}`);
  return found.length;
}
