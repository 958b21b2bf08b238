// The commands of staff on a real store, also for requests about personal data, and `seed`. Some
// run as real processes, for the exit code and both outputs.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { domainToASCII } from "node:url";
import { execPath } from "node:process";
import { DatabaseSync } from "node:sqlite";
import { shortDateTime } from "../src/calendar.ts";
import { inquiries as command } from "../src/cli/inquiries.ts";
import { readers } from "../src/cli/readers.ts";
import { seed as seedCommand } from "../src/cli/seed.ts";
import { readableAnswers } from "../src/inquiries/answers.ts";
import { states } from "../src/inquiries/delivery.ts";
import { progressRows } from "../src/inquiries/handling.ts";
import type { Store, Submission } from "../src/inquiries/store/interface.ts";
import { callCommand, runCommand } from "./support/command.ts";
import { productionEnv, temporaryFolder, tuesday } from "./support/site.ts";
import { answers, click, filesWith, openStore, plain } from "./support/store.ts";

let dir: string;
let store: Store;
let now: Date;
beforeEach(async () => {
  ({ dir } = await temporaryFolder());
  store = await openStore(dir);
  now = tuesday;
});

/** Runs the command in this process, or as a real one. */
const inquiries = (...args: string[]) => callCommand(command, args, { DATA_DIR: dir }, now);
const inquiriesProcess = (...args: string[]) => runCommand("inquiries", args, { DATA_DIR: dir });

type Seed = { quarantineReason?: Submission["quarantineReason"]; dueInHours?: number } & Partial<
  Record<"name" | "email" | "message", string>
>;

/** Stores an inquiry that is to be answered in so many hours. Returns its reference. */
async function seed({ quarantineReason = "", dueInHours = 24, ...changes }: Seed = {}) {
  const answerBy = new Date(tuesday.getTime() + dueInHours * 3_600_000);
  const submission = { ...plain, quarantineReason, answerBy, promisedBy: undefined };
  return (await store.accept({ ...answers, ...changes }, submission, tuesday)).inquiry.reference;
}
const find = (reference: string) => store.find({ reference });

test("a command in a folder without a store says so and creates nothing", async () => {
  const none = await temporaryFolder();
  const { code, err } = await callCommand(command, ["list"], { DATA_DIR: none.dir });
  expect(code).toBe(1);
  expect(err).toMatch(/does not exist, or this user may not see it: .*DATA_DIR/);
  expect(await readdir(none.dir)).toEqual([]);
});

test("the guide for staff has a row for each command of the help", async () => {
  const { code, out } = await inquiries("--help");
  expect(code).toBe(0);
  const inHelp = out
    .matchAll(/^ {2}(\w+) (\S*?)( \[…\])?(?: \[INITIALS\])? {2,}/gm)
    .flatMap(([, name, takes = "", more]) => {
      const words = takes.replace(/[[\]]/g, "").split("|");
      const calls = words.map((word) => `${name} ${word}${more ? "…" : ""}`.trim());
      return takes.startsWith("[") ? [`${name}`, ...calls] : calls;
    });
  const guide = await readFile("docs/inquiries.md", "utf8");
  const rows = [...guide.matchAll(/^\| (`.*`) \| .*$/gm)];
  const inGuide = rows.flatMap(([, calls = ""]) => [...calls.matchAll(/`(.*?)`/g)]);
  expect(inGuide.map(([, call]) => call)).toEqual([...inHelp]);
  const values = [...states, "overdue", ...progressRows.map(([value]) => value)];
  for (const value of values) expect(rows[0]?.[0]).toContain(`\`${value}\``);
});

test("wrong arguments exit with code 2 and print what is expected", async () => {
  const calls: [string[], string][] = [
    [["frobnicate"], '"frobnicate" is not a command'],
    [["--bogus"], "Unknown option '--bogus'"],
    [["show", "nobody"], '"nobody" is no reference like'],
    [["show", "CS-0000-0000", "CS-0000-0001"], '"show" takes other arguments: show REFERENCE'],
    [["export", ""], '"export" takes other arguments: export [ADDRESS|REFERENCE]'], // a variable that is not set
    [["erase", "--yes"], '"erase" takes other arguments: erase ADDRESS|REFERENCE'],
    [["erase", "Ann <a@b.dk>", "--yes"], "Enter only the email address, without a name"],
  ];
  for (const [args, message] of calls) {
    const err = expect.stringContaining(message) as string;
    expect([args, await inquiries(...args)]).toEqual([args, { code: 2, out: "", err }]);
  }
});

