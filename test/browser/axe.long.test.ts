// axe, with its best practices, on every kind of page that a visitor may come to see, the failures
// among them: three widths, both schemes. All articles are visited at 390 px, and one of them at
// the other widths, where they have the same elements. test/browser/pages.test.ts asks the same of
// fewer pages and widths, for every day.

import axe from "axe-core";
import type { Browser } from "playwright-core";
import { describeInBrowser, launchBrowser } from "../support/browser.ts";
import { listen } from "../support/listen.ts";
import { buildTestSite } from "../support/site.ts";
import { visitAll, type Visit } from "../support/visits.ts";

type Violation = { id: string; nodes: { target: string[]; failureSummary: string }[] };

// A script for the page; it is text because the tests are compiled without the types of a browser.
const runAxe = (runOnly: string) =>
  `axe.run({ runOnly: ${runOnly}, resultTypes: ["violations"] }).then(({ violations }) => violations)`;

/** The dark scheme changes nothing but colours. */
const rules = {
  light: '["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]',
  dark: '{ type: "rule", values: ["color-contrast", "link-in-text-block"] }',
};

describeInBrowser("axe on every page", () => {
  let site: Awaited<ReturnType<typeof buildTestSite>>;
  let browser: Browser;
  let origin = "";
  let visits: Visit[] = [];

  beforeAll(async () => {
    site = await buildTestSite();
    origin = await listen(site.server);
    visits = onePerKind(await visitAll(site), /^\/(topics|authors)\/|\/examples$/);
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    site.server.closeAllConnections();
    site.server.close();
    await site.close();
  });

  /**
   * Keeps the first of the pages whose names match in the same way: the others have the same
   * elements.
   */
  function onePerKind(all: Visit[], kinds: RegExp): Visit[] {
    const kindOf = ({ name }: Visit) => kinds.exec(name)?.[0] ?? name;
    return all.filter(
      (visit, index) => all.findIndex((other) => kindOf(other) === kindOf(visit)) === index,
    );
  }

  test.each([390, 834, 1440])(
    "finds nothing at %d px, in light and dark",
    async (width) => {
      const context = await browser.newContext({
        viewport: { width, height: 900 },
        reducedMotion: "reduce",
      });
      const page = await context.newPage();
      const faults: string[] = [];
      for (const { name, status, html } of width === 390
        ? visits
        : onePerKind(visits, /^\/articles\/(?=[^/]+$)/)) {
        await page.route(`${origin}/seen`, (route) =>
          route.fulfill({ status, contentType: "text/html; charset=utf-8", body: html }),
        );
        await page.goto(`${origin}/seen`);
        await page.unroute(`${origin}/seen`);
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
      await context.close();
    },
    180_000,
  );
});
