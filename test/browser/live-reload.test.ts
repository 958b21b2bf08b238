// Development: an open page reloads itself after a save and shows what is wrong. Only development has a script.

import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import request from "supertest";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import { describeInBrowser, launchBrowser } from "../support/browser.ts";
import { listen } from "../support/listen.ts";

const files = { "a.md": articleFile({ title: "Before" }, "The first words.\n") };

describeInBrowser("an open page in development", () => {
  let browser: Browser;
  let page: Page;
  let site: Awaited<ReturnType<typeof buildSiteOf>>;
  let origin = "";

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  beforeEach(async () => {
    site = await buildSiteOf(files, { development: true });
    site.watchFiles();
    origin = await listen(site.server);
    page = await browser.newPage();
    const connected = page.waitForResponse((response) => response.url().endsWith("/dev/events"));
    await page.goto(`${origin}/articles/a`);
    await connected;
  });
  afterEach(async () => {
    await page.close();
    site.server.closeAllConnections();
    site.server.close();
    await site.close();
  });

  const save = (name: string, text: string) => writeFile(path.join(site.articlesDir, name), text);
  const reloads = () => site.logged.filter(({ msg }) => msg === "the articles were reloaded");
  const seen = (text: string) => page.getByText(text).first().waitFor();

  test("shows a saved article without a reload by hand, each time", async () => {
    for (const words of ["The second words.", "The third words."]) {
      await save("a.md", articleFile({ title: "After" }, `${words}\n`));
      await seen(words);
    }
    expect(await page.locator("h1").innerText()).toBe("After");
  });

  test("shows what is wrong with a saved article, with its line, above the last good version; and no longer once it is corrected, which is logged", async () => {
    await save("a.md", articleFile({ title: "After", drfat: "true" }, "The second words.\n"));
    await seen('unknown key "drfat", did you mean "draft"?');
    expect(await page.locator(".mistakes li code").innerText()).toMatch(/\/a\.md:6$/);
    expect(await page.locator("h1").innerText()).toBe("Before");
    expect(reloads()).toHaveLength(0);
    await save("a.md", articleFile({ title: "After" }, "The second words.\n"));
    await seen("The second words.");
    await page.locator(".mistakes").waitFor({ state: "detached" });
    expect(reloads()).toHaveLength(1);
  });

  test("keeps the mistakes visible while it is scrolled, those in its own article first", async () => {
    await page.setViewportSize({ width: 800, height: 600 });
    await page.evaluate("window.scrollTo(0, 700)");
    const list = page.locator(".mistakes");
    const wrong = "<b>wrong</b>\n\n".repeat(20);
    await save("0-other.md", articleFile({ title: "Other", description: "o".repeat(80) }, wrong));
    await save("a.md", articleFile({ title: "Before" }, `The second words.\n\n${wrong}`));
    await seen("Mistakes in articles: 40");
    expect(await list.locator("code").first().innerText()).toMatch(/\/a\.md:10$/);
    for (const position of [700, 1_500]) {
      await page.evaluate(`window.scrollTo(0, ${position})`);
      const { y = 0, height = 0 } = (await list.boundingBox()) ?? {};
      expect([Math.round(y + height), height > 100, height <= 0.3 * 600]).toEqual([
        600,
        true,
        true,
      ]);
    }
  });

  test("shows a new article in the list, with its mark", async () => {
    const connected = page.waitForResponse((response) => response.url().endsWith("/dev/events"));
    await page.goto(`${origin}/articles`);
    await connected;
    await save("b.md", articleFile({ title: "Another", draft: "true" }));
    await seen("Another");
    expect(await page.locator(".hidden-mark").innerText()).toBe("Draft");
  });

  test("stays as it is when its event stream is cut, and still reloads after the next save", async () => {
    await page.evaluate("window.isOld = true");
    const connectedAgain = page.waitForResponse((response) =>
      response.url().endsWith("/dev/events"),
    );
    site.server.closeAllConnections();
    await connectedAgain;
    expect(await page.evaluate("window.isOld")).toBe(true);
    await save("a.md", articleFile({ title: "After" }, "The second words.\n"));
    await seen("The second words.");
  });

  test("reloads when the site was restarted", async () => {
    await page.evaluate("window.isOld = true");
    site.server.close();
    site.server.closeAllConnections();
    const restarted = await buildSiteOf(files, { development: true });
    const loaded = page.waitForEvent("load");
    restarted.server.listen(Number(new URL(origin).port), "127.0.0.1");
    await loaded;
    expect(await page.evaluate("window.isOld")).toBeUndefined();
    restarted.server.closeAllConnections();
    restarted.server.close();
    await restarted.close();
  });
});

describe("scripts", () => {
  const policyOf = async (options: Parameters<typeof buildSiteOf>[1]) => {
    const site = await buildSiteOf(files, options);
    const { headers, text } = await request(site.server).get("/articles/a");
    const script = await request(site.server).get("/dev/reload.js");
    await site.close();
    return {
      policy: headers["content-security-policy"] ?? "",
      loaded: text.includes("<script src="),
      status: script.status,
    };
  };
  const production = {
    NODE_ENV: "production",
    SITE_URL: "https://cleansystems.dk",
    CONTACT_EMAIL: "hi@cleansystems.dk",
    SMTP_URL: "smtp://localhost",
    MAIL_FROM: "site@cleansystems.dk",
    MAIL_TO: "hi@cleansystems.dk",
  };

  test.each([
    ["production", { env: production }],
    ["a site on a desk", {}],
  ])("neither exist nor are allowed in %s", async (_what, options) => {
    const { policy, loaded, status } = await policyOf(options);
    expect([
      policy.includes("default-src 'none'"),
      /script-src|unsafe/.test(policy),
      loaded,
      status,
    ]).toEqual([true, false, false, 404]);
  });

  test("in development are one file of the site", async () => {
    const { policy, loaded, status } = await policyOf({ development: true });
    expect([
      /script-src ([^;]+)/.exec(policy)?.[1],
      policy.includes("unsafe"),
      loaded,
      status,
    ]).toEqual(["'self'", false, true, 200]);
  });
});
