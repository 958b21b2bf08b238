// Run by deploy.ts on a copy of the store, beside a release that listens at the URL of the first
// argument: sends inquiries like a visitor, and follows them to the staff page, the digest and the
// purge. Its mail server delivers nothing. Prints what worked, or ends with the reason.

import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fillForm, request } from "../src/cli/live-check.ts";
import { explain, openStore, readConfig } from "../src/startup.ts";
import { createDigest } from "../src/inquiries/jobs/digest.ts";
import { hiddenFields } from "../src/inquiries/form.ts";
import { createMailSender } from "../src/inquiries/mail/smtp.ts";
import type { Store } from "../src/inquiries/store/interface.ts";
import { createPurge } from "../src/inquiries/jobs/purge.ts";
import { createLog } from "../src/log.ts";
import { OperatorError } from "../src/operator-error.ts";

const timeoutMs = 60_000;

/** The mails that were accepted, decoded. */
const mails: string[] = [];

/** A mail server (RFC 5321) that accepts everything. */
const mailServer = createServer((socket) => {
  const reply = (line: string) => void socket.write(`${line}\r\n`);
  let mail: string | undefined;
  socket.on("error", () => {});
  reply("220 trial");
  createInterface({ input: socket }).on("line", (line) => {
    if (mail === undefined) {
      if (/^DATA$/i.test(line)) mail = "";
      reply(mail === "" ? "354 go on" : /^QUIT/i.test(line) ? "221 bye" : "250 ok");
    } else if (line === ".") {
      mails.push(mail.replace(/=\n/g, "").replaceAll("=3D", "="));
      reply("250 ok");
      mail = undefined;
    } else mail += `${line}\n`;
  });
});

async function trial(url: URL): Promise<string> {
  const config = readConfig(process.env);
  mailServer.listen(Number(new URL(config.smtpUrl ?? "").port), "127.0.0.1");
  await once(mailServer, "listening");
  const now = new Date();
  const address = `trial@${config.mailFrom.address.split("@")[1]}`;
  const send = async (words: string, hidden: Record<string, string> = {}) => {
    const form = fillForm(`Trial at ${now.toISOString()}, ${words}`, address);
    form.set(hiddenFields.confirmed, address);
    for (const [name, value] of Object.entries(hidden)) form.set(name, value);
    const { location } = await request(url, "/contact", 303, form);
    return new URL(location, url).searchParams.get("ref") ?? "";
  };
  await send("which is quarantined", { [hiddenFields.liveCheck]: "yes" });
  const overdue = await send("which nobody answers");
  const answered = await send("which is answered");
  const store = await openStore(config);
  await mailAbout(store, overdue);
  const token = /\/staff\/([\da-f]{32})/.exec(await mailAbout(store, answered))?.[1];
  if (!token) throw new OperatorError("the mail has no link to the staff page");

  const page = await request(url, `/staff/${token}`, 200);
  const seen = /name="seen" value="(\d+)"/.exec(page.text)?.[1];
  const action = /<button [^>]*name="action" value="(\w+)"/.exec(page.text)?.[1];
  if (!seen || !action) throw new OperatorError("the staff page has no button");
  await request(url, `/staff/${token}`, 303, new URLSearchParams({ seen, action }));
  await request(url, `/staff/${token}`, 200);

  const log = createLog("error", "json", (line) => process.stderr.write(line));
  const nextWeek = new Date(now.getTime() + 7 * 86_400_000);
  await createDigest({ store, sendMail: createMailSender(config), mail: config, log }).run(
    nextWeek,
  );
  if (!mails.at(-1)?.includes(overdue))
    throw new OperatorError("the digest does not list an overdue inquiry");
  await createPurge({ ...config, store, log }).run(now);
  await store.close();
  return "Inquiries and a digest were mailed, and a button of the staff page and each job work.";
}

/** Returns the mail about an inquiry. Throws if it cannot be composed or sent. */
const mailAbout = (store: Store, reference: string): Promise<string> =>
  until(`no mail about ${reference} arrived`, async () => {
    const failure = (await store.find({ reference }))?.delivery.failure;
    if (failure) throw new OperatorError(`mail: ${failure.reason}`);
    return mails.find((text) => text.includes(`Message-ID: <${reference.toLowerCase()}@`));
  });

async function until<T>(why: string, found: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(100)) {
    const result = await found();
    if (result !== undefined) return result;
  }
  throw new OperatorError(`${why} within ${timeoutMs / 1_000} s`);
}

await trial(new URL(process.argv[2] ?? "")).then(
  (text) => process.stdout.write(text, () => process.exit(0)),
  (error: unknown) => process.stderr.write(`${explain(error)}\n`, () => process.exit(1)),
);
