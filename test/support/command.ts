// Runs a command as a real process, with these settings and nothing else from the environment.

import { execFile } from "node:child_process";
import path from "node:path";

const projectDir = path.resolve(import.meta.dirname, "../..");
// Shortens the processor time of a start from 0.54 to 0.35 s.
const NODE_COMPILE_CACHE = path.join(projectDir, "node_modules/.cache/compile");

/** Runs src/cli/`script`.ts to its end. Returns its exit code and what it printed. */
export function runCommand(script: string, args: string[], settings: Record<string, string>) {
  const env = { PATH: process.env["PATH"] ?? "", NODE_COMPILE_CACHE, ...settings };
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    execFile(process.execPath, [`src/cli/${script}.ts`, ...args], { cwd: projectDir, env }, (error, out, err) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err });
    }).stdin?.end();
  });
}
