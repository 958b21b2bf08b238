// Deployments of good and bad releases, while visitors read and write. Another process holds the
// listening socket, as systemd does, and programs of the machine are stubs in the PATH.

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { articleFile, articlesFolder } from "./support/articles.ts";
import { need } from "./support/needs.ts";
import { opened } from "./support/opened.ts";
import { filledForm, productionEnv, temporaryFolder } from "./support/site.ts";
import { refusal, startSmtpPeer } from "./support/smtp-peer.ts";
import { openStore } from "./support/store.ts";

const projectDir = path.resolve(import.meta.dirname, "..");
const isInstalled = (program: string) => spawnSync(program, ["--version"]).status === 0;
for (const program of ["shellcheck", "flock", "git", "systemd-analyze"])
  need(isInstalled(program), program);

test("shellcheck finds nothing in the scripts of ops", () => {
  const names = ["install", "packages", "pull-articles", "site"];
  const files = names.map((name) => path.join(projectDir, "ops", name));
  execFileSync("shellcheck", files, { encoding: "utf8" });
});

const { dir } = await temporaryFolder({ onDisk: true });
const stores = await temporaryFolder(); // the site's, and its copies
const inDir = (name: string) => path.join(dir, name);
const inMemory = (name: string) => path.join(stores.dir, name);
for (const name of ["bin", "releases", "repository", "tmp"]) fs.mkdirSync(inDir(name));
fs.mkdirSync(inMemory("data-backups"));

// The repository.

function git(...args: string[]): void {
  const user = "-c user.name=Test -c user.email=test@example.com -c init.defaultBranch=main";
  execFileSync("git", [...user.split(" "), ...args], { cwd: inDir("repository") });
}
for (const name of ["package.json", "src", "views", "static", "ops"])
  fs.cpSync(path.join(projectDir, name), path.join(inDir("repository"), name), { recursive: true });
git("init", "--quiet");
git("add", ".");
git("commit", "--quiet", "--message=base");

function edit(file: string, from: string, to: string): void {
  const name = path.join(inDir("repository"), file);
  const before = fs.readFileSync(name, "utf8");
  if (!before.includes(from)) throw new Error(`${file} does not contain ${from}`);
  fs.writeFileSync(name, before.replace(from, to));
}
/** Adds a step to the schema for each statement. */
function addSteps(...statements: string[]): void {
  const steps = statements.map((statement) => `  () => [sql\`${statement}\`],\n`);
  edit("src/inquiries/store/schema.ts", "  ],\n];\n", `  ],\n${steps.join("")}];\n`);
}

/** Makes a branch with a change, and returns its name. */
function branch(name: string, change: () => void): string {
  git("checkout", "--quiet", "-b", name, "main");
  change();
  git("commit", "--quiet", "--all", `--message=${name}`);
  git("checkout", "--quiet", "main");
  return name;
}
const good = branch("good", () =>
  edit("src/web/routes/problems.ts", "{ ready })", "{ ready, isGood: true })"),
);

// The machine.

