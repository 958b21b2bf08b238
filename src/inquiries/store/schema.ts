// The tables of the store, and the migrations that create them. A migration is never changed. A release adds at most
// one, at the end. Those after 0003 only add, so that a release can run on a store that is one migration ahead. A column is dropped one release
// after its last use.

import { CompiledQuery, type Dialect, type Generated, type Kysely, type Selectable } from "kysely";
import type { Migration } from "kysely/migration";
import { OperatorError } from "../../operator-error.ts";
import type { Answers } from "../form.ts";

export const states = ["pending", "stuck", "quarantined", "sent", "live-check"] as const;
export type State = (typeof states)[number];
/** The states in which delivery claims an inquiry, because it was not sent yet. */
export const undelivered = ["pending", "stuck"] as const;

/** Begins `last_failure` if retrying cannot help. Stored rows contain it, so it does not change. */
export const permanentPrefix = "ours: ";

/** All times are milliseconds since 1970. */
export type InquiryTable = {
  id: Generated<number>;
  reference: string;
  message_id: string;
  /** See `contentKey`. Null once the same content may be sent again. */
  content_key: string | null;
  /** The answers as JSON in a text column, because pg would parse a `json` column and SQLite has none. */
  answers: string;
  /** The email address in lower case, for look-ups. SQLite's lower() only converts ASCII. */
  email_key: string;
  received_at: number;
  /** The article that the form was sent from, as slug and as its title then. Empty: the contact page. */
  source_slug: string;
  source_title: string;
  state: State;
  /** Since when it has been waiting for delivery: acceptance, or the last `release` or `resend`. */
  waiting_since: number;
  /** Why it was quarantined, in words, even after a `release`. Empty: never. */
  quarantine_reason: string;
  attempts: number;
  due_at: number;
  lease_owner: string | null;
  lease_until: number | null;
  sent_at: number | null;
  /** When a digest that listed it was sent. */
  digest_at: number | null;
  /** Why the last attempt failed, without personal data, after `permanentPrefix` if retrying cannot help. */
  last_failure: string | null;
  /** The secret part of the staff page's URL. Null: written by a release before 0004-follow-up, and not mailed since. */
  staff_token: string | null;
  /** By when staff have to take and answer it before it is overdue. Null: never overdue, because it was received before 0004-follow-up. */
  take_by: number | null;
  answer_by: number | null;
  /** Marks of staff. Answered and closed ("needs no answer") exclude each other. */
  taken_at: number | null;
  answered_at: number | null;
  closed_at: number | null;
  /** When a digest, or the alert webhook, first reported it as overdue. */
  overdue_digest_at: number | null;
  overdue_alert_at: number | null;
  /** What is doubtful about the domain of the email address, in words for staff. Empty: nothing. */
  email_doubt: Generated<string>;
};
type Row = Selectable<InquiryTable>;
export type StoredInquiry = Omit<Row, "answers"> & { answers: Answers };

/** Returns a row with its answers parsed. */
export function toInquiry(row: Row): StoredInquiry {
  return { ...row, answers: JSON.parse(row.answers) as Answers };
}

/**
 * A failure, stored with the time at which it began: the digest fails; inquiries do not reach staff (`incident`), or not all staff
 * (`partial-incident`); times in the store are in the future. `alert-sent` and `partial-alert-sent`: the webhook was called for an incident.
 */
export type Incident =
  | "digest-failing"
  | "incident"
  | "alert-sent"
  | "partial-incident"
  | "partial-alert-sent"
  | "times-ahead";
/**
 * Named times. `digest`: when the last one was sent. `probe`: when the store was last found writable. `housekeeping`: when the lease ends.
 * `live-check TOKEN`: when the token expires. `erased REFERENCE`: the time is not used.
 */
export type EventTable = {
  name:
    Incident | "digest" | "probe" | "housekeeping" | `live-check ${string}` | `erased ${string}`;
  at: number;
};

/** Staff took an inquiry, answered it, or closed it without an answer, or undid that. */
export type Mark = "taken" | "answered" | "closed" | "undo-taken" | "undo-answered" | "undo-closed";
/** A mark that no digest has listed yet. */
export type MarkTable = { id: Generated<number>; reference: string; mark: Mark; at: number };

/** How many inquiries were sent from an article (`slug`, empty: the contact page) in a month like "2026-11". */
export type SourceTable = { month: string; slug: string; count: number };

export type Database = Kysely<{
  inquiries: InquiryTable;
  events: EventTable;
  marks: MarkTable;
  sources: SourceTable;
}>;

