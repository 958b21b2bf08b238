// Tells ALERT_WEBHOOK_URL what systemd says of a unit. clean-systems-tell@UNIT-failed.service and
// …-passed.service run this, and …@test.service sends a test. If the webhook takes no call, systemd
// repeats the run.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { parseEnv } from "node:util";
import { failure, tell, type Outcome } from "../src/cli/alerts.ts";

const { RUNTIME_DIRECTORY: folder = ".", MONITOR_SERVICE_RESULT: result } = process.env;
const settings = parseEnv(readFileSync(".env", "utf8"));
const { ALERT_WEBHOOK_URL: url, SITE_URL: siteUrl, DATA_DIR = "data" } = settings;
const [, unit = "test", event] = /^(.+)-(failed|passed)$/.exec(process.argv[2] ?? "") ?? [];

function outcome(): Outcome {
  if (!event) return "test";
  if (!result) return undefined; // a repeated run
  if (result === "success") return event === "passed" ? "passed" : undefined;
  // An error of more than a minute ago belongs to another crash, because a process that is killed
  // logs none. If a package or a setting makes the start fail, the error is not logged as JSON.
  const error = '--grep="level":"error"|^\\w*Error|^  [A-Z_]+: ';
  const which = unit === "clean-systems" ? ["--since=-1min", "--lines=1", error] : ["--lines=30"];
  const journal = spawnSync("journalctl", ["-qocat", `-u${unit}`, ...which], { encoding: "utf8" });
  const lines = journal.stdout.trim().split("\n");
  const ofThisRun = lines.slice(lines.findLastIndex((line) => line.startsWith("Starting ")) + 1);
  return failure(`failed (${result}); see journalctl -u ${unit} -n 20`, ofThisRun);
}

const untaken = path.resolve(process.env["DATA_DIR"] ?? DATA_DIR, "untaken-alert");
await tell({ folder, untaken, url, siteUrl }, unit, outcome());
