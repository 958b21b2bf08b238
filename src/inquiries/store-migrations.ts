// The steps by which the store's tables came to be what they are. Steps are only ever added at the end.

import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

export const migrations: Record<string, Migration> = {
  "0001-inquiries": {
    async up(database: Kysely<unknown>) {
      await database.schema
        .createTable("inquiries")
        .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
        .addColumn("reference", "text", (column) => column.notNull().unique())
        .addColumn("message_id", "text", (column) => column.notNull())
        .addColumn("content_key", "text", (column) => column.unique())
        .addColumn("received_at", "bigint", (column) => column.notNull())
        .addColumn("name", "text", (column) => column.notNull())
        .addColumn("email", "text", (column) => column.notNull())
        .addColumn("company", "text", (column) => column.notNull())
        .addColumn("kind", "text", (column) => column.notNull())
        .addColumn("start", "text", (column) => column.notNull())
        .addColumn("message", "text", (column) => column.notNull())
        .addColumn("source_slug", "text", (column) => column.notNull())
        .addColumn("source_title", "text", (column) => column.notNull())
        .addColumn("state", "text", (column) => column.notNull())
        .addColumn("attempts", "integer", (column) => column.notNull())
        .addColumn("due_at", "bigint", (column) => column.notNull())
        .addColumn("lease_owner", "text")
        .addColumn("lease_until", "bigint")
        .addColumn("handed_over_at", "bigint")
        .addColumn("last_failure", "text")
        .execute();
      await database.schema.createIndex("inquiries_due").on("inquiries").columns(["state", "due_at"]).execute();
    },
  },
};