describe("the output", () => {
  test("that cannot be written, or that nobody reads, is exit code 1", () => {
    const options = { env: { DATA_DIR: dir }, encoding: "utf8" } as const;
    const shell = (script: string) => spawnSync("sh", ["-c", script, execPath], options).stderr;
    const list = '"$0" --require ./src/check-node.cjs src/cli/inquiries.ts list';
    const unwritable = shell(`${list} 1<package.json; echo "exit code $?" >&2`);
    expect(unwritable).toMatch(/^EBADF: .*\nexit code 1\n$/);
    expect(shell(`{ ${list}; echo "exit code $?" >&2; } | true`)).toBe("exit code 1\n");
  });

  test("into a pipe is complete, without a visitor's control characters", async () => {
    const message = `${"x".repeat(400_000)}\n\tend\u0007`;
    const reference = await seed({ name: "\u001b[2J\u009b31mAnn\r", message });
    const { code, out } = await inquiriesProcess("show", reference);
    const { err } = await inquiriesProcess("show", "\u001b[2J");
    expect(code).toBe(0);
    expect(out + err).not.toMatch(/[^\P{Cc}\t\n]/u);
    expect(out).toContain("\ufffd[2J\ufffd31mAnn\ufffd");
    expect(out.endsWith("x\n> \tend\ufffd\n")).toBe(true);
  });
});

test("list prints the newest first, or those of one state", async () => {
  const first = await seed({ message: "one" });
  const second = await seed({ message: "two", quarantineReason: "markup" });
  const listed = async (...args: string[]) => (await inquiries("list", ...args)).out;
  expect((await listed()).match(/CS-\S+/g)).toEqual([second, first]);
  const quarantined = (await listed("quarantined")).match(/CS-\S+|links in forum markup/g);
  expect(quarantined).toEqual([second, "links in forum markup"]);
  expect(await listed("sent")).toMatch(/^no inquiry is "sent" or has it in /);
});

test("list finds by progress, or by a text in the name, company or address", async () => {
  const mette = await seed({ name: "Mette Kjær", email: "mk@Fjørd.example", message: "one" });
  const kim = await seed({ name: "Kim Yoon", email: "kim@nord.example", message: "Mette" });
  await click(store, kim, "taken", { by: "AK" });
  const listed = async (text: string) => (await inquiries("list", text)).out.match(/CS-\S+/g);
  for (const text of ["mette", "KJÆR", "@fjørd", domainToASCII("fjørd.example")])
    expect([text, await listed(text)]).toEqual([text, [mette]]);
  expect(await listed("Taken")).toEqual([kim]);
  expect((await inquiries("list", "taken", "ak")).out).toContain(kim);
  expect((await inquiries("list", "taken", "JH")).out).toBe(
    'no inquiry is "taken" or has it in its name, company or address and has the initials JH\n',
  );
  expect(await listed("freight")).toEqual([kim, mette]);
  expect((await inquiries("list", "quarantine")).out).toBe(
    'no inquiry is "quarantine" or has it in its name, company or address\n',
  );
});

test.each([
  ["Jürgen Müller", "mueller"],
  ["Jürgen Müller", "muller jurgen"],
  ["Lone Sørensen", "sorensen"],
  ["Lone Sørensen", "Soerensen"],
  ["Aage Kjær", "kjaer"],
  ["Åge Kjaer", "åge kjær"],
  ["Anna Bauer", "uer"],
])("list finds %s by %s", async (name, typed) => {
  const reference = await seed({ name });
  const words = typed.split(" ");
  for (const word of words) expect((await inquiries("list", word)).out).toContain(reference);
});

