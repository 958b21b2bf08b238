// What visitors see, hear and touch beyond single rules: nothing moves when fonts come late, names for screen readers, forced colours, less
// motion, paper, targets for thumbs, and articles with everything in them on a narrow screen.

import path from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { describeInBrowser, launchBrowser } from "../support/browser.ts";
import { listen } from "../support/listen.ts";
import { buildTestSite } from "../support/site.ts";

const article = "/articles/why-backend-developers-carry-the-most-responsibility";
const articleWithCode = "/articles/spring-boot-configuration-management";
const specimenFolder = path.resolve(import.meta.dirname, "../specimens");

// Scripts for the page; they are text because the tests are compiled without the types of a browser.
const watchShifts = `{
  window.shifts = [];
  window.painted = new Promise((resolve) => {
    new PerformanceObserver((list) => list.getEntriesByName("first-contentful-paint").length && resolve()).observe({ type: "paint", buffered: true });
  });
  window.shiftObserver = new PerformanceObserver((list) => window.shifts.push(...list.getEntries()));
  window.shiftObserver.observe({ type: "layout-shift", buffered: true });
}`;

/** After two frames everything that moved is known. */
const totalShift = `new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))).then(() =>
  [...window.shifts, ...window.shiftObserver.takeRecords()].reduce((sum, { value }) => sum + value, 0))`;

/** Families from our files; fallbacks are on the visitor's machine. */
const loadedFonts = `Array.from(document.fonts).filter(({ family, status }) => status === "loaded" && !family.includes("Fallback")).map(({ family }) => family)`;

const tooWide = `document.scrollingElement.scrollWidth - document.documentElement.clientWidth`;

const styleOf = (selector: string, properties: string[], pseudo = "") =>
  `${JSON.stringify(properties)}.map((name) => getComputedStyle(document.querySelector(${JSON.stringify(selector)}), ${JSON.stringify(pseudo)}).getPropertyValue(name))`;

/** What can be pressed outside running text and is less than 44 px wide or high. A row of a list is as large as its link. */
const smallTargets = `Array.from(document.querySelectorAll("a, button, input, select, textarea")).flatMap((element) => {
  const sentence = element.closest("p, td, address, .prose li");
  const inSentence = getComputedStyle(element).display === "inline" && sentence && sentence.textContent.trim() !== element.textContent.trim();
  if (inSentence || element.tabIndex < 0 || element.type === "hidden" || element.matches(".skip-link, .notes a, .prose sup a")) return [];
  const isStretched = getComputedStyle(element, "::after").position === "absolute";
  const target = isStretched ? element.offsetParent : element.closest("label") ?? element;
  const { width, height } = target.getBoundingClientRect();
  return Math.min(width, height) > 43.9 ? [] : [element.outerHTML.slice(0, 90) + " " + width.toFixed(1) + "×" + height.toFixed(1)];
})`;

/** Words of headings and of the navigation that begin on one line and end on the next, and labels of bars that are cut. */
const brokenOrCut = `(() => {
  const found = [];
  for (const element of document.querySelectorAll("h1, h2, .site-header nav a, .trace text")) {
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      for (const { 0: word, index } of texts.currentNode.data.matchAll(/[^\\s-]+/g)) {
        const range = document.createRange();
        range.setStart(texts.currentNode, index);
        range.setEnd(texts.currentNode, index + word.length);
        const { left, right } = range.getBoundingClientRect();
        const bars = element.closest("svg")?.getBoundingClientRect();
        if (range.getClientRects().length > 1 || (bars && (left < bars.left - 1 || right > bars.right + 1))) found.push(word);
      }
    }
  }
  return found;
})()`;

type Node = {
  role: string;
  name: string;
  description: string;
  properties: Record<string, unknown>;
};

