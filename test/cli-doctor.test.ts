// What doctor prints about the settings, the store, and the mail server. Some tests run it as a
// real process, because Node reads NODE_EXTRA_CA_CERTS when a process starts.

import { cp, mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { doctor as command } from "../src/cli/doctor.ts";
import { articleFile, articlesFolder } from "./support/articles.ts";
import { callCommand, runCommand } from "./support/command.ts";
import { memory } from "./support/memory.ts";
import { productionEnv, temporaryFolder } from "./support/site.ts";
import { certificateFile, refusal, startSmtpPeer } from "./support/smtp-peer.ts";

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

/** No certificate is looked up elsewhere. */
const production = { ...productionEnv, SITE_URL: "https://localhost:1" };

type Settings = Record<string, string>;
const settings = (env: Settings) => ({ DATA_DIR: dir, ARTICLES_DIR: articles.dir, ...env });
const process = (args: string[], env: Settings = {}) => runCommand("doctor", args, settings(env));
const doctor = (args: string[], env: Settings = {}) => callCommand(command, args, settings(env));

test("doctor prints a line for each finding, and counts them", async () => {
  const { out } = await doctor([]);
  const count = (kind: string) => out.match(new RegExp(`^${kind}  `, "gm"))?.length ?? 0;
  const counts = ["PASS", "WARN", "FAIL"].map((kind) => `${count(kind)} ${kind}`);
  expect(out).toMatch(`\n\n${counts.join(", ")}\n`);
  expect(out).toMatch(/^WARN {2}mail: SMTP_URL is not set/m);
});

test("doctor fails in a folder without a store, and creates none", async () => {
  const { code, out } = await doctor([]);
  expect(code).toBe(1);
  expect(out).toMatch(/^FAIL {2}\S+inquiries\.db does not exist/m);
  expect(await readdir(dir)).toEqual([]);
});

test("doctor refuses an argument that it does not know, and an address that is empty, as of a variable that is not set", async () => {
  for (const args of [["--live"], ["https://cleansystems.dk"], ["--live-check", ""]])
    expect(await doctor(args)).toMatchObject({ code: 2, out: "" });
});

test("doctor warns of a backup, a copy elsewhere and an update of the articles that are missing or older than a day", async () => {
  const [data, clone] = [path.join(dir, "data"), path.join(dir, "clone")];
  for (const folder of [`${data}-backups`, `${clone}/.git`])
    await mkdir(folder, { recursive: true });
  const env = { ...production, DATA_DIR: data, ARTICLES_DIR: `${clone}/articles` };
  await cp(articles.dir, env.ARTICLES_DIR, { recursive: true });
  const [backup, elsewhere, update] = ["backup", "copy elsewhere", "update of the articles"];
  const found = async (settings = {}) =>
    (await doctor([], { ...env, ...settings })).out.match(
      /^.{6}(?:backup|copy elsewhere|update of the articles): .*?(?=$|: see systemctl)/gm,
    );
  const BACKUP_TO = "rclone sync . elsewhere:website";
  await writeFile(`${data}-backups/before-2026-11-29.db`, ""); // of a deployment
  expect(await found()).toEqual([
    `WARN  ${elsewhere}: BACKUP_TO is not set, so all backups are on this machine`,
    `WARN  ${backup}: there is none`,
    `WARN  ${update}: there is none`,
  ]);
  const files = {
    [`${data}-backups/2026-11-28-033000.db`]: 30,
    [`${data}-backups/2026-11-29-033000.dump`]: 0,
    [`${data}-backups/off-site`]: 30,
    [`${clone}/.git/FETCH_HEAD`]: 0,
  };
  for (const [file, hours] of Object.entries(files)) {
    await writeFile(file, "");
    const time = Date.now() / 1_000 - hours * 3_600;
    await utimes(file, time, time);
  }
  expect(await found({ BACKUP_TO })).toEqual([
    `PASS  ${backup}: the last was 0 min ago`,
    `WARN  ${elsewhere}: the last was 1 d 6 h ago`,
    `PASS  ${update}: the last was 0 min ago`,
  ]);
});

test("doctor gives advice that fits the failure of the mail server", async () => {
  const plain = await startSmtpPeer();
  const withTls = await startSmtpPeer({ disabledCommands: [] });
  const tlsFromTheStart = await startSmtpPeer({ secure: true });
  const smtps = ({ url }: { url: string }) => url.replace("smtp:", "smtps:");
  const anyTls = { SMTP_REQUIRE_TLS: "false" };
  // Node reads the certificate authority when a process starts.
  const trusted = { NODE_EXTRA_CA_CERTS: certificateFile };
  const ok = "PASS  mail server: it accepted the connection";
  const cases: [string, Settings, RegExp | string][] = [
    [plain.url, {}, /^FAIL .*STARTTLS.*SMTP_REQUIRE_TLS=false for a relay on this machine$/],
    [
      plain.url,
      anyTls,
      `${ok}\nWARN  mail server: SMTP_REQUIRE_TLS=false: only safe for a relay on this machine`,
    ],
    [withTls.url, {}, /^FAIL .*self-signed certificate; .*NODE_EXTRA_CA_CERTS$/],
    [withTls.url, trusted, ok],
    [smtps(tlsFromTheStart), { ...anyTls, ...trusted }, ok],
    [smtps(plain), {}, /^FAIL .*; this port does not begin with TLS: use smtp:\/\/, or /],
    ["smtp://127.0.0.1:1", {}, /^FAIL .*ECONNREFUSED.*; check the host and the port in SMTP_URL, /],
  ];
  const found = cases.map(async ([SMTP_URL, env]) => {
    const settings = { SMTP_URL, ...env };
    const { out } = await ("NODE_EXTRA_CA_CERTS" in env ? process : doctor)([], settings);
    return out.match(/^.{6}mail server: .*/gm)?.join("\n");
  });
  const expected = cases.map(([, , line]) =>
    typeof line === "string" ? line : (expect.stringMatching(line) as string),
  );
  expect(await Promise.all(found)).toEqual(expected);
  await Promise.all([plain.close(), withTls.close(), tlsFromTheStart.close()]);
});

test("doctor --send-test fails where the mail server refuses one of the addresses of staff", async () => {
  const peer = await startSmtpPeer({
    onRcptTo: ({ address }, _session, done) =>
      done(address.startsWith("gone") ? refusal(550, "unknown") : undefined),
  });
  const MAIL_TO = "gone@cleansystems.example, here@cleansystems.example";
  const env = { SMTP_URL: peer.url, SMTP_REQUIRE_TLS: "false", MAIL_TO };
  const { out } = await doctor(["--send-test"], env);
  expect(out).toMatch(/^FAIL {2}test mail: the mail server refused number 1 of the addresses/m);
  await peer.close();
});

test("doctor connects to the mail server, sends a test mail, and reports a wrong password", async () => {
  const peer = await startSmtpPeer({
    authOptional: false,
    onAuth: ({ password }, _session, done) =>
      done(null, password === "right" ? { user: "site" } : {}),
  });
  const at = (password: string) => ({
    SMTP_URL: `smtp://site:${password}@localhost:${peer.port}`,
    NODE_EXTRA_CA_CERTS: certificateFile,
  });
  const right = await process(["--send-test"], at("right"));
  expect(right.out).toMatch(/PASS +mail server: it accepted the connection and the login/);
  expect(right.out).toMatch(/PASS +test mail: sent/);
  expect(peer.mails.map(({ subject }) => subject)).toEqual([
    expect.stringMatching(/^Test mail of the website/),
  ]);
  const bad = await process([], at("wrong"));
  expect(bad.out).toMatch(
    /FAIL +mail server: EAUTH .*; check the user and the password in SMTP_URL/,
  );
  expect(bad.code).toBe(1);
  await peer.close();
});
