// Staff's commands as they are typed: real processes on a real store.

import { copyFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openStore } from "../src/inquiries/store/store.ts";
import { runCommand } from "./support/command.ts";
import { certificateFile, refusal, startSmtpPeer } from "./support/smtp-peer.ts";
import { filledForm, temporaryFolder } from "./support/site.ts";

const { leave_empty: _trap, ...answers } = filledForm;

let dir: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ dir, remove } = await temporaryFolder());
});
afterEach(() => remove());

const run = (script: string, args: string[], env: Record<string, string> = {}) => runCommand(script, args, { DATA_DIR: dir, ...env });
const inquiries = (...args: string[]) => run("inquiries", args);

/** Puts inquiries into the store and answers their references. */
async function seed(...changes: (Partial<typeof answers> & { quarantineReason?: string })[]): Promise<string[]> {
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

test("in the wrong folder it says so and makes nothing", async () => {
  const { code, err } = await inquiries("list");
  expect(code).toBe(1);
  expect(err).toMatch(/does not exist, and commands do not create it: .*DATA_DIR/);
  expect(await readdir(dir)).toEqual([]);
});

test.each([
  [["frobnicate"], /"frobnicate" is not a command/],
  [["constructor"], /"constructor" is not a command/],
  [["--bogus"], /Unknown option '--bogus'/],
  [["list", "lost"], /"lost" is not a state; the states are pending/],
  [["show", "nonsense"], /"nonsense" is not a reference/],
  [["export"], /give --email ADDRESS or --ref/],
  [["erase", "--ref", "x"], /"x" is not a reference/],
  [["erase", "--ref", "CS-0000-0000", "--email", "a@b.dk", "--yes"], /not both/],
  [["show", "CS-0000-0000", "CS-0000-0001"], /one argument at a time/],
  [["show"], /a reference is missing/],
  [["backup"], /needs the name of a file/],
])("%j is answered with what is right, and exit code 2", async (args, message) => {
  await seed({});
  const { code, err } = await inquiries(...args);
  expect([code, err]).toEqual([2, expect.stringMatching(message)]);
});

test("list shows the newest first, by state where one is named, and as JSON", async () => {
  const [first = "", second = ""] = await seed({ message: "one" }, { message: "two", quarantineReason: "many links" });
  expect((await inquiries("list")).out.match(/CS-\S+/g)).toEqual([second, first]);
  expect((await inquiries("list", "quarantined")).out.match(/CS-\S+/g)).toEqual([second]);
  expect((await inquiries("list", "stuck")).out).toBe("none\n");
  expect(JSON.parse((await inquiries("list", "--json")).out)).toHaveLength(2);
});

test("show accepts a reference as people spell it, and tells why it was set aside", async () => {
  const [reference = ""] = await seed({ quarantineReason: "many links" });
  const { out } = await inquiries("show", reference.toLowerCase().replaceAll("0", "o"));
  expect(out).toMatch(/^Quarantined +many links$/m);
  expect(out).toMatch(/^Kind of help +Engineers to join our team$/m);
  expect(out).toContain(answers.message);
  expect((await inquiries("show", "CS-0000-0000")).code).toBe(1);
});

test("release puts a quarantined one on its way, once, and deliver sends it", async () => {
  const [reference = ""] = await seed({ quarantineReason: "many links" });
  expect((await inquiries("release", reference)).out).toContain(`${reference} is released`);
  const again = await inquiries("release", reference);
  expect([again.code, again.err]).toEqual([1, expect.stringContaining("is pending; this command needs one that is quarantined")]);
  expect((await inquiries("deliver", "--now")).out).toMatch(/1 sent; nothing is left/);
  expect(await readdir(path.join(dir, "mail"))).toEqual([`${reference}.eml`]);
  expect((await inquiries("bounced", reference)).out).toContain("kept until you resend or erase it");
  expect((await inquiries("resend", reference)).code).toBe(0);
});

test("export gives a person everything, and a spreadsheet no formulas", async () => {
  await seed({ name: "=HYPERLINK(1)", message: '+1 "quoted"\nline', email: "A@fjord.example" }, { email: "b@fjord.example" });
  const person = JSON.parse((await inquiries("export", "--email", "a@FJORD.example")).out) as { answers: { name: string } }[];
  expect(person.map(({ answers: { name } }) => name)).toEqual(["=HYPERLINK(1)"]);
  const { out } = await inquiries("export", "--csv");
  expect(out).toContain(`"'=HYPERLINK(1)"`);
  expect(out).toContain(`"'+1 ""quoted""\nline"`);
  expect((await inquiries("export", "--csv", "--email", "b@fjord.example")).out).not.toContain("HYPERLINK");
  expect((await inquiries("export", "--email", "nobody@fjord.example")).code).toBe(1);
});

test("erase asks, and with --yes leaves nothing of the person in any file, also after a backup came back", async () => {
  const [reference = ""] = await seed({ email: "Priya@Fjord.example", message: "a very particular sentence" });
  await inquiries("deliver");
  const backup = path.join(dir, "backup.db");
  expect((await inquiries("backup", backup)).code).toBe(0);
  expect((await inquiries("verify", backup)).out).toContain("is sound");
  const unasked = await inquiries("erase", "--email", "priya@fjord.example");
  expect([unasked.code, unasked.err]).toEqual([2, expect.stringContaining("confirm with --yes")]);
  const { out } = await inquiries("erase", "--email", "priya@fjord.example", "--yes");
  expect(out).toContain(`<${reference.toLowerCase()}@cleansystems.example>`);

  const store = path.join(dir, "inquiries.db");
  await copyFile(backup, store);
  await rm(backup);
  expect((await readFile(store)).includes("very particular")).toBe(true);
  expect((await inquiries("list")).out).toBe("none\n");
  for (const name of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (name.isFile()) expect((await readFile(path.join(name.parentPath, name.name))).includes("very particular")).toBe(false);
  }
});

test("erase removes the mail files and names the mails also where a reader keeps the text in the store for a while", async () => {
  const [reference = ""] = await seed({});
  await inquiries("deliver");
  const reader = new DatabaseSync(path.join(dir, "inquiries.db"), { readOnly: true });
  reader.exec("BEGIN; SELECT * FROM inquiries");
  const { code, out, err } = await inquiries("erase", "--ref", reference, "--yes");
  reader.close();
  expect([code, err]).toEqual([1, expect.stringMatching(/^Deleted, but .*run purge later/)]);
  expect(out).toContain(`<${reference.toLowerCase()}@cleansystems.example>`);
  expect(await readdir(path.join(dir, "mail"))).toEqual([]);
}, 20_000);

test("backup leaves a file that exists alone, and verify sees what is no store", async () => {
  await seed({});
  const file = path.join(dir, "note.txt");
  await writeFile(file, "a note");
  expect((await inquiries("backup", file)).err).toContain("exists already, and is left as it is");
  expect((await inquiries("verify", file)).code).toBe(1);
  const empty = path.join(dir, "empty.db");
  await writeFile(empty, "");
  expect((await inquiries("verify", empty)).out).toContain("is not a store of inquiries");
  expect(await readFile(file, "utf8")).toBe("a note");
});

test("health is an exit code for cron", async () => {
  await seed({});
  expect((await inquiries("health")).code).toBe(0);
  const refusing = await run("inquiries", ["deliver"], { SMTP_URL: "smtp://localhost:1", SMTP_REQUIRE_TLS: "false" });
  expect(refusing.out).toMatch(/0 sent; the next is due at/);
  const store = await openStore(path.join(dir, "inquiries.db"), "x.example");
  const hourAgo = new Date(Date.now() - 3_600_000);
  await store.inbox.accept({ ...answers, message: "older" }, { slug: "", title: "", quarantineReason: "" }, hourAgo);
  await store.close();
  const late = await inquiries("health");
  expect([late.code, late.out]).toEqual([1, expect.stringContaining("has waited 1 h 0 min")]);
});

test("what a mail server said of a mail is shown by show, and not by health, which cron may send anywhere", async () => {
  const peer = await startSmtpPeer({
    onData(stream, _session, done) {
      stream.resume().on("end", () => done(refusal(554, "5.7.1 Fjord Freight is not wanted here")));
    },
  });
  const [reference = ""] = await seed({});
  await run("inquiries", ["deliver"], { SMTP_URL: peer.url, SMTP_REQUIRE_TLS: "false" });
  await peer.close();
  expect((await inquiries("show", reference)).out).toMatch(/Last failure.*554 5.7.1 Fjord Freight/);
  const { code, out } = await inquiries("health", "--json");
  expect([code, out]).toEqual([1, expect.stringContaining("554 5.7.1")]);
  expect(out).not.toContain("Fjord");
});

test("doctor names each wrong setting", async () => {
  const { code, err } = await run("doctor", [], { PORT: "http", NODE_ENV: "prod" });
  expect(code).toBe(1);
  expect(err).toMatch(/PORT="http"[\s\S]*|NODE_ENV="prod"/);
});

test("doctor connects, logs in and sends a test mail; a wrong password is said in words", async () => {
  const peer = await startSmtpPeer({
    authOptional: false,
    onAuth: ({ password }, _session, done) => done(null, password === "right" ? { user: "site" } : {}),
  });
  const at = (password: string) => ({
    SMTP_URL: `smtp://site:${password}@localhost:${peer.port}`,
    NODE_EXTRA_CA_CERTS: certificateFile,
  });
  const right = await run("doctor", ["--send-test"], at("right"));
  expect(right.out).toMatch(/ok +mail server: connected, TLS as set, logged in/);
  expect(right.out).toMatch(/ok +test mail: sent/);
  expect(peer.mails.map(({ subject }) => subject)).toEqual([expect.stringMatching(/^Test mail of the website/)]);
  const bad = await run("doctor", [], at("wrong"));
  expect(bad.out).toMatch(/WRONG +mail server: EAUTH .*check SMTP_URL/);
  expect(bad.code).toBe(1);
  await peer.close();
});
