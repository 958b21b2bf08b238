// Engines other than Chromium's: nothing wider than the screen, labels in the middle of their bars, axe,
// and the form by keyboard.

import { setTimeout as sleep } from "node:timers/promises";
import axe from "axe-core";
import { fields } from "../../src/inquiries/form.ts";
import { tooWide } from "../support/browser.ts";
import { launchFirefox, launchWebKit } from "../support/engines.ts";
import { filledAnswers } from "../support/form.ts";
import { buildTestSite } from "../support/site.ts";
import { serveKinds } from "../support/visits.ts";

/** Keys as WebDriver names them. */
const keys = { tab: "\uE004", enter: "\uE006", down: "\uE015", space: " " };

const runAxe = `axe.run({ resultTypes: ["violations"] }).then(({ violations }) =>
  violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => [id, target, failureSummary].join(": "))))`;
/** How far each label is above or below the middle of its bar, in pixels. */
const labelOffsets = `(() => {
  const middle = (element) => { const { top, bottom } = element.getBoundingClientRect(); return (top + bottom) / 2; };
  const offset = (svg) => Array.from(svg.querySelectorAll("text, tspan"), (text) => Math.abs(middle(text) - middle(svg)));
  return Array.from(document.querySelectorAll(".trace svg")).flatMap(offset);
})()`;
// Asking for a height lays the page out, which is when fonts begin to load.
const fontsReady = `(document.body.offsetHeight, document.fonts.ready).then(() => true)`;
const focused = `document.activeElement.name || document.activeElement.id || document.activeElement.textContent.trim()`;

const site = await buildTestSite();
const served = await serveKinds(site);

describe.each([
  ["Firefox", launchFirefox],
  ["WebKit", launchWebKit],
])("in %s", (_name, launch) => {
  let browser: Awaited<ReturnType<typeof launch>>;
  beforeAll(async () => {
    browser = await launch();
  });

  test("no page is too wide, labels are in their bars, axe finds nothing", async () => {
    const faults: string[] = [];
    for (const { name: page, url } of served.pages) {
      await browser.resize(360, 800);
      await browser.open(url);
      await browser.evaluate(fontsReady);
      const offsets = await browser.evaluate<number[]>(labelOffsets);
      if (offsets.some((offset) => offset > 1.5)) faults.push(`${page}: labels ${offsets.join()}`);
      await browser.evaluate(`void (() => { ${axe.source} })()`);
      for (const width of [320, 360, 1440]) {
        await browser.resize(width, 800);
        const excess = await browser.evaluate<number>(tooWide);
        if (excess > 0) faults.push(`${page}: ${excess} px too wide at ${width}`);
        if (width === 320) continue;
        for (const fault of await browser.evaluate<string[]>(runAxe))
          faults.push(`${page} at ${width}: ${fault}`);
      }
    }
    expect(served.pages.length).toBeGreaterThan(30);
    expect(faults).toEqual([]);
  }, 600_000); // beside other jobs it took 300 s

  test("the form is sent by keyboard: errors, their links, and the receipt", async () => {
    /** Asks a page again and again, also while another one loads, where a script fails. */
    const until = async (condition: string) => {
      for (let asked = 0; asked < 500; asked += 1) {
        if (await browser.evaluate(condition).catch(() => false)) return;
        await sleep(20);
      }
      throw new Error(`never: ${condition}`);
    };
    const tabTo = async (name: string) => {
      for (let stops = 0; stops < 60; stops += 1) {
        await browser.press(keys.tab);
        if ((await browser.evaluate<string>(focused)) === name) return;
      }
      throw new Error(`Tab never reaches ${name}`);
    };
    await browser.resize(390, 664);
    await browser.open(`${served.origin}/contact`);
    await tabTo("Send to our engineers");
    await browser.press(keys.enter);
    await until(`document.activeElement.id === "page-problems"`);

    for (const { name } of fields.filter(({ missing }) => missing)) {
      await browser.evaluate(`document.querySelector('a[href="#page-${name}"]').focus()`);
      await browser.press(keys.enter);
      await until(`document.activeElement.name === "${name}"`);
      const top = `document.querySelector(".field:has([name=${name}])").getBoundingClientRect().top`;
      await until(`${top} >= 0`);
    }

    await browser.evaluate(`document.querySelector(".logo").focus()`);
    await tabTo("name");
    for (const { name, control } of fields) {
      if (control === "radio") await browser.press(keys.space);
      else if (control === "select") await browser.press(keys.down);
      else await browser.press(filledAnswers[name].replaceAll("\n", " "));
      await browser.press(keys.tab);
    }
    expect(await browser.evaluate(focused)).toBe("Send to our engineers");
    await browser.press(keys.enter);
    await until(`location.pathname === "/contact/received"`);
  });
});
