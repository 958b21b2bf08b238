// The command for staff, `npm run inquiries -- …`. It can run while the site runs, and never
// creates a store.

import { existsSync, renameSync } from "node:fs";
import { shortDateTime } from "../calendar.ts";
import { company } from "../company.ts";
import type { Config } from "../config.ts";
import { answersIn, readableAnswers } from "../inquiries/answers.ts";
import { deadlinesFrom } from "../inquiries/deadlines.ts";
import { exportInquiry, factsOf } from "../inquiries/export.ts";
import { isProgress, nextDeadline, progressTable } from "../inquiries/progress.ts";
import { parseReference } from "../inquiries/reference.ts";
import { removeMailFiles } from "../inquiries/retention.ts";
import { states, type Inquiry } from "../inquiries/store/schema.ts";
import { backupSqlite } from "../inquiries/store/sqlite.ts";
import type { Store } from "../inquiries/store/store.ts";
import { OperatorError } from "../operator-error.ts";
import { openConfiguredStore, storeFile } from "../store-and-mail.ts";
import {
  readArguments,
  readConfig,
  refuseRoot,
  runProcess,
  shownPath,
  UsageError,
  type Call,
  type Command,
} from "./environment.ts";

type Context = Call & { flags: Set<string>; store: Store; config: Config; now: Date };

type StaffCommand = {
  /** The names of its arguments. One in brackets may be left out. */
  takes: string[];
  flag?: keyof typeof options;
  help: string;
  /** May return an exit code other than 0. */
  run: (context: Context, ...words: string[]) => Promise<number | void>;
};

const options = { all: { type: "boolean" }, yes: { type: "boolean" } } as const;

const commands: Record<string, StaffCommand> = {
  list: {
    takes: ["[STATE]"],
    help: `lists all inquiries, or those that are ${states.join(", ")} or overdue`,
    run: list,
  },
  show: { takes: ["REFERENCE"], help: "prints one inquiry", run: show },
  progress: {
    takes: ["REFERENCE", "PROGRESS"],
    help: `sets the progress: ${Object.keys(progressTable).join(", ")}`,
    run: setProgress,
  },
  release: {
    takes: ["REFERENCE"],
    help: "sends a quarantined inquiry as a normal email",
    run: release,
  },
  "close-listed": {
    takes: [],
    help: "closes every quarantined inquiry that a mail has listed",
    run: closeListed,
  },
  retry: { takes: [], help: "makes the site try all pending inquiries again now", run: retry },
  export: {
    takes: ["[ADDRESS|REFERENCE]"],
    flag: "all",
    help: "prints everything stored about a person, or one inquiry, or with --all everything, as JSON",
    run: exportJson,
  },
  erase: {
    takes: ["ADDRESS|REFERENCE"],
    flag: "yes",
    help: "lists a person's inquiries, or one, and with --yes deletes them for good",
    run: erase,
  },
  backup: {
    takes: ["FILE"],
    help: "copies the store to a new file, and tests the copy",
    run: backup,
  },
};

const usages = Object.entries(commands).map(
  ([name, { takes, help }]) => `  ${[name, ...takes].join(" ").padEnd(31)}${help}`,
);
const help = `npm run inquiries -- COMMAND

${usages.join("\n")}

Exit codes: 0 done, 1 not found or not possible, 2 wrong arguments.`;

async function main(call: Call): Promise<number | void> {
  const { values, positionals } = readArguments(
    { args: call.args, options, allowPositionals: true },
    help,
  );
  const [name = "", ...words] = positionals;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new UsageError(name ? `"${name}" is not a command.\n\n${help}` : help);
  const required = command.takes.filter((word) => !word.startsWith("["));
  const flags = new Set(Object.keys(values));
  if (
    words.includes("") ||
    words.length < required.length ||
    words.length > command.takes.length ||
    [...flags].some((flag) => flag !== command.flag)
  )
    throw new UsageError(`expected: ${[name, ...command.takes].join(" ")}\n\n${help}`);
  const config = readConfig(call.env);
  refuseRoot(config);
  if (!config.databaseUrl && !existsSync(storeFile(config)))
    throw new OperatorError(
      `${shownPath(storeFile(config))} does not exist, or this user may not see it, and commands do not create it: run this as the user of the site, or check DATA_DIR.`,
    );
  const store = await openConfiguredStore(config);
  try {
    return await command.run({ ...call, flags, store, config, now: new Date() }, ...words);
  } finally {
    await store.close();
  }
}

const { city, timeZone } = company.headOffice;
const officeTime = (ms: number) => shortDateTime(new Date(ms), timeZone);
/** "Wed 25 Nov 2026, 17:00 Copenhagen" */
const timeWithCity = (ms: number) => `${officeTime(ms)} ${city}`;

async function list({ store, now, print }: Context, filter?: string): Promise<void> {
  const state = states.find((name) => name === filter);
  if (filter !== undefined && !state && filter !== "overdue")
    throw new UsageError(`"${filter}" is not a state: ${states.join(", ")} or overdue`);
  const inquiries = await store.list({
    ...(state && { state }),
    ...(filter === "overdue" && { overdueAt: now }),
  });
  if (inquiries.length === 0) return print("none");
  const row = (cells: string[]) => {
    const widths = [12, 11, 22, 36];
    print(
      cells
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join("  ")
        .trimEnd(),
    );
  };
  row(["REFERENCE", "STATE", "RECEIVED", "PROGRESS", `SENDER (times are in ${city})`]);
  for (const inquiry of inquiries) {
    const { reference, state, received_at, answers } = inquiry;
    const sender = [...answersIn("heading", answers), answers.email].join("  ");
    row([reference, state, officeTime(received_at), progressOf(inquiry, now), sender]);
  }
}

