// Builds the real site for a test, as in production, but with a fixed clock, mails in memory,
// temporary folders, and no limit to the inquiries of one network.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { digestTimeOn } from "../../src/inquiries/jobs/job.ts";
import { parseConfig, type Config } from "../../src/config.ts";
import type { Mail } from "../../src/inquiries/mail/mail.ts";
import type { SendResult } from "../../src/inquiries/mail/smtp.ts";
import type { buildSite, Dependencies } from "../../src/site.ts";
import { filledForm, type FormChanges } from "./form.ts";
import { listen } from "./listen.ts";
import { memory } from "./memory.ts";
import { opened } from "./opened.ts";

export { filledForm } from "./form.ts";

/** The time of most tests: a Tuesday, 14:33 in Copenhagen. */
export const tuesday = new Date("2026-11-24T13:33:00Z");
/** When the digest of a day is due. Only the test of those times says at what hour that is. */
export const digestTime = (day: string): Date => digestTimeOn(new Date(`${day}T12:00:00Z`));

type Options = {
  env?: Record<string, string>;
  dependencies?: Partial<Dependencies>;
  now?: Date;
  development?: boolean;
  timings?: Parameters<typeof buildSite>[2];
  /** The port to listen on, by default a free one. */
  port?: number;
};

export type TestSite = Awaited<ReturnType<typeof buildTestSite>>;

/**
 * Creates a temporary folder, in memory unless it has to be on a disk. It is deleted when the test
 * file ends, or before by `remove` or the end of a block with `await using`.
 */
export async function temporaryFolder({ onDisk = false } = {}) {
  const parent = onDisk ? tmpdir() : memory;
  const dir = await mkdtemp(path.join(parent, "clean-systems-"));
  const remove = () => rm(dir, { recursive: true, force: true });
  return opened.use({ dir, remove, [Symbol.asyncDispose]: remove });
}

/**
 * Builds a site that serves the articles of this repository, unless `env` has another ARTICLES_DIR.
 * It is closed when the test file ends, or before by `close` or the end of a block with
 * `await using`.
 */
export async function buildTestSite({
  env = {},
  dependencies = {},
  now = tuesday,
  development = false,
  timings = {},
  port = 0,
}: Options = {}) {
  // The site isn't imported at the top, because that takes 0.3 s, and many test files only need a
  // folder or a time.
  const { default: request } = await import("supertest");
  const { createLog } = await import("../../src/log.ts");
  const app = await import("../../src/site.ts");
  const { dir, remove } = await temporaryFolder();
  const settings = { NODE_ENV: "test", DATA_DIR: dir, INQUIRIES_PER_10_MINUTES: "0", ...env };
  const config: Config = parseConfig(settings, { development });
  const clock = { now };
  const mailbox: Mail[] = [];
  const logged: Record<string, unknown>[] = [];
  const parts: Dependencies = {
    sendMail: (mail): Promise<SendResult> => {
      mailbox.push(mail);
      return Promise.resolve({ sent: true, refusedRecipients: [] });
    },
    clock: () => clock.now,
    log: createLog("debug", "json", (line) =>
      logged.push(JSON.parse(line) as Record<string, unknown>),
    ),
    ...dependencies,
  };
  const site = await app.buildSite(config, parts, timings);
  const { server } = site;
  const origin = await listen(server, port);
  let closed: Promise<void> | undefined;
  const closeOnce = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await site.worker.stop();
    await site.close();
    await remove();
  };
  const close = () => (closed ??= closeOnce());
  return opened.use({
    ...site,
    config,
    /** The origin at which the site listens. Its URLs have another one, which is SITE_URL. */
    origin,
    /** A test sets `clock.now` to move time. */
    clock,
    mailbox,
    logged,
    /** Requests a page without compression, which would take a third of the time of the tests. */
    get: (address: string) => request(server).get(address).set("Accept-Encoding", "identity"),
    /** Sends a valid form with these changes. */
    sendForm: (changes: FormChanges = {}) =>
      request(server)
        .post("/contact")
        .type("form")
        .send({ ...filledForm, ...changes }),
    close,
    [Symbol.asyncDispose]: close,
  });
}

/** Sends the form as a browser does. Returns the reference from the URL of the receipt. */
export async function postForm(
  { sendForm }: Pick<TestSite, "sendForm">,
  changes: FormChanges = {},
): Promise<string> {
  const { status, headers } = await sendForm(changes);
  const reference = /ref=(CS-[0-9A-Z-]+)/.exec(headers["location"] ?? "")?.[1];
  if (status !== 303 || !reference) throw new Error(`the form was not accepted: ${status}`);
  return reference;
}

/** Valid settings of a site in production. */
export const productionEnv = {
  NODE_ENV: "production",
  SITE_URL: "https://cleansystems.dk",
  SMTP_URL: "smtp://localhost:1",
  MAIL_FROM: "site@cleansystems.dk",
  MAIL_TO: "projects@cleansystems.dk",
  CONTACT_EMAIL: "hello@cleansystems.dk",
};
