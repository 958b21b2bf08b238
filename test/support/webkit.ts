// WebKit over WebDriver: the MiniBrowser of WebKitGTK in a display without a screen. WebDriver is
// HTTP with JSON.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./process.ts";

const driverProgram = "/usr/bin/WebKitWebDriver";
const displayProgram = "/usr/bin/Xvfb";

export const hasWebKit = existsSync(driverProgram) && existsSync(displayProgram);

const json = { "Content-Type": "application/json" };
/** Without the toolbar of the window, which is wider than a phone. */
const browserOptions = { args: ["--automation", "--full-screen"] };

/** Starts WebKit with one page, which is at least 334 px wide. */
export async function launchWebKit() {
  const pipe = ["ignore", "ignore", "ignore", "pipe"] as const;
  const display = spawn(displayProgram, ["-displayfd", "3", "-screen", "0", "1600x1000x24"], {
    stdio: [...pipe],
  });
  const number = await firstLine(display.stdio[3] as Readable);
  const port = await freePort();
  const env = { ...process.env, DISPLAY: `:${number}` };
  const driver = spawn(driverProgram, [`--port=${port}`], { env, stdio: "ignore" });

  const send = async (method: string, path: string, parameters?: object): Promise<unknown> => {
    const body = parameters ? JSON.stringify(parameters) : null;
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: json,
      body,
    });
    const { value } = (await response.json()) as { value: unknown };
    if (!response.ok) throw new Error(`${path}: ${JSON.stringify(value).slice(0, 200)}`);
    return value;
  };
  await until(() => send("GET", "/status").then(Boolean));
  const created = await send("POST", "/session", {
    capabilities: { alwaysMatch: { "webkitgtk:browserOptions": browserOptions } },
  });
  const session = `/session/${(created as { sessionId: string }).sessionId}`;
  const post = (command: string, parameters: object) =>
    send("POST", `${session}/${command}`, parameters);

  /** Returns the value of a script, or of the promise that it returns, which must fit JSON. */
  const evaluate = async <T>(expression: string): Promise<T> => {
    const script = `const done = arguments[0];
      Promise.resolve(${expression}).then((value) => done([JSON.stringify(value ?? null)]), (error) => done([null, String(error)]));`;
    const evaluated = (await post("execute/async", { script, args: [] })) as [string, string?];
    const [value, error] = evaluated;
    if (error) throw new Error(`the page threw ${error}: ${expression.slice(0, 80)}`);
    return JSON.parse(value) as T;
  };
  return {
    open: (url: string) => post("url", { url }),
    resize: (width: number, height: number) => post("window/rect", { width, height }),
    evaluate,
    /** Presses the keys of a text, one after the other. */
    press(text: string) {
      const actions = text.split("").flatMap((value) => [
        { type: "keyDown", value },
        { type: "keyUp", value },
      ]);
      return post("actions", { actions: [{ type: "key", id: "keys", actions }] });
    },
    /** Waits until a page that `act` opens has loaded. */
    async load(act: () => Promise<unknown>): Promise<void> {
      await evaluate("(window.isOld = true)");
      await act();
      await until(() => evaluate(`!window.isOld && document.readyState === "complete"`));
    },
    async close(): Promise<void> {
      await send("DELETE", session);
      await end(driver);
      await end(display);
    },
  };
}

async function firstLine(output: Readable): Promise<string> {
  for await (const line of createInterface(output)) return line;
  throw new Error("Xvfb ended before it printed the number of its display");
}

/** Asks again after an error: WebDriver has no events. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition().catch(() => false))) await sleep(20);
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, "close");
  child.kill();
  await ended;
}
