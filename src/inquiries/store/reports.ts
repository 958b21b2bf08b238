// The queries of the digest, the quarantine mail and the alerts.

import { join, raw, sql, type LazyDatabase, type Sql } from "./database.ts";
import {
  listedColumns,
  states,
  toInquiry,
  type Inquiry,
  type ListedInquiry,
  type State,
  type StoredRow,
} from "./schema.ts";
import { isAhead, isOverdue, nextDeadline } from "./staff-queries.ts";

export type Summary = {
  counts: Record<State, number>;
  /** Not taken or not answered in time. */
  overdue: number;
  /** Quarantined inquiries that staff have neither released nor closed. */
  quarantine: Backlog;
  /** Since when the oldest pending inquiry has been waiting. */
  oldestPendingAt: Date | undefined;
  /** Why the last attempt failed permanently, with the mail server's words. */
  permanentFailure: string | undefined;
  /** Why mail sent within a day reached only some of the staff. */
  partialFailure: string | undefined;
  /** Jobs that fail, and since when. */
  failingJobs: Map<string, Date>;
  /** How many inquiries have a time that is in the future. */
  ahead: number;
};

/** `late`: how many of them a mail has listed, and staff should have decided on by now. */
export type Backlog = { waiting: number; late: number; oldestAt: Date | undefined };

export type DigestContent = {
  /** They become overdue today unless they are taken or answered. */
  due: ListedInquiry[];
  overdue: ListedInquiry[];
  /** Sent, and not in an earlier digest. */
  sent: ListedInquiry[];
  /** Their progress was set since the last digest. */
  changed: ListedInquiry[];
  /** If some of them are late. */
  quarantine: Backlog | undefined;
};

/** `since` and `opening`: the opening hours of the last digest's day and of this day. */
export type DigestTimes = { now: Date; since: Date; opening: Date; midnight: Date };

// A digest must not be so large that mail servers refuse it. The next digest lists the others.
const maxListed = 2_000;
const maxQuarantined = 200;
const dayMs = 86_400_000;

export function createReports(
  { read, transaction }: LazyDatabase,
  failingJobs: () => Promise<Map<string, Date>>,
) {
  const select = async (rest: Sql): Promise<Inquiry[]> =>
    (await read<StoredRow>(sql`select * from inquiries ${rest}`)).map(toInquiry);
  const listedColumnsSql = join(listedColumns.map((name) => raw(name)));
  const selectListed = (rest: Sql): Promise<ListedInquiry[]> =>
    read<ListedInquiry>(sql`select ${listedColumnsSql} from inquiries ${rest}`);
  const count = async (condition: Sql): Promise<number> => {
    const query = sql`select count(*) as count from inquiries where ${condition}`;
    return (await read<{ count: number }>(query))[0]?.count ?? 0;
  };
  const lastFailure = async (condition: Sql): Promise<string | undefined> => {
    const [row] = await select(sql`where ${condition} order by due_at desc limit 1`);
    return row?.last_failure;
  };

  async function backlog(now: Date): Promise<Backlog> {
    const isOpen = sql`state = 'quarantined' and progress = 'open'`;
    const [oldest] = await select(sql`where ${isOpen} order by received_at limit 1`);
    return {
      waiting: await count(isOpen),
      late: await count(sql`${isOpen} and listed_at is not null and take_by < ${now.getTime()}`),
      oldestAt: oldest && new Date(oldest.received_at),
    };
  }

  return {
    /** Returns counts and failures, which `problemsOf` turns into words. */
    async summary(now: Date): Promise<Summary> {
      const groups = await read<{ state: State; count: number }>(
        sql`select state, count(*) as count from inquiries group by state`,
      );
      const counts = Object.fromEntries(states.map((state) => [state, 0])) as Summary["counts"];
      for (const group of groups) counts[group.state] = group.count;
      const [oldest] = await select(sql`where state = 'pending' order by waiting_since limit 1`);
      const dayAgo = now.getTime() - dayMs;
      return {
        counts,
        overdue: await count(isOverdue(now.getTime())),
        quarantine: await backlog(now),
        oldestPendingAt: oldest && new Date(oldest.waiting_since),
        permanentFailure: await lastFailure(sql`state = 'pending' and failure_kind = 'permanent'`),
        partialFailure: await lastFailure(
          sql`state = 'sent' and failure_kind = 'partial' and sent_at > ${dayAgo}`,
        ),
        failingJobs: await failingJobs(),
        ahead: await count(isAhead(now.getTime())),
      };
    },

    /** Returns at most `limit` overdue inquiries: those whose deadline passed last. */
    overdue: (now: Date, limit: number): Promise<ListedInquiry[]> =>
      selectListed(sql`where ${isOverdue(now.getTime())}
        order by ${nextDeadline} desc, id limit ${limit}`),

    /** Returns what a digest lists. */
    async digestContent({ now, since, opening, midnight }: DigestTimes): Promise<DigestContent> {
      const limit = sql`limit ${maxListed}`;
      const byDeadline = sql`order by answer_by, id ${limit}`;
      const isLate = isOverdue(now.getTime());
      const quarantine = await backlog(opening);
      return {
        due: await selectListed(
          sql`where ${isOverdue(midnight.getTime())} and not ${isLate} ${byDeadline}`,
        ),
        overdue: await selectListed(sql`where ${isLate} ${byDeadline}`),
        sent: await selectListed(sql`where state = 'sent' and listed_at is null
          and sent_at < ${opening.getTime()} order by received_at, id ${limit}`),
        changed: await selectListed(sql`where progress_at >= ${since.getTime()}
          and progress_at < ${opening.getTime()} and state <> 'quarantined'
          order by progress_at, id ${limit}`),
        quarantine: quarantine.late > 0 ? quarantine : undefined,
      };
    },

    /** Records which inquiries a mail listed. One whose state has changed will be listed again. */
    recordListed: (listed: Pick<StoredRow, "id" | "state">[], now: Date): Promise<void> =>
      transaction(async ({ write }) => {
        for (const { id, state } of listed)
          await write(sql`update inquiries set listed_at = ${now.getTime()}
            where id = ${id} and state = ${state} and listed_at is null`);
      }),

    /** Records that staff have read that inquiries are overdue. Only the first time is stored. */
    recordOverdue: (references: string[], now: Date): Promise<void> =>
      transaction(async ({ write }) => {
        for (const reference of references)
          await write(sql`update inquiries set overdue_at = ${now.getTime()}
            where reference = ${reference} and overdue_at is null`);
      }),

    /**
     * Returns what a quarantine mail lists: inquiries that none has listed, newest first, and open
     * ones that earlier ones have listed. `waiting`: how many are open in all.
     */
    async quarantineContent(before: Date) {
      const isQuarantined = sql`state = 'quarantined' and received_at < ${before.getTime()}`;
      const isOpen = sql`${isQuarantined} and progress = 'open'`;
      const newestFirst = sql`order by received_at desc, id desc`;
      return {
        listed: await select(
          sql`where ${isQuarantined} and listed_at is null ${newestFirst} limit ${maxQuarantined}`,
        ),
        earlier: await selectListed(
          sql`where ${isOpen} and listed_at is not null ${newestFirst} limit ${maxListed}`,
        ),
        waiting: await count(isOpen),
      };
    },
  };
}