describeInBrowser("the design in a browser", () => {
  let site: Awaited<ReturnType<typeof buildTestSite>>;
  let specimens: typeof site;
  let browser: Browser;
  let origin = "";
  let specimenOrigin = "";
  let page: Page;

  beforeAll(async () => {
    site = await buildTestSite();
    specimens = await buildTestSite({ env: { ARTICLES_DIR: specimenFolder }, development: true });
    origin = await listen(site.server);
    specimenOrigin = await listen(specimens.server);
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
    for (const { server } of [site, specimens]) {
      server.closeAllConnections();
      server.close();
    }
    await Promise.all([site.close(), specimens.close()]);
  });

  const open = async (options: BrowserContextOptions = {}, address = "") => {
    const context = await browser.newContext({
      viewport: { width: 390, height: 900 },
      reducedMotion: "reduce",
      ...options,
    });
    page = await context.newPage();
    if (address) await page.goto(address);
  };
  afterEach(() => page.context().close());

  const styles = (selector: string, properties: string[], pseudo = "") =>
    page.evaluate<string[]>(styleOf(selector, properties, pseudo));
  const isShown = (selector: string) => page.locator(selector).first().isVisible();
  /** Sends the form with one wrong answer and most of them missing. */
  const sendWithErrors = async () => {
    await page.goto(`${origin}/contact`);
    await page.fill("[name=email]", "priya at fjordfreight");
    await page.click("button[type=submit]");
    await page.waitForSelector("#page-problems");
  };
  /** Returns the accessibility tree in reading order. */
  const accessibilityNodes = async (): Promise<Node[]> => {
    const session = await page.context().newCDPSession(page);
    const { nodes } = await session.send("Accessibility.getFullAXTree");
    const byId = new Map(nodes.map((node) => [node.nodeId, node]));
    const inOrder = (id: string): typeof nodes => {
      const node = byId.get(id);
      return node ? [node, ...(node.childIds ?? []).flatMap(inOrder)] : [];
    };
    return inOrder(nodes[0]?.nodeId ?? "")
      .filter(({ ignored }) => !ignored)
      .map(({ role, name, description, properties = [] }) => ({
        role: String(role?.value),
        name: String(name?.value ?? ""),
        description: String(description?.value ?? ""),
        properties: Object.fromEntries(
          properties.map((property) => [property.name, property.value.value]),
        ),
      }));
  };
  const withoutSpaces = (text: string) => text.replace(/\s+/g, ""); // the tree has a space where a long word may break
  const namesOf = (nodes: Node[], role: string) =>
    nodes.filter((node) => node.role === role).map(({ name }) => name);

  test.each(["/", article, "/articles", "/contact"])(
    "on %s nothing moves when the fonts arrive after the first paint",
    async (address) => {
      for (const width of [390, 1440]) {
        await open({ viewport: { width, height: 900 } });
        const released = Promise.withResolvers<void>();
        await page.route(/\.woff2$/, async (route) => {
          await released.promise;
          await route.continue();
        });
        await page.addInitScript(watchShifts);
        await page.goto(origin + address, { waitUntil: "domcontentloaded" });
        await page.evaluate("window.painted");
        const before = [await page.evaluate(loadedFonts), await page.evaluate<number>(totalShift)];
        released.resolve();
        await page.evaluate("document.fonts.ready");
        expect([width, before]).toEqual([width, [[], 0]]);
        expect(await page.evaluate(loadedFonts)).toContain("Schibsted");
        expect(await page.evaluate<number>(totalShift)).toBeLessThanOrEqual(0.01);
        await page.context().close();
      }
    },
  );

  test("the form with errors has an accessible name, hint and error for every field", async () => {
    await open();
    await sendWithErrors();
    const nodes = await accessibilityNodes();
    const find = (name: string) =>
      nodes.find((node) => node.name === name && !/Text/.test(node.role)); // the field, not its label
    expect(find("Your name")).toMatchObject({
      role: "textbox",
      description: "Error: Enter your name",
      properties: { required: true, invalid: "true" },
    });
    const email = find("Work email");
    expect(email).toMatchObject({
      role: "textbox",
      properties: { required: true, invalid: "true" },
    });
    expect(email?.description).toMatch(
      /^We reply to this address.* Error: Enter an email address with an @ sign/,
    );
    expect(find("Company (optional)")).toMatchObject({
      description: "",
      properties: { required: false, invalid: "false" },
    });
    expect(find("What would help most?")).toMatchObject({
      role: "group",
      description: expect.stringMatching(/^Error: Choose/) as string,
    });
    expect(namesOf(nodes, "radio")).toHaveLength(5);
    expect(find("When would you like to start? (optional)")).toMatchObject({ role: "combobox" });
    expect(find("Your project")).toMatchObject({
      properties: { required: true, invalid: "true", multiline: true },
    });
    expect(namesOf(nodes, "alert")).toEqual(["Four answers need correcting"]);
    expect(namesOf(nodes, "form")).toEqual([await page.locator("h1").innerText()]);
  });

  test("screen readers skip bars and clocks, read the figures of an article, and do not read minutes before headings", async () => {
    await open();
    for (const address of [`${origin}/`, `${origin}/nowhere`, origin + articleWithCode]) {
      await page.goto(address);
      const nodes = await accessibilityNodes();
      const drawn = nodes.filter(({ role }) => /^(image|img|graphics|svg)/i.test(role));
      const figures = await page
        .locator("img")
        .evaluateAll((images) => images.map((image) => image.getAttribute("alt")));
      expect([address, drawn.map(({ name }) => name)]).toEqual([address, figures]);
      expect(namesOf(nodes, "StaticText")).not.toContain("24 UTC");
      const headings = await page.locator("h1, h2, h3").allTextContents();
      expect(namesOf(nodes, "heading").map(withoutSpaces)).toEqual(headings.map(withoutSpaces));
    }
    await page.goto(`${origin}/`);
    expect(namesOf(await accessibilityNodes(), "StaticText")).toEqual(
      expect.arrayContaining([expect.stringMatching(/^Render: .* ms$/)]),
    );
  });

  test("links of the same name lead to the same URL", async () => {
    await open();
    for (const address of ["/", article, "/articles", "/contact"]) {
      await page.goto(origin + address);
      const places = new Map<string, Set<unknown>>();
      for (const { role, name, properties } of await accessibilityNodes())
        if (role === "link")
          places.set(name, (places.get(name) ?? new Set()).add(properties["url"]));
      expect([address, places.size > 5, [...places].filter(([, to]) => to.size > 1)]).toEqual([
        address,
        true,
        [],
      ]);
    }
  });

  test("headings have no gap between their levels, also in an article with every element", async () => {
    await open();
    for (const address of [
      `${origin}/`,
      origin + article,
      `${origin}/articles`,
      `${origin}/contact`,
      `${specimenOrigin}/articles/specimen`,
    ]) {
      await page.goto(address);
      const levels = (await accessibilityNodes())
        .filter(({ role }) => role === "heading")
        .map(({ properties }) => Number(properties["level"]));
      const gaps = levels.filter((level, index) => level > (levels[index - 1] ?? 0) + 1);
      expect([address, levels[0], gaps]).toEqual([address, 1, []]);
    }
  });

  test("in forced colours an error has its border, and radio buttons are the system's", async () => {
    await open({ forcedColors: "active" });
    await sendWithErrors();
    const sides = ["border-left-style", "border-left-width"];
    expect(await styles(".wrong", sides)).toEqual(["solid", "3px"]);
    expect(await styles(".summary", sides)).toEqual(["solid", "3px"]);
    expect(await styles(".wrong input", sides)).toEqual(["solid", "2px"]);
    const [canvas] = await styles("body", ["background-color"]);
    for (const selector of [".wrong", ".summary", ".wrong input", ".button"])
      expect([selector, ...(await styles(selector, ["border-left-color"]))]).not.toEqual([
        selector,
        canvas,
      ]);
    expect(await styles("[name=kind]", ["appearance"])).toEqual(["auto"]);
    const choices = page.locator("[name=kind]");
    await choices.nth(1).check();
    expect((await choices.nth(0).screenshot()).equals(await choices.nth(1).screenshot())).toBe(
      false,
    );
  });

  test("in forced colours bars have the system's text colour, those with code are hollow, and the current topic has a border", async () => {
    await open({ forcedColors: "active" }, origin + articleWithCode);
    const [text = "", ground = ""] = await styles("body", ["color", "background-color"]);
    expect(await styles(".contents .bar:not(.code) rect", ["fill"])).toEqual([text]);
    for (const bar of [".contents .bar.code rect", ".fingerprint .code"])
      expect([bar, ...(await styles(bar, ["fill", "stroke", "stroke-width"]))]).toEqual([
        bar,
        ground,
        text,
        "2px",
      ]);
    expect(await styles(".key .code", ["border-bottom-style"], "::before")).toEqual(["solid"]);
    expect(await styles(".key span", ["border-bottom-style"], "::before")).toEqual(["none"]);
    await page.goto(`${origin}/`);
    expect(await styles(".trace rect", ["stroke", "stroke-width"])).toEqual([text, "2px"]);
    expect(await styles(".trace text", ["fill"])).toEqual([text]);
    await page.goto(`${origin}/articles`);
    expect(await styles(".chips [aria-current]", ["outline-style", "outline-width"])).toEqual([
      "solid",
      "2px",
    ]);
    expect(await styles(".chips a:not([aria-current])", ["outline-style"])).toEqual(["none"]);
  });

  test("smooth scrolling and the reading bar are absent with prefers-reduced-motion", async () => {
    const motion = async () => [
      ...(await styles("html", ["scroll-behavior"])),
      ...(await styles(".reading-progress", ["height"])),
      await page.evaluate<number>("document.getAnimations().length"),
    ];
    await open({ reducedMotion: "reduce" }, origin + article);
    expect(await motion()).toEqual(["auto", "0px", 0]);
    await page.emulateMedia({ reducedMotion: "no-preference" });
    expect(await motion()).toEqual(["smooth", "4px", 1]);
  });

  test("a printed article is black, with the URLs of its links, and without controls", async () => {
    await open({}, `${specimenOrigin}/articles/specimen`);
    const forScreens = [".site-header nav", ".form-section", ".more", ".site-footer ul"];
    for (const piece of forScreens) expect([piece, await isShown(piece)]).toEqual([piece, true]);
    await page.emulateMedia({ media: "print" });
    for (const piece of [...forScreens, ".skip-link", ".reading-progress"])
      expect([piece, await isShown(piece)]).toEqual([piece, false]);
    for (const piece of [".logo", "h1", ".prose", "address"])
      expect([piece, await isShown(piece)]).toEqual([piece, true]);
    const [address] = await styles('.prose a[href^="http"]', ["content"], "::after");
    expect(address).toBe('" (https://www.rfc-editor.org/rfc/rfc9110)"');
    expect(await styles("body", ["color", "background-color"])).toEqual([
      "rgb(0, 0, 0)",
      "rgb(255, 255, 255)",
    ]);
  });

  test("outside running text every control is at least 44 px large", async () => {
    await open();
    const visits = [
      "/",
      article,
      "/articles",
      "/contact",
      "/how-we-work",
      "/privacy",
      "/search?q=zzyzx",
      "/nowhere",
    ].map((to) => origin + to);
    const faults: Record<string, string[]> = {};
    const look = async (name: string) => {
      for (const width of [390, 1440]) {
        await page.setViewportSize({ width, height: 900 });
        const small = await page.evaluate<string[]>(smallTargets);
        if (small.length > 0) faults[`${name} at ${width}`] = small;
      }
    };
    for (const address of visits) {
      await page.goto(address);
      await look(new URL(address).pathname);
    }
    await sendWithErrors();
    await look("form with errors");
    expect(faults).toEqual({});
  });

  test("with text of 200 % on a phone, words of headings and of the navigation are whole, and so are the labels of bars", async () => {
    await open();
    const found: Record<string, string[]> = {};
    for (const address of [
      articleWithCode,
      "/contact",
      "/how-this-site-is-built",
      "/articles",
      "/nowhere",
    ]) {
      await page.goto(origin + address);
      await page.evaluate(`document.documentElement.style.fontSize = "200%"`);
      found[address] = await page.evaluate<string[]>(brokenOrCut);
    }
    expect(found).toEqual(Object.fromEntries(Object.keys(found).map((address) => [address, []])));
  });

  test("articles with every element, and the pages that list them, fit 320 px with text of 200 %", async () => {
    await open({ viewport: { width: 320, height: 900 } });
    const articles = ["specimen", "specimen-part-1", "specimen-part-3", "half-done"].map(
      (slug) => `/articles/${slug}`,
    );
    const around = [
      "/articles",
      "/topics/queues",
      "/authors/rosa-lind",
      "/search?q=retry",
      "/search?q=zzyzx",
      "/articles/specimn",
    ];
    const excess: Record<string, number> = {};
    for (const address of [...articles, ...around]) {
      await page.goto(specimenOrigin + address);
      await page.evaluate(`document.documentElement.style.fontSize = "200%"`);
      excess[address] = await page.evaluate<number>(tooWide);
    }
    expect(excess).toEqual(Object.fromEntries(Object.keys(excess).map((address) => [address, 0])));
  });
});
