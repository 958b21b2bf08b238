// The store of inquiries, from acceptance to scheduled deletion.
//
// An inquiry is accepted when its row is committed with synchronous=FULL. Only then does the
// visitor get a receipt. Delivery claims a row with a lease and settles it only while it holds the
// lease (owner and attempt are the fencing token). If the process dies in between, the lease
// expires and another process delivers again. Delivery is at least once: every copy has the
// Message-ID that was stored at acceptance.

import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { OperatorError } from "../../operator-error.ts";
import { contentKey } from "../answers.ts";
import {
  noInitials,
  progressRows,
  progressTable,
  type Deadlines,
  type Progress,
} from "../progress.ts";
import { emailKey } from "../email-address.ts";
import type { Answers } from "../form.ts";
import { createReference } from "../reference.ts";
import {
  bigint,
  connectTo,
  join,
  postgresDialect,
  raw,
  sql,
  sqliteDialect,
  StoreError,
  type Connection,
  type Database,
  type Sql,
  type Value,
} from "./database.ts";
import { eraseAgain, erasuresFile, listErased } from "./erasures.ts";
import { createReports, recordEvent } from "./reports.ts";
import {
  liveCheckReason,
  maxQuarantined,
  toInquiry,
  updateSchema,
  type FailureKind,
  type Inquiry,
  type StoredRow,
} from "./schema.ts";
import { openSqlite } from "./sqlite.ts";

export type Store = ReturnType<typeof createStore>;

export type StoreSettings = {
  /** The path of the SQLite store. With `databaseUrl`, only its folder is used. */
  file: string;
  /** The store in PostgreSQL. */
  databaseUrl?: string | undefined;
  /** The part after the @ in the Message-IDs of new inquiries. */
  messageIdDomain: string;
};

/**
 * `erasedAgain`: inquiries that had been erased, were back after a restore, and were erased again.
 */
type Opened = { name: string; erasedAgain: number };

/** What comes with the answers. */
export type Submission = {
  /** The article the form was sent from. Empty: the contact page. */
  slug: string;
  title: string;
  /** Empty: not quarantined. */
  quarantineReason: string;
  emailFault: string;
  deadlines: Deadlines;
};

// The same content within a day is the same inquiry: a double click, a reload, a second try.
const duplicateWindowMs = 24 * 3_600_000;
const abandonedLiveCheckMs = 3_600_000;
/** The longest pause between two attempts to send an inquiry. */
export const maxRetryMs = 30 * 60_000;

export type Failure = { kind: FailureKind; reason: string };
/** Sent, perhaps with something that failed, or due again. */
export type Settlement =
  { sentAt: Date; failure?: Failure | undefined } | { dueAt: Date; failure: Failure };

const known = join(progressRows.map(([value]) => value));

/** Returns the new `progress_at`. It differs from the last even within one millisecond. */
function progressTime(now: Date): Sql {
  const at = bigint(now.getTime());
  return sql`case when progress_at >= ${at} then progress_at + 1 else ${at} end`;
}

/** Returns a condition: nothing changed after `seen`, the `progress_at` on which a change is based. */
const isUnchanged = (seen: number | undefined) =>
  seen === undefined ? sql`` : sql`and coalesce(progress_at, 0) = ${seen}`;

/** Opens the database that the settings name. On PostgreSQL the folder need not exist. */
export async function openDatabase({ file, databaseUrl }: StoreSettings): Promise<Database> {
  const dir = path.dirname(file);
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const advice = "set DATA_DIR to a folder that this user may write to";
    if (!databaseUrl)
      throw new StoreError(`${dir} cannot be used (${code}): ${advice}.`, { cause: error });
  }
  return databaseUrl ? (await import("./postgres.ts")).openPostgres(databaseUrl) : openSqlite(file);
}

/**
 * Returns the store, which `open` opens. Before that, and after `close`, its methods throw a
 * StoreError. `onOpen` is called once it is open. `openAny` is replaced by tests that crash at a
 * statement.
 */
