// How a composed mail leaves the house: over SMTP, or into a folder as .eml files where no mail server is set. Nodemailer stays behind SendMail.

import { mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import type { createTransport } from "nodemailer";
import { withoutAddresses } from "../log.ts";
import type { Mail } from "./email.ts";

/**
 * What became of a mail. `ours` means that waiting will not help: login, TLS, or a refusal that names our side or a staff mailbox.
 * `refusedRecipients` counts recipients that the server would not take while it took others.
 */
export type SendResult = { sent: true; refusedRecipients: number } | { sent: false; fault: "temporary" | "ours"; reason: string };

export type SendMail = (mail: Mail) => Promise<SendResult>;

const connectTimeoutMs = 10_000;
const sendDeadlineMs = 60_000; // the lease in the store lasts longer than that

/** Sends over SMTP. `url` is smtp:// (587, STARTTLS demanded unless `requireTls` is false) or smtps:// (465). */
export function createSmtpSender(url: string, requireTls: boolean): SendMail {
  return (mail) =>
    overSmtp(url, requireTls, async (transport) => {
      const info = await transport.sendMail({ ...messageOf(mail), signal: AbortSignal.timeout(sendDeadlineMs) });
      return info.rejected.length;
    });
}

/** Connects, speaks TLS and logs in as a send would, and sends nothing. */
export function tryLogin(url: string, requireTls: boolean): Promise<SendResult> {
  return overSmtp(url, requireTls, (transport) => transport.verify().then(() => 0));
}

type Transporter = ReturnType<typeof createTransport>;
type Work = (transport: Transporter) => Promise<number>;

/** Does some work over a connection; it answers how many recipients were refused. */
async function overSmtp(url: string, requireTls: boolean, work: Work): Promise<SendResult> {
  let transport: Transporter | undefined;
  try {
    const { createTransport } = await import("nodemailer"); // 70-130 ms, and the first mail may be days away
    transport = createTransport({
      url,
      requireTLS: requireTls,
      connectionTimeout: connectTimeoutMs,
      greetingTimeout: connectTimeoutMs,
      dnsTimeout: connectTimeoutMs,
      socketTimeout: 30_000, // instead of ten minutes
    });
    return { sent: true, refusedRecipients: await work(transport) };
  } catch (error) {
    // `code` first: a 535 says nothing about the message. Seen with nodemailer 10.6, see docs/decisions/0004.
    const { code = "", responseCode = 0 } = error as { code?: string; responseCode?: number };
    const reason = messageText(error);
    const ours = code === "EAUTH" || code === "ETLS" || responseCode >= 500 || /certificate|self-signed/i.test(reason);
    return { sent: false, fault: ours ? "ours" : "temporary", reason: `${code} ${reason}`.trim() };
  } finally {
    transport?.close();
  }
}

/** Writes each mail to `<dir>/<reference>.eml`; a second copy of the same inquiry replaces the first. */
export function createMailFolder(dir: string): SendMail {
  return async (mail) => {
    try {
      const { createTransport } = await import("nodemailer");
      const transport = createTransport({ streamTransport: true, buffer: true, newline: "windows" });
      const { message } = await transport.sendMail(messageOf(mail));
      await mkdir(dir, { recursive: true, mode: 0o700 });
      const file = path.join(dir, `${mail.reference}.eml`);
      await writeFile(`${file}.part`, message as Buffer, { mode: 0o600, flush: true });
      await rename(`${file}.part`, file);
      return { sent: true, refusedRecipients: 0 };
    } catch (error) {
      return { sent: false, fault: "ours", reason: `the mail could not be written to the folder: ${messageText(error)}` };
    }
  };
}

function messageOf({ reference, ...mail }: Mail) {
  return {
    ...mail,
    textEncoding: "quoted-printable" as const, // so that a reference can be found in an .eml file
    headers: { "Auto-Submitted": "auto-generated" },
    // Ask for a notice under our reference if the mail cannot be delivered further on (RFC 3461); servers without DSN ignore it.
    dsn: { id: reference, return: "headers" as const, notify: ["failure", "delay"] },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

function messageText(error: unknown): string {
  // Some servers echo the login in their refusal, and OpenSSL adds numbers: long runs of such signs tell nobody anything.
  const text = withoutAddresses((error as Error).message ?? String(error));
  return text.replace(/[A-Za-z0-9+/_:]{24,}={0,2}/g, "[…]").slice(0, 300);
}

/**
 * A reason up to its SMTP code: a mail server may quote the mail that it refuses, so that logs, alarms and /readyz have its code only.
 * What it said is in the store, for `npm run inquiries -- show`.
 */
export function withoutDialogue(reason: string): string {
  return reason.replace(/(?<=\s)([245]\d\d(?:[ -][245]\.\d{1,3}\.\d{1,3})?)(?=[\s-]|$).*$/s, "$1");
}
