// A real SMTP server on the loopback interface that parses and collects the mails it accepts.
// Options make it fail.

import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ParsedMail } from "mailparser";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { opened } from "./opened.ts";

export const certificateFile = path.join(import.meta.dirname, "certificate/cert.pem");
export const keyFile = path.join(import.meta.dirname, "certificate/key.pem");

/** An SMTP response that refuses. */
export function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

/**
 * Starts listening. Without `options` it accepts every mail, without TLS. `url` is the value for
 * SMTP_URL.
 */
export async function startSmtpPeer(options: SMTPServerOptions = {}) {
  const mails: ParsedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: options.onAuth ? [] : ["AUTH", "STARTTLS"],
    cert: readFileSync(certificateFile),
    key: readFileSync(keyFile),
    logger: false,
    async onData(stream, _session, callback) {
      // The parser isn't imported at the top, because that takes 0.14 s, and some tests read no
      // mail.
      const { simpleParser } = await import("mailparser");
      simpleParser(stream, {}, (error, mail) => {
        if (mail) mails.push(mail);
        callback(error);
      });
    },
    ...options,
  });
  server.on("error", () => {}); // clients that close the connection
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  const { port } = server.server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  return opened.use({
    mails,
    url: `smtp://localhost:${port}`,
    port,
    /** Resolves when `count` mails have arrived. */
    async waitFor(count: number): Promise<void> {
      while (mails.length < count) await sleep(20);
    },
    close,
    [Symbol.asyncDispose]: close,
  });
}
