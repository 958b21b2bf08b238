// The commands of staff on a real store. Some run as real processes, for the exit code, both outputs and the certificate authorities.

import { execFile } from "node:child_process";
import { chown, copyFile, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { execPath, getuid } from "node:process";
import { DatabaseSync } from "node:sqlite";
import { doctor as doctorCommand } from "../src/cli/doctor.ts";
import { inquiries as command } from "../src/cli/inquiries.ts";
import { openStore } from "../src/inquiries/store/store.ts";
import { memory } from "./support/memory.ts";
import { articleFile, articlesFolder } from "./support/articles.ts";
import { callCommand, runCommand } from "./support/command.ts";
import { describeWith } from "./support/needs.ts";
import { certificateFile, refusal, startSmtpPeer } from "./support/smtp-peer.ts";
import { filledForm, temporaryFolder } from "./support/site.ts";

const { leave_empty: _trap, ...answers } = filledForm;

let articles: Awaited<ReturnType<typeof articlesFolder>>;
beforeAll(async () => {
  articles = await articlesFolder({ "a.md": articleFile() }); // doctor reads every article
});
afterAll(() => articles.remove());

let dir: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ dir, remove } = await temporaryFolder(memory));
});
afterEach(() => remove());

type Settings = Record<string, string>;
const process = (script: string, args: string[], env: Settings = {}) =>
  runCommand(script, args, { DATA_DIR: dir, ARTICLES_DIR: articles.dir, ...env });
const doctor = (args: string[], env: Settings = {}) =>
  callCommand(doctorCommand, args, { DATA_DIR: dir, ARTICLES_DIR: articles.dir, ...env });
const inquiries = (...args: string[]) => callCommand(command, args, { DATA_DIR: dir });
const deliver = (env: Settings) => callCommand(command, ["deliver"], { DATA_DIR: dir, ...env });

/** Runs commands that change nothing, and returns what each printed. */
const outputs = async (...commands: string[][]) =>
  (await Promise.all(commands.map((args) => inquiries(...args)))).map(({ out }) => out);

/** Puts inquiries into the store and returns their references. */
async function seed(
  ...changes: (Partial<typeof answers> & { quarantineReason?: string })[]
): Promise<string[]> {
  const store = await openStore(path.join(dir, "inquiries.db"), "cleansystems.example");
  const references: string[] = [];
  for (const { quarantineReason = "", ...change } of changes) {
    const submission = { slug: "", title: "", quarantineReason };
    const { inquiry } = await store.inbox.accept({ ...answers, ...change }, submission, new Date());
    references.push(inquiry.reference);
  }
  await store.close();
  return references;
}

test("a command in a folder without a store says so and creates nothing", async () => {
  const { code, err } = await process("inquiries", ["list"]);
  expect(code).toBe(1);
  expect(err).toMatch(
    /does not exist, or this user may not see it, and commands do not create it: .*DATA_DIR/,
  );
  expect(await readdir(dir)).toEqual([]);
});

test("an output that cannot be written, or that nobody reads, is exit code 1", async () => {
  await seed({});
  const shell = (script: string) =>
    new Promise<string>((resolve) => {
      const env = { DATA_DIR: dir, ARTICLES_DIR: articles.dir };
      execFile(
        "sh",
        ["-c", script, execPath],
        { cwd: path.join(import.meta.dirname, ".."), env },
        (_error, _out, err) => resolve(err),
      );
    });
  const [full, closed] = await Promise.all([
    shell('"$0" src/cli/inquiries.ts list >/dev/full; echo "exit code $?" >&2'),
    shell('{ "$0" src/cli/inquiries.ts list; echo "exit code $?" >&2; } | true'),
  ]);
  expect(full).toBe("The disk is full: free some space.\nexit code 1\n");
  expect(closed).toBe("exit code 1\n");
});

