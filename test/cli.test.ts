// The commands of staff on a real store. Some run as real processes, for the exit code and both outputs.

import { execFile } from "node:child_process";
import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { execPath } from "node:process";
import { DatabaseSync } from "node:sqlite";
import { domainToASCII } from "node:url";
import { readableAnswers } from "../src/inquiries/answers.ts";
import { shortDateTime } from "../src/calendar.ts";
import { inquiries as command } from "../src/cli/inquiries.ts";
import { callCommand, runCommand } from "./support/command.ts";
import { memory } from "./support/memory.ts";
import { temporaryFolder } from "./support/site.ts";
import { answers, openStore, plain } from "./support/store.ts";

const hourMs = 3_600_000;

let dir: string;
let remove: () => Promise<void>;
let store: Awaited<ReturnType<typeof openStore>>;
beforeEach(async () => {
  ({ dir, remove } = await temporaryFolder(memory));
  store = await openStore(dir);
});
afterEach(async () => {
  await store.close();
  await remove();
});

const inquiries = (...args: string[]) => callCommand(command, args, { DATA_DIR: dir });
const process = (...args: string[]) => runCommand("inquiries", args, { DATA_DIR: dir });

type Seed = { quarantineReason?: string; dueInHours?: number } & Partial<
  Record<"name" | "email" | "message", string>
>;

/** Stores an inquiry. It is to be taken in so many hours, and answered an hour later. */
async function seed({ quarantineReason = "", dueInHours = 24, ...change }: Seed = {}) {
  const takeBy = new Date(Date.now() + dueInHours * hourMs);
  const deadlines = {
    takeBy,
    answerBy: new Date(takeBy.getTime() + hourMs),
    promisedBy: undefined,
  };
  const submission = { ...plain, quarantineReason, deadlines };
  const { inquiry } = await store.accept({ ...answers, ...change }, submission, new Date());
  return inquiry.reference;
}
const find = (reference: string) => store.find({ reference });

test("a command in a folder without a store says so and creates nothing", async () => {
  const none = await temporaryFolder(memory);
  const { code, err } = await callCommand(command, ["list"], { DATA_DIR: none.dir });
  expect(code).toBe(1);
  expect(err).toMatch(/does not exist, or this user may not see it, .*DATA_DIR/);
  expect(await readdir(none.dir)).toEqual([]);
  await none.remove();
});

test("wrong arguments exit with code 2 and print what is expected", async () => {
  const calls: [string[], string][] = [
    [["frobnicate"], '"frobnicate" is not a command'],
    [["constructor"], '"constructor" is not a command'],
    [["--bogus"], "Unknown option '--bogus'"],
    [["list", "lost"], '"lost" is not a state; use one of pending, quarantined, sent, overdue'],
    [["list", "quarantine"], '"quarantine" is not a state, did you mean "quarantined"?'],
    [["list", "--yes"], "expected: list [STATE]"],
    [["show", "nobody"], '"nobody" is no email address and no reference like'],
    [["show"], "expected: show REFERENCE"],
    [["show", "CS-0000-0000", "CS-0000-0001"], "expected: show REFERENCE"],
    [["progress", "CS-0000-0000", "done"], "expected one of taken, answered, closed, open"],
    [["export"], "expected an address, a reference or --all"],
    [["export", ""], "expected: export [ADDRESS|REFERENCE]"], // a variable that is not set
    [["export", "a@b.dk", "--all"], "expected an address, a reference or --all"],
    [["erase", "--yes"], "expected: erase ADDRESS|REFERENCE"],
    [["erase", "--all"], "expected: erase ADDRESS|REFERENCE"],
    [["backup"], "expected: backup FILE"],
    [["retry", "CS-0000-0000"], "expected: retry"],
  ];
  const results = [];
  for (const [args] of calls) results.push({ args, ...(await inquiries(...args)) });
  expect(results).toEqual(
    calls.map(([args, message]) => {
      return { args, code: 2, out: "", err: expect.stringContaining(message) as string };
    }),
  );
});

