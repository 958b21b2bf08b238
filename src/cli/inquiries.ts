// The command for staff, `inquiries`. It can run while the site runs, and never creates a store.

import { shortDateTime } from "../calendar.ts";
import { company } from "../company.ts";
import { answersIn, readableAnswers } from "../inquiries/answers.ts";
import { exportInquiry, inquiryFacts, parseReference, type Inquiry } from "../inquiries/inquiry.ts";
import { quarantineWords, states } from "../inquiries/delivery.ts";
import {
  close,
  isOverdue,
  isProgress,
  needsAnswer,
  progressWords,
  approve,
  resend,
  deadlinesFrom,
} from "../inquiries/handling.ts";
import { atHeadOffice } from "../inquiries/mail/text.ts";
import type { Store } from "../inquiries/store/interface.ts";
import { fold as foldWords } from "../articles/search.ts";
import { addressError, emailKey, mailboxKey } from "../inquiries/email-address.ts";
import { staffPageUrl } from "../inquiries/mail/mail.ts";
import { describeRelated } from "../inquiries/related.ts";
import { countSqlite } from "../inquiries/store/sqlite.ts";
import { OperatorError } from "../operator-error.ts";
import { backUpNightly, backUpStore } from "./backup.ts";
import {
  createCommand,
  runProcess,
  UsageError,
  type Subcommand,
  type SubcommandCall,
} from "./command.ts";
import { openStore } from "../startup.ts";

export const inquiries = createCommand("inquiries", {
  "list [STATE|PROGRESS|TEXT] [INITIALS]": {
    help: "lists all inquiries, the overdue ones, or those with a text in name, company or address",
    run: withStore(list),
  },
  "show REFERENCE": {
    help: "prints one inquiry, and the page that sets its progress",
    run: withStore(show),
  },
  "approve REFERENCE": {
    help: "lets an inquiry out of quarantine, so that its email is sent",
    run: changing("approved and is sent", "a quarantined inquiry can be approved", approve),
  },
  "close REFERENCE […]": {
    help: "closes inquiries that are advertising or need no answer",
    run: withStore(closeSome),
  },
  "resend REFERENCE": {
    help: "sends the mail of an inquiry again, if it was lost behind the mail server",
    run: changing("sent again", "a sent inquiry can be sent again", resend),
  },
  "export [ADDRESS|REFERENCE]": {
    help: "prints a person's inquiries, or one, as JSON; all of them, one a line; --csv: as a table",
    run: withStore(exportSome),
  },
  "erase ADDRESS|REFERENCE": {
    help: "lists a person's inquiries, or one, and with --yes deletes them for good",
    run: withStore(erase),
  },
  "backup [FILE]": {
    help: "copies the store to a new file, tests it; PostgreSQL: a dump; without FILE, as each night",
    run: backup,
  },
  "counts FILE": {
    help: "prints how many inquiries of each state a backup holds, and when the last one came",
    run: counts,
  },
});

type StaffCall = SubcommandCall & { store: Store };

function withStore(
  command: (call: StaffCall, ...words: string[]) => Promise<number | void>,
): Subcommand["run"] {
  return async (call, ...words) => {
    await using store = await openStore(call.config);
    return await command({ ...call, store }, ...words);
  };
}

const { city, timeZone } = company.headOffice;
const officeTime = (time: Date) => shortDateTime(time, timeZone);

async function list({ store, now, print }: StaffCall, typed = "", initials = ""): Promise<void> {
  const isListed = filterOf(typed, now);
  const isTheirs = ({ handling }: Inquiry) =>
    initials === "" || handling.takenBy.toLowerCase() === initials.toLowerCase();
  const rows: string[][] = [];
  for await (const inquiry of store.each()) {
    if (!isListed(inquiry) || !isTheirs(inquiry)) continue;
    const { reference, delivery, receivedAt, answers } = inquiry;
    const sender = `${senderName(inquiry)}  ${answers.email ?? ""}`;
    const received = officeTime(receivedAt);
    rows.push([reference, delivery.state, received, describeHandling(inquiry, now), sender]);
  }
  if (rows.length === 0) {
    const which = `is "${typed}" or has it in its name, company or address`;
    const whose = initials && ` and has the initials ${initials}`;
    return print(typed ? `no inquiry ${which}${whose}` : "none");
  }
  const header = ["REFERENCE", "STATE", "RECEIVED", "PROGRESS", `SENDER (times are in ${city})`];
  const width = Math.max(...rows.map(([, , , progress = ""]) => progress.length), 8);
  for (const cells of [header, ...rows])
    print(cells.map((cell, index) => cell.padEnd([12, 11, 22, width][index] ?? 0)).join("  "));
}

