// The queries of staff and their commands: list, release, resend, progress, erase, purge.

import { emailKey } from "../email-address.ts";
import type { Deadlines } from "../deadlines.ts";
import { OperatorError } from "../../operator-error.ts";
import { progressRows, type Progress } from "../progress.ts";
import { bigint, join, raw, sql, type LazyDatabase, type Sql } from "./database.ts";
import { listErased, type ErasureList } from "./erasures.ts";
import { clockSkewMs } from "./events.ts";
import { liveCheckReason, toInquiry, type Inquiry, type State, type StoredRow } from "./schema.ts";

/** See `purge`. */
export type PurgeTimes = Record<"sentBefore" | "reportedBefore" | "listedBefore", Date>;

const abandonedLiveCheckMs = 3_600_000;
/** The present time when they are written, so they are never ahead of the clock unless it was wrong. */
const presentTimes = [
  "received_at",
  "waiting_since",
  "sent_at",
  "listed_at",
  "overdue_at",
  "progress_at",
].map(raw);
/** Longer than a retry or a lease lasts, so a later time was written by a wrong clock. */
const maxAheadMs = 40 * 60_000;

const done = join(progressRows.flatMap(([value, { deadline }]) => (deadline ? [] : [value])));

/** By when staff have to take or answer an inquiry that is not quarantined. Null: nothing is left. */
export const nextDeadline = sql`(case ${join(
  progressRows.flatMap(([value, { deadline }]) =>
    deadline ? [sql`when progress = ${value} then ${raw(deadline)}`] : [],
  ),
  " ",
)} end)`;

/** Returns a condition: an inquiry was not taken or not answered in time. */
export const isOverdue = (at: number): Sql =>
  sql`(state <> 'quarantined' and coalesce(${nextDeadline} < ${at}, false))`;

/** Returns a condition: a time in the row is further ahead than a right clock can have written. */
export function isAhead(at: number): Sql {
  const ahead = presentTimes.map((column) => sql`${column} > ${bigint(at + clockSkewMs)}`);
  const latest = bigint(at + maxAheadMs);
  return sql`(${join(ahead, " or ")} or lease_until > ${latest}
    or (state = 'pending' and due_at > ${latest}))`;
}