describe("the output", () => {
  test("that cannot be written, or that nobody reads, is exit code 1", async () => {
    const shell = (script: string) =>
      new Promise<string>((resolve) => {
        const options = { cwd: path.join(import.meta.dirname, ".."), env: { DATA_DIR: dir } };
        execFile("sh", ["-c", script, execPath], options, (_error, _out, err) => resolve(err));
      });
    const [full, closed] = await Promise.all([
      shell('"$0" src/cli/inquiries.ts list >/dev/full; echo "exit code $?" >&2'),
      shell('{ "$0" src/cli/inquiries.ts list; echo "exit code $?" >&2; } | true'),
    ]);
    expect(full).toBe("The disk is full: free some space.\nexit code 1\n");
    expect(closed).toBe("exit code 1\n");
  });

  test("into a pipe is complete, however long it is", async () => {
    for (let index = 0; index < 20; index += 1)
      await seed({ email: "long@fjord.example", message: String(index).padEnd(20_000, "x") });
    const { code, out } = await process("export", "long@fjord.example");
    const { length } = JSON.parse(out) as unknown[];
    expect({ code, length }).toEqual({ code: 0, length: 20 });
  });

  test("has no control characters of a visitor or in an argument", async () => {
    const reference = await seed({ name: "\u001b[2J\u009b31mAnn\r", message: "a\n\tb\u0007" });
    const { out } = await process("show", reference);
    const { err } = await process("show", "\u001b[2J");
    expect(out + err).not.toMatch(/[^\P{Cc}\t\n]/u);
    expect(out).toContain("\ufffd[2J\ufffd31mAnn\ufffd");
    expect(out).toContain("a\n\tb\ufffd");
  });
});

test("list prints the newest first, or those of one state", async () => {
  const first = await seed({ message: "one" });
  const second = await seed({ message: "two", quarantineReason: "many links" });
  const listed = async (...args: string[]) => (await inquiries("list", ...args)).out;
  expect((await listed()).match(/CS-\S+/g)).toEqual([second, first]);
  expect((await listed("quarantined")).match(/CS-\S+/g)).toEqual([second]);
  expect(await listed("sent")).toBe("none\n");
});

test.each([
  ["open", 5, "due", "take_by"],
  ["open", -5, "overdue since", "take_by"],
  ["taken", 5, "taken", "progress_at"],
  ["taken", -5, "overdue since", "answer_by"],
  ["answered", -5, "answered", "progress_at"],
  ["closed", -5, "closed", "progress_at"],
] as const)(
  "list shows %s with a deadline in %d hours as %s",
  async (progress, dueInHours, words, column) => {
    const reference = await seed({ dueInHours });
    await store.setProgress(reference, progress, new Date());
    const time = new Date((await find(reference))?.[column] ?? Number.NaN);
    const { out } = await inquiries("list");
    expect(out).toContain(`  ${words} ${shortDateTime(time, "Europe/Copenhagen")}  `);
    const isOverdue = words === "overdue since";
    expect((await inquiries("list", "overdue")).out.includes(reference)).toBe(isOverdue);
  },
);

test("show accepts a reference as people spell it, and prints the answers and why the inquiry was quarantined", async () => {
  const reference = await seed({ quarantineReason: "many links" });
  const spelled = reference.slice("CS-".length).toLowerCase().replaceAll("0", "o");
  const { out } = await inquiries("show", spelled);
  expect(out).toMatch(/^Quarantined +many links$/m);
  expect(out).toMatch(/^Received +\w{3} \d+ \w{3} \d{4}, \d\d:\d\d Copenhagen$/m);
  expect(out).toMatch(/^Kind of help +Engineers to join our team$/m);
  expect(out).toContain(answers["message"]);
  expect(out).not.toMatch(/ $/m); // no label without a value
});

test("a reference that is not stored exits with code 1", async () => {
  for (const args of [["show"], ["release"], ["export"], ["erase"], ["progress"]]) {
    const progress = args[0] === "progress" ? ["taken"] : [];
    const { code, err } = await inquiries(...args, "CS-0000-0000", ...progress);
    expect({ args, code, err }).toEqual({
      args,
      code: 1,
      err: "Nothing is stored under CS-0000-0000.\nIt may have been deleted on schedule.\n",
    });
  }
});

test("progress sets each value, says if nothing changed, and hides no earlier answer", async () => {
  const reference = await seed();
  for (const progress of ["taken", "answered", "open", "closed", "open", "answered"]) {
    const { out } = await inquiries("progress", reference.toLowerCase(), progress);
    expect(out).toBe(`${reference}: ${progress}.\n`);
    expect(await find(reference)).toMatchObject({ progress, progress_at: expect.any(Number) });
  }
  const since = / since \w{3} \d+ \w{3} \d{4}, \d\d:\d\d Copenhagen/.source;
  const { code, out } = await inquiries("progress", reference, "answered");
  expect([code, out]).toEqual([
    0,
    expect.stringMatching(new RegExp(`^${reference}: answered already${since}\\.\n$`)),
  ]);
  for (const progress of ["taken", "closed"]) {
    const refused = await inquiries("progress", reference, progress);
    expect([refused.code, refused.err]).toEqual([
      1,
      expect.stringMatching(
        new RegExp(
          `${reference} is answered${since}, and was not changed: it can only be set to open`,
        ),
      ),
    ]);
  }
  expect(await find(reference)).toMatchObject({ progress: "answered" });
});