function filterOf(typed: string, now: Date): (inquiry: Inquiry) => boolean {
  const word = fold(typed);
  if (word === "overdue") return ({ handling }) => isOverdue(handling, now);
  if (isProgress(word)) return ({ handling }) => handling.progress === word;
  if (states.some((state) => state === word)) return ({ delivery }) => delivery.state === word;
  return ({ answers }) => {
    const { email = "" } = answers;
    const texts = [...answersIn("heading", answers), email, emailKey(email)];
    return texts.some(
      (text) => fold(text).includes(word) || asciiFold(text).includes(asciiFold(typed)),
    );
  };
}

const fold = (text: string) => foldWords(text.normalize("NFKC"));

/** Folds "Müller", "Mueller" and "Muller" to one text, and "Sørensen" and "Soerensen" too. */
const asciiFold = (text: string) =>
  fold(text)
    .replace(/[øæß]/g, (letter) => ({ ø: "o", æ: "a", ß: "ss" })[letter] ?? letter)
    .replace(/aa/g, "a")
    .replace(/([aou])e/g, "$1");

const senderName = ({ answers }: Inquiry) => answersIn("heading", answers).join("  ");

/** Writes "overdue since Wed 25 Nov 2026, 17:00, taken by MK, Wed 25 Nov 2026, 09:12". */
function describeHandling({ delivery, handling }: Inquiry, now: Date): string {
  const { answerBy, progress, changedAt } = handling;
  const due =
    needsAnswer(handling) &&
    `${isOverdue(handling, now) ? "overdue since" : "due"} ${officeTime(answerBy)}`;
  const set =
    progress !== "open" && changedAt && `${progressWords(handling)}, ${officeTime(changedAt)}`;
  const reason = delivery.state === "quarantined" && quarantineWords(delivery);
  return [due, set, reason].filter(Boolean).join(", ");
}

async function show({ store, config, print }: StaffCall, reference: string): Promise<void> {
  const inquiry = await findInquiry(store, reference);
  const row = (label: string, value: string | number) => print(`${label.padEnd(18)}${value}`);
  for (const { label, value } of inquiryFacts(inquiry, atHeadOffice))
    if (value !== "") row(label, value);
  row("Staff page", staffPageUrl(config.siteUrl, inquiry));
  if (!config.production) row("", `if the site listens on port ${config.port}, as PORT says here`);
  const { inquiries: related, total } = await store.related(inquiry);
  for (const other of related) row("Same client", describeRelated(inquiry, other));
  if (total > related.length) row("", `and ${total - related.length} more`);
  for (const { label, text, inMail } of readableAnswers(inquiry.answers))
    if (inMail !== "text" && inMail !== "nowhere") row(label, text);
  // The message is quoted, so that no line of it can be taken for one of ours.
  const lines = answersIn("text", inquiry.answers).join("\n\n").split("\n");
  print(`\n${lines.map((line) => `> ${line}`.trimEnd()).join("\n")}`);
}

/** Returns a command that changes one inquiry, whose mail the worker sends with its next pass. */
function changing(done: string, only: string, decide: typeof approve | typeof resend) {
  return withStore(async ({ store, config, now, print }, name = "") => {
    const inquiry = await findInquiry(store, name);
    const { reference, delivery } = inquiry;
    const { answerBy } = deadlinesFrom(now, config.replyWithinWorkingDays);
    const change = decide(inquiry, { answerBy, now });
    if (!change) throw new OperatorError(`${reference} is ${delivery.state}; only ${only}.`);
    if (!(await store.save(inquiry, change)))
      throw new OperatorError(`${reference} has changed meanwhile: a colleague was faster.`);
    print(`${reference} is ${done} within a minute.`);
  });
}

async function closeSome({ store, now, print }: StaffCall, ...names: string[]): Promise<number> {
  const inquiries = await Promise.all(names.map((name) => findInquiry(store, name)));
  let code = 0;
  for (const reference of new Set(inquiries.map((inquiry) => inquiry.reference))) {
    let inquiry: Inquiry;
    let change: ReturnType<typeof close>;
    do {
      // The inquiry is read again if a colleague was faster.
      inquiry = await findInquiry(store, reference);
      change = close(inquiry, { now });
    } while (change && !(await store.save(inquiry, change)));
    if (!change) code = 1;
    print(`${reference} is ${change ? "closed" : `already ${progressWords(inquiry.handling)}`}.`);
  }
  return code;
}

