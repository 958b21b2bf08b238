// Every kind of page in a real browser: nothing wider than the screen, targets large enough, nothing asked of others. Then the distances on
// pages that help to find an article, and between the columns of a table.

import type { Browser, Page } from "playwright-core";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import { describeInBrowser, launchBrowser } from "../support/browser.ts";
import { listen } from "../support/listen.ts";
import { postForm } from "../support/post.ts";
import { buildTestSite } from "../support/site.ts";
import { sendInquiry } from "../support/staff.ts";
import { publicAddresses, searches } from "../support/visits.ts";

// Scripts for the page; they are text because the tests are compiled without the types of a browser.
const tooWide = `document.scrollingElement.scrollWidth - document.documentElement.clientWidth`;

const doubleText = `document.documentElement.style.fontSize = "200%"`;

const spreadText = `{
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }");
  document.adoptedStyleSheets = [sheet];
}`;

/** What can be pressed, is seen and takes less than 24 px around its middle. A link inside a sentence may be as high as its line. */
const smallTargets = `Array.from(document.querySelectorAll("a, button, input, select, textarea")).flatMap((element) => {
  const style = getComputedStyle(element);
  const sentence = element.closest("p, li, td, address");
  const inSentence = style.display === "inline" && sentence && sentence.textContent.trim() !== element.textContent.trim();
  if (inSentence || element.type === "hidden" || element.tabIndex < 0 || element.matches(".skip-link")) return [];
  element.scrollIntoView({ block: "center", behavior: "instant" });
  const { x, y, width, height } = element.getBoundingClientRect();
  const target = element.closest("label") ?? element;
  const corners = [[-11.5, -11.5], [11.5, -11.5], [-11.5, 11.5], [11.5, 11.5]];
  const hits = corners.every(([right, down]) => {
    const hit = document.elementFromPoint(x + width / 2 + right, y + height / 2 + down);
    return hit && (target.contains(hit) || hit.control === element);
  });
  return hits ? [] : [element.outerHTML.slice(0, 90) + " " + width.toFixed(1) + "×" + height.toFixed(1)];
})`;

// Asking for a height lays the page out, which is when fonts begin to load.
const fontsOf = `document.body.offsetHeight, document.fonts.ready.then(() => Array.from(document.fonts, ({ family, style, status }) => [family, style, status].join(" ")))`;

async function missingFonts(page: Page): Promise<string[]> {
  const fonts = await page.evaluate<string[]>(fontsOf);
  const missing = ["Schibsted normal loaded"].filter((font) => !fonts.includes(font));
  return [
    ...missing,
    ...fonts.filter((font) => font.endsWith(" error") && !font.includes("Fallback")),
  ];
}

async function tooSmall(page: Page): Promise<string[]> {
  const onPhone = await page.evaluate<string[]>(smallTargets);
  await page.setViewportSize({ width: 1440, height: 900 });
  return [...onPhone, ...(await page.evaluate<string[]>(smallTargets))];
}

async function tooWideAt(page: Page): Promise<string[]> {
  const complaints: string[] = [];
  const measure = async (width: number, how: string) => {
    await page.setViewportSize({ width, height: 900 });
    const excess = await page.evaluate<number>(tooWide);
    if (excess > 0) complaints.push(`${excess} px at ${width}${how}`);
  };
  for (const width of [320, 390, 834, 1440]) await measure(width, "");
  await page.evaluate(doubleText);
  for (const width of [320, 390, 1440]) await measure(width, " with text of 200 %");
  await page.evaluate(`document.documentElement.style.fontSize = ""`);
  await page.evaluate(spreadText);
  for (const width of [390, 1280]) await measure(width, " with spread text");
  return complaints;
}

/** The box of an element; of its text with `text`, which is narrower than a cell. */
const boxOf = (page: Page, selector: string, text = false) =>
  page.evaluate<{ top: number; bottom: number; left: number; right: number }>(`{
    const element = document.querySelector(${JSON.stringify(selector)});
    const range = document.createRange();
    range.selectNodeContents(element);
    const { top, bottom, left, right } = (${text} ? range : element).getBoundingClientRect();
    ({ top, bottom, left, right });
  }`);

/** Each takes a page of 390 px, and the last one leaves other styles. */
const checks = { fonts: missingFonts, targets: tooSmall, width: tooWideAt };