test("a quarantined inquiry can be closed and reopened, and has to be released to be answered", async () => {
  const reference = await seed({ quarantineReason: "many links" });
  expect(await inquiries("progress", reference, "answered")).toMatchObject({
    code: 1,
    err: `${reference} is quarantined and open, and was not changed: it can only be set to closed.\n`,
  });
  for (const progress of ["closed", "open"])
    expect(await inquiries("progress", reference, progress)).toMatchObject({ code: 0 });
});

test("a quarantined inquiry can be released once, with new deadlines", async () => {
  const reference = await seed({ quarantineReason: "many links", dueInHours: -5 });
  expect((await inquiries("release", reference)).out).toContain(`${reference} is released`);
  const released = await find(reference);
  expect(released).toMatchObject({ state: "pending", attempts: 0 });
  expect(released?.take_by).toBeGreaterThan(Date.now());
  expect(await inquiries("release", reference)).toMatchObject({
    code: 1,
    err: `${reference} is pending; only a quarantined inquiry can be released.\n`,
  });
});

test("close-listed closes what the quarantine mail has listed, and nothing that it has not", async () => {
  const listed = await seed({ message: "listed", quarantineReason: "many links" });
  const row = await find(listed);
  await store.recordListed(row ? [row] : [], new Date());
  const later = await seed({ message: "later", quarantineReason: "many links" });
  expect((await inquiries("close-listed")).out).toBe(`closed: ${listed}\n`);
  expect(await find(listed)).toMatchObject({ state: "quarantined", progress: "closed" });
  expect(await find(later)).toMatchObject({ progress: "open" });
  expect((await inquiries("close-listed")).out).toBe("no mail has listed any\n");
});

test("retry makes an inquiry due whose next attempt was later", async () => {
  const reference = await seed();
  const claim = await store.claimDue("test", new Date(), 60_000);
  if (!claim) throw new Error("it was not due");
  const dueAt = new Date(Date.now() + hourMs);
  await store.settle(claim, { dueAt, failure: { kind: "temporary", reason: "451 later" } });
  expect((await inquiries("retry")).out).toMatch(
    /^1 pending; the site tries again within a minute/,
  );
  expect((await find(reference))?.due_at).toBeLessThanOrEqual(Date.now());
});

test("export prints a person, an inquiry or everything as JSON, without tokens", async () => {
  const ann = await seed({ name: "Ann", email: "A@fjord.example" });
  const bob = await seed({ name: "Bob", email: "b@fjørd.example" });
  const exported = async (argument: string) => {
    const { out } = await inquiries("export", argument);
    for (const reference of [ann, bob]) expect(out).not.toContain((await find(reference))?.token);
    return (JSON.parse(out) as { answers: object }[]).map((inquiry) => inquiry.answers);
  };
  const shown = Object.fromEntries(readableAnswers(answers).map(({ name, text }) => [name, text]));
  const [annsAnswers, bobsAnswers] = [
    { ...shown, name: "Ann", email: "A@fjord.example" },
    { ...shown, name: "Bob", email: "b@fjørd.example" },
  ];
  expect(await exported("a@FJORD.example")).toEqual([annsAnswers]);
  expect(await exported(bob)).toEqual([bobsAnswers]);
  expect(await exported(`b@${domainToASCII("fjørd.example")}`)).toEqual([bobsAnswers]);
  expect(await exported("--all")).toEqual([bobsAnswers, annsAnswers]);
});

