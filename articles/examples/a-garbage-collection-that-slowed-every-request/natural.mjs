// node natural.mjs [NODE]: how many processes become slow by themselves. Each is started with Node's default options, gets a health check
// every 20 ms for a second and then 10,000 requests. Whether it has become slow is read from the time of a million ticks at the end.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const node = process.argv[2] ?? process.execPath;
const processes = 20;
const requestText = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

function sendOn(port, count) {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1", () => socket.write(requestText));
    socket.on("data", () => (--count > 0 ? socket.write(requestText) : (socket.end(), resolve())));
  });
}

/** Runs one process. Returns how long a tick takes in it, and whether a full collection came before the load. */
async function run(kind, file) {
  const args = ["--trace-gc", `${import.meta.dirname}/natural-server.mjs`, kind, file];
  const server = spawn(node, args, { stdio: ["ignore", "pipe", "inherit", "ipc"] });
  let log = "";
  server.stdout.on("data", (data) => (log += data));
  const [port] = await once(server, "message");
  for (let check = 0; check < 50; check++) {
    await sendOn(port, 1);
    await sleep(20);
  }
  const early = /Mark-Compact/.test(log);
  await Promise.all(Array.from({ length: 20 }, () => sendOn(port, 500)));
  const closed = once(server, "exit");
  server.send("time");
  const [ns] = await once(server, "message");
  server.disconnect();
  await closed;
  return { ns, early };
}

console.log(`Node ${process.argv[2] ? "of the given path" : process.version}: ${processes} processes each, default options`);
console.log("                                early full   slow   ns of a tick in each");
for (const [name, kind, megabytes] of [
  ["bare server", "bare", 0],
  ["Express and EJS", "express", 0],
  ["10 MB loaded after a request", "express", 10],
  ["50 MB loaded after a request", "express", 50],
  ["50 MB, before it listens", "first", 50],
]) {
  const file = path.join(tmpdir(), `natural-${process.pid}.json`);
  const row = JSON.stringify({ id: 123456, name: "a hotel in Copenhagen", rooms: [101, 102, 103, 104], open: true });
  writeFileSync(file, `[${Array(Math.round((megabytes * 1e6) / row.length)).fill(row).join(",")}]`);
  const results = [];
  for (let n = 0; n < processes; n++) results.push(await run(kind, file));
  rmSync(file);
  const times = results.map(({ ns }) => ns).toSorted((a, b) => a - b);
  const slow = times.filter((ns) => ns > 150).length;
  const early = results.filter((result) => result.early).length;
  console.log(`  ${name.padEnd(30)}${String(early).padStart(6)} ${String(slow).padStart(6)}   ${times.map((ns) => ns.toFixed(0)).join(" ")}`);
}
