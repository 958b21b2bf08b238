// The store of inquiries: opening it, and the methods that a form, the staff page and delivery use.
// Lists and counts are in listings.ts, jobs in events.ts, and deletion in deletion.ts.

import { dayMs } from "../../calendar.ts";
import { mailboxKey } from "../email-address.ts";
import {
  join,
  raw,
  sql,
  type Query,
  type Database,
  type Sql,
  type StatementRunner,
} from "./database.ts";
import { confirmedErased, createDeletion, eraseAgain, erasuresFile } from "./deletion.ts";
import { createEvents } from "./events.ts";
import { maxRetryMs, StoreError, type Store } from "./interface.ts";
import { createListings } from "./listings.ts";
import {
  contentKey,
  countInquiries,
  isQuarantinedFor,
  newRow,
  readInquiries,
  toInquiry,
  type Row,
} from "./row.ts";
import { updateSchema } from "./schema.ts";
import { openSqlite } from "./sqlite.ts";

export type StoreSettings = {
  /** The path of the SQLite store. With `databaseUrl`, only its folder is used. */
  file: string;
  /** The store in PostgreSQL. */
  databaseUrl?: string | undefined;
  /** The part after the @ in the Message-IDs of new inquiries. */
  messageIdDomain: string;
};

/** `erasedAgain`: how many erased inquiries a restored backup had brought back. */
type Opened = { name: string; erasedAgain: number };

// Within a day the same content is the same inquiry: a double click, a reload, a second try.
const duplicateWindowMs = dayMs;
/** The quarantine refuses more than these, live checks included, so that a flood has an end. */
const maxQuarantined = 5_000;

/** Any confirmation could go to a stranger's address, so there are few. */
const maxConfirmationsPerDay = 20;

export const openDatabase = async ({ file, databaseUrl }: StoreSettings): Promise<Database> =>
  databaseUrl ? (await import("./postgres.ts")).openPostgres(databaseUrl) : openSqlite(file);

/**
 * Creates a store that isn't open: until `open` has succeeded, and after `close`, the other methods
 * throw a StoreError. `openAny` is for tests that stop at a statement.
 */