const stub = (name: string, text: string) =>
  fs.writeFileSync(path.join(inDir("bin"), name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
const modules = path.join(projectDir, "node_modules");
stub("npm", `echo "$@" >${inDir("npm.txt")}; ln -s ${modules} node_modules`);
const systemctl = path.join(import.meta.dirname, "support/systemctl.ts");
stub("systemctl", `exec ${process.execPath} ${systemctl} ${dir} "$@"`);
const crash = '{"level":"error","err":{"message":"boom"}}';
stub("journalctl", `[ ! -e ${inDir("crashed")} ] || echo '${crash}'`);
// The stub of systemd-run runs the program with the settings, without the restrictions.
stub(
  "systemd-run",
  `while case $1 in
    --setenv=TMPDIR=*) export TMPDIR=${inDir("tmp")} ;;
    --property=WorkingDirectory=*) cd "\${1#*=*=}" ;;
    --*) ;;
    *) false ;;
  esac; do shift; done
  exec "$@"`,
);

// Every inquiry waits until the end.
const mailServer = { isDown: true };
const peer = await startSmtpPeer({
  onRcptTo: (_to, _session, done) => done(mailServer.isDown ? refusal(451, "later") : null),
});
const body = "A paragraph of the article. ".repeat(200);
// Few, because a start renders every article.
const articles = await articlesFolder({
  "builder-pattern-in-java.md": articleFile({}, body),
  "queues.md": articleFile({}, body),
});
const settings = {
  ...productionEnv,
  DATA_DIR: inMemory("data"),
  ARTICLES_DIR: articles.dir,
  SMTP_URL: peer.url,
  SMTP_REQUIRE_TLS: "false",
  INQUIRIES_PER_10_MINUTES: "0",
  INQUIRIES_PER_HOUR_TOTAL: "0",
};
const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
fs.writeFileSync(inDir("site.env"), lines.join(""));
git("clone", "--quiet", ".", inDir("releases/1"));
fs.symlinkSync(modules, inDir("releases/1/node_modules"));
fs.symlinkSync(inDir("site.env"), inDir("releases/1/.env"));
fs.symlinkSync(inDir("releases/1"), inDir("site"));
const first = [{ number: 1, revision: "first", servedSince: "2026-11-24T09:00:00.000Z" }];
fs.writeFileSync(inDir("releases/served.json"), JSON.stringify(first));

// Starts the site of the link with the socket as descriptor 3, and starts it again whenever it has ended.
const holder = `
  while :; do
    cd -P "$SITE" && sh -c 'echo $$ >"$PID"; LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" --require ./src/check-node.cjs src/main.ts' "$0" >>"$LOG" 2>&1
    sleep 0.1
  done`;
const socket = createServer().listen(0, "127.0.0.1");
await once(socket, "listening");
const origin = `http://127.0.0.1:${(socket.address() as AddressInfo).port}`;
/** The descriptor of the socket. Node has no public name for it. */
const { fd } = Reflect.get(socket, "_handle") as { fd: number };
const files = { SITE: inDir("site"), LOG: inDir("site.log"), PID: inDir("pid") };
const site = spawn("sh", ["-c", holder, process.execPath], {
  env: { PATH: process.env["PATH"] ?? "", NODE_COMPILE_CACHE: inDir("cache"), ...files },
  detached: true,
  stdio: ["ignore", "ignore", "inherit", fd],
});
socket.close(); // the child still holds its copy

// Visitors.

const pages = "/ /articles /contact /articles/builder-pattern-in-java /search?q=java /readyz".split(
  " ",
);
const references: string[] = [];
const statuses = new Set<number>();
const failures: string[] = [];

/** Sends a form as every tenth request, and requests a page otherwise. */
async function visit(number: number): Promise<void> {
  const isForm = number % 10 === 0;
  const address = isForm ? "/contact" : (pages[number % pages.length] ?? "/");
  const email = "priya@cleansystems.dk";
  const answers = { ...filledForm, email, reply_to: email, message: `number ${number}` };
  const form = isForm ? { method: "POST", body: new URLSearchParams(answers) } : {};
  // Each request has a connection of its own, as behind nginx.
  const options = { ...form, headers: { Connection: "close" }, redirect: "manual" } as const;
  try {
    const response = await fetch(origin + address, options);
    await response.text();
    statuses.add(response.status);
    const { searchParams } = new URL(response.headers.get("location") ?? "", origin);
    if (isForm) references.push(searchParams.get("ref") ?? "");
  } catch (error) {
    failures.push(`${address}: ${String((error as Error).cause)}`);
  }
}

const visits: Promise<void>[] = [];
const timer = setInterval(() => visits.push(visit(visits.length)), 100);
async function stopVisits(): Promise<void> {
  clearInterval(timer);
  await Promise.all(visits);
}

// Deployments.

/** Starts the script with a process group of its own. */
function startDeployment(args: string[], changes: Record<string, string> = {}) {
  const env = {
    PATH: `${inDir("bin")}:${process.env["PATH"] ?? ""}`,
    SITE: inDir("site"),
    RELEASES: inDir("releases"),
    DATA: inMemory("data"),
    LOCAL_URL: origin,
    SETTLE_SECONDS: "0.1",
    ...changes,
  };
  const script = path.join(projectDir, "ops/deploy.ts");
  const child = spawn(process.execPath, [script, ...args], { env, detached: true });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, "close").then(([code]) => ({ code: code as number, output }));
  return { child, ended };
}

const deploy = (...args: string[]) => startDeployment(args).ended;
const signal = ({ pid = 0 }: { pid?: number | undefined }, name: string) =>
  process.kill(-pid, name);
const copies = () => fs.readdirSync(inMemory("data-backups")).sort();
const runningRelease = () => path.basename(fs.readlinkSync(inDir("site")));
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await sleep(50);
}

