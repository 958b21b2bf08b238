// `npm run bench -- first-visit`: the bytes of an article page, and when Chromium with an empty cache paints its first text on a slow line.

import path from "node:path";
import type { Browser } from "playwright-core";
import { launchBrowser } from "../test/support/browser.ts";
import { resourcesOf } from "../test/support/html.ts";
import { startProcess } from "../test/support/process.ts";
import { sent } from "../test/support/sent.ts";
import { temporaryFolder } from "../test/support/site.ts";
import { writeArticles } from "./articles.ts";
import { figure, MissingError, storedResponse, type Part } from "./measure.ts";

const latencyMs = 400;
const bytesPerSecond = 400_000 / 8;

// A script for the page, as text: this file is compiled without the types of a browser.
const firstPaint = `new Promise((resolve) => new PerformanceObserver((list) => {
  for (const { startTime } of list.getEntriesByName("first-contentful-paint")) resolve(startTime);
}).observe({ type: "paint", buffered: true }))`;

/** Returns the time of the first text in seconds. */
async function visit(browser: Browser, url: string): Promise<number> {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  const line = { latency: latencyMs, downloadThroughput: bytesPerSecond, uploadThroughput: bytesPerSecond };
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", { offline: false, ...line });
  await page.goto(url, { waitUntil: "domcontentloaded" });
  const paintedMs = await page.evaluate<number>(firstPaint);
  await context.close();
  return (paintedMs + 2 * latencyMs) / 1_000; // Chromium does not slow down TCP and TLS
}

export const run: Part = async ({ quick }) => {
  const browser = await Promise.try(launchBrowser).catch((error: unknown) => {
    throw new MissingError((error as Error).message);
  });
  const { dir, remove } = await temporaryFolder();
  const slugs = writeArticles(path.join(dir, "articles"), 10, 1_200);
  const site = await startProcess({ ARTICLES_DIR: path.join(dir, "articles"), DATA_DIR: dir });
  const urls = slugs.map((slug) => `${site.origin}/articles/${slug}`);
  const pages = await Promise.all(urls.map(async (url) => (await storedResponse(url)).body.length));
  const [url = ""] = urls;
  const html = (await sent(url, {})).body.toString();
  const fonts = [...new Set(resourcesOf(html))].filter((name) => name.endsWith(".woff2") && !name.includes("italic"));
  const fontSizes = await Promise.all(fonts.map(async (font) => (await sent(site.origin + font, {})).body.length));
  const seconds: number[] = [];
  for (let count = 0; count < (quick ? 1 : 5); count += 1) seconds.push(await visit(browser, url));
  await browser.close();
  site.child.kill("SIGTERM");
  await site.exit;
  await remove();
  return {
    intro: `Pages of ${slugs.length} articles of this repository, cut after 1,200 words; fonts are those of a page without italics. The line has
400 kbit/s and ${latencyMs} ms latency, and the time includes two round trips for TCP and TLS.`,
    figures: [
      figure("HTML and CSS, brotli, bytes", pages, { atMost: 13_000 }),
      figure("fonts, KB", [fontSizes.reduce((sum, size) => sum + size, 0) / 1_024], { digits: 1, atMost: 55 }),
      figure("first text, s", seconds, { digits: 2, atMost: 2 }),
    ],
  };
};
