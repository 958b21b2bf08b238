// Development: an open page reloads itself after a save.

import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { Page } from "playwright-core";
import { watchLibrary } from "../../src/articles/library.ts";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import { launchBrowser } from "../support/browser.ts";
import type { TestSite } from "../support/site.ts";

const files = { "a.md": articleFile({ title: "Before" }, "The first words.\n") };

const browser = await launchBrowser();
let page: Page;
let site: TestSite;
let origin = "";
let stopWatching: () => void;

const connection = () => page.waitForResponse((response) => response.url().endsWith("/dev/events"));
const open = async (address: string) => {
  const connected = connection();
  await page.goto(origin + address);
  await connected;
  await page.evaluate("window.isOld = true");
};
beforeEach(async () => {
  site = await buildSiteOf(files, { development: true });
  stopWatching = watchLibrary(site.library, { info: () => {}, error: () => {} });
  ({ origin } = site);
  page = await browser.newPage();
  await open("/articles/a");
});
afterEach(async () => {
  stopWatching();
  await page.close();
});

const save = (name: string, text: string) =>
  writeFile(path.join(site.config.articlesDir, name), text);
const seen = (text: string) => page.getByText(text).first().waitFor();
const isOld = () => page.evaluate<boolean>("window.isOld === true");

test("an open page shows each save of an article", async () => {
  for (const words of ["The second words.", "The third words."]) {
    await save("a.md", articleFile({ title: "After" }, `${words}\n`));
    await seen(words);
  }
  expect(await page.locator("h1").innerText()).toBe("After");
});

test("an open page shows errors of articles until they are corrected", async () => {
  await save("a.md", articleFile({ drfat: "true" }, "The second words.\n"));
  await seen("Readers see the last good version until this is corrected");
  await seen('a.md:6: unknown key "drfat": use title, ');
  await save("a.md", articleFile({}, "The third words.\n"));
  await seen("The third words.");
  expect(await page.getByRole("alert").count()).toBe(0);
});

test("an open page reloads when the site was restarted", async () => {
  await site.close();
  const loaded = page.waitForEvent("load");
  const port = Number(new URL(origin).port);
  await using restarted = await buildSiteOf(files, { development: true, port });
  await loaded;
  expect([restarted.origin, await isOld()]).toEqual([origin, false]);
});

test("an open page on which nothing changes stays as it is", async () => {
  await page.waitForTimeout(17_000); // the server ends a connection without traffic after 15 s
  expect(await isOld()).toBe(true);
}, 40_000);
