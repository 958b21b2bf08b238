// The staff's command: `npm run inquiries -- …`. It works beside the running server, and never creates a store.

import { existsSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import type { Config } from "../config.ts";
import { exportInquiry, factLabels, toCsv } from "../inquiries/export.ts";
import { answersIn, readableAnswers } from "../inquiries/answers.ts";
import { parseReference } from "../inquiries/reference.ts";
import { createRetention, removeMailFiles } from "../inquiries/retention.ts";
import { states, StoreError, type State, type StoredInquiry } from "../inquiries/store/schema.ts";
import type { Store } from "../inquiries/store/store.ts";
import { createLog } from "../log.ts";
import { openConfiguredStore, storeFile } from "../store-and-mail.ts";
import { isOverdue, local, printList, printSources, setMark, undoMark } from "./follow-up-commands.ts";
import { backup, deliver, health, migrate, verifyFile, verifyOpened } from "./store-commands.ts";
import { restoreDrill } from "./restore-drill.ts";
import { CommandError, fail, readArguments, readConfig, shownPath, UsageError } from "./environment.ts";

const help = `npm run inquiries -- COMMAND

  list [STATE]              all, or those of one state: ${states.join(", ")};
                            --overdue: those not taken or answered in time; --sources: how many inquiries each page brought in each month
  show REFERENCE            everything about one
  taken REFERENCE           mark that somebody is answering an inquiry
  answered REFERENCE        mark that it has been answered
  closed REFERENCE          mark that it needs no answer
  undo REFERENCE            undo the last of these marks
  release REFERENCE         send a quarantined inquiry as a normal email
  resend REFERENCE          send an inquiry again that was sent or is stuck
  deliver [--now]           run one pass of delivery here; --now ignores the time of the next attempt
  export --email ADDRESS    print everything stored about a person, as JSON
  export --csv              print all inquiries for a spreadsheet; with --email or --ref only those
  erase --email ADDRESS     delete everything of a person for good, or with --ref REFERENCE one inquiry; asks first unless --yes is given
  purge                     delete now everything past RETENTION_DAYS or QUARANTINE_DAYS
  health                    print what is overdue and the problems of delivery; exit code 1 if there are any
  backup FILE               copy the store to a new file, while the site runs
  verify [FILE]             test whether the store, or a backup of it, is sound
  drill FOLDER              restore the newest backup in FOLDER into a scratch folder, verify it, count its inquiries and delete it again
  migrate                   copy the store in DATA_DIR into the PostgreSQL of DATABASE_URL; a second run copies only what is new

  --json                    machine-readable, for list, show and health
Exit codes: 0 done, 1 not found or not healthy, 2 wrong usage.`;

const flag = { type: "boolean" } as const;
const text = { type: "string" } as const;
const options = { json: flag, now: flag, csv: flag, yes: flag, overdue: flag, sources: flag, email: text, ref: text };
const { values, positionals } = readArguments({ options, allowPositionals: true }, help);

type Context = { store: Store; config: Config; now: Date };

const print = console.log;
const printJson = (value: unknown) => print(JSON.stringify(value, undefined, 2));

const commands: Record<string, (context: Context, argument: string) => Promise<void>> = {
  async list({ store, config, now }, argument) {
    if (values.sources) {
      const counts = await store.followUp.sources();
      return values.json ? printJson(counts) : printSources(counts, config, now);
    }
    const state = states.find((name) => name === argument);
    if (argument && !state) throw new UsageError(`"${argument}" is not a state; the states are ${states.join(", ")}`);
    const inquiries = (await store.staff.list(state)).filter((inquiry) => !values.overdue || isOverdue(inquiry, now));
    if (values.json) printJson(inquiries);
    else printList(inquiries, now);
  },

  async show({ store }, argument) {
    const inquiry = await one(store, argument);
    if (values.json) return printJson(exportInquiry(inquiry));
    const exported = exportInquiry(inquiry, local);
    const facts = Object.entries(factLabels).map(([fact, label]) => [label, exported[fact as keyof typeof factLabels]]);
    const answers = readableAnswers(inquiry.answers).filter(({ inMail }) => inMail !== "text");
    const lines = [...facts, ...answers.map(({ label, text }) => [label, text])];
    for (const [label, value] of lines) print(`${String(label).padEnd(18)}${value}`);
    print(`\n${answersIn("text", inquiry.answers).join("\n\n")}`);
  },

  taken: ({ store, now }, argument) => one(store, argument).then((inquiry) => setMark(store.followUp, inquiry, "taken", now)),
  answered: ({ store, now }, argument) => one(store, argument).then((inquiry) => setMark(store.followUp, inquiry, "answered", now)),
  closed: ({ store, now }, argument) => one(store, argument).then((inquiry) => setMark(store.followUp, inquiry, "closed", now)),
  undo: ({ store, now }, argument) => one(store, argument).then((inquiry) => undoMark(store.followUp, inquiry, now)),

  release: (context, argument) => makePending(context, argument, ["quarantined"], "is released and is sent within a minute"),
  resend: (context, argument) =>
    makePending(context, argument, ["sent", "stuck"], "is sent again within a minute, with the same Message-ID"),

  deliver: ({ store, config, now }) => deliver(store, config, now, values.now),

  async export({ store }, argument) {
    // Not where an option is empty, or an address is given without its option: one person's copy must not have everybody's data.
    const everybody = values.csv && !argument && values.email === undefined && values.ref === undefined;
    const inquiries = everybody ? await store.staff.list() : await chosen(store);
    if (values.csv) process.stdout.write(toCsv(inquiries));
    else printJson(inquiries.map((inquiry) => exportInquiry(inquiry)));
    if (inquiries.length === 0 && !everybody) process.exitCode = 1;
  },

  async erase({ store, config, now }) {
    const inquiries = await chosen(store);
    if (inquiries.length === 0) throw nothingUnder(values.ref ?? values.email);
    for (const { reference, state, received_at } of inquiries) print(`${reference}  ${state}  received ${local(received_at)}`);
    if (!values.yes && !(await confirmed(`Delete ${inquiries.length === 1 ? "it" : `these ${inquiries.length}`} for good?`)))
      throw new CommandError("Nothing was deleted.");
    await store.staff.checkWritable(now); // a full disk must not end this halfway
    // Printed first: once the rows are deleted, nobody can find these Message-IDs.
    print("Delete these mails from your mailboxes too. Backups hold the text until you delete them. A restored backup is erased again:");
    for (const { message_id } of inquiries) print(message_id);
    const files = await removeMailFiles(config.mailDir, inquiries);
    if (files.length > 0) print(`Deleted from ${shownPath(config.mailDir)}: ${files.join(", ")}.`);
    await store.staff.erase(inquiries);
    print("Deleted from the store.");
  },

  async purge({ store, config, now }) {
    const log = createLog("error", "readable", (line) => process.stderr.write(line));
    const references = await createRetention({ ...config, staff: store.staff, now: () => now, log }).purge();
    print(references.length > 0 ? `deleted: ${references.join(", ")}` : "nothing is past its retention");
  },

  health: ({ store, config, now }) => health(store, config, now, values.json),
  backup: ({ store, config }, argument) => backup(store, config, argument),
  verify: ({ store }) => verifyOpened(store),
  migrate: ({ store, config }) => migrate(store, config),
};

async function main(): Promise<void> {
  const [name = "", argument = "", ...rest] = positionals;
  if (rest.length > 0) throw new UsageError(`one argument at a time: "${rest.join(" ")}" is too much`);
  if (positionals.includes("")) throw new UsageError("an argument is empty");
  const config = readConfig();
  if (name === "verify" && (argument || !config.databaseUrl)) return verifyFile(argument || storeFile(config));
  if (name === "drill" && !argument) throw new UsageError("drill needs the folder of the backups");
  if (name === "drill") return print(await restoreDrill(config, argument, new Date()));
  const command = Object.hasOwn(commands, name) && commands[name];
  if (!command) throw new UsageError(name ? `"${name}" is not a command.\n\n${help}` : help);
  const file = storeFile(config);
  if (!config.databaseUrl && !existsSync(file))
    throw new StoreError(
      `${shownPath(file)} does not exist, or this user may not see it, and commands do not create it: run this as the user of the site, or check DATA_DIR.`,
    );
  const store = await openConfiguredStore(config);
  try {
    await command({ store, config, now: new Date() }, argument);
  } finally {
    await store.close();
  }
}

function referenceOf(argument: string): string {
  const reference = parseReference(argument);
  if (!reference)
    throw new UsageError(`${argument ? `"${argument}" is not a reference` : "a reference is missing"}; references look like CS-7F3K-9QXM`);
  return reference;
}

async function one(store: Store, argument: string): Promise<StoredInquiry> {
  const inquiry = await store.inbox.find(referenceOf(argument));
  if (!inquiry) throw nothingUnder(argument);
  return inquiry;
}

const nothingUnder = (what = "") => new CommandError(`Nothing is stored under ${what}. It may have been deleted on schedule.`);

async function chosen(store: Store): Promise<StoredInquiry[]> {
  if (values.email && values.ref) throw new UsageError("give --email ADDRESS or --ref REFERENCE, not both");
  if (values.email) return store.staff.listByAddress(values.email);
  if (!values.ref) throw new UsageError("give --email ADDRESS or --ref REFERENCE");
  const inquiry = await store.inbox.find(referenceOf(values.ref));
  return inquiry ? [inquiry] : [];
}

async function makePending({ store, now }: Context, argument: string, from: State[], done: string): Promise<void> {
  const { reference, state } = await one(store, argument);
  const moved = await store.staff.makePending(reference, from, now);
  if (!moved) throw new CommandError(`${reference} is ${state}; this command needs one that is ${from.join(" or ")}.`);
  print(`${reference} ${done}`);
}

async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError("Nothing was deleted: without a terminal, confirm with --yes");
  using terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`${question} Type yes: `);
  return answer.trim().toLowerCase() === "yes";
}

await main().then(() => process.exit(), fail);
