// The command `doctor`: checks the settings, the machine and the mail server, and prints a line
// with advice for each.

import { getServers, NODATA, NOTFOUND, Resolver } from "node:dns/promises";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { connect } from "node:tls";
import { parseArgs } from "node:util";
import { dayMs } from "../calendar.ts";
import { unconfirmedClaims } from "../company.ts";
import type { Config } from "../config.ts";
import { OperatorError } from "../operator-error.ts";
import { createMailSender, verifySmtp } from "../inquiries/mail/smtp.ts";
import { runProcess, siteAt, UsageError, type Call, type Command } from "./command.ts";
import { checkForm, checkPages } from "./live-check.ts";
import { findProblems, stoppedTimers } from "./machine.ts";
import { explain, openStore, readConfig } from "../startup.ts";

const help = `On the server: site doctor [--send-test] or site doctor --live-check [URL]
Elsewhere: npm run doctor -- [--send-test] or npm run doctor -- --live-check [URL]

  --send-test          also sends a test mail to MAIL_TO
  --live-check [URL]   only sends an inquiry through SITE_URL or this address, finds it in the store and
                       deletes it, and requests the home page and an article; without an address it
                       also lists the problems that /problems knows
Exit codes: 0 no check failed, 1 a check failed, 2 wrong arguments.`;

const options = { "send-test": { type: "boolean" }, "live-check": { type: "boolean" } } as const;

async function main({ args, env, now, print }: Call): Promise<number> {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const { "send-test": isTest = false, "live-check": isLive = false } = values;
  const [surplus] = positionals.slice(Number(isLive));
  if (surplus !== undefined)
    throw new UsageError(`"${surplus}" is an argument too many.\n\n${help}`);
  const config = readConfig(env);
  if (isLive) {
    const site = siteAt(positionals[0] ?? config.siteUrl);
    // With an address, doctor checks a release, which an overdue inquiry must not refuse.
    const problems = positionals.length === 0 ? await findProblems(config, now) : [];
    for (const problem of problems) print(`FAIL  ${problem}`);
    print(`PASS  live check: ${await checkForm(site, config, now)}`);
    print(`PASS  live check: ${await checkPages(site, now)}`);
    return problems.length > 0 ? 1 : 0;
  }

  let code = 0;
  const note = (line: string) => {
    if (line.startsWith("FAIL")) code = 1;
    print(line);
  };
  for (const check of Object.values(checks))
    try {
      for await (const line of check(config, now, isTest)) note(line);
    } catch (error) {
      note(`FAIL  ${explain(error)}`);
    }
  return code;
}

/**
 * A check yields lines that begin with PASS, WARN or FAIL. What it throws becomes a line with FAIL.
 */
type Check = (config: Config, now: Date, isTest: boolean) => AsyncGenerator<string>;

const checks: Record<string, Check> = {
  async *settings({ production, trustProxy, backupTo, alertWebhookUrl }) {
    if (!production) return;
    if (!trustProxy)
      yield "WARN  TRUST_PROXY is not set: behind a proxy all visitors share one rate limit";
    if (!backupTo) yield "WARN  BACKUP_TO is not set, so all backups are on this machine";
    if (!alertWebhookUrl) yield "WARN  ALERT_WEBHOOK_URL is not set, so nobody is told what fails";
  },

  async *owner() {
    for (const { says, on } of unconfirmedClaims)
      yield `WARN  not confirmed by the owner: ${says} (${on.join(", ")})`;
  },

  async *store(config, now) {
    await using store = await openStore(config);
    const name = await store.open(); // `open` throws if commits are not durable
    await store.checkWritable(now);
    yield `PASS  store: ${name} is writable, and its commits are durable`;
    if (URL.parse(config.databaseUrl ?? "")?.searchParams.get("sslmode") === "require")
      yield "WARN  store: sslmode=require verifies no certificate, so another machine could take the place of PostgreSQL; verify-full does";
  },

  async *disk({ dataDir }) {
    // With PostgreSQL there may be no folder. If SQLite's is missing, the check `store` says so.
    if (!existsSync(dataDir)) return;
    const { bavail, bsize } = await statfs(dataDir);
    const megabytes = Math.round((bavail * bsize) / 1_048_576);
    const text = `disk: ${megabytes} MB free in ${dataDir}`;
    yield megabytes >= 500
      ? `PASS  ${text}`
      : `FAIL  ${text}: free some space, or inquiries will be refused`;
  },

  /** Checks nothing of the certificate but its end. If it is wrong, the live check fails. */
  async *certificate({ siteUrl }, now) {
    const { protocol, hostname: host, port } = new URL(siteUrl);
    if (protocol !== "https:") return;
    const server = { host, port: Number(port) || 443, servername: host };
    const socket = connect({ ...server, rejectUnauthorized: false });
    socket.setTimeout(10_000, () => socket.destroy(new OperatorError(`${host} did not respond.`)));
    await once(socket, "secureConnect");
    const end = socket.getPeerCertificate().valid_to;
    socket.destroy();
    const days = Math.floor((Date.parse(end) - now.getTime()) / dayMs);
    yield days >= minCertificateDays
      ? `PASS  certificate: it ends in ${days} days`
      : `FAIL  certificate: it ends in ${days} days: run certbot renew, or replace your own`;
  },

  async *timers({ production }, now) {
    if (production) for (const sentence of stoppedTimers(now)) yield `FAIL  ${sentence}`;
  },

  async *mail(config, now, isTest) {
    const { smtpUrl, smtpRequireTls } = config;
    if (!smtpUrl) {
      yield `WARN  mail: SMTP_URL is not set, so mails are written to ${config.mailDir}`;
      return;
    }
    const result = await (isTest ? sendTestMail(config, now) : verifySmtp(smtpUrl, smtpRequireTls));
    if (!result.sent)
      yield `FAIL  mail server: ${result.reason}; ${adviceFor(result.reason, smtpUrl)}`;
    else if (result.refusedRecipients.length > 0)
      yield `FAIL  test mail: the mail server refused number ${result.refusedRecipients.join(", ")} of the addresses in MAIL_TO`;
    else if (!isTest) yield "PASS  mail server: it accepts the connection and the login";
    else
      yield "PASS  test mail: sent; it should be in the inbox of each address in MAIL_TO, with Authentication-Results: spf=pass, dkim=pass, dmarc=pass";
  },

  async *sender(config) {
    if (config.production) yield* senderRecords(config);
  },
};

