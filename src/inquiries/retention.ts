// Nothing is kept too long: rows, their .eml files and every trace of their text go after the promised days.

import { existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import type { DeliveryParts } from "./delivery.ts";
import type { StoredInquiry } from "./store-schema.ts";

type RetentionParts = Pick<DeliveryParts, "store" | "now" | "log"> & { mailDir: string; retentionDays: number; quarantineDays: number };

const dayMs = 86_400_000;
const everyMs = dayMs / 4; // so that a promise of days is kept to within one

export function createRetention({ store, mailDir, retentionDays, quarantineDays, now, log }: RetentionParts) {
  let nextAt = 0;

  /** Deletes what is past its days. Returns the references. */
  async function purge(): Promise<string[]> {
    await store.correctFutureTimes(now());
    const daysAgo = (days: number) => new Date(now().getTime() - days * dayMs);
    const references = await store.purge(daysAgo(retentionDays), daysAgo(quarantineDays), (expired) => removeMailFiles(mailDir, expired));
    if (references.length > 0) log.info({ purged: references.length }, "inquiries past their retention were deleted");
    return references;
  }

  /** Purges where the last time is six hours ago, or lies in the future because the clock was ahead. */
  async function purgeIfDue(): Promise<void> {
    const waitMs = nextAt - now().getTime();
    if (waitMs > 0 && waitMs <= everyMs) return;
    nextAt = now().getTime() + everyMs;
    await purge();
  }

  return { purge, purgeIfDue };
}

/** Deletes the .eml files in which the text of these inquiries stands: their own, and daily mails that showed them. Returns the names. */
export async function removeMailFiles(mailDir: string, inquiries: StoredInquiry[]): Promise<string[]> {
  const names = inquiries.length > 0 && existsSync(mailDir) ? await readdir(mailDir) : [];
  const own = inquiries.map(({ reference }) => `${reference}.eml`);
  const shown = inquiries.filter(({ suspicion }) => suspicion !== "").map(({ reference }) => reference);
  const holds = async (name: string) => {
    if (own.includes(name.replace(/\.part$/, ""))) return true; // what a kill or a full disk has left of one
    if (!name.startsWith("daily-")) return false;
    const text = (await readFile(path.join(mailDir, name), "utf8")).replace(/=\r?\n/g, ""); // quoted-printable folds lines
    return shown.some((reference) => text.includes(reference));
  };
  const removed: string[] = [];
  for (const name of names) {
    if (!(await holds(name))) continue;
    await rm(path.join(mailDir, name));
    removed.push(name);
  }
  return removed;
}
