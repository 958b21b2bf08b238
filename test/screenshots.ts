// `npm run screenshots [page …]`: every page type at three widths in both schemes, into screenshots/. Clocks and timings are frozen.

import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Page } from "playwright-core";
import { fixedPages } from "../src/web/pages.ts";
import { launchBrowser } from "./support/browser.ts";
import { listen } from "./support/listen.ts";
import { postForm } from "./support/post.ts";
import { buildTestSite, filledForm, tuesday } from "./support/site.ts";
import { reachStage, stages } from "./support/staff.ts";

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
  ...Object.fromEntries(fixedPages.map(({ path }) => [path.slice(1) || "home", open(path)])),
  article: open("/articles/why-backend-developers-carry-the-most-responsibility"),
  "article-code": open("/articles/spring-boot-configuration-management"),
  examples: open("/articles/retries-multiply/examples"),
  "contact-errors": post({
    name: "Priya Raman",
    company: "Fjord Freight",
    email: "priya.raman at fjordfreight",
  }),
  "contact-question": post({ ...filledForm, email: "priya.raman@gmial.com" }),
  receipt: post(filledForm),
  "receipt-unknown": open("/contact/received?ref=CS-0000-0000"),
  "staff-unknown": open(`/staff/${"0".repeat(32)}`),
  "not-found": open("/articles/builder-patern-java"),
  failure: open("/topics/%zz"),
  topic: open("/topics/java"),
  author: open("/authors/eric-hanson"),
  search: open("/search?q=retrys+queue"),
  "search-none": open("/search?q=haskell+monads"),
};

/** Pages of the specimen articles, as their authors see them: every element, a series, drafts and scheduled ones, one that is wrong. */
const specimens: typeof shots = {
  specimen: open("/articles/specimen"),
  "specimen-part-3": open("/articles/specimen-part-3"),
  "specimen-list": open("/articles"),
  "specimen-author": open("/authors/rosa-lind"),
  "specimen-draft": open("/articles/half-done"),
};

/** Pages of a site whose store cannot be written, of one where everybody is over the limit, and of one whose mail has been down. */
const troubled: Record<string, (page: Page, origins: Record<string, string>) => Promise<void>> = {
  "contact-unsaved": (page, { broken = "" }) => post(filledForm)(page, broken),
  "contact-too-many": (page, { full = "" }) =>
    post({ ...filledForm, message: "Another one." })(page, full),
  "receipt-unread": (page, { broken = "" }) =>
    open("/contact/received?ref=CS-7F3K-9QXM")(page, broken),
  "receipt-delayed": (page, { delayed = "" }) =>
    post({ ...filledForm, message: "A late one." })(page, delayed),
};

/** The receipt and the staff page at each stage of an inquiry, which each have a site: they differ in the time at which they are opened. */
const followed = await Promise.all(
  Object.keys(stages).map(async (stage) => {
    const site = await buildTestSite({ env: { CONTACT_PHONE: "+45 12 34 56 78" } });
    const paths = await reachStage(site, stage);
    return { stage, site, origin: await listen(site.server), paths };
  }),
);
const followedShots = followed.flatMap(({ stage, origin, paths }) => [
  [`receipt-${stage}`, (page: Page) => open(paths.receipt)(page, origin)] as const,
  [`staff-${stage}`, (page: Page) => open(paths.page)(page, origin)] as const,
]);

const wanted = process.argv.slice(2);
const site = await buildTestSite();
const origin = await listen(site.server);
const specimenFolder = path.resolve(import.meta.dirname, "../views/dev/articles");
const specimenSite = await buildTestSite({
  env: { ARTICLES_DIR: specimenFolder },
  development: true,
});
const specimenOrigin = await listen(specimenSite.server);
const [broken, full, delayed] = [
  await buildTestSite(),
  await buildTestSite({ env: { INQUIRIES_PER_10_MINUTES: "1" } }),
  await buildTestSite({ env: { CONTACT_PHONE: "+45 12 34 56 78" } }),
];
const origins = {
  broken: await listen(broken.server),
  full: await listen(full.server),
  delayed: await listen(delayed.server),
};
await postForm(full);
await postForm(delayed);
delayed.clock.now = new Date(tuesday.getTime() + 2 * 3_600_000);
await broken.close();
const browser = await launchBrowser();
await mkdir(out, { recursive: true });
for (const form of ["html", "txt"])
  await writeFile(
    path.join(out, `mail.${form}`),
    await (await fetch(`${specimenOrigin}/dev/mail.${form}`)).text(),
  );
for (const colorScheme of ["light", "dark"] as const) {
  for (const width of widths) {
    const context = await browser.newContext({
      colorScheme,
      viewport: { width, height: 900 },
      reducedMotion: "reduce",
    });
    const page = await context.newPage();
    const all = Object.entries(shots).map(
      ([name, show]) => [name, (page: Page) => show(page, origin)] as const,
    );
    const more = Object.entries(troubled).map(
      ([name, show]) => [name, (page: Page) => show(page, origins)] as const,
    );
    const authors = Object.entries(specimens).map(
      ([name, show]) => [name, (page: Page) => show(page, specimenOrigin)] as const,
    );
    for (const [name, show] of [...all, ...authors, ...more, ...followedShots]) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      await show(page);
      await page.evaluate("document.fonts.ready");
      await page.screenshot({
        path: path.join(out, `${name}-${width}-${colorScheme}.png`),
        fullPage: true,
      });
    }
    if (wanted.length === 0 || wanted.includes("mail")) {
      await page.goto(`${specimenOrigin}/dev/mail.html`);
      await page.screenshot({
        path: path.join(out, `mail-${width}-${colorScheme}.png`),
        fullPage: true,
      });
    }
    await context.close();
  }
}
await browser.close();
for (const one of followed) one.site.server.close();
await Promise.all(followed.map((one) => one.site.close()));
for (const { server } of [site, specimenSite, broken, full, delayed]) server.close();
specimenSite.server.closeAllConnections();
await Promise.all([site.close(), specimenSite.close(), full.close(), delayed.close()]);
