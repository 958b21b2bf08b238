// Restarts while another process holds the listening socket, as systemd does.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { Agent } from "node:http";
import { createServer, type AddressInfo, type Server } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { emptyAccount, visit } from "../support/load.ts";
import { temporaryFolder } from "../support/site.ts";
import { openStore } from "../support/store.ts";

const restarts = 5;
const everyMs = 5; // 200 requests a second

// Holds the socket as descriptor 3, accepts no connection, and starts the site again whenever it has ended.
const holder = `
  rounds=0
  while [ $rounds -le ${restarts} ]; do
    sh -c 'echo "pid $$"; LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" --require ./src/check-node.cjs src/main.ts' "$0"
    echo "ended with $?"
    rounds=$((rounds + 1))
  done`;

/** The descriptor of a socket. Node has no public name for it. */
const descriptorOf = (socket: Server) => (Reflect.get(socket, "_handle") as { fd: number }).fd;

test("a site that is restarted five times under 200 requests a second refuses no request and cuts none", async () => {
  const { dir, remove } = await temporaryFolder();
  const socket = createServer().listen(0, "127.0.0.1");
  await once(socket, "listening");
  const origin = `http://127.0.0.1:${(socket.address() as AddressInfo).port}`;
  const parent = spawn("sh", ["-c", holder, process.execPath], {
    cwd: path.resolve(import.meta.dirname, "../.."),
    env: {
      PATH: process.env["PATH"] ?? "",
      DATA_DIR: dir,
      INQUIRIES_PER_10_MINUTES: "0",
      INQUIRIES_PER_HOUR_TOTAL: "0",
    },
    stdio: ["ignore", "pipe", "ignore", descriptorOf(socket)],
  });
  const ended = once(parent, "close");
  socket.close(); // the child still holds its copy

  const account = emptyAccount();
  const visits: Promise<boolean>[] = [];
  const codes: string[] = [];
  let over = 0;
  let pid = 0;
  let restartAt = Infinity;
  parent.stdout?.on("data", (chunk: Buffer) => {
    for (const [, said = "", what] of chunk
      .toString()
      .matchAll(/(pid|ended with) (\d+)|(?:listening) at/g)) {
      if (said === "pid") pid = Number(what);
      else if (said) codes.push(what ?? "");
      else restartAt = visits.length + 40;
    }
  });

  const agent = new Agent({ keepAlive: true, maxSockets: 50 });
  const startedAt = Date.now();
  for (;;) {
    await sleep(everyMs);
    const due = (Date.now() - startedAt) / everyMs;
    while (visits.length < due)
      visits.push(visit(agent, origin, visits.length, account).finally(() => (over += 1)));
    const waiting = visits.length - over;
    if (visits.length < restartAt || waiting > 50) continue; // requests that waited for the last restart have their responses
    if (codes.length === restarts) break;
    restartAt = Infinity;
    process.kill(pid, "SIGTERM");
  }
  await Promise.all(visits);
  agent.destroy();
  process.kill(pid, "SIGTERM");
  await ended;

  expect(codes).toEqual(Array.from({ length: restarts + 1 }, () => "0"));
  expect(account).toMatchObject({ refused: 0, cut: [] });
  expect(Object.keys(account.responses)).toEqual(["200", "303"]);
  const store = await openStore(dir);
  const references = (await store.list()).map(({ reference }) => reference);
  await store.close();
  expect(references.sort()).toEqual(account.references.sort());
  await remove();
}, 180_000);