afterEach(() => {
  expect(fs.existsSync(inDir("releases/incoming"))).toBe(false);
  expect(fs.readdirSync(inDir("tmp"))).toEqual([]);
  expect(failures).toEqual([]);
  expect(statuses.difference(new Set([200, 303]))).toEqual(new Set());
});

opened.defer(async () => {
  await stopVisits();
  signal(site, "SIGKILL");
});

test("a good release is deployed while mail waits and is overdue", async () => {
  while (references.length === 0) await sleep(100);
  const store = new DatabaseSync(inMemory("data/inquiries.db"), { timeout: 10_000 });
  store.exec("update inquiries set waiting_since = 0, answer_by = 0");
  const { code, output } = await deploy(good);
  expect({ code, output }).toEqual({
    code: 0,
    output: expect.stringMatching(
      /It responds at \d+ addresses\. Mails, digest and staff page of an inquiry work\.\nSwitching from 1 to 2\nPASS {2}live check: [^]+The site runs 2\./,
    ),
  });
  expect(runningRelease()).toBe("2");
  expect(await (await fetch(`${origin}/readyz`)).json()).toEqual({ ready: true, isGood: true });
  // A script of a package would run as root.
  expect(fs.readFileSync(inDir("npm.txt"), "utf8")).toBe("ci --omit=dev --ignore-scripts\n");
  store.exec("update inquiries set waiting_since = received_at");
  store.close();
  expect(fs.readFileSync(inDir("units.txt"), "utf8")).toMatch(/^start .*live-check\.timer/m);
});

test.each<[what: string, change: () => void, reason: RegExp]>([
  [
    "does not start",
    () => edit("src/main.ts", "await main", 'throw new Error("it is broken");\nawait main'),
    /Refused: Error: it is broken \(src\/main\.ts:\d+\)\./,
  ],
  [
    "has a deployment with a syntax error",
    () => edit("ops/deploy.ts", "const incoming", "const ("),
    /Refused: SyntaxError.* \(ops\/deploy\.ts:\d+\)\./,
  ],
  [
    "has a unit that starts nothing",
    () => edit("ops/units/clean-systems.service", "/.bin/node", "/.bin/nod"),
    /Refused: [^]*nod is not executable/,
  ],
  [
    "lacks a package that only a mail needs",
    () =>
      edit(
        "src/inquiries/mail/smtp.ts",
        "const { envelope",
        'await import("no"); const { envelope',
      ),
    /Refused: [^]*Cannot find package 'no'/,
  ],
  [
    "lacks a page",
    () => edit("src/urls.ts", '"/how-we-work"', '"/elsewhere"'),
    /Refused: visitors would lose \/how-we-work \(404\), 1 in all/,
  ],
  [
    "deletes inquiries when it opens the store",
    () => addSteps("delete from inquiries"),
    /Refused: this release's migration deletes or changes inquiries: \[\{"state":.* to \[\]\./,
  ],
  [
    "has two steps of the schema",
    () => addSteps("alter table inquiries add one text", "alter table inquiries add two text"),
    /going back would fail/,
  ],
])("a release that %s is refused", async (what, change, reason) => {
  const before = copies();
  const output = expect.stringMatching(reason) as string;
  expect(await deploy(branch(what.replaceAll(" ", "-"), change))).toEqual({ code: 1, output });
  expect([runningRelease(), copies()]).toEqual(["2", before]);
});