export function createStore(
  settings: StoreSettings,
  onOpen: (opened: Opened) => void = () => {},
  openAny = openDatabase,
): Store {
  const erasures = erasuresFile(settings.file);
  let opened: Database | undefined;
  let whyClosed = new StoreError("The store is not open.");
  const database = () => {
    if (!opened) throw whyClosed;
    return opened;
  };
  const present: StatementRunner = {
    query: async (statement) => database().query(statement),
    transaction: async (work) => database().transaction(work),
    scrub: async () => database().scrub(),
  };
  const { query, transaction } = present;
  const count = (condition: Sql) => countInquiries(query, condition);
  const findOne = async (condition: Sql) =>
    (await readInquiries(query, sql`where ${condition}`))[0];

  return {
    async open() {
      if (opened) return opened.name;
      let opening: Database | undefined;
      try {
        opening = await openAny(settings);
        await updateSchema(opening);
        const erasedAgain = await eraseAgain(opening, erasures);
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

    async close() {
      whyClosed = new StoreError("The store is closed.");
      const closing = opened;
      opened = undefined;
      await closing?.close();
    },

    ...createListings(present),
    ...createEvents(present),
    ...createDeletion(present, erasures),

    async accept(answers, submission, now) {
      const row = newRow(answers, submission, settings.messageIdDomain, now);
      const { token, content_key, received_at } = row;
      const columns = join(Object.keys(row).map((name) => raw(name)));
      const insertion = sql`insert into inquiries (${columns}) values (${join(Object.values(row))})
        on conflict do nothing returning *`;
      return transaction(async (query) => {
        // The same content may be sent again after a day.
        await query(sql`update inquiries set content_key = null
            where content_key = ${content_key} and received_at <= ${received_at - duplicateWindowMs}`);
        const [added] = await query<Row>(insertion);
        if (added?.state === "quarantined") await refuseIfFull(query);
        if (added) return { inquiry: toInquiry(added), isRepeated: false };
        const [first] = await readInquiries(
          query,
          sql`where content_key = ${content_key} or token = ${token}`,
        );
        if (!first) throw new StoreError("The first inquiry was just deleted: send it again.");
        // If the result of a commit was lost, the second attempt finds its own row.
        return { inquiry: first, isRepeated: first.token !== token };
      });
    },

    findDuplicate: (answers, now) =>
      findOne(sql`content_key = ${contentKey(answers)}
        and received_at > ${now.getTime() - duplicateWindowMs}`),

    countSince: (since) =>
      count(
        sql`received_at > ${since.getTime()} and (quarantine_reason = '' or ${isQuarantinedFor("flood")})`,
      ),

    wasMailed: async (email) =>
      (await count(sql`mailbox = ${mailboxKey(email)} and sent_at is not null`)) > 0,

    find: (by) =>
      findOne("token" in by ? sql`token = ${by.token}` : sql`reference = ${by.reference}`),

    earlier: ({ id }) =>
      readInquiries(
        query,
        sql`where mailbox = (select mailbox from inquiries where id = ${id}) and id < ${id}
          order by id desc limit 5`,
      ),

    async claimDue(owner, now, leaseMs) {
      const at = now.getTime();
      const isPast = (time: Sql) => sql`${time} not between ${at + 1} and ${at + maxRetryMs}`;
      // `=`, because PostgreSQL may run the subquery of an `in` more than once.
      const [row] = await query<Row>(sql`update inquiries
        set lease_owner = ${owner}, lease_until = ${at + leaseMs}, attempts = attempts + 1
        where id = (select id from inquiries
          where state = 'pending' and ${isPast(raw("due_at"))} and ${isPast(raw("lease_until"))}
          order by received_at, id limit 1 ${database().dialect.skipLocked})
        returning *`);
      return row && { ...toInquiry(row), owner };
    },

    async settle(claim, result) {
      // `sent_at` stays the time of the first mail, from which retention counts. An approved inquiry
      // was listed as quarantined, so the next digest has to list it as sent.
      const change =
        "sentAt" in result
          ? sql`state = 'sent', sent_at = coalesce(sent_at, ${result.sentAt.getTime()}),
              listed_at = null`
          : sql`due_at = ${result.dueAt.getTime()}`;
      const isPermanent =
        claim.delivery.failure?.type === "permanent" && result.failure?.type === "temporary";
      const failure = isPermanent ? claim.delivery.failure : result.failure;
      const settled = await query(sql`update inquiries
        set ${change}, lease_owner = '', lease_until = 0,
          failure_type = ${failure?.type ?? ""}, last_failure = ${failure?.reason ?? ""}
        where id = ${claim.id} and state = 'pending'
          and lease_owner = ${claim.owner} and attempts = ${claim.delivery.attempts}
        returning id`);
      return settled.length === 1;
    },

    async takeConfirmation(now) {
      const at = now.getTime();
      const yesterday = at - dayMs;
      const tried = sql`from inquiries where confirmed_at > ${yesterday}`;
      return transaction(async (query) => {
        // Without the lock two processes could count the same confirmations, and send one too many.
        await query(database().dialect.lock);
        // An inquiry that was approved or sent again has been waiting only since then.
        const [row] = await query<Row>(sql`update inquiries
          set confirmation = 'tried', confirmed_at = ${at}
          where id = (select id from inquiries
            where confirmation = 'wanted' and state = 'sent' and progress = 'open'
              and received_at > ${yesterday} and waiting_since = received_at
              and mailbox not in (select mailbox ${tried})
            order by received_at, id limit 1)
          and (select count(*) ${tried}) < ${maxConfirmationsPerDay}
          and not exists (select 1 from events
            where name = ${confirmedErased} and at > ${yesterday})
          returning *`);
        return row && toInquiry(row);
      });
    },

    async wantConfirmation(inquiry) {
      const answers = JSON.stringify({ ...inquiry.answers, confirmation: "yes" });
      const [row] = await query<Row>(sql`update inquiries
        set answers = ${answers}, confirmation = case
          when confirmation = '' and quarantine_reason = '' then 'wanted' else confirmation end
        where id = ${inquiry.id} returning *`);
      return row ? toInquiry(row) : inquiry;
    },

    async setConfirmationRefused({ id }) {
      await query(sql`update inquiries set confirmation = 'refused' where id = ${id}`);
    },

    async retryAll(now) {
      const at = now.getTime();
      await query(sql`update inquiries set due_at = ${at}
        where state = 'pending' and lease_until <= ${at}`);
    },

    // It never writes what was promised. The worker and the digest write the other columns.
    async save({ id, delivery: before, handling: seen }, { delivery, handling }) {
      const since = delivery?.waitingSince.getTime() ?? 0;
      const waiting = delivery
        ? sql`, state = ${delivery.state}, attempts = ${delivery.attempts},
            waiting_since = ${since}, due_at = ${since}`
        : sql``;
      const saved = await query(sql`update inquiries
        set progress = ${handling.progress}, taken_by = ${handling.takenBy},
          progress_at = ${handling.changedAt?.getTime() ?? null},
          answer_by = ${handling.answerBy.getTime()}${waiting}
        where id = ${id} and state = ${before.state}
          and coalesce(progress_at, 0) = ${seen.changedAt?.getTime() ?? 0}
        returning id`);
      return saved.length === 1;
    },
  };
}

/** Throws a StoreError, which undoes the transaction, if the quarantine is full. */
async function refuseIfFull(query: Query): Promise<void> {
  // What staff have closed leaves room. Live checks count although they are closed from the start,
  // because anybody can send one.
  const count = await countInquiries(
    query,
    sql`state = 'quarantined'
      and (progress <> 'closed' or ${isQuarantinedFor("live-check")})`,
  );
  if (count > maxQuarantined)
    throw new StoreError(`The quarantine is full: it has ${maxQuarantined} inquiries.`);
}
