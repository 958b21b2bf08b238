// `npm run examples -- SLUG…`: runs the commands that the README of each of these articles' examples
// names, and compares what they print with the stored output. If a README says that parts of an output
// vary, only that the command ran is reported. An output that is missing is written if the command
// succeeds.

import { spawn } from "node:child_process";
import { existsSync, globSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const folder = import.meta.dirname;
const runPattern = /^- `([^`]+)` prints \[[^\]]*\]\(([^)]+)\)(.*)$/gm;
const timeoutSeconds = 600;
const notFound = 127; // the shell's exit code for a missing program
const wasInterrupted = 130; // as the shell's after Ctrl-C
const interrupt = new AbortController();
const maxEndLines = 10; // of what a failed program printed
const [postgres = ""] = globSync("/usr/lib/postgresql/*/bin"); // Debian's are not on the PATH
const env = {
  HOME: process.env["HOME"],
  JAVA_HOME: process.env["JAVA_HOME"],
  PATH: [path.dirname(process.execPath), process.env["PATH"], postgres].join(":"),
  LC_ALL: "C.UTF-8", // otherwise Java prints "?" for letters beyond ASCII
  TZ: "UTC",
};

const shown = (line: string | undefined) => JSON.stringify(line?.slice(0, 100) ?? "the end");

/** Returns the first line that differs, and the remedy. */
function difference(printed: string[], stored: string[], output: string): string {
  const at = stored.findIndex((line, index) => line !== printed[index]);
  const index = at < 0 ? stored.length : at;
  return [
    `DIFFERS at line ${index + 1}`,
    `    stored:  ${shown(stored[index])}`,
    `    printed: ${shown(printed[index])}`,
    `    If this is right, delete ${output} and run it again to replace it.`,
  ].join("\n");
}

/** Runs a command of the shell in a folder. The time or an interrupt also ends its children. */
const runShell = (cwd: string, command: string) =>
  new Promise<{ status: number | null; stdout: string }>((resolve) => {
    // `detached` makes a process group, which is ended as a whole.
    const options = { cwd, env, detached: true, stdio: ["ignore", "pipe", "inherit"] } as const;
    const child = spawn("sh", ["-c", `exec 2>&1\n${command}`], options);
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    const end = () => child.pid && process.kill(-child.pid);
    const timer = setTimeout(end, timeoutSeconds * 1_000);
    interrupt.signal.addEventListener("abort", end);
    child.on("close", (status) => {
      clearTimeout(timer);
      interrupt.signal.removeEventListener("abort", end);
      resolve({ status, stdout });
    });
  });

/** Runs a command in its folder. Returns the outcome, and whether it is a failure. */
async function runCommand(
  dir: string,
  command: string,
  output: string,
  varies: boolean,
): Promise<[outcome: string, failed: boolean]> {
  const { status, stdout } = await runShell(dir, command);
  if (interrupt.signal.aborted) return ["interrupted", true];
  if (status === notFound) {
    const [, program = "a program"] = /([^\s:]+): (?:command )?not found/.exec(stdout) ?? [];
    return [`skipped: ${program} is not installed`, false];
  }
  if (status === null) return [`FAILED: it was killed, after ${timeoutSeconds} seconds at most`, true];
  const file = path.join(dir, output);
  const stored = existsSync(file) ? readFileSync(file, "utf8") : undefined;
  if (stored?.trimEnd() === stdout.trimEnd()) return ["as stored", false];
  if (status !== 0) {
    const end = stdout.trimEnd().split("\n").slice(-maxEndLines).join("\n");
    const outcome = `FAILED with exit code ${status}; nothing was written.`;
    return [`${outcome} The end of what it printed:\n${end}`, true];
  }
  if (stored === undefined) {
    writeFileSync(file, stdout);
    return ["written", false];
  }
  if (varies) return ["ran; its output varies", false];
  return [difference(stdout.trimEnd().split("\n"), stored.trimEnd().split("\n"), output), true];
}

async function main(asked: string[]): Promise<void> {
  const slugs = readdirSync(folder).filter((name) =>
    existsSync(path.join(folder, name, "README.md")),
  );
  const unknown = asked.find((slug) => !slugs.includes(slug));
  if (unknown !== undefined || asked.length === 0) {
    const what =
      unknown === undefined ? "Usage: npm run examples -- SLUG…" : `${unknown} has no examples`;
    console.error(`${what}; use one of ${slugs.join(", ")}`);
    process.exitCode = 2;
    return;
  }
  for (const signal of ["SIGINT", "SIGTERM"])
    process.once(signal, () => {
      process.exitCode = wasInterrupted;
      interrupt.abort();
    });
  for (const slug of asked) {
    console.log(slug);
    const dir = path.join(folder, slug);
    const readme = readFileSync(path.join(dir, "README.md"), "utf8");
    const commands = [...readme.matchAll(runPattern)];
    if (commands.length === 0) {
      console.log("  no line of README.md has the form - `COMMAND` prints [a.txt](a.txt)");
      process.exitCode = 1;
    }
    for (const [, command = "", output = "", note = ""] of commands) {
      const [outcome, failed] = await runCommand(dir, command, output, note.includes("vary"));
      console.log(`  ${command} (${output}): ${outcome}`);
      if (interrupt.signal.aborted) return;
      if (failed) process.exitCode = 1;
    }
  }
}

await main(process.argv.slice(2));