test("a release that fails only after the switch is switched back", async () => {
  const before = copies();
  const name = branch("broken-behind-the-socket", () => {
    addSteps("alter table inquiries add next text");
    const fields = "of process.env.LISTEN_FDS ? fields.slice(1) : fields)";
    edit("views/partials/form.ejs", "of fields)", fields);
  });
  const why = /Switched back to 2, because 3 failed: live check failed at form/;
  expect(await deploy(name)).toEqual({ code: 2, output: expect.stringMatching(why) });
  expect([runningRelease(), copies()]).toEqual(["2", [...before, "before-3.db"]]);
});

/** Starts a deployment, and resolves while npm runs. */
async function deployUntilNpm() {
  fs.rmSync(inDir("npm.runs"), { force: true });
  stub("npm", `touch ${inDir("npm.runs")}; exec sleep 60`);
  const deployment = startDeployment([good]);
  await until(() => fs.existsSync(inDir("npm.runs")));
  return deployment;
}

test("a deployment that Ctrl-C ends before the switch is refused", async () => {
  const { child, ended } = await deployUntilNpm();
  signal(child, "SIGINT");
  const output = expect.stringContaining("Refused: ops/packages ended") as string;
  expect(await ended).toEqual({ code: 1, output });
});

test("a signal to a deployment that runs npm is not forgotten", async () => {
  fs.rmSync(inDir("npm.runs"), { force: true });
  stub("npm", `touch ${inDir("npm.runs")}; sleep 1; ln -s ${modules} node_modules`);
  const { child, ended } = startDeployment([good]);
  await until(() => fs.existsSync(inDir("npm.runs")));
  child.kill("SIGTERM");
  const output = expect.stringContaining("Refused: it was ended by SIGTERM") as string;
  expect(await ended).toEqual({ code: 1, output });
});

test("npm of a deployment holds the lock, also when that was killed", async () => {
  const locked = { code: 1, output: expect.stringContaining("another deployment is running") };
  const { child } = await deployUntilNpm();
  expect(await deploy(good)).toEqual(locked);
  const isDead = once(child, "exit"); // its output stays open as long as the orphan
  child.kill("SIGKILL");
  await isDead;
  expect(await deploy(good)).toEqual(locked);
  signal(child, "SIGKILL"); // the orphan
  stub("npm", `ln -s ${modules} node_modules`);
  fs.rmSync(inDir("releases/incoming"), { recursive: true }); // which the next one does
});

test("the trial of a deployment that is killed ends, and its copy is gone", async () => {
  const { child } = startDeployment([good]);
  await until(() => fs.readdirSync(inDir("tmp")).length > 0);
  child.kill("SIGKILL");
  await until(() => fs.readdirSync(inDir("tmp")).length === 0);
  fs.rmSync(inDir("releases/incoming"), { recursive: true }); // which the next one does
});

test("a release that crashes soon after the switch is switched back", async () => {
  fs.writeFileSync(inDir("crash"), "");
  fs.writeFileSync(inDir("crashed"), "");
  const { code, output } = await deploy(good);
  expect({ code, release: runningRelease() }).toEqual({ code: 2, release: "2" });
  expect(output).toMatch(/Switched back to 2, because 4 failed: it crashed within 0\.1 s: boom\./);
  fs.rmSync(inDir("crashed"));
});

const list = async () =>
  (await deploy("--list")).output
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/\d{4}-\d\d-\d\d \d\d:\d\d/, "TIME").replace(/ [\da-f]{7,}/, ""));

