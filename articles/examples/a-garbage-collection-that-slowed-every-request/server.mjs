// node --expose-gc server.mjs MODE AFTER: a bare HTTP server. With the mode "gc" it collects garbage once, after so many requests. With
// "keep" it does the same, and has held one of the objects that Node creates for process.nextTick from the start. With "count" it
// counts those objects.
import { createHook } from "node:async_hooks";
import http from "node:http";

const [mode, after] = process.argv.slice(2);

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

let requests = 0;
const server = http.createServer((request, response) => {
  requests++;
  if (requests === Number(after) && (mode === "gc" || mode === "keep")) setImmediate(globalThis.gc);
  response.end("hello");
});
server.listen(0, "127.0.0.1", () => process.send(server.address().port));
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send({ cpu: user + system, ticks, kept: kept.length });
});
process.on("disconnect", () => process.exit());
