// `npm run doctor`: checks the configuration, the machine, the mail server and DNS, and prints a line with advice for each. Run it before
// the site goes live and after a change of mail, DNS or machine.

import { statfs } from "node:fs/promises";
import { formatError } from "../articles/article.ts";
import { openLibrary } from "../articles/library.ts";
import { company } from "../company.ts";
import { deliveryProblems, overdueProblems } from "../inquiries/alerts.ts";
import { callWebhook } from "../inquiries/webhook.ts";
import { reasonOf } from "../log.ts";
import { openConfiguredStore } from "../store-and-mail.ts";
import {
  explain,
  readArguments,
  readConfig,
  runProcess,
  shownPath,
  UsageError,
  type Call,
  type Command,
} from "./environment.ts";
import { createFindings, type Check } from "./findings.ts";
import { callHeartbeat, checkLive } from "./live-check.ts";
import { checkMailServer, checkSenderDomain } from "./mail-checks.ts";
import { reportFailure } from "./report-failure.ts";

const help = `npm run doctor -- [--send-test] [--dkim SELECTOR] | --live URL

  --send-test        also send a test mail to MAIL_TO and call the webhook
  --dkim SELECTOR    also look up the key with which your mail server signs
  --live URL         for cron: only send a test inquiry through the public address, find it in the store and delete it
Exit codes: 0 no check failed, 1 a check failed, 2 wrong arguments, 3 --live succeeded and HEARTBEAT_URL could not be called.`;

/** Not 1: a deployment has to distinguish this from a form that fails. */
const heartbeatExitCode = 3;

const options = {
  "send-test": { type: "boolean" },
  dkim: { type: "string" },
  live: { type: "string" },
} as const;

async function main(call: Call): Promise<number> {
  const {
    "send-test": sendTest = false,
    dkim,
    live,
  } = readArguments({ args: call.args, options }, help).values;
  const config = readConfig(call.env);
  const findings = createFindings(call);
  const check: Check = { ...findings, config, now: new Date(), sendTest };
  if (live !== undefined) return runLiveCheck(live, check);
  const checkDomain = () => checkSenderDomain(check, dkim);
  for (const run of [
    checkSettings,
    checkArticles,
    checkStore,
    checkDisk,
    checkMailServer,
    checkDomain,
    checkAlerts,
  ])
    await run(check).catch((error: unknown) => check.failed(explain(error)));
  return findings.summarise(`run doctor with --live ${config.siteUrl}, while the site runs`);
}

/** Calls the heartbeat after a success and the webhook after a failure, because nobody may read the output of cron. */
async function runLiveCheck(
  address: string,
  { config, now, pass, failed }: Check,
): Promise<number> {
  const site = URL.parse(address);
  if (!site || !/^https?:$/.test(site.protocol))
    throw new UsageError(`--live requires the public address, like ${config.siteUrl}`);
  try {
    pass(
      `live: ${site.origin} accepted and stored ${await checkLive(site, config, now)}, which is deleted again`,
    );
  } catch (error) {
    failed(explain(error));
    await reportFailure(config, "live check failed", explain(error));
    return 1;
  }
  if (!config.heartbeatUrl) return 0;
  try {
    await callHeartbeat(config.heartbeatUrl);
    return 0;
  } catch (error) {
    failed(explain(error));
    return heartbeatExitCode;
  }
}

async function checkSettings({ config, pass, warn }: Check): Promise<void> {
  if (config.production) pass("settings: production, without example values");
  else warn("settings: NODE_ENV is not production, so example values are allowed");
  if (config.trustProxy === false && config.production)
    warn("TRUST_PROXY is not set: behind a proxy all visitors share one rate limit");
  if (config.replyWithinWorkingDays === undefined)
    warn("REPLY_WITHIN_WORKING_DAYS is not set: no reply time is promised to visitors");
  const { registration, transferSafeguard } = company;
  const facts = Object.entries({ registration, transferSafeguard });
  const unset = facts.filter(([, value]) => !value).map(([name]) => name);
  if (unset.length > 0) warn(`facts: src/company.ts does not state ${unset.join(", ")}`);
}

async function checkArticles({ config, now, pass, warn, failed }: Check): Promise<void> {
  const library = await openLibrary(config.articlesDir);
  await library.indexReady(); // completes bodyProblems
  const count = library.list(now).length;
  // On a machine without a battery, the clock starts years in the past, before any article was public.
  if (count === 0)
    failed(
      `clock: ${now.toISOString()}, and no article is public at that time: set the clock, or publish an article`,
    );
  else pass(`clock: ${now.toISOString()}`);
  for (const error of library.errors()) failed(formatError(error));
  for (const problem of library.bodyProblems()) warn(formatError(problem));
  if (library.errors().length === 0) pass(`articles: ${count} are public, and no file is invalid`);
  library.close();
}

async function checkStore({ config, now, pass, warn, failed }: Check): Promise<void> {
  const store = await openConfiguredStore(config); // throws if commits are not durable
  await store.staff.checkWritable(now);
  const summary = await store.staff.summary(now);
  await store.close();
  pass(`store: ${store.name} is writable, and its commits are durable`);
  if (config.databaseRequireTls === false)
    warn("DATABASE_REQUIRE_TLS=false: only safe for a database on this machine or network");
  for (const problem of deliveryProblems(summary, now))
    failed(`delivery: ${problem}; see npm run inquiries -- list`);
  for (const problem of overdueProblems(summary.overdue)) failed(problem);
}

async function checkDisk({ config, pass, warn, failed }: Check): Promise<void> {
  const { bavail, bsize } = await statfs(config.dataDir);
  const megabytes = Math.round((bavail * bsize) / 1_048_576);
  const text = `disk: ${megabytes.toLocaleString("en-GB")} MB free in ${shownPath(config.dataDir)}`;
  if (megabytes < 100) failed(`${text}: free some space, or inquiries will be refused`);
  else if (megabytes < 1_000) warn(`${text}: free some space soon`);
  else pass(text);
}

async function checkAlerts({ config, sendTest, pass, warn, failed }: Check): Promise<void> {
  const { alertWebhookUrl, heartbeatUrl, siteUrl } = config;
  if (heartbeatUrl) pass("heartbeat: set; each successful live check calls it");
  else
    warn(
      "heartbeat: HEARTBEAT_URL is not set, so nothing notices from outside that this machine is down",
    );
  if (!alertWebhookUrl)
    return warn(
      `webhook: ALERT_WEBHOOK_URL is not set; run inquiries health and doctor --live ${siteUrl} from cron and report their exit codes`,
    );
  if (!sendTest) return pass("webhook: set; add --send-test to call it");
  const text = `This is a test call for ${siteUrl}. Alerts arrive here.`;
  await callWebhook(alertWebhookUrl, { text, site: siteUrl, incident: "test", problems: [] }).then(
    () => pass("webhook: accepted a test call"),
    (error: unknown) => failed(`webhook: ${reasonOf(error)}; check ALERT_WEBHOOK_URL`),
  );
}

export const doctor: Command = { help, main };
if (import.meta.main) await runProcess(doctor);
