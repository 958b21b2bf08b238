// The commands of `npm run inquiries` for the store as a whole: health, delivery, copies.

import { existsSync } from "node:fs";
import path from "node:path";
import type { Config } from "../config.ts";
import { deliveryProblems, duration, overdueProblems } from "../inquiries/alerts.ts";
import { createDelivery } from "../inquiries/delivery.ts";
import type { SendMail } from "../inquiries/smtp.ts";
import { backupSqlite, verifySqlite } from "../inquiries/store/backup.ts";
import { StoreError } from "../inquiries/store/schema.ts";
import { openStore, type Store } from "../inquiries/store/store.ts";
import { createLog } from "../log.ts";
import { OperatorError } from "../operator-error.ts";
import { createMailSender, storeFile } from "../store-and-mail.ts";
import { shownPath, UsageError, type Call } from "./environment.ts";
import { timeWithCity } from "./follow-up-commands.ts";

type Print = Call["print"];

/** Prints why inquiries cannot be stored, the problems of delivery and what is overdue. Returns 1 if there are any. */
export async function health(
  print: Print,
  store: Store,
  _config: Config,
  now: Date,
  asJson = false,
): Promise<number> {
  const summary = await store.staff.summary(now);
  const storeProblems = await store.staff.checkWritable(now).then(
    () => [],
    (error: Error) => [`nothing can be stored: ${error.message}`],
  );
  const problems = [
    ...storeProblems,
    ...deliveryProblems(summary, now),
    ...overdueProblems(summary.overdue),
  ];
  const oldest = summary.oldestUndeliveredAt;
  const waiting = oldest
    ? `; the oldest undelivered inquiry has waited ${duration(now.getTime() - oldest.getTime())}`
    : "";
  if (asJson) print(JSON.stringify({ healthy: problems.length === 0, problems, ...summary }));
  else
    print(
      problems.join("\n") ||
        `healthy: store and delivery${waiting}. npm run doctor -- --live-check tests the site and its form.`,
    );
  return problems.length > 0 ? 1 : 0;
}

/** Runs one pass of delivery. With `isNow`, all undelivered inquiries are due. Returns 1 if a mail could not be sent. */
export async function deliver(
  print: Print,
  store: Store,
  config: Config,
  now: Date,
  isNow = false,
): Promise<number> {
  if (isNow) await store.staff.makeDue(now);
  const send = createMailSender(config);
  let failures = 0;
  const sendMail: SendMail = async (mail) => {
    const result = await send(mail);
    if (!result.sent) failures += 1;
    return result;
  };
  const log = createLog("info", "readable", (line) => print(line.trimEnd()));
  const parts = {
    queue: store.queue,
    sendMail,
    mail: config,
    now: () => new Date(),
    log,
  };
  const sent = await createDelivery({ ...parts, housekeep: () => Promise.resolve() }).deliverDue();
  const next = await store.queue.nextDue(now);
  print(
    `${sent} sent, ${failures} failed; ${next ? `the next is due at ${timeWithCity(next.getTime())}` : "nothing is left"}`,
  );
  return failures > 0 ? 1 : 0;
}

/** Copies the SQLite store to a new file. */
export async function backup(
  print: Print,
  store: Store,
  config: Config,
  file: string,
): Promise<void> {
  if (config.databaseUrl)
    throw new OperatorError(
      `The store is in ${store.name}: copy it with pg_dump (docs/postgresql.md).`,
    );
  if (!file) throw new UsageError("backup needs the name of a file that does not exist yet");
  const folder = path.dirname(file);
  if (!existsSync(folder))
    throw new OperatorError(
      `The folder ${folder} does not exist: create it, or choose another one.`,
    );
  await backupSqlite(storeFile(config), file);
  const problems = verifySqlite(file);
  if (problems.length > 0)
    throw new OperatorError(
      `The store is damaged: restore an older backup (docs/operations.md). ${problems.join("; ")}`,
    );
  print(
    `${file} holds the store as it is now. It contains personal data: protect it like the store, and delete it within the same time.`,
  );
}

/** Copies the SQLite store in DATA_DIR into the PostgreSQL store of DATABASE_URL. */
export async function migrate(print: Print, store: Store, config: Config): Promise<void> {
  const file = storeFile(config);
  if (!config.databaseUrl)
    throw new UsageError(
      `migrate needs DATABASE_URL: it copies ${shownPath(file)} into that database`,
    );
  if (!existsSync(file))
    throw new StoreError(`${shownPath(file)} does not exist: there is nothing to copy.`);
  const source = await openStore(file, "localhost");
  try {
    const inquiries = (await source.staff.list()).sort((a, b) => a.id - b.id);
    const copied = await store.staff.importFrom({
      inquiries,
      marks: await source.followUp.listMarks(),
      sources: await source.followUp.sources(),
      digestAt: await source.staff.timeOf("digest"),
    });
    print(
      `${copied} copied to ${store.name}, ${inquiries.length - copied} were there already or had been erased.`,
    );
  } finally {
    await source.close();
  }
  print(
    `${shownPath(file)} is unchanged and holds personal data: delete it once the site runs on PostgreSQL.`,
  );
  print("Keep erased-references.txt beside it.");
}
