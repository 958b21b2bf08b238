// Starts the site as a process, for tests of starting, signals and kills.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { listen } from "./listen.ts";
import { opened } from "./opened.ts";
import { filledForm } from "./site.ts";

const projectDir = path.resolve(import.meta.dirname, "../..");

export type SiteProcess = Awaited<ReturnType<typeof startProcess>>;

const startCommand = [
  process.execPath,
  "--max-semi-space-size=4",
  "--require",
  "./src/check-node.cjs",
  "src/main.ts",
];

/**
 * Starts the site, by default as `npm start` does, with these settings and nothing else from the
 * environment but PATH. Resolves when it listens, and rejects with its output if it ends before.
 * `stop` ends it with SIGTERM, as does the end of the test file, and returns its exit code.
 */
export async function startProcess(
  env: Record<string, string>,
  [program = "", ...args] = startCommand,
) {
  const child = spawn(program, args, {
    cwd: projectDir,
    env: { PATH: process.env["PATH"] ?? "", PORT: "0", ...env },
  });
  let printed = "";
  const exit = once(child, "close").then(([code]) => code as number | null);
  const origin = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      printed += chunk.toString();
      const port = /port"?[=:](\d+)/.exec(printed)?.[1];
      if (port) resolve(`http://127.0.0.1:${port}`);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    void exit.then((code) => reject(new Error(`the site ended with ${code}: ${printed}`)));
  });
  const output = () => printed;
  const stop = () => {
    child.kill("SIGTERM");
    return exit;
  };
  const dispose = async () => void (await stop());
  return opened.use({ child, exit, output, origin, stop, [Symbol.asyncDispose]: dispose });
}

/** Sends the form. */
export async function submit(origin: string, changes: Record<string, string> = {}) {
  const body = new URLSearchParams({ ...filledForm, ...changes });
  const response = await fetch(`${origin}/contact`, { method: "POST", body, redirect: "manual" });
  return {
    status: response.status,
    location: response.headers.get("location") ?? "",
    retryAfter: response.headers.get("retry-after"),
    html: await response.text(),
  };
}

/**
 * The limits of the systemd unit. V8 takes half of that memory for its heap, which an option makes
 * it do here.
 */
const service = readFileSync(path.join(projectDir, "ops/units/clean-systems.service"), "utf8");
const megabytes = Number(/^MemoryMax=(\d+)M$/m.exec(service)?.[1]);
const heap = { NODE_OPTIONS: `--max-old-space-size=${megabytes / 2}` };
export const unit = { megabytes, heap };

/** Returns the memory of a process, or the most that it has had (VmHWM). */
export function megabytesOf({ pid }: ChildProcess, name: "VmRSS" | "VmHWM" = "VmRSS"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Math.round(Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1_024);
}

/** Returns a port that nothing listens on. Another process can take it, so listen on it soon. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const { port } = new URL(await listen(server));
  await once(server.close(), "close");
  return Number(port);
}
