// The distances on pages that help to find an article, and between the columns of a table, in a real browser.

import type { Browser, Page } from "playwright-core";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import { describeInBrowser, launchBrowser } from "../support/browser.ts";
import { listen } from "../support/listen.ts";

/** The box of an element; of its text with `text`, which is narrower than a cell. */
const boxOf = (page: Page, selector: string, text = false) =>
  page.evaluate<{ top: number; bottom: number; left: number; right: number }>(`{
    const element = document.querySelector(${JSON.stringify(selector)});
    const range = document.createRange();
    range.selectNodeContents(element);
    const { top, bottom, left, right } = (${text} ? range : element).getBoundingClientRect();
    ({ top, bottom, left, right });
  }`);

describeInBrowser("on a phone", () => {
  let site: Awaited<ReturnType<typeof buildSiteOf>>;
  let browser: Browser;
  let page: Page;
  let origin = "";

  beforeAll(async () => {
    const table = "| What | Count | Who |\n| --- | ---: | --- |\n| a | 12,345 | somebody |\n";
    site = await buildSiteOf({ "a.md": articleFile({ topics: "[Java, Teams]" }, table) });
    origin = await listen(site.server);
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 390, height: 800 } });
  });
  afterAll(async () => {
    await browser.close();
    site.server.closeAllConnections();
    site.server.close();
    await site.close();
  });

  test("a search without results ends well above the footer, and its button is beside its field", async () => {
    await page.goto(`${origin}/search?q=zzyzx`);
    const [topics, footer] = [await boxOf(page, ".chips"), await boxOf(page, ".site-footer")];
    expect(footer.top - topics.bottom).toBeGreaterThanOrEqual(32);
    const [field, button] = [await boxOf(page, ".search input"), await boxOf(page, ".search button")];
    expect(Math.abs(button.top + button.bottom - field.top - field.bottom)).toBeLessThan(2);
  });

  test("a right-aligned column is well apart from the next", async () => {
    await page.goto(`${origin}/articles/a`);
    const [count, who] = [await boxOf(page, "td:nth-child(2)", true), await boxOf(page, "td:nth-child(3)", true)];
    expect(who.left - count.right).toBeGreaterThanOrEqual(28);
  });
});
