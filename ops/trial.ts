// Run by deploy.ts in a release, as the site's user, under the restrictions of the release's unit, with
// the URL of the running release and its own. Starts the release on a copy of the store, compares the
// pages of both, sends an inquiry like a visitor, and follows it to the mail, the digest and the staff
// page. Prints what worked, or ends with the reason.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { dayMs } from "../src/calendar.ts";
import { runProcess, type Call } from "../src/cli/command.ts";
import { checkForm, fillForm, request } from "../src/cli/live-check.ts";
import type { Config } from "../src/config.ts";
import { hiddenFields } from "../src/inquiries/form.ts";
import { createDigest } from "../src/inquiries/jobs/digest.ts";
import { staffPageUrl } from "../src/inquiries/mail/mail.ts";
import { createMailSender } from "../src/inquiries/mail/smtp.ts";
import { countSqlite } from "../src/inquiries/store/sqlite.ts";
import { createLog, errorMessage } from "../src/log.ts";
import { OperatorError } from "../src/operator-error.ts";
import { openStore, readConfig } from "../src/startup.ts";
import { run } from "./deploy.ts";

async function until<T>(why: string, find: () => Promise<T | undefined | false>): Promise<T> {
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(500)) {
    const found = await find();
    if (found) return found;
  }
  throw new OperatorError(`${why} within 30 s`);
}

/** Opens the copy of the store as the release does, which may lose no inquiry. */
async function migrate(config: Config): Promise<void> {
  const { file } = config.storeSettings;
  if (!existsSync(file)) return; // the store is in PostgreSQL
  const count = () => JSON.stringify(countSqlite(file));
  const before = count();
  await (await openStore(config)).close();
  if (count() !== before)
    throw new OperatorError(`its migration deletes or changes inquiries: ${before} to ${count()}`);
}

/** Starts the release as its unit does, and waits until it is ready. This process ends with it. */
async function start(site: URL): Promise<void> {
  const unit = readFileSync("ops/units/clean-systems.service", "utf8");
  const [, command = ""] = /^ExecStart=(.*)/m.exec(unit) ?? [];
  const [program = "", ...args] = command.replaceAll("/srv/site", path.resolve()).split(" ");
  const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"] });
  process.on("exit", () => child.kill("SIGKILL"));
  child.on("exit", (_code, signal) => {
    if (signal) console.error(`The site was ended by ${signal}, perhaps for its use of memory`);
    process.exit(1);
  });
  await until("/readyz did not return 200", () =>
    request(site, "/readyz", 200).catch(() => undefined),
  );
}

// What visitors would lose.

const all = (text: string, pattern: RegExp) =>
  Array.from(text.matchAll(pattern), ([, found = ""]) => found.replaceAll("&amp;", "&"));
const textIn = (html: string) =>
  (/<main[^]*<\/main>/.exec(html)?.[0] ?? "").replace(/<[^>]*>|\s/g, "").length;
const styleIn = (html: string) => all(html, /<style[^>]*>([^]*?)<\/style>/g).join("").length;

