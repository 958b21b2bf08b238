// Headless Chromium for tests and screenshots: Debian's, without requests of its own. The headless
// shell is the same engine without the windows of the desktop browser, and takes half the processor
// time.

import { existsSync } from "node:fs";
import { chromium, type Browser } from "playwright-core";
import { need } from "./needs.ts";

const programs = [
  "/usr/bin/chromium-headless-shell",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];
const executablePath = programs.find((file) => existsSync(file)) ?? "";

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
  need(executablePath !== "", "Chromium (chromium-headless-shell)");
  return chromium.launch({ executablePath, args: flags });
}
