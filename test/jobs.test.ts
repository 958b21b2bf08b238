// The jobs of a container: when each is due, and what the webhook is told.

import { rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import path from "node:path";
import { text } from "node:stream/consumers";
import { runJob, takeDue } from "../src/cli/jobs.ts";
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

test("a failed backup is told, and so is that it works again", async () => {
  const calls: string[] = [];
  const take = async (asked: IncomingMessage, response: ServerResponse) => {
    calls.push((JSON.parse(await text(asked)) as { text: string }).text);
    response.end();
  };
  const webhook = createServer((asked, response) => void take(asked, response));
  const { dir } = await temporaryFolder();
  await openStore(path.join(dir, "data"));
  const env = {
    ...productionEnv,
    DATA_DIR: path.join(dir, "data"),
    TMPDIR: dir,
    ALERT_WEBHOOK_URL: await listen(webhook),
  };
  const printed: string[] = [];
  const print = (line: string) => void printed.push(line);
  const backUp = (command: string) =>
    runJob(
      { name: "backup", args: ["inquiries", "backup"] },
      { args: [], env: { ...env, BACKUP_TO: command }, now: new Date(), print, printError: print },
      new AbortController().signal,
    );
  const { SITE_URL } = productionEnv;
  await backUp("echo no route to host; false");
  expect(calls.splice(0)).toEqual([
    `${SITE_URL}: backup failed (exit code 1); see the log of the jobs\nno route to host\nBACKUP_TO failed\n`,
  ]);
  await rm(path.join(dir, "data-backups"), { recursive: true }); // its name has the second
  await backUp("true");
  expect(calls).toEqual([`${SITE_URL}: backup works again.\n`]);
  expect(printed).toContain("backup: BACKUP_TO failed");
});
