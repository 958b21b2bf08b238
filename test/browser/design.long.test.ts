// What visitors see and hear beyond single rules: names for screen readers, forced colours, less
// motion, paper, and what is copied.

import path from "node:path";
import type { BrowserContextOptions, Page } from "playwright-core";
import { questions } from "../../src/inquiries/form.ts";
import { launchBrowser, readAloud, tooWide, type Node } from "../support/browser.ts";
import { buildTestSite } from "../support/site.ts";
import { sendInquiry } from "../support/staff.ts";

const article = "/articles/you-cannot-roll-back-a-row";
const articleWithCode = "/articles/spring-boot-configuration-management";
const specimens = path.resolve(import.meta.dirname, "../specimens");

const site = await buildTestSite();
const { origin } = site;
const specimenSite = await buildTestSite({ env: { ARTICLES_DIR: specimens }, development: true });
const specimen = `${specimenSite.origin}/articles/specimen`;
const browser = await launchBrowser();
let page: Page;

const open = async (options: BrowserContextOptions = {}, address = "") => {
  const viewport = { width: 390, height: 900 };
  page = await browser.newPage({ viewport, reducedMotion: "reduce", ...options });
  if (address) await page.goto(address);
};
afterEach(() => page.close());

const styles = (selector: string, names: string[], pseudo = "") =>
  page.evaluate<string[]>(
    `${JSON.stringify(names)}.map((name) => getComputedStyle(document.querySelector(${JSON.stringify(selector)}), ${JSON.stringify(pseudo)}).getPropertyValue(name))`,
  );
/** Sends the form with one wrong answer and most of them missing. */
const sendWithErrors = async () => {
  await page.goto(`${origin}/contact`);
  await page.fill("[name=email]", "priya at fjordfreight");
  await page.click("button[type=submit]");
  await page.waitForSelector("#page-problems");
};
const namesOf = (nodes: Node[], role: string) =>
  nodes.filter((node) => node.role === role).map(({ name }) => name);

test("screen readers hear every question with its hint and error", async () => {
  await open();
  await sendWithErrors();
  const nodes = await readAloud(page);
  const wrong = { required: true, invalid: "true" };
  const read = (role: string, name: string, description: RegExp, properties: object = {}) =>
    expect(nodes).toContainEqual({
      role,
      name,
      description: expect.stringMatching(description) as string,
      properties: expect.objectContaining(properties) as object,
    });
  read("textbox", "Your name", /^Error: Enter your name$/, wrong);
  read("textbox", "Work email", /^We reply to this address.* Error: Enter an email address/, wrong);
  read("textbox", "Company (optional)", /^$/, { required: false, invalid: "false" });
  read("group", "What would help most?", /^Error: Choose/);
  read("combobox", "When would you like to start? (optional)", /^/);
  read("textbox", "Your system or project", /Error: /, { ...wrong, multiline: true });
  const asked = questions.flatMap(({ label, missing, choices }) =>
    missing ? (choices?.map((choice) => choice.label) ?? label) : `${label} (optional)`,
  );
  const names = nodes.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(asked));
  expect(names.filter((name) => name.includes("Leave this field empty"))).toEqual([]);
  expect(namesOf(nodes, "alert")).toEqual(["Four questions to check"]);
  expect(namesOf(nodes, "form")).toEqual([await page.locator("h1").innerText()]);
});

test("screen readers skip bars, and read figures and headings", async () => {
  await open({ viewport: { width: 1440, height: 900 } });
  const withoutSpaces = (text: string) => text.replace(/\s+/g, ""); // the tree has a space where a long word may break
  for (const address of ["/", "/nowhere", articleWithCode]) {
    await page.goto(origin + address);
    const nodes = await readAloud(page);
    const drawn = nodes.filter(({ role }) => /^(image|img|graphics|svg)/i.test(role));
    const figures = await page.locator(".prose figure :is(img, [role=img])").count();
    expect([address, drawn.length]).toEqual([address, figures]);
    expect(drawn.filter(({ name }) => name.length < 40)).toEqual([]);
    expect(namesOf(nodes, "StaticText")).not.toContain("24 UTC");
    const headings = await page.locator("h1, h2, h3, h4").allTextContents();
    expect(namesOf(nodes, "heading").map(withoutSpaces)).toEqual(headings.map(withoutSpaces));
  }
  await page.goto(`${origin}/`);
  expect(namesOf(await readAloud(page), "StaticText")).toContain(
    "14 minutes later, still no answer",
  );
});

