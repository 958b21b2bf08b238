// `npm run doctor`: checks the configuration, the machine, the mail server and DNS, and prints a line with advice for each. Run it before
// the site goes live and after a change of mail, DNS or machine.

import { statfs } from "node:fs/promises";
import { Resolver } from "node:dns/promises";
import { formatError } from "../articles/article.ts";
import { openLibrary } from "../articles/library.ts";
import type { Config } from "../config.ts";
import { deliveryProblems, overdueProblems } from "../inquiries/alerts.ts";
import { createSmtpSender } from "../inquiries/smtp.ts";
import { callWebhook } from "../inquiries/webhook.ts";
import { createMailSender, openConfiguredStore } from "../store-and-mail.ts";
import { checkLive } from "./live-check.ts";
import { explain, fail, readArguments, readConfig, shownPath, UsageError } from "./environment.ts";

const help = `npm run doctor -- [--send-test] [--dkim SELECTOR] | --live URL

  --send-test        also send a test mail to MAIL_TO and call the webhook
  --dkim SELECTOR    also look up the key with which your mail server signs
  --live URL         for cron: only send a test inquiry through the public address, find it in the store and delete it
Exit codes: 0 no check failed, 1 a check failed, 2 wrong arguments.`;

const options = { "send-test": { type: "boolean" }, dkim: { type: "string" }, live: { type: "string" } } as const;
const { "send-test": sendTest, dkim, live } = readArguments({ options }, help).values;

let failures = 0;
const pass = (text: string) => console.log(`PASS  ${text}`);
const warn = (text: string) => console.log(`WARN  ${text}`);
const failed = (text: string) => {
  failures += 1;
  console.log(`FAIL  ${text}`);
};

async function main(): Promise<void> {
  const config = readConfig();
  const now = new Date();
  if (live) return runLiveCheck(live, config, now);
  for (const check of [checkSettings, checkArticles, checkStore, checkDisk, checkMailServer, checkSenderDomain, checkWebhook])
    await check(config, now).catch((error: unknown) => failed(explain(error)));
  console.log(failures === 0 ? "\nNo check failed." : `\nFailed: ${failures}.`);
  process.exitCode = failures === 0 ? 0 : 1;
}

/** Calls the webhook for each failure, because the output of cron may not be read. */
async function runLiveCheck(address: string, config: Config, now: Date): Promise<void> {
  const site = URL.parse(address);
  if (!site || !/^https?:$/.test(site.protocol)) throw new UsageError(`--live requires the public address, like ${config.siteUrl}`);
  try {
    pass(`live: ${site.origin} accepted and stored ${await checkLive(site, config, now)}, which is deleted again`);
  } catch (error) {
    const url = config.alertWebhookUrl;
    const problem = explain(error);
    const report = { text: `${site.origin}: ${problem}`, site: config.siteUrl, problems: [problem], at: now.toISOString() };
    if (url)
      await callWebhook(url, { ...report, incident: "live check failed" }).catch(({ message }: Error) => failed(`webhook: ${message}`));
    throw error;
  }
}

async function checkSettings(config: Config): Promise<void> {
  if (config.production) pass("settings: production, without example values");
  else warn("settings: NODE_ENV is not production, so example values are allowed");
  if (config.trustProxy === false && config.production) warn("TRUST_PROXY is not set: behind a proxy all visitors share one rate limit");
  if (config.replyWithinWorkingDays === undefined) warn("REPLY_WITHIN_WORKING_DAYS is not set: no reply time is promised to visitors");
}

async function checkArticles(config: Config, now: Date): Promise<void> {
  const library = await openLibrary(config.articlesDir);
  await library.indexReady(); // completes bodyProblems
  const count = library.list(now).length;
  // The clock of a machine without a battery starts years ago, before any article was public.
  if (count === 0) failed(`clock: ${now.toISOString()}, and no article is public at that time: set the clock, or publish an article`);
  else pass(`clock: ${now.toISOString()}`);
  for (const error of library.errors()) failed(formatError(error));
  for (const problem of library.bodyProblems()) warn(formatError(problem));
  if (library.errors().length === 0) pass(`articles: ${count} are public, and no file is invalid`);
  library.close();
}

