// The project form in a real browser with scripts switched off, by keyboard alone: filled, sent with
// errors, corrected, sent, reloaded. Then the button of the staff page.

import type { Page } from "playwright-core";
import { fields } from "../../src/inquiries/form.ts";
import { progressTable } from "../../src/inquiries/handling.ts";
import { fixedPages } from "../../src/web/pages.ts";
import { launchBrowser, readAloud } from "../support/browser.ts";
import { filledAnswers, filledForm } from "../support/form.ts";
import { buildTestSite } from "../support/site.ts";
import { sendInquiry } from "../support/staff.ts";

const article = "/articles/builder-pattern-in-java";
const header = [
  "Skip to content",
  "Clean Systems Consulting",
  ...fixedPages.flatMap(({ navigation = [] }) => navigation),
];
const answers = [...fields.map(({ name }) => name), "Send to our engineers"];
const address = "hello@cleansystems.example";
const downLink = "what to save before you restart";
const afterForm = ["How we handle your data", "like this one", "the form"];
/** What `fillByKeyboard` chooses: the first radio, and with two arrow keys the second option. */
const selected = Object.fromEntries(
  fields.flatMap(({ name, choices = [], control }) =>
    choices.length > 0 ? [[name, choices[control === "select" ? 1 : 0]?.value]] : [],
  ),
);
const selects = fields.filter(({ control }) => control === "select");
const message = "We run order routing.\nThe nightly import takes until breakfast.";
const [firstInFooter = "", ...othersInFooter] = fixedPages.flatMap(({ footer = [] }) => footer);
const footer = [firstInFooter, "Our offices", "Atom feed", ...othersInFooter, address];

// A script for the page; it is text because the tests are compiled without the types of a browser.
const nameOfActiveElement = `document.activeElement.matches("input, select, textarea") ? document.activeElement.name : document.activeElement.innerText`;

const browser = await launchBrowser();
const site = await buildTestSite();
const { origin } = site;
let page: Page;
beforeEach(async () => {
  page = await browser.newPage({ javaScriptEnabled: false, reducedMotion: "reduce" });
});
afterEach(() => page.close());

const focused = () => page.locator(":focus");
/**
 * Returns the name of the focused field, or else the words of the link or button. It takes one
 * call, because the tests press Tab some 400 times.
 */
const nameOfFocused = async () =>
  (await page.evaluate<string>(nameOfActiveElement)).replace(/\s+/g, " ").trim();
const press = async (key: string, times = 1) => {
  for (let count = 0; count < times; count += 1) await page.keyboard.press(key);
};
/** Presses Tab until the stop of that name. Fails after 100 stops. */
const tabTo = async (name: string) => {
  for (let stops = 0; stops < 100; stops += 1) {
    await press("Tab");
    if ((await nameOfFocused()) === name) return;
  }
  throw new Error(`Tab never reaches ${name}`);
};
const stops = async (count: number) => {
  const names: string[] = [];
  for (let stop = 0; stop < count; stop += 1) {
    await press("Tab");
    names.push(await nameOfFocused());
  }
  return names;
};
const fillByKeyboard = async () => {
  await tabTo("name");
  for (const { name, control } of fields) {
    if (control === "radio" || control === "checkbox")
      await press(" "); // the first choice
    else if (control === "select") await press("ArrowDown", 2);
    else if (control === "textarea") await page.keyboard.type(message);
    else await page.keyboard.type(filledAnswers[name]);
    await press("Tab");
  }
};
const send = async () => {
  const answered = page.waitForNavigation();
  await press("Enter");
  return answered;
};
/** Sends what is not complete; the browser puts the focus on the summary once it has drawn the answer. */
const sendWithErrors = async () => {
  const response = await send();
  await page.waitForSelector("#page-problems:focus");
  return response;
};

test("with errors: every word is there after a visit to another page", async () => {
  await page.goto(`${origin}/contact`);
  await page.fill("[name=message]", message);
  await page.getByRole("button", { name: "Send to our engineers" }).click();
  await page.locator("[aria-invalid=true]").first().waitFor();
  await page.fill("[name=name]", filledForm.name);
  await page.click("footer a[href='/privacy']");
  await page.waitForURL(`${origin}/privacy`);
  await page.goBack();
  expect(await page.inputValue("[name=message]")).toBe(message);
  expect(await page.inputValue("[name=name]")).toBe(filledForm.name);
});

test.each(["/contact", "/contact?kind=team", article, "/contact?sent"])(
  "sent from %s while the network is down: Back returns to the text",
  async (address) => {
    const message = page.locator("[name=message]");
    const button = page.getByRole("button", { name: "Send to our engineers" });
    const sendOffline = async (text: string) => {
      await message.fill(text);
      // Chromium saves typed text for Back a second later, or at once when the history changes.
      await page.evaluate("history.replaceState(null, '')");
      await page.context().setOffline(true);
      const failed = page.waitForEvent("requestfailed", (one) => one.method() === "POST");
      await Promise.all([failed, button.click()]);
      await page.waitForURL("chrome-error://chromewebdata/");
      await page.context().setOffline(false);
      await page.goBack();
      expect(await message.inputValue()).toBe(text);
    };
    await page.goto(origin + address);
    await sendOffline("The nightly import takes until breakfast.");
    await button.click();
    await page.waitForSelector("#page-problems:focus");
    await sendOffline("It has done so since June.");
  },
);

test("Tab moves in reading order, and never to the hidden spam field", async () => {
  await page.goto(`${origin}/contact`);
  const expected = [...header, address, downLink, ...answers, ...afterForm, ...footer];
  expect(await stops(expected.length)).toEqual(expected);
  const place = await page.locator("[name=leave_empty]").boundingBox();
  expect(place && place.x + place.width < 0).toBe(true);
});

