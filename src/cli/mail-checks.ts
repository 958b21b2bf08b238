// The checks of `npm run doctor` that concern mail: the mail server, and what DNS says about the domain of MAIL_FROM.

import { Resolver } from "node:dns/promises";
import type { Config } from "../config.ts";
import { createSmtpSender } from "../inquiries/smtp.ts";
import { shownPath } from "./environment.ts";
import type { Check } from "./findings.ts";

/** Connects to the mail server and logs in. With `sendTest` it also sends a mail to MAIL_TO. */
export async function checkMailServer({
  config,
  now,
  sendTest,
  pass,
  warn,
  failed,
}: Check): Promise<void> {
  const { smtpUrl, smtpRequireTls } = config;
  if (!smtpUrl)
    return warn(`mail: SMTP_URL is not set, so mails are written to ${shownPath(config.mailDir)}`);
  const send = createSmtpSender(smtpUrl, smtpRequireTls);
  const { protocol, username } = new URL(smtpUrl);
  const login = await send();
  if (!login.sent) return failed(`mail server: ${login.reason}; ${adviceFor(login.reason)}`);
  const requiresTls = smtpRequireTls || protocol === "smtps:";
  const tried = ["connection", ...(requiresTls ? ["TLS"] : []), ...(username ? ["login"] : [])];
  pass(
    `mail server: ${new Intl.ListFormat("en-GB").format(tried)} ${tried.length > 1 ? "work" : "works"}`,
  );
  if (!requiresTls)
    warn("mail server: SMTP_REQUIRE_TLS=false: only safe for a relay on this machine");
  if (!sendTest) return warn("test mail: not sent; add --send-test and check where it arrives");
  const result = await send({
    reference: "test",
    messageId: `<test-${now.getTime()}@${domainOf(config.mailFrom)}>`,
    date: now,
    from: config.mailFrom,
    to: config.mailTo,
    subject: `Test mail of the website, ${now.toISOString()}`,
    text: "If this mail is in your inbox and not in the spam folder, inquiries will arrive there too.\n",
  });
  if (!result.sent) failed(`test mail: ${result.reason}`);
  else if (result.refusedRecipients > 0)
    failed(
      `test mail: the mail server refused ${result.refusedRecipients} of the addresses in MAIL_TO`,
    );
  else pass("test mail: sent; check that it is in the inbox of each address in MAIL_TO");
}

/** Returns advice for a failure of the mail server. `reason` begins with a code of Nodemailer, see docs/decisions/0004. */
function adviceFor(reason: string): string {
  if (/certificate|self-signed|altnames/i.test(reason))
    return "use the host name of its certificate in SMTP_URL, or name your own certificate authority in NODE_EXTRA_CA_CERTS";
  if (/^ETLS\b/.test(reason))
    return "it offers no STARTTLS: use smtps:// with port 465 or another port, or set SMTP_REQUIRE_TLS=false for a relay on this machine";
  if (/^EAUTH\b/.test(reason))
    return "check the user and the password in SMTP_URL, and percent-encode special characters";
  return "check the host and the port in SMTP_URL, and that the firewall lets this machine connect to it";
}

const domainOf = ({ address }: Config["mailFrom"]) => address.split("@")[1] ?? "";

/** Looks up SPF and DMARC, and the DKIM key named `dkim` if given. */
export async function checkSenderDomain(
  { config, pass, warn, failed }: Omit<Check, "now" | "sendTest" | "summarise">,
  dkim: string | undefined,
  resolver = new Resolver({ timeout: 3_000, tries: 1 }),
): Promise<void> {
  const domain = domainOf(config.mailFrom);

  async function checkRecord(
    kind: string,
    name: string,
    pattern: RegExp,
    advice: string,
  ): Promise<void> {
    const records = await resolver.resolveTxt(name).catch((error: NodeJS.ErrnoException) => {
      return ["ENOTFOUND", "ENODATA"].includes(error.code ?? "") ? [] : undefined;
    });
    if (!records) warn(`${kind}: the DNS lookup of ${name} failed; look it up on another machine`);
    else if (records.some((parts) => pattern.test(parts.join(""))))
      pass(`${kind}: ${name} has a record`);
    else failed(`${kind}: ${name} has no record, so mails may be treated as spam: add ${advice}`);
  }

  await checkRecord("SPF", domain, /^v=spf1\b/i, "a TXT record v=spf1 that names your mail server");
  await checkRecord(
    "DMARC",
    `_dmarc.${domain}`,
    /^v=DMARC1\b/i,
    "a TXT record, at least v=DMARC1; p=none",
  );
  if (dkim)
    await checkRecord(
      "DKIM",
      `${dkim}._domainkey.${domain}`,
      /\bp=[A-Za-z0-9+/]/,
      "the key with which your mail server signs",
    );
  else
    warn(
      "DKIM: not looked up; add --dkim SELECTOR, the name of the key with which your mail server signs",
    );
}
