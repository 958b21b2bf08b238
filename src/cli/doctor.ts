// The command `doctor`: checks the settings, the machine and the mail server, and prints a line with
// advice for each.

import { once } from "node:events";
import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { connect } from "node:tls";
import { parseArgs } from "node:util";
import { formatError } from "../articles/article-error.ts";
import { openLibrary } from "../articles/library.ts";
import { dayMs } from "../calendar.ts";
import type { Config } from "../config.ts";
import { createMailSender, verifySmtp } from "../inquiries/mail/smtp.ts";
import { errorMessage } from "../log.ts";
import { runProcess, siteAt, UsageError, type Call, type Command } from "./command.ts";
import { checkForm, checkPages, findProblems, stoppedTimers } from "./live-check.ts";
import { senderRecords } from "./sender-records.ts";
import { explain, openStore, readConfig } from "../startup.ts";

const help = `On the server: site doctor [--send-test] or site doctor --live-check [URL]
Elsewhere: npm run doctor -- [--send-test] or npm run doctor -- --live-check [URL]

  --send-test          also sends a test mail to MAIL_TO
  --live-check [URL]   only sends an inquiry through SITE_URL or this address, finds it in the store and
                       deletes it, and requests the home page and an article; without an address it
                       also lists the problems that /health knows
Exit codes: 0 no check failed, 1 a check failed, 2 wrong arguments.`;

/** Yields lines that begin with one of these words. What it throws is a line with FAIL. */
type Check = (config: Config, now: Date) => AsyncGenerator<string>;
const results = ["PASS", "WARN", "FAIL"];

const options = { "send-test": { type: "boolean" }, "live-check": { type: "boolean" } } as const;

async function main({ args, env, print }: Call): Promise<number> {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const config = readConfig(env);
  const now = new Date();
  const [address = config.siteUrl] = positionals;
  if (positionals.length > (values["live-check"] ? 1 : 0))
    throw new UsageError(`unexpected argument.\n\n${help}`);
  if (values["live-check"]) {
    const site = siteAt(address);
    // With an address it checks a release, which no overdue inquiry may refuse.
    const problems = positionals.length === 0 ? await findProblems(config, now) : [];
    for (const problem of problems) print(`FAIL  ${problem}`);
    print(`PASS  live check: ${await checkForm(site, config, now)}`);
    print(`PASS  live check: ${await checkPages(site, now)}`);
    return problems.length > 0 ? 1 : 0;
  }

  const lines: string[] = [];
  const note = (line: string) => (lines.push(line), print(line));
  for (const check of values["send-test"] ? [...checks, sendTestMail] : checks)
    try {
      for await (const line of check(config, now)) note(line);
    } catch (error) {
      note(`FAIL  ${explain(error)}`);
    }
  const count = (result: string) => lines.filter((line) => line.startsWith(result)).length;
  print(`\n${results.map((result) => `${count(result)} ${result}`).join(", ")}`);
  return count("FAIL") > 0 ? 1 : 0;
}

const checkSettings: Check = async function* (config) {
  if (!config.production) return;
  if (config.trustProxy === false)
    yield "WARN  TRUST_PROXY is not set: behind a proxy all visitors share one rate limit";
  if (!config.backupTo) yield "WARN  BACKUP_TO is not set, so all backups are on this machine";
  if (!config.alertWebhookUrl)
    yield "WARN  ALERT_WEBHOOK_URL is not set, so nobody is told what fails";
};

const checkArticles: Check = async function* ({ articlesDir }, now) {
  const library = openLibrary(articlesDir);
  const count = library.list(now).length;
  for (const error of library.errors()) yield `FAIL  ${formatError(error)}`;
  yield `${count === 0 ? "FAIL" : "PASS"}  articles: ${count} are public`;
};

const checkStore: Check = async function* (config, now) {
  const store = await openStore(config);
  try {
    const name = await store.open(); // throws if commits are not durable
    await store.checkWritable(now);
    yield `PASS  store: ${name} is writable, and its commits are durable`;
    const counts = Object.entries(await store.counts());
    yield `PASS  inquiries: ${counts.map(([state, count]) => `${count} ${state}`).join(", ")}`;
  } finally {
    await store.close();
  }
};

