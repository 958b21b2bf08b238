// What the site and its staff learn from the store: lists, counts, and named times (when something
// last happened, which jobs were claimed or fail, which problems were reported).

import { emailKey } from "../email-address.ts";
import { progressRows } from "../progress.ts";
import { bigint, join, sql, type Database, type Sql } from "./database.ts";
import { toInquiry, type Inquiry, type State, type StoredRow } from "./schema.ts";

/** When the digest was last sent, and before when `purge` last deleted. */
type EventName = "digest" | "purge cut-off";

/** The clocks of two machines may differ by this much. */
const clockSkewMs = 60_000;
/** `since` and `opening`: the opening hours of the last digest's day and of this day. */
type DigestTimes = { now: Date; since: Date; opening: Date; midnight: Date };

// Texts of up to 20,000 characters are loaded, and mail servers refuse large mails.
const maxListed = 200;

const unanswered = join(
  progressRows.flatMap(([value, { isUnanswered }]) => (isUnanswered ? [value] : [])),
);

/** Returns a condition: an inquiry was not answered in time. */
const isOverdue = (at: number): Sql =>
  sql`(state in ('pending', 'sent') and progress in (${unanswered}) and answer_by < ${at})`;

const timeOrUndefined = (ms: number | null) => (ms === null ? undefined : new Date(ms));

export type Summary = Awaited<ReturnType<ReturnType<typeof createReports>["summary"]>>;
export type DigestContent = Awaited<ReturnType<ReturnType<typeof createReports>["digestContent"]>>;

/** Replaces the time of an event. */
export const recordEvent = (name: string, at: number) =>
  sql`insert into events (name, at) values (${name}, ${at})
    on conflict (name) do update set at = excluded.at`;

