// The command for staff, `npm run inquiries -- …`. It can run while the site runs, and never creates a store.

import { existsSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import type { Config } from "../config.ts";
import { exportInquiry, factsOf, toCsv } from "../inquiries/export.ts";
import { answersIn, readableAnswers } from "../inquiries/answers.ts";
import { parseReference } from "../inquiries/reference.ts";
import { createRetention, removeMailFiles } from "../inquiries/retention.ts";
import {
  states,
  StoreError,
  type Mark,
  type State,
  type StoredInquiry,
} from "../inquiries/store/schema.ts";
import type { Store } from "../inquiries/store/store.ts";
import { createLog } from "../log.ts";
import { OperatorError } from "../operator-error.ts";
import { openConfiguredStore, storeFile } from "../store-and-mail.ts";
import {
  isOverdue,
  printList,
  printSources,
  setMark,
  timeWithCity,
  undoMark,
} from "./follow-up-commands.ts";
import { backup, deliver, health, migrate } from "./store-commands.ts";
import {
  readArguments,
  readConfig,
  runProcess,
  shownPath,
  UsageError,
  type Call,
  type Command,
} from "./environment.ts";

const help = `npm run inquiries -- COMMAND

  list [STATE]              all, or those of one state: ${states.join(", ")};
                            --overdue: those not taken or answered in time; --sources: how many inquiries came from each page in each month
  show REFERENCE            everything about one
  taken REFERENCE           mark an inquiry as taken: somebody is answering it
  answered REFERENCE        mark it as answered
  closed REFERENCE          mark it as needing no answer
  undo REFERENCE            undo the last of these marks
  release REFERENCE         send a quarantined inquiry as a normal email
  resend REFERENCE          send an inquiry again that was sent or is stuck
  deliver [--now]           run one pass of delivery here; --now ignores the time of the next attempt
  export --email ADDRESS    print everything stored about a person, as JSON
  export --csv              print all inquiries for a spreadsheet; with --email or --ref only those
  erase --email ADDRESS     delete everything of a person for good, or with --ref REFERENCE one inquiry; asks first unless --yes is given
  purge                     delete now everything past RETENTION_DAYS or QUARANTINE_DAYS
  health                    print what is overdue and the problems of delivery; exit code 1 if there are any
  backup FILE               copy the store to a new file, while the site runs, and test the copy
  migrate                   copy the store in DATA_DIR into the PostgreSQL of DATABASE_URL; a second run copies only what is new

  --json                    machine-readable, for list, show and health
Exit codes: 0 done, 1 not found or not healthy, 2 wrong arguments.`;

const flag = { type: "boolean" } as const;
const text = { type: "string" } as const;
const options = {
  json: flag,
  now: flag,
  csv: flag,
  yes: flag,
  overdue: flag,
  sources: flag,
  email: text,
  ref: text,
};
const readCall = ({ args }: Call) => readArguments({ args, options, allowPositionals: true }, help);

type Values = ReturnType<typeof readCall>["values"];
type Context = Call & { values: Values; store: Store; config: Config; now: Date };

const json = (value: unknown) => JSON.stringify(value, undefined, 2);

/** Each may return an exit code other than 0. */
const commands: Record<string, (context: Context, argument: string) => Promise<number | void>> = {
  async list({ store, now, values, print }, argument) {
    if (values.sources) {
      const counts = await store.followUp.sources();
      return values.json ? print(json(counts)) : printSources(print, counts);
    }
    const state = states.find((name) => name === argument);
    if (argument && !state)
      throw new UsageError(`"${argument}" is not a state; the states are ${states.join(", ")}`);
    const inquiries = (await store.staff.list(state)).filter(
      (inquiry) => !values.overdue || isOverdue(inquiry, now),
    );
    if (values.json) print(json(inquiries));
    else printList(print, inquiries, now);
  },

  async show({ store, values, print }, argument) {
    const inquiry = await findInquiry(store, argument);
    if (values.json) return print(json(exportInquiry(inquiry)));
    const answers = readableAnswers(inquiry.answers).filter(({ inMail }) => inMail !== "text");
    for (const { label, value } of factsOf(inquiry, timeWithCity))
      if (value !== "") print(`${label.padEnd(18)}${value}`);
    for (const { label, text } of answers) print(`${label.padEnd(18)}${text}`);
    print(`\n${answersIn("text", inquiry.answers).join("\n\n")}`);
  },

  taken: (context, argument) => mark(context, argument, "taken"),
  answered: (context, argument) => mark(context, argument, "answered"),
  closed: (context, argument) => mark(context, argument, "closed"),
  async undo({ store, now, print }, argument) {
    print(await undoMark(store.followUp, await findInquiry(store, argument), now));
  },

  release: (context, argument) =>
    makePending(context, argument, ["quarantined"], "is released and is sent within a minute"),
  resend: (context, argument) =>
    makePending(
      context,
      argument,
      ["sent", "stuck"],
      "is sent again within a minute, with the same Message-ID",
    ),

  deliver: ({ store, config, now, values, print }) =>
    deliver(print, store, config, now, values.now),

  async export({ store, values, write, print }, argument) {
    // All inquiries only without further arguments: an empty or forgotten --email must not export everybody's data.
    const everybody =
      values.csv && !argument && values.email === undefined && values.ref === undefined;
    const inquiries = everybody ? await store.staff.list() : await selectInquiries(store, values);
    if (values.csv) write(toCsv(inquiries));
    else print(json(inquiries.map((inquiry) => exportInquiry(inquiry))));
    return inquiries.length === 0 && !everybody ? 1 : 0;
  },

  async erase({ store, config, now, values, print }) {
    const inquiries = await selectInquiries(store, values);
    if (inquiries.length === 0) throw notFound(values.ref ?? values.email);
    for (const { reference, state, received_at } of inquiries)
      print(`${reference}  ${state}  received ${timeWithCity(received_at)}`);
    if (
      !values.yes &&
      !(await confirmed(
        `Delete ${inquiries.length === 1 ? "it" : `these ${inquiries.length}`} for good?`,
      ))
    )
      throw new OperatorError("Nothing was deleted.");
    await store.staff.checkWritable(now); // a full disk must not end this halfway
    // Printed before the rows are deleted, because the Message-IDs cannot be found afterwards.
    print(
      "Backups hold the text until you delete them; the site erases it again from a backup that is restored.",
    );
    print("Delete these mails from your mailboxes too:");
    for (const { message_id } of inquiries) print(message_id);
    const files = await removeMailFiles(config.mailDir, inquiries);
    if (files.length > 0) print(`Deleted from ${shownPath(config.mailDir)}: ${files.join(", ")}.`);
    await store.staff.erase(inquiries);
    print("Deleted from the store.");
  },

  async purge({ store, config, now, print, printError }) {
    const log = createLog("error", "readable", (line) => printError(line.trimEnd()));
    const references = await createRetention({
      ...config,
      staff: store.staff,
      now: () => now,
      log,
    }).purge();
    print(
      references.length > 0 ? `deleted: ${references.join(", ")}` : "nothing is past its retention",
    );
  },

  health: ({ store, config, now, values, print }) => health(print, store, config, now, values.json),
  backup: ({ store, config, print }, argument) => backup(print, store, config, argument),
  migrate: ({ store, config, print }) => migrate(print, store, config),
};

async function main(call: Call): Promise<number | void> {
  const { values, positionals } = readCall(call);
  const [name = "", argument = "", ...rest] = positionals;
  if (rest.length > 0) throw new UsageError(`unexpected argument: "${rest.join(" ")}"`);
  if (positionals.includes("")) throw new UsageError("an argument is empty");
  if (
    ["deliver", "purge", "health", "migrate"].includes(name) &&
    (argument || values.email !== undefined || values.ref !== undefined)
  )
    throw new UsageError(
      `${name} is not for one person or inquiry: leave the address or reference out`,
    );
  const config = readConfig(call.env);
  const command = Object.hasOwn(commands, name) && commands[name];
  if (!command) throw new UsageError(name ? `"${name}" is not a command.\n\n${help}` : help);
  const file = storeFile(config);
  if (!config.databaseUrl && !existsSync(file))
    throw new StoreError(
      `${shownPath(file)} does not exist, or this user may not see it, and commands do not create it: run this as the user of the site, or check DATA_DIR.`,
    );
  const store = await openConfiguredStore(config);
  try {
    return await command({ ...call, values, store, config, now: new Date() }, argument);
  } finally {
    await store.close();
  }
}

function referenceOf(argument: string): string {
  const reference = parseReference(argument);
  if (!reference)
    throw new UsageError(
      `${argument ? `"${argument}" is not a reference` : "a reference is missing"}; references look like CS-7F3K-9QXM`,
    );
  return reference;
}

async function findInquiry(store: Store, argument: string): Promise<StoredInquiry> {
  const inquiry = await store.inbox.find(referenceOf(argument));
  if (!inquiry) throw notFound(argument);
  return inquiry;
}

const notFound = (what = "") =>
  new OperatorError(`Nothing is stored under ${what}. It may have been deleted on schedule.`);

async function selectInquiries(store: Store, values: Values): Promise<StoredInquiry[]> {
  if (values.email && values.ref)
    throw new UsageError("give --email ADDRESS or --ref REFERENCE, not both");
  if (values.email) return store.staff.listByAddress(values.email);
  if (!values.ref) throw new UsageError("give --email ADDRESS or --ref REFERENCE");
  const inquiry = await store.inbox.find(referenceOf(values.ref));
  return inquiry ? [inquiry] : [];
}

async function mark({ store, now, print }: Context, argument: string, mark: Mark): Promise<void> {
  print(await setMark(store.followUp, await findInquiry(store, argument), mark, now));
}

async function makePending(
  { store, now, print }: Context,
  argument: string,
  from: State[],
  done: string,
): Promise<void> {
  const { reference, state } = await findInquiry(store, argument);
  const moved = await store.staff.makePending(reference, from, now);
  if (!moved)
    throw new OperatorError(
      `${reference} is ${state}; this command needs one that is ${from.join(" or ")}.`,
    );
  print(`${reference} ${done}`);
}

async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new UsageError("Nothing was deleted: without a terminal, confirm with --yes");
  using terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`${question} Type yes: `);
  return answer.trim().toLowerCase() === "yes";
}

export const inquiries: Command = { help, main };
if (import.meta.main) await runProcess(inquiries);
