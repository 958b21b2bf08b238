// Headless Chromium for tests and screenshots: Debian's, without requests of its own.

import { existsSync } from "node:fs";
import { chromium, type Browser } from "playwright-core";
import { describeWith } from "./needs.ts";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((file) => existsSync(file));

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launchBrowser(): Promise<Browser> {
  if (!executablePath) throw new Error("Chromium is not installed: apt-get install chromium");
  return chromium.launch({ executablePath, args: flags });
}

export const describeInBrowser = (name: string, tests: () => void) =>
  describeWith(executablePath !== undefined, "Chromium (Debian: apt-get install chromium)", name, tests);