test("in forced colours errors have borders, and what is chosen differs", async () => {
  await open({ forcedColors: "active" });
  await sendWithErrors();
  const [canvas] = await styles("body", ["background-color"]);
  for (const [selector, width] of [
    [".wrong", "3px"],
    [".summary", "3px"],
    [".wrong input", "2px"],
    [".button", "2px"],
  ] as const) {
    const border = ["border-left-style", "border-left-width", "border-left-color"];
    const [style, shown, colour] = await styles(selector, border);
    expect([selector, style, shown, colour === canvas]).toEqual([selector, "solid", width, false]);
  }
  const choices = page.locator("[name=kind]");
  await choices.nth(1).check();
  const [free, chosen] = [await choices.nth(0).screenshot(), await choices.nth(1).screenshot()];
  expect(free.equals(chosen)).toBe(false);
  await page.goto(`${origin}/articles`);
  const weight = ["font-weight"];
  expect(await styles(".chips [aria-current]", weight)).toEqual(["700"]);
  expect(await styles(".chips a:not([aria-current])", weight)).toEqual(["400"]);
});

test("nothing is drawn over time when motion is reduced", async () => {
  const running = () => page.evaluate<number>("document.getAnimations().length");
  await open({ viewport: { width: 1440, height: 900 } });
  for (const [address, animations] of [
    ["/", 4], // the curves
    [article, 0],
  ] as const) {
    await page.emulateMedia({ reducedMotion: "reduce" });
    await page.goto(origin + address);
    expect(await running()).toBe(0);
    await page.emulateMedia({ reducedMotion: "no-preference" });
    expect(await running()).toBe(animations);
    await page.emulateMedia({ media: "print" });
    expect(await running()).toBe(0);
    await page.emulateMedia({ media: null, reducedMotion: "reduce" });
  }
  expect(await styles(".contents ol", ["content"], "::before")).toEqual(["none"]);
});

test("a printed article is black, with URLs and whole lines, without controls", async () => {
  await open({}, specimen);
  const shown = async (selectors: string[]) => {
    const visible = selectors.map((selector) => page.locator(selector).first().isVisible());
    return new Set(await Promise.all(visible));
  };
  const controls = [".site-header nav", ".form-section", ".more", ".site-footer ul"];
  const hidden = () =>
    page.evaluate<number[]>(
      `Array.from(document.querySelectorAll(".scroll"), ({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)`,
    );
  expect(await shown(controls)).toEqual(new Set([true]));
  expect(Math.max(...(await hidden()))).toBeGreaterThan(0);
  await page.emulateMedia({ media: "print" });
  await page.setViewportSize({ width: 794, height: 1_123 }); // A4
  expect(Math.max(...(await hidden()))).toBeLessThan(12); // the space where a line is wrapped
  expect(await shown([...controls, ".skip-link", ".contents"])).toEqual(new Set([false]));
  expect(await shown([".logo", "h1", ".prose", "address"])).toEqual(new Set([true]));
  const [address] = await styles('.prose a[href^="http"]', ["content"], "::after");
  expect(address).toBe('" (https://www.rfc-editor.org/rfc/rfc9110)"');
  expect(await styles("body", ["color", "background-color"])).toEqual([
    "rgb(0, 0, 0)",
    "rgb(255, 255, 255)",
  ]);
});

test("a printed page has no dark band, also with backgrounds", async () => {
  await open({}, `${origin}/services`);
  await page.emulateMedia({ media: "print" });
  expect(await styles(".band", ["background-color"])).toEqual(["rgba(0, 0, 0, 0)"]);
  expect(await styles(".band h2", ["color"])).toEqual(["rgb(0, 0, 0)"]);
});

test("copied code has no prompts", async () => {
  await open({}, specimen);
  const code = `Array.from(document.querySelectorAll("pre")).find(({ textContent }) => textContent.includes("2,104 passed"))`;
  await page.evaluate(`getSelection().selectAllChildren(${code})`);
  await page.keyboard.press("Control+C");
  await page.focus("[name=message]");
  await page.keyboard.press("Control+V");
  expect(await page.inputValue("[name=message]")).toMatch(
    /^npm test -- -w 1\n2,104 passed, 0 failed\ngit commit -m/,
  );
});

test("the mail of an inquiry with long words and URLs fits a phone", async () => {
  const url = `https://docs.example/${"architecture/".repeat(20)}`;
  const email = `${"x".repeat(60)}@${"long-name.".repeat(12)}example`;
  await sendInquiry(site, { name: "W".repeat(100), email, message: url });
  await open({ viewport: { width: 390, height: 900 } });
  await page.setContent(site.mailbox.at(-1)?.html ?? "");
  expect(await page.evaluate<number>(tooWide)).toBe(0);
});