function progressOf(inquiry: Inquiry, now: Date): string {
  const { progress, progress_at } = inquiry;
  const deadline = nextDeadline(inquiry);
  if (deadline && deadline < now) return `overdue since ${officeTime(deadline.getTime())}`;
  if (progress_at !== null && progress !== "open") return `${progress} ${officeTime(progress_at)}`;
  return deadline ? `due ${officeTime(deadline.getTime())}` : "";
}

async function show({ store, print }: Context, reference: string): Promise<void> {
  const inquiry = await findInquiry(store, reference);
  const row = (label: string, value: string | number) => print(`${label.padEnd(18)}${value}`);
  for (const { label, value } of factsOf(inquiry, timeWithCity))
    if (value !== "") row(label, value);
  for (const { label, text, inMail } of readableAnswers(inquiry.answers))
    if (inMail !== "text") row(label, text);
  print(`\n${answersIn("text", inquiry.answers).join("\n\n")}`);
}

async function setProgress(context: Context, name: string, progress: string): Promise<void> {
  const { store, now, print } = context;
  if (!isProgress(progress))
    throw new UsageError(`expected one of ${Object.keys(progressTable).join(", ")}`);
  const { reference } = await findInquiry(store, name);
  const isChanged = await store.setProgress(reference, progress, now);
  print(isChanged ? `${reference}: ${progress}.` : `${reference}: ${progress} already.`);
}

async function release({ store, config, now, print }: Context, name: string): Promise<void> {
  const { reference, state } = await findInquiry(store, name);
  const deadlines = deadlinesFrom(now, config.replyWithinWorkingDays);
  if (!(await store.release(reference, deadlines, now)))
    throw new OperatorError(
      `${reference} is ${state}; only a quarantined inquiry can be released.`,
    );
  print(`${reference} is released and is sent within a minute.`);
}

async function closeListed({ store, now, print }: Context): Promise<void> {
  const references = await store.closeListed(now);
  print(references.length > 0 ? `closed: ${references.join(", ")}` : "no mail has listed any");
}

async function retry({ store, config, now, print }: Context): Promise<void> {
  await store.retryAll(now, deadlinesFrom(now, config.replyWithinWorkingDays));
  const { length } = await store.list({ state: "pending" });
  print(
    `${length} pending; the site tries again within a minute, and \`show\` says why if it fails`,
  );
}

async function exportJson({ store, flags, print }: Context, name?: string): Promise<number> {
  if (flags.has("all") === (name !== undefined))
    throw new UsageError("expected an address, a reference or --all");
  const inquiries = name === undefined ? await store.list() : await select(store, name);
  print(
    JSON.stringify(
      inquiries.map((inquiry) => exportInquiry(inquiry)),
      undefined,
      2,
    ),
  );
  return inquiries.length === 0 && name !== undefined ? 1 : 0;
}

async function erase(context: Context, name: string): Promise<number> {
  const { store, config, now, flags, print } = context;
  const inquiries = await select(store, name);
  if (inquiries.length === 0) throw notFound(name);
  for (const { reference, state, received_at } of inquiries)
    print(`${reference}  ${state}  received ${timeWithCity(received_at)}`);
  if (!flags.has("yes")) {
    print("Nothing was deleted. To delete this for good, repeat the command with --yes.");
    return 1;
  }
  await store.checkWritable(now); // a full disk must not end this halfway
  const areFilesClean = await store.erase(inquiries, now, async () => {
    // Printed before the rows are deleted, because the Message-IDs cannot be found afterwards.
    print("Backups hold the text until you delete them; after a restore the site erases it again.");
    print("Delete these mails from your mailboxes too:");
    for (const { message_id } of inquiries) print(message_id);
    const files = await removeMailFiles(config.mailDir, inquiries);
    if (files.length > 0) print(`Deleted from ${shownPath(config.mailDir)}: ${files.join(", ")}.`);
  });
  print("Deleted from the store.");
  if (areFilesClean) return 0;
  print("Another process reads the store, so its files hold the text until the next purge.");
  return 1;
}

async function backup({ config, print }: Context, file: string): Promise<void> {
  if (config.databaseUrl)
    throw new OperatorError("The store is in PostgreSQL: use pg_dump (docs/postgresql.md).");
  if (existsSync(file)) throw new OperatorError(`${file} exists already and was not changed.`);
  const part = `${file}.part`; // a killed backup must not look like a complete one
  await backupSqlite(storeFile(config), part);
  renameSync(part, file);
  print(
    `${file} holds the store as it is now. It contains personal data: protect it like the store, and delete it within the same time.`,
  );
}

const notFound = (what: string) =>
  new OperatorError(`Nothing is stored under ${what}. It may have been deleted on schedule.`);

async function findInquiry(store: Store, name: string): Promise<Inquiry> {
  const reference = parseReference(name);
  if (!reference)
    throw new UsageError(`"${name}" is not a reference; references look like CS-7F3K-9QXM`);
  const inquiry = await store.find({ reference });
  if (!inquiry) throw notFound(name);
  return inquiry;
}

/** Returns the inquiries of an email address, or the one with a reference. */
async function select(store: Store, name: string): Promise<Inquiry[]> {
  return name.includes("@") ? store.list({ email: name }) : [await findInquiry(store, name)];
}

export const inquiries: Command = { help, main };
if (import.meta.main) await runProcess(inquiries);
