// Runs a command of an example, if this machine has what it needs.

import { execFile, spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import type { Run } from "../articles/example-readme.ts";

const programs: Record<string, string> = { Java: "java", Node: "node", PostgreSQL: "postgres" };
const [postgres = ""] = globSync("/usr/lib/postgresql/*/bin").sort((a, b) =>
  b.localeCompare(a, "en", { numeric: true }),
); // Debian's are not on the PATH
const environment = {
  HOME: process.env["HOME"],
  PATH: [path.dirname(process.execPath), process.env["PATH"], postgres].join(":"),
  LC_ALL: "C.UTF-8", // otherwise Java prints "?" for letters beyond ASCII
  TZ: "UTC",
};
const maxBytes = 200_000; // no larger output is served
const timedOut = 124; // the exit code of timeout(1)

/** Returns what an example needs and this machine lacks, such as "Java 21 (installed: 17)". */
export function missingNeeds(needs: Run["needs"]): string[] {
  return needs.flatMap(({ name: need, file }) => {
    if (file) return existsSync(file) ? [] : [`${need} (${file})`];
    const [, name = need, version = "0"] = /^(.*?)(?: (\d+))?$/.exec(need) ?? [];
    const { error, stdout } = spawnSync(programs[name] ?? name, ["--version"], {
      env: environment,
      encoding: "utf8",
    });
    if (error) return [need];
    const installed = /\d+/.exec(stdout)?.[0] ?? "";
    return Number(installed) < Number(version) ? [`${need} (installed: ${installed})`] : [];
  });
}

/**
 * Runs a command in the folder `dir`. Returns its standard output and standard error, and how it ended, which may be with an error that the
 * example shows. Kills it and its children if it takes much longer than stated.
 */
export async function runExample(
  dir: string,
  { command, seconds }: Run,
): Promise<{ printed: string; ending: string; isComplete: boolean }> {
  const limit = 30 + 5 * seconds;
  // timeout(1) ends the children of a script too. The shell joins both streams in their order.
  const args = [`${limit}`, "sh", "-c", `exec 2>&1\n${command}`];
  const running = promisify(execFile)("timeout", args, {
    cwd: dir,
    env: environment,
    maxBuffer: maxBytes,
  });
  const end = () => running.child.kill();
  process.once("exit", end);
  running.child.stdin?.end();
  const { stdout, code } = await running.then(
    ({ stdout }) => ({ stdout, code: 0 }),
    (error: { stdout: string; code: number | string }) => error, // a string if it printed too much
  );
  process.off("exit", end);
  const isComplete = typeof code === "number" && code !== timedOut;
  const ending = isComplete
    ? `exit code ${code}`
    : `was ended: it printed more than 200 KB or ran for ${limit} s`;
  return { printed: stdout, ending, isComplete };
}
