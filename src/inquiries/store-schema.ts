// The one table of the store: its columns, and the steps by which it came to have them. Steps are only ever added at the end.

import { sql, type Generated, type Kysely, type Selectable } from "kysely";
import type { Migration } from "kysely/migration";
import type { Inquiry } from "./inquiry.ts";

export const states = ["pending", "stuck", "quarantined", "handed-over", "bounced"] as const;
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
/** `daily-mail`: when the last one was sent. `probe`: when somebody last asked whether the store can be written. */
export type EventTable = { name: "daily-mail" | "probe"; at: number };
export type Database = Kysely<{ inquiries: InquiryTable; events: EventTable }>;

const texts = ["message_id", "name", "email", "company", "kind", "start", "message", "source_slug", "source_title", "state"];

export const migrations: Record<string, Migration> = {
  "0001-inquiries": {
    async up(database: Kysely<unknown>) {
      let table = database.schema
        .createTable("inquiries")
        .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
        .addColumn("reference", "text", (column) => column.notNull().unique())
        .addColumn("content_key", "text", (column) => column.unique());
      for (const name of texts) table = table.addColumn(name, "text", (column) => column.notNull());
      for (const name of ["received_at", "due_at"]) table = table.addColumn(name, "bigint", (column) => column.notNull());
      await table
        .addColumn("attempts", "integer", (column) => column.notNull())
        .addColumn("lease_owner", "text")
        .addColumn("lease_until", "bigint")
        .addColumn("handed_over_at", "bigint")
        .addColumn("last_failure", "text")
        .execute();
      await database.schema.createIndex("inquiries_due").on("inquiries").columns(["state", "due_at"]).execute();
    },
  },
  "0002-staff": {
    async up(database: Kysely<unknown>) {
      const table = () => database.schema.alterTable("inquiries");
      await table()
        .addColumn("suspicion", "text", (column) => column.notNull().defaultTo(""))
        .execute();
      await table()
        .addColumn("email_key", "text", (column) => column.notNull().defaultTo(""))
        .execute();
      await table()
        .addColumn("waiting_since", "bigint", (column) => column.notNull().defaultTo(0))
        .execute();
      await table().addColumn("listed_at", "bigint").execute();
      await sql`update inquiries set email_key = lower(email), waiting_since = received_at`.execute(database);
      const events = database.schema.createTable("events").addColumn("at", "bigint", (column) => column.notNull());
      await events.addColumn("name", "text", (column) => column.primaryKey()).execute();
    },
  },
};
