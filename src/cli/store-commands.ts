// The commands of `npm run inquiries` that work on the store as a whole.

import { existsSync } from "node:fs";
import type { Config } from "../config.ts";
import { deliveryProblems, duration, overdueProblems } from "../inquiries/alerts.ts";
import { backupSqlite, verifySqlite } from "../inquiries/store/backup.ts";
import { StoreError } from "../inquiries/store/schema.ts";
import { openStore, type Store } from "../inquiries/store/store.ts";
import { storeFile } from "../store-and-mail.ts";
import { CommandError, shownPath, UsageError } from "./environment.ts";

const print = console.log;

/** Prints what is overdue and the problems of delivery. Exit code 1 if there are any. */
export async function health(store: Store, now: Date, asJson = false): Promise<void> {
  const summary = await store.staff.summary(now);
  const problems = [...deliveryProblems(summary, now), ...overdueProblems(await store.followUp.overdue(now))];
  const oldest = summary.oldestUndeliveredAt;
  const waiting = oldest ? `; the oldest undelivered inquiry has waited ${duration(now.getTime() - oldest.getTime())}` : "";
  if (asJson) print(JSON.stringify({ healthy: problems.length === 0, problems, ...summary }));
  else print(problems.join("\n") || `healthy${waiting}`);
  if (problems.length > 0) process.exitCode = 1;
}

/** Copies the SQLite store to a new file. */
export async function backup(store: Store, config: Config, file: string): Promise<void> {
  if (config.databaseUrl)
    throw new CommandError(`The store is in ${store.name}: copy it with pg_dump --format=custom --file=FILE "$DATABASE_URL".`);
  if (!file) throw new UsageError("backup needs the name of a file that does not exist yet");
  await backupSqlite(storeFile(config), file);
  print(`${file} holds the store as it is now. It holds personal data: protect it like the store, and delete it as early.`);
}

/** Reads every inquiry of a store on PostgreSQL, whose durability settings were checked when it was opened. */
export async function verifyOpened(store: Store): Promise<void> {
  const { length } = await store.staff.list();
  print(`${store.name} is durable, and its ${length} inquiries can be read. pg_amcheck checks every page.`);
}

/** Copies the SQLite store in DATA_DIR into the PostgreSQL store of DATABASE_URL. */
export async function migrate(store: Store, config: Config): Promise<void> {
  const file = storeFile(config);
  if (!config.databaseUrl) throw new UsageError(`migrate needs DATABASE_URL: it copies ${shownPath(file)} into that database`);
  if (!existsSync(file)) throw new StoreError(`${shownPath(file)} does not exist: there is nothing to copy.`);
  const source = await openStore(file, "localhost");
  try {
    const inquiries = (await source.staff.list()).sort((a, b) => a.id - b.id);
    const copied = await store.staff.importFrom({
      inquiries,
      marks: await source.followUp.listMarks(),
      sources: await source.followUp.sources(),
      digestAt: await source.staff.timeOf("digest"),
    });
    print(`${copied} copied to ${store.name}, ${inquiries.length - copied} were there already or had been erased.`);
  } finally {
    await source.close();
  }
  print(`${shownPath(file)} is unchanged and holds personal data: delete it once the site runs on PostgreSQL.`);
  print("Keep erased-references.txt beside it.");
}

/** Prints the problems of a SQLite store or a backup of one, also of a file that no longer opens as a store. Exit code 1 if there are any. */
export function verifyFile(file: string): void {
  const problems = verifySqlite(file);
  print(problems.join("\n") || `${shownPath(file)} is sound`);
  if (problems.length > 0) process.exitCode = 1;
}
