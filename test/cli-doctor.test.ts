// What doctor prints about the settings, the store, and the mail server. Some tests run it as a
// real process, because Node reads NODE_EXTRA_CA_CERTS when a process starts.

import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { createServer } from "node:https";
import { doctor as command } from "../src/cli/doctor.ts";
import { senderRecords } from "../src/cli/sender-records.ts";
import { startDnsPeer } from "./support/dns-peer.ts";
import { callCommand, runCommand } from "./support/command.ts";
import { listen } from "./support/listen.ts";
import { temporaryFolder } from "./support/site.ts";
import { certificateFile, keyFile, refusal, startSmtpPeer } from "./support/smtp-peer.ts";

const { dir } = await temporaryFolder();

type Settings = Record<string, string>;
const settings = (env: Settings) => ({ DATA_DIR: dir, ...env });
const process = (args: string[], env: Settings = {}) => runCommand("doctor", args, settings(env));
const doctor = (args: string[], env: Settings = {}) => callCommand(command, args, settings(env));

test("doctor fails in a folder without a store, and creates none", async () => {
  const { code, out } = await doctor([]);
  expect(code).toBe(1);
  expect(out).toMatch(/^FAIL {2}\S+inquiries\.db does not exist/m);
  expect(await readdir(dir)).toEqual([]);
});

test("doctor refuses an unknown argument and what is no address", async () => {
  const wrong = ["--live", "https://cleansystems.dk", "--live-check cleansystems.dk"];
  for (const args of [...wrong.map((words) => words.split(" ")), ["--live-check", ""]])
    expect(await doctor(args)).toMatchObject({ code: 2, out: "" });
});

test("a certificate that ends within two weeks is a failure", async () => {
  const cert = readFileSync(certificateFile);
  const server = createServer({ cert, key: readFileSync(keyFile) });
  const SITE_URL = (await listen(server)).replace("http://127.0.0.1", "https://localhost");
  const end = Date.parse(new X509Certificate(cert).validTo);
  const lineAt = async (days: number) => {
    const now = new Date(end - days * 86_400_000);
    const { out } = await callCommand(command, [], settings({ SITE_URL }), now);
    return /^.*certificate.*$/m.exec(out)?.[0];
  };
  expect(await lineAt(14)).toBe("PASS  certificate: it ends in 14 days");
  const advice = "run certbot renew, or replace your own";
  expect(await lineAt(13)).toBe(`FAIL  certificate: it ends in 13 days: ${advice}`);
});

test("what the DNS lacks for MAIL_FROM is named with the record to add", async () => {
  const dns = await startDnsPeer({
    "nordhavn.dk": { TXT: ["site-verification=1", "v=spf1 include:relay.dk -all"] },
    "_dmarc.nordhavn.dk": { TXT: ["v=DMARC1; p=reject"] },
    "s1._domainkey.nordhavn.dk": { TXT: ["v=DKIM1; p=MIIB"] },
    "mail.nordhavn.dk": {},
  });
  const servers = [dns.server];
  const linesOf = (address: string, dkimSelector?: string) =>
    Array.fromAsync(senderRecords({ mailFrom: { name: "", address }, dkimSelector }, servers));
  expect(await linesOf("site@nordhavn.dk", "s1")).toEqual([
    "PASS  SPF: found",
    "PASS  DMARC: found",
    "PASS  DKIM: found",
  ]);
  expect(await linesOf("site@mail.nordhavn.dk", "s1")).toEqual([
    'WARN  SPF: add at mail.nordhavn.dk: TXT "v=spf1 include:HOST ~all"',
    "PASS  DMARC: found", // of the domain above
    expect.stringMatching(/^WARN {2}DKIM: add at s1\._domainkey\.mail\.nordhavn\.dk: /),
  ]);
  expect((await linesOf("site@nowhere.dk")).join()).toMatch(
    /^WARN {2}SPF: add .*WARN {2}DMARC: add at _dmarc\.nowhere\.dk: TXT "v=DMARC1; /,
  );
  dns.failure = "SERVFAIL";
  expect((await linesOf("site@nordhavn.dk"))[0]).toMatch(
    /^WARN {2}SPF: could not look up nordhavn\.dk: .*ESERVFAIL/,
  );
});

test("doctor gives advice that fits the failure of the mail server", async () => {
  const plain = await startSmtpPeer();
  const withTls = await startSmtpPeer({ disabledCommands: [] });
  const tlsFromTheStart = await startSmtpPeer({ secure: true });
  const smtps = ({ url }: { url: string }) => url.replace("smtp:", "smtps:");
  const anyTls = { SMTP_REQUIRE_TLS: "false" };
  // Node reads the certificate authority when a process starts.
  const trusted = { NODE_EXTRA_CA_CERTS: certificateFile };
  const ok = "PASS  mail server: it accepts the connection and the login";
  const cases: [string, Settings, RegExp | string][] = [
    [plain.url, {}, /^FAIL .*STARTTLS.*SMTP_REQUIRE_TLS=false for a relay on this machine$/],
    [plain.url, anyTls, ok],
    [withTls.url, {}, /^FAIL .*self-signed certificate; .*NODE_EXTRA_CA_CERTS$/],
    [withTls.url, trusted, ok],
    [smtps(tlsFromTheStart), { ...anyTls, ...trusted }, ok],
    [smtps(plain), {}, /^FAIL .*; use smtp:\/\/ with a port that offers STARTTLS, /],
    ["smtp://127.0.0.1:1", {}, /^FAIL .*ECONNREFUSED.*; check SMTP_URL, /],
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
});

test("doctor sends a test mail, or says whom the mail server refuses", async () => {
  const peer = await startSmtpPeer({
    authOptional: false,
    onAuth: ({ password }, _session, done) =>
      done(null, password === "right" ? { user: "site" } : {}),
    onRcptTo: ({ address }, _session, done) =>
      done(address.startsWith("gone") ? refusal(550, "unknown") : undefined),
  });
  const at = (password: string, MAIL_TO = "here@cleansystems.example") => ({
    SMTP_URL: `smtp://site:${password}@localhost:${peer.port}`,
    NODE_EXTRA_CA_CERTS: certificateFile,
    MAIL_TO,
  });
  expect((await process(["--send-test"], at("right"))).out).toMatch(/^PASS {2}test mail: sent/m);
  expect(peer.mails.map(({ subject }) => subject)).toEqual([
    expect.stringMatching(/^Test mail of the website/),
  ]);
  const both = "gone@cleansystems.example, here@cleansystems.example";
  expect(await process(["--send-test"], at("right", both))).toMatchObject({
    code: 1,
    out: expect.stringMatching(/^FAIL {2}test mail: the mail server refused number 1 of the addr/m),
  });
  expect(await process([], at("wrong"))).toMatchObject({
    code: 1,
    out: expect.stringMatching(
      /^FAIL {2}mail server: EAUTH .*; check the user and the password in SMTP_URL/m,
    ),
  });
});
