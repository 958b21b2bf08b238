// What doctor prints about the settings, the store and the mail server, and its live check of a
// site: one sentence for each way to fail. One test runs it as a real process, because Node reads
// NODE_EXTRA_CA_CERTS when a process starts.

import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { stat, utimes, writeFile } from "node:fs/promises";
import {
  createServer as createHttpServer,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import { createServer } from "node:https";
import path from "node:path";
import { text } from "node:stream/consumers";
import { adviceFor, doctor as command, senderRecords } from "../src/cli/doctor.ts";
import { stoppedTimers, uncheckedRelease } from "../src/cli/machine.ts";
import { articleFile, buildSiteOf } from "./support/articles.ts";
import { callCommand, runCommand } from "./support/command.ts";
import { startDnsPeer } from "./support/dns-peer.ts";
import { listen } from "./support/listen.ts";
import { postForm, temporaryFolder, tuesday } from "./support/site.ts";
import { certificateFile, keyFile, refusal, startSmtpPeer } from "./support/smtp-peer.ts";

const { dir } = await temporaryFolder();
const site = await buildSiteOf({ "a.md": articleFile() });

type Settings = Record<string, string>;
const settings = (env: Settings) => ({ DATA_DIR: dir, ...env });
const doctor = (args: string[], env: Settings = {}, now = tuesday) =>
  callCommand(command, args, settings(env), now);

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
    const { out } = await doctor([], { SITE_URL }, new Date(end - days * 86_400_000));
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
  const process = (args: string[], env: Settings = {}) =>
    runCommand("doctor", args, settings({ ...env, NODE_EXTRA_CA_CERTS: certificateFile }));
  const ok = /^PASS {2}mail server: it accepts the connection and the login$/;
  const cases: [typeof doctor, url: string, Settings, RegExp][] = [
    [doctor, plain.url, {}, /^FAIL .*STARTTLS.*SMTP_REQUIRE_TLS=false for a relay on this /],
    [doctor, plain.url, anyTls, ok],
    [doctor, withTls.url, {}, /^FAIL .*self-signed certificate; .*NODE_EXTRA_CA_CERTS$/],
    [process, withTls.url, {}, ok],
    [process, smtps(tlsFromTheStart), anyTls, ok],
    [doctor, smtps(plain), {}, /^FAIL .*; use smtp:\/\/ with a port that offers STARTTLS, /],
    [doctor, "smtp://127.0.0.1:1", {}, /^FAIL .*ECONNREFUSED.*; check SMTP_URL, /],
  ];
  const found = cases.map(async ([run, SMTP_URL, env]) => {
    const { out } = await run([], { SMTP_URL, ...env });
    return out.match(/^.{6}mail server: .*/gm)?.join("\n");
  });
  const expected = cases.map(([, , , line]) => expect.stringMatching(line) as string);
  expect(await Promise.all(found)).toEqual(expected);
});

test("doctor names port 2525 if the usual ports do not answer", () => {
  const timedOut = "ETIMEDOUT Connection timeout";
  for (const url of ["smtp://a.dk:25", "smtps://a.dk", "smtp://a.dk:587", "smtp://a.dk"])
    expect(adviceFor(timedOut, url)).toContain("try port 2525");
  expect(adviceFor(timedOut, "smtp://a.dk:2525")).not.toContain("try port 2525");
});

test("doctor sends a test mail, or says whom the mail server refuses", async () => {
  const mails: string[] = [];
  const peer = await startSmtpPeer({
    allowInsecureAuth: true,
    authOptional: false,
    disabledCommands: ["STARTTLS"],
    onAuth: ({ password }, _session, done) =>
      done(null, password === "right" ? { user: "site" } : {}),
    onRcptTo: ({ address }, _session, done) =>
      done(address.startsWith("gone") ? refusal(550, "unknown") : undefined),
    async onData(stream, _session, done) {
      mails.push(await text(stream));
      done();
    },
  });
  const send = (password: string, MAIL_TO: string, ...args: string[]) => {
    const SMTP_URL = `smtp://site:${password}@localhost:${peer.port}`;
    return doctor(args, { SMTP_URL, SMTP_REQUIRE_TLS: "false", MAIL_TO });
  };
  const here = "here@cleansystems.example";
  expect((await send("right", here, "--send-test")).out).toMatch(/^PASS {2}test mail: sent/m);
  expect(mails).toEqual([expect.stringMatching(/^Subject: Test mail of the website/m)]);
  expect(await send("right", `gone@cleansystems.example, ${here}`, "--send-test")).toMatchObject({
    code: 1,
    out: expect.stringMatching(/^FAIL {2}test mail: the mail server refused number 1 of the addr/m),
  });
  expect(await send("wrong", here)).toMatchObject({
    code: 1,
    out: expect.stringMatching(
      /^FAIL {2}mail server: EAUTH .*; check the user and the password in SMTP_URL/m,
    ),
  });
});

const check = (url: string) => doctor(["--live-check", url], { DATA_DIR: site.config.dataDir });

test("a live check of a site that works leaves nothing in the store", async () => {
  for (let time = 1; time <= 3; time += 1)
    expect(await check(site.origin)).toEqual({
      code: 0,
      out: expect.stringMatching(
        /^PASS {2}live check: http\S+ stored CS-\S+, which is deleted again\nPASS {2}live check: http\S+ showed \/, \/articles and \/articles\/\S+\n$/,
      ),
      err: "",
    });
  expect(await site.store.list()).toEqual([]);
  expect(existsSync(path.join(site.config.dataDir, "erased-references.txt"))).toBe(false);
});

