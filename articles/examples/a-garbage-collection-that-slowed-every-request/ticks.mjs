// node --expose-gc ticks.mjs [gc|keep]: the processor time of one process.nextTick, after a hundred of them and a collection of garbage.
import { createHook } from "node:async_hooks";

const mode = process.argv[2];

/** Runs this many ticks, each started by the one before. */
const runTicks = (count) =>
  new Promise((resolve) => {
    let done = 0;
    const tick = () => (++done < count ? process.nextTick(tick) : resolve());
    process.nextTick(tick);
  });

const alive = [];
if (mode === "keep") {
  // async_hooks hands out the object that Node creates for a tick; one of them is held for as long as the process runs.
  const hook = createHook({ init: (_id, type, _trigger, tick) => type === "TickObject" && alive.push(tick) }).enable();
  process.nextTick(() => {});
  hook.disable();
}
await runTicks(100);
await new Promise((resolve) => setTimeout(resolve, 10));
if (mode) globalThis.gc();

const figures = [];
for (let round = 0; round < 10; round++) {
  const start = process.cpuUsage().user;
  await runTicks(1_000_000);
  figures.push((process.cpuUsage().user - start) / 1000);
}
console.log(figures.map((ns) => ns.toFixed(0).padStart(5)).join(""));
if (alive.length > 1) console.log("More than one tick is kept.");
