// `npm run doctor`: what would go wrong once the site is live, one line a finding, each with what to do. Run it before going live and
// after a change of mail, DNS or machine.

import { statfs } from "node:fs/promises";
import { Resolver } from "node:dns/promises";
import { openLibrary } from "../articles/library.ts";
import type { Config } from "../config.ts";
import { tryLogin } from "../inquiries/smtp.ts";
import { callWebhook, deliveryProblems } from "../inquiries/alerts.ts";
import { createMailSender, openConfiguredStore } from "../site.ts";
import { checkLive } from "./live-check.ts";
import { explain, fail, readArguments, readConfig, shownPath, UsageError } from "./environment.ts";

const help = `npm run doctor -- [--send-test] [--dkim SELECTOR] | --live URL

  --send-test        also send a test mail to MAIL_TO and call the webhook
  --dkim SELECTOR    the name under which your mail server signs, to look up its key
  --live URL         for cron, and nothing else: sends an inquiry of its own through the public address, sees it in the store and deletes it
Exit codes: 0 nothing is wrong, 1 something is.`;

const options = { "send-test": { type: "boolean" }, dkim: { type: "string" }, live: { type: "string" } } as const;
const { "send-test": sendTest, dkim, live } = readArguments({ options }, help).values;

let failed = 0;
const ok = (text: string) => console.log(`ok     ${text}`);
const look = (text: string) => console.log(`look   ${text}`);
const wrong = (text: string) => {
  failed += 1;
  console.log(`WRONG  ${text}`);
};

async function main(): Promise<void> {
  const config = readConfig();
  const now = new Date();
  if (live) return liveCheck(live, config, now);
  for (const check of [settings, articles, store, disk, mailServer, senderDomain, somebodyToTell])
    await check(config, now).catch((error: unknown) => wrong(explain(error)));
  console.log(failed === 0 ? "\nNothing is wrong." : `\n${failed} wrong.`);
  process.exitCode = failed === 0 ? 0 : 1;
}

/** Who does not read what cron says is told by the webhook, each time. */
async function liveCheck(address: string, config: Config, now: Date): Promise<void> {
  const site = URL.parse(address);
  if (!site || !/^https?:$/.test(site.protocol)) throw new UsageError(`--live wants the public address, like ${config.siteUrl}`);
  try {
    ok(`live: ${site.origin} took ${await checkLive(site, config, now)}, stored it, and it is deleted again`);
  } catch (error) {
    const report = { site: config.siteUrl, incident: "live check failed", problems: [explain(error)], at: now.toISOString() };
    if (config.alertWebhookUrl)
      await callWebhook(config.alertWebhookUrl, report).catch(({ message }: Error) => wrong(`webhook: ${message}`));
    throw error;
  }
}

async function settings(config: Config): Promise<void> {
  if (config.production) ok("settings: production, and none is an example");
  else look("settings: NODE_ENV is not production, so example values pass");
  if (config.trustProxy === false && config.production) look("TRUST_PROXY is not set: behind a proxy every visitor counts as one network");
  if (config.replyWithinWorkingDays === undefined) look("REPLY_WITHIN_WORKING_DAYS is not set: visitors are promised no reply time");
}

async function articles(config: Config, now: Date): Promise<void> {
  const library = await openLibrary(config.articlesDir);
  const shown = library.list(now).length;
  // A machine that forgot its time is years behind, where none of our articles is public yet.
  if (shown === 0) wrong(`clock: it says ${now.toISOString()}, and no article is public at that time: set the clock, or publish one`);
  else ok(`clock: ${now.toISOString()}`);
  for (const { file, line, message } of library.errors()) wrong(`${file}:${line}: ${message}`);
  if (library.errors().length === 0) ok(`articles: ${shown} public, none wrong`);
}

async function store(config: Config, now: Date): Promise<void> {
  const opened = await openConfiguredStore(config); // checks that commits are durable
  await opened.staff.checkWritable(now);
  const summary = await opened.staff.summary(now);
  await opened.close();
  ok(`store: ${opened.name} is writable, and what is committed is on disk`);
  if (config.databaseRequireTls === false) look("DATABASE_REQUIRE_TLS=false: inquiries travel in clear; only right within one machine");
  for (const problem of deliveryProblems(summary, now)) wrong(`delivery: ${problem}; npm run inquiries -- list`);
}

