// Run by deploy.ts in a release, as the site's user, on a copy of the store and under the restrictions
// of the release's unit. Starts the release, compares its pages with those of the running one, whose
// URL is the first argument, sends inquiries like a visitor, and follows them to the staff page, the
// digest and the purge. Prints what worked, or ends with the reason.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { doctor } from "../src/cli/doctor.ts";
import { inquiries } from "../src/cli/inquiries.ts";
import { fillForm, request } from "../src/cli/live-check.ts";
import { explain, openStore, readConfig } from "../src/startup.ts";
import { createDigest } from "../src/inquiries/jobs/digest.ts";
import { hiddenFields } from "../src/inquiries/form.ts";
import { createMailSender } from "../src/inquiries/mail/smtp.ts";
import { createPurge } from "../src/inquiries/jobs/purge.ts";
import { createLog } from "../src/log.ts";
import { OperatorError } from "../src/operator-error.ts";

/** The mails that were accepted, decoded. */
const mails: string[] = [];

/** A mail server (RFC 5321) that accepts everything, and delivers nothing. */
const mailServer = createServer((socket) => {
  const reply = (line: string) => void socket.write(`${line}\r\n`);
  let mail: string | undefined;
  reply("220 trial");
  const lines = createInterface({ input: socket });
  lines.on("error", () => {}); // the site was killed while it sent
  lines.on("line", (line) => {
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

async function portOf(server: Server): Promise<number> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

async function until<T>(why: string, seconds: number, found: () => Promise<T | false>): Promise<T> {
  for (const end = Date.now() + seconds * 1_000; Date.now() < end; await sleep(500)) {
    const result = await found();
    if (result) return result;
  }
  throw new OperatorError(`${why} within ${seconds} s`);
}

/** Starts the release as its unit does, and waits until it is ready. This process ends with it. */
async function startSite(): Promise<URL> {
  const free = createServer();
  const site = new URL(`http://127.0.0.1:${await portOf(free)}`);
  free.close();
  Object.assign(process.env, {
    HOST: site.hostname,
    PORT: site.port,
    SMTP_URL: `smtp://127.0.0.1:${await portOf(mailServer)}`,
    SMTP_REQUIRE_TLS: "false",
    INQUIRIES_PER_10_MINUTES: "0",
    INQUIRIES_PER_HOUR_TOTAL: "0",
    LOG_LEVEL: "error",
  });
  const unit = readFileSync("ops/units/clean-systems.service", "utf8");
  const [, start = ""] = /^ExecStart=(.*)/m.exec(unit) ?? [];
  const [program = "", ...args] = start.replaceAll("/srv/site", path.resolve()).split(" ");
  const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"] });
  process.on("exit", () => child.kill("SIGKILL"));
  child.on("exit", (_code, signal) => {
    if (signal) console.error(`The site was ended by ${signal}, perhaps for its use of memory`);
    process.exit(1);
  });
  await until(
    "/readyz did not return 200",
    30,
    async () => (await get(`${site.origin}/readyz`)).status === 200,
  );
  return site;
}

// What visitors would lose.

type Page = { status: number; text: string };
const get = (url: string): Promise<Page> =>
  fetch(url, { redirect: "manual", signal: AbortSignal.timeout(10_000) }).then(
    async (response) => ({ status: response.status, text: await response.text() }),
    () => ({ status: 0, text: "" }),
  );
const isShown = ({ status }: Page) => [200, 301, 308].includes(status);
const all = (text: string, pattern: RegExp) =>
  Array.from(text.matchAll(pattern), ([, found = ""]) => found);
const textIn = ({ text }: Page) =>
  (/<main[^]*<\/main>/.exec(text)?.[0] ?? "").replace(/<[^>]*>|\s/g, "").length;
const styleIn = ({ text }: Page) => all(text, /<style[^>]*>([^]*?)<\/style>/g).join("").length;

/**
 * Reads every page of a site, and what the first page of each kind links: feeds, for example. With
 * what another site shows, throws at the first address that fails, and not in the same way there.
 */
async function readSite(url: string, other?: Map<string, Page>) {
  const read = new Map<string, Page>();
  const open = async (address: string): Promise<Page> => {
    const page = read.get(address) ?? (await get(url + address));
    if (other && !isShown(page) && page.status !== other.get(address)?.status)
      throw new OperatorError(`it responds to ${address} with ${page.status}`);
    read.set(address, page);
    return page;
  };
  const pages = all((await get(`${url}/sitemap.xml`)).text, /<loc>https?:\/\/[^/<]*([^<]*)/g);
  if (pages.length === 0) throw new OperatorError(`${url}/sitemap.xml lists no pages`);
  const kinds = new Set<string>();
  for (const page of [...pages, "/search?q=a", "/unknown-address"]) {
    const { text } = await open(page);
    const kind = page.replace(/^(\/[^/]+\/).*/, "$1"); // /articles/one and /articles/two have one
    if (!kinds.has(kind))
      for (const link of all(text, / href="(\/[^"#]*)/g)) await open(link.replaceAll("&amp;", "&"));
    kinds.add(kind);
  }
  return { pages, read };
}

/** Reads a release, and returns what visitors of the old one would lose. */
export async function tryPages(oldUrl: string, url: string) {
  const old = await readSite(oldUrl);
  const { read } = await readSite(url, old.read);
  const lost: string[] = [];
  for (const address of old.pages) {
    const before = old.read.get(address);
    const after = read.get(address) ?? (await get(url + address));
    const isLess = (size: (page: Page) => number) => before && size(after) * 2 < size(before);
    if (!isShown(after)) lost.push(`${address} (${after.status})`);
    else if (after.status === 200 && isLess(textIn)) lost.push(`${address} (text)`);
    else if (after.status === 200 && isLess(styleIn)) lost.push(`${address} (style)`);
  }
  return { count: read.size, lost };
}

// What staff would lose.

/** Sends inquiries, and throws if a mail, the digest, the purge or the staff page fails. */
async function tryInquiries(site: URL): Promise<void> {
  const config = readConfig(process.env);
  const now = new Date();
  const address = `trial@${config.mailFrom.address.split("@")[1]}`;
  const send = async (hidden: Record<string, string> = {}) => {
    const form = fillForm(`Trial at ${now.toISOString()}`, address);
    form.set(hiddenFields.confirmed, address);
    for (const [name, value] of Object.entries(hidden)) form.set(name, value);
    const { location } = await request(site, "/contact", 303, form);
    return new URL(location, site).searchParams.get("ref") ?? "";
  };
  await send({ [hiddenFields.liveCheck]: "yes" }); // quarantined
  const reference = await send();
  const store = await openStore(config);
  const mail = await until(`no mail about ${reference} arrived`, 60, async () => {
    const failure = (await store.find({ reference }))?.delivery.failure;
    if (failure) throw new OperatorError(`mail: ${failure.reason}`);
    return mails.find((text) => text.includes(`Message-ID: <${reference.toLowerCase()}@`)) ?? false;
  });

  const log = createLog("error", "json", (line) => process.stderr.write(line));
  const nextWeek = new Date(now.getTime() + 7 * 86_400_000);
  const digest = createDigest({ store, sendMail: createMailSender(config), mail: config, log });
  await digest.run(nextWeek);
  if (!mails.at(-1)?.includes(reference))
    throw new OperatorError("the digest does not list an overdue inquiry");
  await createPurge({ ...config, store, log }).run(now);
  await store.close();

  const [staffPage] = /\/staff\/[\da-f]{32}/.exec(mail) ?? [];
  if (!staffPage) throw new OperatorError("the mail has no link to the staff page");
  const { text } = await request(site, staffPage, 200);
  const seen = /name="seen" value="(\d+)"/.exec(text)?.[1];
  const action = /<button [^>]*name="action" value="(\w+)"/.exec(text)?.[1];
  if (!seen || !action) throw new OperatorError("the staff page has no button");
  await request(site, staffPage, 303, new URLSearchParams({ seen, action }));
  await request(site, staffPage, 200);
}

async function trial(old: string, isForced: boolean): Promise<string> {
  const site = await startSite();
  const { count, lost } = await tryPages(old, site.origin);
  if (lost.length > 0 && !isForced) {
    const some = lost.slice(0, 3).join(", ");
    const words = `visitors would lose ${some}, ${lost.length} in all`;
    throw new OperatorError(`${words}. If that is intended: deploy --force`);
  }
  await tryInquiries(site);
  const call = { env: process.env, print: () => {}, printError: () => {} };
  await doctor.main({ ...call, args: ["--live-check", site.href] });
  await inquiries.main({ ...call, args: ["backup", `${process.env["DATA_DIR"]}/after`] });
  return `It responds at ${count} addresses. Inquiries and a digest were mailed, and a button of the staff page and each job work.`;
}

if (import.meta.main)
  await trial(process.argv[2] ?? "", process.argv.includes("--force")).then(
    (text) => process.stdout.write(text, () => process.exit(0)),
    (error: unknown) => process.stderr.write(`${explain(error)}\n`, () => process.exit(1)),
  );