export function createStore(
  settings: StoreSettings,
  onOpen: (opened: Opened) => void = () => {},
  openAny = openDatabase,
) {
  const { file, databaseUrl, messageIdDomain } = settings;
  const erasures = erasuresFile(file);
  const dialect = databaseUrl ? postgresDialect : sqliteDialect;
  let opened: Database | undefined;
  let whyClosed = new StoreError("The store is not open.");
  const database = connectTo(() => {
    if (!opened) throw whyClosed;
    return opened;
  });
  const { read, write, transaction, scrub } = database;

  return {
    /**
     * Opens the database and updates its schema, unless that is done. Returns its name, for
     * messages. Throws a StoreError if the database cannot be opened, is not durable, or was written
     * by a newer release than the next. The call may be repeated.
     */
    async open(): Promise<string> {
      if (opened) return opened.name;
      let opening: Database | undefined;
      try {
        opening = await openAny(settings);
        const erasedAgain = await prepare(opening, erasures);
        opened = opening;
        onOpen({ name: opened.name, erasedAgain });
        return opened.name;
      } catch (error) {
        await opening?.close();
        whyClosed =
          error instanceof StoreError
            ? error
            : new StoreError("The store cannot be opened.", { cause: error });
        throw error;
      }
    },

    /** Closes the database once it has run what it was given. */
    async close(): Promise<void> {
      whyClosed = new StoreError("The store is closed.");
      const closing = opened;
      opened = undefined;
      await closing?.close();
    },

    ...createReports(database),

    /**
     * Commits an inquiry durably. The same content within 24 hours is not stored again: the first
     * inquiry is returned, with `isRepeated`. Throws if it cannot be committed, or if it would be
     * quarantined and the quarantine is full; nothing is stored.
     */
    accept(answers: Answers, submission: Submission, now: Date) {
      const row = newRow(answers, submission, messageIdDomain, now.getTime());
      const { token, content_key, received_at } = row;
      const columns = join(Object.keys(row).map((name) => raw(name)));
      const insertion = sql`insert into inquiries (${columns}) values (${join(Object.values(row))})
        on conflict do nothing returning *`;
      return transaction(async (connection): Promise<{ inquiry: Inquiry; isRepeated: boolean }> => {
        // The same content may be sent again after a day.
        await connection.write(sql`update inquiries set content_key = null
            where content_key = ${content_key} and received_at <= ${received_at - duplicateWindowMs}`);
        const [added] = await connection.write<StoredRow>(insertion);
        if (added?.state === "quarantined") await refuseIfFull(connection);
        if (added) return { inquiry: toInquiry(added), isRepeated: false };
        const [first] = await connection.read<StoredRow>(
          sql`select * from inquiries where content_key = ${content_key} or token = ${token}`,
        );
        if (!first) throw new StoreError("The first inquiry was just deleted: send it again.");
        // If the result of a commit was lost, the second attempt finds its own row.
        return { inquiry: toInquiry(first), isRepeated: first.token !== token };
      });
    },

    /** Returns the inquiry with the same content if one was accepted within the last 24 hours. */
    async findDuplicate(answers: Answers, now: Date): Promise<Inquiry | undefined> {
      const [row] = await read<StoredRow>(sql`select * from inquiries
        where content_key = ${contentKey(answers)}
        and received_at > ${now.getTime() - duplicateWindowMs}`);
      return row && toInquiry(row);
    },

    /** Returns the inquiry with a reference, or whose staff page has a token. */
    async find(by: { reference: string } | { token: string }): Promise<Inquiry | undefined> {
      const condition = "token" in by ? sql`token = ${by.token}` : sql`reference = ${by.reference}`;
      const [row] = await read<StoredRow>(sql`select * from inquiries where ${condition}`);
      return row && toInquiry(row);
    },

    /** Returns how many inquiries were accepted after `since`, without live checks. */
    async countSince(since: Date): Promise<number> {
      const [row] = await read<{ count: number }>(
        sql`select count(*) as count from inquiries
          where received_at > ${since.getTime()} and quarantine_reason <> ${liveCheckReason}`,
      );
      return row?.count ?? 0;
    },

    /**
     * Claims the due inquiry that was received first, for `leaseMs`. No other process can claim it
     * until the lease ends. One that is due, or leased, later than after the longest pause between
     * two attempts is due now: a wrong clock wrote that time.
     */
    async claimDue(owner: string, now: Date, leaseMs: number): Promise<Inquiry | undefined> {
      const at = now.getTime();
      const isPast = (time: Sql) => sql`${time} not between ${at + 1} and ${at + maxRetryMs}`;
      // `=`, because PostgreSQL may run the subquery of an `in` more than once.
      const [row] = await write<StoredRow>(sql`update inquiries
        set lease_owner = ${owner}, lease_until = ${at + leaseMs}, attempts = attempts + 1
        where id = (select id from inquiries
          where state = 'pending' and ${isPast(raw("due_at"))} and ${isPast(raw("lease_until"))}
          order by received_at, id limit 1 ${dialect.skipLocked})
        returning *`);
      return row && toInquiry(row);
    },

    /**
     * Records the result of a claim and ends its lease. Returns false and changes nothing if the
     * inquiry was claimed or erased since.
     */
    async settle(claim: Inquiry, result: Settlement): Promise<boolean> {
      // A released one was listed as quarantined: the next digest lists it as sent.
      const change =
        "sentAt" in result
          ? sql`state = 'sent', sent_at = ${result.sentAt.getTime()}, listed_at = null`
          : sql`due_at = ${result.dueAt.getTime()}`;
      const settled = await write(sql`update inquiries
        set ${change}, lease_owner = '', lease_until = 0,
          failure_kind = ${result.failure?.kind ?? ""},
          last_failure = ${result.failure?.reason ?? ""}
        where id = ${claim.id} and state = 'pending'
          and lease_owner = ${claim.lease_owner} and attempts = ${claim.attempts}
        returning id`);
      return settled.length === 1;
    },

    /** Returns when the next inquiry can be claimed, or undefined if nothing is left to deliver. */
    async nextDue(): Promise<Date | undefined> {
      const [row] = await read<{ at: number | null }>(sql`select
        min(case when lease_until > due_at then lease_until else due_at end) as at
        from inquiries where state = 'pending'`);
      return row?.at == null ? undefined : new Date(row.at);
    },

    /**
     * Makes a quarantined inquiry pending and due, with fresh attempts. If its receipt promised a
     * time, staff have to answer by then, and otherwise by `answerBy`. `seen`: see `setProgress`.
     * Returns false if nothing changed.
     */
    async release(reference: string, answerBy: Date, now: Date, seen?: number) {
      const at = now.getTime();
      const deadline = sql`coalesce(promised_by, ${bigint(answerBy.getTime())})`;
      const moved = await write(sql`update inquiries
        set state = 'pending', due_at = ${at}, waiting_since = ${at}, attempts = 0,
          take_by = ${deadline}, answer_by = ${deadline},
          progress = 'open', progress_at = ${progressTime(now)}
        where reference = ${reference} and state = 'quarantined' ${isUnchanged(seen)}
        returning id`);
      return moved.length === 1;
    },

    /**
     * Makes a sent inquiry pending and due, so that its mail is sent again. Returns false if it is
     * not sent.
     */
    async resend(reference: string, now: Date): Promise<boolean> {
      const at = now.getTime();
      const moved = await write(sql`update inquiries
        set state = 'pending', due_at = ${at}, waiting_since = ${at}, attempts = 0
        where reference = ${reference} and state = 'sent' returning id`);
      return moved.length === 1;
    },

    /** Makes every pending inquiry due, except one that is being sent. */
    async retryAll(now: Date): Promise<void> {
      const at = now.getTime();
      await write(sql`update inquiries set due_at = ${at}
        where state = 'pending' and lease_until <= ${at}`);
    },

    /**
     * Sets the progress of an inquiry to a value that may follow the present one, except that an
     * answered or closed inquiry that was taken is opened as taken. `seen` is the `progress_at` on
     * which the change is based: a later change is not undone. `initials`: who takes or answers it.
     * Returns false if nothing changed.
     */
    async setProgress(
      reference: string,
      progress: Progress,
      now: Date,
      seen?: number,
      initials = "",
    ) {
      const before = progressRows.flatMap(([value, { next }]) =>
        next.includes(progress) ? [value] : [],
      );
      const by = initials || (progress === "taken" ? noInitials : "");
      const set =
        progress === "open"
          ? sql`progress = case when progress = 'taken' or taken_by = '' then 'open' else 'taken' end,
              taken_by = case when progress = 'taken' then '' else taken_by end`
          : sql`progress = ${progress}, taken_by = ${by && progress !== "closed" ? by : raw("taken_by")}`;
      const changed =
        await write(sql`update inquiries set ${set}, progress_at = ${progressTime(now)}
        where reference = ${reference} and progress in (${join(before)})
          ${progressTable[progress].inQuarantine ? sql`` : sql`and state <> 'quarantined'`}
          ${isUnchanged(seen)}
        returning id`);
      return changed.length === 1;
    },

    /**
     * Deletes inquiries that were sent before `cutOff`, and quarantined ones that a digest listed
     * before it. Returns their references, and leaves those of unanswered ones to the next digest.
     */
    async purge(cutOff: Date, now: Date): Promise<string[]> {
      const at = cutOff.getTime();
      const deleted = await transaction(async (connection) => {
        const gone = await connection.write<Pick<StoredRow, "reference" | "state" | "progress">>(
          sql`delete from inquiries where (state = 'sent' and sent_at < ${at})
            or (state = 'quarantined' and listed_at < ${at}) returning reference, state, progress`,
        );
        for (const { reference, state, progress } of gone)
          if (state === "sent" && progressTable[progress].isUnanswered)
            await connection.write(recordEvent(`deleted ${reference}`, now.getTime()));
        return gone;
      });
      await scrub(); // even if nothing was deleted: a reader may have prevented an earlier one
      return deleted.map(({ reference }) => reference);
    },

    /**
     * Deletes inquiries in any state, for good: if a backup brings them back, they are deleted
     * again. Throws an OperatorError and deletes nothing while one of them is being sent, because
     * its mail would be written afterwards. Returns false if another process reads the store, so
     * that the next purge has to clean the files.
     */
    async erase(inquiries: Inquiry[], now: Date): Promise<boolean> {
      if (inquiries.length === 0) return scrub();
      const references = inquiries.map(({ reference }) => reference).sort();
      const chosen = sql`where reference in (${join(references)})`;
      await transaction(async (connection) => {
        const rows = await connection.read<StoredRow>(sql`select reference, lease_until
          from inquiries ${chosen} order by reference ${dialect.lockRows}`);
        const leased = rows.find(({ lease_until }) => lease_until > now.getTime());
        if (leased)
          throw new OperatorError(
            `${leased.reference} is being sent at this moment: run the command again in three minutes.`,
          );
        listErased(erasures, references);
        await connection.write(sql`delete from inquiries ${chosen}`);
      });
      return scrub();
    },

    /** Deletes a live check, and those older than an hour, left by a doctor that was killed. */
    async deleteLiveChecks(reference: string, now: Date): Promise<void> {
      const old = now.getTime() - abandonedLiveCheckMs;
      const found = await read<{ id: number }>(sql`
        select id from inquiries where reference = ${reference} union all
        select id from inquiries where quarantine_reason = ${liveCheckReason} and received_at < ${old}`);
      for (const { id } of found)
        await write(sql`delete from inquiries where id = ${id}
          and state = 'quarantined' and quarantine_reason = ${liveCheckReason}`);
    },
  };
}

