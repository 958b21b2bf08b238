// Sends mails over SMTP, or writes them to a folder as .eml files if no mail server is set. Only
// this file uses Nodemailer. It is imported at the start, so that a site without it fails then, and
// not with its first mail.

import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { createTransport } from "nodemailer";
import { withoutAddresses } from "../../log.ts";
import type { Mail } from "./mail.ts";

export type SendResult =
  | {
      sent: true;
      /**
       * The recipients that the server refused while it accepted others: positions in `to`, from 1.
       */
      refusedRecipients: number[];
    }
  | {
      sent: false;
      /**
       * Waiting doesn't help against a permanent failure: somebody has to correct the login, TLS,
       * our server or a mailbox.
       */
      failure: "temporary" | "permanent";
      /**
       * Whether the server refused the mail after it had read it, so that it may accept another
       * text.
       */
      isAboutText?: boolean;
      /** Whether the server says that the only recipient's mailbox doesn't exist (5.1.x). */
      isNoAddress?: boolean;
      reason: string;
    };

/** Sends a mail. It never rejects: the result says what failed. */
export type SendMail = (mail: Mail) => Promise<SendResult>;

/** An attempt to send a mail is given up after this time. A lease of an inquiry lasts longer. */
export const sendDeadlineMs = 60_000;

type MailServer = { smtpUrl?: string | undefined; smtpRequireTls: boolean; mailDir: string };

export function createMailSender({ smtpUrl, smtpRequireTls, mailDir }: MailServer): SendMail {
  return smtpUrl ? createSmtpSender(smtpUrl, smtpRequireTls) : createMailFolder(mailDir);
}

/**
 * Creates a sender. `url` is smtp:// (port 587, with STARTTLS unless `requireTls` is false) or
 * smtps:// (port 465).
 */
export function createSmtpSender(url: string, requireTls: boolean): SendMail {
  return (mail) =>
    attempt(async () => {
      const { envelope, rejected } = await openTransport(url, requireTls).sendMail({
        ...toMessage(mail),
        signal: AbortSignal.timeout(sendDeadlineMs),
      });
      // The positions are those in the envelope and not in `mail.to`, because Nodemailer writes
      // domains in lower case.
      return envelope.to.flatMap((address, index) =>
        rejected.includes(address) ? [index + 1] : [],
      );
    });
}

/** Connects to the mail server, negotiates TLS and logs in, and sends no mail. */
export const verifySmtp = (url: string, requireTls: boolean): Promise<SendResult> =>
  attempt(async () => {
    await openTransport(url, requireTls).verify();
    return [];
  });

/**
 * Turns what `send` does into a result. `send` returns the positions of refused recipients, or
 * throws.
 */
async function attempt(send: () => Promise<number[]>): Promise<SendResult> {
  try {
    return { sent: true, refusedRecipients: await send() };
  } catch (error) {
    return describeFailure(error);
  }
}

function openTransport(url: string, requireTls: boolean) {
  return createTransport({
    url,
    requireTLS: requireTls,
    connectionTimeout: 10_000, // Nodemailer's two minutes are longer than doctor should wait
  });
}

function describeFailure(error: unknown): SendResult {
  // `code` says what was refused, and `responseCode` alone does not: a 535 refuses the login.
  // This was observed with Nodemailer 10.6.
  const { code = "", responseCode = 0 } = error as { code?: string; responseCode?: number };
  const text = messageText(error);
  const isPermanent =
    code === "EAUTH" ||
    code === "ETLS" ||
    responseCode >= 500 ||
    /certificate|self-signed/i.test(text);
  return {
    sent: false,
    failure: isPermanent ? "permanent" : "temporary",
    isNoAddress: code === "EENVELOPE" && /recipients were rejected: 5\d\d[ -]5\.1\.\d/.test(text),
    // The server answered 4xx or 5xx after DATA. A 4xx counts too: some filters refuse a text with
    // 451, however often it is sent.
    isAboutText: code === "EMESSAGE" && responseCode >= 400,
    reason: `${code} ${text}`.trim(),
  };
}

/** Writes `<dir>/<reference>.eml`. A second mail with the same reference replaces the first. */
export function createMailFolder(dir: string): SendMail {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: "windows" });
  return (mail) =>
    attempt(async () => {
      const { message } = await transport.sendMail(toMessage(mail));
      await mkdir(dir, { recursive: true, mode: 0o700 });
      const file = path.join(dir, `${mail.reference}.eml`);
      await writeFile(file, message as Buffer, { mode: 0o600 });
      return [];
    });
}

function toMessage(mail: Mail) {
  return {
    ...mail,
    // Quoted-printable leaves words readable, so that a reference can be found in an .eml file.
    textEncoding: "quoted-printable" as const,
    // These headers keep staff's absence notes from Reply-To, which is the client. Exchange knows
    // only the second.
    headers: {
      "Auto-Submitted": "auto-generated",
      "X-Auto-Response-Suppress": "OOF, AutoReply",
      ...mail.headers,
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** Reads only the first 1,000 characters: on 1 MB, the expressions below took half a minute. */
function messageText(error: unknown): string {
  const text = ((error as Error).message ?? String(error)).slice(0, 1_000);
  // Some servers repeat the login in their refusal, and OpenSSL adds long numbers.
  return withoutAddresses(text.replace(/\p{Cc}+/gu, " "))
    .replace(/[A-Za-z0-9+/_:]{24,}={0,2}/g, "[…]")
    .slice(0, 300);
}

/**
 * Removes the words after the SMTP code, for logs and /problems, because a mail server may quote
 * the mail that it refuses. `inquiries show` has the whole reason.
 */
export function redactServerReply(reason: string): string {
  return reason.replace(/(?<=\s)([245]\d\d(?:[ -][245]\.\d{1,3}\.\d{1,3})?)(?=[\s-]|$).*$/s, "$1");
}