const checkDisk: Check = async function* ({ dataDir }) {
  if (!existsSync(dataDir)) return; // PostgreSQL needs no folder; checkStore reports one that is missing
  const { bavail, bsize } = await statfs(dataDir);
  const megabytes = Math.round((bavail * bsize) / 1_048_576);
  const advice = megabytes < 500 ? ": free some space, or inquiries will be refused" : "";
  yield `${advice ? "FAIL" : "PASS"}  disk: ${megabytes} MB free in ${dataDir}${advice}`;
};

/** Certificates are renewed 30 days before their end: with fewer days, renewal does not work. */
const minCertificateDays = 14;

const checkCertificate: Check = async function* ({ siteUrl }, now) {
  const { protocol, hostname, port } = new URL(siteUrl);
  if (protocol !== "https:") return;
  const socket = connect({ host: hostname, port: Number(port) || 443, servername: hostname });
  try {
    await once(socket, "secureConnect", { signal: AbortSignal.timeout(10_000) });
    const end = new Date(socket.getPeerCertificate().valid_to);
    const days = Math.floor((end.getTime() - now.getTime()) / dayMs);
    const advice = days < minCertificateDays ? ": run certbot renew, or replace your own" : "";
    const text = `certificate: it ends in ${days} days, on ${end.toISOString().slice(0, 10)}`;
    yield `${advice ? "FAIL" : "PASS"}  ${text}${advice}`;
  } catch (error) {
    yield `FAIL  certificate: ${hostname} did not respond, or with a wrong certificate: ${errorMessage(error)}`;
  } finally {
    socket.destroy();
  }
};

const checkTimers: Check = async function* ({ production }, now) {
  if (production) for (const sentence of stoppedTimers(now)) yield `FAIL  ${sentence}`;
};

const checkMailServer: Check = async function* ({ smtpUrl, smtpRequireTls, mailDir }) {
  if (!smtpUrl) {
    yield `WARN  mail: SMTP_URL is not set, so mails are written to ${mailDir}`;
    return;
  }
  const { protocol, username } = new URL(smtpUrl);
  const login = await verifySmtp(smtpUrl, smtpRequireTls);
  yield login.sent
    ? `PASS  mail server: it accepted the connection${username ? " and the login" : ""}`
    : `FAIL  mail server: ${login.reason}; ${adviceFor(login.reason)}`;
  if (!smtpRequireTls && protocol === "smtp:")
    yield "WARN  mail server: SMTP_REQUIRE_TLS=false: only safe for a relay on this machine";
};

const checkSender: Check = async function* ({ production, mailFrom, dkimSelector }) {
  if (production) yield* senderRecords({ ...mailFrom, dkimSelector });
};

const sendTestMail: Check = async function* (config, now) {
  const result = await createMailSender(config)({
    reference: "test",
    messageId: `<test-${now.getTime()}@${config.storeSettings.messageIdDomain}>`,
    date: now,
    from: config.mailFrom,
    to: config.mailTo,
    subject: `Test mail of the website, ${now.toISOString()}`,
    text: "If this mail is in your inbox and not in the spam folder, inquiries will arrive there too.\n",
  });
  const refused = result.sent && result.refusedRecipients.join(", ");
  if (!result.sent) yield `FAIL  test mail: ${result.reason}`;
  else
    yield refused
      ? `FAIL  test mail: the mail server refused number ${refused} of the addresses in MAIL_TO`
      : "PASS  test mail: sent; it should be in the inbox of each address in MAIL_TO, with Authentication-Results: spf=pass, dkim=pass, dmarc=pass";
};

/** `reason` begins with a code of Nodemailer. */
function adviceFor(reason: string): string {
  if (/certificate|self-signed|altnames/i.test(reason))
    return "use the host name of its certificate in SMTP_URL, or add your own certificate authority: docs/operations.md, elsewhere NODE_EXTRA_CA_CERTS";
  if (/ version number:/.test(reason))
    return "this port does not begin with TLS: use smtp://, or smtps:// with port 465";
  if (/^ETLS\b/.test(reason))
    return "it offers no STARTTLS: use smtps:// with port 465 or another port, or set SMTP_REQUIRE_TLS=false for a relay on this machine";
  if (/^EAUTH\b/.test(reason))
    return "check the user and the password in SMTP_URL, and percent-encode special characters";
  return "check the host and the port in SMTP_URL, and that the firewall lets this machine connect to it";
}

const checks = [
  checkSettings,
  checkArticles,
  checkStore,
  checkDisk,
  checkCertificate,
  checkTimers,
  checkMailServer,
  checkSender,
];

export const doctor: Command = { help, main };
if (import.meta.main) await runProcess(doctor);
