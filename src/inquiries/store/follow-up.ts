// The part of the store that follows an inquiry until it is answered: what staff marked, and what is overdue.

import { randomBytes } from "node:crypto";
import { sql, type RawBuilder, type Selectable } from "kysely";
import { localTime } from "../../calendar.ts";
import { company } from "../../company.ts";
import {
  toInquiry,
  type Database,
  type InquiryTable,
  type Mark,
  type MarkTable,
  type SourceTable,
  type StoredInquiry,
} from "./schema.ts";

export type FollowUp = ReturnType<typeof createFollowUp>;

export type StoredMark = Selectable<MarkTable>;

// A client may have the link, and each mark adds a line to the next digest.
const maxMarksPerDigest = 20;
// As many as sent inquiries in a digest. The others follow once these are marked.
const maxOverdue = 2_000;

type MarkColumn = "taken_at" | "answered_at" | "closed_at";
/** The column that a mark sets or an undo clears. Answered and closed exclude each other. */
const changes: Record<Mark, { column: MarkColumn; isSet: boolean; clears?: MarkColumn }> = {
  taken: { column: "taken_at", isSet: true },
  answered: { column: "answered_at", isSet: true, clears: "closed_at" },
  closed: { column: "closed_at", isSet: true, clears: "answered_at" },
  "undo-taken": { column: "taken_at", isSet: false },
  "undo-answered": { column: "answered_at", isSet: false },
  "undo-closed": { column: "closed_at", isSet: false },
};

export const isMark = (value: unknown): value is Mark =>
  typeof value === "string" && Object.hasOwn(changes, value);

/** Returns a token for the staff page of one inquiry: 32 hexadecimal digits. */
export const createStaffToken = (): string => randomBytes(16).toString("hex");

/** Returns an SQL condition: the inquiry was not taken or not answered in time. */
export function isOverdue(at: number): RawBuilder<boolean> {
  return sql<boolean>`(state in ('pending', 'stuck', 'sent') and answered_at is null and closed_at is null
    and (answer_by < ${at} or (taken_at is null and take_by < ${at})))`;
}

export function createFollowUp(database: Database) {
  const rows = () => database.selectFrom("inquiries").selectAll();

  /** Returns the inquiries that meet a condition, earliest deadline first. */
  async function list(
    condition: RawBuilder<boolean>,
    limit = maxOverdue,
  ): Promise<StoredInquiry[]> {
    return (
      await rows().where(condition).orderBy("answer_by").orderBy("id").limit(limit).execute()
    ).map(toInquiry);
  }

  return {
    /** Returns the inquiry whose staff page has this token. */
    async findByToken(token: string): Promise<StoredInquiry | undefined> {
      const row = await rows()
        .where("staff_token", "=", token)
        .where("state", "!=", "live-check")
        .executeTakeFirst();
      return row && toInquiry(row);
    },

    /**
     * Marks an inquiry or undoes a mark, and records that for the next digest. Delivery is not affected. Returns "unchanged" if it had that
     * mark already, and "too many" after `maxPerDigest` changes since the last digest.
     */
    mark(
      reference: string,
      mark: Mark,
      now: Date,
      maxPerDigest = maxMarksPerDigest,
    ): Promise<"changed" | "unchanged" | "too many"> {
      const at = now.getTime();
      const { column, isSet, clears } = changes[mark];
      const values = { [column]: isSet ? at : null, ...(clears && { [clears]: null }) };
      return database.transaction().execute(async (transaction) => {
        const earlier = transaction
          .selectFrom("marks")
          .select("id")
          .where("reference", "=", reference);
        if ((await earlier.execute()).length >= maxPerDigest) return "too many";
        const one = transaction
          .updateTable("inquiries")
          .set(values)
          .where("reference", "=", reference)
          .where("state", "!=", "live-check");
        const changed = await one.where(column, isSet ? "is" : "is not", null).executeTakeFirst();
        if (changed.numUpdatedRows === 0n) return "unchanged";
        await transaction.insertInto("marks").values({ reference, mark, at }).execute();
        return "changed";
      });
    },

    /** Returns the marks that no digest has listed, oldest first. */
    listMarks: (): Promise<StoredMark[]> =>
      database.selectFrom("marks").selectAll().orderBy("id").execute(),

    /** Deletes marks once a digest has listed them. */
    async deleteMarks(listed: StoredMark[]): Promise<void> {
      if (listed.length === 0) return;
      const ids = listed.map(({ id }) => id);
      await database.deleteFrom("marks").where("id", "in", ids).execute();
    },

    /** Returns the overdue inquiries, the longest overdue first. */
    overdue: (now: Date): Promise<StoredInquiry[]> => list(isOverdue(now.getTime())),

    /** Returns overdue inquiries that no alert has reported, at most `limit`. */
    notAlerted: (now: Date, limit: number): Promise<StoredInquiry[]> =>
      list(sql<boolean>`${isOverdue(now.getTime())} and overdue_alert_at is null`, limit),

    /** Returns the inquiries that will become overdue by `until` unless they are marked. */
    dueUntil: (until: Date, now: Date): Promise<StoredInquiry[]> =>
      list(sql<boolean>`${isOverdue(until.getTime())} and not ${isOverdue(now.getTime())}`),

    /** Records that a digest or an alert reported these inquiries as overdue. Only the first time is stored. */
    async recordOverdue(
      by: "digest" | "alert",
      inquiries: StoredInquiry[],
      now: Date,
    ): Promise<void> {
      if (inquiries.length === 0) return;
      const column = by === "digest" ? "overdue_digest_at" : "overdue_alert_at";
      const ids = inquiries.map(({ id }) => id);
      const first = database
        .updateTable("inquiries")
        .where("id", "in", ids)
        .where(column, "is", null);
      await first.set({ [column]: now.getTime() }).execute();
    },

    /** Returns how many inquiries came from each article in each month, latest month first. Deleting inquiries does not change the counts. */
    sources: (): Promise<SourceTable[]> =>
      database
        .selectFrom("sources")
        .selectAll()
        .orderBy("month", "desc")
        .orderBy("count", "desc")
        .orderBy("slug")
        .execute(),
  };
}

/** Counts an inquiry for its article and the month in which it was received. */
export async function countSource(
  database: Database,
  { received_at, source_slug }: Pick<InquiryTable, "received_at" | "source_slug">,
) {
  const month = localTime(new Date(received_at), company.headOffice.timeZone)
    .toPlainDate()
    .toPlainYearMonth()
    .toString();
  const insert = database.insertInto("sources").values({ month, slug: source_slug, count: 1 });
  const added = sql<number>`sources.count + 1`;
  await insert
    .onConflict((same) => same.columns(["month", "slug"]).doUpdateSet({ count: added }))
    .execute();
}
