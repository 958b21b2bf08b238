// node --expose-gc server.mjs MODE AFTER [COLLECTIONS [express]]: a bare HTTP server, or one of Express with a template of EJS. With the mode "gc" it collects garbage once, or so many times
// in a row, after so many requests. With "keep" it does the same, and has held one of the objects that Node creates for process.nextTick
// from the start. With "count" it counts those objects. Sent a path, it parses the file of JSON there and lets go of the data before.
import { createHook } from "node:async_hooks";
import { readFileSync } from "node:fs";
import http from "node:http";

const [mode, after, collections = "1", kind] = process.argv.slice(2);
const collect = () => Array.from({ length: Number(collections) }, () => globalThis.gc());

let ticks = 0;
if (mode === "count") createHook({ init: (_id, type) => type === "TickObject" && ticks++ }).enable();

// region keep
const kept = [];
if (mode === "keep") {
  const hook = createHook({ init: (_id, type, _trigger, tick) => type === "TickObject" && kept.push(tick) }).enable();
  process.nextTick(() => {});
  hook.disable();
}
// endregion

let answer = (request, response) => response.end("hello");
if (kind === "express") {
  const [{ default: express }, { default: ejs }] = await Promise.all([import("express"), import("ejs")]);
  const page = ejs.compile("<h1><%= name %></h1>");
  answer = express().get("/", (request, response) => response.send(page({ name: "hello" })));
}

let requests = 0;
const server = http.createServer((request, response) => {
  requests++;
  if (requests === Number(after) && (mode === "gc" || mode === "keep")) setImmediate(collect);
  answer(request, response);
});
server.listen(0, "127.0.0.1", () => process.send(server.address().port));
let data;
process.on("message", (message) => {
  if (message === "time") return timeTicks();
  if (message !== "state") data = JSON.parse(readFileSync(message, "utf8"));
  const { user, system } = process.cpuUsage();
  process.send({ cpu: user + system, ticks, kept: kept.length, rows: data?.length });
});

/** Sends how many nanoseconds of processor time one of a million ticks takes. */
function timeTicks() {
  let done = 0;
  const start = process.cpuUsage().user;
  const tick = () => (++done < 1_000_000 ? process.nextTick(tick) : process.send((process.cpuUsage().user - start) / 1000));
  process.nextTick(tick);
}
process.on("disconnect", () => process.exit());
