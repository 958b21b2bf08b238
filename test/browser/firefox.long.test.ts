// Every kind of page in Firefox: nothing wider than the screen, labels in the middle of their bars,
// axe, and the form by keyboard. Skipped where Firefox is missing, except in CI.

import axe from "axe-core";
import { fields } from "../../src/inquiries/form.ts";
import { hasFirefox, keys, launchFirefox } from "../support/firefox.ts";
import { filledAnswers } from "../support/form.ts";
import { buildTestSite } from "../support/site.ts";
import { kindsOfPages, onePerKind, serveVisits, visitAll } from "../support/visits.ts";

// Scripts for the page are text, because the tests are compiled without the types of a browser.
const tooWide = `document.scrollingElement.scrollWidth - document.documentElement.clientWidth`;
const runAxe = `axe.run({ resultTypes: ["violations"] }).then(({ violations }) =>
  violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => [id, target, failureSummary].join(": "))))`;
/** How far each label is above or below the middle of its bar, in pixels. */
const labelOffsets = `(() => {
  const middle = (element) => { const { top, bottom } = element.getBoundingClientRect(); return (top + bottom) / 2; };
  const offset = (svg) => Array.from(svg.querySelectorAll("text, tspan"), (text) => Math.abs(middle(text) - middle(svg)));
  return Array.from(document.querySelectorAll(".trace svg")).flatMap(offset);
})()`;
const painted = `new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))`;
const focused = `document.activeElement.name || document.activeElement.id || document.activeElement.textContent.trim()`;

if (!hasFirefox) console.warn("Firefox (firefox-esr) is missing: its tests are skipped.");

// Firefox is optional for developers. In CI its absence is a failure.
(hasFirefox ? describe : describe.skip)("in Firefox", () => {
  let site: Awaited<ReturnType<typeof buildTestSite>>;
  let firefox: Awaited<ReturnType<typeof launchFirefox>>;
  let served: Awaited<ReturnType<typeof serveVisits>>;

  beforeAll(async () => {
    site = await buildTestSite();
    served = await serveVisits(site, onePerKind(await visitAll(site), kindsOfPages));
    firefox = await launchFirefox();
  });
  afterAll(async () => {
    await firefox.close();
    served.close();
    await site.close();
  });

  test("no page is wider than the screen, labels are in the middle of their bars, and axe finds nothing", async () => {
    const faults: string[] = [];
    for (const { name, url } of served.pages) {
      await firefox.resize(360, 800);
      await firefox.open(url);
      await firefox.evaluate(`void document.fonts.ready`);
      const offsets = await firefox.evaluate<number[]>(labelOffsets);
      if (offsets.some((offset) => offset > 1.5)) faults.push(`${name}: labels ${offsets.join()}`);
      await firefox.evaluate(`void (() => { ${axe.source} })()`);
      for (const width of [320, 360, 1440]) {
        await firefox.resize(width, 800);
        const excess = await firefox.evaluate<number>(tooWide);
        if (excess > 0) faults.push(`${name}: ${excess} px too wide at ${width}`);
        if (width === 320) continue;
        for (const fault of await firefox.evaluate<string[]>(runAxe))
          faults.push(`${name} at ${width}: ${fault}`);
      }
    }
    expect(served.pages.length).toBeGreaterThan(30);
    expect(faults).toEqual([]);
  }, 300_000);

  test("the form is sent by keyboard: errors, their links, and the receipt", async () => {
    const tabTo = async (name: string) => {
      for (let stops = 0; stops < 60; stops += 1) {
        await firefox.press(keys.tab);
        if ((await firefox.evaluate<string>(focused)) === name) return;
      }
      throw new Error(`Tab never reaches ${name}`);
    };
    await firefox.resize(390, 664);
    await firefox.open(`${served.origin}/contact`);
    await tabTo("Send to our engineers");
    await firefox.load(() => firefox.press(keys.enter));
    await firefox.evaluate(painted);
    expect(await firefox.evaluate(focused)).toBe("page-problems");

    for (const { name } of fields.filter(({ missing }) => missing)) {
      await firefox.evaluate(`document.querySelector('a[href="#page-${name}"]').focus()`);
      await firefox.press(keys.enter);
      await firefox.evaluate(painted);
      const top = `document.querySelector(".field:has([name=${name}])").getBoundingClientRect().top`;
      expect([await firefox.evaluate(focused), (await firefox.evaluate<number>(top)) >= 0]).toEqual(
        [name, true],
      );
    }

    await firefox.evaluate(`document.querySelector(".logo").focus()`);
    await tabTo("name");
    for (const { name, control } of fields) {
      if (control === "radio") await firefox.press(keys.space);
      else if (control === "select") await firefox.press(keys.down);
      else await firefox.press(filledAnswers[name].replaceAll("\n", " "));
      await firefox.press(keys.tab);
    }
    expect(await firefox.evaluate(focused)).toBe("Send to our engineers");
    await firefox.load(() => firefox.press(keys.enter));
    expect(await firefox.evaluate("location.pathname")).toBe("/contact/received");
  });
});