test("a command prints all of a long output into a pipe", async () => {
  const email = "long@fjord.example";
  const messages = Array.from({ length: 20 }, (_, index) => String(index).padEnd(20_000, "x"));
  await seed(...messages.map((message) => ({ email, message })));
  const { code, out } = await process("inquiries", ["export", "--email", email]);
  expect({ code, inquiries: (JSON.parse(out) as unknown[]).length }).toEqual({
    code: 0,
    inquiries: 20,
  });
});

test("a command prints no control characters of a visitor or a mail server", async () => {
  const [reference = ""] = await seed({ name: "\u001b[2J\u009b31mAnn\r", message: "a\n\tb\u0007" });
  for (const args of [["show", reference], ["list"], ["show", "\u001b[2J"]]) {
    const { out, err } = await process("inquiries", args);
    expect(out + err).not.toMatch(/[^\P{Cc}\t\n]/u);
  }
  const { out } = await process("inquiries", ["show", reference]);
  expect(out).toContain("\ufffd[2J\ufffd31mAnn\ufffd");
  expect(out).toContain("a\n\tb\ufffd");
});

test("wrong arguments exit with code 2 and print what is expected", async () => {
  await seed({});
  const calls: [string[], string][] = [
    [["frobnicate"], '"frobnicate" is not a command'],
    [["constructor"], '"constructor" is not a command'],
    [["--bogus"], "Unknown option '--bogus'"],
    [["list", "lost"], '"lost" is not a state; the states are pending'],
    [["show", "nonsense"], '"nonsense" is not a reference'],
    [["show"], "a reference is missing"],
    [["show", "CS-0000-0000", "CS-0000-0001"], "unexpected argument"],
    [["export"], "give --email ADDRESS or --ref"],
    [["erase", "--ref", "CS-0000-0000", "--email", "a@b.dk", "--yes"], "not both"],
    [["backup"], "needs the name of a file"],
    [["purge", "--email", "a@b.dk"], "purge is not for one person or inquiry"],
    [["deliver", "CS-0000-0000"], "deliver is not for one person or inquiry"],
  ];
  const results = await Promise.all(
    calls.map(async ([args]) => ({ args, ...(await inquiries(...args)) })),
  );
  expect(results).toEqual(
    calls.map(([args, message]) => ({
      args,
      code: 2,
      out: "",
      err: expect.stringContaining(message),
    })),
  );
});

test("list prints the newest first, those of one state where one is named, and JSON", async () => {
  const [first = "", second = ""] = await seed(
    { message: "one" },
    { message: "two", quarantineReason: "many links" },
  );
  const [all, quarantined, stuck, json = ""] = await outputs(
    ["list"],
    ["list", "quarantined"],
    ["list", "stuck"],
    ["list", "--json"],
  );
  expect(all?.match(/CS-\S+/g)).toEqual([second, first]);
  expect(quarantined?.match(/CS-\S+/g)).toEqual([second]);
  expect(stuck).toBe("none\n");
  expect(JSON.parse(json)).toHaveLength(2);
});

test("show accepts a reference as people spell it, and prints the answers and why the inquiry was quarantined", async () => {
  const [reference = ""] = await seed({ quarantineReason: "many links" });
  const { out } = await inquiries("show", reference.toLowerCase().replaceAll("0", "o"));
  expect(out).toMatch(/^Quarantined +many links$/m);
  expect(out).toMatch(/^Received +\w{3} \d+ \w{3} \d{4}, \d\d:\d\d Copenhagen$/m);
  expect(out).toMatch(/^Kind of help +Engineers to join our team$/m);
  expect(out).toContain(answers.message);
  expect(out).not.toMatch(/ $/m); // no label without a value
});

test("show of a reference that is not stored exits with code 1", async () => {
  await seed({});
  const { code, err } = await inquiries("show", "CS-0000-0000");
  expect(code).toBe(1);
  expect(err).toContain("Nothing is stored under CS-0000-0000");
});

