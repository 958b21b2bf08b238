// `npm run screenshots [page …]`: every page type at three widths in both schemes, into
// screenshots/, with frozen clocks, and the mail and the digest to staff.

import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fill } from "../src/cli/seed.ts";
import { launchBrowser } from "./support/browser.ts";
import { opened } from "./support/opened.ts";
import { buildTestSite } from "./support/site.ts";
import { serveKinds } from "./support/visits.ts";

const out = path.resolve(import.meta.dirname, "../screenshots");
const wanted = process.argv.slice(2);

const site = await buildTestSite();
const { origin, pages } = await serveKinds(site);

// Articles with every element, as their authors see them: a series, drafts, scheduled ones, an
// error.
const ARTICLES_DIR = path.resolve(import.meta.dirname, "specimens");
const specimens = await buildTestSite({ env: { ARTICLES_DIR }, development: true });

// The mail and the digest of a store that `npm run seed` filled.
const seeded = await buildTestSite();
await fill(seeded.store, seeded.config, seeded.clock.now);
await seeded.worker.deliverDue();
const mail = seeded.mailbox.at(-1)?.html ?? "";
seeded.clock.now = new Date("2026-11-25T07:00:00Z");
await seeded.worker.runJobs();
const digest = seeded.mailbox.at(-1)?.text ?? "";
await mkdir(out, { recursive: true });
for (const [name, text] of Object.entries({ "mail.html": mail, "digest.txt": digest }))
  await writeFile(path.join(out, name), `\ufeff${text}`); // a browser guesses the encoding of a text otherwise

const urls: Record<string, string> = {
  ...Object.fromEntries(
    pages.map(({ name, url }) => [name.replace(/\W+/g, "-").replace(/^-|-$/g, "") || "home", url]),
  ),
  article: `${origin}/articles/why-backend-developers-carry-the-most-responsibility`,
  "article-code": `${origin}/articles/spring-boot-configuration-management`,
  "article-figures": `${origin}/articles/retries-multiply`,
  specimen: `${specimens.origin}/articles/specimen`,
  "specimen-part-3": `${specimens.origin}/articles/specimen-part-3`,
  "specimen-list": `${specimens.origin}/articles`,
  "specimen-author": `${specimens.origin}/authors/rosa-lind`,
  "specimen-draft": `${specimens.origin}/articles/half-done`,
  mail: `file://${out}/mail.html`,
  digest: `file://${out}/digest.txt`,
};
const unknown = wanted.filter((name) => !Object.hasOwn(urls, name));
if (unknown.length > 0)
  throw new Error(`no such page: ${unknown.join(", ")}; use ${Object.keys(urls).join(", ")}`);

await using browser = await launchBrowser();
for (const colorScheme of ["light", "dark"] as const)
  for (const width of [360, 820, 1440]) {
    const viewport = { width, height: 900 };
    const page = await browser.newPage({ colorScheme, viewport, reducedMotion: "reduce" });
    for (const [name, url] of Object.entries(urls)) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      await page.goto(url);
      await page.evaluate("document.fonts.ready");
      await page.reload(); // fonts that came too late for the first visit are now in the cache
      await page.evaluate("document.fonts.ready");
      const file = path.join(out, `${name}-${width}-${colorScheme}.png`);
      await page.screenshot({ path: file, fullPage: true });
    }
    await page.close();
  }
await opened.disposeAsync();