const linksIn = (html: string) => all(html, / href="(\/[^"#]*)/g);

async function listedAt(site: URL): Promise<string[]> {
  const { text } = await request(site, "/sitemap.xml", 200);
  const pages = all(text, /<loc>https?:\/\/[^/<]*([^<]*)/g);
  if (pages.length === 0) throw new OperatorError(`${site.href}sitemap.xml lists no pages`);
  return pages;
}

/** Reads from a release and from the old one what either lists, and what the pages link. */
export async function comparePages(oldSite: URL, site: URL) {
  const lost: string[] = [];
  const known = new Set([...(await listedAt(oldSite)), "/unknown-address"]); // maybe as dead links
  const addresses = new Set([...known, ...(await listedAt(site)), "/search?q=a"]);
  for (const address of addresses) {
    const [before, after] = [await request(oldSite, address), await request(site, address)];
    const { status, text } = after;
    const isLess = (size: (html: string) => number) => size(text) * 2 < size(before.text);
    if (status >= 400 && !(known.has(address) && status === before.status)) {
      if (status >= 500) throw new OperatorError(`it responds to ${address} with ${status}`);
      lost.push(`${address} (${status})`);
    } else if (status === 200 && isLess(textIn)) lost.push(`${address} (text)`);
    else if (status === 200 && isLess(styleIn)) lost.push(`${address} (style)`);
    for (const link of linksIn(before.text)) known.add(link);
    for (const link of linksIn(text)) addresses.add(link); // and reads it too
  }
  return { count: addresses.size, lost };
}

// What staff would lose.

/** Nothing listens at SMTP_URL, so no mail of the copy is sent, but each is composed before. */
const isComposed = (reason: string) => reason.includes("ECONNREFUSED");

/** Sends an inquiry, and throws if its mail, the digest or the staff page fails. */
async function tryInquiry(site: URL, config: Config): Promise<void> {
  const address = `trial@${config.mailFrom.address.split("@")[1]}`;
  const form = fillForm("The trial of a release", address);
  form.set(hiddenFields.replyTo, address);
  const { location } = await request(site, "/contact", 303, form);
  const reference = new URL(location, site).searchParams.get("ref") ?? "";
  await using store = await openStore(config);
  const inquiry = await until(`no mail about ${reference} was composed`, async () => {
    const found = await store.find({ reference });
    return found?.delivery.failure && found;
  });
  const reason = inquiry.delivery.failure?.reason ?? "";
  if (!isComposed(reason)) throw new OperatorError(`mail: ${reason}`);

  const log = createLog("error", "json", (line) => process.stderr.write(line));
  const digest = createDigest({ store, sendMail: createMailSender(config), mail: config, log });
  const nextWeek = new Date(Date.now() + 7 * dayMs); // the inquiry is overdue
  const end = await digest.run(nextWeek).then(() => "it lists nothing", errorMessage);
  if (!isComposed(end)) throw new OperatorError(`digest: ${end}`);

  const { pathname } = new URL(staffPageUrl(site.origin, inquiry));
  const { text } = await request(site, pathname, 200);
  const [, seen = ""] = /name="seen" value="(\d+)"/.exec(text) ?? [];
  const [, action = ""] = /name="action" value="(\w+)"/.exec(text) ?? [];
  await request(site, pathname, 303, new URLSearchParams({ seen, action }));
  await request(site, pathname, 200);
}

async function main({ args: [oldSite = "", ownSite = "", force], print }: Call): Promise<void> {
  const site = new URL(ownSite);
  Object.assign(process.env, {
    HOST: site.hostname,
    PORT: site.port,
    SMTP_URL: "smtp://127.0.0.1:1",
    INQUIRIES_PER_10_MINUTES: "0",
    INQUIRIES_PER_HOUR_TOTAL: "0",
    LOG_LEVEL: "error",
    RUNTIME_DIRECTORY: process.env["DATA_DIR"], // for tell.ts
  });
  const config = readConfig(process.env);
  await migrate(config);
  await start(site);
  const { count, lost } = await comparePages(new URL(oldSite), site);
  const some = `visitors would lose ${lost.slice(0, 3).join(", ")}, ${lost.length} in all`;
  if (lost.length > 0 && !force)
    throw new OperatorError(`${some}. If that is intended: deploy --force`);
  await tryInquiry(site, config);
  await checkForm(site, config, new Date());
  // The next deployment begins with a copy, and a failure of any unit with a call.
  const runScript = (...args: string[]) => run(process.execPath, args, { cwd: path.resolve() });
  runScript("src/cli/inquiries.ts", "backup", `${config.dataDir}/after`);
  runScript("ops/tell.ts", "trial-passed");
  print(`It responds at ${count} addresses. Mail, digest and staff page of an inquiry work.`);
}

if (import.meta.main) await runProcess({ help: "", main });