describe("export and erase find an address", () => {
  const reference = async (email: string) => {
    const found = await seed({ email, message: email });
    return { found, line: `${found}  received ${timeOf(await find(found))} Copenhagen  ${email}` };
  };
  const timeOf = (inquiry?: { received_at: number }) =>
    shortDateTime(new Date(inquiry?.received_at ?? Number.NaN), "Europe/Copenhagen");
  const advice =
    "These similar addresses are not included. To include one, repeat the command with it:";

  test.each([
    "søren+work@fjørd.example",
    "  SØREN+Work@Fjørd.Example \n",
    "Øst, Søren <søren+work@fjørd.example>;",
    '"soren@old.example" <søren+work@fjørd.example>',
    "søren+work@fjørd.example [mailto:søren+work@fjørd.example]",
    "mailto:s%C3%B8ren%2Bwork@fj%C3%B8rd.example?subject=Re%3A%20a@b.dk",
    "(søren+work @ fjørd.example).",
    "søren+work@fjørd.example,",
    "søren+work\u200b@fjørd.example",
    `søren+work@${domainToASCII("fjørd.example")}`,
  ])("pasted as %j", async (pasted) => {
    const { found } = await reference("Søren+work@fjørd.example");
    const { code, out, err } = await inquiries("export", pasted);
    expect({ code, err, references: out.match(/CS-....-..../g) }).toEqual({
      code: 0,
      err: "",
      references: [found],
    });
    expect((await inquiries("erase", pasted)).out).toContain(found);
  });

  test("and on a miss list similar ones on the terminal, the nearest first", async () => {
    const tagged = await reference("anna.vestergaard+work@nordlys.example");
    const first = await reference("Anna@nordlys.example");
    const typo = await reference("anna.vestergard@nordlyss.example");
    const elsewhere = await reference("anna.vestergaard@mail.nordlys.test");
    for (const other of ["hanna@nordlys.example", "anna@fjord.example", "eve@advert.example"])
      await reference(other);
    const miss = await process("export", "Anna <anna.vestergaard@nordlys.example>");
    expect({ ...miss, err: miss.err.split("\n") }).toEqual({
      code: 1,
      out: "",
      err: [
        "Nothing is stored under anna.vestergaard@nordlys.example.",
        advice,
        tagged.line,
        typo.line,
        elsewhere.line,
        first.line,
        "",
      ],
    });
    const typed = await reference("mads@gmial.com");
    const { err } = await inquiries("erase", "mads@gmail.com", "--yes");
    expect(err).toBe(`Nothing is stored under mads@gmail.com.\n${advice}\n${typed.line}\n`);
    expect(await find(typed.found)).toBeDefined();
    expect(await inquiries("export", "nobody@else.example")).toEqual({
      code: 1,
      out: "",
      err: "Nothing is stored under nobody@else.example.\nIt may have been deleted on schedule.\n",
    });
  });

  test("and list at most ten similar ones", async () => {
    for (let index = 0; index < 12; index += 1) await reference(`anna+${index}@nordlys.example`);
    const { err } = await inquiries("export", "anna@nordlys.example");
    expect(err.match(/\bCS-/g)).toHaveLength(10);
  });

  test("and list similar ones beside those that they find", async () => {
    const { found } = await reference("anna@nordlys.example");
    const tagged = await reference("anna+work@nordlys.example");
    const { code, out, err } = await inquiries("export", "anna@nordlys.example");
    expect({ code, err }).toEqual({ code: 0, err: `${advice}\n${tagged.line}\n` });
    expect(JSON.parse(out)).toMatchObject([{ reference: found }]);
  });
});

