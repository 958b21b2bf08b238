// The tables of the store: the steps that create and change them, and the corrections of rows when
// the store is opened.

import { emailKey, mailboxKey } from "../email-address.ts";
import { progressRows } from "../progress.ts";
import { join, sql, type Connection, type Database, type Dialect, type Sql } from "./database.ts";
import { StoreError } from "./interface.ts";

/**
 * The steps from an empty database to the present tables. A step that was deployed is never
 * changed: a test compares its hash. A version adds at most one step, and a step removes no
 * table and no column, because the version before has to run on the new store (`deploy --back`).
 */
export const steps: ((dialect: Pick<Dialect, "key">) => Sql[])[] = [
  ({ key }) => [
    sql`create table inquiries (
      id ${key}, reference text not null unique, token text not null unique,
      message_id text not null, content_key text unique, email_key text not null,
      answers text not null, source_slug text not null, source_title text not null,
      received_at bigint not null, promised_by bigint,
      take_by bigint not null, answer_by bigint not null,
      state text not null, quarantine_reason text not null, email_fault text not null,
      waiting_since bigint not null, due_at bigint not null, attempts integer not null default 0,
      lease_owner text not null default '', lease_until bigint not null default 0,
      failure_kind text not null default '', last_failure text not null default '',
      sent_at bigint, listed_at bigint, overdue_at bigint,
      progress text not null default 'open', progress_at bigint)`,
    sql`create index inquiries_due on inquiries (state, due_at)`,
  ],
  // The indexes contain every column that a condition names. Counts and searches therefore read no
  // rows, each of which has up to 80 KB of text. `article_inquiries`: see `ArticleCount`.
  () => [
    sql`create index inquiries_received on inquiries (received_at, quarantine_reason)`,
    // No version needs this index, and SQLite would prefer it to the next one.
    sql`drop index inquiries_due`,
    sql`create index inquiries_pending on inquiries
      (state, received_at, id, due_at, lease_until, waiting_since, failure_kind)
      where state = 'pending'`,
    sql`create index inquiries_progress on inquiries
      (state, progress, answer_by)`,
    sql`create index inquiries_sent on inquiries (state, sent_at, listed_at)
      where sent_at is not null`,
    sql`create index inquiries_listed on inquiries (state, listed_at, received_at)`,
    sql`create index inquiries_changed on inquiries (state, progress_at)
      where progress_at is not null`,
    sql`create index inquiries_email on inquiries (email_key)`,
    sql`alter table inquiries add column taken_by text not null default ''`,
    sql`alter table inquiries add column mailbox text not null default ''`,
    sql`create index inquiries_mailbox on inquiries (mailbox)`,
    sql`create table article_inquiries (month text not null, slug text not null,
      count integer not null, primary key (month, slug))`,
  ],
];

/** Named times, and the version of the schema under the name "schema". */
const createEvents = sql`create table if not exists events
  (name text primary key, at bigint not null)`;

/** Runs the missing steps. Throws a StoreError if the store is more than one step ahead. */
export async function updateSchema(database: Database): Promise<void> {
  while (await database.transaction((connection) => runNextStep(database, connection)));
}

/** Runs one step, and returns whether others follow. */
async function runNextStep({ name, dialect }: Database, { read, write }: Connection) {
  await read(dialect.lockSchema);
  await write(createEvents);
  const [stored] = await read<{ at: number }>(sql`select at from events where name = 'schema'`);
  const version = stored?.at ?? 0;
  if (version > steps.length + 1)
    throw new StoreError(
      `${name} was written by a newer version of this site: start that one, or restore a backup.`,
    );
  const step = steps[version];
  if (!step) return false;
  for (const statement of step(dialect)) await write(statement);
  await write(sql`insert into events (name, at) values ('schema', ${version + 1})
    on conflict (name) do update set at = excluded.at`);
  return true;
}

const knownProgress = join(progressRows.map(([value]) => value));

/** Corrects rows that other versions wrote. */
export async function correctRows({ read, write }: Connection): Promise<void> {
  // A newer version may have set a value that this one does not have, before `deploy --back`.
  await write(
    sql`update inquiries set progress = 'open'
      where id in (select id from inquiries where progress not in (${knownProgress}))`,
  );
  // The version before set no mailbox, and has another `emailKey` for googlemail.com.
  const outdated = await read<{ id: number; email_key: string }>(
    sql`select id, email_key from inquiries where mailbox = ''`,
  );
  for (const { id, email_key } of outdated)
    await write(sql`update inquiries
      set email_key = ${emailKey(email_key)}, mailbox = ${mailboxKey(email_key)} where id = ${id}`);
}