export function createStaffQueries(database: LazyDatabase, erasures: ErasureList) {
  const { read, write, transaction, dialect, scrub } = database;
  const select = async (rest: Sql): Promise<Inquiry[]> =>
    (await read<StoredRow>(sql`select * from inquiries ${rest}`)).map(toInquiry);

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

    /**
     * Makes a quarantined inquiry pending and due, with fresh attempts and new deadlines for staff.
     * Returns whether it was quarantined.
     */
    async release(reference: string, deadlines: Deadlines, now: Date): Promise<boolean> {
      const at = now.getTime();
      const { takeBy, answerBy } = deadlines;
      const moved = await write(sql`update inquiries
        set state = 'pending', due_at = ${at}, waiting_since = ${at}, attempts = 0,
          take_by = ${takeBy.getTime()}, answer_by = ${answerBy.getTime()},
          progress_at = case when progress = 'open' then progress_at else ${bigint(at)} end,
          progress = 'open'
        where reference = ${reference} and state = 'quarantined' returning id`);
      return moved.length === 1;
    },

    /**
     * Makes every pending inquiry due, except one that is being sent, and replaces times that a
     * wrong clock wrote. `deadlines` are those of an inquiry that is received now.
     */
    async retryAll(now: Date, { takeBy, answerBy }: Deadlines): Promise<void> {
      const at = now.getTime();
      await transaction(async (connection) => {
        await connection.write(sql`update inquiries
          set take_by = ${takeBy.getTime()}, answer_by = ${answerBy.getTime()}
          where received_at > ${at + clockSkewMs}`);
        for (const column of presentTimes)
          await connection.write(
            sql`update inquiries set ${column} = ${at} where ${column} > ${at + clockSkewMs}`,
          );
        await connection.write(sql`update inquiries set lease_owner = '', lease_until = 0
          where lease_until > ${at + maxAheadMs}`);
        await connection.write(sql`update inquiries set due_at = ${at}
          where state = 'pending' and lease_until <= ${at}`);
      });
    },

    /**
     * Sets the progress of an inquiry. `seen` is the `progress_at` on which the change is based: a
     * later change is not undone. Returns false if nothing changed.
     */
    async setProgress(
      reference: string,
      progress: Progress,
      now: Date,
      seen?: number,
    ): Promise<boolean> {
      const at = bigint(now.getTime());
      const changed = await write(sql`update inquiries set progress = ${progress},
          progress_at = case when progress_at >= ${at} then progress_at + 1 else ${at} end
        where reference = ${reference} and progress <> ${progress}
          ${seen === undefined ? sql`` : sql`and coalesce(progress_at, 0) = ${seen}`}
        returning id`);
      return changed.length === 1;
    },

    /** Closes each open quarantined inquiry that a quarantine mail listed. Returns references. */
    async closeListed(now: Date): Promise<string[]> {
      const closed = await write<{ reference: string }>(sql`update inquiries
        set progress = 'closed', progress_at = ${now.getTime()}
        where state = 'quarantined' and progress = 'open' and listed_at is not null
        returning reference`);
      return closed.map(({ reference }) => reference);
    },

    /**
     * Deletes inquiries that were sent before `sentBefore` and were answered, closed, or reported to
     * staff as overdue before `reportedBefore`. Also deletes quarantined ones that a mail listed
     * before `listedBefore`. Calls `beforeDelete` with them first: if the process dies in between,
     * the next purge repeats both. Does not delete an inquiry whose state changes meanwhile. Returns
     * the references of the deleted ones.
     */
    async purge(
      { sentBefore, reportedBefore, listedBefore }: PurgeTimes,
      beforeDelete: (expired: Inquiry[]) => Promise<unknown> = () => Promise.resolve(),
    ): Promise<string[]> {
      const expired = sql`
        (state = 'quarantined' and listed_at < ${listedBefore.getTime()})
        or (state = 'sent' and sent_at < ${sentBefore.getTime()}
          and (progress in (${done}) or overdue_at < ${reportedBefore.getTime()}))`;
      await beforeDelete(await select(sql`where ${expired}`));
      const deleted = await write<{ reference: string }>(
        sql`delete from inquiries where ${expired} returning reference`,
      );
      await scrub(); // even if nothing was deleted: a reader may have prevented an earlier one
      return deleted.map(({ reference }) => reference);
    },

    /**
     * Deletes inquiries in any state, for good: if a backup brings them back, they are deleted
     * again. Throws an OperatorError and deletes nothing while one of them is being sent, because
     * its mail would be written afterwards. Calls `beforeDelete` before they are deleted. Returns
     * false if another process reads the store, so that the next purge has to clean the files.
     */
    async erase(
      inquiries: Inquiry[],
      now: Date,
      beforeDelete: () => Promise<unknown> = () => Promise.resolve(),
    ): Promise<boolean> {
      const references = inquiries.map(({ reference }) => reference).sort();
      await transaction(async (connection) => {
        for (const reference of references) {
          const [row] = await connection.read<{ lease_until: number }>(sql`select lease_until
            from inquiries where reference = ${reference} ${dialect.lockRows}`);
          if (row && row.lease_until > now.getTime())
            throw new OperatorError(
              `${reference} is being sent at this moment: run the command again in three minutes.`,
            );
        }
        await beforeDelete();
        await listErased(connection, erasures, references);
        for (const reference of references)
          await connection.write(sql`delete from inquiries where reference = ${reference}`);
      });
      return scrub();
    },

    /** Deletes a live check, and those older than an hour, left by a doctor that was killed. */
    async deleteLiveChecks(reference: string, now: Date): Promise<void> {
      await write(sql`delete from inquiries
        where state = 'quarantined' and quarantine_reason = ${liveCheckReason}
          and (reference = ${reference} or received_at < ${now.getTime() - abandonedLiveCheckMs})`);
    },
  };
}