describe("erase", () => {
  /** The names of the files in the data folder that contain a text. */
  async function filesWith(text: string): Promise<string[]> {
    const entries = await readdir(dir, { recursive: true, withFileTypes: true });
    const names = entries
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));
    const contents = await Promise.all(names.map((name) => readFile(name)));
    return names.filter((_name, index) => contents[index]?.includes(text));
  }

  test("without --yes lists what it would delete, and deletes nothing", async () => {
    const reference = await seed({ email: "priya@fjord.example" });
    const { code, out } = await inquiries("erase", reference);
    expect(code).toBe(1);
    const sender = `${answers["name"]}  ${answers["company"]}`;
    expect(out).toMatch(new RegExp(`^${reference} {2}pending.*  ${sender}\\nNothing was deleted`));
    expect(await find(reference)).toBeDefined();
    expect((await inquiries("erase", "nobody@fjord.example", "--yes")).code).toBe(1);
  });

  test("leaves nothing of the person in any file, also after a backup was restored", async () => {
    const words = "a very particular sentence";
    const reference = await seed({ email: "Priya@Fjord.example", message: words });
    const mail = path.join(dir, "mail", `${reference}.eml`);
    await mkdir(path.dirname(mail));
    await writeFile(mail, words);
    const backup = path.join(dir, "backup.db");
    expect((await inquiries("backup", backup)).code).toBe(0);
    await inquiries("erase", "priya@fjord.example", "--yes");
    expect(await filesWith(words)).toEqual([backup]);

    await store.close();
    await copyFile(backup, path.join(dir, "inquiries.db"));
    await rm(backup);
    expect((await inquiries("list")).out).toBe("none\n");
    expect(await filesWith(words)).toEqual([]);
  });

  test("names the mails that hold the text, and no other", async () => {
    const [monday, tuesday, thursday] = [30, 31, 33].map(
      (day) => new Date(Date.UTC(2026, 10, day, 9)),
    ) as [Date, Date, Date];
    const deadlines = { takeBy: tuesday, answerBy: tuesday, promisedBy: undefined };
    const accept = async (message: string, quarantineReason: string) => {
      const submission = { ...plain, quarantineReason, deadlines };
      const { inquiry } = await store.accept({ ...answers, message }, submission, monday);
      return inquiry.reference;
    };
    const send = async (sentAt: Date) => {
      const claim = await store.claimDue("test", sentAt, 60_000);
      if (claim) await store.settle(claim, { sentAt });
    };
    const sent = await accept("sent", "");
    await send(monday);
    await store.setProgress(sent, "answered", thursday);
    const quick = await accept("answered on the day it was sent", "");
    await send(monday);
    await store.setProgress(quick, "answered", monday);
    const [listed, released] = [await accept("listed", "links"), await accept("released", "links")];
    await store.recordListed(await store.list({ state: "quarantined" }), tuesday);
    await store.release(released, { ...deadlines, takeBy: thursday }, tuesday);
    await send(tuesday);
    await store.setProgress(released, "closed", thursday);
    const unlisted = await accept("not listed", "links");
    const pending = await accept("not tried", "");
    await store.setProgress(pending, "closed", monday);

    const { out } = await inquiries("erase", answers["email"] ?? "", "--yes");
    const mailOf = (reference: string) =>
      `${reference}  the mail <${reference.toLowerCase()}@cleansystems.example>`;
    const lines = out.split("\n").slice(8, -2);
    expect(lines.sort()).toEqual(
      [
        mailOf(sent),
        `${sent}  the digests of Tuesday 1 December to Thursday 3 December`,
        mailOf(quick),
        `${listed}  the quarantine mail of Tuesday 1 December`,
        mailOf(released),
        `${released}  the quarantine mail of Monday 30 November to Tuesday 1 December`,
        `${released}  the digests of Thursday 3 December`,
      ].sort(),
    );
    expect(out.match(new RegExp(`${unlisted}|${pending}`, "g"))).toHaveLength(2);
  });

  test("deletes the files of the daily mails since the inquiry was received", async () => {
    const reference = await seed();
    const day = new Date().toISOString().slice(0, 10);
    const gone = [`${reference}.eml`, `digest-${day}-0a.eml`, "quarantine-2999-01-01-0a.eml"];
    const others = ["CS-0000-0000.eml", "digest-2026-11-01-0a.eml", "quarantine-2026-11-01-0a.eml"];
    const mailDir = path.join(dir, "mail");
    await mkdir(mailDir);
    for (const name of [...gone, ...others]) await writeFile(path.join(mailDir, name), "");
    await inquiries("erase", reference, "--yes");
    expect((await readdir(mailDir)).sort()).toEqual(others);
  });

  test("says so if another process keeps the text in the files", async () => {
    const reference = await seed();
    const reader = new DatabaseSync(path.join(dir, "inquiries.db"), { readOnly: true });
    reader.exec("BEGIN; SELECT * FROM inquiries");
    const { code, out } = await inquiries("erase", reference, "--yes");
    reader.close();
    expect(code).toBe(1);
    expect(out).toMatch(
      /Deleted from the store\.\n.*files hold the text until the next purge\.\n$/,
    );
    expect(await find(reference)).toBeUndefined();
  });

  test("refuses an inquiry that is being sent, because its mail would be written afterwards", async () => {
    const reference = await seed();
    await store.claimDue("site", new Date(), 60_000);
    const { code, err } = await inquiries("erase", reference, "--yes");
    expect({ code, err }).toEqual({
      code: 1,
      err: expect.stringMatching(/is being sent/) as string,
    });
    expect(await find(reference)).toBeDefined();
  });
});

describe("backup", () => {
  test("writes a file that only its owner can read, and overwrites none", async () => {
    await seed();
    const file = path.join(dir, "now.db");
    expect((await inquiries("backup", file)).out).toContain("holds the store as it is now");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await inquiries("backup", file)).toMatchObject({
      code: 1,
      err: expect.stringContaining("exists already and was not changed") as string,
    });
  });

  test("of a damaged store is an error, and leaves no copy", async () => {
    for (let index = 0; index < 30; index += 1)
      await seed({ message: String(index).padEnd(4_000) });
    await store.close();
    const file = path.join(dir, "inquiries.db");
    const content = await readFile(file);
    await writeFile(file, content.fill(255, content.length - 8_192));
    const { code, err } = await inquiries("backup", path.join(dir, "now.db"));
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining("damaged") as string });
    expect((await readdir(dir)).filter((name) => name.startsWith("now"))).toEqual([]);
  });
});