/** Updates an opened database, and returns how many inquiries it erased again. */
async function prepare(database: Database, erasures: string): Promise<number> {
  await updateSchema(database);
  // This release may not know a value that a newer one set before `deploy --back`.
  await database.write(
    sql`update inquiries set progress = 'open'
      where id in (select id from inquiries where progress not in (${known}))`,
  );
  // Earlier releases stored these addresses under another key.
  const outdated = await database.read<StoredRow>(sql`select id, email_key from inquiries
    where email_key like '%@googlemail.com' or email_key like '%+%'`);
  for (const { id, email_key } of outdated)
    await database.write(
      sql`update inquiries set email_key = ${emailKey(email_key)} where id = ${id}`,
    );
  const erasedAgain = await database.transaction((connection) => eraseAgain(connection, erasures));
  if (erasedAgain > 0) await database.scrub();
  return erasedAgain;
}

/** Throws a StoreError, which undoes the transaction, if it has quarantined one inquiry too many. */
async function refuseIfFull({ read }: Connection): Promise<void> {
  const [row] = await read<{ count: number }>(
    sql`select count(*) as count from inquiries where state = 'quarantined'`,
  );
  if ((row?.count ?? 0) > maxQuarantined)
    throw new StoreError(`The quarantine is full: it has ${maxQuarantined} inquiries.`);
}

function newRow(answers: Answers, submission: Submission, messageIdDomain: string, at: number) {
  const { slug, title, quarantineReason, emailFault, deadlines } = submission;
  const reference = createReference();
  return {
    reference,
    token: randomBytes(16).toString("hex"),
    message_id: `<${reference.toLowerCase()}@${messageIdDomain}>`,
    // Anybody may send a live check, which is deleted: it must not become a visitor's inquiry.
    content_key: quarantineReason === liveCheckReason ? null : contentKey(answers),
    email_key: emailKey(answers["email"] ?? ""),
    answers: JSON.stringify(answers),
    source_slug: slug,
    source_title: title,
    received_at: at,
    promised_by: deadlines.promisedBy?.getTime() ?? null,
    take_by: deadlines.answerBy.getTime(), // the release before needs it
    answer_by: deadlines.answerBy.getTime(),
    state: quarantineReason ? "quarantined" : "pending",
    quarantine_reason: quarantineReason,
    email_fault: emailFault,
    waiting_since: at,
    due_at: at,
  } satisfies Partial<Record<keyof StoredRow, Value>>;
}
