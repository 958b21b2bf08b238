#!/srv/site/node_modules/.bin/node
// Tries a release on a copy of the store, switches to it, and back. It imports only node:, so that no
// broken package stops it.

import { spawnSync, type SpawnSyncOptions } from "node:child_process";
import * as fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs, parseEnv } from "node:util";

const {
  SITE = "/srv/site", // a link to the running release
  RELEASES = "/srv/releases", // numbered folders, and the file of what has served
  DATA = "/var/lib/clean-systems", // the store; the trial's copy is in it, under the unit's rules
  BACKUPS = "/var/lib/clean-systems-backups",
  CACHE = "/var/cache/clean-systems", // of compiled code
  LOCAL_URL = "http://127.0.0.1:3000", // the site without its proxy
  SETTLE_SECONDS = "30", // a release may not crash within this time
} = process.env;
const incoming = `${RELEASES}/incoming`;
const trial = `${DATA}/trial`;
const trialUnits = `${RELEASES}/units`; // of the release on trial, with its own paths
const readySeconds = "30"; // a visitor's request waits in nginx for as long

const usage = `deploy [--force] REVISION   tries a branch, tag or commit on a copy of the store, switches to it
deploy --back [NUMBER]      switches to the last good release, or to this one
deploy --list               lists the releases; * is the running one

--force also deploys a release that loses public pages. Exit codes: 0 deployed; 1 refused, nothing was
changed; 2 switched back; 3 the site may be down, and the last line is the command to run.`;

const say = (text: string) => process.stdout.write(`${text}\n`);
const messageOf = (error: unknown) => (Error.isError(error) ? error.message : String(error));
/**
 * The last line of an error, or the last that is not of a stack, of Node or of systemd; and the first
 * line of our code that is named.
 */
export function causeIn(text: string): string {
  const lines = text.trim().split("\n");
  const isCause = (line: string) => /^(?!Node\.js |\S+\.service: )[^\s}]/.test(line);
  const cause = lines.findLast((line) => /^\w*Error\b/.test(line)) ?? lines.findLast(isCause);
  const words = (cause ?? text).replace(/\.$/, "");
  const [place = ""] = /\b(src|views|ops)\/[\w./-]+:\d+/.exec(text) ?? [];
  return words.includes(place) ? words : `${words} (${place})`;
}

type Options = Pick<SpawnSyncOptions, "cwd" | "env" | "uid" | "gid" | "stdio">;
/** Runs a program. Returns what it printed, and throws the end of that if it fails. */
function run(program: string, args: string[], options: Options = {}): string {
  const limits = { maxBuffer: 64 * 1024 * 1024, timeout: 900_000, encoding: "utf8" } as const;
  const ended = spawnSync(program, args, { cwd: "/", ...options, ...limits });
  if (ended.status === 0) return ended.stdout.trim();
  const lines = `${ended.stdout ?? ""}${ended.stderr ?? ""}`.trim();
  const reason = ended.error?.message ?? `${program} ended with ${ended.status ?? ended.signal}`;
  const last = (lines || reason).split("\n").slice(-20);
  throw new Error(last.map((line) => line.slice(0, 300)).join("\n"));
}
const git = (folder: string, ...args: string[]) => run("git", ["-C", folder, ...args]);
const systemctl = (...args: string[]) => run("systemctl", args);
/**
 * Runs a program in a release as the site's user, with the settings of .env and these. Root writes
 * nothing into a folder of this user: a link there would lead it to any file of the machine.
 */
function asSite(folder: string, [program = "", ...args]: string[], settings = {}): string {
  const { uid, gid } = fs.statSync(DATA);
  const env = {
    PATH: `${folder}/node_modules/.bin:${process.env["PATH"]}`,
    NODE_COMPILE_CACHE: CACHE,
    NODE_EXTRA_CA_CERTS: "/etc/ssl/certs/ca-certificates.crt",
    ...settings,
  };
  return run(program, args, { cwd: folder, uid, gid, env });
}

// What has served.

