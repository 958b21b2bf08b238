// Copies the content of another store into this one, to move from SQLite to PostgreSQL.

import { createEvents } from "./events.ts";
import type { StoredMark } from "./follow-up.ts";
import type { Database, SourceTable, StoredInquiry } from "./schema.ts";

export type StoreContent = {
  inquiries: StoredInquiry[];
  marks: StoredMark[];
  sources: SourceTable[];
  /** When the last digest was sent. */
  digestAt: Date | undefined;
};

/**
 * Copies inquiries with their states, tokens and Message-IDs and their marks, except inquiries that exist already or are in `erased`. Also
 * copies counts that are larger than the existing ones. All or nothing. Returns how many inquiries were copied.
 */
export function importInto(
  database: Database,
  { inquiries, marks, sources, digestAt }: StoreContent,
  erased: Set<string>,
): Promise<number> {
  return database.transaction().execute(async (transaction) => {
    const copied = new Set<string>();
    for (const { id: _id, answers, ...row } of inquiries.filter(
      ({ reference }) => !erased.has(reference),
    )) {
      const same = transaction
        .selectFrom("inquiries")
        .select("id")
        .where("content_key", "=", row.content_key);
      const isDuplicate = await same.where("reference", "!=", row.reference).executeTakeFirst(); // both are stored, but only one has the key
      const content_key = isDuplicate ? null : row.content_key;
      const values = { ...row, answers: JSON.stringify(answers), content_key };
      const insert = transaction.insertInto("inquiries").values(values).returning("id");
      if (
        await insert
          .onConflict((conflict) => conflict.column("reference").doNothing())
          .executeTakeFirst()
      )
        copied.add(row.reference);
    }
    for (const { id: _id, ...mark } of marks)
      if (copied.has(mark.reference)) await transaction.insertInto("marks").values(mark).execute();
    for (const source of sources) {
      const insert = transaction.insertInto("sources").values(source);
      const { count } = source;
      const larger = insert.onConflict((same) =>
        same.columns(["month", "slug"]).doUpdateSet({ count }).where("sources.count", "<", count),
      );
      await larger.execute();
    }
    const last = await createEvents(transaction).timeOf("digest");
    if (digestAt && !(last && last > digestAt))
      await createEvents(transaction).record("digest", digestAt);
    return copied.size;
  });
}
