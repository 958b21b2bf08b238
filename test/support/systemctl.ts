// Stands for systemctl in the tests of a deployment. Its first argument is a folder: `pid` has the
// process of the site, which is started again when it ends; `crash` makes the site crash once.

import { spawn } from "node:child_process";
import { appendFileSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const [dir = "", verb = "", ...rest] = process.argv.slice(2);
const trialPid = `${dir}/trial.pid`;
const pidIn = (file: string) => (existsSync(file) ? Number(readFileSync(file, "utf8")) : 0);
function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}
async function end(pid: number): Promise<void> {
  if (isAlive(pid)) process.kill(pid);
  while (isAlive(pid)) await sleep(50);
}

/** Starts what the unit in a file says. */
function start(file: string): void {
  const text = readFileSync(file, "utf8");
  const settings = Array.from(
    text.matchAll(/^Environment="(\w+)=(.*)"$/gm),
    ([, name = "", value]) => [name, value],
  );
  const valueOf = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(text)?.[1] ?? "";
  const [program = "", ...args] = valueOf("ExecStart").split(" ");
  const log = openSync(`${dir}/trial.log`, "w");
  const env = {
    PATH: process.env["PATH"],
    ...(Object.fromEntries(settings) as Record<string, string>),
    NODE_COMPILE_CACHE: `${dir}/cache`,
  };
  const child = spawn(program, args, {
    cwd: valueOf("WorkingDirectory"),
    env,
    detached: true,
    stdio: ["ignore", log, log],
  });
  writeFileSync(trialPid, String(child.pid));
  child.unref();
}

if (verb === "restart" && rest[0] === "clean-systems") await end(pidIn(`${dir}/pid`));
else if (verb === "restart") start(process.env["TRIAL_UNIT"] ?? "");
else if (verb === "stop") await end(pidIn(trialPid));
else if (verb === "is-active") process.exitCode = isAlive(pidIn(trialPid)) ? 0 : 3;
else if (verb === "show" && existsSync(`${dir}/crash`)) {
  const count = readFileSync(`${dir}/crash`, "utf8").length; // one more at the second call
  process.stdout.write(String(count));
  if (count === 0) appendFileSync(`${dir}/crash`, "x");
  else rmSync(`${dir}/crash`);
} else if (verb === "show") process.stdout.write("0");
else if (verb !== "daemon-reload" && verb !== "reset-failed")
  appendFileSync(`${dir}/units.txt`, `${[verb, ...rest].join(" ")}\n`);
