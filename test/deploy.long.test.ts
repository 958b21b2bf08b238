// ops/deploy with good and bad releases, while visitors read and write. Another process holds the listening socket, as systemd does.

import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { Agent, request, type IncomingMessage } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { hiddenFields } from "../src/inquiries/form.ts";
import { articleFile, articlesFolder } from "./support/articles.ts";
import { memory } from "./support/memory.ts";
import { need } from "./support/needs.ts";
import { filledForm, productionEnv, temporaryFolder } from "./support/site.ts";
import { refusal, startSmtpPeer } from "./support/smtp-peer.ts";
import { startWebhook } from "./support/webhook.ts";
import { openStore } from "./support/store.ts";

const projectDir = path.resolve(import.meta.dirname, "..");
const script = path.join(projectDir, "ops/deploy");
const isInstalled = (program: string) => spawnSync(program, ["--version"]).status === 0;

for (const program of ["shellcheck", "curl", "flock", "git"]) need(isInstalled(program), program);

describe("the scripts of ops", () => {
  test.each(["deploy", "pull-articles", "site", "install", "backup"])(
    "shellcheck finds nothing in %s",
    (name) => {
      execFileSync("shellcheck", [path.join(projectDir, "ops", name)], {
        encoding: "utf8",
      });
    },
  );
});

// Starts the site of the link with the socket as descriptor 3, and starts it again whenever it has ended.
const holder = `
  while :; do
    cd -P "$SITE" && sh -c 'echo $$ >"$PID"; LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" --require ./src/check-node.cjs src/main.ts' "$0" >>"$LOG" 2>&1
    sleep 0.1
  done`;
