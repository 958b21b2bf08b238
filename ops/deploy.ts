#!/srv/site/node_modules/.bin/node
// Tries a release on a copy of the store, switches to it, and back. It imports only node:, so that
// no broken package stops it.

import { spawn, spawnSync, type SpawnSyncOptions } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import path from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs, parseEnv } from "node:util";

const {
  SITE = "/srv/site", // this link leads to the running release
  RELEASES = "/srv/releases", // has the numbered folders and served.json
  DATA = "/var/lib/clean-systems", // has the store, and the backups are beside it
  LOCAL_URL = "http://127.0.0.1:3000", // the site without its proxy
  SETTLE_SECONDS = "30", // a release may not crash within this time
} = process.env;
const incoming = `${RELEASES}/incoming`;
const trialUnits = `${RELEASES}/units`; // has the units of the release on trial, with its paths
const trialUnit = "trial-of-clean-systems"; // a name for which no drop-in of the machine is meant
const tool = "src/cli/inquiries.ts";

const usage = `deploy [--force] REVISION   tries a branch, tag or commit on a copy of the store, switches to it
deploy --back [NUMBER]      switches to the last good release, or to this one
deploy --list               lists the releases; * is the running one

--force also deploys a release that loses public pages. Exit codes: 0 deployed; 1 refused, nothing was
changed; 2 switched back; 3 the site may be down, and the last line is the command to run.`;

const say = (text: string) => process.stdout.write(`${text}\n`);
const messageOf = (error: unknown) => (Error.isError(error) ? error.message : String(error));
/**
 * Returns the cause in what a program printed, and the place. The cause is the last line of an
 * error, or else the last line that isn't part of a stack and that neither Node nor systemd wrote.
 * The place is the first line of our code that is named.
 */
export function causeIn(text: string): string {
  const lines = text.trim().split("\n");
  const isNpms = (line: string) =>
    /^npm (error|ERR!) (?!code|syscall|errno|path|A complete log)\S/.test(line);
  const isCause = (line: string) => /^(?!Node\.js |\S+\.service: )[^\s}]/.test(line);
  const cause =
    lines.find(isNpms) ??
    lines.findLast((line) => /^\w*Error\b/.test(line)) ??
    lines.findLast(isCause);
  const [, logged] = /^\{.*?"message":"(.*?)"/.exec(cause ?? "") ?? [];
  const words = (logged ?? cause ?? text).replace(/\.$/, "");
  const [place = ""] = /\b(src|views|ops)\/[\w./-]+:\d+/.exec(text) ?? [];
  return words.includes(place) ? words : `${words} (${place})`;
}

function lastLines(text: string): string {
  const lines = text.trim().split("\n").slice(-30);
  return lines.map((line) => line.slice(0, 300)).join("\n");
}
/** Runs a program. Returns what it printed, and throws the end of that if it fails. */
export function run(program: string, args: string[], options: SpawnSyncOptions = {}): string {
  const limits = { maxBuffer: 64 * 1024 * 1024, timeout: 900_000, encoding: "utf8" } as const;
  const ended = spawnSync(program, args, { cwd: "/", ...options, ...limits });
  if (ended.status === 0) return ended.stdout.trim();
  const reason = ended.error?.message ?? `${program} ended with ${ended.status ?? ended.signal}`;
  throw new Error(lastLines(`${ended.stdout ?? ""}${ended.stderr ?? ""}`) || reason);
}
const git = (...args: string[]) => run("git", args);
const systemctl = (...args: string[]) => run("systemctl", args);
/**
 * Runs a program in a release as the site's user, with the settings of .env and these. Root writes
 * nothing into a folder of this user: a link there would lead it to any file of the machine.
 */
function asSite(folder: string, [program = "", ...args]: string[], settings = {}): string {
  const { uid, gid } = fs.statSync(DATA);
  const PATH = `${folder}/node_modules/.bin:${process.env["PATH"]}`;
  const NODE_EXTRA_CA_CERTS = "/etc/ssl/certs/ca-certificates.crt";
  const env = { PATH, NODE_EXTRA_CA_CERTS, ...settings };
  return run(program, args, { cwd: folder, uid, gid, env });
}

// The file served.json says which releases have served.

/** A release that was switched to. To go back to it, it has to have served, and not been left. */
type Release = { number: number; revision: string; servedSince?: string; left?: string };

