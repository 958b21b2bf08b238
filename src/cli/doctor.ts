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
import { createSmtpSender, verifySmtp } from "../inquiries/smtp.ts";
import { reasonOf } from "../log.ts";
import { OperatorError } from "../operator-error.ts";
import { runProcess, siteAt, UsageError, type Call, type Command } from "./command.ts";
import { checkForm, checkPages, findProblems, stoppedTimers } from "./live-check.ts";
import { explain, openStore, readConfig } from "./setup.ts";

const help = `On the server: site doctor [--send-test] or site doctor --live-check [URL]
Elsewhere: npm run doctor -- [--send-test] or npm run doctor -- --live-check [URL]

  --send-test          also sends a test mail to MAIL_TO
  --live-check [URL]   only sends an inquiry through SITE_URL or this address, finds it in the store and
                       deletes it, and requests the home page and an article; without an address it
                       also lists the problems that /health knows
Exit codes: 0 no check failed, 1 a check failed, 2 wrong arguments.`;

/** What a check uses. `pass`, `warn` and `failed` print a line, and a check may print several. */
type Check = {
  config: Config;
  now: Date;
  sendTest: boolean;
  pass: (text: string) => void;
  warn: (text: string) => void;
  failed: (text: string) => void;
};

const options = { "send-test": { type: "boolean" }, "live-check": { type: "boolean" } } as const;

async function main({ args, env, print }: Call): Promise<number> {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const config = readConfig(env);
  const now = new Date();
  const [address = config.siteUrl, ...others] = positionals;
  if (values["live-check"] ? others.length > 0 : positionals.length > 0)
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

  const counts = { PASS: 0, WARN: 0, FAIL: 0 };
  const report = (kind: keyof typeof counts) => (text: string) => {
    counts[kind] += 1;
    print(`${kind}  ${text}`);
  };
  const [pass, warn, failed] = [report("PASS"), report("WARN"), report("FAIL")];
  const check: Check = { config, now, sendTest: values["send-test"] ?? false, pass, warn, failed };
  for (const run of [
    checkSettings,
    checkArticles,
    checkStore,
    checkDisk,
    checkCertificate,
    checkTimers,
    checkMailServer,
  ])
    await run(check).catch((error: unknown) => failed(explain(error)));
  const { PASS, WARN, FAIL } = counts;
  print(`\n${PASS} PASS, ${WARN} WARN, ${FAIL} FAIL`);
  return FAIL > 0 ? 1 : 0;
}

async function checkSettings({ config, pass, warn }: Check): Promise<void> {
  if (config.production) pass("settings: production, without example values");
  else warn("settings: NODE_ENV is not production, so example values are allowed");
  if (config.trustProxy === false && config.production)
    warn("TRUST_PROXY is not set: behind a proxy all visitors share one rate limit");
}

async function checkArticles({ config, now, pass, failed }: Check): Promise<void> {
  const library = openLibrary(config.articlesDir);
  const count = library.list(now).length;
  if (count === 0) failed(`articles: none is public at ${now.toISOString()}`);
  for (const error of library.errors()) failed(formatError(error));
  if (library.errors().length === 0) pass(`articles: ${count} are public, and no file is invalid`);
}

async function checkStore({ config, now, pass }: Check): Promise<void> {
  const store = await openStore(config);
  try {
    const name = await store.open(); // throws if commits are not durable
    await store.checkWritable(now);
    pass(`store: ${name} is writable, and its commits are durable`);
    const counts = Object.entries(await store.counts()).map(
      ([state, count]) => `${count} ${state}`,
    );
    pass(`inquiries: ${counts.join(", ")}`);
  } finally {
    await store.close();
  }
}

async function checkDisk({ config, pass, failed }: Check): Promise<void> {
  // PostgreSQL needs no folder, and with SQLite checkStore reports a missing one.
  if (!existsSync(config.dataDir)) return;
  const { bavail, bsize } = await statfs(config.dataDir);
  const megabytes = Math.round((bavail * bsize) / 1_048_576);
  const text = `disk: ${megabytes.toLocaleString("en-GB")} MB free in ${config.dataDir}`;
  if (megabytes < 500) failed(`${text}: free some space, or inquiries will be refused`);
  else pass(text);
}

/** Certificates are renewed 30 days before their end: with fewer days, renewal does not work. */
const minCertificateDays = 14;

async function checkCertificate({ config, now, pass, failed }: Check): Promise<void> {
  const { protocol, hostname, port } = new URL(config.siteUrl);
  if (protocol !== "https:") return;
  const socket = connect({ host: hostname, port: Number(port) || 443, servername: hostname });
  try {
    await once(socket, "secureConnect", { signal: AbortSignal.timeout(10_000) });
    const end = new Date(socket.getPeerCertificate().valid_to);
    const days = Math.floor((end.getTime() - now.getTime()) / dayMs);
    const text = `certificate: it ends in ${days} days, on ${end.toISOString().slice(0, 10)}`;
    if (days < minCertificateDays) failed(`${text}: run certbot renew, or replace your own`);
    else pass(text);
  } catch (error) {
    throw new OperatorError(
      `certificate: ${hostname} did not respond, or with a wrong certificate: ${reasonOf(error)}`,
    );
  } finally {
    socket.destroy();
  }
}

async function checkTimers({ config, now, pass, warn, failed }: Check): Promise<void> {
  if (!config.production) return;
  if (!config.backupTo) warn("BACKUP_TO is not set, so all backups are on this machine");
  if (!config.alertWebhookUrl) warn("ALERT_WEBHOOK_URL is not set, so nobody is told what fails");
  const stopped = stoppedTimers(now);
  for (const sentence of stopped) failed(sentence);
  if (stopped.length === 0) pass("timers: all run");
}

/** Connects to the mail server and logs in. With `sendTest` it also sends a mail to MAIL_TO. */
async function checkMailServer(check: Check): Promise<void> {
  const { config, now, sendTest, pass, warn, failed } = check;
  const { smtpUrl, smtpRequireTls } = config;
  if (!smtpUrl) return warn(`mail: SMTP_URL is not set, so mails are written to ${config.mailDir}`);
  const { protocol, username } = new URL(smtpUrl);
  const login = await verifySmtp(smtpUrl, smtpRequireTls);
  if (!login.sent) return failed(`mail server: ${login.reason}; ${adviceFor(login.reason)}`);
  pass(`mail server: it accepted the connection${username ? " and the login" : ""}`);
  if (!smtpRequireTls && protocol === "smtp:")
    warn("mail server: SMTP_REQUIRE_TLS=false: only safe for a relay on this machine");
  if (!sendTest) return;
  const send = createSmtpSender(smtpUrl, smtpRequireTls);
  const result = await send({
    reference: "test",
    messageId: `<test-${now.getTime()}@${config.storeSettings.messageIdDomain}>`,
    date: now,
    from: config.mailFrom,
    to: config.mailTo,
    subject: `Test mail of the website, ${now.toISOString()}`,
    text: "If this mail is in your inbox and not in the spam folder, inquiries will arrive there too.\n",
  });
  if (!result.sent) failed(`test mail: ${result.reason}`);
  else if (result.refusedRecipients.length > 0)
    failed(
      `test mail: the mail server refused number ${result.refusedRecipients.join(", ")} of the addresses in MAIL_TO`,
    );
  else pass("test mail: sent; check that it is in the inbox of each address in MAIL_TO");
}

/** Returns advice for a failure of the mail server. `reason` begins with a code of Nodemailer. */
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

export const doctor: Command = { help, main };
if (import.meta.main) await runProcess(doctor);
