// Nothing moves when the fonts arrive after the page: every kind of page at three widths.

import { launchBrowser } from "../support/browser.ts";
import { buildTestSite } from "../support/site.ts";
import { serveKinds } from "../support/visits.ts";

// Scripts for the page are text, because the tests are compiled without the types of a browser.
const watch = `{
  window.shifts = [];
  window.painted = new Promise((resolve) => {
    new PerformanceObserver((list) => list.getEntriesByName("first-contentful-paint").length && resolve()).observe({ type: "paint", buffered: true });
  });
  window.observer = new PerformanceObserver((list) => window.shifts.push(...list.getEntries()));
  window.observer.observe({ type: "layout-shift", buffered: true });
}`;

/** After two frames everything that moved is recorded. */
const totalShift = `new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))).then(() =>
  [...window.shifts, ...window.observer.takeRecords()].reduce((sum, { value }) => sum + value, 0))`;

const loadedFonts = `document.fonts.ready.then(() => Array.from(document.fonts).filter(({ status }) => status === "loaded").map(({ family }) => family))`;

const site = await buildTestSite();
const served = await serveKinds(site);
const browser = await launchBrowser();
afterAll(async () => {
  await browser.close();
  served.close();
  await site.close();
});

/** Returns what moves on a page that the visitor has not seen before. */
async function shiftOf(url: string, width: number): Promise<number> {
  const context = await browser.newContext({ viewport: { width, height: 900 } });
  const page = await context.newPage();
  const released = Promise.withResolvers<void>();
  await page.route(/\.woff2$/, async (route) => {
    await released.promise;
    await route.continue();
  });
  await page.addInitScript(watch);
  await page.goto(url, { waitUntil: "domcontentloaded" });
  await page.evaluate("window.painted");
  released.resolve();
  const fonts = await page.evaluate<string[]>(loadedFonts);
  const shift = await page.evaluate<number>(totalShift);
  await context.close();
  if (!fonts.includes("Schibsted")) throw new Error(`${url}: the fonts never arrive`);
  return shift;
}

test("nothing moves on any page at three widths when the fonts arrive after the first paint", async () => {
  const moved: Record<string, number[]> = {};
  for (const { name, url } of served.pages) {
    const shifts = await Promise.all([390, 820, 1440].map((width) => shiftOf(url, width)));
    if (Math.max(...shifts) > 0.01) moved[name] = shifts;
  }
  expect(served.pages.length).toBeGreaterThan(30);
  expect(moved).toEqual({});
}, 180_000);
