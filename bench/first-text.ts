// `npm run bench -- first-text`: when the first words of an article are seen on a slow line. The real process listens; Chromium comes with an
// empty cache over 400 kbit/s, and every answer takes 400 ms to come. Goal: 2.0 s, also with what Chromium does not slow down: a first visit
// over TLS 1.3 makes two round trips (TCP, TLS) before it may ask.

import type { Browser } from "playwright-core";
import { launchBrowser } from "../test/support/browser.ts";
import { startProcess } from "../test/support/process.ts";
import { temporaryFolder } from "../test/support/site.ts";
import { goals, median, MissingError, spread, table } from "./measure.ts";

const address = "/articles/why-backend-developers-carry-the-most-responsibility";
const roundTripMs = 400;
const bytesPerSecond = 400_000 / 8;
const rounds = 5;

// A script for the page, as text: this file is compiled without the types of a browser.
const firstWords = `new Promise((resolve) => new PerformanceObserver((list) => {
  for (const { startTime } of list.getEntriesByName("first-contentful-paint")) resolve(startTime);
}).observe({ type: "paint", buffered: true }))`;

async function seenAfterMs(browser: Browser, url: string): Promise<number> {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  await session.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: roundTripMs,
    downloadThroughput: bytesPerSecond,
    uploadThroughput: bytesPerSecond,
  });
  await page.goto(url, { waitUntil: "domcontentloaded" });
  const seen = await page.evaluate<number>(firstWords);
  await context.close();
  return seen;
}

export async function run(): Promise<string> {
  const browser = await Promise.try(launchBrowser).catch((error: unknown) => {
    throw new MissingError((error as Error).message);
  });
  const { dir, remove } = await temporaryFolder();
  const site = await startProcess({ DATA_DIR: dir });
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round += 1) seconds.push((await seenAfterMs(browser, site.origin + address)) / 1_000);
  await browser.close();
  site.child.kill("SIGTERM");
  await site.exit;
  await remove();
  const withTls = seconds.map((value) => value + (2 * roundTripMs) / 1_000);
  const rows = [
    ["an open connection", spread(seconds, 2)],
    ["with TCP and TLS: two round trips added", spread(withTls, 2)],
  ];
  return [
    `The first words of an article at 400 kbit/s and ${roundTripMs} ms, empty cache, ${rounds} visits.`,
    table(["first visit", "seconds, median (min to max)"], rows),
    goals([{ what: "with TCP and TLS, s", measured: median(withTls), goal: 2 }]),
  ].join("\n\n");
}
