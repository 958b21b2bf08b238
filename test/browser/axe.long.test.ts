// axe, with its best practices, on every kind of page that a visitor may come to see, failures among
// them: three widths, both schemes.

import axe from "axe-core";
import { launchBrowser } from "../support/browser.ts";
import { buildTestSite } from "../support/site.ts";
import { onePerKind, visitAll } from "../support/visits.ts";

type Violation = { id: string; nodes: { target: string[]; failureSummary: string }[] };

// A script for the page is text, because the tests are compiled without the types of a browser.
const runAxe = (runOnly: string) =>
  `axe.run({ runOnly: ${runOnly}, resultTypes: ["violations"] }).then(({ violations }) => violations)`;

/** The dark scheme changes nothing but colours. */
const rules = {
  light: '["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]',
  dark: '{ type: "rule", values: ["color-contrast", "link-in-text-block"] }',
};

const site = await buildTestSite();
const visits = await visitAll(site);
await site.close();
const browser = await launchBrowser();
afterAll(() => browser.close());

// Every page at 390 px, and one of each kind at the other widths.
test.each([390, 834, 1440])(
  "axe finds nothing at %d px, in light and dark",
  async (width) => {
    const page = await browser.newPage({
      viewport: { width, height: 900 },
      reducedMotion: "reduce",
    });
    const faults: string[] = [];
    for (const { name, html } of width === 390 ? visits : onePerKind(visits)) {
      await page.setContent(html);
      await page.evaluate(axe.source);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        for (const { id, nodes } of await page.evaluate<Violation[]>(runAxe(rules[colorScheme])))
          for (const { target, failureSummary } of nodes)
            faults.push(`${name}, ${colorScheme}, ${id}: ${target.join(" ")}: ${failureSummary}`);
      }
    }
    expect(visits.length).toBeGreaterThan(20);
    expect(faults).toEqual([]);
    await page.close();
  },
  300_000,
);
