// Copies the inquiries of one store into another, for the move from SQLite to PostgreSQL.

import { sql } from "kysely";
import type { Database, StoredInquiry } from "./schema.ts";

/**
 * Copies inquiries with their states and Message-IDs, except those that are in `database` already or whose reference is in `erased`.
 * `digestAt` is when the other store's last digest was sent. All or nothing. Returns how many were copied.
 */
export function importInquiries(
  database: Database,
  erased: Set<string>,
  inquiries: StoredInquiry[],
  digestAt: Date | undefined,
): Promise<number> {
  return database.transaction().execute(async (transaction) => {
    let copied = 0;
    for (const { id: _id, answers, ...row } of inquiries.filter(({ reference }) => !erased.has(reference))) {
      const same = transaction.selectFrom("inquiries").select("id").where("content_key", "=", row.content_key);
      const isDuplicate = await same.where("reference", "!=", row.reference).executeTakeFirst(); // both stay, and one has the key
      const content_key = isDuplicate ? null : row.content_key;
      const values = { ...row, answers: JSON.stringify(answers), content_key, lease_owner: null, lease_until: null };
      const insert = transaction.insertInto("inquiries").values(values).returning("id");
      if (await insert.onConflict((conflict) => conflict.column("reference").doNothing()).executeTakeFirst()) copied += 1;
    }
    if (!digestAt) return copied;
    const digest = { name: "digest", at: digestAt.getTime() } as const;
    const later = sql<boolean>`events.at < ${digest.at}`;
    const insert = transaction.insertInto("events").values(digest);
    await insert.onConflict((same) => same.column("name").doUpdateSet(digest).where(later)).execute();
    return copied;
  });
}
