// `npm run doctor`: what would go wrong once the site is live, one line a finding, each with what to do. Run it before going live and
// after a change of mail, DNS or machine.

import { statfs } from "node:fs/promises";
import { Resolver } from "node:dns/promises";
import { parseArgs } from "node:util";
import { openLibrary } from "../articles/library.ts";
import type { Config } from "../config.ts";
import { tryLogin } from "../inquiries/mail-transport.ts";
import { openStore } from "../inquiries/store.ts";
import { deliveryProblems } from "../inquiries/watch.ts";
import { createMailSender, storeFile } from "../site.ts";
import { explain, readArguments, readConfig, runCommand, shownPath } from "./environment.ts";

const help = `npm run doctor -- [--send-test] [--dkim SELECTOR]

  --send-test        also send a test mail to MAIL_TO and call the webhook
  --dkim SELECTOR    the name under which your mail server signs, to look up its key
Exit codes: 0 nothing is wrong, 1 something is.`;

type Finding = { level: "ok" | "look" | "WRONG"; text: string };
const ok = (text: string): Finding => ({ level: "ok", text });
const look = (text: string): Finding => ({ level: "look", text });
const wrong = (text: string): Finding => ({ level: "WRONG", text });

type Options = { sendTest: boolean; dkim: string | undefined; now: Date };

async function main(): Promise<number> {
  const options = { "send-test": { type: "boolean" }, dkim: { type: "string" }, help: { type: "boolean" } } as const;
  const { values } = readArguments(() => parseArgs({ options }), help);
  if (values.help) {
    console.log(help);
    return 0;
  }
  const config = readConfig();
  const given: Options = { sendTest: values["send-test"] ?? false, dkim: values.dkim, now: new Date() };
  let failed = 0;
  for (const check of [settings, clock, articles, store, disk, mailServer, senderDomain, somebodyToTell]) {
    const findings = await check(config, given).catch((error: unknown) => [wrong(explain(error))]);
    for (const { level, text } of findings) console.log(`${level.padEnd(6)} ${text}`);
    failed += findings.filter(({ level }) => level === "WRONG").length;
  }
  console.log(failed === 0 ? "\nNothing is wrong." : `\n${failed} wrong.`);
  return failed === 0 ? 0 : 1;
}

type Check = (config: Config, options: Options) => Promise<Finding[]>;

const settings: Check = async (config) => [
  config.production
    ? ok("settings: production, and none is an example")
    : look("settings: NODE_ENV is not production, so example values pass"),
  ...(config.trustProxy === false && config.production
    ? [look("TRUST_PROXY is not set: behind a proxy every visitor counts as one network")]
    : []),
  ...(config.replyWithinWorkingDays === undefined
    ? [look("REPLY_WITHIN_WORKING_DAYS is not set: visitors are promised no reply time")]
    : []),
];

const clock: Check = async (config, { now }) => {
  // A machine that forgot its time is years behind, where none of our articles is public yet.
  const library = await openLibrary(config.articlesDir, { showHidden: false });
  const newest = library.list(now)[0];
  if (!newest) return [wrong(`clock: it says ${now.toISOString()}, and no article is public at that time: set the clock, or publish one`)];
  return [ok(`clock: ${now.toISOString()}`)];
};

const articles: Check = async (config, { now }) => {
  const library = await openLibrary(config.articlesDir);
  const errors = library.errors.map(({ file, line, message }) => wrong(`${file}:${line}: ${message}`));
  return errors.length > 0 ? errors : [ok(`articles: ${library.list(now).length} public, none wrong`)];
};

const store: Check = async (config, { now }) => {
  const opened = await openStore(storeFile(config), "localhost"); // checks that commits are durable
  await opened.checkWritable(now);
  const summary = await opened.summary(now);
  await opened.close();
  const problems = deliveryProblems(summary, now).map((problem) => wrong(`delivery: ${problem}; npm run inquiries -- list`));
  return [ok(`store: ${shownPath(storeFile(config))} is writable, and what is committed is on disk`), ...problems];
};