const restart = (pid: string) =>
  `old=$(cat ${pid}); kill $old; while kill -0 $old; do sleep 0.05; done 2>/dev/null`;

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
  let webhook: Awaited<ReturnType<typeof startWebhook>>;
  let articles: Awaited<ReturnType<typeof articlesFolder>>; // few, because a start renders every article

  beforeAll(async () => {
    ({ dir, remove } = await temporaryFolder());
    stores = await temporaryFolder(memory);
    // Every inquiry waits until the end, also in each copy of the store, where no trial may send it.
    peer = await startSmtpPeer({
      onRcptTo: (_to, _session, done) => done(mailServer.isDown ? refusal(451, "later") : null),
    });
    webhook = await startWebhook();
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
      ALERT_WEBHOOK_URL: webhook.url,
      INQUIRIES_PER_10_MINUTES: "0",
      INQUIRIES_PER_HOUR_TOTAL: "0",
    };
    const lines = Object.entries(env).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(inDir("site.env"), lines.join(""));
    mkdirSync(inDir("releases"));
    mkdirSync(inDir("bin"));
    const modules = path.join(projectDir, "node_modules");
    const npm = `#!/bin/sh\necho "$@" >${inDir("npm.txt")}; ln -s ${modules} node_modules\n`;
    writeFileSync(inDir("bin/npm"), npm, { mode: 0o755 });
    // With this cache, programs of a release take half the processor time. Instead of `env -i -C RELEASE`.
    const run = `#!/bin/sh\nin=$4; shift 4; exec env -i -C "$in" NODE_COMPILE_CACHE=${inDir("cache")} "$@"\n`;
    writeFileSync(inDir("bin/run"), run, { mode: 0o755 });
    git("clone", "--quiet", inDir("repository"), inDir("releases/1"));
    symlinkSync(path.join(projectDir, "node_modules"), inDir("releases/1/node_modules"));
    symlinkSync(inDir("site.env"), inDir("releases/1/.env"));
    symlinkSync(inDir("releases/1"), inDir("site"));
    await startSite();
    stopVisits = startVisits();
  });

  function git(...args: string[]): void {
    const user = "-c user.name=Test -c user.email=test@example.com -c init.defaultBranch=main";
    execFileSync("git", [...user.split(" "), ...args], {
      cwd: existsSync(inDir("repository")) ? inDir("repository") : dir,
    });
  }

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
      "no-start-behind-the-socket": () => failStart("process.env.LISTEN_FDS", "no socket please"),
      "broken-behind-the-socket": () => {
        addSteps("next");
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
  const breakView = (name: string) => edit(`views/${name}.ejs`, "<%", "<% nothing.here %><%");
  const breakForm = (condition: string) =>
    edit("views/partials/form.ejs", "of fields)", `of ${condition} ? fields.slice(1) : fields)`);
  const failStart = (condition: string, message: string) =>
    edit(
      "src/main.ts",
      "await main",
      `if (${condition}) throw new Error("${message}");\nawait main`,
    );
  function addSteps(...names: string[]): void {
    const steps = names.map((name) => `  () => [sql\`alter table inquiries add ${name} text\`],\n`);
    edit("src/inquiries/store/schema.ts", "  ],\n];\n", `  ],\n${steps.join("")}];\n`);
  }

  const branchOf = (what: string) => what.replace(/\W+/g, "-");
  /** Releases that are refused: what is wrong with them, how to make them, and what is printed. */
  const refused: [what: string, change: () => void, reason: RegExp][] = [
    [
      "does not start",
      () => failStart("true", "this release does not start"),
      /Error: this release does not start[^]+Refused: it does not start on a copy of the store/,
    ],
    [
      "has a broken form",
      () => breakForm("true"),
      /Refused: live check failed at form: \/contact is not the form; it lacks name\./,
    ],
    [
      "cannot show an article",
      () => breakView("pages/article"),
      /nothing is not defined[^]+Refused: it responds to \/articles\/builder-pattern-in-java with 500 instead of 200 /,
    ],
    [
      "cannot show a feed",
      () => breakView("machines/atom.xml"),
      /nothing is not defined[^]+Refused: it responds to \/feed\.atom with 500 instead of 200 /,
    ],
    [
      "shows every unknown address",
      () => edit("src/web/errors.ts", "show(response, 404,", "show(response, 200,"),
      /Refused: it responds to \/unknown-address with 200 instead of 404 /,
    ],
    [
      "has a syntax error",
      () => edit("src/web/app.ts", "export function createApp", "export function ("),
      /src\/web\/app\.ts:\d+[^]+SyntaxError[^]+Refused: it does not start on a copy of the store/,
    ],
    [
      "has a script with a syntax error",
      () => edit("ops/backup", "set -eu", "set -eu; ("),
      /Refused: \S+backup: .*[Ss]yntax error/,
    ],
    [
      "cannot tell anybody what fails",
      () => edit("ops/tell.ts", "const before", "const ("),
      /Refused: [^]+tell\.ts:\d+[^]+SyntaxError/,
    ],
    [
      "lacks a package",
      () => edit("src/web/app.ts", "import express", 'import "missing";\nimport express'),
      /Cannot find package 'missing'[^]+Refused: it does not start on a copy of the store/,
    ],
    [
      "lacks a package that only a mail needs",
      () => importMissing("src/inquiries/smtp.ts", "const { envelope"),
      /Refused: mail: .*Cannot find package 'missing'/,
    ],
    [
      "has a form without a button",
      () => edit("views/partials/form.ejs", "<button", "<a"),
      /Refused: live check failed at form: the form has no submit button/,
    ],
    ...["mail/inquiry.html", "mail/digest.text"].map((view): [string, () => void, RegExp] => [
      `cannot compose ${view}`,
      () => breakView(view),
      /Refused: mail: .*nothing is not defined/,
    ]),
    [
      "cannot show the page for staff",
      () => breakView("pages/staff"),
      /nothing is not defined[^]+Refused: mail: .*GET \/staff\/.* returned 500 instead of 200/,
    ],
    [
      "shows articles without their text",
      () => edit("views/pages/article.ejs", "<%- body -%>", ""),
      /Refused: 2 public pages would be lost, .*\/articles\/builder-pattern-in-java \(text\)/,
    ],
    [
      "lacks a page",
      () => edit("src/urls.ts", '"/how-we-work"', '"/elsewhere"'),
      /Refused: 1 public pages would be lost, .*: \/how-we-work \(404\)\. .*deploy --force/,
    ],
    [
      "cannot search",
      () => breakView("pages/search"),
      /nothing is not defined[^]+Refused: it responds to \/search with 500 instead of 200 /,
    ],
    [
      "lacks a package that only the purge needs",
      () => importMissing("src/inquiries/worker.ts", "const cutOff"),
      /Refused: mail: .*Cannot find package 'missing'/,
    ],
    [
      "lacks a package that only the backup needs",
      () => importMissing("src/cli/backup.ts", "if (existsSync"),
      /Refused: it cannot copy the store: [^]*Cannot find package 'missing'/,
    ],
    [
      "crashes in the trial",
      () =>
        edit(
          "src/web/app.ts",
          'response.on("close", () => {',
          'response.on("close", () => { if (request.url === "/unknown-address") process.exit(1);',
        ),
      /Refused: it stopped during the trial /,
    ],
    ["has two steps of the schema", () => addSteps("next", "one_later"), /going back would fail/],
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
    // Confirmed, so that the DNS does not matter.
    const answers = { email, [hiddenFields.confirmed]: email, message: `number ${number}` };
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
      BACKUPS: inMemory("backups"),
      RESTART: restart(inDir("pid")),
      SHOW_LOG: `echo since $SINCE; tail -n 40 ${inDir("site.log")}`,
      RUN_AS: inDir("bin/run"),
      LOCAL_URL: origin,
      READY_SECONDS: "60",
      RESTARTS: "",
      SETTLE_SECONDS: "0.1",
      ...changes,
    };
    const child = spawn(script, [argument].flat(), { env, detached: true });
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
    for (const leftover of [inDir("releases/incoming"), inMemory("backups/trial")])
      expect([leftover, existsSync(leftover)]).toEqual([leftover, false]);
    expect(failures).toEqual([]);
    expect(statuses).toEqual(new Set([200, 303]));
  });

  afterAll(async () => {
    await stopVisits();
    if (site.pid) process.kill(-site.pid, "SIGKILL");
    webhook.close();
    await peer.close();
    await articles.remove();
    await stores.remove();
    await remove();
  });

  test("a good release is deployed while mail waits and is overdue", async () => {
    while (references.length === 0) await sleep(100);
    const store = new DatabaseSync(inMemory("data/inquiries.db"), { timeout: 10_000 });
    store.exec("update inquiries set waiting_since = 0, answer_by = 0");
    expect(await deploy("good")).toMatchObject({
      code: 0,
      output: expect.stringMatching(
        /responds as expected at \d\d addresses.+PASS {2}mail: [^]+runs \S+2\. PASS {2}live check: \S+ stored .+\nPASS {2}live check: \S+ showed \/ and \/articles\/builder-pattern-in-java\n/,
      ),
    });
    expect(runningRelease()).toBe("2");
    expect(await (await fetch(`${origin}/livez`)).text()).toBe("good\n");
    // A script of a package would run as root.
    expect(readFileSync(inDir("npm.txt"), "utf8")).toBe("ci --omit=dev --ignore-scripts\n");
    store.exec("update inquiries set waiting_since = received_at");
    store.close();
  });

  test.each(refused)("a release that %s is refused", async (what, _change, reason) => {
    const before = copies();
    const output = expect.stringMatching(reason) as string;
    // A trial that was killed with its deployment may still write to its log.
    const log = openSync(inDir("releases/trial.log"), "w");
    const writing = setInterval(() => writeSync(log, "x", 5_000), 100);
    const result = await deploy(branchOf(what));
    clearInterval(writing);
    closeSync(log);
    expect(result).toEqual({ code: 1, output });
    expect([runningRelease(), copies()]).toEqual(["2", before]);
  });

  test("a release with a step of the schema and a form that is broken only after the switch is replaced by the former one", async () => {
    const before = copies();
    expect(await deploy("broken-behind-the-socket")).toEqual({
      code: 2,
      output: expect.stringMatching(
        /since \d{10}\n[^]*Switched back to \S+2, because \S+3 failed: live check failed at form/,
      ),
    });
    expect([runningRelease(), copies()]).toEqual(["2", [...before, expect.anything()]]);
  });

  test("a deployment names the articles that a restart would lose, because they were broken in place", async () => {
    const file = articles.at("queues.md");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace("title:", "titel:"));
    expect(await deploy("good")).toEqual({
      code: 1,
      output: expect.stringMatching(
        /titel[^]+Refused: 1 public pages would be lost, .*: \/articles\/queues \(404\)/,
      ),
    });
    writeFileSync(file, text);
  });

  test("an interrupted deployment changes nothing before the switch, and a second one at the same time is refused", async () => {
    const deployment = startDeployment("good", { INSTALL: "sleep 60" });
    await printed(deployment, "Installing");
    expect(await deploy("good")).toMatchObject({
      code: 1,
      output: expect.stringContaining("another deployment is running"),
    });
    interrupt(deployment);
    expect(await deployment.ended).toMatchObject({
      code: 1,
      output: expect.stringContaining("Refused: interrupted"),
    });
  });

  test("a deployment that is interrupted while the new release does not start returns to the former release", async () => {
    const deployment = startDeployment("no-start-behind-the-socket");
    await printed(deployment, "Switching");
    while (!readFileSync(inDir("site.log"), "utf8").includes("no socket please")) await sleep(50);
    expect(runningRelease()).toBe("4");
    interrupt(deployment);
    const { code, output } = await deployment.ended;
    expect({ code, release: runningRelease() }).toEqual({ code: 2, release: "2" });
    expect(output).toMatch(
      /Error: no socket please[^]+Switched back to \S+2, because \S+4 failed: interrupted/,
    );
  });

  /** Returns a command that prints 1, and 2 from the second call on. */
  const crashing = (name: string) =>
    `echo >> ${inDir(name)}; sed -n '1,2=' ${inDir(name)} | tail -n 1`;

  test("a release that crashes soon after the switch is replaced by the former release", async () => {
    const { code, output } = await deploy("good", { RESTARTS: crashing("once") });
    expect({ code, release: runningRelease() }).toEqual({ code: 2, release: "2" });
    expect(output).toMatch(
      /Switched back to \S+2, because \S+5 failed: it crashed within 0\.1 s\./,
    );
  });

  const list = async () =>
    (await deploy("--list")).output
      .trimEnd()
      .split("\n")
      .map((line) => line.replace(/ \d{4}-\d\d-\d\d \d\d:\d\d | [\da-f]{7,} /g, " "));

  test("--force deploys a release that lacks a page, and the last five releases are listed", async () => {
    expect(await deploy(["--force", branchOf("lacks a page")])).toEqual({
      code: 0,
      output: expect.stringMatching(/Deployed all the same: 1 public pages would be lost/),
    });
    // The first is good, and the last but one of those.
    expect(await list()).toEqual([
      "  1    good",
      "  2   good  good",
      "  3   broken-behind-the-socket  switched back: live check failed at form: /contact is not the form; it lacks name.",
      "  4   no-start-behind-the-socket  switched back: interrupted.",
      "  5   good  switched back: it crashed within 0.1 s.",
      "* 6   lacks-a-page  good",
    ]);
  });

  test("a deployment that is killed leaves the running release unmarked, or says that it was not checked", async () => {
    const deployment = startDeployment(["--force", "good"], { SETTLE_SECONDS: "60" });
    await printed(deployment, "Switching");
    while (runningRelease() !== "7") await sleep(50);
    const ofRunning = ["* 7   good  not checked", "A deployment is running."];
    expect((await list()).slice(-2)).toEqual(ofRunning);
    process.kill(-(deployment.child.pid ?? 0), "SIGKILL");
    await deployment.ended;
    expect((await list()).at(-1)).toBe("* 7   good  not checked");
    const crashes = { RESTARTS: crashing("later") };
    expect(await deploy(["--back", "7"], crashes)).toMatchObject({
      code: 2,
      output: expect.stringMatching(/Switched back to \S+6, because \S+7 failed: it crashed/),
    });
  });

  test("--back returns to the last good release, also past one that was left, or to a chosen one that can read the store", async () => {
    expect(runningRelease()).toBe("6");
    expect((await deploy("--back")).code).toBe(0);
    expect(runningRelease()).toBe("2");
    expect((await list()).at(-2)).toBe("  6   lacks-a-page  left by --back");
    const interrupted = startDeployment("--back", { SETTLE_SECONDS: "5" });
    await printed(interrupted, "Switching");
    while (runningRelease() !== "1") await sleep(50);
    interrupt(interrupted);
    expect((await interrupted.ended).code).toBe(2);
    expect((await list())[0]).toBe("  1    good");
    expect((await deploy("--back")).code).toBe(0);
    expect(runningRelease()).toBe("1");
    for (const [argument, reason] of [
      [["--back"], "there is no other good release"],
      [["--back", "99"], "there is no such release: see deploy --list"],
    ] as const)
      expect(await deploy([...argument])).toMatchObject({
        code: 1,
        output: expect.stringContaining(reason),
      });
    expect((await deploy(["--back", "7"])).code).toBe(0);
    expect(runningRelease()).toBe("7");
    const before = copies();
    const tool = inDir("releases/6/src/cli/inquiries.ts");
    writeFileSync(tool, "throw new Error('unreadable');\n");
    expect(await deploy(["--back", "6"])).toMatchObject({
      code: 1,
      output: expect.stringMatching(/unreadable[^]+Refused: \S+6 could not copy the store/),
    });
    expect({ copies: copies(), release: runningRelease() }).toEqual({
      copies: before,
      release: "7",
    });
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
    expect(webhook.calls).toEqual([]);
  }, 180_000);
});
