// The commands of staff on a real store. Some run as real processes, for the exit code and both outputs.

import { execFile } from "node:child_process";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { execPath } from "node:process";
import { shortDateTime } from "../src/calendar.ts";
import { inquiries as command } from "../src/cli/inquiries.ts";
import { callCommand, runCommand } from "./support/command.ts";
import { memory } from "./support/memory.ts";
import { temporaryFolder } from "./support/site.ts";
import { answers, openStore, seedInquiry, type Seed } from "./support/store.ts";

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

const seed = (changes: Seed = {}) => seedInquiry(store, changes);
const find = (reference: string) => store.find({ reference });

test("a command in a folder without a store says so and creates nothing", async () => {
  const none = await temporaryFolder(memory);
  const { code, err } = await callCommand(command, ["list"], { DATA_DIR: none.dir });
  expect(code).toBe(1);
  expect(err).toMatch(/does not exist, or this user may not see it: .*DATA_DIR/);
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
    [["show", "nobody"], '"nobody" is no reference like'],
    [["show"], "expected: show REFERENCE"],
    [["show", "CS-0000-0000", "CS-0000-0001"], "expected: show REFERENCE"],
    [["export", ""], "expected: export [ADDRESS|REFERENCE]"], // a variable that is not set
    [["export", "a@b.dk", "--yes"], "expected: export [ADDRESS|REFERENCE]"],
    [["erase", "--yes"], "expected: erase ADDRESS|REFERENCE"],
    [["backup"], "expected: backup FILE"],
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
    expect(full).toMatch(/^ENOSPC: .*\nexit code 1\n$/);
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
  ["open", 5, "due", "answer_by"],
  ["open", -5, "overdue since", "answer_by"],
  ["taken", 5, "taken,", "progress_at"],
  ["taken", -5, "overdue since", "answer_by"],
  ["answered", -5, "answered,", "progress_at"],
  ["closed", -5, "closed without an answer,", "progress_at"],
] as const)(
  "list shows %s with a deadline in %d hours as %s",
  async (progress, dueInHours, words, column) => {
    const reference = await seed({ dueInHours });
    await store.setProgress(reference, progress, new Date());
    const time = new Date((await find(reference))?.[column] ?? Number.NaN);
    const { out } = await inquiries("list");
    expect(out).toContain(` ${words} ${shortDateTime(time, "Europe/Copenhagen")}`);
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
  const page = `http://localhost:3000/staff/${(await find(reference))?.token}`;
  expect(out).toMatch(new RegExp(`^Staff page +${page}$`, "m"));
  expect(out).not.toMatch(/ $/m); // no label without a value
});

test("a reference that is not stored exits with code 1", async () => {
  for (const args of [["show"], ["release"], ["resend"], ["export"], ["erase"]]) {
    const { code, err } = await inquiries(...args, "CS-0000-0000");
    expect({ args, code, err }).toEqual({
      args,
      code: 1,
      err: "Nothing is stored under CS-0000-0000.\nIt may have been deleted on schedule.\n",
    });
  }
});

test("list, show and export say who took an inquiry", async () => {
  const reference = await seed({ dueInHours: -5 });
  const at = new Date();
  await store.setProgress(reference, "taken", at, undefined, "MK");
  const time = shortDateTime(at, "Europe/Copenhagen");
  expect((await inquiries("list")).out).toMatch(
    new RegExp(`overdue since .*, taken by MK, ${time}`),
  );
  expect((await inquiries("show", reference)).out).toMatch(/^Progress +taken\nTaken by +MK\n/m);
  expect((await inquiries("export", reference)).out).toContain('"takenBy": "MK"');
});

test("a quarantined inquiry can be released once, with a new deadline", async () => {
  const reference = await seed({ quarantineReason: "many links", dueInHours: -5 });
  expect((await inquiries("release", reference)).out).toContain(`${reference} is released`);
  const released = await find(reference);
  expect(released).toMatchObject({ state: "pending", attempts: 0 });
  expect(released?.answer_by).toBeGreaterThan(Date.now());
  expect(await inquiries("release", reference)).toMatchObject({
    code: 1,
    err: `${reference} is pending; only a quarantined inquiry can be released.\n`,
  });
});

test("resend sends the mail of a sent inquiry again, and of no other", async () => {
  const reference = await seed();
  expect(await inquiries("resend", reference)).toMatchObject({
    code: 1,
    err: `${reference} is pending; only a sent inquiry can be sent again.\n`,
  });
  const claim = await store.claimDue("test", new Date(), 60_000);
  if (!claim) throw new Error("it was not due");
  await store.settle(claim, { sentAt: new Date() });
  const spelled = `${reference.toLowerCase().replaceAll("-", " ")}.`;
  expect(await inquiries("resend", spelled)).toMatchObject({
    code: 0,
    out: `${reference} is sent again within a minute.\n`,
  });
  expect(await store.claimDue("test", new Date(), 60_000)).toMatchObject({
    reference,
    attempts: 1,
  });
});

test("articles prints how many inquiries each article has brought in each month", async () => {
  expect((await inquiries("articles")).out).toBe("none yet\n");
  await seed();
  const claim = await store.claimDue("test", new Date(), 60_000);
  if (!claim) throw new Error("it was not due");
  await store.settle(claim, { sentAt: new Date("2026-11-30T23:30:00Z") });
  expect((await inquiries("articles")).out).toBe("2026-12     1  the contact page\n");
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
