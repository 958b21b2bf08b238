#!/srv/site/node_modules/.bin/node
// deploy [--force] REVISION   tries a branch, tag or commit on a copy of the store, switches to it
// deploy --back [NUMBER]      switches to the last release that has served, or to this one
// deploy --list               lists the releases; * is the running one
//
// --force also deploys a release that loses public pages. Exit codes: 0 deployed; 1 refused, nothing
// was changed; 2 switched back; 3 the site may be down, and the last line is the command to run.
// Imports only node:, so that no broken package stops it.

import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { parseEnv, promisify } from "node:util";

const {
  SITE = "/srv/site", // a link to the running release
  RELEASES = "/srv/releases", // numbered folders, and the file of what has served
  DATA = "/var/lib/clean-systems", // the store; the trial's copy is in it, under the unit's rules
  BACKUPS = "/var/lib/clean-systems-backups",
  UNITS = "/etc/systemd/system",
  TRIAL_UNIT = "/run/systemd/system/clean-systems-trial.service",
  LOCAL_URL = "http://127.0.0.1:3000", // the site without its proxy
  SETTLE_SECONDS = "30", // a release may not crash within this time
} = process.env;
const readySeconds = 30; // a visitor's request waits in nginx for as long
const incoming = `${RELEASES}/incoming`;
const trial = `${DATA}/trial`;
const verified = `${RELEASES}/units`; // of the release on trial, with its own paths

class Failure extends Error {
  exitCode: number;
  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}
const refuse = (why: unknown): never => {
  if (why instanceof Failure) throw why;
  const reason = reasonOf(why);
  if (reason.includes("\n")) say(reason);
  throw new Failure(`Refused: ${causeIn(reason)}. Nothing was changed.`, 1);
};
const reasonOf = (why: unknown) => (Error.isError(why) ? why.message.trim() : String(why));
/** The last line of an error, or the last that is not of a stack, of Node or of systemd. */
export function causeIn(text: string): string {
  const lines = text.split("\n");
  const isCause = (line: string) => /^(?!Node\.js |\S+\.service: )[^\s}]/.test(line);
  const cause = lines.findLast((line) => /^\w*Error\b/.test(line)) ?? lines.findLast(isCause);
  return (cause ?? text).slice(0, 300).replace(/\.$/, "");
}
const say = (text: string) => process.stdout.write(`${text}\n`);

const execute = promisify(execFile);
/** Runs a program. Resolves with what it printed; rejects with the end of that if it fails. */
async function run(program: string, args: string[], cwd = "/", timeout = 300_000): Promise<string> {
  try {
    const options = { cwd, timeout, maxBuffer: 64 * 1024 * 1024 };
    return (await execute(program, args, options)).stdout.trim();
  } catch (error) {
    const {
      message,
      stdout = "",
      stderr = "",
    } = error as Error & { stdout?: string; stderr?: string };
    const lines = `${stdout}${stderr}`.trim() || message;
    throw new Error(lines.split("\n").slice(-15).join("\n"), { cause: error });
  }
}
const git = (folder: string, ...args: string[]) => run("git", ["-C", folder, ...args]);
const systemctl = (...args: string[]) => run("systemctl", args);
const siteUser = ["--reuid=clean-systems", "--regid=clean-systems", "--init-groups", "env", "-i"];
/**
 * Runs a command in a release as the site's user, with the settings of .env and these. Root writes
 * nothing into a folder of this user: a link there would lead it to any file of the machine.
 */
function asSite(folder: string, command: string[], settings: Record<string, string> = {}) {
  const variables = {
    PATH: `${folder}/node_modules/.bin:${process.env["PATH"]}`,
    NODE_EXTRA_CA_CERTS: "/etc/ssl/certs/ca-certificates.crt",
    ...settings,
  };
  const pairs = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  return run("setpriv", [...siteUser, ...pairs, ...command], folder);
}
const program = (folder: string, args: string[], settings: Record<string, string> = {}) =>
  asSite(folder, ["node", ...args], settings);