test("an inquiry can be released once, delivered, and resent", async () => {
  const [reference = ""] = await seed({ quarantineReason: "many links" });
  expect((await inquiries("resend", reference)).err).toContain(
    "is quarantined; this command needs one that is sent or stuck",
  );
  expect((await inquiries("release", reference)).out).toContain(`${reference} is released`);
  const again = await inquiries("release", reference);
  expect(again.code).toBe(1);
  expect(again.err).toContain("is pending; this command needs one that is quarantined");
  expect((await inquiries("deliver", "--now")).out).toMatch(/1 sent, 0 failed; nothing is left/);
  expect(await readdir(path.join(dir, "mail"))).toEqual([`${reference}.eml`]);
  expect((await inquiries("resend", reference)).code).toBe(0);
});

test("export --email prints everything of one person, whatever the case of the address", async () => {
  await seed({ name: "Ann", email: "A@fjord.example" }, { email: "b@fjord.example" });
  const { out } = await inquiries("export", "--email", "a@FJORD.example");
  const person = JSON.parse(out) as { answers: object }[];
  const labels = { kind: "Engineers to join our team", start: "Within a month" };
  expect(person.map(({ answers }) => answers)).toEqual([
    { ...answers, ...labels, name: "Ann", email: "A@fjord.example" },
  ]);
});

test("export and erase exit with code 1 where nothing is stored under an address", async () => {
  await seed({});
  expect((await inquiries("export", "--email", "nobody@fjord.example")).code).toBe(1);
  expect((await inquiries("erase", "--email", "nobody@fjord.example", "--yes")).code).toBe(1);
});

test.each([[["--email", ""]], [["b@fjord.example"]]])(
  "export --csv %j does not print everybody's inquiries",
  async (args) => {
    await seed({});
    const { code, out, err } = await inquiries("export", "--csv", ...args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^give --email ADDRESS or --ref REFERENCE/);
  },
);

test("export --csv prints all inquiries or those of one person, and no cell is a formula", async () => {
  const changes = [
    { name: "=HYPERLINK(1)", message: '+1 "quoted"\nline' },
    { email: "b@fjord.example" },
  ];
  const [, reference = ""] = await seed(...changes);
  const one = ["export", "--csv", "--email", "b@fjord.example"];
  const [all, byAddress, byReference] = await outputs(["export", "--csv"], one, [
    "export",
    "--csv",
    "--ref",
    reference,
  ]);
  expect(all).toContain(`"'=HYPERLINK(1)"`);
  expect(all).toContain(`"'+1 ""quoted""\nline"`);
  expect(byAddress).toContain("b@fjord.example");
  expect(byAddress).not.toContain("HYPERLINK");
  expect(byReference).toBe(byAddress);
});

test("erase without a terminal needs --yes, and deletes nothing without it", async () => {
  await seed({ email: "priya@fjord.example" });
  const { code, err } = await process("inquiries", ["erase", "--email", "priya@fjord.example"]);
  expect(code).toBe(2);
  expect(err).toContain("confirm with --yes");
  expect((await inquiries("export", "--email", "priya@fjord.example")).code).toBe(0);
});

describeWith(getuid?.() === 0, "root", "erase as root", () => {
  test("creates no file that the user of the site cannot read", async () => {
    const [reference = ""] = await seed({});
    const [uid, gid] = [65_534, 65_534];
    await chown(dir, uid, gid);
    await chown(path.join(dir, "inquiries.db"), uid, gid);
    expect((await inquiries("erase", "--ref", reference, "--yes")).code).toBe(0);
    for (const name of await readdir(dir))
      expect(await stat(path.join(dir, name))).toMatchObject({ uid, gid });
  });
});