test.each([
  ["open", 5, "due", "answerBy"],
  ["open", -5, "overdue since", "answerBy"],
  ["taken", 5, "taken by MK,", "changedAt"],
  ["answered", -5, "answered (MK),", "changedAt"],
] as const)(
  "list shows %s with a deadline in %d hours as %s",
  async (progress, dueInHours, words, column) => {
    const reference = await seed({ dueInHours });
    await click(store, reference, progress, { by: "MK" });
    const time = new Date((await find(reference))?.handling[column] ?? Number.NaN);
    const { out } = await inquiries("list");
    expect(out).toContain(` ${words} ${shortDateTime(time, "Europe/Copenhagen")}`);
    const [header = "", row = ""] = out.split("\n");
    expect(row.indexOf(answers["name"] ?? "")).toBe(header.indexOf("SENDER"));
    const isOverdue = words === "overdue since";
    expect((await inquiries("list", "overdue")).out.includes(reference)).toBe(isOverdue);
  },
);

test("show accepts a reference as people spell it", async () => {
  const reference = await seed({ quarantineReason: "markup" });
  await click(store, reference, "closed", { by: "MK" });
  const spelled = reference.slice("CS-".length).toLowerCase().replaceAll("0", "o");
  const { out } = await inquiries("show", spelled);
  expect(out).toMatch(/^Quarantined +links in forum markup$/m);
  expect(out).toMatch(/^Progress +closed\nInitials +MK\n/m);
  expect(out).toMatch(/^Received +\w{3} \d+ \w{3} \d{4}, \d\d:\d\d Copenhagen$/m);
  expect(out).toMatch(/^Kind of help +Engineers to join our team$/m);
  expect(out.replace(/^> ?/gm, "")).toContain(answers["message"]);
  const page = `http://localhost:3000/staff/${(await find(reference))?.token}`;
  expect(out).toMatch(RegExp(`^Staff page +${page}\n +if the site listens on port 3000, `, "m"));
  expect(out).not.toMatch(/ $/m); // no label without a value
  expect(out).not.toContain("Same client");
  const again = await seed({ message: "again" });
  const other = (text: string, progress: string) =>
    RegExp(`^Same client +${text}, from the same mailbox, \\w+ \\d+ \\w+: ${progress}$`, "m");
  const closed = other(reference, "closed without an answer \\(MK\\)");
  expect((await inquiries("show", again)).out).toMatch(closed);
  expect((await inquiries("show", reference)).out).toMatch(other(again, "not taken"));
});

test("a reference that is not stored exits with code 1", async () => {
  const err =
    "Nothing is stored under CS-0000-0000, so nothing was done.\nIt may have been erased, or deleted on schedule. `list NAME` finds by name, company or address.\n";
  for (const word of ["show", "approve", "close", "resend", "export", "erase"]) {
    const result = { word, ...(await inquiries(word, "CS-0000-0000")) };
    expect(result).toEqual({ word, code: 1, out: "", err });
  }
});

test("show quotes the message, so that no line of it looks like one of ours", async () => {
  const reference = await seed({ message: "Hello\n\nStaff page        https://evil.example" });
  const { out } = await inquiries("show", reference);
  expect(out).toMatch(/\n\n> Hello\n>\n> Staff page {8}https:\/\/evil\.example\n$/);
  expect(out.match(/^Staff page/gm)).toHaveLength(1);
});

test("close closes several inquiries, or none if one is not stored", async () => {
  const first = await seed({ message: "one", quarantineReason: "markup" });
  const second = await seed({ message: "two" });
  const third = await seed({ message: "three" });
  await click(store, third, "answered");
  expect(await inquiries("close", first, second, "CS-0000-0000")).toMatchObject({ code: 1 });
  expect((await find(first))?.handling.progress).toBe("open");
  const closed = `${first} is closed.\n${second} is closed.\n`;
  expect(await inquiries("close", first, second)).toEqual({ code: 0, out: closed, err: "" });
  const out = `${first} is already closed without an answer.\n${third} is already answered.\n`;
  expect(await inquiries("close", first, third)).toEqual({ code: 1, out, err: "" });
});

test("close says what is true if a reference is given twice", async () => {
  const reference = await seed();
  const out = `${reference} is closed.\n`;
  const typed = reference.toLowerCase();
  expect(await inquiries("close", reference, typed)).toEqual({ code: 0, out, err: "" });
});

