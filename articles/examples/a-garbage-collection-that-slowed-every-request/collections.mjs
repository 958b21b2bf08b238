// node collections.mjs [NODE]: the literal and a bare HTTP server after one to four full collections in a row, and servers that load data
// late, with Node's default options.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

const node = process.argv[2] ?? process.execPath;
const requestText = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
const counts = [1, 2, 3, 4];
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Nanoseconds for one object in the last of ten rounds of a million: the median of three processes. */
function literal(mode, first, collections, ...options) {
  const last = () => Number(execFileSync(node, ["--expose-gc", ...options, `${import.meta.dirname}/literal.mjs`, mode, first, collections], { encoding: "utf8" }).trimEnd().slice(-5));
  return median(Array.from({ length: 3 }, last));
}

function sendOn(port, count) {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1", () => socket.write(requestText));
    socket.on("data", () => (--count > 0 ? socket.write(requestText) : (socket.end(), resolve())));
  });
}
/** Sends this many requests on twenty connections. */
const send = (port, count) => Promise.all(Array.from({ length: 20 }, () => sendOn(port, count / 20)));

/** Runs one server. Returns how long a tick takes in the end, and how many full collections there were. */
async function serve(options, args, before, files = []) {
  const server = spawn(node, [...options, `${import.meta.dirname}/server.mjs`, ...args], { stdio: ["ignore", "pipe", "inherit", "ipc"] });
  let log = "";
  server.stdout.on("data", (data) => (log += data));
  const [port] = await once(server, "message");
  await send(port, before);
  for (const file of files) {
    server.send(file);
    await once(server, "message");
    await send(port, 1000);
  }
  await send(port, 10_000);
  const closed = once(server, "exit");
  server.send("time");
  const [ns] = await once(server, "message");
  server.disconnect();
  await closed;
  return { ns, full: log.split("Mark-Compact").length - 1 };
}

const table = (rows) => rows.map(([name, figures]) => console.log(`  ${name.padEnd(27)}${figures.map((figure) => String(figure).padStart(6)).join("")}`));
console.log(execFileSync(node, ["-p", "`Node ${process.version}, V8 ${process.versions.v8}`"], { encoding: "utf8" }).trim());
console.log("\nthe literal: ns in the last round, median of three processes");
table([["collections in a row", counts]]);
for (const first of ["100", "10000", "100000", "1000000"]) table([[`after ${first} objects`, counts.map((count) => literal("gc", first, String(count)))]]);
table([["the same, one kept", counts.map((count) => literal("keep", "1000000", String(count)))]]);
console.log("  with --retain-maps-for-n-gc=0");
for (const first of ["10000", "1000000"]) table([[`after ${first} objects`, counts.map((count) => literal("gc", first, String(count), "--retain-maps-for-n-gc=0"))]]);

console.log("\na bare HTTP server: how many of five processes end with slow ticks (over 200 ns)");
table([["collections in a row", counts]]);
for (const after of ["20", "1000", "10000"]) {
  const slow = [];
  for (const count of counts) {
    const all = [];
    for (let n = 0; n < 5; n++) all.push((await serve(["--expose-gc"], ["gc", after, String(count)], Number(after) + 20)).ns);
    slow.push(all.filter((ns) => ns > 200).length);
  }
  table([[`after ${after} requests`, slow]]);
}

console.log("\nthe server, default options, data loaded after 10,000 requests: ten processes each");
for (const [name, megabytes, times] of [
  ["50 MB once", 50, 1],
  ["50 MB four times", 50, 4],
  ["10 MB twenty times", 10, 20],
]) {
  const file = path.join(tmpdir(), `collections-${process.pid}.json`);
  const row = JSON.stringify({ id: 123456, name: "a hotel in Copenhagen", rooms: [101, 102, 103, 104], open: true });
  writeFileSync(file, `[${Array(Math.round((megabytes * 1e6) / row.length)).fill(row).join(",")}]`);
  const all = [];
  for (let n = 0; n < 10; n++) all.push(await serve(["--trace-gc"], ["none", "0"], 10_000, Array(times).fill(file)));
  rmSync(file);
  const ns = all.map((one) => Math.round(one.ns)).toSorted((a, b) => a - b);
  const full = all.map((one) => one.full);
  console.log(`  ${name.padEnd(20)}slow ${ns.filter((value) => value > 200).length}   full collections ${Math.min(...full)} to ${Math.max(...full)}   ns of a tick ${ns.join(" ")}`);
}