export function createReports({
  read,
  write,
  transaction,
}: Pick<Database, "read" | "write" | "transaction">) {
  const select = async (rest: Sql): Promise<Inquiry[]> =>
    (await read<StoredRow>(sql`select * from inquiries ${rest}`)).map(toInquiry);
  /** Returns the first inquiries, and how many there are in all. */
  async function firstOf(
    condition: Sql,
    order: Sql,
  ): Promise<{ inquiries: Inquiry[]; total: number }> {
    const inquiries = await select(first(condition, sql`${order}, id`, maxListed));
    return { inquiries, total: await count(condition) };
  }
  /** Returns the end of a select: the first that match. Only their texts are read. */
  const first = (condition: Sql, order: Sql, limit: number) => sql`where id in
    (select id from inquiries where ${condition} order by ${order} limit ${limit}) order by ${order}`;
  const count = async (condition: Sql): Promise<number> => {
    const [row] = await read<{ count: number }>(
      sql`select count(*) as count from inquiries where ${condition}`,
    );
    return row?.count ?? 0;
  };
  const permanentFailure = async (): Promise<string | undefined> => {
    const [row] = await read<{ last_failure: string }>(sql`select last_failure from inquiries
      where id = (select id from inquiries
        where state = 'pending' and failure_kind = 'permanent' order by due_at desc limit 1)`);
    return row?.last_failure;
  };

  const oldestPendingAt = async (): Promise<Date | undefined> => {
    const [row] = await read<{ oldest: number | null }>(
      sql`select min(waiting_since) as oldest from inquiries where state = 'pending'`,
    );
    return timeOrUndefined(row?.oldest ?? null);
  };

  const lastSentAt = async (): Promise<Date | undefined> => {
    const [row] = await read<{ last: number | null }>(
      // An index has these columns: without the condition, SQLite reads the table.
      sql`select max(sent_at) as last from inquiries where state = 'sent' and sent_at is not null`,
    );
    return timeOrUndefined(row?.last ?? null);
  };

  const withPrefix = async (prefix: "failing " | "problem " | "deleted ") => {
    const rows = await read<{ name: string; at: number }>(
      sql`select name, at from events where name like ${`${prefix}%`} order by name`,
    );
    return new Map(rows.map(({ name, at }) => [name.slice(prefix.length), new Date(at)]));
  };
  return {
    /** Returns inquiries, all or those that match: newest first, overdue ones by their deadline. */
    list(filter: { state?: State; email?: string; overdueAt?: Date } = {}): Promise<Inquiry[]> {
      const { state, email, overdueAt } = filter;
      const conditions = [
        ...(state ? [sql`state = ${state}`] : []),
        ...(email === undefined ? [] : [sql`email_key = ${emailKey(email)}`]),
        ...(overdueAt ? [isOverdue(overdueAt.getTime())] : []),
      ];
      const where = conditions.length > 0 ? sql`where ${join(conditions, " and ")}` : sql``;
      const order = overdueAt ? sql`answer_by, id` : sql`received_at desc, id desc`;
      return select(sql`${where} order by ${order}`);
    },

    /** Returns at most five earlier inquiries from the address of this one, newest first. */
    earlier: ({ id, email_key }: Inquiry): Promise<Inquiry[]> =>
      select(first(sql`email_key = ${email_key} and id < ${id}`, sql`id desc`, 5)),

    /** Returns since when the oldest pending inquiry has been waiting, or undefined if none is. */
    oldestPendingAt,

    /** Returns how many inquiries are in each state. */
    async counts(): Promise<Record<State, number>> {
      const rows = await read<{ state: State; count: number }>(
        sql`select state, count(*) as count from inquiries group by state`,
      );
      const found = rows.map(({ state, count: number }) => [state, number] as const);
      return { pending: 0, quarantined: 0, sent: 0, ...Object.fromEntries(found) };
    },

    /** Returns counts and failures, which `problemsOf` turns into words. */
    async summary(now: Date) {
      return {
        /** Not answered in time. */
        overdue: await count(isOverdue(now.getTime())),
        /** In quarantine, and no mail has listed them. */
        unlisted: await count(sql`state = 'quarantined' and listed_at is null`),
        lastSentAt: await lastSentAt(),
        /** Since when the oldest pending inquiry has been waiting. */
        oldestPendingAt: await oldestPendingAt(),
        /** Why the last attempt failed permanently, with the mail server's words. */
        permanentFailure: await permanentFailure(),
        /** Jobs that fail, and since when. */
        failingJobs: await withPrefix("failing "),
      };
    },

    /** Returns at most `limit` overdue inquiries: those whose deadline passed last. */
    overdue: (now: Date, limit: number): Promise<Inquiry[]> =>
      select(first(isOverdue(now.getTime()), sql`answer_by desc, id`, limit)),

    /**
     * Returns what a digest lists, at most 200 of each: inquiries that become overdue today, overdue
     * ones, new quarantined ones, those that were sent and that no digest has listed, those whose
     * progress was set since the last one, and references that were deleted unanswered. `listed`:
     * all sent and quarantined ones that are new, for `recordListed`.
     */
    async digestContent({ now, since, opening, midnight }: DigestTimes) {
      const isLate = isOverdue(now.getTime());
      const at = opening.getTime();
      const isSent = sql`(state = 'sent' and listed_at is null and sent_at < ${at})`;
      const isQuarantined = sql`(state = 'quarantined' and listed_at is null and received_at < ${at})`;
      return {
        // First, so that the lists below have each of them.
        listed: await read<Pick<StoredRow, "id" | "state">>(
          sql`select id, state from inquiries where ${isSent} or ${isQuarantined}`,
        ),
        due: await firstOf(sql`${isOverdue(midnight.getTime())} and not ${isLate}`, sql`answer_by`),
        overdue: await firstOf(isLate, sql`answer_by`),
        quarantined: await firstOf(isQuarantined, sql`received_at desc`),
        sent: await firstOf(isSent, sql`received_at`),
        changed: await firstOf(
          sql`progress_at >= ${since.getTime()} and progress_at < ${at}
            and state in ('pending', 'sent')`,
          sql`progress_at`,
        ),
        deleted: await withPrefix("deleted "),
      };
    },

    /**
     * Records what a digest listed, or counted where its list ended. An inquiry whose state has
     * changed will be listed again. Forgets the references that were `deleted`.
     */
    recordListed: (
      listed: Pick<StoredRow, "id" | "state">[],
      now: Date,
      deleted: string[] = [],
    ): Promise<void> =>
      transaction(async ({ write }) => {
        for (const state of ["sent", "quarantined"] as const) {
          const ids = listed.flatMap((one) => (one.state === state ? one.id : []));
          if (ids.length > 0)
            await write(sql`update inquiries set listed_at = ${now.getTime()}
              where state = ${state} and listed_at is null and id in (${join(ids)})`);
        }
        for (const reference of deleted)
          await write(sql`delete from events where name = ${`deleted ${reference}`}`);
      }),

    /** Replaces the time of an event. */
    record: async (name: EventName, time: Date): Promise<void> =>
      void (await write(recordEvent(name, time.getTime()))),

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
      void (await write(recordEvent("probe", now.getTime()))),

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

    /** Returns the keys of the problems that were reported, and when they last were. */
    reportedProblems: () => withPrefix("problem "),

    /** Records that problems were reported, and forgets those that are over. */
    setReported: (reported: string[], over: string[], now: Date): Promise<void> =>
      transaction(async (connection) => {
        for (const key of reported)
          await connection.write(recordEvent(`problem ${key}`, now.getTime()));
        for (const key of over)
          await connection.write(sql`delete from events where name = ${`problem ${key}`}`);
      }),
  };
}
