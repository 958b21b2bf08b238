// Every kind of page in Chromium: nothing wider than the screen, targets large enough, nothing that axe
// finds, nothing requested from other origins, nothing that moves.

import path from "node:path";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { doubleText, launchBrowser, tooWide } from "../support/browser.ts";
import { buildTestSite } from "../support/site.ts";
import { publicAddresses, serveKinds } from "../support/visits.ts";

const spreadText = `{
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }");
  document.adoptedStyleSheets = [sheet];
}`;

/**
 * What can be pressed and is lower than 44 px (of a note, 24 px) or narrower than 24 px, or is
 * covered around its middle. A link in a sentence or in a table may be as high as its line.
 */
const smallTargets = `Array.from(document.querySelectorAll("a, button, input, select, textarea")).flatMap((element) => {
  const style = getComputedStyle(element);
  const sentence = element.closest("p, dd, td, address, figcaption, .prose li");
  const inSentence = style.display === "inline" && sentence && (sentence.matches("td") || sentence.textContent.trim() !== element.textContent.trim());
  if (!element.checkVisibility() || inSentence || element.type === "hidden" || element.tabIndex < 0 || element.matches(".skip-link")) return [];
  element.scrollIntoView({ block: "center", behavior: "instant" });
  const isStretched = getComputedStyle(element, "::after").position === "absolute";
  const target = isStretched ? element.offsetParent : element.closest("label") ?? element;
  const { width, height } = target.getBoundingClientRect();
  const lowest = element.matches(".notes a, sup a") ? 24 : 43.9;
  const box = element.getBoundingClientRect();
  const corners = [[-11.5, -11.5], [11.5, -11.5], [-11.5, 11.5], [11.5, 11.5]];
  const hits = corners.every(([right, down]) => {
    const hit = document.elementFromPoint(box.x + box.width / 2 + right, box.y + box.height / 2 + down);
    return hit && (target.contains(hit) || hit.control === element);
  });
  return hits && width >= 24 && height >= lowest ? [] : [element.outerHTML.slice(0, 90) + " " + width.toFixed(1) + "×" + height.toFixed(1)];
})`;

/** Text smaller than 12 px as it is shown, or than 13 px in a figure, which is scaled. */
const smallText = `Array.from(document.querySelectorAll("body *")).flatMap((element) => {
  const hasText = Array.from(element.childNodes).some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const size = parseFloat(getComputedStyle(element).fontSize) * (element.getScreenCTM?.().a ?? 1);
  return hasText && element.checkVisibility() && size < (element.ownerSVGElement ? 12.99 : 11.99) ? [element.outerHTML.slice(0, 90) + " " + size.toFixed(1)] : [];
})`;

// Asking for a height lays the page out, which is when fonts begin to load.
const fontsOf = `document.body.offsetHeight, document.fonts.ready.then(() => Array.from(document.fonts, ({ family, style, status }) => [family, style, status].join(" ")))`;

type Violation = { id: string; nodes: { target: string[]; failureSummary: string }[] };
const runAxe = (runOnly: string) =>
  `axe.run({ runOnly: ${runOnly}, resultTypes: ["violations"] }).then(({ violations }) => violations)`;
/** The dark scheme changes nothing but colours. */
const axeRules = {
  light: '["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]',
  dark: '{ type: "rule", values: ["color-contrast", "link-in-text-block"] }',
};

async function axeFaults(page: Page, widths = [390, 834, 1440]): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      for (const { id, nodes } of await page.evaluate<Violation[]>(runAxe(axeRules[colorScheme])))
        for (const { target, failureSummary } of nodes)
          found.push(`${colorScheme} at ${width}, ${id}: ${target.join(" ")}: ${failureSummary}`);
    }
  }
  await page.emulateMedia({ colorScheme: null });
  return found;
}

async function missingFonts(page: Page): Promise<string[]> {
  const fonts = await page.evaluate<string[]>(fontsOf);
  const failed = fonts.filter((font) => font.endsWith(" error"));
  return fonts.includes("Schibsted normal loaded") ? failed : ["Schibsted", ...failed];
}

async function tooSmall(page: Page): Promise<string[]> {
  const onPhone = await page.evaluate<string[]>(smallTargets);
  await page.setViewportSize({ width: 1440, height: 900 });
  return [...onPhone, ...(await page.evaluate<string[]>(smallTargets))];
}

async function tooWideAt(page: Page): Promise<string[]> {
  const complaints: string[] = [];
  const measure = async (how: string, ...widths: number[]) => {
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      const excess = await page.evaluate<number>(tooWide);
      if (excess > 0) complaints.push(`${excess} px at ${width}${how}`);
    }
  };
  await measure("", 320, 390, 834, 1440);
  await page.evaluate(doubleText);
  await measure(" with text of 200 %", 320, 390, 1440);
  await page.evaluate(`document.documentElement.style.fontSize = ""`);
  await page.evaluate(spreadText);
  await measure(" with spread text", 390, 1280);
  return complaints;
}

/** Each begins at 390 px, and the last one leaves other styles. */
const checks = {
  fonts: missingFonts,
  axe: axeFaults,
  text: (page: Page) => page.evaluate<string[]>(smallText),
  targets: tooSmall,
  width: tooWideAt,
};

