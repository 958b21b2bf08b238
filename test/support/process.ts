// The site as a process of its own: what only a real start, a real signal and a real kill can show.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import path from "node:path";
import { filledForm } from "./site.ts";

const projectDir = path.resolve(import.meta.dirname, "../..");

export type SiteProcess = { origin: string; output: () => string; child: ChildProcess; exit: Promise<number | null> };

/** Runs `npm start`'s command with these settings and nothing else from the environment. */
function spawnSite(env: Record<string, string>, args: string[] = []) {
  const child = spawn(process.execPath, ["--require", "./src/check-node.cjs", "src/main.ts", ...args], {
    cwd: projectDir,
    env: { PATH: process.env["PATH"] ?? "", PORT: "0", ...env },
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const exit = new Promise<number | null>((resolve) => {
    child.on("close", resolve);
  });
  return { child, exit, output: () => output };
}

/** Starts the site and resolves once it listens. */
export async function startProcess(env: Record<string, string>, args: string[] = []): Promise<SiteProcess> {
  const { child, exit, output } = spawnSite(env, args);
  const origin = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", () => {
      const port = /port"?[=:](\d+)/.exec(output())?.[1];
      if (port) resolve(`http://127.0.0.1:${port}`);
    });
    void exit.then((code) => reject(new Error(`the site ended with ${code}: ${output()}`)));
  });
  return { child, exit, output, origin };
}

/** Starts the site where it cannot start: its exit code and all that it printed. */
export async function runToEnd(env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const { exit, output } = spawnSite(env);
  return { code: await exit, output: output() };
}

/** Sends the form over the network; answers the status and where it leads. */
export async function submit(origin: string, changes: Record<string, string> = {}) {
  const body = new URLSearchParams({ ...filledForm, ...changes });
  const response = await fetch(`${origin}/contact`, { method: "POST", body, redirect: "manual" });
  return { status: response.status, location: response.headers.get("location") ?? "" };
}

/** A port that nothing listens on. Whoever takes it should do so soon. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
