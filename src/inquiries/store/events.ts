// Named times in the store: when something last happened, which jobs were claimed or fail, and which
// problems were reported.

import { bigint, sql, type LazyDatabase } from "./database.ts";

/** `digest`, `quarantine`: when that mail was last sent. `purge`: when one last ran. */
type EventName = "probe" | "digest" | "quarantine" | "purge" | `failing ${string}`;

/** The clocks of two machines may differ by this much. */
export const clockSkewMs = 60_000;

export function createEvents({ read, write, transaction }: LazyDatabase) {
  const record = (name: string, at: number) =>
    sql`insert into events (name, at) values (${name}, ${at})
      on conflict (name) do update set at = excluded.at`;
  const withPrefix = async (prefix: "failing " | "problem ") => {
    const rows = await read<{ name: string; at: number }>(
      sql`select name, at from events where name like ${`${prefix}%`} order by name`,
    );
    return new Map(rows.map(({ name, at }) => [name.slice(prefix.length), new Date(at)]));
  };
  return {
    /** Replaces the time of an event. */
    record: async (name: EventName, time: Date): Promise<void> =>
      void (await write(record(name, time.getTime()))),

    /** Returns the time of an event, or undefined if there is none. */
    async timeOf(name: EventName): Promise<Date | undefined> {
      const [row] = await read<{ at: number }>(sql`select at from events where name = ${name}`);
      return row && new Date(row.at);
    },

    /**
     * Throws if nothing can be committed. Writes a row, because a statement that changes nothing
     * would succeed on a full disk.
     */
    checkWritable: async (now: Date): Promise<void> =>
      void (await write(record("probe", now.getTime()))),

    /**
     * Returns whether this process may run a job now: nobody ran it within `everyMs`. A run further
     * ahead than two clocks may differ was recorded by a wrong clock and does not count.
     */
    async claimJob(name: string, now: Date, everyMs: number): Promise<boolean> {
      const at = now.getTime();
      const claimed = await write(sql`insert into events (name, at) values (${`job ${name}`}, ${at})
        on conflict (name) do update set at = excluded.at
        where events.at <= ${bigint(at - everyMs)} or events.at > ${bigint(at + clockSkewMs)}
        returning at`);
      return claimed.length === 1;
    },

    /** Records since when a job fails, or with undefined that it works. */
    async setFailing(job: string, since: Date | undefined): Promise<void> {
      await write(
        since
          ? sql`insert into events (name, at) values (${`failing ${job}`}, ${since.getTime()})
              on conflict (name) do nothing`
          : sql`delete from events where name = ${`failing ${job}`}`,
      );
    },

    /** Returns the jobs that fail, and since when. */
    failingJobs: () => withPrefix("failing "),

    /** Returns the keys of the problems that were reported, and when they last were. */
    reportedProblems: () => withPrefix("problem "),

    /** Records that problems were reported, and forgets those that are over. */
    setReported: (reported: string[], over: string[], now: Date): Promise<void> =>
      transaction(async (connection) => {
        for (const key of reported) await connection.write(record(`problem ${key}`, now.getTime()));
        for (const key of over)
          await connection.write(sql`delete from events where name = ${`problem ${key}`}`);
      }),
  };
}
