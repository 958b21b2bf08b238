// A real SMTP server on the loopback interface that parses and collects the mails it accepts.
// Options make it fail.

import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { simpleParser, type ParsedMail } from "mailparser";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

export const certificateFile = path.join(import.meta.dirname, "certificate/cert.pem");
const cert = readFileSync(certificateFile);
const key = readFileSync(path.join(import.meta.dirname, "certificate/key.pem"));

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
    cert,
    key,
    logger: false,
    onData(stream, _session, callback) {
      simpleParser(stream, {}, (error, mail) => {
        if (mail) mails.push(mail);
        callback(error);
      });
    },
    ...options,
  });
  server.on("error", () => {}); // clients that close the connection
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.server.address() as AddressInfo;
  return {
    mails,
    url: `smtp://localhost:${port}`,
    port,
    /** Resolves when `count` mails have arrived. */
    async waitFor(count: number, timeoutMs = 20_000): Promise<void> {
      const deadline = Date.now() + timeoutMs;
      while (mails.length < count) {
        if (Date.now() > deadline)
          throw new Error(`${mails.length} of ${count} mails arrived in ${timeoutMs / 1_000} s`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
      }),
  };
}
