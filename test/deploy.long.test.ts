// Deployments of good and bad releases, while visitors read and write. Another process holds the
// listening socket, as systemd does, and programs of the machine are stubs in the PATH.

import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { Agent, request, type IncomingMessage } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { articleFile, articlesFolder } from "./support/articles.ts";
import { memory } from "./support/memory.ts";
import { need } from "./support/needs.ts";
import { filledForm, productionEnv, temporaryFolder } from "./support/site.ts";
import { refusal, startSmtpPeer } from "./support/smtp-peer.ts";
import { openStore } from "./support/store.ts";

const projectDir = path.resolve(import.meta.dirname, "..");
const script = path.join(projectDir, "ops/deploy.ts");
const isInstalled = (program: string) => spawnSync(program, ["--version"]).status === 0;

for (const program of ["shellcheck", "flock", "git", "systemd-analyze"])
  need(isInstalled(program), program);

describe("the scripts of ops", () => {
  test.each(["pull-articles", "site", "install", "backup"])(
    "shellcheck finds nothing in %s",
    (name) => {
      execFileSync("shellcheck", [path.join(projectDir, "ops", name)], { encoding: "utf8" });
    },
  );
});

// Starts the site of the link with the socket as descriptor 3, and starts it again whenever it has ended.
const holder = `
  while :; do
    cd -P "$SITE" && sh -c 'echo $$ >"$PID"; LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" --require ./src/check-node.cjs src/main.ts' "$0" >>"$LOG" 2>&1
    sleep 0.1
  done`;
/** The descriptor of a socket. Node has no public name for it. */
const descriptorOf = (socket: ReturnType<typeof createServer>) =>
  (Reflect.get(socket, "_handle") as { fd: number }).fd;

