// `npm run bench -- first-text`: when Chromium with an empty cache paints the first text of an article at 400 kbit/s and 400 ms latency.

import { launchBrowser } from "../test/support/browser.ts";
import { startProcess } from "../test/support/process.ts";
import { temporaryFolder } from "../test/support/site.ts";
import { articlePath, figure, MissingError, type Part } from "./measure.ts";

const latencyMs = 400;
const bytesPerSecond = 400_000 / 8;

// A script for the page, as text: this file is compiled without the types of a browser.
const firstPaint = `new Promise((resolve) => new PerformanceObserver((list) => {
  for (const { startTime } of list.getEntriesByName("first-contentful-paint")) resolve(startTime);
}).observe({ type: "paint", buffered: true }))`;

export const run: Part = async ({ quick }) => {
  const browser = await Promise.try(launchBrowser).catch((error: unknown) => {
    throw new MissingError((error as Error).message);
  });
  const { dir, remove } = await temporaryFolder();
  const site = await startProcess({ DATA_DIR: dir });
  const seconds: number[] = [];
  for (let visit = 0; visit < (quick ? 1 : 5); visit += 1) {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send("Network.enable");
    const line = { latency: latencyMs, downloadThroughput: bytesPerSecond, uploadThroughput: bytesPerSecond };
    await session.send("Network.emulateNetworkConditions", { offline: false, ...line });
    await page.goto(site.origin + articlePath, { waitUntil: "domcontentloaded" });
    seconds.push((await page.evaluate<number>(firstPaint)) / 1_000);
    await context.close();
  }
  await browser.close();
  site.child.kill("SIGTERM");
  await site.exit;
  await remove();
  const withTls = seconds.map((value) => value + (2 * latencyMs) / 1_000);
  return {
    intro:
      "An article at 400 kbit/s and 400 ms latency, with an empty cache. Chromium does not slow down TCP and TLS: two round trips are added.",
    figures: [
      figure("first text, with TCP and TLS, s", withTls, { digits: 2, atMost: 2 }),
      figure("first text on an open connection, s", seconds, { digits: 2 }),
    ],
  };
};
