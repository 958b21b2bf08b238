// The command for staff, `inquiries`. It can run while the site runs, and never creates a store.

import { spawnSync } from "node:child_process";
import { existsSync, renameSync } from "node:fs";
import path from "node:path";
import { suggestWord } from "../articles/report.ts";
import { shortDateTime } from "../calendar.ts";
import { company } from "../company.ts";
import { answersIn, readableAnswers } from "../inquiries/form.ts";
import {
  deadlineOf,
  deadlinesFrom,
  exportInquiry,
  inquiryFacts,
  parseReference,
  progressWords,
  states,
  type Inquiry,
} from "../inquiries/inquiry.ts";
import { countLine } from "../inquiries/mail-text.ts";
import { backupSqlite } from "../inquiries/store/database.ts";
import type { Store } from "../inquiries/store/interface.ts";
import { addressFault, companyDomain, mailboxKey } from "../inquiries/email-address.ts";
import { staffPageUrl } from "../inquiries/inquiry-mail.ts";
import { OperatorError } from "../operator-error.ts";
import {
  createCommand,
  openStore,
  runProcess,
  UsageError,
  type Context,
  type Subcommand,
} from "./command.ts";

export const inquiries = createCommand("inquiries", {
  list: {
    takes: ["[STATE]"],
    help: `lists all inquiries, or those that are ${states.join(", ")} or overdue`,
    run: withStore(list),
  },
  show: {
    takes: ["REFERENCE"],
    help: "prints one inquiry, and the page that sets its progress",
    run: withStore(show),
  },
  release: {
    takes: ["REFERENCE"],
    help: "sends a quarantined inquiry as a normal email",
    run: withStore(release),
  },
  resend: {
    takes: ["REFERENCE"],
    help: "sends the mail of an inquiry again, if it was lost behind the mail server",
    run: withStore(resend),
  },
  export: {
    takes: ["[ADDRESS|REFERENCE]"],
    flag: "all",
    help: "prints everything stored about a person, or one inquiry, or with --all everything, as JSON",
    run: withStore(exportJson),
  },
  erase: {
    takes: ["ADDRESS|REFERENCE"],
    flag: "yes",
    help: "lists a person's inquiries, or one, and with --yes deletes them for good",
    run: withStore(erase),
  },
  articles: {
    takes: [],
    help: "prints how many inquiries each article has brought in each month",
    run: withStore(articles),
  },
  backup: {
    takes: ["FILE"],
    help: "copies the store to a new file, and tests the copy; PostgreSQL: a dump",
    run: withStore(backup),
  },
});

type StaffContext = Context & { store: Store };

/** Returns a function that opens the store, runs `command`, and closes the store. */
function withStore(
  command: (context: StaffContext, ...words: string[]) => Promise<number | void>,
): Subcommand["run"] {
  return async (context, ...words) => {
    const { config } = context;
    const store = await openStore(config);
    try {
      return await command({ ...context, store }, ...words);
    } finally {
      await store.close();
    }
  };
}

const { city, timeZone } = company.headOffice;
const officeTime = (ms: number) => shortDateTime(new Date(ms), timeZone);
/** "Wed 25 Nov 2026, 17:00 Copenhagen" */
const timeWithCity = (ms: number) => `${officeTime(ms)} ${city}`;

async function list({ store, now, print }: StaffContext, filter?: string): Promise<void> {
  const state = states.find((name) => name === filter);
  if (filter !== undefined && !state && filter !== "overdue")
    throw new UsageError(
      `"${filter}" is not a state${suggestWord(filter, [...states, "overdue"])}`,
    );
  const inquiries = await store.list({
    ...(state && { state }),
    ...(filter === "overdue" && { overdueAt: now }),
  });
  if (inquiries.length === 0) return print("none");
  const widths = [12, 11, 22, 36];
  const row = (...cells: string[]) =>
    print(cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join("  "));
  row("REFERENCE", "STATE", "RECEIVED", "PROGRESS", `SENDER (times are in ${city})`);
  for (const inquiry of inquiries) {
    const { reference, state, received_at, answers } = inquiry;
    const sender = `${nameOf(inquiry)}  ${answers.email}`;
    row(reference, state, officeTime(received_at), progressOf(inquiry, now), sender);
  }
}

/** The sender's name and company. */
const nameOf = ({ answers }: Inquiry) => answersIn("heading", answers).join("  ");

/** "overdue since Wed 25 Nov 2026, 17:00, taken by MK, Wed 25 Nov 2026, 09:12" */
function progressOf(inquiry: Inquiry, now: Date): string {
  const { progress, progress_at } = inquiry;
  const time = deadlineOf(inquiry);
  const due = time && `${time < now ? "overdue since" : "due"} ${officeTime(time.getTime())}`;
  const set = progress !== "open" && `${progressWords(inquiry)}, ${officeTime(progress_at ?? 0)}`;
  return [due, set].filter(Boolean).join(", ");
}

async function show({ store, config, print }: StaffContext, reference: string): Promise<void> {
  const inquiry = await findInquiry(store, reference);
  const row = (label: string, value: string | number) => print(`${label.padEnd(18)}${value}`);
  for (const { label, value } of inquiryFacts(inquiry, timeWithCity))
    if (value !== "") row(label, value);
  row("Staff page", staffPageUrl(config.siteUrl, inquiry));
  for (const { label, text, inMail } of readableAnswers(inquiry.answers))
    if (inMail !== "text") row(label, text);
  print(`\n${answersIn("text", inquiry.answers).join("\n\n")}`);
}

async function release({ store, config, now, print }: StaffContext, name: string): Promise<void> {
  const { reference, state } = await findInquiry(store, name);
  const { answerBy } = deadlinesFrom(now, config.replyWithinWorkingDays);
  if (!(await store.release(reference, answerBy, now)))
    throw new OperatorError(
      `${reference} is ${state}; only a quarantined inquiry can be released.`,
    );
  print(`${reference} is released and is sent within a minute.`);
}

