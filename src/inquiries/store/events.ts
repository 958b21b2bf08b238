// The table of events, which has named times: when the last digest was sent, or a job was claimed.

import { sql, type Query } from "./database.ts";

/** The event that an inquiry with a confirmation was erased. For a day after it nobody gets one. */
export const confirmationErased = "confirmation erased";

/** Two machines' clocks may differ by this much. */
export const clockSkewMs = 60_000;

/** Stores a named time, or replaces it. */
export const recordEvent = (query: Query, name: string, at: Date) =>
  query(sql`insert into events (name, at) values (${name}, ${at.getTime()})
    on conflict (name) do update set at = excluded.at`);

export async function readTime(query: Query, name: string): Promise<Date | undefined> {
  const [row] = await query<{ at: number }>(sql`select at from events where name = ${name}`);
  return row && new Date(row.at);
}

/** Returns the names of the jobs that fail, and since when each does. */
export async function failingJobs(query: Query): Promise<Map<string, Date>> {
  const rows = await query<{ name: string; at: number }>(
    sql`select name, at from events where name like 'failing %' order by name`,
  );
  return new Map(rows.map(({ name, at }) => [name.slice("failing ".length), new Date(at)]));
}
