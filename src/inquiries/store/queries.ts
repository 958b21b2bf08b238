// Conditions and reads that several parts of the store use.

import type { QuarantineReason } from "../delivery.ts";
import { progressRows } from "../handling.ts";
import { join, raw, sql, type Query, type Sql } from "./database.ts";
import type { Section } from "./interface.ts";
import { toInquiry, type Row } from "./row.ts";

/**
 * Long lists of inquiries are read in parts of this length, so that few are in memory at a time.
 */
export const rowsAtATime = 100;

const answered = progressRows.flatMap(([value, row]) => (row.isUnanswered ? [] : `'${value}'`));
export const unanswered = raw(`progress not in (${answered.join(", ")})`);

/** Returns the rule of `isOverdue` in handling.ts as SQL. */
export const isOverdue = (at: Date): Sql => sql`${unanswered} and answer_by < ${at.getTime()}`;

/** Reads the inquiries that a select finds. `rest` is everything in it after the table. */
export const readInquiries = async (query: Query, rest: Sql) =>
  (await query<Row>(sql`select * from inquiries ${rest}`)).map(toInquiry);

/** Returns the condition that a row was quarantined for one of these reasons. */
export const isQuarantinedFor = (...reasons: QuarantineReason[]): Sql =>
  sql`quarantine_reason in (${join(reasons)})`;

export async function countInquiries(query: Query, condition: Sql): Promise<number> {
  const counting = sql`select count(*) as count from inquiries where ${condition}`;
  return (await query<{ count: number }>(counting))[0]?.count ?? 0;
}

/**
 * Reads the first `max` inquiries that meet a condition, and counts all of them. The inner select
 * reads only an index, and the outer one the rows that it chose.
 */
export async function readSection(
  query: Query,
  condition: Sql,
  by: Sql,
  max: number,
): Promise<Section> {
  const inquiries = await readInquiries(
    query,
    sql`where id in (select id from inquiries where ${condition} order by ${by}, id limit ${max})
      order by ${by}, id`,
  );
  return { inquiries, total: await countInquiries(query, condition) };
}
