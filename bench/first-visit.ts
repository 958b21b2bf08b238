// `npm run bench -- first-visit`: the bytes of pages, and when Chromium with an empty cache paints the first text of an article on a slow line.

import path from "node:path";
import { brotliCompressSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { fixedPages } from "../src/web/pages.ts";
import { launchBrowser } from "../test/support/browser.ts";
import { resourcesOf } from "../test/support/html.ts";
import { startProcess } from "../test/support/process.ts";
import { sent } from "../test/support/sent.ts";
import { temporaryFolder } from "../test/support/site.ts";
import { writeArticles } from "./articles.ts";
import { figure, MissingError, type Part } from "./measure.ts";

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
  const line = {
    latency: latencyMs,
    downloadThroughput: bytesPerSecond,
    uploadThroughput: bytesPerSecond,
  };
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", { offline: false, ...line });
  await page.goto(url, { waitUntil: "domcontentloaded" });
  const paintedMs = await page.evaluate<number>(firstPaint);
  await context.close();
  return (paintedMs + 2 * latencyMs) / 1_000; // Chromium does not slow down TCP and TLS
}

/** Returns the size of a page in brotli's best quality, which the site sends as soon as it has compressed the page in the background. */
const weigh = async (url: string): Promise<number> =>
  brotliCompressSync((await sent(url, {})).body).length;

/** Returns the size of each fixed page and of the largest article. Needs a site with the articles of this repository. */
async function weighPages(origin: string): Promise<[name: string, bytes: number][]> {
  const sitemap = (await sent(`${origin}/sitemap.xml`, {})).body.toString();
  const articles = Array.from(
    sitemap.matchAll(/<loc>[a-z]+:\/\/[^/]+(\/articles\/[^/<]+)<\/loc>/g),
    ([, page = ""]) => origin + page,
  );
  const fixed = await Promise.all(
    fixedPages.map(
      async ({ path: page }) => [page, await weigh(origin + page)] as [string, number],
    ),
  );
  return [...fixed, ["the largest article", Math.max(...(await Promise.all(articles.map(weigh))))]];
}

export const run: Part = async ({ quick }) => {
  const browser = await Promise.try(launchBrowser).catch((error: unknown) => {
    throw new MissingError((error as Error).message);
  });
  const { dir, remove } = await temporaryFolder();
  const slugs = writeArticles(path.join(dir, "articles"), 10, 1_200);
  const site = await startProcess({ ARTICLES_DIR: path.join(dir, "articles"), DATA_DIR: dir });
  const urls = slugs.map((slug) => `${site.origin}/articles/${slug}`);
  const pages = await Promise.all(urls.map(weigh));
  const [url = ""] = urls;
  const html = (await sent(url, {})).body.toString();
  const fonts = [...new Set(resourcesOf(html))].filter(
    (name) => name.endsWith(".woff2") && !name.includes("italic"),
  );
  const fontSizes = await Promise.all(
    fonts.map(async (font) => (await sent(site.origin + font, {})).body.length),
  );
  const ownSite = await startProcess({ DATA_DIR: path.join(dir, "own") });
  const weights = await weighPages(ownSite.origin);
  const seconds: number[] = [];
  for (let count = 0; count < (quick ? 1 : 5); count += 1) seconds.push(await visit(browser, url));
  await browser.close();
  for (const { child } of [site, ownSite]) child.kill("SIGTERM");
  await Promise.all([site.exit, ownSite.exit]);
  await remove();
  return {
    intro: `Pages of ${slugs.length} articles of this repository, cut after 1,200 words; fonts are those of a page without italics. The connection has
400 kbit/s and ${latencyMs} ms latency, and the time includes two round trips for TCP and TLS. The last figures are those of pages of this site.`,
    figures: [
      figure("HTML and CSS, brotli, bytes", pages, { atMost: 13_000 }),
      figure("fonts, KB", [fontSizes.reduce((sum, size) => sum + size, 0) / 1_024], {
        digits: 1,
        atMost: 55,
      }),
      figure("first text, s", seconds, { digits: 2, atMost: 2 }),
      ...weights.map(([page, bytes]) => figure(`${page}: HTML and CSS, brotli, bytes`, [bytes])),
    ],
  };
};
