// ops/tell.ts, as systemd runs it after each end of a job: what it posts to a webhook that works, and to
// one that is down.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { text } from "node:stream/consumers";
import { listen } from "./support/listen.ts";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { temporaryFolder } from "./support/site.ts";

const script = path.resolve(import.meta.dirname, "../ops/tell.ts");
const { dir: cache } = await temporaryFolder();

/** A webhook that records its calls. It responds with `status`, which a test may change. */
const webhook = { url: "", calls: [] as { text: string }[], status: 204 };
const take = async (asked: IncomingMessage, response: ServerResponse) => {
  const isJson = asked.headers["content-type"] === "application/json";
  if (isJson) webhook.calls.push(JSON.parse(await text(asked)) as { text: string });
  response.writeHead(isJson ? webhook.status : 415).end();
};
const webhookServer = createServer((asked, response) => void take(asked, response));
webhook.url = `${await listen(webhookServer)}/hook`;

let dir: string;
beforeEach(async () => {
  ({ dir } = await temporaryFolder());
  Object.assign(webhook, { calls: [], status: 204 });
  mkdirSync(path.join(dir, "bin"));
  const journal = `#!/bin/sh
echo "$*" >${dir}/asked
for word; do case $word in --grep=*) grep -E "\${word#--grep=}" ${dir}/journal | tail -n 1; exit ;; esac; done
cat ${dir}/journal
`;
  writeFileSync(path.join(dir, "bin/journalctl"), journal, { mode: 0o755 });
  settings(webhook.url);
});

const settings = (url: string) =>
  writeFileSync(
    path.join(dir, ".env"),
    `SITE_URL=https://cleansystems.dk\nALERT_WEBHOOK_URL="${url}" # team channel\n`,
  );

/** Runs it with this instance name. Returns what the webhook was called with. */
async function tell(name: string, result: string, journal = "", exitCode = 0): Promise<string[]> {
  writeFileSync(path.join(dir, "journal"), `${journal}\n`);
  const env = {
    PATH: `${path.join(dir, "bin")}:${process.env["PATH"]}`,
    RUNTIME_DIRECTORY: dir,
    MONITOR_SERVICE_RESULT: result,
    NODE_COMPILE_CACHE: cache, // as hardening.conf sets it
  };
  const child = spawn(process.execPath, [script, name], { cwd: dir, env, stdio: "ignore" });
  expect(await once(child, "close")).toEqual([exitCode, null]);
  return webhook.calls.splice(0).map(({ text }) => text);
}

const fails = (lines: string, exitCode = 0) =>
  tell("live-check-failed", "exit-code", `Starting live-check…\n${lines}`, exitCode);
const passes = (exitCode = 0) => tell("live-check-passed", "success", "", exitCode);
const words = (lines: string) =>
  `https://cleansystems.dk: live-check failed (exit-code); see journalctl -u live-check -n 20\n${lines}\n`;
const over = "https://cleansystems.dk: live-check works again.\n";
const hour = 3_600;
/** Moves what was told so many seconds into the past. */
function wait(seconds: number): void {
  const time = Date.now() / 1_000 - seconds;
  utimesSync(path.join(dir, "live-check"), time, time);
}

test("a failure is told once, again after a day, and when it is over", async () => {
  const disk = 'FAIL  disk: 12 MB free in "/var\\lib"';
  expect(
    await fails(`PASS  store\n${disk}\nlive-check.service: Failed.\nFailed to start live-check`),
  ).toEqual([words(disk)]);
  wait(23 * hour);
  expect(await fails(disk.replace("12", "9"))).toEqual([]);
  wait(25 * hour);
  expect(await fails(disk)).toEqual([words(disk)]);
  expect(await fails(disk)).toEqual([]);
  expect(await passes()).toEqual([over]);
  expect(await passes()).toEqual([]);
});

test("another failure is told while the first lasts", async () => {
  expect(await fails("FAIL  disk: full")).toHaveLength(1);
  const both = "FAIL  disk: full\nFAIL  mail server: EAUTH";
  expect(await fails(both)).toEqual([words(both)]);
});

test("nothing is lost or told twice while the webhook is down", async () => {
  webhook.status = 500;
  await tell("backup-failed", "exit-code", "fatal: no space", 1);
  // systemd repeats each run every five minutes, and the live check goes on failing.
  for (let minutes = 0; minutes < 60; minutes += 20) {
    await fails("FAIL  disk: full", 1);
    wait((minutes + 20) * 60);
  }
  await passes(1);
  webhook.status = 204;
  // systemd passes no result to the repeated run of a failure that is over.
  expect(await tell("live-check-failed", "")).toEqual([
    `https://cleansystems.dk: backup failed (exit-code); see journalctl -u backup -n 20\nfatal: no space\n${words("FAIL  disk: full")}${over}`,
  ]);
  expect(await passes()).toEqual([]);
});

test("a crash loop is told once, with its last error", async () => {
  const crash = (time: string) => {
    const error = `{"level":"error","time":"2026-12-01T${time}Z","msg":"uncaught error"}`;
    return tell("clean-systems-failed", "exit-code", error);
  };
  expect(await crash("10:00:00.000")).toEqual([
    expect.stringContaining(
      'clean-systems failed (exit-code); see journalctl -u clean-systems -n 20\n{"level":"error",',
    ),
  ]);
  for (const time of ["10:00:02.120", "10:00:04.000"]) expect(await crash(time)).toEqual([]);
  expect(readFileSync(path.join(dir, "asked"), "utf8")).toContain("--since=-1min");
  expect(await tell("clean-systems-failed", "watchdog")).toHaveLength(1);
  // The live check that passes names it too, so that a loop is told again every five minutes.
  expect(await tell("clean-systems-passed", "success")).toEqual([
    "https://cleansystems.dk: clean-systems works again.\n",
  ]);
  expect(await crash("10:05:00.000")).toHaveLength(1);
});

test.each([
  [
    "a wrong setting",
    "Wrong settings (.env.example describes each):\n  MAIL_TO: expected one or more addresses, separated by commas",
    "MAIL_TO: expected one or more addresses, separated by commas",
  ],
  [
    "a missing package",
    "    throw new ERR_MODULE_NOT_FOUND(packageName);\nError [ERR_MODULE_NOT_FOUND]: Cannot find package 'zod'\n    at packageResolve (node:internal/modules/esm/resolve:768:81)\n  code: 'ERR_MODULE_NOT_FOUND'",
    "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'zod'",
  ],
])("a start that fails is told with its cause, such as %s", async (_cause, printed, line) => {
  const log = `${printed}\nclean-systems.service: Failed with result 'exit-code'.\nStarted clean-systems.service - Clean Systems website.`;
  expect(await tell("clean-systems-failed", "exit-code", log)).toEqual([
    `https://cleansystems.dk: clean-systems failed (exit-code); see journalctl -u clean-systems -n 20\n${line}\n`,
  ]);
});

test("a redirect has not taken the call", async () => {
  const redirecting = createServer((_request, response) => {
    response.writeHead(301, { Location: webhook.url }).end();
  });
  settings(await listen(redirecting));
  expect(await fails("FAIL  disk: full", 1)).toEqual([]);
  expect(existsSync(path.join(dir, "untold"))).toBe(true);
});

test("without ALERT_WEBHOOK_URL nothing is kept", async () => {
  settings("");
  await fails("FAIL  disk: full");
  expect(existsSync(path.join(dir, "untold"))).toBe(false);
});

test("a test call is told", async () => {
  expect(await tell("test", "")).toEqual([
    "https://cleansystems.dk: test call: problems are told here.\n",
  ]);
});