/** What differs between the two databases. */
export type Engine = {
  dialect: Dialect;
  /** Names the database in messages. */
  name: string;
  /** Whether several processes may claim rows at once. */
  isShared: boolean;
  /** The type of an auto-incremented key. */
  autoIncrementKey: string;
  /** An SQL expression: 32 random hexadecimal digits. */
  randomToken: string;
  /** Returns statements that exclude columns from the database's statistics, which would retain erased values. */
  disableColumnStatistics: (...columns: string[]) => string[];
  /** Removes the remains of deleted rows from files. Throws a CleanUpBlocked if a reader prevents it. */
  cleanUp: () => Promise<void>;
  /** Whether to retry a statement that failed with this error and may run twice. */
  isTransient: (error: unknown) => boolean;
};

/** The store cannot be used. The message says what to do. */
export class StoreError extends OperatorError {
  override name = "StoreError";
}

/** Rows were deleted, but another process is reading, so their text is still in a file. */
export class CleanUpBlocked extends StoreError {}

/** Cleans up when the store opens. If a reader prevents that, the next purge does it. */
export async function cleanUpUnlessBlocked({ cleanUp }: Engine): Promise<void> {
  await cleanUp().catch((error: unknown) => {
    if (!(error instanceof CleanUpBlocked)) throw error;
  });
}

const followUpTimes = [
  "take_by",
  "answer_by",
  "taken_at",
  "answered_at",
  "closed_at",
  "overdue_digest_at",
  "overdue_alert_at",
];
const formerAnswers = ["name", "email", "company", "kind", "start", "message"];

export const migrations = ({
  isShared,
  autoIncrementKey,
  randomToken,
  disableColumnStatistics,
}: Engine): Record<string, Migration> => ({
  "0001-inquiries": step(
    `create table inquiries (
      id ${autoIncrementKey}, reference text not null unique, content_key text unique,
      name text not null, email text not null, company text not null, kind text not null, start text not null, message text not null,
      source_slug text not null, source_title text not null, message_id text not null,
      state text not null, received_at bigint not null, handed_over_at bigint,
      due_at bigint not null, attempts integer not null, last_failure text, lease_owner text, lease_until bigint
    )`,
    "create index inquiries_due on inquiries (state, due_at)",
  ),
  "0002-staff": step(
    "alter table inquiries add column suspicion text not null default ''",
    "alter table inquiries add column email_key text not null default ''",
    "alter table inquiries add column waiting_since bigint not null default 0",
    "alter table inquiries add column listed_at bigint",
    "update inquiries set email_key = lower(email), waiting_since = received_at",
    "create table events (name text primary key, at bigint not null)",
    ...disableColumnStatistics("name", "email", "email_key", "company", "message"),
  ),
  // Not additive: no process of an older release may run on the migrated store.
  "0003-answers": step(
    "alter table inquiries add column answers text not null default '{}'",
    ...disableColumnStatistics("answers"),
    `update inquiries set answers = cast(${isShared ? "json_build_object" : "json_object"}(${formerAnswers.map((name) => `'${name}', ${name}`).join(", ")}) as text)`,
    ...formerAnswers.map((name) => `alter table inquiries drop column ${name}`),
    "alter table inquiries rename column suspicion to quarantine_reason",
    "alter table inquiries rename column handed_over_at to sent_at",
    "alter table inquiries rename column listed_at to digest_at",
    "update inquiries set state = 'sent' where state = 'handed-over'",
    "update events set name = 'digest' where name = 'daily-mail'",
    "update events set name = 'digest-failing' where name = 'daily-mail-failing'",
    "update events set name = 'alert-sent' where name = 'incident-told'",
  ),
  "0004-follow-up": step(
    "alter table inquiries add column staff_token text",
    "alter table inquiries add column email_doubt text not null default ''",
    ...followUpTimes.map((name) => `alter table inquiries add column ${name} bigint`),
    ...disableColumnStatistics("staff_token", "email_doubt"),
    `update inquiries set staff_token = ${randomToken}`,
    "create unique index inquiries_staff_token on inquiries (staff_token)",
    `create table marks (id ${autoIncrementKey}, reference text not null, mark text not null, at bigint not null)`,
    "create table sources (month text not null, slug text not null, count integer not null, primary key (month, slug))",
  ),
});

function step(...statements: string[]): Migration {
  return {
    async up(database) {
      for (const statement of statements) await database.executeQuery(CompiledQuery.raw(statement));
    },
  };
}