test("erase leaves nothing of the person in any file, also after a backup was restored", async () => {
  const [reference = ""] = await seed({
    email: "Priya@Fjord.example",
    message: "a very particular sentence",
  });
  await inquiries("deliver");
  const backup = path.join(dir, "backup.db");
  expect((await inquiries("backup", backup)).code).toBe(0);
  const { out } = await inquiries("erase", "--email", "priya@fjord.example", "--yes");
  expect(out).toContain(`<${reference.toLowerCase()}@cleansystems.example>`);

  const store = path.join(dir, "inquiries.db");
  await copyFile(backup, store);
  await rm(backup);
  expect((await readFile(store)).includes("very particular")).toBe(true);
  expect((await inquiries("list")).out).toBe("none\n");
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  for (const { name, parentPath } of entries.filter((entry) => entry.isFile()))
    expect({
      name,
      found: (await readFile(path.join(parentPath, name))).includes("very particular"),
    }).toEqual({ name, found: false });
});

test("erase removes the mail files also while another process keeps reading the store, and purge removes the text afterwards", async () => {
  const [reference = ""] = await seed({ message: "a very particular sentence" });
  await inquiries("deliver");
  const file = path.join(dir, "inquiries.db");
  const reader = new DatabaseSync(file, { readOnly: true });
  reader.exec("BEGIN; SELECT * FROM inquiries");
  const { code, out, err } = await inquiries("erase", "--ref", reference, "--yes");
  reader.close();
  expect(code).toBe(1);
  expect(err).toMatch(/^Deleted, but .*run purge later/);
  expect(out).toContain(`<${reference.toLowerCase()}@cleansystems.example>`);
  expect(await readdir(path.join(dir, "mail"))).toEqual([]);
  expect((await inquiries("purge")).out).toBe("nothing is past its retention\n");
  expect((await readFile(file)).includes("very particular")).toBe(false);
});

test("a backup of a store that is damaged is reported", async () => {
  await seed(...Array.from({ length: 30 }, (_, index) => ({ message: `${index}`.padEnd(4_000) })));
  const file = path.join(dir, "inquiries.db");
  const content = await readFile(file);
  await writeFile(file, content.fill(255, content.length - 8_192));
  const { code, err } = await inquiries("backup", path.join(dir, "now.db"));
  expect({ code, err }).toEqual({
    code: 1,
    err: expect.stringMatching(/^The store is damaged: restore/),
  });
});

test("backup does not overwrite a file", async () => {
  await seed({});
  const file = path.join(dir, "note.txt");
  await writeFile(file, "a note");
  expect((await inquiries("backup", file)).err).toContain("exists already and was not changed");
  expect(await readFile(file, "utf8")).toBe("a note");
});

test("backup into a folder that does not exist names the folder", async () => {
  await seed({});
  const { code, err } = await inquiries("backup", path.join(dir, "none/now.db"));
  expect({ code, err }).toEqual({
    code: 1,
    err: `The folder ${path.join(dir, "none")} does not exist: create it, or choose another one.\n`,
  });
});

test("damage after the first page of a store is reported in a sentence", async () => {
  await seed({});
  const file = path.join(dir, "inquiries.db");
  const damaged = await readFile(file);
  await writeFile(file, damaged.fill("x", 4_096));
  const { code, err } = await inquiries("list");
  expect({ code, err }).toEqual({
    code: 1,
    err: expect.stringMatching(
      /^\S+inquiries\.db is damaged or not a store: .*restore a backup.*\n$/,
    ),
  });
});

test("health exits with code 1 and doctor fails once an inquiry waits too long", async () => {
  await seed({});
  expect(await inquiries("health")).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^healthy: store and delivery; .*doctor -- --live-check /),
  });
  const refused = await deliver({ SMTP_URL: "smtp://localhost:1", SMTP_REQUIRE_TLS: "false" });
  expect(refused.out).toMatch(
    /0 sent, 1 failed; the next is due at \w{3} \d+ \w{3} \d{4}, \d\d:\d\d Copenhagen\n$/,
  );
  expect(refused.code).toBe(1);
  const store = await openStore(path.join(dir, "inquiries.db"), "x.example");
  const hourAgo = new Date(Date.now() - 3_600_000);
  await store.inbox.accept(
    { ...answers, message: "older" },
    { slug: "", title: "", quarantineReason: "" },
    hourAgo,
  );
  await store.close();
  const { code, out } = await inquiries("health");
  expect(code).toBe(1);
  expect(out).toContain("has waited 1 h 0 min");
  expect((await doctor([])).out).toMatch(
    /^FAIL {2}delivery: the oldest undelivered inquiry has waited 1 h 0 min; see /m,
  );
});

