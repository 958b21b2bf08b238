// The checks of `doctor` that concern mail: the mail server, and what DNS says about the domain of
// MAIL_FROM.

import { Resolver } from "node:dns/promises";
import type { Config } from "../config.ts";
import { createSmtpSender, verifySmtp } from "../inquiries/smtp.ts";

/** What a check uses. It prints one line for each thing that it has found out. */
export type Check = {
  config: Config;
  now: Date;
  sendTest: boolean;
  pass: (text: string) => void;
  warn: (text: string) => void;
  failed: (text: string) => void;
};

/** Connects to the mail server and logs in. With `sendTest` it also sends a mail to MAIL_TO. */
export async function checkMailServer(check: Check): Promise<void> {
  const { config, now, sendTest, pass, warn, failed } = check;
  const { smtpUrl, smtpRequireTls } = config;
  if (!smtpUrl) return warn(`mail: SMTP_URL is not set, so mails are written to ${config.mailDir}`);
  const { protocol, username } = new URL(smtpUrl);
  const login = await verifySmtp(smtpUrl, smtpRequireTls);
  if (!login.sent) return failed(`mail server: ${login.reason}; ${adviceFor(login.reason)}`);
  const accepted = `mail server: it accepted the connection${username ? " and the login" : ""}`;
  pass(`${accepted}${sendTest ? "" : "; add --send-test to send a test mail"}`);
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
    return "use the host name of its certificate in SMTP_URL, or name your own certificate authority in NODE_EXTRA_CA_CERTS";
  if (/ version number:/.test(reason))
    return "this port does not begin with TLS: use smtp://, or smtps:// with port 465";
  if (/^ETLS\b/.test(reason))
    return "it offers no STARTTLS: use smtps:// with port 465 or another port, or set SMTP_REQUIRE_TLS=false for a relay on this machine";
  if (/^EAUTH\b/.test(reason))
    return "check the user and the password in SMTP_URL, and percent-encode special characters";
  return "check the host and the port in SMTP_URL, and that the firewall lets this machine connect to it";
}

/** Looks up SPF and DMARC. Without them the site works, but its mails may be treated as spam. */
export async function checkSenderDomain(
  { config, pass, warn }: Pick<Check, "config" | "pass" | "warn">,
  resolver: Pick<Resolver, "resolveTxt"> = new Resolver({ timeout: 3_000, tries: 1 }),
): Promise<void> {
  const domain = config.storeSettings.messageIdDomain;
  const records = [
    ["SPF", domain, "v=spf1", "that names your mail server"],
    ["DMARC", `_dmarc.${domain}`, "v=DMARC1", "at least v=DMARC1; p=none"],
  ] as const;
  for (const [kind, name, prefix, advice] of records) {
    const found = await resolver.resolveTxt(name).catch((error: NodeJS.ErrnoException) => {
      return ["ENOTFOUND", "ENODATA"].includes(error.code ?? "") ? [] : undefined;
    });
    if (!found) warn(`${kind}: the DNS lookup of ${name} failed; look it up on another machine`);
    else if (found.some((parts) => parts.join("").toLowerCase().startsWith(prefix.toLowerCase())))
      pass(`${kind}: ${name} has a record`);
    else
      warn(
        `${kind}: ${name} has no TXT record ${prefix}, so mails may be treated as spam: add one ${advice}`,
      );
  }
}
