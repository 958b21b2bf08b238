// Nothing is kept too long: rows, their .eml files and every trace of their text go after the promised days.

import { existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import type { Log } from "../log.ts";
import type { Store } from "./store.ts";

type RetentionParts = {
  store: Store;
  mailDir: string;
  retentionDays: number;
  quarantineDays: number;
  now: () => Date;
  log: Log;
};

const dayMs = 86_400_000;
const everyMs = dayMs / 4; // so that a promise of days is kept to within one

export function createRetention({ store, mailDir, retentionDays, quarantineDays, now, log }: RetentionParts) {
  let nextAt = 0;

  /** Deletes what is past its days. Returns the references. */
  async function purge(): Promise<string[]> {
    const daysAgo = (days: number) => new Date(now().getTime() - days * dayMs);
    const references = await store.purge(daysAgo(retentionDays), daysAgo(quarantineDays));
    await removeMailFiles(mailDir, references);
    if (references.length > 0) log.info({ purged: references.length }, "inquiries past their retention were deleted");
    return references;
  }

  return {
    purge,
    /** Purges where the last time is six hours ago. */
    async purgeIfDue(): Promise<void> {
      if (now().getTime() < nextAt) return;
      nextAt = now().getTime() + everyMs;
      await purge();
    },
  };
}

/** Deletes the .eml files in which these inquiries stand: their own, and daily mails that show them. Returns the names. */
export async function removeMailFiles(mailDir: string, references: string[]): Promise<string[]> {
  const names = references.length > 0 && existsSync(mailDir) ? await readdir(mailDir) : [];
  const removed: string[] = [];
  for (const name of names) {
    const text = (await readFile(path.join(mailDir, name), "utf8")).replace(/=\r?\n/g, ""); // quoted-printable folds lines
    if (!references.some((reference) => text.includes(reference))) continue;
    await rm(path.join(mailDir, name));
    removed.push(name);
  }
  return removed;
}