test("a quarantined inquiry is approved once; only a sent one is resent", async () => {
  const reference = await seed({ quarantineReason: "markup", dueInHours: -5 });
  const done = async (word: string) => (await inquiries(word, reference)).out;
  expect(await done("approve")).toBe(`${reference} is approved and is sent within a minute.\n`);
  const approved = await find(reference);
  expect(approved).toMatchObject({ delivery: { state: "pending", attempts: 0 } });
  expect(Number(approved?.handling.answerBy)).toBeGreaterThan(tuesday.getTime());
  for (const [word, only] of [
    ["approve", "a quarantined inquiry can be approved"],
    ["resend", "a sent inquiry can be sent again"],
  ] as const) {
    const err = `${reference} is pending; only ${only}.\n`;
    expect(await inquiries(word, reference)).toEqual({ code: 1, out: "", err });
  }
  const claim = await store.claimDue("test", tuesday, 60_000);
  if (claim) await store.settle(claim, { sentAt: tuesday });
  expect(await done("show")).not.toContain("Sent again");
  now = new Date(tuesday.getTime() + 60_000);
  expect(await done("resend")).toBe(`${reference} is sent again within a minute.\n`);
  expect(await done("show")).toMatch(/^Sent again {8}\w{3} \d/m);
  expect(await find(reference)).toMatchObject({ delivery: { state: "pending", attempts: 0 } });
});

describe("backup", () => {
  afterEach(() => rm(`${dir}-backups`, { recursive: true, force: true }));

  test("writes a file that only its owner can read, and overwrites none", async () => {
    await seed();
    const file = path.join(dir, "now.db");
    expect((await inquiries("backup", file)).out).toContain("holds the store as it is now");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const err = `${file} exists already and was not changed.\n`;
    expect(await inquiries("backup", file)).toEqual({ code: 1, out: "", err });
  });

  test("is counted by state, and not changed", async () => {
    await seed();
    const file = path.join(dir, "now.db");
    await inquiries("backup", file);
    const before = await readFile(file);
    const out = "     1  pending, the last of Tue 24 Nov 2026, 14:33\n";
    expect(await inquiries("counts", file)).toEqual({ code: 0, out, err: "" });
    expect((await readFile(file)).equals(before)).toBe(true);
    expect((await inquiries("counts", path.join(dir, "none.db"))).code).toBe(1);
  });

  test("each night deletes what is a week old, even if it then fails", async () => {
    const backups = `${dir}-backups`;
    const nightOfLastWeek = new Date(now.getTime() - 7 * 86_400_000 + 60_000);
    await mkdir(backups);
    const old = [path.join(backups, "before-3.db"), path.join(backups, "2026-11-17-033000.db")];
    const kept = [path.join(backups, "erased-references.txt"), path.join(dir, "inquiries.db")];
    for (const file of [...old, ...kept]) {
      await writeFile(file, "", { flag: "a" });
      await utimes(file, nightOfLastWeek, nightOfLastWeek);
    }
    await store.close();
    await writeFile(path.join(dir, "inquiries.db"), "damaged");
    expect((await inquiries("backup")).code).toBe(1);
    expect([...old, ...kept].map((file) => existsSync(file))).toEqual([false, false, true, true]);
  });

  test("each night makes a copy, and BACKUP_TO takes it elsewhere", async () => {
    await seed();
    await writeFile(path.join(dir, "erased-references.txt"), "CS-7F3K-9QXM\n");
    const elsewhere = path.join(dir, "elsewhere");
    await mkdir(elsewhere);
    const call = (BACKUP_TO: string) =>
      callCommand(command, ["backup"], { DATA_DIR: dir, BACKUP_TO }, now);
    expect(await call(`cp * ${elsewhere}`)).toMatchObject({ code: 0 });
    const names = ["2026-11-24-133300.db", "erased-references.txt"];
    expect((await readdir(elsewhere)).sort()).toEqual(names);
    now = new Date(now.getTime() + 1_000);
    const unsent = "BACKUP_TO failed (exit code 1), so this backup is only on this machine.\n";
    expect(await call("false")).toEqual({ code: 1, out: "", err: unsent });
  });

  test("of a damaged store is an error, and leaves no copy", async () => {
    for (let index = 0; index < 30; index += 1)
      await seed({ message: String(index).padEnd(4_000) });
    await store.close();
    const file = path.join(dir, "inquiries.db");
    const content = await readFile(file);
    await writeFile(file, content.fill(255, content.length - 8_192));
    const err = expect.stringContaining("damaged") as string;
    expect(await inquiries("backup", path.join(dir, "now.db"))).toEqual({ code: 1, out: "", err });
    expect((await readdir(dir)).filter((name) => name.startsWith("now"))).toEqual([]);
  });
});