describe("the deployment of a release under load", () => {
  let dir: string;
  let remove: () => Promise<void>;
  let origin: string;
  let site: ChildProcess;
  let stopVisits: () => Promise<void>;
  const inDir = (...names: string[]) => path.join(dir, ...names);
  let stores: Awaited<ReturnType<typeof temporaryFolder>>; // the site's, and its copies
  const inMemory = (name: string) => path.join(stores.dir, name);
  const references: string[] = [];
  const statuses = new Set<number>();
  const failures: string[] = [];
  const mailServer = { isDown: true };
  let peer: Awaited<ReturnType<typeof startSmtpPeer>>;
  let articles: Awaited<ReturnType<typeof articlesFolder>>; // few, because a start renders every article

  beforeAll(async () => {
    ({ dir, remove } = await temporaryFolder());
    stores = await temporaryFolder(memory);
    // Every inquiry waits until the end, also in each copy of the store, where no trial may send it.
    peer = await startSmtpPeer({
      onRcptTo: (_to, _session, done) => done(mailServer.isDown ? refusal(451, "later") : null),
    });
    const body = "A paragraph of the article. ".repeat(200);
    articles = await articlesFolder({
      "builder-pattern-in-java.md": articleFile({}, body),
      "queues.md": articleFile({}, body),
    });
    writeReleases();
    const env = {
      ...productionEnv,
      DATA_DIR: inMemory("data"),
      ARTICLES_DIR: articles.dir,
      SMTP_URL: peer.url,
      SMTP_REQUIRE_TLS: "false",
      INQUIRIES_PER_10_MINUTES: "0",
      INQUIRIES_PER_HOUR_TOTAL: "0",
    };
    const lines = Object.entries(env).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(inDir("site.env"), lines.join(""));
    mkdirSync(inDir("releases"));
    mkdirSync(inDir("bin"));
    mkdirSync(inMemory("backups"));
    const modules = path.join(projectDir, "node_modules");
    stub("npm", `echo "$@" >${inDir("npm.txt")}; ln -s ${modules} node_modules`);
    const systemctl = path.join(import.meta.dirname, "support/systemctl.ts");
    stub("systemctl", `exec ${process.execPath} ${systemctl} ${dir} "$@"`);
    stub("journalctl", `tail -n 40 ${inDir("site.log")}`);
    // It runs the program with the settings, without the restrictions.
    stub(
      "systemd-run",
      `while case $1 in
        --setenv=*) export "\${1#*=}" ;;
        --property=WorkingDirectory=*) cd "\${1#*=*=}" ;;
        --*) ;;
        *) false ;;
      esac; do shift; done
      exec "$@"`,
    );
    git("clone", "--quiet", inDir("repository"), inDir("releases/1"));
    symlinkSync(path.join(projectDir, "node_modules"), inDir("releases/1/node_modules"));
    symlinkSync(inDir("site.env"), inDir("releases/1/.env"));
    symlinkSync(inDir("releases/1"), inDir("site"));
    const first = [{ number: 1, revision: "first", servedSince: "2026-11-24T09:00:00.000Z" }];
    writeFileSync(inDir("releases/served.json"), JSON.stringify(first));
    await startSite();
    stopVisits = startVisits();
  });

  function git(...args: string[]): void {
    const user = "-c user.name=Test -c user.email=test@example.com -c init.defaultBranch=main";
    execFileSync("git", [...user.split(" "), ...args], {
      cwd: existsSync(inDir("repository")) ? inDir("repository") : dir,
    });
  }

  const stub = (name: string, text: string) =>
    writeFileSync(inDir("bin", name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });

  /** Makes a repository with a branch for each release of the tests. */
  function writeReleases(): void {
    mkdirSync(inDir("repository"));
    for (const name of ["package.json", "src", "views", "static", "ops"])
      cpSync(path.join(projectDir, name), inDir("repository", name), { recursive: true });
    git("init", "--quiet");
    git("add", ".");
    git("commit", "--quiet", "--message=base");
    const releases: Record<string, () => void> = {
      good: () => edit("src/web/routes/health.ts", '"ok\\n"', '"good\\n"'),
      "broken-behind-the-socket": () => {
        addSteps("alter table inquiries add next text");
        breakForm("process.env.LISTEN_FDS");
      },
      ...Object.fromEntries(refused.map(([what, change]) => [branchOf(what), change])),
    };
    for (const [name, change] of Object.entries(releases)) {
      git("checkout", "--quiet", "-b", name, "main");
      change();
      git("commit", "--quiet", "--all", `--message=${name}`);
    }
    git("checkout", "--quiet", "main");
  }

  function edit(file: string, from: string, to: string): void {
    const before = readFileSync(inDir("repository", file), "utf8");
    if (!before.includes(from)) throw new Error(`${file} does not contain ${from}`);
    writeFileSync(inDir("repository", file), before.replace(from, to));
  }

  /** Lets a release import a missing package when it runs a statement. */
  const importMissing = (file: string, statement: string) =>
    edit(file, statement, `await import("missing"); ${statement}`);
  const breakForm = (condition: string) =>
    edit("views/partials/form.ejs", "of fields)", `of ${condition} ? fields.slice(1) : fields)`);
  /** Adds a step to the schema for each statement. */
  function addSteps(...statements: string[]): void {
    const steps = statements.map((statement) => `  () => [sql\`${statement}\`],\n`);
    edit("src/inquiries/store/schema.ts", "  ],\n];\n", `  ],\n${steps.join("")}];\n`);
  }

  const branchOf = (what: string) => what.replace(/\W+/g, "-");
  /** Releases that are refused: what is wrong with them, how to make them, and what is printed. */
  const refused: [what: string, change: () => void, reason: RegExp][] = [
    [
      "does not start",
      () =>
        edit(
          "src/main.ts",
          "await main",
          'throw new Error("this release does not start");\nawait main',
        ),
      /Refused: Error: this release does not start \(src\/main\.ts:\d+\)\./,
    ],
    [
      "has a deployment with a syntax error",
      () => edit("ops/deploy.ts", "const incoming", "const ("),
      /Refused: [^]*SyntaxError/,
    ],
    [
      "has a unit that starts nothing",
      () => edit("ops/units/clean-systems.service", "/.bin/node", "/.bin/nod"),
      /Refused: [^]*nod is not executable/,
    ],
    [
      "lacks a package that only a mail needs",
      () => importMissing("src/inquiries/mail/smtp.ts", "const { envelope"),
      /Refused: [^]*Cannot find package 'missing'/,
    ],
    [
      "lacks a page",
      () => edit("src/urls.ts", '"/how-we-work"', '"/elsewhere"'),
      /Refused: .*\/how-we-work/,
    ],
    [
      "deletes inquiries when it opens the store",
      () => addSteps("delete from inquiries"),
      /\d {2}pending[^]+Refused: its migration deletes or changes inquiries\./,
    ],
    [
      "has two steps of the schema",
      () => addSteps("alter table inquiries add one text", "alter table inquiries add two text"),
      /going back would fail/,
    ],
  ];

  async function startSite(): Promise<void> {
    const socket = createServer().listen(0, "127.0.0.1");
    await once(socket, "listening");
    origin = `http://127.0.0.1:${(socket.address() as AddressInfo).port}`;
    const files = { SITE: inDir("site"), LOG: inDir("site.log"), PID: inDir("pid") };
    site = spawn("sh", ["-c", holder, process.execPath], {
      env: { PATH: process.env["PATH"] ?? "", NODE_COMPILE_CACHE: inDir("cache"), ...files },
      detached: true,
      stdio: ["ignore", "ignore", "inherit", descriptorOf(socket)],
    });
    socket.close(); // the child still holds its copy
    expect(await (await fetch(`${origin}/livez`)).text()).toBe("ok\n");
  }

  // As nginx: each request has a connection of its own.
  const agent = new Agent({ keepAlive: false });
  const pages =
    "/ /articles /contact /articles/builder-pattern-in-java /search?q=java /livez".split(" ");

  /** Sends a form as every tenth request, and requests a page otherwise. */
  async function visit(number: number): Promise<void> {
    const email = "priya@cleansystems.dk";
    const answers = { email, asked_about: email, message: `number ${number}` };
    const body = new URLSearchParams({ ...filledForm, ...answers }).toString();
    const [method, address] =
      number % 10 === 0 ? ["POST", "/contact"] : ["GET", pages[number % pages.length] ?? "/"];
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    const asked = request(origin + address, { agent, method, headers });
    try {
      asked.end(method === "POST" ? body : undefined);
      const [response] = (await once(asked, "response")) as [IncomingMessage];
      await once(response.resume(), "end");
      const { statusCode = 0, headers } = response;
      statuses.add(statusCode);
      if (method === "POST" && statusCode === 303)
        references.push(headers.location?.slice(-12) ?? "");
    } catch (error) {
      failures.push(`${method} ${address}: ${String(error)}`);
    }
  }

  /** Sends 10 requests a second until the returned function is called, which waits for their responses. */
  function startVisits(): () => Promise<void> {
    const visits: Promise<void>[] = [];
    const timer = setInterval(() => visits.push(visit(visits.length)), 100);
    return async () => {
      clearInterval(timer);
      await Promise.all(visits);
    };
  }

  /** Starts the script with a process group of its own. */
  function startDeployment(argument: string | string[], changes: Record<string, string> = {}) {
    const env = {
      PATH: `${inDir("bin")}:${process.env["PATH"] ?? ""}`,
      SITE: inDir("site"),
      RELEASES: inDir("releases"),
      DATA: inMemory("data"),
      BACKUPS: inMemory("backups"),
      CACHE: inDir("cache"),
      LOCAL_URL: origin,
      SETTLE_SECONDS: "0.1",
      ...changes,
    };
    const args = [script, argument].flat();
    const child = spawn(process.execPath, args, { env, detached: true });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const ended = once(child, "close").then(([code]) => ({ code: code as number, output }));
    return { child, ended, output: () => output };
  }

  const deploy = (argument: string | string[], changes: Record<string, string> = {}) =>
    startDeployment(argument, changes).ended;
  type Deployment = ReturnType<typeof startDeployment>;
  async function printed({ child, output }: Deployment, words: string): Promise<void> {
    while (!output().includes(words)) await once(child.stdout, "data");
  }
  /** Does what Ctrl-C does. */
  const interrupt = ({ child }: Deployment) => process.kill(-(child.pid ?? 0), "SIGINT");
  const copies = () => readdirSync(inMemory("backups")).sort();
  const runningRelease = () => path.basename(readlinkSync(inDir("site")));

  afterEach(() => {
    for (const leftover of [inDir("releases/incoming"), inMemory("data/trial")])
      expect([leftover, existsSync(leftover)]).toEqual([leftover, false]);
    expect(failures).toEqual([]);
    expect(statuses).toEqual(new Set([200, 303]));
  });

  afterAll(async () => {
    await stopVisits();
    if (site.pid) process.kill(-site.pid, "SIGKILL");
    await peer.close();
    await articles.remove();
    await stores.remove();
    await remove();
  });

  test("a good release is deployed while mail waits and is overdue", async () => {
    while (references.length === 0) await sleep(100);
    const store = new DatabaseSync(inMemory("data/inquiries.db"), { timeout: 10_000 });
    store.exec("update inquiries set waiting_since = 0, answer_by = 0");
    const { code, output } = await deploy("good");
    expect({ code, output }).toEqual({
      code: 0,
      output: expect.stringMatching(
        /It responds at \d\d addresses\. Inquiries and a digest were mailed[^]+Switching from 1 to 2\nPASS {2}live check: [^]+The site runs 2\./,
      ),
    });
    expect(runningRelease()).toBe("2");
    expect(await (await fetch(`${origin}/livez`)).text()).toBe("good\n");
    // A script of a package would run as root.
    expect(readFileSync(inDir("npm.txt"), "utf8")).toBe("ci --omit=dev --ignore-scripts\n");
    store.exec("update inquiries set waiting_since = received_at");
    store.close();
    expect(readFileSync(inDir("units.txt"), "utf8")).toMatch(/^start .*live-check\.timer/m);
  });

  test.each(refused)("a release that %s is refused", async (what, _change, reason) => {
    const before = copies();
    const output = expect.stringMatching(reason) as string;
    expect(await deploy(branchOf(what))).toEqual({ code: 1, output });
    expect([runningRelease(), copies()]).toEqual(["2", before]);
  });

  test("a release that fails only after the switch is switched back", async () => {
    const before = copies();
    const { code, output } = await deploy("broken-behind-the-socket");
    expect({ code, output }).toEqual({
      code: 2,
      output: expect.stringMatching(
        /Switched back to 2, because 3 failed: live check failed at form/,
      ),
    });
    expect([runningRelease(), copies()]).toEqual(["2", [...before, "before-3.db"]]);
  });

  test("an interrupted deployment changes nothing before the switch", async () => {
    stub("npm", `touch ${inDir("npm.runs")}; exec sleep 60`);
    const deployment = startDeployment("good");
    await printed(deployment, "Installing");
    while (!existsSync(inDir("npm.runs"))) await sleep(50);
    rmSync(inDir("npm.runs"));
    const second = { code: 1, output: expect.stringContaining("another deployment is running") };
    expect(await deploy("good")).toEqual(second);
    interrupt(deployment);
    expect(await deployment.ended).toMatchObject({
      code: 1,
      output: expect.stringContaining("Refused: "),
    });
  });

  test("npm of a killed deployment holds the lock", async () => {
    const deployment = startDeployment("good");
    await printed(deployment, "Installing");
    while (!existsSync(inDir("npm.runs"))) await sleep(50);
    const isDead = once(deployment.child, "exit"); // its output stays open as long as the orphan
    deployment.child.kill("SIGKILL");
    await isDead;
    const locked = { code: 1, output: expect.stringContaining("another deployment is running") };
    expect(await deploy("good")).toEqual(locked);
    process.kill(-(deployment.child.pid ?? 0), "SIGKILL"); // the orphan
    stub("npm", `ln -s ${path.join(projectDir, "node_modules")} node_modules`);
    for (const folder of [inDir("releases/incoming"), inMemory("data/trial")])
      rmSync(folder, { recursive: true }); // which the next one does
  });

  test("a release that crashes soon after the switch is switched back", async () => {
    writeFileSync(inDir("crash"), "");
    const { code, output } = await deploy("good");
    expect({ code, release: runningRelease() }).toEqual({ code: 2, release: "2" });
    expect(output).toMatch(/Switched back to 2, because 4 failed: it crashed within 0\.1 s\./);
  });

  const list = async () =>
    (await deploy("--list")).output
      .trimEnd()
      .split("\n")
      .map((line) => line.replace(/\d{4}-\d\d-\d\d \d\d:\d\d/, "TIME").replace(/ [\da-f]{7,}/, ""));

  test("--force deploys a release that lacks a page, and --list says what has served", async () => {
    expect((await deploy(["--force", branchOf("lacks a page")])).code).toBe(0);
    expect(await list()).toEqual([
      "  1  TIME  first",
      "  2  TIME  good",
      '  3  has not served    broken-behind-the-socket  left: live check failed at form: /contact is not the form; it lacks name="name"',
      "  4  has not served    good  left: it crashed within 0.1 s",
      "* 5  TIME  lacks-a-page",
    ]);
    expect(readdirSync(inDir("releases")).sort()).toEqual([".lock", "1", "2", "5", "served.json"]);
  });

  test("a release whose deployment was killed has not served, and --back leaves it", async () => {
    const deployment = startDeployment(["--force", "good"], { SETTLE_SECONDS: "60" });
    await printed(deployment, "Switching");
    while (runningRelease() !== "6") await sleep(50);
    process.kill(-(deployment.child.pid ?? 0), "SIGKILL");
    await deployment.ended;
    expect((await list()).slice(-2)).toEqual([
      "* 6  has not served    good",
      "6 has not passed its checks: deploy --back",
    ]);
    expect((await deploy("--back")).code).toBe(0);
    expect(runningRelease()).toBe("5");
    expect(await deploy(["--back", "6"])).toMatchObject({
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
      output: expect.stringMatching(/Refused: origin has no such branch.*: no-such-revision/),
    });
    expect((await deploy(["--back", "5"])).code).toBe(0);
    expect(runningRelease()).toBe("5");
  });

  test("--back to a release that is gone, or cannot read the store, is refused", async () => {
    const tool = inDir("releases/2/src/cli/inquiries.ts");
    writeFileSync(tool, "throw new Error('unreadable');\n");
    expect(await deploy(["--back", "2"])).toMatchObject({
      code: 1,
      output: expect.stringMatching(/Refused: [^]*unreadable/),
    });
    rmSync(inDir("releases/2"), { recursive: true }); // as a later deployment does
    expect(await deploy(["--back", "2"])).toMatchObject({
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
    await store.close();
  }, 180_000);
});
