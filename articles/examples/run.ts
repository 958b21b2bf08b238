// `npm run examples`: runs the commands that the README of each example names, and compares what they
// print with the stored output. If a README says that parts of an output vary, only that the command
// ran is reported. An output that is missing is written. `npm run examples -- SLUG…` runs the examples
// of these articles.

import { spawnSync } from "node:child_process";
import { existsSync, globSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const folder = import.meta.dirname;
const runPattern = /^- `([^`]+)` prints \[[^\]]*\]\(([^)]+)\)(.*)$/gm;
const timeoutSeconds = 600;
const notFound = 127; // the shell's exit code for a missing program
const wasEnded = 124; // the exit code of timeout(1)
const [postgres = ""] = globSync("/usr/lib/postgresql/*/bin"); // Debian's are not on the PATH
const env = {
  HOME: process.env["HOME"],
  PATH: [path.dirname(process.execPath), process.env["PATH"], postgres].join(":"),
  LC_ALL: "C.UTF-8", // otherwise Java prints "?" for letters beyond ASCII
  TZ: "UTC",
};

type Outcome = "as stored" | "written" | "ran; its output varies" | "skipped" | "DIFFERS";

/** Runs a command in its folder. timeout(1) also ends the children of a script. */
function runCommand(dir: string, command: string, output: string, varies: boolean): Outcome {
  const args = [`${timeoutSeconds}`, "sh", "-c", `exec 2>&1\n${command}`];
  const { status, stdout } = spawnSync("timeout", args, { cwd: dir, env, encoding: "utf8" });
  if (status === notFound) return "skipped";
  if (status === wasEnded || status === null) return "DIFFERS";
  const file = path.join(dir, output);
  if (!existsSync(file)) {
    writeFileSync(file, stdout);
    return "written";
  }
  if (varies) return "ran; its output varies";
  const stored = readFileSync(file, "utf8");
  return stdout.trimEnd() === stored.trimEnd() ? "as stored" : "DIFFERS";
}

function main(asked: string[]): void {
  const slugs = readdirSync(folder).filter((name) =>
    existsSync(path.join(folder, name, "README.md")),
  );
  for (const slug of asked)
    if (!slugs.includes(slug)) {
      console.error(`${slug} has no examples; use one of ${slugs.join(", ")}`);
      process.exitCode = 2;
      return;
    }
  for (const slug of asked.length > 0 ? asked : slugs) {
    console.log(slug);
    const dir = path.join(folder, slug);
    const readme = readFileSync(path.join(dir, "README.md"), "utf8");
    for (const [, command = "", output = "", note = ""] of readme.matchAll(runPattern)) {
      const outcome = runCommand(dir, command, output, note.includes("vary"));
      const reason = outcome === "skipped" ? ": a program is not installed" : "";
      console.log(`  ${command} (${output}): ${outcome}${reason}`);
      if (outcome === "DIFFERS") process.exitCode = 1;
    }
  }
}

main(process.argv.slice(2));
