// node requests.mjs NODE [AFTER]: the processor time of a request at a bare HTTP server, with and without one collection after so many
// requests (20 unless given), in turn.
import { spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";

const requestText = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/** Sends this many requests on each connection, each after the response to the one before. */
function sendOn(port, count) {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1", () => socket.write(requestText));
    socket.on("data", () => (--count > 0 ? socket.write(requestText) : (socket.end(), resolve())));
  });
}
const send = (port, connections, count) => Promise.all(Array.from({ length: connections }, () => sendOn(port, count)));

async function cpuPerRequest(mode) {
  const server = spawn(process.argv[2], ["--expose-gc", `${import.meta.dirname}/server.mjs`, mode, process.argv[3] ?? "20"], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const [port] = await once(server, "message");
  const cpu = async () => {
    server.send("cpu");
    const [{ user, system }] = await once(server, "message");
    return user + system;
  };
  await send(port, 1, 60); // the first requests, one of which may be followed by the collection
  await send(port, 20, 500); // warm up
  let least = Infinity; // the machine does other work, which only ever adds time
  for (let slice = 0; slice < 12; slice++) {
    const start = await cpu();
    await send(port, 20, 100);
    least = Math.min(least, ((await cpu()) - start) / 2000);
  }
  server.disconnect();
  return least;
}

const rounds = 15;
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const figures = { none: [], gc: [] };
for (let round = 0; round < rounds; round++) for (const mode of ["none", "gc"]) figures[mode].push(await cpuPerRequest(mode));
const [none, gc] = [median(figures.none), median(figures.gc)];
for (const [mode, values] of Object.entries(figures))
  console.log(`  ${mode.padEnd(5)}median ${median(values).toFixed(1)} µs; all ${values.toSorted((a, b) => a - b).map((value) => value.toFixed(1)).join(" ")}`);
console.log(`  ${((gc / none - 1) * 100).toFixed(0)} % more after a collection`);
