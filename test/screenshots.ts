// `npm run screenshots [page …]`: every page type at three widths in both schemes, into
// screenshots/, with frozen clocks, and the mail and the digest to staff.

import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Page } from "playwright-core";
import { fill } from "../src/cli/seed.ts";
import { launchBrowser } from "./support/browser.ts";
import { buildTestSite, type TestSite } from "./support/site.ts";
import { serveKinds } from "./support/visits.ts";

type Visit = (page: Page) => Promise<void>;

const out = path.resolve(import.meta.dirname, "../screenshots");
const widths = [360, 820, 1440];
const wanted = process.argv.slice(2);

const sites: TestSite[] = [];

/** Builds a site that is closed at the end. */
async function open(options: Parameters<typeof buildTestSite>[0] = {}): Promise<TestSite> {
  const site = await buildTestSite(options);
  sites.push(site);
  return site;
}

const goto =
  (address: string): Visit =>
  async (page) => {
    await page.goto(address);
    await page.evaluate("document.fonts.ready");
    await page.reload(); // fonts that came too late for the first visit are now in the cache
  };

const served = await serveKinds(await open());
const shots: Record<string, Visit> = Object.fromEntries(
  served.pages.map(({ name, url }) => [
    name.replace(/\W+/g, "-").replace(/^-|-$/g, "") || "home",
    goto(url),
  ]),
);
for (const [name, slug] of Object.entries({
  article: "why-backend-developers-carry-the-most-responsibility",
  "article-code": "spring-boot-configuration-management",
  "article-figures": "retries-multiply",
}))
  shots[name] = goto(`${served.origin}/articles/${slug}`);

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

// The mail and the digest of a store that `npm run seed` filled.
const seeded = await open();
await fill(seeded.store, seeded.config, seeded.clock.now);
await seeded.worker.deliverDue();
const mail = seeded.mailbox.at(-1)?.html ?? "";
seeded.clock.now = new Date("2026-11-25T07:00:00Z");
await seeded.worker.runJobs();
const digest = seeded.mailbox.at(-1)?.text ?? "";
await mkdir(out, { recursive: true });
for (const [name, text] of Object.entries({ "mail.html": mail, "digest.txt": digest })) {
  const file = path.join(out, name);
  await writeFile(file, `\ufeff${text}`); // a browser guesses the encoding of a text otherwise
  shots[path.parse(name).name] = goto(`file://${file}`);
}

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
served.close();
for (const one of sites) await one.close();