async function disk(config: Config): Promise<void> {
  const { bavail, bsize } = await statfs(config.dataDir);
  const megabytes = Math.round((bavail * bsize) / 1_048_576);
  const text = `disk: ${megabytes.toLocaleString("en-GB")} MB free under ${shownPath(config.dataDir)}`;
  if (megabytes < 100) wrong(`${text}: make room, or inquiries will be refused`);
  else if (megabytes < 1_000) look(`${text}: that is little`);
  else ok(text);
}

async function mailServer(config: Config, now: Date): Promise<void> {
  if (!config.smtpUrl) return look(`mail: SMTP_URL is not set, so mails are files under ${shownPath(config.mailDir)}`);
  const login = await tryLogin(config.smtpUrl, config.smtpRequireTls);
  if (!login.sent) return wrong(`mail server: ${login.reason}; check SMTP_URL, its port and password`);
  ok("mail server: connected, TLS as set, logged in");
  if (!config.smtpRequireTls) look("SMTP_REQUIRE_TLS=false: mails travel in clear; only right for a relay on this machine");
  if (!sendTest) return look("no test mail was sent: add --send-test, and look where it arrives");
  const result = await createMailSender(config)({
    reference: "test",
    messageId: `<test-${now.getTime()}@${domainOf(config)}>`,
    date: now,
    from: config.mailFrom,
    to: config.mailTo,
    subject: `Test mail of the website, ${now.toISOString()}`,
    text: "If you read this in your inbox and not in the spam folder, inquiries reach you the same way.\n",
  });
  if (!result.sent) wrong(`test mail: ${result.reason}`);
  else if (result.refusedRecipients > 0) wrong(`test mail: ${result.refusedRecipients} of MAIL_TO were refused`);
  else ok("test mail: sent; see that it is in the inbox of each in MAIL_TO");
}

const domainOf = ({ mailFrom }: Config) => mailFrom.address.split("@")[1] ?? "";

async function senderDomain(config: Config): Promise<void> {
  const domain = domainOf(config);
  await lookUp("SPF", domain, /^v=spf1\b/i, "a TXT record v=spf1 that names your mail server");
  await lookUp("DMARC", `_dmarc.${domain}`, /^v=DMARC1\b/i, "a TXT record v=DMARC1; p=none at least");
  if (dkim) await lookUp("DKIM", `${dkim}._domainkey.${domain}`, /\bp=[A-Za-z0-9+/]/, "the key your mail server signs with");
  else look("DKIM was not looked up: say --dkim SELECTOR, the name under which your mail server signs");
}

async function lookUp(kind: string, name: string, pattern: RegExp, advice: string): Promise<void> {
  const records = await new Resolver({ timeout: 3_000, tries: 1 }).resolveTxt(name).catch((error: NodeJS.ErrnoException) => {
    return ["ENOTFOUND", "ENODATA"].includes(error.code ?? "") ? [] : undefined;
  });
  if (!records) look(`${kind}: no resolver answered for ${name}; look it up from elsewhere`);
  else if (records.some((parts) => pattern.test(parts.join("")))) ok(`${kind}: ${name} has it`);
  else wrong(`${kind}: ${name} has none, so mails may land in spam: add ${advice}`);
}

async function somebodyToTell({ alertWebhookUrl, siteUrl }: Config): Promise<void> {
  if (!alertWebhookUrl)
    return look("ALERT_WEBHOOK_URL is not set: run `npm run inquiries -- health` from cron and have its exit code reach somebody");
  if (!sendTest) return ok("webhook: set; --send-test calls it");
  await callWebhook(alertWebhookUrl, { site: siteUrl, incident: "test", problems: [] }).then(
    () => ok("webhook: it took the test call"),
    (error: Error) => wrong(`webhook: ${error.message}`),
  );
}

await main().then(() => process.exit(), fail);
