// Run by `deploy` on a copy of the store: starts the site with a mail server that delivers nothing,
// sends inquiries like a visitor, and follows one from its mail to its staff page. Prints the log of
// the site, and one line with PASS or FAIL. Runs until it is stopped.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { explain, openStore, readConfig } from "../src/cli/setup.ts";
import { fillForm, request } from "../src/cli/live-check.ts";
import { hiddenFields } from "../src/inquiries/form.ts";
import type { Store } from "../src/inquiries/store/interface.ts";
import { createPurge } from "../src/inquiries/worker.ts";
import { createDigest } from "../src/inquiries/digest.ts";
import { createMailSender } from "../src/inquiries/smtp.ts";
import { createLog } from "../src/log.ts";
import { OperatorError } from "../src/operator-error.ts";

const timeoutMs = 60_000;

/** The mails that were accepted, decoded. */
const mails: string[] = [];

/** A mail server (RFC 5321) that delivers nothing. */
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
}).listen(0, "127.0.0.1");
await once(mailServer, "listening");
process.env["SMTP_URL"] = `smtp://127.0.0.1:${(mailServer.address() as AddressInfo).port}`;

// Inquiries that wait for a mail server would be sent before those of the trial.
const config = readConfig(process.env);
const file = config.storeSettings.file;
if (existsSync(file)) new DatabaseSync(file).exec("delete from inquiries where state = 'pending'");

const args = ["--require", "./src/check-node.cjs", "src/main.ts"];
const site = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
process.on("SIGTERM", () => site.kill());
site.on("exit", (code) => process.exit(code ?? 1));
for await (const line of createInterface({ input: site.stdout })) {
  console.log(line);
  const port = /"port":(\d+)/.exec(line)?.[1];
  if (port)
    tryMail(new URL(`http://127.0.0.1:${port}`)).then(
      (text) => console.log(`PASS  mail: ${text}`),
      (error: unknown) => console.log(`FAIL  mail: ${explain(error).replaceAll("\n", " ")}`),
    );
}

async function tryMail(url: URL): Promise<string> {
  const now = new Date();
  const address = `trial@${config.mailFrom.address.split("@")[1]}`;
  const send = async (words: string, hidden: Record<string, string> = {}) => {
    const form = fillForm(`Trial at ${now.toISOString()}, ${words}`, address);
    form.set(hiddenFields.confirmed, address); // whatever the DNS says of MAIL_FROM's domain
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
  const progress = /<button [^>]*name="progress" value="(\w+)"/.exec(page.text)?.[1];
  if (!seen || !progress) throw new OperatorError("the staff page has no button");
  await request(url, `/staff/${token}`, 303, new URLSearchParams({ seen, progress }));
  await request(url, `/staff/${token}`, 200);

  const log = createLog("error", "json", (line) => process.stdout.write(line));
  const sendMail = createMailSender(config);
  const nextWeek = new Date(now.getTime() + 7 * 86_400_000);
  await createDigest({ store, sendMail, mail: config, log }).run(nextWeek);
  if (!mails.at(-1)?.includes(overdue))
    throw new OperatorError("the digest does not list an overdue inquiry");
  await createPurge({ ...config, store, log }).run(now);
  await store.close();
  return "inquiries and a digest were sent; a button of the staff page and each job work";
}

/** Returns the mail about an inquiry. Throws if it cannot be composed or sent. */
async function mailAbout(store: Store, reference: string): Promise<string> {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(100)) {
    const messageId = `Message-ID: <${reference.toLowerCase()}@`;
    const mail = mails.find((text) => text.includes(messageId));
    if (mail) return mail;
    const failure = (await store.find({ reference }))?.failure;
    if (failure) throw new OperatorError(failure.reason);
  }
  throw new OperatorError(`no mail about ${reference} arrived within ${timeoutMs / 1_000} s`);
}
