// The table of events, which has named times: when the last digest was sent, or a job was claimed.

import { sql, type Query, type StatementRunner } from "./database.ts";
import { failedJobRetryMs, type Store } from "./interface.ts";

/** Two machines' clocks may differ by this much. */
export const clockSkewMs = 60_000;

/** The statement that stores a named time, or replaces it. */
export const recordEvent = (name: string, at: Date) =>
  sql`insert into events (name, at) values (${name}, ${at.getTime()})
    on conflict (name) do update set at = excluded.at`;

export async function readTime(query: Query, name: string): Promise<Date | undefined> {
  const [row] = await query<{ at: number }>(sql`select at from events where name = ${name}`);
  return row && new Date(row.at);
}

/** The jobs that fail, and since when each does. */
export async function failingJobs(query: Query): Promise<Map<string, Date>> {
  const rows = await query<{ name: string; at: number }>(
    sql`select name, at from events where name like 'failing %' order by name`,
  );
  return new Map(rows.map(({ name, at }) => [name.slice("failing ".length), new Date(at)]));
}

export function createEvents({ query }: StatementRunner) {
  return {
    lastDigest: () => readTime(query, "digest"),
    checkWritable: async (now) => void (await query(recordEvent("probe", now))),

    async claimJob(name, now, everyMs) {
      const at = now.getTime();
      const claimed = await query(sql`insert into events (name, at) values (${`job ${name}`}, ${at})
        on conflict (name) do update set at = excluded.at
        where events.at <= ${at - everyMs} or events.at > ${at + clockSkewMs}
          or (events.at <= ${at - failedJobRetryMs}
            and exists (select 1 from events as failing where failing.name = ${`failing ${name}`}))
        returning at`);
      return claimed.length === 1;
    },

    async setFailing(name, since) {
      const event = `failing ${name}`;
      await query(
        since
          ? sql`insert into events (name, at) values (${event}, ${since.getTime()})
              on conflict (name) do nothing`
          : sql`delete from events where name = ${event}`,
      );
    },
  } satisfies Partial<Store>;
}
