// Runs a command of an example, if this machine has what it needs.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Run } from "../articles/example-readme.ts";

const programs: Record<string, string> = { Java: "java", Node: "node", PostgreSQL: "postgres" };
const [postgres = ""] = globSync("/usr/lib/postgresql/*/bin").sort((a, b) => b.localeCompare(a, "en", { numeric: true })); // Debian's are not on the PATH
const environment = {
  HOME: process.env["HOME"],
  PATH: [path.dirname(process.execPath), process.env["PATH"], postgres].join(":"),
  LC_ALL: "C.UTF-8", // otherwise Java prints "?" for letters beyond ASCII
  TZ: "UTC",
};
const maxBytes = 1_000_000;

/** Returns what an example needs and this machine lacks, such as "Java 21 (here is 17)". */
export function missingNeeds(needs: string[]): string[] {
  return needs.flatMap((need) => {
    if (need.startsWith("/")) return existsSync(need) ? [] : [need];
    const [, name = need, version = "0"] = /^(.*?)(?: (\d+))?$/.exec(need) ?? [];
    const { error, stdout } = spawnSync(programs[name] ?? name, ["--version"], { env: environment, encoding: "utf8" });
    if (error) return [need];
    const installed = /\d+/.exec(stdout)?.[0] ?? "";
    return Number(installed) < Number(version) ? [`${need} (here is ${installed})`] : [];
  });
}

/**
 * Runs a command in the folder `dir`. Returns what it printed on standard output and standard error, and how it ended, which may be with an
 * error that the example is about. Ends it with its children if it takes much longer than it should.
 */
export async function runExample(
  dir: string,
  { command, seconds }: Run,
): Promise<{ printed: string; ending: string; isComplete: boolean }> {
  // A group of its own, so that the children of a script end with it. The shell joins both streams in their order.
  const child = spawn("sh", ["-c", `exec 2>&1\n${command}`], {
    cwd: dir,
    env: environment,
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const end = () => {
    try {
      if (child.pid) process.kill(-child.pid, "SIGTERM");
    } catch {
      // it has ended
    }
  };
  process.once("exit", end);
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
    if (printed.length > maxBytes) end();
  });
  const limit = new AbortController();
  const timeoutSeconds = 30 + 5 * seconds;
  const timedOut = sleep(timeoutSeconds * 1_000, true, { signal: limit.signal }).then(end, () => {});
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  limit.abort();
  await timedOut;
  process.removeListener("exit", end);
  const ending = signal ? `was ended by ${signal}: it printed more than 1 MB or ran for ${timeoutSeconds} s` : `exit code ${code}`;
  return { printed, ending, isComplete: signal === null };
}
