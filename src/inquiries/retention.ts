// Nothing is kept too long: what was handed over is deleted after the promised days, row and .eml file.

import { rm } from "node:fs/promises";
import path from "node:path";
import type { Log } from "../log.ts";
import type { Store } from "./store.ts";

type RetentionParts = { store: Store; mailDir: string; retentionDays: number; now: () => Date; log: Log };

const dayMs = 86_400_000;

/** Deletes once what was handed over more than `retentionDays` ago. Returns the references. */
export async function purgeExpired({ store, mailDir, retentionDays, now, log }: RetentionParts): Promise<string[]> {
  const references = await store.purgeHandedOver(new Date(now().getTime() - retentionDays * dayMs));
  for (const reference of references) await rm(path.join(mailDir, `${reference}.eml`), { force: true });
  if (references.length > 0) log.info({ purged: references.length }, "inquiries past their retention were deleted");
  return references;
}

/** Purges now and every six hours, so that a promise of days is kept to within one. Returns the function that stops it. */
export function startRetention(parts: RetentionParts): () => void {
  const purge = () => {
    purgeExpired(parts).catch((error: unknown) =>
      parts.log.error({ err: error }, "the retention purge failed; it runs again in six hours"),
    );
  };
  purge();
  const timer = setInterval(purge, dayMs / 4);
  return () => clearInterval(timer);
}
