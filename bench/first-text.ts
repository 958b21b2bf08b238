// `node bench/first-text.ts`: when the first words of an article are seen on a slow line. The real process listens; Chromium comes with an
// empty cache over 400 kbit/s, and every answer takes 400 ms to come. Goal: 2.0 s, also with what Chromium does not slow down: a first visit
// over TLS 1.3 makes two round trips (TCP, TLS) before it may ask.

import { once } from "node:events";
import { launchBrowser } from "../test/support/browser.ts";
import { startProcess } from "../test/support/process.ts";
import { temporaryFolder } from "../test/support/site.ts";

const address = "/articles/why-backend-developers-carry-the-most-responsibility";
const roundTripMs = 400;
const bytesPerSecond = 400_000 / 8;
const rounds = 5;

// A script for the page, as text: this file is compiled without the types of a browser.
const firstWords = `new Promise((resolve) => new PerformanceObserver((list) => {
  for (const { startTime } of list.getEntriesByName("first-contentful-paint")) resolve(startTime);
}).observe({ type: "paint", buffered: true }))`;

const { dir, remove } = await temporaryFolder();
const site = await startProcess({ DATA_DIR: dir });
const browser = await launchBrowser();
const seenAfterMs: number[] = [];
for (let round = 0; round < rounds; round += 1) {
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
  await page.goto(site.origin + address, { waitUntil: "domcontentloaded" });
  seenAfterMs.push(await page.evaluate<number>(firstWords));
  await context.close();
}
await browser.close();
site.child.kill("SIGTERM");
await once(site.child, "close");
await remove();

const seconds = (ms = 0) => `${(ms / 1_000).toFixed(2)} s`;
const sorted = seenAfterMs.toSorted((a, b) => a - b);
const median = sorted[Math.floor(rounds / 2)] ?? 0;
console.log(`first words of an article at 400 kbit/s and ${roundTripMs} ms, median of ${rounds}, empty cache`);
console.log(`an open connection   ${seconds(median)}, ${seconds(sorted[0])} to ${seconds(sorted.at(-1))}`);
console.log(`with TCP and TLS     ${seconds(median + 2 * roundTripMs)}, two round trips added`);
