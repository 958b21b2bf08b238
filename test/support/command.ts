// Staff's commands as they are typed: real processes, with these settings and nothing else from the environment.

import { execFile } from "node:child_process";
import path from "node:path";

const projectDir = path.resolve(import.meta.dirname, "../..");

export function runCommand(script: string, args: string[], settings: Record<string, string>) {
  const env = { PATH: process.env["PATH"] ?? "", ...settings };
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    execFile(process.execPath, [`src/cli/${script}.ts`, ...args], { cwd: projectDir, env }, (error, out, err) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err });
    }).stdin?.end();
  });
}