test("the skip link is visible with the focus, and skips the navigation", async () => {
  await page.goto(`${origin}/contact`);
  await press("Tab");
  expect((await focused().boundingBox())?.y).toBeGreaterThanOrEqual(0);
  await press("Enter");
  await page.waitForSelector("main:focus");
  await press("Tab");
  expect(await nameOfFocused()).toBe(address);
});

test("on a phone, from an article: the focus is on errors, which lead to fields", async () => {
  await page.setViewportSize({ width: 390, height: 664 });
  await page.goto(origin + article);
  await tabTo("name");
  await page.keyboard.type("Priya Raman");
  await tabTo("email");
  await page.keyboard.type("priya at fjordfreight");
  for (const { name } of selects) {
    await tabTo(name);
    await press("ArrowDown", 2);
  }
  await tabTo("Send to our engineers");
  const response = await sendWithErrors();

  expect(response?.status()).toBe(422);
  expect(new URL(page.url())).toMatchObject({ pathname: "/contact", hash: "" });
  const seen = await page.locator("#page-problems").boundingBox();
  expect(seen && seen.y >= 0 && seen.y + seen.height <= 664).toBe(true);
  const alert = (await readAloud(page)).find(({ role }) => role === "alert");
  expect(alert?.name).toBe("Three questions to check");
  expect(alert?.properties).toMatchObject({ focused: true });
  for (const { name } of selects)
    expect([name, await page.inputValue(`[name=${name}]`)]).toEqual([name, selected[name]]);

  const summary = await stops(3);
  expect(summary).toEqual(await page.locator("#page-problems li").allInnerTexts());
  for (const [index, field] of ["email", "kind", "message"].entries()) {
    await page.locator("#page-problems a").nth(index).focus();
    await press("Enter");
    await page.waitForSelector(`[name=${field}]:focus`);
    const question = page.locator(`.field:has([name=${field}])`).locator("label, legend").first();
    expect((await question.boundingBox())?.y).toBeGreaterThanOrEqual(0);
  }
});

test("corrected and sent: a receipt, and a reload sends nothing again", async () => {
  await page.goto(origin + article);
  await tabTo("Send to our engineers");
  await sendWithErrors();
  await fillByKeyboard();
  const response = await send();

  expect([response?.status(), new URL(page.url()).pathname]).toEqual([200, "/contact/received"]);
  const reference = new URL(page.url()).searchParams.get("ref") ?? "none";
  expect(await page.locator("main").innerText()).toContain(`Your reference is ${reference}.`);
  const reloaded = await page.reload();
  expect([reloaded?.status(), reloaded?.request().method()]).toEqual([200, "GET"]);

  await site.worker.deliverDue();
  const mail = site.mailbox.find((one) => one.reference === reference);
  expect(mail?.replyTo).toEqual({ name: filledForm.name, address: filledForm.email });
  expect(mail?.text).toMatch(/^Sent from +builder-pattern-in-java$/m);
});

test("a mistyped address: the focus is on the question, then it is sent", async () => {
  await page.goto(`${origin}/contact`);
  await fillByKeyboard();
  await page.fill("[name=email]", "priya@gmial.com");
  await page.focus("button[type=submit]");
  await sendWithErrors();
  expect(await page.title()).toMatch(/^Is your email address correct\?/);
  const nodes = await readAloud(page);
  const alert = nodes.find(({ role }) => role === "alert");
  expect(alert?.name).toBe("Your message hasn’t been sent yet");
  const field = nodes.find(({ role, name }) => role === "textbox" && name === "Work email");
  expect(field?.description).toMatch(/ Question: Did you mean priya@gmail\.com\?/);
  expect(field?.properties).toMatchObject({ invalid: "false" });

  await press("Tab");
  expect(await focused().innerText()).toBe("Send it with priya@gmail.com");
  const response = await send();
  expect([response?.status(), new URL(page.url()).pathname]).toEqual([200, "/contact/received"]);
  const emails = (await site.store.list()).map(({ answers }) => answers.email);
  expect(emails).toContain("priya@gmail.com");
});

test("a mistyped address beside an error is answered by keyboard", async () => {
  await page.goto(`${origin}/contact`);
  await fillByKeyboard();
  await page.fill("[name=name]", "");
  await page.fill("[name=email]", "soren@gmial.com");
  await page.focus("button[type=submit]");
  await sendWithErrors();
  expect(await page.title()).toMatch(/^Error: Your message hasn’t been sent yet/);
  const group = (await readAloud(page)).find(
    ({ role, name }) => role === "group" && /Which address should we reply to\?/.test(name),
  );
  expect(group?.name).toBe("Question: Which address should we reply to?");

  await page.fill("[name=name]", "Søren");
  await page.locator("#page-problems a").nth(1).focus();
  await press("Enter");
  await page.waitForSelector("[name=reply_to]:focus");
  await press(" ");
  await tabTo("Send to our engineers");
  const response = await send();
  expect([response?.status(), new URL(page.url()).pathname]).toEqual([200, "/contact/received"]);
  expect(await page.locator("main").innerText()).toContain("soren@gmail.com");
  const stored = (await site.store.list()).find(({ answers }) => answers.name === "Søren");
  expect([stored?.answers.email, stored?.emailFault]).toEqual(["soren@gmail.com", ""]);
});

test("on the staff page a button is pressed by keyboard", async () => {
  await page.goto(origin + (await sendInquiry(site)).page);
  await page.getByLabel("Your initials").fill("MK");
  await tabTo(progressTable.answered.button);
  await send();
  expect(await page.locator("main").innerText()).toMatch(
    /Answered \(MK\) on Tue 24 Nov 2026, 14:33/,
  );
});
