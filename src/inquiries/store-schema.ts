// The one table of the store: its columns, and the steps by which it came to have them. Steps are only ever added at the end.

import { CompiledQuery, type Dialect, type Generated, type Kysely, type Selectable } from "kysely";
import type { Migration } from "kysely/migration";
import type { Inquiry } from "./inquiry.ts";

export const states = ["pending", "stuck", "quarantined", "handed-over", "bounced", "live-check"] as const;
export type State = (typeof states)[number];
/** Staff do not have these yet, and delivery works on them. */
export const undelivered = ["pending", "stuck"] as const;

/** All instants are milliseconds since 1970. */
export type InquiryTable = Inquiry & {
  id: Generated<number>;
  reference: string;
  message_id: string;
  content_key: string | null;
  received_at: number;
  /** The article the form stood under, as slug and as the title shown then; empty: the contact page. */
  source_slug: string;
  source_title: string;
  state: State;
  /** The address as it is looked up: lower case, which SQLite can only do for ASCII. */
  email_key: string;
  /** Since when staff should have had it: acceptance, or when they put it back. */
  waiting_since: number;
  /** Why it was quarantined, in words; empty: it never was. */
  suspicion: string;
  attempts: number;
  due_at: number;
  lease_owner: string | null;
  lease_until: number | null;
  handed_over_at: number | null;
  /** When the daily mail named it. */
  listed_at: number | null;
  /** Why the last attempt failed, without personal data; "ours: …" where waiting will not help. */
  last_failure: string | null;
};
export type StoredInquiry = Selectable<InquiryTable>;
/** Since when the daily mail is not taken; since when inquiries do not reach staff, and since when the webhook knows that. */
export type Trouble = "daily-mail-failing" | "incident" | "incident-told";
/**
 * `daily-mail`: when the last one was sent. `probe`: when somebody last asked whether the store can be written. `housekeeping`: until when
 * one process looks after what is done once for all. `live-check KEY`: until when one is awaited. `erased …`: an inquiry that must not
 * come back.
 */
export type EventTable = {
  name: Trouble | "daily-mail" | "probe" | "housekeeping" | `live-check ${string}` | `erased ${string}`;
  at: number;
};
export type Database = Kysely<{ inquiries: InquiryTable; events: EventTable }>;

/** What one database does in its own way. */
export type Engine = {
  dialect: Dialect;
  /** As messages call it. */
  name: string;
  /** Whether several machines may work on it at once. */
  shared: boolean;
  /** The type of a key that counts up. */
  serial: string;
  /** Statements that keep personal data out of what the database notes about its columns. */
  unsampled: string[];
  /** Removes what deleted rows left behind. Throws a StoreError where a reader keeps it from that. */
  cleanUp: (database: Database) => Promise<void>;
  /** Whether what failed so is worth a second try, if it may be done twice. */
  isPassing: (error: unknown) => boolean;
};

export const migrations = ({ serial, unsampled }: Engine): Record<string, Migration> => ({
  "0001-inquiries": step(
    `create table inquiries (
      id ${serial}, reference text not null unique, content_key text unique,
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
    ...unsampled,
  ),
});

function step(...statements: string[]): Migration {
  return {
    async up(database) {
      for (const statement of statements) await database.executeQuery(CompiledQuery.raw(statement));
    },
  };
}