const servedFile = `${RELEASES}/served.json`;
const readReleases = () => JSON.parse(fs.readFileSync(servedFile, "utf8")) as Release[];

/**
 * Adds a release to the file of what has served, or changes its row. The file is replaced whole, so
 * a deployment that is killed leaves the old file or the new one.
 */
function record(number: number, change: Partial<Release>): void {
  const releases = readReleases();
  const row = releases.find((one) => one.number === number);
  if (row) Object.assign(row, change);
  else releases.push({ number, revision: "", ...change });
  fs.writeFileSync(`${servedFile}.new`, JSON.stringify(releases, null, 2), { flush: true });
  fs.renameSync(`${servedFile}.new`, servedFile);
}

const folderOf = (number: number) => `${RELEASES}/${number}`;
const running = () => Number(path.basename(fs.readlinkSync(SITE)));
/** Returns the releases to go back to. The one that began to serve last is at the end. */
const goodOnes = (releases: Release[]): Release[] =>
  releases
    .filter(({ servedSince, left }) => servedSince && !left)
    .sort((one, other) => String(one.servedSince).localeCompare(String(other.servedSince)));

function table(releases: Release[], now: number): string {
  const shown = releases.filter(
    (row, index) => row.number === now || index >= releases.length - 10,
  );
  const lines = shown.map(({ number, revision, servedSince, left }) => {
    const served = servedSince?.slice(0, 16).replace("T", " ") ?? "has not served  ";
    const mark = number === now ? "*" : " ";
    return `${mark} ${number}  ${served}  ${revision}${left ? `  left: ${left}` : ""}`;
  });
  if (!releases.find(({ number }) => number === now)?.servedSince)
    lines.push(`${now} has not passed its checks: deploy --back`);
  else if (goodOnes(releases).at(-1)?.number !== now)
    lines.push(`${now} was linked by hand. deploy --back goes to what had served before it.`);
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

// The trial of a release, before anybody visits it.

/**
 * Checks out a release and installs its packages. git and npm inherit the lock: while those of a
 * killed deployment run, the next is refused.
 */
function install(revision: string, lock: number): void {
  const options: SpawnSyncOptions = { stdio: ["ignore", "pipe", "pipe", lock], cwd: RELEASES };
  const origin = git("-C", SITE, "remote", "get-url", "origin");
  run("git", ["clone", "--quiet", "--", origin, incoming], options);
  const checkout = ["-C", incoming, "checkout", "--quiet", revision, "--"];
  if (spawnSync("git", checkout, { stdio: ["ignore", "ignore", "inherit", lock] }).status !== 0)
    throw new Error(`origin has no branch, tag or commit ${revision}`);
  fs.symlinkSync(fs.realpathSync(`${SITE}/.env`), `${incoming}/.env`);
  run("ops/packages", [], { ...options, cwd: incoming });
}

const unitsIn = (folder: string) =>
  fs.readdirSync(folder).filter((name) => /\.(service|socket|timer)$/.test(name));

/**
 * Lets systemd check the units of a release, and runs its `site trial` under the restrictions of
 * its own unit. Rejects with what that printed.
 */
async function tryRelease(store: string[], isForced: boolean): Promise<string> {
  fs.cpSync(`${incoming}/ops/units`, trialUnits, { recursive: true });
  const replacement = ["sed", "--in-place", `s,/srv/site,${incoming},g`, "{}", "+"];
  run("find", [trialUnits, "-type", "f", "-exec", ...replacement]);
  run("systemd-analyze", ["verify", ...unitsIn(trialUnits).map((name) => `${trialUnits}/${name}`)]);
  const files = ["clean-systems.service", "clean-.service.d/hardening.conf"];
  const texts = files.map((name) => fs.readFileSync(`${trialUnits}/${name}`, "utf8"));
  const lines = texts.flatMap((unit) => {
    const [, service = ""] = unit.split("[Service]");
    return service.match(/^(?!Exec|Restart|Watchdog|Notify)[A-Z]\w+=.*/gm) ?? [];
  });
  lines.push("OOMPolicy=continue", "RuntimeMaxSec=330"); // it ends itself after 300
  const properties = lines.map((line) => `--property=${line}`);
  const [, start = ""] = /^ExecStart=(.*)/m.exec(texts[0] ?? "") ?? [];
  const node = `${incoming}/node_modules/.bin/node`;
  const trial = [
    node,
    "src/cli/trial.ts",
    ...store,
    "--compare",
    LOCAL_URL,
    "--old",
    fs.realpathSync(SITE),
  ];
  if (isForced) trial.push("--force");
  const how = ["--collect", "--wait", "--pipe", "--quiet", `--unit=${trialUnit}`];
  // The input of the trial ends with this process, also if this process is killed. Then the trial
  // ends, and deletes its copy.
  const script =
    'exec 3<&0; "$@" & trial=$!; { cat <&3; kill $trial; } >/dev/null 2>&1 & wait $trial';
  const program = ["sh", "-c", script, "trial", ...trial, "--", ...start.split(" ")];
  const inTemporary = "--setenv=TMPDIR=/var/tmp"; // on the disk: /tmp may be in memory, which is limited
  const child = spawn("systemd-run", [...how, inTemporary, ...properties, ...program]);
  child.on("error", () => {}); // it is not installed: its exit code says so
  const ended = once(child, "close") as Promise<[number | null]>;
  const printed = (await Promise.all([text(child.stdout), text(child.stderr)])).join("").trim();
  const [code] = await ended;
  if (code !== 0) throw new Error(lastLines(printed) || `the trial ended with ${code}`);
  asSite(incoming, ["sh", "-c", tellTrial]);
  asSite(incoming, ["node", "ops/deploy.ts", "--help"]); // the way back from this release
  return printed;
}

/** Tries the script that tells every failure, because the release must not break it. */
const tellTrial =
  'RUNTIME_DIRECTORY=$(mktemp -d) && export RUNTIME_DIRECTORY DATA_DIR="$RUNTIME_DIRECTORY" && node ops/tell.ts trial-passed; code=$?; rm -rf "$RUNTIME_DIRECTORY"; exit $code';

async function deploy(revision: string, isForced: boolean, lock: number): Promise<number> {
  const old = fs.realpathSync(SITE);
  const settings = parseEnv(fs.readFileSync(`${old}/.env`, "utf8"));
  const kind = settings["DATABASE_URL"] ? "dump" : "db";
  if (kind === "dump") say("The store is in PostgreSQL: it is not tried.");
  say(`Installing ${revision}`);
  install(revision, lock);
  await refuseIfEnded();
  say("Trying it on a copy of the store");
  say(await tryRelease(kind === "db" ? [`${DATA}/inquiries.db`] : [], isForced));
  await refuseIfEnded();
  const number = Math.max(...readReleases().map((row) => row.number)) + 1;
  const backup = `${DATA}-backups/before-${number}.${kind}`;
  // A deployment that was killed may have left its backup there.
  asSite(old, ["sh", "-c", `rm -f ${backup} && node ${tool} backup ${backup}`]);
  record(number, {
    revision: `${revision} ${git("-C", incoming, "rev-parse", "--short", "HEAD")}`,
  });
  removeOld(); // comes here, because a refusal changes nothing
  fs.renameSync(incoming, folderOf(number));
  run("sync", []); // a power cut would leave files of the last half minute empty
  return switchTo(number);
}

// The switch to a release, and back if it is not good.

/** Makes a release the running one, with its units, and checks it. Rejects if it is not good. */
async function activate(number: number): Promise<string> {
  const units = unitsIn(`${folderOf(number)}/ops/units`);
  const socketIn = (folder: string) =>
    fs.readFileSync(`${folder}/ops/units/clean-systems.socket`, "utf8");
  const isSocketChanged = socketIn(SITE) !== socketIn(folderOf(number));
  for (const old of unitsIn(`${SITE}/ops/units`)) if (!units.includes(old)) systemctl("stop", old);
  run("ln", ["-sfT", folderOf(number), SITE]); // renames a new link, so that there always is one
  systemctl("daemon-reload");
  // Until a changed socket is stopped, systemd has no port for it, and says that it is active.
  if (isSocketChanged) systemctl("stop", "clean-systems.service", "clean-systems.socket");
  systemctl("start", ...units.filter((unit) => unit.endsWith(".timer")));
  systemctl("restart", "clean-systems");
  // Without the limit, curl would wait for the minute that a 503 has in Retry-After, five times.
  const limit = ["--retry-max-time", "15"];
  const retries = ["--retry", "5", "--retry-delay", "1", "--retry-connrefused", ...limit];
  const quiet = ["-sSf", "--max-time", "30", "--output", "/dev/null"];
  run("curl", [...quiet, ...retries, `${LOCAL_URL}/readyz`]);
  const checked = asSite(SITE, ["node", "src/cli/doctor.ts", "--live-check", LOCAL_URL]);
  await sleep(Number(SETTLE_SECONDS) * 1_000);
  const restarts = systemctl("show", "--property=NRestarts", "--value", "clean-systems");
  if (restarts !== "0") throw new Error(`it crashed within ${SETTLE_SECONDS} s`);
  return checked;
}

/** Switches from the running release, and back to it if the new one is not good. */
async function switchTo(number: number, whyLeft?: string): Promise<number> {
  const old = running();
  const start = new Date();
  say(`Switching from ${old} to ${number}`);
  try {
    say(await activate(number));
    record(number, { servedSince: start.toISOString(), left: "" });
    if (whyLeft) record(old, { left: whyLeft });
    say(`The site runs ${number}. To go back: deploy --back`);
    return 0;
  } catch (error) {
    const since = `--since=@${start.getTime() / 1_000}`;
    // The call has no --lines, because with it journalctl begins with the newest line. What systemd
    // itself says is no cause.
    const grep = '--grep="level":"error"|Error';
    const args = ["--quiet", "--output=cat", since, grep, "-u", "clean-systems"];
    const log = spawnSync("journalctl", args, { encoding: "utf8" }).stdout;
    const message = messageOf(error);
    // curl only knows that the site doesn't respond, and systemd that it ended; the log knows why.
    const why = log.trim() && causeIn(log);
    const isCurls = /^curl: /m.test(message);
    const isCrash = message.startsWith("it crashed");
    const cause = why && isCurls ? why : causeIn(message) + (why && isCrash ? `: ${why}` : "");
    say(lastLines(`${log}${message}`));
    try {
      await activate(old);
      record(number, { left: cause });
      say(`Switched back to ${old}, because ${number} failed: ${cause}.`);
      return 2;
    } catch (second) {
      say(`${number} failed: ${cause}. Switching back to ${old} failed: ${messageOf(second)}`);
      const way = `ln -sfn ${folderOf(old)} ${SITE}; systemctl daemon-reload`;
      const stop = "systemctl stop clean-systems.service clean-systems.socket";
      say(`THE SITE MAY BE DOWN. Run:\n${stop}; ${way}; systemctl start clean-systems`);
      return 3;
    }
  }
}

function goBack(chosen?: string): Promise<number> {
  const releases = readReleases();
  const others = releases.filter((row) => row.servedSince && row.number !== running());
  // If a release began to serve after the running one, an operator has left it by hand, and --back
  // does not return to it.
  const now = releases.find(({ number }) => number === running())?.servedSince;
  const before = others.filter(({ servedSince = "" }) => !now || servedSince < now);
  const isThere = ({ number }: Release) => fs.existsSync(folderOf(number));
  const wanted = chosen
    ? others.find(({ number }) => String(number) === chosen)
    : goodOnes(before.filter(isThere)).at(-1);
  const why = chosen ? `${chosen} runs, or has not served` : "no other release has served";
  if (!wanted) throw new Error(`${why}: deploy --list`);
  const { number, revision } = wanted;
  const commit = revision.split(" ").at(-1);
  if (!isThere(wanted))
    throw new Error(`${number} was removed, and deploy ${commit} brings it back`);
  asSite(folderOf(number), ["node", tool, "list"]); // it has to read the store
  return switchTo(number, "with deploy --back");
}

let endedBy = "";
/** A signal that came while git or npm ran is only known after a turn of the event loop. */
async function refuseIfEnded(): Promise<void> {
  await sleep(1);
  if (endedBy) throw new Error(`it was ended by ${endedBy}`);
}

function takeLock(): number {
  const lock = fs.openSync(`${RELEASES}/.lock`, "a");
  const stdio = ["ignore", "ignore", "ignore", lock] as const;
  const { status } = spawnSync("flock", ["--nonblock", "3"], { stdio: [...stdio] });
  if (status !== 0) throw new Error("another deployment is running");
  // Ctrl-C ends the program that runs, which is refused or switched back like any other failure.
  // The trial is a unit, which gets no Ctrl-C.
  const stop = (signal: string) => {
    endedBy = signal;
    spawnSync("systemctl", ["stop", trialUnit]);
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, stop);
  process.once("exit", cleanUp);
  cleanUp(); // what a killed deployment left
  return lock;
}

function cleanUp(): void {
  spawnSync("systemctl", ["stop", trialUnit]);
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
