// Staff's command: `npm run inquiries -- …`. It works beside the running server and never makes a store where none is.

import { existsSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { shortDateTime } from "../calendar.ts";
import { readColours } from "../colours.ts";
import { company } from "../company.ts";
import type { Config } from "../config.ts";
import { createDelivery } from "../inquiries/delivery.ts";
import { csv, exported } from "../inquiries/export.ts";
import { parseReference } from "../inquiries/reference.ts";
import { createRetention, removeMailFiles } from "../inquiries/retention.ts";
import { backupSqlite, verifySqlite, StoreError } from "../inquiries/sqlite.ts";
import { states, type State, type StoredInquiry } from "../inquiries/store-schema.ts";
import { openStore, type Store } from "../inquiries/store.ts";
import { deliveryProblems, duration } from "../inquiries/watch.ts";
import { createLog } from "../log.ts";
import { createMailSender, openConfiguredStore, storeFile } from "../site.ts";
import { CommandError, fail, readArguments, readConfig, shownPath, UsageError } from "./environment.ts";

const help = `npm run inquiries -- COMMAND

  list [STATE]              all, or those of one state: ${states.join(", ")}
  show REFERENCE            everything about one
  release REFERENCE         send one that was set aside, as a normal mail
  resend REFERENCE          send one again that was handed over, stuck or bounced
  deliver [--now]           one pass of delivery here; --now does not wait for the next attempt's time
  bounced REFERENCE         note that its mail came back: it stays until you erase it
  export --email ADDRESS    what is stored of a person, as JSON
  export --csv              all inquiries for a spreadsheet; with --email or --ref only those
  erase --email ADDRESS     delete all of a person for good, or with --ref REFERENCE one inquiry; asks first, --yes does not
  purge                     delete now what is past RETENTION_DAYS or QUARANTINE_DAYS
  health                    exit code 1 and the reasons if inquiries do not reach you
  backup FILE               a copy of the store, while the site runs
  verify [FILE]             whether the store, or a backup of it, is sound
  migrate                   copy the store in DATA_DIR into the PostgreSQL of DATABASE_URL; again, and only what is new is copied

  --json                    machine-readable, for list, show and health
Exit codes: 0 done, 1 not found or not healthy, 2 called wrongly.`;

const flag = { type: "boolean" } as const;
const text = { type: "string" } as const;
const options = { json: flag, now: flag, csv: flag, yes: flag, email: text, ref: text };
const { values, positionals } = readArguments({ options, allowPositionals: true }, help);

type Context = { store: Store; config: Config; now: Date };

const print = console.log;
const printJson = (value: unknown) => print(JSON.stringify(value, undefined, 2));
const local = (ms: number) => shortDateTime(new Date(ms), company.headOffice.timeZone);

const commands: Record<string, (context: Context, argument: string) => Promise<void>> = {
  async list({ store }, argument) {
    const state = states.find((name) => name === argument);
    if (argument && !state) throw new UsageError(`"${argument}" is no state; states are ${states.join(", ")}`);
    const inquiries = await store.list(state);
    if (values.json) return printJson(inquiries);
    if (inquiries.length === 0) print("none");
    for (const row of inquiries) {
      const who = row.company ? `${row.name}, ${row.company}` : row.name;
      print(`${row.reference}  ${row.state.padEnd(11)}  ${local(row.received_at).padEnd(22)}  ${who}  ${row.email}`);
    }
  },

  async show({ store }, argument) {
    const { message, ...facts } = exported(await one(store, argument));
    if (values.json) return printJson({ ...facts, message });
    for (const [name, value] of Object.entries(facts)) print(`${name.padEnd(14)}${value}`);
    print(`\n${message}`);
  },

  release: (context, argument) => move(context, argument, ["quarantined"], "pending", "is released and goes out within a minute"),
  resend: (context, argument) =>
    move(context, argument, ["handed-over", "stuck", "bounced"], "pending", "goes out again within a minute, with the same Message-ID"),
  bounced: (context, argument) =>
    move(context, argument, ["handed-over"], "bounced", "is kept until you resend or erase it; its text is in `show`"),

  async deliver({ store, config, now }) {
    const log = createLog("info", "readable", (line) => process.stdout.write(line));
    if (values.now) await store.makeDue(now);
    const parts = { store, sendMail: createMailSender(config), mail: { ...config, colours: readColours() }, now: () => new Date(), log };
    const count = await createDelivery({ ...parts, afterPass: () => Promise.resolve() }).deliverDue();
    const left = await store.nextDue(now);
    print(`${count} handed over${left ? `; the next is due at ${local(left.getTime())}` : "; nothing is left"}`);
  },

  async export({ store }) {
    const everybody = values.csv && !values.email && !values.ref;
    const inquiries = everybody ? await store.list() : await chosen(store);
    if (values.csv) print(csv(inquiries.map(exported)));
    else printJson(inquiries.map(exported));
    if (inquiries.length === 0 && !everybody) process.exitCode = 1;
  },

  async erase({ store, config }) {
    const inquiries = await chosen(store);
    if (inquiries.length === 0) throw nothingUnder(values.ref ?? values.email);
    for (const { reference, state, received_at } of inquiries) print(`${reference}  ${state}  received ${local(received_at)}`);
    if (!values.yes && !(await confirmed(`Delete ${inquiries.length === 1 ? "it" : `these ${inquiries.length}`} for good?`)))
      throw new CommandError("Nothing was deleted.");
    // First what nobody could find any more once the rows are gone.
    print("Delete these mails from your mailboxes too. Backups hold the text until you delete them; one that is restored is erased again:");
    for (const { message_id } of inquiries) print(message_id);
    const files = await removeMailFiles(config.mailDir, inquiries);
    if (files.length > 0) print(`Deleted from ${shownPath(config.mailDir)}: ${files.join(", ")}.`);
    await store.erase(inquiries);
    print("Deleted from the store.");
  },

  async purge({ store, config, now }) {
    const log = createLog("error", "readable", (line) => process.stderr.write(line));
    const references = await createRetention({ ...config, store, now: () => now, log }).purge();
    print(references.length > 0 ? `deleted: ${references.join(", ")}` : "nothing is past its days");
  },

  async health({ store, now }) {
    const summary = await store.summary(now);
    const problems = deliveryProblems(summary, now);
    const oldest = summary.oldestUndeliveredAt;
    const waiting = oldest ? `; the oldest undelivered waits ${duration(now.getTime() - oldest.getTime())}` : "";
    if (values.json) print(JSON.stringify({ healthy: problems.length === 0, problems, ...summary }));
    else print(problems.join("\n") || `healthy${waiting}`);
    if (problems.length > 0) process.exitCode = 1;
  },

  async backup({ store, config }, argument) {
    if (config.databaseUrl)
      throw new CommandError(`The store is in ${store.name}: pg_dump --format=custom --file=FILE "$DATABASE_URL" makes a copy.`);
    if (!argument) throw new UsageError("backup wants the name of a file that does not exist yet");
    await backupSqlite(storeFile(config), argument);
    print(`${argument} holds the store as it is now. It holds personal data: keep it as safe as the store, and not longer.`);
  },

  /** On PostgreSQL: that it keeps what it commits was checked when it was opened. */
  async verify({ store }) {
    const { length } = await store.list();
    print(`${store.name} keeps what it commits, and its ${length} inquiries can be read. pg_amcheck looks at every page.`);
  },

  async migrate({ store, config }) {
    const file = storeFile(config);
    if (!config.databaseUrl) throw new UsageError(`migrate wants DATABASE_URL: it copies ${shownPath(file)} into that database`);
    if (!existsSync(file)) throw new StoreError(`${shownPath(file)} does not exist: there is nothing to copy.`);
    const source = await openStore(file, "localhost");
    try {
      const inquiries = (await source.list()).sort((a, b) => a.id - b.id);
      const came = await store.takeOver(inquiries, await source.lastDailyMailAt());
      print(`${came} copied to ${store.name}, ${inquiries.length - came} were there already or had been erased.`);
    } finally {
      await source.close();
    }
    print(`${shownPath(file)} is as it was, with all that people wrote: delete it once the site runs on PostgreSQL.`);
    print("Keep erased-references.txt beside it.");
  },
};

async function main(): Promise<void> {
  const [name = "", argument = "", ...rest] = positionals;
  if (rest.length > 0) throw new UsageError(`one at a time: "${rest.join(" ")}" was too much`);
  const config = readConfig();
  if (name === "verify" && (argument || !config.databaseUrl)) return verify(config, argument);
  const command = Object.hasOwn(commands, name) && commands[name];
  if (!command) throw new UsageError(name ? `"${name}" is no command.\n\n${help}` : help);
  const file = storeFile(config);
  if (!config.databaseUrl && !existsSync(file))
    throw new StoreError(`${shownPath(file)} does not exist, and is not made here: run this in the site's folder, or check DATA_DIR.`);
  const store = await openConfiguredStore(config);
  try {
    await command({ store, config, now: new Date() }, argument);
  } finally {
    await store.close();
  }
}

/** Works on a store that no longer opens, too. */
function verify(config: Config, argument: string): void {
  const file = argument || storeFile(config);
  const problems = verifySqlite(file);
  print(problems.join("\n") || `${shownPath(file)} is sound`);
  if (problems.length > 0) process.exitCode = 1;
}

function referenceOf(argument: string): string {
  const reference = parseReference(argument);
  if (!reference)
    throw new UsageError(`${argument ? `"${argument}" is no reference` : "a reference is wanted"}; they look like CS-7F3K-9QXM`);
  return reference;
}

async function one(store: Store, argument: string): Promise<StoredInquiry> {
  const inquiry = await store.find(referenceOf(argument));
  if (!inquiry) throw nothingUnder(argument);
  return inquiry;
}

const nothingUnder = (what = "") => new CommandError(`Nothing is stored under ${what}. It may have been deleted on schedule.`);

async function chosen(store: Store): Promise<StoredInquiry[]> {
  if (values.email && values.ref) throw new UsageError("give --email ADDRESS or --ref REFERENCE, not both");
  if (values.email) return store.ofAddress(values.email);
  if (!values.ref) throw new UsageError("whose? Give --email ADDRESS or --ref REFERENCE");
  const inquiry = await store.find(referenceOf(values.ref));
  return inquiry ? [inquiry] : [];
}

async function move({ store, now }: Context, argument: string, from: State[], to: "pending" | "bounced", done: string): Promise<void> {
  const { reference, state } = await one(store, argument);
  const moved = await store.move(reference, from, to, now);
  if (!moved) throw new CommandError(`${reference} is ${state}; this works on what is ${from.join(", ")}.`);
  print(`${reference} ${done}`);
}

async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError("Nothing was deleted: there is nobody to ask, so say --yes");
  using terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`${question} Type yes: `);
  return answer.trim().toLowerCase() === "yes";
}

await main().then(() => process.exit(), fail);
