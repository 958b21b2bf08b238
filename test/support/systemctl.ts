// Stands for systemctl in the tests of a deployment. Its first argument is a folder: `pid` has the
// process of the site, which is started again when it ends; with `crash`, the site has crashed.

import { appendFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const [dir = "", verb = "", ...rest] = process.argv.slice(2);
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

if (verb === "restart") {
  const pid = Number(readFileSync(`${dir}/pid`, "utf8"));
  if (isAlive(pid)) process.kill(pid);
  while (isAlive(pid)) await sleep(50);
} else if (verb === "show") {
  process.stdout.write(existsSync(`${dir}/crash`) ? "1" : "0");
  rmSync(`${dir}/crash`, { force: true });
} else appendFileSync(`${dir}/units.txt`, `${[verb, ...rest].join(" ")}\n`);
