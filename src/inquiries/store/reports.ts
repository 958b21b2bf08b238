// Lists and counts, what a digest has listed, and the table of events, which has named times: when
// the last digest was sent, or a job was claimed.

import { emailKey } from "../email-address.ts";
import type { State } from "../delivery.ts";
import { progressRows } from "../handling.ts";
import { failedRetryMs } from "../jobs/job.ts";
import {
  bigint,
  countRows,
  join,
  sql,
  type Connection,
  type Sql,
  type StatementRunner,
} from "./database.ts";
import type { Filter, Section, Store } from "./interface.ts";
import { readInquiries } from "./row.ts";

/** The clocks of two machines may differ by this much. */
const clockSkewMs = 60_000;
// Each has up to 20,000 characters of text, and mail servers refuse large mails.
const maxListed = 200;
const rowsAtATime = 100;
/** On /health: Slack cuts texts of more than 4,000 characters. */
const maxNamed = 10;

const settled = join(
  progressRows.flatMap(([value, { isUnanswered }]) => (isUnanswered ? [] : [value])),
);

/** Returns a condition: an inquiry was not answered in time. */
const isOverdue = (at: Date): Sql => sql`(state in ('pending', 'quarantined', 'sent')
  and progress not in (${settled}) and answer_by < ${at.getTime()})`;
const isWaitingInQuarantine = sql`(state = 'quarantined' and progress not in (${settled}))`;

/**
 * Returns the end of a select that finds the first `limit` inquiries in an order. The inner select
 * reads only an index. The outer one reads the rows that were found.
 */
const first = (condition: Sql, order: Sql, limit: number) => sql`where id in
  (select id from inquiries where ${condition} order by ${order} limit ${limit}) order by ${order}`;

/** Replaces the time of an event. */
export const recordEvent = (name: string, at: Date) =>
  sql`insert into events (name, at) values (${name}, ${at.getTime()})
    on conflict (name) do update set at = excluded.at`;

/** Returns the column `at` of the first row. */
async function timeIn({ read }: Connection, query: Sql): Promise<Date | undefined> {
  const [row] = await read<{ at: number | null }>(query);
  return row?.at == null ? undefined : new Date(row.at);
}

/** Returns the time of an event, or undefined if it is not recorded. */
export const timeOf = (connection: Connection, name: string) =>
  timeIn(connection, sql`select at from events where name = ${name}`);