async function checkStore(config: Config, now: Date): Promise<void> {
  const store = await openConfiguredStore(config); // throws if commits are not durable
  await store.staff.checkWritable(now);
  const summary = await store.staff.summary(now);
  const overdue = await store.followUp.overdue(now);
  await store.close();
  pass(`store: ${store.name} is writable, and its commits are durable`);
  if (config.databaseRequireTls === false) warn("DATABASE_REQUIRE_TLS=false: only safe for a database on this machine or network");
  for (const problem of deliveryProblems(summary, now)) failed(`delivery: ${problem}; see npm run inquiries -- list`);
  for (const problem of overdueProblems(overdue)) failed(`${problem}; see npm run inquiries -- list --overdue`);
}

async function checkDisk(config: Config): Promise<void> {
  const { bavail, bsize } = await statfs(config.dataDir);
  const megabytes = Math.round((bavail * bsize) / 1_048_576);
  const text = `disk: ${megabytes.toLocaleString("en-GB")} MB free in ${shownPath(config.dataDir)}`;
  if (megabytes < 100) failed(`${text}: free some space, or inquiries will be refused`);
  else if (megabytes < 1_000) warn(`${text}: free some space soon`);
  else pass(text);
}

async function checkMailServer(config: Config, now: Date): Promise<void> {
  if (!config.smtpUrl) return warn(`mail: SMTP_URL is not set, so mails are written to ${shownPath(config.mailDir)}`);
  const login = await createSmtpSender(config.smtpUrl, config.smtpRequireTls)();
  if (!login.sent) return failed(`mail server: ${login.reason}; check SMTP_URL, its port and password`);
  pass("mail server: connection, TLS and login work");
  if (!config.smtpRequireTls) warn("SMTP_REQUIRE_TLS=false: only safe for a relay on this machine");
  if (!sendTest) return warn("test mail: not sent; add --send-test and check where it arrives");
  const result = await createMailSender(config)({
    reference: "test",
    messageId: `<test-${now.getTime()}@${domainOf(config)}>`,
    date: now,
    from: config.mailFrom,
    to: config.mailTo,
    subject: `Test mail of the website, ${now.toISOString()}`,
    text: "If this mail is in your inbox and not in the spam folder, inquiries will arrive there too.\n",
  });
  if (!result.sent) failed(`test mail: ${result.reason}`);
  else if (result.refusedRecipients > 0) failed(`test mail: ${result.refusedRecipients} of the addresses in MAIL_TO were refused`);
  else pass("test mail: sent; check that it is in the inbox of each address in MAIL_TO");
}

const domainOf = ({ mailFrom }: Config) => mailFrom.address.split("@")[1] ?? "";

async function checkSenderDomain(config: Config): Promise<void> {
  const domain = domainOf(config);
  await checkRecord("SPF", domain, /^v=spf1\b/i, "a TXT record v=spf1 that names your mail server");
  await checkRecord("DMARC", `_dmarc.${domain}`, /^v=DMARC1\b/i, "a TXT record, at least v=DMARC1; p=none");
  if (dkim) await checkRecord("DKIM", `${dkim}._domainkey.${domain}`, /\bp=[A-Za-z0-9+/]/, "the key with which your mail server signs");
  else warn("DKIM: not looked up; add --dkim SELECTOR, the name of the key with which your mail server signs");
}

async function checkRecord(kind: string, name: string, pattern: RegExp, advice: string): Promise<void> {
  const records = await new Resolver({ timeout: 3_000, tries: 1 }).resolveTxt(name).catch((error: NodeJS.ErrnoException) => {
    return ["ENOTFOUND", "ENODATA"].includes(error.code ?? "") ? [] : undefined;
  });
  if (!records) warn(`${kind}: the DNS lookup of ${name} failed; look it up on another machine`);
  else if (records.some((parts) => pattern.test(parts.join("")))) pass(`${kind}: ${name} has a record`);
  else failed(`${kind}: ${name} has no record, so mails may be treated as spam: add ${advice}`);
}

async function checkWebhook({ alertWebhookUrl, siteUrl }: Config, now: Date): Promise<void> {
  if (!alertWebhookUrl)
    return warn("webhook: ALERT_WEBHOOK_URL is not set; run `npm run inquiries -- health` from cron and report its exit code");
  if (!sendTest) return pass("webhook: set; add --send-test to call it");
  const text = `This is a test call for ${siteUrl}. Alerts arrive here.`;
  await callWebhook(alertWebhookUrl, { text, site: siteUrl, incident: "test", problems: [], at: now.toISOString() }).then(
    () => pass("webhook: accepted a test call"),
    (error: Error) => failed(`webhook: ${error.message}`),
  );
}

await main().then(() => process.exit(), fail);
