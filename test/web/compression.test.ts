// The background compression of stored pages: it must leave the thread pool to those who read files and send mail.

import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import { createCompressionQueue } from "../../src/web/compression.ts";

/** A queue whose compressions finish when `finishOne` is called; `running` counts those under way. */
function controlledQueue() {
  const started: {
    body: Buffer;
    finish: (compressed: Buffer) => void;
    fail: (error: Error) => void;
  }[] = [];
  const add = createCompressionQueue(
    (body) => new Promise((finish, fail) => started.push({ body, finish, fail })),
  );
  const results: string[] = [];
  const addPage = (name: string, isNeeded = () => true) =>
    add(Buffer.from(name), isNeeded, (compressed) => results.push(compressed.toString()));
  return {
    started,
    results,
    addPage,
    finishAll: async () => {
      for (let next = 0; next < started.length; next += 1) {
        started[next]?.finish(Buffer.from(`${started[next]?.body.toString()} compressed`));
        await yieldToEventLoop();
      }
    },
  };
}

test("compresses one page at a time, in order", async () => {
  const { started, results, addPage, finishAll } = controlledQueue();
  for (const name of ["a", "b", "c"]) addPage(name);
  await yieldToEventLoop();
  expect(started).toHaveLength(1);
  await finishAll();
  expect(results).toEqual(["a compressed", "b compressed", "c compressed"]);
});

test("drops pages beyond a short queue, and takes more once it is empty", async () => {
  const { started, addPage, finishAll } = controlledQueue();
  for (let page = 0; page < 1_926; page += 1) addPage(`page ${page}`);
  await yieldToEventLoop();
  await finishAll();
  expect(started.length).toBeLessThanOrEqual(51);
  expect(started.length).toBeGreaterThan(20);
  addPage("later");
  await yieldToEventLoop();
  expect(started.at(-1)?.body.toString()).toBe("later");
});

test("does not compress a page that was evicted while it waited", async () => {
  const { started, results, addPage, finishAll } = controlledQueue();
  let stored = true;
  addPage("first");
  addPage("evicted", () => stored);
  addPage("last");
  stored = false;
  await yieldToEventLoop();
  await finishAll();
  expect(started.map(({ body }) => body.toString())).toEqual(["first", "last"]);
  expect(results).toEqual(["first compressed", "last compressed"]);
});

test("goes on after a compression that failed, and after a pause", async () => {
  const { started, results, addPage, finishAll } = controlledQueue();
  addPage("fails");
  await yieldToEventLoop();
  started[0]?.fail(new Error("out of memory"));
  await yieldToEventLoop();
  addPage("later");
  await yieldToEventLoop();
  started[1]?.finish(Buffer.from("later compressed"));
  await finishAll();
  expect(results).toEqual(["later compressed"]);
});
