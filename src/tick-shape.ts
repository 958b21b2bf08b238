// Keeps process.nextTick quick, which Node calls some three times a request. V8 forgets the shape of objects in a collection of garbage
// that finds none of them alive. Where that happens to nextTick's before it is compiled well, as it does while a site starts, each call
// takes 0.26 µs instead of 0.02 for as long as the process lives, and a kept page 15.6 µs instead of 13.3. One object that stays alive is
// enough to prevent it: docs/decisions/0020. It comes out by one line in main.ts.

import { createHook } from "node:async_hooks";

const alive: object[] = [];

/** Holds the object that stands for one call of nextTick for as long as the process lives. */
export function keepTickShape(nextTick: (work: () => void) => void): void {
  const hook = createHook({ init: (_id, type, _trigger, tick: object) => void (type === "TickObject" && alive.push(tick)) });
  hook.enable();
  nextTick(() => {});
  hook.disable();
}