test("--force deploys a release that lacks a page, and --list says what has served", async () => {
  expect((await deploy("--force", "lacks-a-page")).code).toBe(0);
  expect(await list()).toEqual([
    "  1  TIME  first",
    "  2  TIME  good",
    '  3  has not served    broken-behind-the-socket  left: live check failed at form: /contact is not the form; it lacks name="name"',
    "  4  has not served    good  left: it crashed within 0.1 s: boom",
    "* 5  TIME  lacks-a-page",
  ]);
  expect(fs.readdirSync(inDir("releases")).sort()).toEqual([".lock", "1", "2", "5", "served.json"]);
});

test("a release whose deployment was killed has not served, and --back leaves it", async () => {
  const { child, ended } = startDeployment(["--force", good], { SETTLE_SECONDS: "60" });
  await until(() => runningRelease() === "6");
  signal(child, "SIGKILL");
  await ended;
  expect((await list()).slice(-2)).toEqual([
    "* 6  has not served    good",
    "6 has not passed its checks: deploy --back",
  ]);
  expect((await deploy("--back")).code).toBe(0);
  expect(runningRelease()).toBe("5");
  expect(await deploy("--back", "6")).toMatchObject({
    code: 1,
    output: expect.stringContaining("6 runs, or has not served"),
  });
});

test("--back goes to the release before, then to the one before that", async () => {
  expect((await deploy("--back")).code).toBe(0);
  expect(runningRelease()).toBe("2");
  expect(await list()).toContain("  5  TIME  lacks-a-page  left: with deploy --back");
  expect((await deploy("--back")).code).toBe(0);
  expect(runningRelease()).toBe("1");
  expect(await deploy("--back")).toMatchObject({
    code: 1,
    output: expect.stringContaining("no other release has served"),
  });
  expect(await deploy("no-such-revision")).toMatchObject({
    code: 1, // and removes no release
    output: expect.stringMatching(
      /Refused: origin has no branch, tag or commit no-such-revision\./,
    ),
  });
  expect((await deploy("--back", "5")).code).toBe(0);
  expect(runningRelease()).toBe("5");
});

test("a release that was linked by hand is named, and --back goes to no later one", async () => {
  fs.unlinkSync(inDir("site"));
  fs.symlinkSync(inDir("releases/1"), inDir("site"));
  expect((await list()).at(-1)).toBe(
    "1 was linked by hand. deploy --back goes to what had served before it.",
  );
  expect(await deploy("--back")).toMatchObject({
    code: 1,
    output: expect.stringContaining("no other release has served"),
  });
  fs.unlinkSync(inDir("site"));
  fs.symlinkSync(inDir("releases/5"), inDir("site"));
});

test("--back to a release that is gone, or cannot read the store, is refused", async () => {
  const tool = inDir("releases/2/src/cli/inquiries.ts");
  fs.writeFileSync(tool, "throw new Error('unreadable');\n");
  expect(await deploy("--back", "2")).toMatchObject({
    code: 1,
    output: expect.stringMatching(/Refused: [^]*unreadable/),
  });
  fs.rmSync(inDir("releases/2"), { recursive: true }); // as a later deployment does
  expect(await deploy("--back", "2")).toMatchObject({
    code: 1,
    output: expect.stringMatching(/2 was removed, and deploy [\da-f]{7,} brings it back/),
  });
  expect(runningRelease()).toBe("5");
});

test("every accepted inquiry is in the store, and its mail is sent once", async () => {
  await stopVisits();
  expect(references.length).toBeGreaterThan(20);
  expect(peer.mails).toEqual([]);
  mailServer.isDown = false;
  const store = await openStore(inMemory("data"));
  // Again, because the site may have been sending one while the mail server was still down.
  while (peer.mails.length < references.length) {
    await store.retryAll(new Date());
    await sleep(2_000); // the site notices that something is due within ten seconds
  }
  const mailed = peer.mails.map(({ subject = "" }) => /CS-\w{4}-\w{4}/.exec(subject)?.[0] ?? "");
  expect(mailed.sort()).toEqual(references.sort());
  expect((await store.list()).map(({ reference }) => reference).sort()).toEqual(references);
}, 180_000);
