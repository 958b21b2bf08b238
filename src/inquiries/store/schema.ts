// The tables of the store, and the steps that create and change them.

import { sql, type Query, type Database, type Dialect, type Sql } from "./database.ts";
import { StoreError } from "./interface.ts";

export type Step = (dialect: Pick<Dialect, "key">) => Sql[];

/**
 * A step that was deployed is never changed: a test compares its hash. A version adds at most one
 * step, and a step removes no table and no column, because the version before has to run on the new
 * store (`deploy --back`).
 */
export const steps: Step[] = [
  ({ key }) => [
    // The column `answers` has up to 80 KB, and is last: SQLite reads a row up to the columns that
    // it needs.
    sql`create table inquiries (
      id ${key}, reference text not null unique, token text not null unique,
      message_id text not null, content_key text unique,
      mailbox text not null, source text not null,
      received_at bigint not null, promised_by bigint, answer_by bigint not null,
      state text not null, quarantine_reason text not null, email_fault text not null,
      waiting_since bigint not null, due_at bigint not null, attempts integer not null default 0,
      lease_owner text not null default '', lease_until bigint not null default 0,
      failure_type text not null default '', last_failure text not null default '',
      sent_at bigint, listed_at bigint,
      progress text not null, progress_at bigint, taken_by text not null default '',
      confirmation text not null default '', confirmed_at bigint,
      answers text not null)`,
    sql`create index inquiries_received on inquiries (received_at, quarantine_reason)`,
    sql`create index inquiries_pending on inquiries (state, received_at) where state = 'pending'`,
    // SQLite uses the index of unanswered inquiries only for a condition with the same text, which
    // `unanswered` in queries.ts has.
    sql`create index inquiries_unanswered on inquiries (answer_by, state, received_at)
      where progress not in ('answered', 'closed')`,
    sql`create index inquiries_mailbox on inquiries (mailbox)`,
    // With 20,000 inquiries, of which 4,000 are in quarantine, one more took 34 ms of CPU without
    // the first of these and 0.6 ms with it; the next confirmation 68 ms without the second, and
    // 0.2 ms.
    sql`create index inquiries_quarantined on inquiries
      (listed_at, progress, quarantine_reason, received_at) where state = 'quarantined'`,
    sql`create index inquiries_confirmed on inquiries (confirmed_at, mailbox)
      where confirmed_at is not null`,
    // Each pass of the worker asks which confirmations are wanted. Without this index, a pass took
    // 60 times the CPU with 20,000 stored inquiries that it takes with ten.
    sql`create index inquiries_wanted on inquiries (state, progress, received_at)
      where confirmation = 'wanted'`,
  ],
];

/**
 * Creates the table of events, which has named times, and the version of the schema under the name
 * "schema version".
 */
const createEvents = sql`create table if not exists events
  (name text primary key, at bigint not null)`;

/** Runs the steps that the store lacks. Throws a StoreError if it is more than one step ahead. */
export async function updateSchema(database: Database, all = steps): Promise<void> {
  while (await database.transaction((query) => runNextStep(database, query, all)));
}

/** Runs the next step that the store lacks. Returns whether it ran one. */
async function runNextStep(
  { name, dialect }: Database,
  query: Query,
  all: Step[],
): Promise<boolean> {
  await query(dialect.lock);
  await query(createEvents);
  const events = await query<{ name: string; at: number }>(sql`select name, at from events`);
  const stored = events.find((event) => event.name === "schema version");
  if (!stored && events.length > 0)
    throw new StoreError(
      `${name} was written by a version of this site that was never deployed: move it away, and start with an empty store.`,
    );
  const version = stored?.at ?? 0;
  if (version > all.length + 1)
    throw new StoreError(
      `${name} was written by a newer version of this site: start that one, or restore a backup.`,
    );
  const step = all[version];
  if (!step) return false;
  for (const statement of step(dialect)) await query(statement);
  await query(sql`insert into events (name, at) values ('schema version', ${version + 1})
    on conflict (name) do update set at = excluded.at`);
  return true;
}