/** A release that was switched to. To go back to it, it has to have served, and not been left. */
export type Release = { number: number; revision: string; servedSince?: string; left?: string };

const servedFile = `${RELEASES}/served.json`;
const readReleases = () => JSON.parse(fs.readFileSync(servedFile, "utf8")) as Release[];

/** Adds or changes releases. The file is replaced whole, so a kill leaves the old or the new one. */
function record(...changes: (Partial<Release> & { number: number })[]): void {
  const rows = new Map(readReleases().map((row) => [row.number, row]));
  for (const change of changes)
    rows.set(change.number, { revision: "", ...rows.get(change.number), ...change });
  const text = `${JSON.stringify(rows.values().toArray(), null, 2)}\n`;
  fs.writeFileSync(`${servedFile}.new`, text, { flush: true });
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
  if (!isGood) lines.push(`${now} has not passed its checks: deploy --back`);
  return lines.join("\n");
}

/** Removes all but the running release and the last five that are good. */
function removeOld(): void {
  const good = goodOnes(readReleases()).slice(-5);
  const kept = [running(), ...good.map(({ number }) => number)].map(String);
  for (const name of fs.readdirSync(RELEASES))
    if (/^\d+$/.test(name) && !kept.includes(name))
      fs.rmSync(`${RELEASES}/${name}`, { recursive: true });
}

// The trial.

const trialUnit = "trial-of-clean-systems"; // a name for which no drop-in of the machine is meant
const tool = "src/cli/inquiries.ts";
const onCopy = { DATA_DIR: trial, DATABASE_URL: "" };
const isPostgres = () => Boolean(parseEnv(fs.readFileSync(`${SITE}/.env`, "utf8"))["DATABASE_URL"]);

/** Lets the running release copy the store, so that another can be tried on the copy. */
function copyStore(old: string): void {
  asSite(old, ["rm", "-rf", trial]);
  asSite(old, ["mkdir", "-m", "700", trial]);
  asSite(old, ["node", tool, "backup", `${trial}/before`]);
  if (isPostgres()) say("The store is in PostgreSQL: it is not tried.");
  else asSite(old, ["cp", `${trial}/before`, `${trial}/inquiries.db`]);
}

function migrateCopy(old: string): void {
  const count = () => asSite(old, ["node", tool, "counts", `${trial}/inquiries.db`]);
  const before = count();
  asSite(incoming, ["node", tool, "list"], onCopy); // opens the store, which migrates it
  if (count() === before) return;
  say(`${before}\nbecomes\n${count()}`);
  throw new Error("its migration deletes or changes inquiries");
}

const unitsIn = (folder: string) =>
  fs.readdirSync(folder).filter((name) => /\.(service|socket|timer)$/.test(name));

/** Lets systemd check the units of a release. */
function verifyUnits(): void {
  fs.cpSync(`${incoming}/ops/units`, trialUnits, { recursive: true });
  const replacement = ["sed", "--in-place", `s,/srv/site,${incoming},g`, "{}", "+"];
  run("find", [trialUnits, "-type", "f", "-exec", ...replacement]);
  run("systemd-analyze", ["verify", ...unitsIn(trialUnits).map((name) => `${trialUnits}/${name}`)]);
}

/** Tries a release on the copy of the store, under the restrictions of its own unit. */
function tryRelease(isForced: boolean): string {
  asSite(incoming, ["node", "ops/deploy.ts", "--help"]); // the next deployment needs it
  const nothing = ["node", "ops/tell.ts", "trial-passed"]; // nothing to tell of a unit that passed
  asSite(incoming, nothing, { RUNTIME_DIRECTORY: trial });
  verifyUnits();
  const files = ["clean-systems.service", "clean-.service.d/hardening.conf"];
  const lines = files.flatMap((name) => {
    const [, service = ""] = fs.readFileSync(`${trialUnits}/${name}`, "utf8").split("[Service]");
    return service.match(/^(?!Exec|Restart|Watchdog|Notify)[A-Z]\w+=.*/gm) ?? [];
  });
  const properties = [...lines, "OOMPolicy=continue"].map((line) => `--property=${line}`);
  const settings = Object.entries(onCopy).map((pair) => `--setenv=${pair.join("=")}`);
  const how = ["--collect", "--wait", "--pipe", "--quiet", `--unit=${trialUnit}`];
  const program = [`${incoming}/node_modules/.bin/node`, "ops/trial.ts", LOCAL_URL];
  if (isForced) program.push("--force");
  return run("systemd-run", [...how, ...properties, ...settings, ...program]);
}

