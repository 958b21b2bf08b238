// The tables of the store, and the steps that create and change them.

import type { Answers } from "../form.ts";
import type { Progress } from "../progress.ts";
import {
  sql,
  StoreError,
  type Connection,
  type Dialect,
  type Database,
  type Sql,
} from "./database.ts";

//   state        meaning                                    next state
//   pending      committed; staff do not have it yet        sent: the mail server accepted the mail
//   quarantined  looks like spam; listed in a digest    pending: `release` · deleted, see `purge`
//   sent         accepted by the mail server, which is      deleted, see `purge`
//                no proof of arrival
//
// `erase` deletes in every state. `purge` deletes nothing before staff have it. The progress that
// staff set does not change the state. Nothing reads the column overdue_at any more.
export const states = ["pending", "quarantined", "sent"] as const;
export type State = (typeof states)[number];

/**
 * Why an attempt failed. `temporary`: it is retried. `permanent`: it is retried too, and needs a
 * correction: a setting, a staff mailbox, a bug. Of a sent inquiry: `partial`, not all of the staff
 * have it; `text`, the mail server refused its text, and staff have a mail without it.
 */
export type FailureKind = "temporary" | "permanent" | "partial" | "text";

/** The quarantine reason of an inquiry that doctor sends, finds and deletes. */
export const liveCheckReason = "live check";

/** More inquiries are not quarantined but refused, live checks included, so that a flood has an end. */
export const maxQuarantined = 5_000;

/** A row of the table. All times are milliseconds since 1970. */
export type StoredRow = {
  id: number;
  reference: string;
  /** The secret part of the staff page's URL. */
  token: string;
  message_id: string;
  /** See `contentKey`. Null: a live check, or the same content may be sent again. */
  content_key: string | null;
  /** See `emailKey`. */
  email_key: string;
  /** JSON in a text column, because pg would parse a `json` column and SQLite has none. */
  answers: string;
  /** The article that the form was sent from, as slug and as its title then, or "". */
  source_slug: string;
  source_title: string;
  received_at: number;
  /** See `Deadlines`. */
  promised_by: number | null;
  /** Only the release before this one reads it. */
  take_by: number;
  answer_by: number;
  state: State;
  /** In words, even after a release. Empty: never quarantined. */
  quarantine_reason: string;
  /** What is doubtful about the email address, in words for staff. Empty: nothing. */
  email_fault: string;
  /** Since when it has been waiting for delivery: acceptance, or its release. */
  waiting_since: number;
  due_at: number;
  attempts: number;
  lease_owner: string;
  lease_until: number;
  failure_kind: FailureKind | "";
  last_failure: string;
  sent_at: number | null;
  /** When the mail server accepted the digest that listed it. */
  listed_at: number | null;
  progress: Progress;
  progress_at: number | null;
  /** The initials of who took it, at most 12 letters, "-", or "" if nobody did. */
  taken_by: string;
};
export type Inquiry = Omit<StoredRow, "answers"> & { answers: Answers };

/** Returns a row with its answers parsed. */
export function toInquiry(row: StoredRow): Inquiry {
  return { ...row, answers: JSON.parse(row.answers) as Answers };
}

/**
 * The steps from an empty database to the present tables. A released step is never changed: a test
 * holds its hash. A release adds at most one step, and a step only adds, because a release has to
 * run on a store that is one step ahead (`deploy --back`).
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
  // The indexes have all that the site counts and searches, because a row has up to 80 KB of text.
  // \`article_inquiries\`, the inquiries of a month and an article, is not used yet.
  () => [
    sql`create index inquiries_received on inquiries (received_at, quarantine_reason)`,
    sql`drop index inquiries_due`, // SQLite would prefer it; no release needs an index to run
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
