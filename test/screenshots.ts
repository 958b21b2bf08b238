// `npm run screenshots [page …]`: every page type at three widths in both schemes, into
// screenshots/, with frozen clocks, and the mail to staff.

import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Page } from "playwright-core";
import { fixedPages } from "../src/web/pages.ts";
import { launchBrowser } from "./support/browser.ts";
import { listen } from "./support/listen.ts";
import { postForm } from "./support/post.ts";
import { buildTestSite, filledForm, type TestSite } from "./support/site.ts";
import { press, reachStage, sendInquiry, stages } from "./support/staff.ts";

type Visit = (page: Page) => Promise<void>;

const out = path.resolve(import.meta.dirname, "../screenshots");
const widths = [360, 820, 1440];
const wanted = process.argv.slice(2);

const sites: TestSite[] = [];

/** Builds a site that is closed at the end, and returns it with its origin. */
async function open(options: Parameters<typeof buildTestSite>[0] = {}) {
  const site = await buildTestSite(options);
  sites.push(site);
  return { site, origin: site.origin };
}

const goto =
  (address: string): Visit =>
  async (page) => {
    await page.goto(address);
    await page.evaluate("document.fonts.ready");
    await page.reload(); // fonts that came too late for the first visit are now in the cache
  };

const send =
  (origin: string, form: Record<string, string>): Visit =>
  async (page) => {
    await goto(`${origin}/contact`)(page);
    for (const [name, value] of Object.entries(form)) {
      if (name === "kind") await page.check(`input[name=kind][value=${value}]`);
      else if (name === "start") await page.selectOption("select[name=start]", value);
      else if (value) await page.fill(`[name=${name}]`, value);
    }
    await page.click("button[type=submit]");
  };

const { origin } = await open();
const shots: Record<string, Visit> = {
  ...Object.fromEntries(
    fixedPages.map(({ path }) => [path.slice(1) || "home", goto(origin + path)]),
  ),
  article: goto(`${origin}/articles/why-backend-developers-carry-the-most-responsibility`),
  "article-code": goto(`${origin}/articles/spring-boot-configuration-management`),
  "article-figures": goto(`${origin}/articles/retries-multiply`),
  examples: goto(`${origin}/articles/retries-multiply/examples`),
  "contact-errors": send(origin, { name: "Priya Raman", email: "priya.raman at fjordfreight" }),
  "contact-question": send(origin, { ...filledForm, email: "priya.raman@gmial.com" }),
  receipt: send(origin, filledForm),
  "receipt-unknown": goto(`${origin}/contact/received?ref=CS-0000-0000`),
  "staff-unknown": goto(`${origin}/staff/${"0".repeat(32)}`),
  "not-found": goto(`${origin}/articles/builder-patern-java`),
  failure: goto(`${origin}/topics/%zz`),
  topic: goto(`${origin}/topics/java`),
  author: goto(`${origin}/authors/eric-hanson`),
  search: goto(`${origin}/search?q=retrys+queue`),
  "search-none": goto(`${origin}/search?q=haskell+monads`),
};

// Articles with every element, as their authors see them: a series, drafts, scheduled ones, an
// error.
const specimens = await open({
  env: { ARTICLES_DIR: path.resolve(import.meta.dirname, "specimens") },
  development: true,
});
for (const [name, address] of Object.entries({
  specimen: "/articles/specimen",
  "specimen-part-3": "/articles/specimen-part-3",
  "specimen-list": "/articles",
  "specimen-author": "/authors/rosa-lind",
  "specimen-draft": "/articles/half-done",
}))
  shots[name] = goto(specimens.origin + address);

const storeless = await open();
await storeless.site.close();
const storelessOrigin = await listen(storeless.site.server);
shots["contact-unsaved"] = send(storelessOrigin, filledForm);
shots["receipt-unread"] = goto(`${storelessOrigin}/contact/received?ref=CS-7F3K-9QXM`);

const full = await open({ env: { INQUIRIES_PER_10_MINUTES: "1" } });
await postForm(full.site);
shots["contact-too-many"] = send(full.origin, { ...filledForm, message: "Another one." });

// Each stage has a site: they differ in the time at which they are opened.
for (const stage of Object.keys(stages)) {
  const followed = await open({ env: { CONTACT_PHONE: "+45 12 34 56 78" } });
  const { receipt, page } = await reachStage(followed.site, stage);
  shots[`receipt-${stage}`] = goto(followed.origin + receipt);
  shots[`staff-${stage}`] = goto(followed.origin + page);
}

const shared = await open();
const { page: sharedPage } = await sendInquiry(shared.site);
shots["staff-second"] = async (page) => {
  await press(shared.site, sharedPage, "open"); // it was taken for an earlier screenshot
  await page.goto(shared.origin + sharedPage);
  await press(shared.site, sharedPage, "taken");
  await page.click("button[value=taken]");
};

const mailed = await open();
await sendInquiry(mailed.site);
const mailFile = path.join(out, "mail.html");
await mkdir(out, { recursive: true });
await writeFile(mailFile, mailed.site.mailbox[0]?.html ?? "");
shots["mail"] = goto(`file://${mailFile}`);

const unknown = wanted.filter((name) => !Object.hasOwn(shots, name));
if (unknown.length > 0)
  throw new Error(`no such page: ${unknown.join(", ")}; use ${Object.keys(shots).join(", ")}`);

const browser = await launchBrowser();
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
      await show(page);
      await page.evaluate("document.fonts.ready");
      const file = path.join(out, `${name}-${width}-${colorScheme}.png`);
      await page.screenshot({ path: file, fullPage: true });
    }
    await context.close();
  }
}
await browser.close();
for (const site of sites) await site.close();