test("where nothing can be stored, health exits with code 1, and erase deletes nothing", async () => {
  const [reference = ""] = await seed({});
  await inquiries("deliver");
  const database = new DatabaseSync(path.join(dir, "inquiries.db"));
  database.exec(
    "CREATE TRIGGER broken BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'broken'); END",
  );
  database.close();
  const [health, erase] = await Promise.all([
    inquiries("health"),
    inquiries("erase", "--ref", reference, "--yes"),
  ]);
  expect(health).toEqual({ code: 1, out: "nothing can be stored: broken\n", err: "" });
  expect(erase.code).toBe(1);
  expect(erase.out).not.toContain("Delete these mails");
  expect(await readdir(path.join(dir, "mail"))).toEqual([`${reference}.eml`]);
});

test("show prints the words with which the mail server refused a mail, and health, whose output cron may send anywhere, only the code", async () => {
  const peer = await startSmtpPeer({
    onData(stream, _session, done) {
      stream.resume().on("end", () => done(refusal(554, "5.7.1 Fjord Freight is not wanted here")));
    },
  });
  const [reference = ""] = await seed({});
  await deliver({ SMTP_URL: peer.url, SMTP_REQUIRE_TLS: "false" });
  await peer.close();
  expect((await inquiries("show", reference)).out).toMatch(/Last failure.*554 5.7.1 Fjord Freight/);
  const { code, out } = await inquiries("health", "--json");
  expect(code).toBe(1);
  expect(out).toContain("554 5.7.1");
  expect(out).not.toContain("Fjord");
});

test("doctor reports every wrong setting", async () => {
  const { code, out, err } = await process("doctor", [], { PORT: "http", NODE_ENV: "prod" });
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(err).toMatch(
    /^2 settings are wrong .*\n {2}NODE_ENV="prod": expected .*\n {2}PORT="http": expected .*\n$/,
  );
});

test("doctor prints a line for each finding, counts them, and ends with the command to run next", async () => {
  const { out } = await doctor([]);
  const [findings = "", summary = ""] = out.split("\n\n");
  const lines = findings.split("\n");
  const count = (kind: string) => lines.filter((line) => line.startsWith(`${kind}  `)).length;
  expect(count("PASS") + count("WARN") + count("FAIL")).toBe(lines.length);
  expect(summary).toMatch(
    `${count("PASS")} PASS, ${count("WARN")} WARN, ${count("FAIL")} FAIL\nNext: `,
  );
  expect(out).toMatch(/^WARN {2}webhook: ALERT_WEBHOOK_URL is not set/m);
});

test("doctor refuses an argument that it does not know, and an address that is empty, as of a variable that is not set", async () => {
  for (const args of [["--live"], ["https://cleansystems.dk"], ["--live-check", ""]])
    expect(await doctor(args)).toMatchObject({ code: 2, out: "" });
});

test("doctor fails for an article with an error, with its line", async () => {
  const own = await articlesFolder({
    "a.md": articleFile(),
    "b.md": articleFile({ date: "tomorrow" }),
  });
  const { out } = await doctor([], { ARTICLES_DIR: own.dir });
  await own.remove();
  expect(out).toMatch(/^FAIL {2}\S+b\.md:5: "date" must be a day/m);
  expect(out).not.toContain("no file is invalid");
});