const browser = await launchBrowser();
const site = await buildTestSite();
const served = await serveKinds(site);
/** Articles with every element, a series and a draft. */
const ARTICLES_DIR = path.resolve(import.meta.dirname, "../specimens");
const specimens = await buildTestSite({ env: { ARTICLES_DIR }, development: true });

/** What is wrong, by check and by the name of the page. */
const faults: Record<string, Record<string, string[]>> = {};
const foreign: string[] = [];
const complaints: string[] = [];

/** Visits each kind of page once: loading the pages takes longer than the checks. */
beforeAll(async () => {
  const named = (origin: string, addresses: string) =>
    addresses.split(" ").map((name) => ({ name, url: origin + name }));
  const kinds = [
    ...served.pages,
    ...named(served.origin, "/articles/two-writes-and-an-outbox /articles/retries-multiply"), // tables, figures
    ...named(specimens.origin, "/articles/specimen /articles/specimen-part-1 /articles/half-done"),
    ...named(specimens.origin, "/articles /authors/rosa-lind /search?q=retry"),
  ];
  const context = await browser.newContext({ reducedMotion: "reduce" });
  await context.addInitScript(axe.source); // takes a quarter of the time of evaluating it on each page
  context.on("request", (asked) => {
    const { origin } = new URL(asked.url());
    if (![served, specimens].some((ours) => ours.origin === origin)) foreign.push(asked.url());
  });
  context.on("requestfailed", (failed) => {
    const why = failed.failure()?.errorText ?? "";
    if (why !== "net::ERR_ABORTED") complaints.push(`${failed.url()}: ${why}`); // aborted: the test went on
  });
  context.on("weberror", (error) => complaints.push(error.error().message));
  context.on("console", (message) => complaints.push(message.text()));
  const page = await context.newPage();
  const record = (kind: string, name: string, wrong: string[]) => {
    if (wrong.length > 0) faults[kind] = { ...faults[kind], [name]: [...new Set(wrong)] };
  };
  for (const { name, url } of kinds) {
    await page.goto(url);
    for (const [kind, check] of Object.entries(checks)) {
      await page.setViewportSize({ width: 390, height: 900 });
      record(kind, name, await check(page));
    }
  }
  const seen = new Set(kinds.map(({ name }) => name));
  for (const address of (await publicAddresses(site)).filter((path) => !seen.has(path))) {
    await page.goto(served.origin + address);
    record("axe", `${address} on a phone`, await axeFaults(page, [390]));
  }
  expect(served.pages.length).toBeGreaterThan(30);
  await context.close();
}, 600_000);

test.each([
  ["axe", "axe finds nothing, in light and dark, at three widths"],
  ["width", "nothing is wider than the screen, also with large and wide text"],
  ["targets", "every control is at least 44 px high, of a note 24 px"],
  ["text", "no text on a phone is smaller than 12 px, and in figures than 13 px"],
  ["fonts", "the fonts load"],
])("%s: %s", (kind) => {
  expect(faults[kind]).toBeUndefined();
});

test("pages request nothing from elsewhere and log nothing", () => {
  expect({ foreign, complaints }).toEqual({ foreign: [], complaints: [] });
});

// What moves is watched from before the first paint. After two frames all of it is recorded.
const watch = `{
  window.shifts = [];
  window.painted = new Promise((resolve) => {
    new PerformanceObserver((list) => list.getEntriesByName("first-contentful-paint").length && resolve()).observe({ type: "paint", buffered: true });
  });
  window.observer = new PerformanceObserver((list) => window.shifts.push(...list.getEntries()));
  window.observer.observe({ type: "layout-shift", buffered: true });
}`;

const totalShift = `new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))).then(() =>
  [...window.shifts, ...window.observer.takeRecords()].reduce((sum, { value }) => sum + value, 0))`;

/** Opens a page on which fonts arrive after the first paint. Returns how to open a URL and what moves. */
async function openShifting(width: number): Promise<(url: string) => Promise<number>> {
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  let released = Promise.withResolvers<void>();
  // With a route there is no cache: each page requests its fonts, like the first one of a visitor.
  await page.route(/\.woff2$/, async (route) => {
    await released.promise;
    await route.continue();
  });
  await page.addInitScript(watch);
  return async (url) => {
    released = Promise.withResolvers();
    await page.goto(url, { waitUntil: "domcontentloaded" });
    await page.evaluate("window.painted");
    released.resolve();
    if ((await missingFonts(page)).length > 0) throw new Error(`${url}: the fonts never arrive`);
    return page.evaluate<number>(totalShift);
  };
}

test("nothing moves when the fonts arrive after the first paint", async () => {
  const moved: Record<string, number[]> = {};
  const openers = await Promise.all([390, 820, 1440].map(openShifting));
  for (const { name, url } of served.pages) {
    const shifts = await Promise.all(openers.map((open) => open(url)));
    if (Math.max(...shifts) > 0.01) moved[name] = shifts;
  }
  expect(moved).toEqual({});
}, 180_000);
