// Chromium, Firefox and WebKit behind one interface, each with one page. playwright-core drives only
// the first as Debian packages it: its WebKit is a build of its own, and Firefox 153 refuses a command
// (emulation.setMediaFeaturesOverride) that each new context begins with. So Firefox gets WebDriver
// BiDi on a WebSocket, and WebKit WebDriver over HTTP.

import { spawn, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { launchBrowser } from "./browser.ts";
import { need } from "./needs.ts";
import { opened } from "./opened.ts";
import { freePort } from "./process.ts";
import { temporaryFolder } from "./site.ts";

export type Engine = {
  open: (url: string) => Promise<unknown>;
  resize: (width: number, height: number) => Promise<unknown>;
  /** Returns the value of a script, or of the promise that it returns, which must fit JSON. */
  evaluate: <T>(script: string) => Promise<T>;
};
/** `press` presses the keys of a text, one after the other. */
type WithKeys = Engine & { press: (text: string) => Promise<unknown> };

const firefox = "/usr/bin/firefox-esr";
const webKitDriver = "/usr/bin/WebKitWebDriver";
const display = "/usr/bin/Xvfb";

export async function launchChromium(): Promise<Engine> {
  const browser = await launchBrowser();
  const page = await browser.newPage({ reducedMotion: "reduce" });
  return {
    open: (url) => page.goto(url),
    resize: (width, height) => page.setViewportSize({ width, height }),
    evaluate: (script) => page.evaluate(script),
  };
}

export async function launchFirefox(): Promise<WithKeys> {
  need(existsSync(firefox), "Firefox (firefox-esr)");
  const { dir } = await temporaryFolder();
  await writeFile(path.join(dir, "user.js"), 'user_pref("ui.prefersReducedMotion", 1);\n');
  const options = ["--headless", "--no-remote", "--remote-debugging-port=0", "--profile", dir];
  const child = start(firefox, options, { stdio: ["ignore", "ignore", "pipe"] });
  const socket = new WebSocket(`${await printed(child.stdio[2], /ws:\S+/)}/session`);
  await once(socket, "open");
  // Without a subscription there are no events: each message is the reply to the last command.
  const send = async (method: string, params: object) => {
    socket.send(JSON.stringify({ id: 0, method, params }));
    const [{ data }] = (await once(socket, "message")) as [MessageEvent<string>];
    const { result, message } = JSON.parse(data) as { result?: object; message?: string };
    if (!result) throw new Error(`${method}: ${message}`);
    return result;
  };
  await send("session.new", { capabilities: {} });
  // In the first tab the address bar has the focus.
  const created = await send("browsingContext.create", { type: "tab" });
  const { context } = created as { context: string };
  return {
    open: (url) => send("browsingContext.navigate", { context, url, wait: "complete" }),
    resize: (width, height) =>
      send("browsingContext.setViewport", { context, viewport: { width, height } }),
    async evaluate<T>(script: string) {
      const expression = `Promise.resolve(${script}).then((value) => JSON.stringify(value ?? null))`;
      const parameters = { expression, target: { context }, awaitPromise: true };
      const { result } = (await send("script.evaluate", parameters)) as {
        result?: { value: string };
      };
      if (!result) throw new Error(`the page threw: ${script.slice(0, 80)}`);
      return JSON.parse(result.value) as T;
    },
    press: (text) => send("input.performActions", { context, actions: keysOf(text) }),
  };
}

/** The page is at least 334 px wide. */
export async function launchWebKit(): Promise<WithKeys> {
  need(existsSync(webKitDriver) && existsSync(display), "WebKit (webkit2gtk-driver, xvfb)");
  const screen = start(display, ["-displayfd", "3", "-screen", "0", "1600x1000x24"], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const DISPLAY = `:${await printed(screen.stdio[3], /\d+/)}`;
  const port = await freePort();
  const env = { ...process.env, DISPLAY };
  start(webKitDriver, [`--port=${port}`], { env, stdio: "ignore" });
  const send = async (method: string, address: string, parameters?: object): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${port}${address}`, {
      method,
      headers: { "Content-Type": "application/json" },
      body: parameters ? JSON.stringify(parameters) : null,
    });
    const { value } = (await response.json()) as { value: unknown };
    if (!response.ok) throw new Error(`${address}: ${JSON.stringify(value).slice(0, 200)}`);
    return value;
  };
  while (!(await send("GET", "/status").catch(() => false))) await sleep(20);
  // The window has no toolbar, because that is wider than a phone.
  const browserOptions = { args: ["--automation", "--full-screen"] };
  const created = await send("POST", "/session", {
    capabilities: { alwaysMatch: { "webkitgtk:browserOptions": browserOptions } },
  });
  const session = `/session/${(created as { sessionId: string }).sessionId}`;
  opened.defer(async () => void (await send("DELETE", session)));
  const post = (command: string, parameters: object) =>
    send("POST", `${session}/${command}`, parameters);
  return {
    open: (url) => post("url", { url }),
    resize: (width, height) => post("window/rect", { width, height }),
    evaluate: <T>(script: string) =>
      post("execute/sync", { script: `return ${script}`, args: [] }) as Promise<T>,
    press: (text) => post("actions", { actions: keysOf(text) }),
  };
}

/** What both kinds of WebDriver understand. */
function keysOf(text: string) {
  const actions = text.split("").flatMap((value) => [
    { type: "keyDown", value },
    { type: "keyUp", value },
  ]);
  return [{ type: "key", id: "keys", actions }];
}

/** Resolves with the first text of this form that a program prints. */
async function printed(output: unknown, form: RegExp): Promise<string> {
  for await (const line of createInterface(output as Readable)) {
    const [found] = form.exec(line) ?? [];
    if (found) return found;
  }
  throw new Error(`a browser ended before it printed ${form}`);
}

/** Starts a program, which is ended with the test file. */
function start(program: string, args: string[], options: SpawnOptions) {
  const child = spawn(program, args, options);
  const ended = once(child, "close");
  opened.defer(async () => {
    child.kill();
    await ended;
  });
  return child;
}