/** What doctor finds out about a mail server. Node reads the certificate authority when a process starts. */
async function mailServerFindings(smtpUrl: string, env: Settings = {}): Promise<string> {
  const settings = { SMTP_URL: smtpUrl, ...env };
  const { out } = await (env["NODE_EXTRA_CA_CERTS"]
    ? process("doctor", [], settings)
    : doctor([], settings));
  return out
    .split("\n")
    .filter((line) => line.includes("mail server: "))
    .join("\n");
}

test("doctor gives advice that fits the failure of the mail server, and names only what was tried", async () => {
  const plain = await startSmtpPeer();
  const withTls = await startSmtpPeer({ disabledCommands: [] });
  const tlsFromTheStart = await startSmtpPeer({ secure: true });
  const findings = await Promise.all([
    mailServerFindings(plain.url),
    mailServerFindings(plain.url, { SMTP_REQUIRE_TLS: "false" }),
    mailServerFindings(withTls.url),
    mailServerFindings(withTls.url, { NODE_EXTRA_CA_CERTS: certificateFile }),
    mailServerFindings(tlsFromTheStart.url.replace("smtp:", "smtps:"), {
      SMTP_REQUIRE_TLS: "false",
      NODE_EXTRA_CA_CERTS: certificateFile,
    }),
    mailServerFindings("smtp://127.0.0.1:1"),
  ]);
  await Promise.all([plain.close(), withTls.close(), tlsFromTheStart.close()]);
  expect(findings).toEqual([
    expect.stringMatching(
      /^FAIL {2}mail server: .*STARTTLS.*SMTP_REQUIRE_TLS=false for a relay on this machine$/,
    ),
    expect.stringMatching(
      /^PASS {2}mail server: connection works\nWARN {2}mail server: SMTP_REQUIRE_TLS=false: /,
    ),
    expect.stringMatching(
      /^FAIL {2}mail server: .*self-signed certificate; .*NODE_EXTRA_CA_CERTS$/,
    ),
    "PASS  mail server: connection and TLS work",
    "PASS  mail server: connection and TLS work",
    expect.stringMatching(
      /^FAIL {2}mail server: .*ECONNREFUSED.*; check the host and the port in SMTP_URL, /,
    ),
  ]);
});

test("doctor --send-test fails where the mail server refuses one of the addresses of staff", async () => {
  const peer = await startSmtpPeer({
    onRcptTo: ({ address }, _session, done) =>
      done(address.startsWith("gone") ? refusal(550, "unknown") : undefined),
  });
  const addresses = { MAIL_TO: "gone@cleansystems.example, here@cleansystems.example" };
  const { out } = await doctor(["--send-test"], {
    SMTP_URL: peer.url,
    SMTP_REQUIRE_TLS: "false",
    ...addresses,
  });
  expect(out).toMatch(
    /^FAIL {2}test mail: the mail server refused 1 of the addresses in MAIL_TO$/m,
  );
  await peer.close();
});

test("doctor connects to the mail server, sends a test mail, and reports a wrong password and the facts that only the owner can state", async () => {
  const peer = await startSmtpPeer({
    authOptional: false,
    onAuth: ({ password }, _session, done) =>
      done(null, password === "right" ? { user: "site" } : {}),
  });
  const at = (password: string) => ({
    SMTP_URL: `smtp://site:${password}@localhost:${peer.port}`,
    NODE_EXTRA_CA_CERTS: certificateFile,
  });
  const right = await process("doctor", ["--send-test"], at("right"));
  expect(right.out).toMatch(/PASS +mail server: connection, TLS and login work/);
  expect(right.out).toMatch(/PASS +test mail: sent/);
  expect(peer.mails.map(({ subject }) => subject)).toEqual([
    expect.stringMatching(/^Test mail of the website/),
  ]);
  expect(right.out).toContain(
    "WARN  facts: src/company.ts does not state registration, transferSafeguard\n",
  );
  const bad = await process("doctor", [], at("wrong"));
  expect(bad.out).toMatch(
    /FAIL +mail server: EAUTH .*; check the user and the password in SMTP_URL/,
  );
  expect(bad.code).toBe(1);
  await peer.close();
});