async function exportSome(call: StaffCall, name?: string): Promise<void> {
  if (!name && !call.csv) {
    for await (const inquiry of call.store.each())
      call.print(JSON.stringify(exportInquiry(inquiry)));
    return;
  }
  const inquiries = name ? await select(call, name) : await Array.fromAsync(call.store.each());
  const exported = inquiries.map(exportInquiry);
  if (call.csv) for (const line of csvLines(exported)) call.print(line);
  else call.print(JSON.stringify(exported, undefined, 2));
}

/** Returns lines of CSV (RFC 4180), with a column for each fact and each answer. */
function csvLines(exported: ReturnType<typeof exportInquiry>[]): string[] {
  const rows = exported.map(
    ({ answers, ...facts }): Record<string, string | number | undefined> => {
      return { ...facts, ...answers };
    },
  );
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = rows.map((row) => columns.map((column) => csvCell(row[column])).join(","));
  return [columns.map((column) => csvCell(column)).join(","), ...lines];
}

/**
 * Writes a cell so that a spreadsheet doesn't calculate it: a visitor may have typed a text that
 * begins like a formula.
 */
function csvCell(value: string | number = ""): string {
  const text = String(value);
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

async function erase(call: StaffCall, name: string): Promise<number> {
  const { store, now, yes, print } = call;
  const inquiries = await select(call, name).catch(async (error: unknown) => {
    // An earlier erasure may have been killed before it cleaned the files.
    if (yes) await store.clean();
    throw error;
  });
  for (const inquiry of inquiries) {
    const { reference, delivery, receivedAt } = inquiry;
    print(
      `${reference}  ${delivery.state}  received ${atHeadOffice(receivedAt)}  ${senderName(inquiry)}`,
    );
  }
  if (!yes) {
    print("Nothing was deleted. To delete this for good, repeat the command with --yes.");
    return 1;
  }
  await store.erase(inquiries, now);
  print(
    "Deleted from the store. Search your mailboxes for each reference, and delete its mails too.",
  );
  print("Backups hold the text until you delete them; after a restore the site erases it again.");
  if (await store.clean()) return 0;
  print("Another process reads the store, so its files hold the text until the next purge.");
  return 1;
}

async function backup({ config, now, print }: SubcommandCall, name?: string): Promise<void> {
  if (name) await backUpStore(config, name);
  const file = name ?? (await backUpNightly(config, now));
  print(
    `${file} holds the store as it is now. It contains personal data: protect it like the store, and delete it within the same time.`,
  );
}

function counts({ print }: SubcommandCall, file: string): Promise<void> {
  const rows = countSqlite(file);
  if (rows.length === 0) print("It holds no inquiry.");
  for (const { state, count, last } of rows)
    print(`${String(count).padStart(6)}  ${state}, the last of ${officeTime(new Date(last))}`);
  return Promise.resolve();
}

const notFound = (name: string) =>
  new OperatorError(
    `Nothing is stored under ${name}, so nothing was done.\nIt may have been erased, or deleted on schedule. \`list NAME\` finds by name, company or address.`,
  );

async function findInquiry(store: Store, name: string): Promise<Inquiry> {
  const reference = parseReference(name);
  if (!reference)
    throw new UsageError(
      `"${name}" is no reference like CS-7F3K-9QXM: \`list NAME\` finds it by name, company or address`,
    );
  const inquiry = await store.find({ reference });
  if (!inquiry) throw notFound(name);
  return inquiry;
}

const ofSameMailbox = "The mailbox is the same: if the person is too, use the reference.";

/** Selects by the address and not by the mailbox, because a company may share one mailbox. */
async function select({ store, printError }: StaffCall, name: string): Promise<Inquiry[]> {
  if (!name.includes("@")) return [await findInquiry(store, name)];
  const address = name.trim();
  const error = addressError(address);
  if (error) throw new UsageError(`"${address}" cannot be looked up. ${error}.`);
  const inquiries: Inquiry[] = [];
  for await (const inquiry of store.each()) {
    const { email = "" } = inquiry.answers;
    if (emailKey(email) === emailKey(address)) inquiries.push(inquiry);
    else if (mailboxKey(email) === mailboxKey(address))
      printError(`Not included: ${inquiry.reference} from ${email}. ${ofSameMailbox}`);
  }
  if (inquiries.length === 0) throw notFound(address);
  return inquiries;
}

if (import.meta.main) await runProcess(inquiries);