/** Passes GET requests on like a proxy on this machine, with the address of the client. */
function proxyOf(origin: string): Promise<string> {
  const headers = { "X-Forwarded-For": "198.51.100.7" };
  const pass = async (url: string, response: ServerResponse) => {
    const answer = await fetch(origin + url, { headers });
    response.writeHead(answer.status).end(await answer.text());
  };
  return listen(createHttpServer(({ url = "" }, response) => void pass(url, response)));
}

test("a live check without an address lists the problems of /problems and fails", async () => {
  const other = await buildSiteOf({ "a.md": articleFile() });
  const reference = await postForm(other);
  other.clock.now = new Date(tuesday.getTime() + 10 * 86_400_000);
  await other.worker.pass();
  const { origin, port } = new URL(other.origin);
  const DATA_DIR = other.config.dataDir;
  const env = { DATA_DIR, SITE_URL: origin, HOST: "127.0.0.1", PORT: port };
  const overdue = `FAIL  overdue: 1 (${reference}); see npm run inquiries -- list overdue\n`;
  expect(await doctor(["--live-check"], env)).toMatchObject({
    code: 1,
    out: expect.stringMatching(RegExp(`^${RegExp.escape(overdue)}PASS.*\nPASS.*\n$`)),
  });
  // The container of the jobs, where no site listens. The public address of the site is a proxy.
  const proxied = { ...env, PORT: "9", SITE_URL: await proxyOf(other.origin) };
  expect(await doctor(["--live-check"], proxied, other.clock.now)).toMatchObject({
    code: 1,
    out: expect.stringContaining(`FAIL  there are problems\n${overdue}`) as string,
  });
  // A deployment passes an address: no inquiry may refuse a release.
  expect(await doctor(["--live-check", origin], env)).toMatchObject({ code: 0 });
});

/** Passes a request on to the site, and changes the page that it responds with. */
const passOn =
  (words = "", others = ""): RequestListener =>
  async (asked, response) => {
    const { method = "", url = "" } = asked;
    const body = method === "POST" ? new URLSearchParams(await text(asked)) : null;
    const answer = await fetch(site.origin + url, { method, body, redirect: "manual" });
    const Location = answer.headers.get("location") ?? "";
    const html = (await answer.text()).replace(words, others);
    response.writeHead(answer.status, { Location }).end(html);
  };

/** Responds itself to requests such as "POST /contact", and passes the others on. */
const respond =
  (requests: RegExp, status: number, Location = ""): RequestListener =>
  (asked, response) => {
    if (requests.test(`${asked.method} ${asked.url}`))
      response.writeHead(status, { Location }).end();
    else passOn()(asked, response);
  };

test.each<[string, RegExp, RequestListener]>([
  ["a proxy without a site", /HTTP: GET \/contact returned 502 instead of 200/, respond(/./, 502)],
  ["a page without the form", /form: \/contact is not the form/, passOn('name="email"')],
  [
    "a form that refuses everybody, behind a cache with the form of an earlier release,",
    /HTTP: POST \/contact returned 403 instead of 303/,
    respond(/^POST|^GET \/contact$/, 403), // a query passes the cache
  ],
  [
    "a form that posts to a page that does not exist",
    /HTTP: POST \/kontakt returned 404 instead of 303/,
    passOn('action="/contact?sent"', 'action="/kontakt"'),
  ],
  [
    "a form that thanks and stores nothing",
    /store: CS-0000-0000 is not in the store of these settings as a live check/,
    respond(/^POST/, 303, "/contact/received?ref=CS-0000-0000"),
  ],
  [
    "an article that cannot be shown",
    /HTTP: GET \/articles\/\S+ returned 500 instead of 200/,
    respond(/ \/articles\//, 500),
  ],
  [
    "a site that does not respond",
    /HTTP: GET \/contact got no response: /,
    (asked) => asked.socket.destroy(),
  ],
])("%s is reported in one sentence", async (_what, sentence, answers) => {
  const { code, err } = await check(await listen(createHttpServer(answers)));
  expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(sentence) });
  expect(err).toMatch(/^live check failed at .*\.\n$/);
});

test("a timer that has started nothing for too long is named", async () => {
  const { dir } = await temporaryFolder();
  const stamp = async (timer: string, hours: number) => {
    const file = path.join(dir, `stamp-${timer}.timer`);
    await writeFile(file, "");
    const time = tuesday.getTime() / 1_000 - hours * 3_600;
    await utimes(file, time, time);
  };
  for (const timer of ["clean-systems-daily-check", "certbot", "apt-daily-upgrade"])
    await stamp(timer, 24);
  await stamp("pull-articles", 0.1);
  await stamp("clean-systems-backup", 26);
  expect(stoppedTimers(tuesday, dir)).toEqual([
    "clean-systems-live-check.timer has started nothing for 1 h: systemctl -q enable --now clean-systems-live-check.timer",
    "clean-systems-backup.timer has started nothing for 25 h: systemctl -q enable --now clean-systems-backup.timer",
  ]);
  expect(stoppedTimers(tuesday, path.join(dir, "none"))).toEqual([]); // a container
});

test("a release whose deployment was killed is a problem after five minutes", async () => {
  const { dir } = await temporaryFolder();
  const file = path.join(dir, "served.json");
  const rows = [{ number: 1, servedSince: "2026-11-24T09:00:00.000Z" }, { number: 2 }];
  await writeFile(file, JSON.stringify(rows));
  const written = (await stat(file)).mtimeMs;
  const problems = (number: string, minutes: number) =>
    uncheckedRelease(new Date(written + minutes * 60_000), path.join(dir, number));
  expect(problems("2", 4)).toEqual([]);
  expect(problems("2", 6)).toEqual(["release 2 has not passed its checks: deploy --back"]);
  expect(problems("1", 6)).toEqual([]);
});
