// node requests.mjs NODE [AFTER [express]]: the processor time of a request at a bare HTTP server, or at one of Express with a template, without a collection, with one after so many
// requests (20 unless given), and with one while an object that Node created for a tick is held, in turn.
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

/** Starts a server and sends it the first requests, one of which may be followed by the collection. */
async function startServer(mode) {
  const server = spawn(process.argv[2], ["--expose-gc", `${import.meta.dirname}/server.mjs`, mode, process.argv[3] ?? "20", "1", process.argv[4] ?? "bare"], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const [port] = await once(server, "message");
  const state = async () => {
    server.send("state");
    return (await once(server, "message"))[0];
  };
  await send(port, 1, 60);
  return { port, state, stop: () => server.disconnect() };
}

async function cpuPerRequest(mode) {
  const { port, state, stop } = await startServer(mode);
  await send(port, 20, 500); // warm up
  let least = Infinity; // the machine does other work, which only ever adds time
  for (let slice = 0; slice < 40; slice++) {
    const start = (await state()).cpu;
    await send(port, 20, 100);
    least = Math.min(least, ((await state()).cpu - start) / 2000);
  }
  stop();
  return least;
}

/** How many ticks a request takes on a connection that is already open. */
async function ticksPerRequest() {
  const { port, state, stop } = await startServer("count");
  const ticksOf = async (count) => {
    const before = (await state()).ticks;
    await send(port, 1, count);
    return (await state()).ticks - before;
  };
  const ticks = ((await ticksOf(1001)) - (await ticksOf(1))) / 1000;
  stop();
  return ticks;
}

const rounds = 15;
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const figures = { none: [], gc: [], keep: [] };
for (let round = 0; round < rounds; round++) for (const mode of Object.keys(figures)) figures[mode].push(await cpuPerRequest(mode));
for (const [mode, values] of Object.entries(figures)) {
  const all = values.toSorted((a, b) => a - b).map((value) => value.toFixed(1));
  console.log(`  ${mode.padEnd(5)}median ${median(values).toFixed(1)} µs; all ${all.join(" ")}`);
}
const difference = (mode) => `${((median(figures[mode]) / median(figures.none) - 1) * 100).toFixed(0)} %`;
console.log(`  medians against none: gc ${difference("gc")}, keep ${difference("keep")}`);
console.log(`  ticks in each request: ${(await ticksPerRequest()).toFixed(1)}`);
