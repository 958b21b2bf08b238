// node restart.mjs [RESTARTS [FOLDER…]]: restarts a server under load, in each of four ways, and counts the requests
// that fail. The client never tries again. FOLDER is a working tree of this site, which is then restarted instead.
// Needs Python 3 for holder.py.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, get } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

const [restarts = 20, ...folders] = process.argv.slice(2);
const clients = 30;
const maxPauseMs = 20;
const here = (name) => path.join(import.meta.dirname, name);

/** Resolves with "ok", or the code of the error. */
const request = (port, agent) =>
  new Promise((resolve) => {
    get({ host: "127.0.0.1", port, agent }, (response) => {
      response.resume().on("error", ({ code }) => resolve(code)).on("end", () => resolve("ok"));
    }).on("error", ({ code }) => resolve(code));
  });

async function measure(way, command, options) {
  const holder = spawn("python3", [here("holder.py"), ...command], { ...options, stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: holder.stdout })[Symbol.asyncIterator]();
  const port = Number((await lines.next()).value);
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const outcomes = {};
  let slowest = 0;
  let isOver = false;
  const client = async () => {
    while (!isOver) {
      const start = performance.now();
      const outcome = await request(port, agent);
      slowest = Math.max(slowest, performance.now() - start);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      await sleep(Math.random() * maxPauseMs);
    }
  };
  const all = Promise.all(Array.from({ length: clients }, client));
  for (let restart = 0; restart < Number(restarts); restart++) {
    await sleep(700);
    holder.stdin.write("\n");
    await lines.next();
  }
  await sleep(700);
  isOver = true;
  await all;
  agent.destroy();
  holder.stdin.end();
  const { ok, ...failed } = outcomes;
  const count = Object.values(failed).reduce((sum, n) => sum + n, 0);
  console.log(
    `${way.padEnd(8)} ${String(count).padStart(6)} of ${String(ok + count).padStart(7)} failed   ` +
      `slowest ${String(Math.round(slowest)).padStart(5)} ms   ${Object.entries(failed).map((pair) => pair.reverse().join(" ")).join(", ")}`.trimEnd(),
  );
}

console.log(`Node ${process.version}, ${restarts} restarts, ${clients} connections that are kept open`);
if (folders.length === 0)
  for (const way of ["exit", "close", "last", "net"]) await measure(way, [process.execPath, here("server.mjs"), way]);

// As systemd starts it: with descriptor 3, and the environment that says so.
const start = "export LISTEN_FDS=1 LISTEN_PID=$$; exec node_modules/.bin/node src/main.ts";
for (const cwd of folders) {
  const data = mkdtempSync(path.join(tmpdir(), "restart-"));
  await measure(path.basename(cwd), ["sh", "-c", start], { cwd, env: { PATH: process.env.PATH, DATA_DIR: data } });
  rmSync(data, { recursive: true });
}