export function createReports(database: StatementRunner) {
  const { read, write, transaction } = database;
  const select = (rest: Sql) => readInquiries(database, rest);
  const count = (condition: Sql) => countRows(database, sql`from inquiries where ${condition}`);
  const sectionOf = async (condition: Sql, order: Sql, max = maxListed): Promise<Section> => ({
    inquiries: await select(first(condition, sql`${order}, id`, max)),
    total: await count(condition),
  });
  /** Reads so many rows at a time: staff's commands once needed 1.5 GB for 20,000 long inquiries. */
  async function* each({ state, progress, email, overdueAt }: Filter = {}) {
    const conditions = [
      ...(state ? [sql`state = ${state}`] : []),
      ...(progress ? [sql`progress = ${progress}`] : []),
      ...(email === undefined ? [] : [sql`email_key = ${emailKey(email)}`]),
      ...(overdueAt ? [isOverdue(overdueAt)] : []),
    ];
    const where = conditions.length > 0 ? sql`where ${join(conditions, " and ")}` : sql``;
    const order = overdueAt ? sql`answer_by, id` : sql`received_at desc, id desc`;
    const found = await read<{ id: number }>(
      sql`select id from inquiries ${where} order by ${order}`,
    );
    for (let start = 0; start < found.length; start += rowsAtATime) {
      const ids = found.slice(start, start + rowsAtATime).map(({ id }) => id);
      yield* await select(sql`where id in (${join(ids)}) order by ${order}`);
    }
  }
  const failingJobs = async () => {
    const rows = await read<{ name: string; at: number }>(
      sql`select name, at from events where name like 'failing %' order by name`,
    );
    return new Map(rows.map(({ name, at }) => [name.slice("failing ".length), new Date(at)]));
  };
  const oldestPendingAt = () =>
    timeIn(database, sql`select min(waiting_since) as at from inquiries where state = 'pending'`);

  return {
    oldestPendingAt,

    each,
    list: (filter) => Array.fromAsync(each(filter)),

    async counts() {
      const rows = await read<{ state: State; count: number }>(
        sql`select state, count(*) as count from inquiries group by state`,
      );
      const found = rows.map(({ state, count: number }) => [state, number] as const);
      return { pending: 0, quarantined: 0, sent: 0, ...Object.fromEntries(found) };
    },

    async summary(now) {
      const [permanentFailure] = await read<{ reference: string; reason: string }>(
        sql`select reference, last_failure as reason from inquiries where id = (select id from inquiries
          where state = 'pending' and failure_kind = 'permanent' order by due_at desc limit 1)`,
      );
      return {
        overdue: await sectionOf(isOverdue(now), sql`answer_by desc`, maxNamed),
        unlisted: await count(sql`${isWaitingInQuarantine} and listed_at is null`),
        oldestPendingAt: await oldestPendingAt(),
        permanentFailure,
        failingJobs: await failingJobs(),
      };
    },

    async digestContent({ now, opening, midnight }) {
      const isLate = isOverdue(now);
      // A time that is later than now was written by a wrong clock.
      const isBefore = (time: Sql) =>
        sql`${time} not between ${opening.getTime()} and ${now.getTime() + clockSkewMs}`;
      const isMailed = sql`state in ('pending', 'sent')`;
      return {
        overdue: await sectionOf(sql`${isMailed} and ${isLate}`, sql`answer_by`),
        dueToday: await sectionOf(
          sql`${isMailed} and ${isOverdue(midnight)} and not ${isLate}`,
          sql`answer_by`,
        ),
        refused: await sectionOf(
          sql`state = 'pending' and failure_kind <> '' and ${isBefore(sql`waiting_since`)}`,
          sql`received_at`,
        ),
        quarantined: await sectionOf(
          sql`${isWaitingInQuarantine} and ${isBefore(sql`received_at`)}`,
          sql`case when listed_at is null then 0 else 1 end, received_at`,
        ),
        sent: await sectionOf(
          sql`state = 'sent' and listed_at is null and ${isBefore(sql`sent_at`)}`,
          sql`received_at`,
        ),
      };
    },

    articleCounts: (month) =>
      read(sql`select month, slug, count from article_inquiries
        where count > 0 ${month ? sql`and month = ${month}` : sql``} order by month desc, count desc, slug`),

    recordListed: (shown, now) =>
      transaction(async (connection) => {
        await connection.write(recordEvent("digest", now));
        for (const { id, delivery } of shown)
          await connection.write(sql`update inquiries set listed_at = ${now.getTime()}
            where id = ${id} and state = ${delivery.state} and listed_at is null`);
      }),

    lastDigest: () => timeOf(database, "digest"),
    checkWritable: async (now) => void (await write(recordEvent("probe", now))),

    async claimJob(name, now, everyMs) {
      const at = now.getTime();
      const claimed = await write(sql`insert into events (name, at) values (${`job ${name}`}, ${at})
        on conflict (name) do update set at = excluded.at
        where events.at <= ${bigint(at - everyMs)} or events.at > ${bigint(at + clockSkewMs)}
          or (events.at <= ${bigint(at - failedRetryMs)}
            and exists (select 1 from events as failing where failing.name = ${`failing ${name}`}))
        returning at`);
      return claimed.length === 1;
    },

    async setFailing(name, since) {
      if (!since) return forget(database, `failing ${name}`);
      await write(sql`insert into events (name, at) values (${`failing ${name}`}, ${since.getTime()})
        on conflict (name) do nothing`);
    },
  } satisfies Partial<Store>;
}

const forget = async (connection: Connection, name: string): Promise<void> =>
  void (await connection.write(sql`delete from events where name = ${name}`));