function errorsOf(unit: string, start: Date): string {
  const args = ["--quiet", "--output=cat", `--since=@${start.getTime() / 1_000}`, "-u", unit];
  const log = spawnSync("journalctl", args, { encoding: "utf8" }).stdout ?? "";
  const lines = log.split("\n").filter((line) => !/"level":"(info|warn)"/.test(line));
  const last = lines.slice(-20).map((line) => line.slice(0, 300));
  return last.join("\n");
}

// The switch.

/** Makes a release the running one, with its units, and checks it. Rejects if it is not good. */
async function activate(number: number): Promise<string> {
  const units = unitsIn(`${folderOf(number)}/ops/units`);
  for (const old of unitsIn(`${SITE}/ops/units`)) if (!units.includes(old)) systemctl("stop", old);
  fs.rmSync(`${SITE}.new`, { force: true });
  fs.symlinkSync(folderOf(number), `${SITE}.new`);
  fs.renameSync(`${SITE}.new`, SITE);
  systemctl("daemon-reload");
  systemctl("start", ...units.filter((unit) => unit.endsWith(".timer")));
  systemctl("restart", "clean-systems");
  const retries = ["--retry", "99", "--retry-all-errors", "--retry-delay", "1"];
  const limits = ["--max-time", readySeconds, "--retry-max-time", readySeconds];
  run("curl", ["-sSf", ...retries, ...limits, "--output", "/dev/null", `${LOCAL_URL}/readyz`]);
  const live = ["node", "src/cli/doctor.ts", "--live-check", LOCAL_URL];
  const checked = asSite(folderOf(number), live);
  await sleep(Number(SETTLE_SECONDS) * 1_000);
  const restarts = systemctl("show", "--property=NRestarts", "--value", "clean-systems");
  if (restarts !== "0") throw new Error(`it crashed within ${SETTLE_SECONDS} s`);
  return checked;
}

/** Switches from the running release, and back to it if the new one is not good. */
async function switchTo(number: number, whyLeft = ""): Promise<number> {
  const old = running();
  const start = new Date();
  await sleep(1); // a signal that came since the last program ends the deployment here
  for (const name of interruptions) process.removeAllListeners(name).on(name, () => {});
  say(`Switching from ${old} to ${number}`);
  try {
    say(await activate(number));
    record({ number: old, left: whyLeft }, { number, servedSince: start.toISOString(), left: "" });
    say(`The site runs ${number}. To go back: deploy --back`);
    return 0;
  } catch (error) {
    say(messageOf(error));
    say(errorsOf("clean-systems", start));
    const cause = causeIn(messageOf(error));
    try {
      await activate(old);
      record({ number, left: cause });
      say(`Switched back to ${old}, because ${number} failed: ${cause}.`);
      return 2;
    } catch (second) {
      say(`${number} failed: ${cause}. Switching back to ${old} failed: ${messageOf(second)}`);
      const way = `ln -sfn ${folderOf(old)} ${SITE}; systemctl daemon-reload`;
      say(`THE SITE MAY BE DOWN. Run:\n${way}; systemctl restart clean-systems`);
      return 3;
    }
  }
}

function install(revision: string, lock: number): void {
  const stdio = ["ignore", "pipe", "pipe", lock] as const;
  const origin = git(SITE, "remote", "get-url", "origin");
  fs.rmSync(incoming, { recursive: true, force: true });
  run("git", ["clone", "--quiet", "--", origin, incoming], { stdio: [...stdio] });
  try {
    git(incoming, "checkout", "--quiet", revision, "--");
  } catch (error) {
    const why = "origin has no such branch, tag or commit";
    throw new Error(`${why}: ${messageOf(error)}`, { cause: error });
  }
  fs.symlinkSync(fs.realpathSync(`${SITE}/.env`), `${incoming}/.env`);
  run("ops/packages", [], { cwd: incoming, stdio: [...stdio] });
}

