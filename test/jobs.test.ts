// The jobs of a container: when each is due, and what the webhook is told.

import { rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import path from "node:path";
import { text } from "node:stream/consumers";
import { runJob, takeDue } from "../src/cli/jobs.ts";
import { articleFile, buildSiteOf } from "./support/articles.ts";
import { listen } from "./support/listen.ts";
import { productionEnv, temporaryFolder } from "./support/site.ts";
import { openStore } from "./support/store.ts";

const namesAt = (began: Map<string, Date>, time: string) =>
  takeDue(began, new Date(`2026-12-${time}`)).map(({ name }) => name);

test("each job is due at its time, and all of them at the start", () => {
  const began = new Map<string, Date>();
  expect(namesAt(began, "02T12:00:00")).toEqual(["live-check", "backup", "daily-check"]);
  expect(namesAt(began, "02T12:05:00")).toEqual(["live-check"]);
  expect(namesAt(began, "03T03:25:00")).toEqual(["live-check"]);
  expect(namesAt(began, "03T03:30:00")).toEqual(["live-check", "backup"]);
  expect(namesAt(began, "03T07:05:00")).toEqual(["live-check", "daily-check"]); // a late one too
  expect(namesAt(began, "03T07:10:00")).toEqual(["live-check"]);
});

/** A folder with a store, whose backup is copied by a command, and a webhook that records its calls. */
async function startBackups() {
  const webhook = { calls: [] as string[], status: 200 };
  const take = async (asked: IncomingMessage, response: ServerResponse) => {
    const { text: told } = JSON.parse(await text(asked)) as { text: string };
    if (webhook.status === 200) webhook.calls.push(told);
    response.writeHead(webhook.status).end();
  };
  const server = createServer((asked, response) => void take(asked, response));
  const { dir } = await temporaryFolder();
  const dataDir = path.join(dir, "data");
  await openStore(dataDir);
  const ALERT_WEBHOOK_URL = await listen(server);
  const env = { ...productionEnv, DATA_DIR: dataDir, TMPDIR: dir, ALERT_WEBHOOK_URL };
  const printed: string[] = [];
  const print = (line: string) => void printed.push(line);
  const backUp = async (command: string, stop = new AbortController().signal) => {
    await rm(`${dataDir}-backups`, { recursive: true, force: true }); // its file's name has the second
    await runJob(
      { name: "backup", args: ["inquiries", "backup"] },
      { args: [], env: { ...env, BACKUP_TO: command }, now: new Date(), print, printError: print },
      stop,
    );
  };
  return { webhook, backUp, printed, env };
}

const { SITE_URL } = productionEnv;
const noRoute = "echo no route to host; false";
const unsent = "BACKUP_TO failed (exit code 1), so this backup is only on this machine.";
const failed = `${SITE_URL}: backup failed (exit code 1); see the log of the jobs\nno route to host\n${unsent}\n`;
const over = `${SITE_URL}: backup works again.\n`;

test("a failed backup is told, and so is that it works again", async () => {
  const { webhook, backUp, printed } = await startBackups();
  await backUp(noRoute);
  expect(webhook.calls.splice(0)).toEqual([failed]);
  await backUp("true");
  expect(webhook.calls).toEqual([over]);
  expect(printed).toContain(`backup: ${unsent}`);
});

test("a job that is stopped while it runs ends in silence", async () => {
  const { webhook, backUp, printed } = await startBackups();
  const stop = new AbortController();
  const running = backUp("sleep 60", stop.signal);
  stop.abort();
  await running;
  expect([webhook.calls, printed]).toEqual([[], ["backup: "]]);
});

test("if the webhook is dead for an hour, a monitor of /problems tells that a backup failed", async () => {
  const { webhook, backUp, printed, env } = await startBackups();
  await using site = await buildSiteOf({ "known.md": articleFile() }, { env });
  const start = Date.now();
  const monitorAt = async (minutes: number) => {
    site.clock.now = new Date(start + minutes * 60_000);
    await site.worker.pass();
    return (await site.get("/problems").set("X-Forwarded-For", "203.0.113.7")).status;
  };
  webhook.status = 500;
  await backUp(noRoute);
  expect(printed).toContain("jobs: nobody was told: ALERT_WEBHOOK_URL returned 500");
  const statuses = [];
  for (const minutes of [0, 14, 17, 60]) statuses.push(await monitorAt(minutes));
  expect(statuses).toEqual([200, 200, 503, 503]);
  const { text: problems } = await site.get("/problems");
  expect(problems).toMatch(/^ALERT_WEBHOOK_URL has taken no call since [^\n]*\n$/);
  webhook.status = 200;
  await backUp("true");
  expect(webhook.calls).toEqual([failed + over]);
  expect(await monitorAt(61)).toBe(200);
});
