// What a trial does as a client and as staff: it sends an inquiry, and follows it to the mails, the
// digest and the staff page.

import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { dayMs } from "../calendar.ts";
import type { Config } from "../config.ts";
import { hiddenFields } from "../inquiries/form.ts";
import { createDigest } from "../inquiries/jobs/digest.ts";
import { composeConfirmation } from "../inquiries/mail/confirmation.ts";
import { staffPageUrl, type Mail } from "../inquiries/mail/mail.ts";
import { createMailSender, type SendMail } from "../inquiries/mail/smtp.ts";
import { createLog, errorMessage } from "../log.ts";
import { OperatorError } from "../operator-error.ts";
import { openStore } from "../startup.ts";
import { urls } from "../urls.ts";
import { fillForm, request } from "./live-check.ts";

export type MailServer = { url: string; mails: { to: string[]; text: string }[] };

/** Starts a mail server that accepts and keeps every mail, so that none leaves the machine. */
export async function startMailServer(): Promise<MailServer> {
  const mails: MailServer["mails"] = [];
  const server = createServer((socket) => {
    let [received, to, isText] = ["", [] as string[], false];
    socket.setEncoding("utf8").on("error", () => {});
    const reply = (line: string) => socket.write(`${line}\r\n`);
    reply("220 trial");
    socket.on("data", (chunk: string) => {
      received += chunk;
      for (;;) {
        const end = isText ? "\r\n.\r\n" : "\r\n";
        const length = received.indexOf(end);
        if (length === -1) return;
        const line = received.slice(0, length);
        received = received.slice(length + end.length);
        if (isText) {
          mails.push({ to, text: line });
          [to, isText] = [[], false];
          reply("250 kept");
        } else if (/^DATA/i.test(line)) {
          isText = true;
          reply("354 the text");
        } else if (/^EHLO/i.test(line)) reply("250-trial\r\n250 SMTPUTF8");
        else {
          const [, recipient] = /^RCPT TO:<(.*?)>/i.exec(line) ?? [];
          if (recipient) to.push(recipient);
          reply(/^QUIT/i.test(line) ? "221 bye" : "250 ok");
        }
      }
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  server.unref();
  return { url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`, mails };
}

export async function until<T>(
  why: string,
  find: () => Promise<T | undefined | false> | T | undefined,
): Promise<T> {
  for (const end = performance.now() + 30_000; performance.now() < end; await sleep(300)) {
    const result = await find();
    if (result) return result;
  }
  throw new OperatorError(`${why} within 30 s`);
}

/**
 * Sends an inquiry, and follows it until staff can read it. `mailTo` is the setting as it is
 * written, because the release may read it wrongly.
 */
export async function tryInquiry(
  site: URL,
  config: Config,
  server: MailServer,
  mailTo: string,
): Promise<void> {
  const client = `trial@${config.mailFrom.address.split("@")[1]}`;
  const form = fillForm("The trial of a release", client);
  form.set(hiddenFields.replyTo, client);
  const { location } = await request(site, urls.contact, 303, form);
  const reference = new URL(location, site).searchParams.get("ref") ?? "";
  await using store = await openStore(config);
  const stored = await store.find({ reference });
  if (!stored) throw new OperatorError(`the receipt names ${reference}, which is not in the store`);
  const mail = await until(`the mail about ${reference} was not sent`, async () => {
    const failure = (await store.find({ reference }))?.delivery.failure;
    if (failure)
      throw new OperatorError(`the mail about ${reference} was not sent: ${failure.reason}`);
    return server.mails.find(({ text }) => text.includes(stored.messageId));
  });
  expectRecipients("the mail about an inquiry", mail.to, mailTo);

  // The digest and the confirmation are composed here, because the site sends one digest a day and
  // no second confirmation to a mailbox.
  const sent: Mail[] = [];
  const sendMail: SendMail = (mail) => {
    sent.push(mail);
    return createMailSender(config)(mail);
  };
  const log = createLog("error", "json", (line) => process.stderr.write(line));
  const digest = createDigest({ store, sendMail, mail: config, log });
  const nextWeek = new Date(Date.now() + 7 * dayMs); // by then the inquiry is overdue
  await digest.run(nextWeek).catch((error: unknown) => {
    throw new OperatorError(`the digest was not sent: ${errorMessage(error)}`);
  });
  const [listing] = sent;
  if (!listing?.text.includes(reference))
    throw new OperatorError(`the digest does not list ${reference}`);
  expectRecipients("the digest", addressesOf(listing), mailTo);

  const confirmation = compose(() => composeConfirmation(stored, config, new Date()));
  const result = await sendMail(confirmation);
  if (!result.sent) throw new OperatorError(`the confirmation was not sent: ${result.reason}`);
  expectRecipients("the confirmation", addressesOf(confirmation), client);

  const { pathname } = new URL(staffPageUrl(site.origin, stored));
  const { text } = await request(site, pathname, 200);
  const [, seen = ""] = /name="seen" value="(\d+)"/.exec(text) ?? [];
  const [, action = ""] = /name="action" value="(\w+)"/.exec(text) ?? [];
  await request(site, pathname, 303, new URLSearchParams({ seen, action }));
  await request(site, pathname, 200);
}

function compose(confirmation: () => Mail): Mail {
  try {
    return confirmation();
  } catch (error) {
    throw new OperatorError(`the confirmation cannot be composed: ${errorMessage(error)}`);
  }
}

const addressesOf = ({ to }: Mail) => to.map(({ address }) => address);

function expectRecipients(what: string, to: string[], setting: string): void {
  const wanted = setting.toLowerCase().split(",");
  const isMeant = (address: string, index: number) =>
    wanted[index]?.includes(address.toLowerCase());
  if (to.length !== wanted.length || !to.every(isMeant))
    throw new OperatorError(`${what} goes to ${to.join(", ") || "nobody"} instead of ${setting}`);
}
