// `npm run screenshots [page …]`: every page type at three widths in both schemes, into screenshots/. Clocks and timings are frozen.

import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { Page } from "playwright-core";
import { launchBrowser, listen } from "./support/browser.ts";
import { buildTestSite, filledForm } from "./support/site.ts";

const out = path.resolve(import.meta.dirname, "../screenshots");
const widths = [390, 834, 1440];

const post = (form: Record<string, string>) => async (page: Page, origin: string) => {
  await page.goto(`${origin}/contact`);
  for (const [name, value] of Object.entries(form)) {
    if (name === "kind") await page.check(`input[name=kind][value=${value}]`);
    else if (name === "start") await page.selectOption("select[name=start]", value);
    else if (value) await page.fill(`[name=${name}]`, value);
  }
  await page.click("button[type=submit]");
};
const open = (address: string) => async (page: Page, origin: string) => {
  await page.goto(origin + address);
};

const shots: Record<string, (page: Page, origin: string) => Promise<void>> = {
  home: open("/"),
  articles: open("/articles"),
  article: open("/articles/why-backend-developers-carry-the-most-responsibility"),
  "article-code": open("/articles/spring-boot-configuration-management"),
  "how-we-work": open("/how-we-work"),
  contact: open("/contact"),
  "contact-errors": post({ name: "Priya Raman", company: "Fjord Freight", email: "priya.raman at fjordfreight" }),
  receipt: post(filledForm),
  "receipt-unknown": open("/contact/received?ref=CS-0000-0000"),
  "not-found": open("/articles/builder-patern-java"),
  privacy: open("/privacy"),
};

const wanted = process.argv.slice(2);
const site = await buildTestSite();
const origin = await listen(site.server);
const browser = await launchBrowser();
await mkdir(out, { recursive: true });
for (const colorScheme of ["light", "dark"] as const) {
  for (const width of widths) {
    const context = await browser.newContext({
      colorScheme,
      viewport: { width, height: 900 },
      reducedMotion: "reduce",
    });
    const page = await context.newPage();
    for (const [name, show] of Object.entries(shots)) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      await show(page, origin);
      await page.evaluate("document.fonts.ready");
      await page.screenshot({ path: path.join(out, `${name}-${width}-${colorScheme}.png`), fullPage: true });
    }
    await context.close();
  }
}
await browser.close();
site.server.close();
await site.close();
