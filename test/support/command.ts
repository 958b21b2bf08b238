// Runs a command with these settings and nothing else from the environment: in this process, or as
// a real one.

import { execFile } from "node:child_process";
import path from "node:path";
import { run, type Command } from "../../src/cli/command.ts";

const projectDir = path.resolve(import.meta.dirname, "../..");

/** Runs a command in this process. Returns its exit code and what it printed. */
export async function callCommand(
  command: Command,
  args: string[],
  env: Record<string, string>,
  now = new Date(),
) {
  const printed = { out: "", err: "" };
  const code = await run(command, {
    args,
    env,
    now,
    print: (line) => void (printed.out += `${line}\n`),
    printError: (line) => void (printed.err += `${line}\n`),
  });
  return { code, ...printed };
}

/** Runs src/cli/`script`.ts as a process. Returns its exit code and what it printed. */
export function runCommand(script: string, args: string[], settings: Record<string, string>) {
  const env = { PATH: process.env["PATH"] ?? "", ...settings };
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    execFile(
      process.execPath,
      ["--require", "./src/check-node.cjs", `src/cli/${script}.ts`, ...args],
      { cwd: projectDir, env },
      (error, out, err) => {
        resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err });
      },
    ).stdin?.end();
  });
}