/**
 * certbot renews a certificate 30 days before its end, so one with fewer days than this shows that
 * renewal has failed.
 */
const minCertificateDays = 14;

const sendTestMail = (config: Config, now: Date) =>
  createMailSender(config)({
    reference: "test",
    messageId: `<test-${now.getTime()}@${config.storeSettings.messageIdDomain}>`,
    date: now,
    from: config.mailFrom,
    to: config.mailTo,
    subject: `Test mail of the website, ${now.toISOString()}`,
    text: "If this mail is in your inbox and not in the spam folder, inquiries will arrive there too.\n",
  });

/** Returns what to do about a failure. `reason` begins with a code of Nodemailer. */
export function adviceFor(reason: string, smtpUrl: string): string {
  const port = URL.parse(smtpUrl)?.port || (smtpUrl.startsWith("smtps:") ? "465" : "587");
  if (/^ETIMEDOUT\b/.test(reason) && ["25", "465", "587"].includes(port))
    return `port ${port} does not answer: many providers of machines block 25, 465 and 587, so try port 2525, which most mail providers also offer (smtp://…:2525)`;
  if (/certificate|self-signed|altnames/i.test(reason))
    return "use the host name of its certificate in SMTP_URL, or add your own certificate authority: docs/operations.md, elsewhere NODE_EXTRA_CA_CERTS";
  if (/^ETLS\b| version number:/.test(reason))
    return "use smtp:// with a port that offers STARTTLS, smtps:// with port 465, or SMTP_REQUIRE_TLS=false for a relay on this machine";
  if (/^EAUTH\b/.test(reason))
    return "check the user and the password in SMTP_URL, and percent-encode special characters";
  return "check SMTP_URL, MAIL_FROM and MAIL_TO, and that the firewall lets this machine connect";
}

type Sender = Pick<Config, "mailFrom" | "dkimSelector">;

/**
 * Checks whether the DNS vouches for mails from MAIL_FROM. Without SPF, DKIM and DMARC the relay
 * takes a mail, and it ends in a spam folder.
 */
export async function* senderRecords({ mailFrom, dkimSelector }: Sender, servers = getServers()) {
  const [, domain = ""] = mailFrom.address.split("@");
  const labels = domain.split(".");
  // A subdomain without a DMARC policy has that of the domain above it (RFC 7489, section 6.6.3).
  const parents = labels.slice(1).map((_label, index) => labels.slice(index).join("."));
  const policies = parents.map((parent) => `_dmarc.${parent}`);
  const key = `${dkimSelector}._domainkey.${domain}`;
  const records: [name: string, hosts: string[], is: RegExp, advice: string][] = [
    ["SPF", [domain], /^v=spf1\b/i, 'TXT "v=spf1 include:HOST ~all"'],
    ["DMARC", policies, /^v=DMARC1\b/i, 'TXT "v=DMARC1; p=none"'],
  ];
  if (dkimSelector) records.push(["DKIM", [key], /\bp=[^;\s]/, "the record of your mail provider"]);
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  resolver.setServers(servers);
  const textsAt = (host: string) =>
    resolver.resolveTxt(host).catch((error: NodeJS.ErrnoException) => {
      if (error.code === NODATA || error.code === NOTFOUND) return [];
      throw error;
    });
  for (const [name, hosts, is, advice] of records)
    try {
      const texts = (await Promise.all(hosts.map(textsAt))).flat().map((parts) => parts.join(""));
      const isFound = texts.some((text) => is.test(text));
      yield isFound ? `PASS  ${name}: found` : `WARN  ${name}: add at ${hosts[0]}: ${advice}`;
    } catch (error) {
      yield `WARN  ${name}: could not look up ${hosts[0]}: ${String(error)}`;
    }
}

export const doctor: Command = { help, main };
if (import.meta.main) await runProcess(doctor);