async function resend({ store, now, print }: StaffContext, name: string): Promise<void> {
  const { reference, state } = await findInquiry(store, name);
  if (!(await store.resend(reference, now)))
    throw new OperatorError(`${reference} is ${state}; only a sent inquiry can be sent again.`);
  print(`${reference} is sent again within a minute.`);
}

async function articles({ store, print }: StaffContext): Promise<void> {
  const counts = await store.articleCounts();
  print(counts.map((count) => `${count.month}  ${countLine(count)}`).join("\n") || "none yet");
}

async function exportJson(context: StaffContext, name?: string): Promise<void> {
  const { store, isFlagSet, print } = context;
  if (isFlagSet === (name !== undefined))
    throw new UsageError("expected an address, a reference or --all");
  const inquiries = name === undefined ? await store.list() : await select(context, name);
  const exported = inquiries.map((inquiry) => exportInquiry(inquiry));
  print(JSON.stringify(exported, undefined, 2));
}

async function erase(context: StaffContext, name: string): Promise<number> {
  const { store, now, isFlagSet, print } = context;
  // An earlier erasure may have been killed after it deleted the rows and before it cleaned the files.
  if (isFlagSet) await store.erase([], now);
  const inquiries = await select(context, name);
  for (const inquiry of inquiries) {
    const { reference, state, received_at } = inquiry;
    print(`${reference}  ${state}  received ${timeWithCity(received_at)}  ${nameOf(inquiry)}`);
  }
  if (!isFlagSet) {
    print("Nothing was deleted. To delete this for good, repeat the command with --yes.");
    return 1;
  }
  await store.checkWritable(now); // a full disk must not end this halfway
  const areFilesClean = await store.erase(inquiries, now);
  print(
    "Deleted from the store. Search your mailboxes for each reference, and delete its mails too.",
  );
  print("Backups hold the text until you delete them; after a restore the site erases it again.");
  if (areFilesClean) return 0;
  print("Another process reads the store, so its files hold the text until the next purge.");
  return 1;
}

async function backup({ config, print }: StaffContext, file: string): Promise<void> {
  if (existsSync(file)) throw new OperatorError(`${file} exists already and was not changed.`);
  if (!existsSync(path.dirname(file)))
    throw new OperatorError(`The folder ${path.dirname(file)} does not exist.`);
  const part = `${file}.part`; // a killed backup must not look like a complete one
  const { databaseUrl, file: store } = config.storeSettings;
  if (databaseUrl) dumpPostgres(databaseUrl, part);
  else await backupSqlite(store, part);
  renameSync(part, file);
  print(
    `${file} holds the store as it is now. It contains personal data: protect it like the store, and delete it within the same time.`,
  );
}

/** Writes a dump for pg_restore. The password is in the environment: everybody may read arguments. */
function dumpPostgres(databaseUrl: string, file: string): void {
  const url = new URL(databaseUrl);
  const PGPASSWORD = decodeURIComponent(url.password);
  url.password = "";
  // libpq verifies no certificate without this; `system` needs sslmode=verify-full.
  const PGSSLROOTCERT = process.env["NODE_EXTRA_CA_CERTS"] || "system";
  const isVerified = url.searchParams.get("sslmode") === "verify-full";
  process.umask(0o077);
  const env = { ...process.env, PGPASSWORD, ...(isVerified && { PGSSLROOTCERT }) };
  const args = ["--format=custom", `--file=${file}`, `--dbname=${url.href}`];
  const { status, stderr, error } = spawnSync("pg_dump", args, { env, encoding: "utf8" });
  if (status !== 0)
    throw new OperatorError(`pg_dump (postgresql-client) failed: ${error?.message ?? stderr}`);
}

const scheduled = "It may have been deleted on schedule.";
const notFound = (what: string, note = scheduled) =>
  new OperatorError(`Nothing is stored under ${what}.\n${note}`);

async function findInquiry(store: Store, name: string): Promise<Inquiry> {
  const reference = parseReference(name);
  if (!reference)
    throw new UsageError(
      `"${name}" is no reference like CS-7F3K-9QXM; \`export\` takes an address too`,
    );
  const inquiry = await store.find({ reference });
  if (!inquiry) throw notFound(name);
  return inquiry;
}

/**
 * Returns the inquiries of an email address, or the one with a reference. Names others that may be
 * the same person's: with something else after a plus, or from the same domain unless it is a mail
 * provider's. Throws an OperatorError if there is none.
 */
async function select({ store, printError }: StaffContext, name: string): Promise<Inquiry[]> {
  if (!name.includes("@")) return [await findInquiry(store, name)];
  const address = name.trim();
  const fault = addressFault(address);
  if (fault) throw new UsageError(`"${address}" cannot be looked up. ${fault}.`);
  const inquiries = await store.list({ email: address });
  const found = new Set(inquiries.map(({ reference }) => reference));
  const domain = companyDomain(address);
  const others = (await store.list()).filter(
    ({ reference, mailbox, email_key }) =>
      !found.has(reference) &&
      (mailbox === mailboxKey(address) || email_key.endsWith(`@${domain}`)),
  );
  const references = others.map(({ reference }) => reference).join(", ");
  const note = references
    ? `Not included, from the same mailbox or domain: ${references}. Ask whether they are the same person’s.`
    : scheduled;
  if (inquiries.length === 0)
    throw notFound(
      address,
      `${note}\nThe person may have written from another address: ask for it, or for a reference.`,
    );
  if (references) printError(note);
  return inquiries;
}

if (import.meta.main) await runProcess(inquiries);