const removeTrial = () => spawnSync("setpriv", [...siteUser, "rm", "-rf", trial]);

// What has served.

/** A release that was switched to. To go back to it, it has to have served, and not been left. */
export type Release = { number: number; revision: string; servedSince?: string; left?: string };

const servedFile = `${RELEASES}/served.json`;
const readReleases = (): Release[] =>
  fs.existsSync(servedFile) ? (JSON.parse(fs.readFileSync(servedFile, "utf8")) as Release[]) : [];

/** Adds or changes a release. The file is replaced whole, so a kill leaves the old or the new one. */
function record(number: number, change: Partial<Release>): void {
  const rows = readReleases();
  const row = rows.find((one) => one.number === number) ?? { number, revision: "" };
  const next = [...rows.filter((one) => one !== row), { ...row, ...change }];
  fs.writeFileSync(`${servedFile}.new`, `${JSON.stringify(next, null, 2)}\n`, { flush: true });
  fs.renameSync(`${servedFile}.new`, servedFile);
}

const folderOf = (number: number) => `${RELEASES}/${number}`;
const running = () => Number(path.basename(fs.readlinkSync(SITE)));
/** The releases to go back to, the last that began to serve at the end. */
export const goodOnes = (releases: Release[]): Release[] =>
  releases
    .filter(({ servedSince, left }) => servedSince && !left)
    .sort((one, other) => String(one.servedSince).localeCompare(String(other.servedSince)));

export function table(releases: Release[], now: number): string {
  const byNumber = releases.toSorted((one, other) => one.number - other.number).slice(-10);
  const lines = byNumber.map(({ number, revision, servedSince, left }) => {
    const served = servedSince?.slice(0, 16).replace("T", " ") ?? "has not served  ";
    const mark = number === now ? "*" : " ";
    return `${mark} ${number}  ${served}  ${revision}${left ? `  left: ${left}` : ""}`;
  });
  const isGood = releases.some(({ number, servedSince }) => number === now && servedSince);
  return [...lines, ...(isGood ? [] : [`${now} has not passed its checks: deploy --back`])].join(
    "\n",
  );
}

/** Removes all but the running release and the last five that are good. */
function removeOld(): void {
  const kept = [
    running(),
    ...goodOnes(readReleases())
      .slice(-5)
      .map(({ number }) => number),
  ];
  for (const name of fs.readdirSync(RELEASES))
    if (/^\d+$/.test(name) && !kept.includes(Number(name)))
      fs.rmSync(folderOf(Number(name)), { recursive: true });
}

// What visitors would lose.

type Page = { status: number; text: string };
const get = (url: string): Promise<Page> =>
  fetch(url, { redirect: "manual", signal: AbortSignal.timeout(10_000) }).then(
    async (response) => ({ status: response.status, text: await response.text() }),
    () => ({ status: 0, text: "" }),
  );
const all = (text: string, pattern: RegExp) =>
  Array.from(text.matchAll(pattern), ([, found = ""]) => found);
const pagesOf = async (url: string) =>
  all((await get(`${url}/sitemap.xml`)).text, /<loc>https?:\/\/[^/<]*([^<]*)/g);
const textIn = (html: string) =>
  (/<main[^]*<\/main>/.exec(html)?.[0] ?? "").replace(/<[^>]*>|\s/g, "").length;
const styleIn = (html: string) => all(html, /<style[^>]*>([^]*?)<\/style>/g).join("").length;
/** "/articles/one" and "/articles/two" are of one kind, "/contact" and "/privacy" are not. */
const chosenKind = (page: string) => page.replace(/^(\/[^/]+\/).*/, "$1");

/**
 * Reads every page, feed and search of a release, and the new links of the first page of each kind.
 * Returns how many addresses responded, and what visitors of the running release would lose.
 */
