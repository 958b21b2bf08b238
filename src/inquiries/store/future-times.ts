// Corrects times in the future, written while a clock was ahead.

import { sql } from "kysely";
import type { Events } from "./events.ts";
import type { Database } from "./schema.ts";

const dayMs = 86_400_000;

/** The current time when they were written. */
const presentTimes = ["sent_at", "digest_at", "overdue_digest_at", "overdue_alert_at"] as const;
/** Computed from the time of receipt, and in the future even if the clock is right. */
const deadlines = ["take_by", "answer_by"] as const;

/**
 * Replaces times in the future with `now`, because retention counts from them. Does so only after they have been in the future for a day:
 * before that, the current clock may be the wrong one, for example after a start without a time server.
 */
export async function correctFutureTimes(
  database: Database,
  events: Events,
  now: Date,
): Promise<void> {
  const at = now.getTime();
  const isAhead = (column: string) => sql<boolean>`${sql.ref(column)} > ${at}`;
  const wrong = [
    ...presentTimes.map((column) => ({ column, condition: isAhead(column) })),
    ...deadlines.map((column) => ({
      column,
      condition: sql<boolean>`(${isAhead("received_at")} and ${isAhead(column)})`,
    })),
  ];
  const any = database.selectFrom("inquiries").select("id").limit(1);
  const found = await any
    .where((row) => row.or(wrong.map(({ condition }) => condition)))
    .executeTakeFirst();
  if (!found) return void (await events.setIncident("times-ahead", undefined));
  const since = await events.timeOf("times-ahead");
  if (!since || since > now) return events.record("times-ahead", now);
  if (at - since.getTime() < dayMs) return;
  for (const { column, condition } of wrong)
    await database
      .updateTable("inquiries")
      .set({ [column]: at })
      .where(condition)
      .execute();
}