test("an argument too many is named", async () => {
  expect(await callCommand(readers, ["2026-11", "2026-12"], {})).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^"2026-12" is an argument too many\./) as string,
  });
});

test("without nginx there are no figures about readers", async () => {
  expect(await callCommand(readers, [path.join(dir, "readers.log")], {})).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^There are no figures: /) as string,
  });
});

test("export prints all inquiries, one a line or as a table", async () => {
  await seed({ message: 'first, with "quotes"' });
  await seed({ message: "=1+1" });
  const { out } = await inquiries("export");
  const lines = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { answers: object });
  expect(lines.map(({ answers }) => answers)).toEqual([
    expect.objectContaining({ message: "=1+1" }),
    expect.objectContaining({ message: 'first, with "quotes"' }),
  ]);
  const [header = "", ...rows] = (await inquiries("export", "--csv")).out.trimEnd().split("\n");
  expect(header).toMatch(/^reference,/);
  expect(rows).toEqual([
    expect.stringContaining(",'=1+1"),
    expect.stringContaining(',"first, with ""quotes"""'),
  ]);
});

test("export prints a person or an inquiry as JSON, without tokens", async () => {
  const ann = await seed({ name: "Ann", email: "A@fjord.example" });
  const bob = await seed({ name: "Bob", email: "b@fjord.example" });
  const shown = Object.fromEntries(readableAnswers(answers).map(({ name, text }) => [name, text]));
  for (const [typed, name, email] of [
    ["a@fjord.example", "Ann", "A@fjord.example"],
    [bob, "Bob", "b@fjord.example"],
  ] as const) {
    const { out } = await inquiries("export", typed);
    for (const reference of [ann, bob]) expect(out).not.toContain((await find(reference))?.token);
    const exported = JSON.parse(out) as { answers: object }[];
    expect(exported.map(({ answers }) => answers)).toEqual([{ ...shown, name, email }]);
  }
});

describe("export and erase find an address", () => {
  const reference = (email: string) => seed({ email, message: email });

  test("as people type it", async () => {
    const found = await reference("Søren+work@fjørd.example");
    const ascii = domainToASCII("fjørd.example");
    for (const typed of ["  SØREN+Work@Fjørd.Example \n", `søren+work@${ascii}`]) {
      const { code, out, err } = await inquiries("export", typed);
      const references = out.match(/CS-....-..../g);
      expect([typed, code, err, references]).toEqual([typed, 0, "", [found]]);
      expect((await inquiries("erase", typed)).out).toContain(found);
    }
  });

  test("and name what the same mailbox wrote under other spellings", async () => {
    const found = await reference("b.carter@gmail.com");
    const other = await reference("BCarter+csc@googlemail.com");
    for (const [command = "", ...words] of [["export"], ["erase", "--yes"]]) {
      const { out, err } = await inquiries(command, "B.CARTER@gmail.com", ...words);
      expect(out).toContain(found);
      expect(out).not.toContain(other);
      expect(err).toBe(
        `Not included: ${other} from BCarter+csc@googlemail.com. The mailbox is the same: if the person is too, use the reference.\n`,
      );
    }
    expect([await find(found), await find(other)]).toEqual([undefined, expect.anything()]);
  });
});

