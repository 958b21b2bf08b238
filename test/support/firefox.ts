// Headless Firefox over WebDriver BiDi, which playwright-core does not speak: JSON messages on a
// WebSocket, each with an id that its reply repeats.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

const program = "/usr/bin/firefox-esr";

export const hasFirefox = existsSync(program);

type Reply = { id?: number; method?: string; result?: unknown; message?: string };
type Evaluated = { type: "success" | "exception"; result?: { value?: string } };

/** Starts Firefox with one page. */
export async function launchFirefox() {
  const profile = await mkdtemp(path.join(tmpdir(), "firefox-"));
  await writeFile(path.join(profile, "user.js"), 'user_pref("ui.prefersReducedMotion", 1);\n');
  const options = ["--headless", "--no-remote", "--remote-debugging-port=0", "--profile", profile];
  const child = spawn(program, options, { stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const socket = new WebSocket(`${await addressIn(child.stderr)}/session`);
  await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));

  let lastId = 0;
  let onLoad = () => {};
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  socket.addEventListener("message", ({ data }) => {
    const { id, method, result, message } = JSON.parse(String(data)) as Reply;
    if (method === "browsingContext.load") onLoad();
    const reply = waiting.get(id ?? 0);
    if (message === undefined) reply?.resolve(result);
    else reply?.reject(new Error(message));
  });
  const send = (method: string, params: object): Promise<unknown> => {
    lastId += 1;
    const reply = Promise.withResolvers<unknown>();
    waiting.set(lastId, reply);
    socket.send(JSON.stringify({ id: lastId, method, params }));
    return reply.promise;
  };

  await send("session.new", { capabilities: {} });
  await send("session.subscribe", { events: ["browsingContext.load"] });
  // In the first tab the address bar has the focus.
  const created = await send("browsingContext.create", { type: "tab" });
  const { context } = created as { context: string };

  return {
    open: (url: string) => send("browsingContext.navigate", { context, url, wait: "complete" }),
    resize: (width: number, height: number) =>
      send("browsingContext.setViewport", { context, viewport: { width, height } }),
    /** Returns the value of a script, or of the promise that it returns, which must fit JSON. */
    async evaluate<T>(script: string): Promise<T> {
      const expression = `Promise.resolve(${script}).then((value) => JSON.stringify(value ?? null))`;
      const parameters = { expression, target: { context }, awaitPromise: true };
      const evaluated = (await send("script.evaluate", parameters)) as Evaluated;
      if (evaluated.type !== "success") throw new Error(`the page threw: ${script.slice(0, 80)}`);
      return JSON.parse(evaluated.result?.value ?? "null") as T;
    },
    /** Presses the keys of a text, one after the other. */
    press(text: string) {
      const actions = text.split("").flatMap((value) => [
        { type: "keyDown", value },
        { type: "keyUp", value },
      ]);
      return send("input.performActions", {
        context,
        actions: [{ type: "key", id: "keys", actions }],
      });
    },
    /** Waits until a page that `act` opens has loaded. */
    async load(act: () => Promise<unknown>): Promise<void> {
      const loaded = new Promise<void>((resolve) => {
        onLoad = resolve;
      });
      await act();
      await loaded;
    },
    async close(): Promise<void> {
      socket.close();
      child.kill();
      await ended;
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/** Returns the address that Firefox prints once it accepts connections. */
async function addressIn(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface(output)) {
    const [, address] = /listening on (ws:\S+)/.exec(line) ?? [];
    if (address) return address;
  }
  throw new Error("Firefox ended before it printed its address");
}
