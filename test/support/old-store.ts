// A store as the last release before 0003-answers wrote it, for tests of the migration. The statements are frozen.

export const oldInquiries = [
  {
    reference: "CS-0000-0001",
    name: "Priya Raman",
    email: "Priya@Fjord.example",
    company: "Fjord",
    message: 'It\'s pending "now".\n\nThank you.',
  },
  {
    reference: "CS-0000-0002",
    name: "Søren Øst",
    email: "søren@øst.example",
    company: "",
    message: "was sent",
  },
  {
    reference: "CS-0000-0003",
    name: "www.spam.example",
    email: "eve@spam.example",
    company: "",
    message: "was quarantined",
  },
  {
    reference: "CS-0000-0004",
    name: "Mette",
    email: "mette@erased.example",
    company: "",
    message: "a very particular sentence",
  },
  {
    reference: "CS-0000-0005",
    name: "Ida",
    email: "ida@fjord.example",
    company: "",
    message: "came back",
  },
];

const columns = (
  key: string,
) => `id ${key}, reference text not null unique, content_key text unique,
  name text not null, email text not null, company text not null, kind text not null, start text not null, message text not null,
  source_slug text not null, source_title text not null, message_id text not null,
  state text not null, received_at bigint not null, handed_over_at bigint,
  due_at bigint not null, attempts integer not null, last_failure text, lease_owner text, lease_until bigint,
  suspicion text not null default '', email_key text not null default '', waiting_since bigint not null default 0, listed_at bigint`;

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** Returns the statements that create such a store. `key` is the type of the primary key, `at` the time when every inquiry was received. */
export function oldStoreStatements(
  key: string,
  at: number,
  contentKeys: Record<string, string>,
): string[] {
  const states = ["pending", "handed-over", "quarantined", "handed-over", "bounced"];
  const rows = oldInquiries.map(({ reference, name, email, company, message }, index) => {
    const texts = [
      reference,
      contentKeys[reference] ?? reference,
      name,
      email,
      company,
      "team",
      "month",
      message,
      "",
      "",
      `<${reference}@old.example>`,
    ];
    const state = states[index] ?? "pending";
    const sentAt = state === "handed-over" || state === "bounced" ? at : "null";
    const reason = state === "quarantined" ? "a link as name or company" : "";
    return `insert into inquiries (reference, content_key, name, email, company, kind, start, message, source_slug, source_title, message_id,
      state, received_at, handed_over_at, due_at, attempts, suspicion, email_key, waiting_since)
      values (${texts.map(quoted).join(", ")}, '${state}', ${at}, ${sentAt}, ${at}, 0, '${reason}', ${quoted(email.toLowerCase())}, ${at})`;
  });
  return [
    `create table inquiries (${columns(key)})`,
    "create index inquiries_due on inquiries (state, due_at)",
    "create table events (name text primary key, at bigint not null)",
    `insert into events values ('daily-mail', ${at}), ('daily-mail-failing', ${at}), ('incident-told', ${at})`,
    "create table kysely_migration (name varchar(255) not null primary key, timestamp varchar(255) not null)",
    "create table kysely_migration_lock (id varchar(255) not null primary key, is_locked integer default 0 not null)",
    "insert into kysely_migration_lock values ('migration_lock', 0)",
    "insert into kysely_migration values ('0001-inquiries', '2026-11-01'), ('0002-staff', '2026-11-01')",
    ...rows,
  ];
}