const disk: Check = async (config) => {
  const { bavail, bsize } = await statfs(config.dataDir);
  const megabytes = Math.round((bavail * bsize) / 1_048_576);
  const text = `disk: ${megabytes.toLocaleString("en-GB")} MB free under ${shownPath(config.dataDir)}`;
  if (megabytes < 100) return [wrong(`${text}: make room, or inquiries will be refused`)];
  return [megabytes < 1_000 ? look(`${text}: that is little`) : ok(text)];
};

const mailServer: Check = async (config, { sendTest, now }) => {
  if (!config.smtpUrl) return [look(`mail: SMTP_URL is not set, so mails are files under ${shownPath(config.mailDir)}`)];
  const login = await tryLogin(config.smtpUrl, config.smtpRequireTls);
  if (!login.sent) return [wrong(`mail server: ${login.reason}; check SMTP_URL, its port and password`)];
  const clear = config.smtpRequireTls
    ? []
    : [look("SMTP_REQUIRE_TLS=false: mails travel in clear; only right for a relay on this machine")];
  const findings = [ok("mail server: connected, TLS as set, logged in"), ...clear];
  if (!sendTest) return [...findings, look("no test mail was sent: add --send-test, and look where it arrives")];
  const stamp = now.toISOString();
  const result = await createMailSender(config)({
    reference: "test",
    messageId: `<test-${now.getTime()}@${config.mailFrom.address.split("@")[1]}>`,
    date: now,
    from: config.mailFrom,
    to: config.mailTo,
    subject: `Test mail of the website, ${stamp}`,
    text: "If you read this in your inbox and not in the spam folder, inquiries reach you the same way.\n",
  });
  if (!result.sent) return [...findings, wrong(`test mail: ${result.reason}`)];
  if (result.refusedRecipients > 0) return [...findings, wrong(`test mail: ${result.refusedRecipients} of MAIL_TO were refused`)];
  return [...findings, ok("test mail: handed over; see that it is in the inbox of each in MAIL_TO")];
};

const senderDomain: Check = async (config, { dkim }) => {
  const domain = config.mailFrom.address.split("@")[1] ?? "";
  const resolver = new Resolver({ timeout: 3_000, tries: 1 });
  const txt = async (name: string): Promise<string[] | undefined> => {
    try {
      return (await resolver.resolveTxt(name)).map((parts) => parts.join(""));
    } catch (error) {
      return ["ENOTFOUND", "ENODATA"].includes((error as NodeJS.ErrnoException).code ?? "") ? [] : undefined;
    }
  };
  const records: [string, string, RegExp, string][] = [
    ["SPF", domain, /^v=spf1\b/i, "a TXT record v=spf1 that names your mail server"],
    ["DMARC", `_dmarc.${domain}`, /^v=DMARC1\b/i, "a TXT record v=DMARC1; p=none at least"],
    ...(dkim
      ? [
          ["DKIM", `${dkim}._domainkey.${domain}`, /\bp=[A-Za-z0-9+/]/, "the key your mail server signs with"] as [
            string,
            string,
            RegExp,
            string,
          ],
        ]
      : []),
  ];
  const findings: Finding[] = dkim
    ? []
    : [look("DKIM was not looked up: say --dkim SELECTOR, the name under which your mail server signs")];
  for (const [kind, name, pattern, advice] of records) {
    const found = await txt(name);
    if (found === undefined) findings.push(look(`${kind}: no resolver answered for ${name}; look it up from elsewhere`));
    else if (found.some((record) => pattern.test(record))) findings.push(ok(`${kind}: ${name} has it`));
    else findings.push(wrong(`${kind}: ${name} has none, so mails may land in spam: add ${advice}`));
  }
  return findings;
};

const somebodyToTell: Check = async (config, { sendTest }) => {
  if (!config.alertWebhookUrl)
    return [look("ALERT_WEBHOOK_URL is not set: run `npm run inquiries -- health` from cron and have its exit code reach somebody")];
  if (!sendTest) return [ok("webhook: set; --send-test calls it")];
  const body = JSON.stringify({ site: config.siteUrl, incident: "test", problems: [] });
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(config.alertWebhookUrl, {
    method: "POST",
    headers,
    body,
    signal: AbortSignal.timeout(10_000),
  });
  return [response.ok ? ok("webhook: it took the test call") : wrong(`webhook: it answered ${response.status}`)];
};

await runCommand(main);