describeInBrowser("pages in a browser", () => {
  let site: Awaited<ReturnType<typeof buildTestSite>>;
  let storeless: typeof site;
  let browser: Browser;
  let origin = "";
  let storelessOrigin = "";
  /** Every kind of page by name, and how to come there. */
  const kinds = new Map<string, (page: Page) => Promise<unknown>>();
  /** What is wrong, by the name of the page. */
  const faults: Record<keyof typeof checks, Record<string, string[]>> = {
    fonts: {},
    targets: {},
    width: {},
  };
  const foreign: string[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    site = await buildTestSite();
    storeless = await buildTestSite();
    origin = await listen(site.server);
    storelessOrigin = await listen(storeless.server);
    await storeless.close();
    browser = await launchBrowser();
    const receipt = `/contact/received?ref=${await postForm(site)}`;
    const { page: staffPage } = await sendInquiry(site, { message: "for the staff page" });
    const unhappy = [
      `/staff/${"0".repeat(32)}`,
      "/nowhere",
      "/articles/%zz",
      "/contact/received?ref=CS-0000-0000",
    ];
    const all = await publicAddresses(site);
    // Topics are alike, and so are authors and articles: one with tables and code, one with a figure. The long test looks at all.
    const firstOf = (folder: string) => all.find((address) => address.startsWith(folder)) ?? "";
    const shown = [
      firstOf("/topics/"),
      firstOf("/authors/"),
      "/articles/two-writes-and-an-outbox",
      "/articles/retries-multiply",
      "/articles/retries-multiply/examples",
    ];
    const looked = all.filter(
      (address) => !/^\/(topics|authors|articles)\//.test(address) || shown.includes(address),
    );
    for (const address of [...looked, ...Object.values(searches), receipt, staffPage, ...unhappy])
      kinds.set(address, (page) => page.goto(origin + address));
    const send = async (page: Page, form: string) => {
      await page.goto(form);
      await page.click("button[type=submit]");
      await page.waitForSelector("h2:has-text('Four answers are missing')");
    };
    kinds.set("form with errors", (page) => send(page, `${origin}/contact`));
    const fillAndSend = async (page: Page, form: string, email: string) => {
      await page.goto(form);
      for (const name of ["name", "message"])
        await page.fill(`[name=${name}]`, "Some words of ours");
      await page.fill("[name=email]", email);
      await page.check("[value=unsure]");
      await page.click("button[type=submit]");
    };
    kinds.set("form with a question", async (page) => {
      await fillAndSend(page, `${origin}/contact`, "a@gmial.com");
      await page.waitForSelector("h1:has-text('Is your email address correct?')");
    });
    kinds.set("form while the store is down", async (page) => {
      await fillAndSend(page, `${storelessOrigin}/contact`, "a@b.example");
      await page.waitForSelector("h1:has-text('We could not save your message')");
    });
    await visitEach();
  }, 300_000);

  /** Visits each kind of page once: loading the pages takes longer than the checks. */
  async function visitEach(): Promise<void> {
    const context = await browser.newContext();
    context.on("request", (asked) => {
      if (![origin, storelessOrigin].includes(new URL(asked.url()).origin))
        foreign.push(asked.url());
    });
    context.on("requestfailed", (failed) => {
      const why = failed.failure()?.errorText ?? "";
      if (why !== "net::ERR_ABORTED") complaints.push(`${failed.url()}: ${why}`); // aborted: the test went on to the next page
    });
    context.on("weberror", (error) => complaints.push(error.error().message));
    context.on("console", (message) => {
      // The browser tells the status of a 404 page here; that is no fault of the page.
      const ownStatus = message
        .text()
        .startsWith("Failed to load resource: the server responded with a status");
      if (!ownStatus || message.location().url !== message.page()?.url())
        complaints.push(message.text());
    });
    const page = await context.newPage();
    for (const [name, come] of kinds) {
      await page.setViewportSize({ width: 390, height: 900 });
      await come(page);
      for (const [kind, check] of Object.entries(checks)) {
        const wrong = await check(page);
        if (wrong.length > 0) faults[kind as keyof typeof checks][name] = [...new Set(wrong)];
      }
    }
    await context.close();
  }

  afterAll(async () => {
    await browser.close();
    site.server.close();
    storeless.server.close();
    await site.close();
  });

  test("nothing is wider than the screen: from 320 px, with text of 200 %, with wide letter spacing", () => {
    expect(faults.width).toEqual({});
  });

  test("every control is at least 24 px large, except links inside a sentence", () => {
    expect(faults.targets).toEqual({});
  });

  test("pages request nothing from other origins and log nothing to the console", () => {
    expect({ foreign, complaints }).toEqual({ foreign: [], complaints: [] });
  });

  test("copied code has neither prompts nor anything of its marks", async () => {
    const session = "```console\n$ npm ci\nadded 1 package\n$ npm test\n```\n";
    const java = '```java mark="1,3-4"\nint a;\n  int b;\nint c;\n\nint d;\n```\n';
    const own = await buildSiteOf({ "a.md": articleFile({}, `${session}\n${java}`) });
    const page = await browser.newPage({ viewport: { width: 1_000, height: 6_000 } });
    await page.goto(`${await listen(own.server)}/articles/a`);
    const copied: string[] = [];
    for (const code of await page.locator("pre").all()) {
      const { x, y, width, height } = (await code.boundingBox()) ?? {
        x: 0,
        y: 0,
        width: 0,
        height: 0,
      };
      await page.mouse.move(x - 5, y + 3);
      await page.mouse.down();
      await page.mouse.move(x + width, y + height - 3);
      await page.mouse.up();
      await page.keyboard.press("Control+C");
      await page.fill("[name=message]", "");
      await page.keyboard.press("Control+V");
      copied.push(await page.inputValue("[name=message]"));
    }
    await page.close();
    own.server.close();
    await own.close();
    expect(copied).toEqual([
      "npm ci\nadded 1 package\nnpm test",
      "int a;\n  int b;\nint c;\n\nint d;",
    ]);
  });

  test("headings are links to themselves by keyboard, with the words of the heading as their name", async () => {
    const page = await browser.newPage();
    await page.goto(`${origin}/articles/retries-multiply`);
    const heading = page.locator(".prose h2").first();
    const link = page.getByRole("link", { name: await heading.innerText(), exact: true });
    await link.focus();
    await page.keyboard.press("Enter");
    const fragment = `#${await heading.getAttribute("id")}`;
    await page.waitForURL(({ hash }) => hash === fragment);
    await page.close();
  });

  test("both font families load on every page", async () => {
    expect(faults.fonts).toEqual({});
    const page = await browser.newPage();
    await page.goto(`${origin}/how-we-work`);
    expect(await page.evaluate(fontsOf)).toEqual(
      expect.arrayContaining(["Schibsted normal loaded", "Literata normal loaded"]),
    );
    await page.close();
  });

  describe("on a phone", () => {
    let small: Awaited<ReturnType<typeof buildSiteOf>>;
    let smallOrigin = "";
    let page: Page;
    beforeAll(async () => {
      const table = "| What | Count | Who |\n| --- | ---: | --- |\n| a | 12,345 | somebody |\n";
      const longLine = `\`\`\`java mark="1"\nString text = "${"long ".repeat(40)}";\n\`\`\`\n`;
      small = await buildSiteOf({
        "a.md": articleFile({ topics: "[Java, Teams]" }, table),
        "long-line.md": articleFile({}, longLine),
      });
      smallOrigin = await listen(small.server);
      page = await browser.newPage({ viewport: { width: 390, height: 800 } });
    });
    afterAll(async () => {
      await page.close();
      small.server.closeAllConnections();
      small.server.close();
      await small.close();
    });

    test("a search without results ends well above the footer, and its button is beside its field", async () => {
      await page.goto(`${smallOrigin}/search?q=zzyzx`);
      const [topics, footer] = [await boxOf(page, ".chips"), await boxOf(page, ".site-footer")];
      expect(footer.top - topics.bottom).toBeGreaterThanOrEqual(32);
      const [field, button] = [
        await boxOf(page, ".search input"),
        await boxOf(page, ".search button"),
      ];
      expect(Math.abs(button.top + button.bottom - field.top - field.bottom)).toBeLessThan(2);
    });

    test("a right-aligned column is well apart from the next", async () => {
      await page.goto(`${smallOrigin}/articles/a`);
      const [count, who] = [
        await boxOf(page, "td:nth-child(2)", true),
        await boxOf(page, "td:nth-child(3)", true),
      ];
      expect(who.left - count.right).toBeGreaterThanOrEqual(28);
    });

    test("a printed page has the long lines of code in full", async () => {
      await page.goto(`${smallOrigin}/articles/long-line`);
      const hidden = () =>
        page.evaluate<number>(
          `{ const { scrollWidth, clientWidth } = document.querySelector(".code"); scrollWidth - clientWidth; }`,
        );
      expect(await hidden()).toBeGreaterThan(0);
      await page.emulateMedia({ media: "print" });
      expect(await hidden()).toBe(0);
      await page.emulateMedia({ media: null });
    });

    test("on a tablet, the name of the company in the footer is on one line", async () => {
      await page.setViewportSize({ width: 834, height: 900 });
      await page.goto(smallOrigin);
      const name = await boxOf(page, ".site-footer b", true);
      expect(name.bottom - name.top).toBeLessThan(30);
    });
  });
});