export async function comparePages(old: string, next: string) {
  const read = new Map<string, Page>();
  const expect = async (address: string, expected: number[], where = "") => {
    const page = read.get(address) ?? (await get(next + address));
    if (!expected.includes(page.status))
      refuse(`it responds to ${address} with ${page.status} instead of ${expected[0]}${where}`);
    read.set(address, page);
  };
  const pages = await pagesOf(next);
  if (pages.length === 0) refuse("its /sitemap.xml lists no pages");
  const topics = pages.filter((page) => /^\/topics\/[^/]+$/.test(page));
  const feeds = ["/feed.atom", ...topics.map((topic) => `${topic}/feed.atom`)];
  for (const address of [...pages, ...feeds, "/search", "/search?q=a"])
    await expect(address, [200]);
  await expect("/unknown-address", [404]);
  const firsts = new Map(pages.toReversed().map((page) => [chosenKind(page), page])).values();
  const linksIn = (html = "") => new Set(all(html, / href="(\/[^"#]*)/g));
  for (const page of firsts)
    for (const link of linksIn(read.get(page)?.text).difference(
      linksIn((await get(old + page)).text),
    ))
      await expect(link.replaceAll("&amp;", "&"), [200, 301, 308], `, linked on ${page}`);

  const lost: string[] = [];
  for (const page of await pagesOf(old)) {
    const [before, after] = [await get(old + page), read.get(page) ?? (await get(next + page))];
    const isLess = (size: (html: string) => number) => size(after.text) * 2 < size(before.text);
    if (before.status !== 200 || [301, 308].includes(after.status)) continue;
    if (after.status !== 200) lost.push(`${page} (${after.status})`);
    else if (isLess(textIn)) lost.push(`${page} (text)`);
    else if (isLess(styleIn)) lost.push(`${page} (style)`);
  }
  return { count: read.size, lost };
}

/** Counts the inquiries in a file of SQLite, by their state. */
export function countRows(file: string): [state: string, count: number][] {
  const database = new DatabaseSync(file, { readOnly: true });
  const counts = database.prepare("select state, count(*) as n from inquiries group by state");
  const rows = counts.all().map(({ state, n }): [string, number] => [String(state), Number(n)]);
  database.close();
  return rows;
}

// The trial.

const isPostgres = (folder: string) =>
  Boolean(parseEnv(fs.readFileSync(`${folder}/.env`, "utf8"))["DATABASE_URL"]);

/** Lets a release copy the store, so that a release can be tried on the copy. */
async function copyStore(folder: string): Promise<void> {
  removeTrial();
  await asSite(folder, ["mkdir", "-m", "700", trial]).catch(refuse);
  await program(folder, ["src/cli/inquiries.ts", "backup", `${trial}/before`]).catch(refuse);
  if (isPostgres(folder)) say("The store is in PostgreSQL: it is not tried.");
  else await asSite(folder, ["cp", `${trial}/before`, `${trial}/inquiries.db`]).catch(refuse);
}

/** Lets a release open the copy, which migrates it. */
const openCopy = (folder: string) =>
  program(folder, ["src/cli/inquiries.ts", "list"], { DATA_DIR: trial, DATABASE_URL: "" });

async function countCopy(): Promise<ReturnType<typeof countRows>> {
  const args = ["ops/deploy.ts", "--count", `${trial}/inquiries.db`];
  return JSON.parse(await program(fs.realpathSync(SITE), args)) as ReturnType<typeof countRows>;
}

async function freePort(): Promise<number> {
  await using server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function untilReady(url: string, isRunning = () => Promise.resolve()): Promise<void> {
  const end = Date.now() + readySeconds * 1_000;
  for (; (await get(`${url}/readyz`)).status !== 200; await sleep(200)) {
    await isRunning();
    if (Date.now() > end) throw new Error(`/readyz did not return 200 within ${readySeconds} s`);
  }
}

/** Tries a release on the copy of the store, under the restrictions of its own unit. */
async function tryRelease(force: boolean): Promise<string> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const settings = {
    DATA_DIR: trial,
    DATABASE_URL: "",
    HOST: "127.0.0.1",
    PORT: new URL(url).port,
    SMTP_URL: `smtp://127.0.0.1:${await freePort()}`,
    SMTP_REQUIRE_TLS: "false",
    INQUIRIES_PER_10_MINUTES: "0",
    INQUIRIES_PER_HOUR_TOTAL: "0",
  };
  const ofIncoming = (...args: string[]) => program(incoming, args, settings);
  await ofIncoming("ops/deploy.ts", "--help"); // the next deployment needs it
  const nothing = ["ops/tell.ts", "trial-passed"]; // nothing to tell of a unit that passed
  await program(incoming, nothing, { ...settings, RUNTIME_DIRECTORY: trial });
  if (!isPostgres(incoming)) {
    const before = await countCopy();
    await openCopy(incoming);
    const after = new Map(await countCopy());
    for (const [state, count] of before)
      if (after.get(state) !== count)
        refuse(`its migration keeps ${after.get(state) ?? 0} of ${count} ${state} inquiries`);
  }
  const units = unitsIn(`${incoming}/ops`);
  fs.mkdirSync(verified, { recursive: true });
  for (const name of units) fs.writeFileSync(`${verified}/${name}`, ofRelease(name));
  await run("systemd-analyze", ["verify", ...units.map((name) => `${verified}/${name}`)]);

  const environment = Object.entries(settings).map((pair) => `Environment="${pair.join("=")}"`);
  const unit = [ofRelease("clean-systems.service"), ofRelease("hardening.conf")]
    .join("\n")
    .replace(/^(Requires|Also|OnFailure|OnSuccess|Restart|NotifyAccess|WatchdogSec)=.*/gm, "");
  fs.writeFileSync(TRIAL_UNIT, [unit, "[Service]", ...environment, ""].join("\n"));
  await systemctl("daemon-reload");
  const name = path.basename(TRIAL_UNIT);
  const start = new Date();
  const isRunning = async (): Promise<void> => {
    const isActive = systemctl("is-active", name);
    await isActive.catch(async () => refuse(`it stopped: ${causeIn(await errorsOf(name, start))}`));
  };
  try {
    await systemctl("restart", name);
    await untilReady(url, isRunning);
    const { count, lost } = await comparePages(LOCAL_URL, url);
    if (lost.length > 0 && !force)
      refuse(`visitors would lose ${lost.join(", ")}. If that is intended: deploy --force`);
    const sent = await ofIncoming("ops/trial.ts", url);
    await ofIncoming("src/cli/doctor.ts", "--live-check", url);
    await ofIncoming("src/cli/inquiries.ts", "backup", `${trial}/after`);
    await isRunning();
    return `It responds at ${count} addresses. ${sent}`;
  } catch (error) {
    say(await errorsOf(name, start));
    throw error;
  }
}
const ofRelease = (file: string) =>
  fs.readFileSync(`${incoming}/ops/${file}`, "utf8").replaceAll("/srv/site", incoming);

async function errorsOf(unit: string, start: Date): Promise<string> {
  const since = `--since=@${start.getTime() / 1_000}`;
  const log = await run("journalctl", ["--quiet", "--output=cat", since, "-u", unit]);
  const lines = log.split("\n").filter((line) => !/"level":"(info|warn)"/.test(line));
  return lines.slice(-30).join("\n");
}

// The switch.

const unitsIn = (folder: string) =>
  fs.readdirSync(folder).filter((name) => /\.(service|socket|timer)$/.test(name));

/** Links the units of the running release, starts new timers, and removes what it lacks. */
async function linkUnits(): Promise<void> {
  const isOurs = (name: string) =>
    fs.lstatSync(`${UNITS}/${name}`).isSymbolicLink() &&
    fs.readlinkSync(`${UNITS}/${name}`).startsWith(`${SITE}/`);
  const [installed, wanted] = [unitsIn(UNITS).filter(isOurs), unitsIn(`${SITE}/ops`)];
  for (const name of installed.filter((unit) => !wanted.includes(unit)))
    await systemctl("disable", "--now", name);
  const added = wanted.filter((unit) => !installed.includes(unit));
  const link = (file: string, name: string) => {
    fs.mkdirSync(path.dirname(`${UNITS}/${name}`), { recursive: true });
    fs.symlinkSync(`${SITE}/ops/${file}`, `${UNITS}/${name}`);
  };
  for (const name of added) link(name, name);
  for (const name of added.filter((unit) => /^clean-systems[^@]*\.service$/.test(unit)))
    link("hardening.conf", `${name}.d/hardening.conf`);
  await systemctl("daemon-reload");
  const timers = added.filter((unit) => unit.endsWith(".timer"));
  if (timers.length > 0) await systemctl("enable", "--now", ...timers);
}

/** Makes a release the running one, and checks it. Rejects if it is not good. */
async function activate(number: number): Promise<string> {
  fs.rmSync(`${SITE}.new`, { force: true });
  fs.symlinkSync(folderOf(number), `${SITE}.new`);
  fs.renameSync(`${SITE}.new`, SITE);
  await linkUnits();
  await systemctl("restart", "clean-systems");
  const restarts = () => systemctl("show", "--property=NRestarts", "--value", "clean-systems");
  const before = await restarts();
  await untilReady(LOCAL_URL);
  const checked = await program(folderOf(number), ["src/cli/doctor.ts", "--live-check", LOCAL_URL]);
  await sleep(Number(SETTLE_SECONDS) * 1_000);
  if ((await restarts()) !== before) throw new Error(`it crashed within ${SETTLE_SECONDS} s`);
  return checked;
}

/** Switches from the running release, and back to it if the new one is not good. */
async function switchTo(number: number): Promise<void> {
  const old = running();
  const start = new Date();
  for (const name of interruptions) process.removeAllListeners(name).on(name, () => {});
  say(`Switching from ${old} to ${number}`);
  try {
    say(await activate(number));
    record(number, { servedSince: start.toISOString(), left: "" });
  } catch (error) {
    const why = causeIn(reasonOf(error));
    say(await errorsOf("clean-systems", start));
    record(number, { left: why });
    await activate(old).catch((second: unknown) => {
      const way = `ln -sfn ${folderOf(old)} ${SITE}; systemctl daemon-reload; systemctl restart clean-systems`;
      const both = `${number} failed: ${why}. Switching back to ${old} failed: ${reasonOf(second)}.`;
      throw new Failure(`THE SITE MAY BE DOWN. ${both}\nRun: ${way}`, 3);
    });
    throw new Failure(`Switched back to ${old}, because ${number} failed: ${why}.`, 2);
  }
}

async function clone(revision: string): Promise<void> {
  const origin = await git(SITE, "remote", "get-url", "origin");
  fs.rmSync(incoming, { recursive: true, force: true });
  await run("git", ["clone", "--quiet", "--", origin, incoming]);
  const checkOut = (name: string) => git(incoming, "checkout", "--quiet", "--detach", name);
  await checkOut(`origin/${revision}`).catch(() => checkOut(revision));
  fs.symlinkSync(fs.realpathSync(`${SITE}/.env`), `${incoming}/.env`);
}

/** The packages. A script of a package would run as root. */
async function install(lock: number): Promise<void> {
  const stdio = ["ignore", "ignore", "inherit", lock] as const;
  const packages = spawn("ops/packages", { cwd: incoming, stdio: [...stdio] });
  const [code] = (await once(packages, "exit")) as [number | null];
  if (code !== 0) throw new Error(`ops/packages ended with ${code}`);
}

async function deploy(revision: string, force: boolean, lock: number): Promise<void> {
  const old = fs.realpathSync(SITE);
  await copyStore(old);
  say(`Installing ${revision}`);
  await clone(revision).catch(refuse);
  await install(lock).catch(refuse);
  say("Trying it on a copy of the store");
  say(await tryRelease(force).catch(refuse));
  if (!isPostgres(old))
    await openCopy(old).catch((error: unknown) =>
      refuse(
        `going back would fail, because the running release cannot read the new store: ${reasonOf(error)}`,
      ),
    );
  const number = Math.max(running(), ...readReleases().map((row) => row.number)) + 1;
  const commit = await git(incoming, "rev-parse", "--short", "HEAD");
  fs.rmSync(folderOf(number), { recursive: true, force: true }); // of a deployment that was killed
  fs.renameSync(incoming, folderOf(number));
  record(number, { revision: `${revision} ${commit}` });
  const kind = isPostgres(old) ? "dump" : "db";
  fs.renameSync(`${trial}/before`, `${BACKUPS}/before-${number}.${kind}`);
  spawnSync("sync"); // a power cut would leave files of the last half minute empty
  await switchTo(number).finally(removeOld);
  say(`The site runs ${number}. To go back: deploy --back`);
}

async function goBack(chosen: string | undefined): Promise<void> {
  const now = running();
  const good = goodOnes(readReleases()).filter(({ number }) => number !== now);
  const last = chosen
    ? readReleases().find(({ number }) => number === Number(chosen))
    : good.at(-1);
  if (!last?.servedSince || !fs.existsSync(folderOf(last.number)))
    return refuse(
      `${chosen ?? "no other release"} has ${chosen ? "not " : ""}served: see deploy --list`,
    );
  await copyStore(folderOf(last.number));
  await openCopy(folderOf(last.number)).catch(refuse);
  await switchTo(last.number);
  if (last.number !== now) record(now, { left: "with deploy --back" });
  say(`The site runs ${last.number} again.`);
}

/** Children inherit the lock: while npm of a killed deployment runs, the next one is refused. */
async function locked(work: (lock: number) => Promise<void>): Promise<void> {
  const lock = fs.openSync(`${RELEASES}/.lock`, "a");
  const { status } = spawnSync("flock", ["--nonblock", "3"], {
    stdio: ["ignore", "ignore", "ignore", lock],
  });
  if (status !== 0) refuse("another deployment is running");
  for (const name of interruptions)
    process.once(name, () => {
      cleanUp();
      process.stderr.write("Refused: interrupted. Nothing was changed.\n");
      process.exit(1);
    });
  await work(lock).finally(cleanUp);
}

/** Before the switch, they end a deployment. From there on it ends by itself, there or back. */
const interruptions = ["SIGINT", "SIGTERM", "SIGHUP"];

function cleanUp(): void {
  const name = path.basename(TRIAL_UNIT);
  for (const verb of ["stop", "reset-failed"]) spawnSync("systemctl", [verb, name]);
  removeTrial();
  for (const file of [TRIAL_UNIT, verified, incoming])
    fs.rmSync(file, { recursive: true, force: true });
}

async function main([first = "", second, ...rest]: string[]): Promise<void> {
  const isRevision = (text = "") => /^[^-]/.test(text) && rest.length === 0;
  if (first === "--count" && second)
    say(JSON.stringify(countRows(second))); // as the site's user
  else if (first === "--list") say(table(readReleases(), running()));
  else if (first === "--back" && rest.length === 0) await locked(() => goBack(second));
  else if (first === "--force" && second && isRevision(second))
    await locked((lock) => deploy(second, true, lock));
  else if (isRevision(first) && !second) await locked((lock) => deploy(first, false, lock));
  else {
    const [usage = ""] = fs.readFileSync(import.meta.filename, "utf8").split("// Imports");
    say(usage.replace(/^(#.*\n|\/\/ ?)/gm, ""));
  }
}

if (import.meta.main) {
  process.umask(0o022); // the site's user reads what root writes
  await main(process.argv.slice(2)).catch((error: unknown) => {
    process.stderr.write(`${reasonOf(error)}\n`);
    process.exitCode = error instanceof Failure ? error.exitCode : 1;
  });
}