describe("erase", () => {
  test("without --yes lists what it would delete, and deletes nothing", async () => {
    const reference = await seed({ email: "priya@fjord.example" });
    const { code, out } = await inquiries("erase", reference);
    expect(code).toBe(1);
    const sender = `${answers["name"]}  ${answers["company"]}`;
    expect(out).toMatch(new RegExp(`^${reference} {2}pending.*  ${sender}\\nNothing was deleted`));
    expect(await find(reference)).toBeDefined();
    expect((await inquiries("erase", "nobody@fjord.example", "--yes")).code).toBe(1);
  });

  test("leaves nothing in any file, also after a backup was restored", async () => {
    const words = "a very particular sentence";
    const reference = await seed({ email: "Priya@Fjord.example", message: words });
    const backup = path.join(dir, "backup.db");
    expect((await inquiries("backup", backup)).code).toBe(0);
    const { out } = await inquiries("erase", "priya@fjord.example", "--yes");
    expect(out).toMatch(new RegExp(`^${reference} .*\nDeleted .*Search your mailboxes`));
    expect(filesWith(dir, words)).toEqual(["backup.db"]);

    await store.close();
    await copyFile(backup, path.join(dir, "inquiries.db"));
    await rm(backup);
    expect((await inquiries("list")).out).toBe("none\n");
    expect(filesWith(dir, words)).toEqual([]);
  });

  test("removes what an erasure that was killed left in the files", async () => {
    const words = "a very particular sentence";
    await seed({ email: "priya@fjord.example", message: words });
    const killed = new DatabaseSync(path.join(dir, "inquiries.db"));
    killed.exec("PRAGMA secure_delete = 1; DELETE FROM inquiries");
    killed.exec("INSERT INTO events VALUES ('cleaning owed', 1)");
    expect(filesWith(dir, words)).toEqual(["inquiries.db-wal"]);
    const { err } = await inquiries("erase", "priya@fjord.example", "--yes");
    killed.close();
    expect(err).toMatch(/^Nothing is stored under priya@fjord\.example,/);
    expect(filesWith(dir, words)).toEqual([]);
  });

  test("says so if another process keeps the text in the files", async () => {
    const reference = await seed();
    const reader = new DatabaseSync(path.join(dir, "inquiries.db"), { readOnly: true });
    reader.exec("BEGIN; SELECT * FROM inquiries");
    const { code, out } = await inquiries("erase", reference, "--yes");
    reader.close();
    expect(code).toBe(1);
    expect(out).toMatch(/\nDeleted from the store\.[^]*hold the text until the next purge\.\n$/);
    expect(await find(reference)).toBeUndefined();
  });
});

describe("seed", () => {
  const run = (env = {}) => callCommand(seedCommand, [], { DATA_DIR: dir, ...env }, tuesday);

  test("fills an empty store with twelve inquiries, and prints their pages", async () => {
    const { code, out, err } = await run();
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const inquiries = await store.list();
    expect(inquiries).toHaveLength(12);
    for (const { reference, token, answers } of inquiries) {
      expect(out).toContain(`http://localhost:3000/contact/received?ref=${reference}\n`);
      expect(out).toContain(`http://localhost:3000/staff/${token}\n`);
      expect(answers.email).toMatch(/\.example$/);
    }
  });

  test("makes inquiries of every state and progress", async () => {
    await run();
    const inquiries = await store.list();
    const has = (all: unknown[]) => new Set(all);
    expect(has(inquiries.map(({ delivery }) => delivery.state))).toEqual(has([...states]));
    expect(has(inquiries.map(({ handling }) => handling.progress))).toEqual(
      has(progressRows.map(([progress]) => progress)),
    );
    const { overdue, refused, unlisted } = await store.summary(tuesday);
    expect(overdue.total).toBeGreaterThan(1);
    expect(refused).toBeDefined();
    expect(unlisted).toBe(1);
    expect(inquiries.map(({ confirmation }) => confirmation)).toContain("refused");
  });

  test("leaves a store alone that has an inquiry", async () => {
    await store.accept(answers, plain, tuesday);
    const err = "The store has inquiries: set DATA_DIR to an empty folder.\n";
    expect(await run()).toEqual({ code: 1, out: "", err });
    expect(await store.list()).toHaveLength(1);
  });

  test("refuses production", async () => {
    expect(await run(productionEnv)).toMatchObject({ code: 1, out: "" });
    expect(await store.list()).toHaveLength(0);
  });
});