async function deploy(revision: string, isForced: boolean, lock: number): Promise<number> {
  const old = fs.realpathSync(SITE);
  copyStore(old);
  say(`Installing ${revision}`);
  install(revision, lock);
  say("Trying it on a copy of the store");
  if (!isPostgres()) migrateCopy(old);
  say(tryRelease(isForced));
  try {
    if (!isPostgres()) asSite(old, ["node", tool, "list"], onCopy);
  } catch (error) {
    const why = "going back would fail, because the running release cannot read the new store";
    throw new Error(`${why}: ${causeIn(messageOf(error))}`, { cause: error });
  }
  const number = Math.max(running(), ...readReleases().map((row) => row.number)) + 1;
  record({ number, revision: `${revision} ${git(incoming, "rev-parse", "--short", "HEAD")}` });
  removeOld(); // not earlier: a refusal changes nothing
  fs.renameSync(incoming, folderOf(number));
  const copy = `${BACKUPS}/before-${number}.${isPostgres() ? "dump" : "db"}`;
  asSite(old, ["mv", `${trial}/before`, copy]);
  run("sync", []); // a power cut would leave files of the last half minute empty
  return switchTo(number);
}

function goBack(chosen?: string): Promise<number> {
  const others = readReleases().filter((row) => row.servedSince && row.number !== running());
  const isThere = ({ number }: Release) => fs.existsSync(folderOf(number));
  const wanted = chosen
    ? others.find(({ number }) => String(number) === chosen)
    : goodOnes(others.filter(isThere)).at(-1);
  const why = chosen ? `${chosen} runs, or has not served` : "no other release has served";
  if (!wanted) throw new Error(`${why}: deploy --list`);
  const { number, revision } = wanted;
  const commit = revision.split(" ").at(-1);
  if (!isThere(wanted))
    throw new Error(`${number} was removed, and deploy ${commit} brings it back`);
  asSite(folderOf(number), ["node", tool, "list"]); // it has to read the store
  return switchTo(number, "with deploy --back");
}

/** Before the switch, they end a deployment. From there on it ends by itself, there or back. */
const interruptions = ["SIGINT", "SIGTERM", "SIGHUP"];

/** git and npm inherit the lock: while those of a killed deployment run, the next is refused. */
function takeLock(): number {
  const lock = fs.openSync(`${RELEASES}/.lock`, "a");
  const { status } = spawnSync("flock", ["--nonblock", "3"], {
    stdio: ["ignore", "ignore", "ignore", lock],
  });
  if (status !== 0) throw new Error("another deployment is running");
  for (const name of interruptions)
    process.once(name, () => {
      say("Refused: interrupted. Nothing was changed.");
      process.exit(1);
    });
  process.once("exit", cleanUp);
  return lock;
}

function cleanUp(): void {
  spawnSync("systemctl", ["stop", trialUnit]);
  asSite("/", ["rm", "-rf", trial]);
  for (const folder of [trialUnits, incoming]) fs.rmSync(folder, { recursive: true, force: true });
}

async function main(args: string[]): Promise<number> {
  const flag = { type: "boolean", default: false } as const;
  const options = { force: flag, back: flag, list: flag, help: flag };
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [name, ...rest] = positionals;
  if (values.help || rest.length > 0 || !(name || values.back || values.list)) say(usage);
  else if (values.list) say(table(readReleases(), running()));
  else {
    const lock = takeLock();
    return values.back ? goBack(name) : deploy(name ?? "", values.force, lock);
  }
  return 0;
}

if (import.meta.main) {
  process.umask(0o022); // the site's user reads what root writes
  process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
    const reason = messageOf(error);
    if (reason.includes("\n")) say(reason);
    say(`Refused: ${causeIn(reason)}. Nothing was changed.`);
    return 1;
  });
}
