// Posts to ALERT_WEBHOOK_URL what systemd says of a unit. clean-systems-tell@UNIT-failed.service and
// …-passed.service run this, and …@test.service sends a test. A text is told once, again after a day, and
// when it is over. What the webhook did not take stays in `untold`, and systemd repeats the run.
import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { parseEnv } from "node:util";

const { RUNTIME_DIRECTORY: folder = ".", MONITOR_SERVICE_RESULT: result } = process.env;
const { ALERT_WEBHOOK_URL: url, SITE_URL } = parseEnv(readFileSync(".env", "utf8"));
const [, unit = "test", event] = /^(.+)-(failed|passed)$/.exec(process.argv[2] ?? "") ?? [];
const [told, untold] = [`${folder}/${unit}`, `${folder}/untold`];
const before = existsSync(told) ? readFileSync(told, "utf8") : "";
const say = (words: string) => appendFileSync(untold, `${SITE_URL}: ${unit} ${words}\n`);
// Words with a digit are times, figures and references, which are no news.
const wordsIn = (text: string) => text.replace(/\w*\d\w*/g, "");

if (!event) say("call: problems are told here.");
else if (result && result !== "success") {
  // Of the last minute: a process that is killed says nothing, and an older error is another crash's.
  const which =
    unit === "clean-systems"
      ? ["--since=-1min", "--lines=1", '--grep="level":"error"']
      : ["--lines=30"];
  const journal = spawnSync("journalctl", ["-qocat", `-u${unit}`, ...which], { encoding: "utf8" });
  const lines = journal.stdout.trim().split("\n");
  const ofThisRun = lines.slice(lines.findLastIndex((line) => line.startsWith("Starting ")) + 1);
  const shown = ofThisRun.filter(
    (line) => line && !/^(PASS| +at |Failed to |\S+\.service: )/.test(line),
  );
  const head = `failed (${result}); see journalctl -u ${unit} -n 20`;
  const text = [head, ...shown.slice(-10)].join("\n").slice(0, 3_000);
  if (wordsIn(text) !== wordsIn(before) || Date.now() - statSync(told).mtimeMs > 86_400_000) {
    say(text);
    writeFileSync(told, text);
  }
} else if (before && event === "passed" && result) {
  say("works again.");
  rmSync(told);
}

if (url && existsSync(untold)) {
  const body = JSON.stringify({ text: readFileSync(untold, "utf8") });
  const headers = { "Content-Type": "application/json" };
  const signal = AbortSignal.timeout(10_000);
  // After a redirect, fetch would send a GET without the text.
  const response = await fetch(url, { method: "POST", headers, body, redirect: "error", signal });
  if (!response.ok) throw new Error(`the webhook returned ${response.status}`);
}
rmSync(untold, { force: true });
