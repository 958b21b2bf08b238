// What becomes of a form without errors: a question about an address that is probably mistyped or
// cannot receive mail, a refusal beyond what one network may send, or quarantine beyond the hourly total.

import { DatabaseSync } from "node:sqlite";
import type { LookUpDomain } from "../../src/inquiries/email-address.ts";
import { exportInquiry } from "../../src/inquiries/inquiry.ts";
import { readForm } from "../../src/inquiries/form.ts";
import { createSubmit } from "../../src/inquiries/submit.ts";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import { advertisement, filledForm, type FormChanges } from "../support/form.ts";
import { postForm, tuesday, type TestSite } from "../support/site.ts";
import { countStates, fillStore } from "../support/store.ts";

let site: TestSite;
let lookedUp: string[];
const lookUpDomain: LookUpDomain = (domain) => {
  lookedUp.push(domain);
  return Promise.resolve(domain === "nordhavnn.dk" ? "doesn’t exist" : undefined);
};

const limit = 3;
const articles = { "builder-pattern-in-java.md": articleFile() };
const build = async (changes: Record<string, string> = {}) => {
  lookedUp = [];
  const env = {
    TRUST_PROXY: "1",
    CONTACT_PHONE: "+45 12 34 56 78",
    INQUIRIES_PER_10_MINUTES: String(limit),
    ...changes,
  };
  site = await buildSiteOf(articles, { env, dependencies: { lookUpDomain } });
};
beforeEach(() => build());

const sendAs = (email: string, changes: FormChanges = {}) => site.sendForm({ email, ...changes });
const confirm = (email: string, changes: FormChanges = {}) =>
  sendAs(email, { reply_to: email, ...changes });
const asked = (text: string) => /name="asked_about" value="([^"]*)"/.exec(text)?.[1];
/** The addresses that the page offers, on buttons or as choices. */
const offered = (text: string) =>
  Array.from(text.matchAll(/name="reply_to" value="([^"]*)"/g), ([, address]) => address);
const question = (text: string) =>
  /class="error" id="page-email-error"><span[^>]*>Question: <\/span>([^<]*)</.exec(text)?.[1];

test("a mistyped domain: the form comes back whole with a question", async () => {
  const { status, text, headers } = await sendAs("mette@gmial.com", {
    message: "<b>Our</b> import",
    from: "builder-pattern-in-java",
  });
  expect(status).toBe(422);
  expect(headers["cache-control"]).toBe("private, no-cache");
  expect(question(text)).toBe("Did you mean mette@gmail.com?");
  expect(asked(text)).toBe("mette@gmial.com");
  for (const word of [
    `value="${filledForm.name}"`,
    'value="mette@gmial.com"',
    "&lt;b&gt;Our&lt;/b&gt; import</textarea>",
    'name="from" value="builder-pattern-in-java"',
    '<h2 id="page-problems-title">Your message hasn’t been sent yet</h2>\n<p>Did you mean mette@gmail.com?</p>',
    '<button class="button" type="submit" form="page-form" name="reply_to" value="mette@gmail.com">',
    '<button class="button plain" type="submit" form="page-form" name="reply_to" value="mette@gmial.com">No, gmial.com is right</button>',
    'aria-describedby="page-email-hint page-email-error"',
  ])
    expect(text).toContain(word);
  expect(text).not.toMatch(/aria-invalid|Error:/);
  expect(await site.store.list()).toEqual([]);
});

test("a missing name and a mistyped domain come in one round", async () => {
  const { status, text } = await sendAs("soren@gmial.com", { name: "" });
  expect(status).toBe(422);
  expect(text).toContain(
    '<li><a href="#page-name">Enter your name</a></li>\n<li><a href="#page-reply_to">Choose the address that we reply to: gmail.com or gmial.com</a></li>',
  );
  expect(question(text)).toBe("Which address should we reply to?");
  expect(offered(text)).toEqual(["soren@gmail.com", "soren@gmial.com"]);
  expect((await sendAs("mette@nordhavnn.dk", { name: "" })).status).toBe(422);
  expect(lookedUp).toEqual([]);
});

describe("asked beside other errors", () => {
  const typed = "soren@gmial.com";
  /** Sends the corrected form with what was chosen or typed about the address. */
  const answerWith = async (changes: FormChanges) => {
    const { text } = await sendAs(typed, { name: "" });
    return sendAs(typed, { asked_about: asked(text) ?? "", ...changes });
  };

  test("without an answer it is asked again, alone", async () => {
    const { status, text } = await answerWith({});
    expect([status, question(text)]).toEqual([422, "Did you mean soren@gmail.com?"]);
    expect(text).toContain("Your message hasn’t been sent yet</h2>");
    const again = await sendAs(typed, { asked_about: asked(text) ?? "" });
    expect(again.status).toBe(422);
    expect(await site.store.list()).toEqual([]);
  });

  test.each<[string, FormChanges, string, string]>([
    ["the one that was meant", { reply_to: "soren@gmail.com" }, "soren@gmail.com", ""],
    [
      "as it was typed",
      { reply_to: typed },
      typed,
      "gmial.com may be a typo for gmail.com; the sender confirmed the address",
    ],
    ["another one", { email: "soren@fjord.example" }, "soren@fjord.example", ""],
    [
      "one that was typed after a choice",
      { reply_to: "soren@gmail.com", email: "soren@fjord.example" },
      "soren@fjord.example",
      "",
    ],
  ])("%s is stored, and staff read what is true", async (_what, changes, address, note) => {
    expect((await answerWith(changes)).status).toBe(303);
    const [stored] = await site.store.list();
    expect([stored?.answers.email, stored?.emailFault]).toEqual([address, note]);
  });

  test("another mistyped one is asked about", async () => {
    const { text } = await answerWith({ reply_to: typed, email: "soren@hotmial.com" });
    expect(question(text)).toBe("Did you mean soren@hotmail.com?");
  });

  test("a choice stays while other errors are corrected", async () => {
    const { text } = await answerWith({ reply_to: "soren@gmail.com", message: "" });
    expect(text).toContain('value="soren@gmail.com"');
    expect(offered(text)).toEqual([]);
    const kept = await answerWith({ reply_to: typed, message: "" });
    expect(offered(kept.text)).toEqual([typed]);
  });
});

test("a domain that doesn’t exist: the page says that no reply can arrive", async () => {
  const { status, text } = await sendAs("mette@nordhavnn.dk");
  expect(status).toBe(422);
  const sentence = "The domain nordhavnn.dk doesn’t exist, so our reply wouldn’t reach you.";
  expect(question(text)).toBe(sentence);
  expect(text).toContain(`<p>${sentence}</p>`);
});

test.each([
  ["mette@gmial.com", "gmial.com may be a typo for gmail.com"],
  ["mette@nordhavnn.dk", "the domain nordhavnn.dk doesn’t exist"],
])("%s sent again is accepted, and the mail and the export say: %s", async (email, note) => {
  await sendAs(email);
  expect((await confirm(email)).status).toBe(303);
  await site.worker.deliverDue();
  const [mail] = site.mailbox;
  const found = `${note}; the sender confirmed the address`;
  expect(mail?.text.replace(/\s+/g, " ")).toContain(`Address ${found}`);
  expect(mail?.html).toContain(`>Address: ${found}<`);
  const [inquiry] = await site.store.list();
  expect(JSON.stringify(inquiry && exportInquiry(inquiry))).toContain(`"${found}"`);
});

test("the button with the corrected address sends the form with it", async () => {
  const pressed = { reply_to: "mette@gmail.com", asked_about: "mette@gmial.com" };
  expect((await sendAs("mette@gmial.com", pressed)).status).toBe(303);
  const [stored] = await site.store.list();
  expect([stored?.answers.email, stored?.emailFault]).toEqual(["mette@gmail.com", ""]);
});

test("a suggestion whose domain doesn’t exist is asked about", async () => {
  const pressed = { reply_to: "mette@nordhavnn.dk", asked_about: "mette@nordhavnn.dkk" };
  const { status, text } = await sendAs("mette@nordhavnn.dkk", pressed);
  expect([status, asked(text)]).toEqual([422, "mette@nordhavnn.dk"]);
});

test("a confirmation is for every spelling of an address, and for no other", async () => {
  expect((await sendAs("mette@gmial.com", { reply_to: "Mette@Gmial.com" })).status).toBe(303);
  const other = await sendAs("mette@nordhavnn.dk", { reply_to: "mette@gmial.com" });
  expect([other.status, asked(other.text)]).toEqual([422, "mette@nordhavnn.dk"]);
});

test("a confirmed address is not asked about again", async () => {
  const second = await confirm("mette@gmial.com", { message: "" });
  expect(second.text).toContain("One question to check");
  expect(question(second.text)).toBeUndefined();
  expect(offered(second.text)).toEqual(["mette@gmial.com"]);
  expect((await confirm("mette@gmial.com")).status).toBe(303);
});

test("advertising is quarantined without a question or a look-up", async () => {
  for (const email of ["seller@gmial.com", "seller@nordhavnn.dk"])
    expect((await sendAs(email, advertisement)).status).toBe(303);
  expect(lookedUp).toEqual([]);
  const states = (await site.store.list()).map(({ delivery }) => delivery.state);
  expect(states).toEqual(["quarantined", "quarantined"]);
});

test("questions count for the network, which causes few look-ups", async () => {
  const statuses: number[] = [];
  for (let n = 0; n < 6; n += 1) statuses.push((await sendAs("mette@nordhavnn.dk")).status);
  expect(statuses).toEqual([422, 422, 422, 429, 429, 429]);
  expect(lookedUp).toHaveLength(limit);
  const beyond = await confirm("mette@gmial.com");
  expect([beyond.status, offered(beyond.text)]).toEqual([429, ["mette@gmial.com"]]);
});

const office = "203.0.113.7";
const send = (message: string, from = office, changes: FormChanges = {}) =>
  site.sendForm({ message, ...changes }).set("X-Forwarded-For", from);

/** Sends three different inquiries, which are accepted. */
async function sendUpToTheLimit(): Promise<void> {
  for (let n = 0; n < limit; n += 1) expect((await send(`project ${n}`)).status).toBe(303);
}
/** An address in a provider's network of its own. */
const elsewhere = (n: number) => `198.51.${n}.1`;

const counts = () => countStates(site.store);
const stored = async () => Object.values(await counts()).reduce((sum, count) => sum + count, 0);

test("one more than the limit is a 429 with every word, and not stored", async () => {
  await sendUpToTheLimit();
  site.clock.now = new Date(tuesday.getTime() + 61_000);
  const next = await send("the <next> project", office, { from: "builder-pattern-in-java" });
  expect(next.status).toBe(429);
  expect(next.headers["retry-after"]).toBe(String(600 - 61));
  expect(next.headers["cache-control"]).toBe("private, no-cache");
  for (const word of [
    "<title>Please wait a few minutes",
    "the &lt;next&gt; project</textarea>",
    `value="${filledForm.name}"`,
    `value="${filledForm.email}"`,
    'name="from" value="builder-pattern-in-java"',
    "Your message hasn’t been sent yet",
    "Wait 9 minutes",
    'href="mailto:hello@cleansystems.example"',
    "+45 12 34 56 78",
  ])
    expect(next.text).toContain(word);
  expect(next.text).toMatch(new RegExp(`value="${filledForm.kind}"[^>]* checked`));
  expect(await stored()).toBe(limit);
  expect(JSON.stringify(site.logged)).not.toContain(office);
  site.clock.now = new Date(tuesday.getTime() + 599_999);
  expect((await send("too early")).status).toBe(429);
  site.clock.now = new Date(tuesday.getTime() + 600_000);
  expect((await send("in time")).status).toBe(303);
});

test("only the address that a trusted proxy adds counts", async () => {
  for (let n = 0; n < limit; n += 1) await send(`forged ${n}`, `198.51.100.${n}, ${office}`);
  expect((await send("forged again", `198.51.100.99, ${office}`)).status).toBe(429);
});

test.each([
  ["an address with a port", (n: number) => `${office}:${1_024 + n}`],
  ["an IPv6 address with a port", (n: number) => `[2001:db8:7::${n}]:${1_024 + n}`],
  ["what is no address", (n: number) => `unknown-${n}`],
])("%s has no limit of its own for each port or word", async (_what, from) => {
  for (let n = 0; n < limit; n += 1) expect((await send(`${n}`, from(n))).status).toBe(303);
  expect((await send("one too many", from(limit))).status).toBe(429);
});

test("a network sends four times the limit in a day, and reads when to come back", async () => {
  for (let n = 0; n < 4 * limit; n += 1) {
    site.clock.now = new Date(tuesday.getTime() + Math.floor(n / limit) * 600_000);
    expect((await send(`project ${n}`)).status).toBe(303);
  }
  // The last ten minutes are full as well, but after those it would be refused again.
  const next = await send("one too many");
  expect([next.status, next.headers["retry-after"]]).toEqual([429, String(23.5 * 3_600)]);
  for (const words of ["Please send it later, or as an email.", "Wait 24 hours", "within a day"])
    expect(next.text).toContain(words);
  site.clock.now = new Date(tuesday.getTime() + 86_400_000);
  expect((await send("the next day")).status).toBe(303);
});

test("live checks have a limit of their own", async () => {
  await build({ INQUIRIES_PER_10_MINUTES: "1" });
  expect((await send("a neighbour's")).status).toBe(303);
  const check = (n: number) => send(`check ${n}`, office, { live_check: "1" });
  for (let n = 0; n < 10; n += 1) expect((await check(n)).status).toBe(303);
  expect((await check(10)).status).toBe(429);
});

test("attempts with errors and repeats are not counted", async () => {
  for (let n = 0; n < 8; n += 1)
    expect((await send("x", office, { email: "nobody" })).status).toBe(422);
  const first = await send("project 0");
  const location: unknown = first.headers["location"];
  for (let n = 0; n < 8; n += 1)
    expect((await send("project 0")).headers).toMatchObject({ location });
  await sendUpToTheLimit(); // the first is a repeat
  expect((await send("one too many")).status).toBe(429);
  expect((await send("project 0")).headers).toMatchObject({ location });
});

test("a double click during the look-up is one inquiry, also at the limit", async () => {
  const slow = () => new Promise<undefined>((resolve) => setImmediate(resolve, undefined));
  const { store, config: settings } = site;
  const parts = { store, settings, lookUpDomain: slow, nudge: () => {}, clock: () => tuesday };
  const submit = createSubmit(parts);
  for (let n = 1; n <= limit; n += 1) {
    const form = readForm({ ...filledForm, message: `project ${n}` });
    const both = await Promise.all([submit(form, "", office), submit(form, "", office)]);
    const [inquiry] = await store.list();
    expect(both).toEqual([
      { type: "stored", inquiry, isRepeated: false },
      { type: "stored", inquiry, isRepeated: true },
    ]);
    expect(await stored()).toBe(n);
  }
  const next = readForm({ ...filledForm, message: "one too many" });
  expect(await submit(next, "", office)).toMatchObject({ type: "wait" });
});

test("a clock that was a day ahead locks no network out", async () => {
  site.clock.now = new Date(tuesday.getTime() + 86_400_000);
  await sendUpToTheLimit();
  site.clock.now = tuesday;
  expect((await send("after the clock was set")).status).toBe(303);
});

test("forms that could not be saved are not counted, but refused ads are", async () => {
  using database = new DatabaseSync(site.config.storeSettings.file);
  database.exec(
    "create trigger full before insert on inquiries begin select raise(abort, 'full'); end",
  );
  for (let n = 0; n < 2 * limit; n += 1) expect((await send(`project ${n}`)).status).toBe(503);
  const spam = (n: number) => send(`[url=a]${n}[/url]`, elsewhere(9));
  for (let n = 0; n < limit; n += 1) expect((await spam(n)).status).toBe(503);
  expect((await spam(limit)).status).toBe(429);
  database.exec("drop trigger full");
  await sendUpToTheLimit();
});

test.each([
  ["live checks", { live_check: "1" }],
  ["recognised advertising", { message: "[url=a]ad[/url]" }],
])("%s do not count towards the hourly total", async (_what, changes) => {
  await build({ INQUIRIES_PER_HOUR_TOTAL: "2" });
  for (let n = 0; n < 3; n += 1)
    await send(`${n}`, elsewhere(n), { email: `a${n}@a.example`, ...changes });
  await send("an honest one", elsewhere(4));
  expect(await counts()).toMatchObject({ pending: 1, quarantined: 3 });
});

test("beyond the hourly total inquiries are quarantined for an hour", async () => {
  await build({ INQUIRIES_PER_HOUR_TOTAL: "3" });
  for (let n = 0; n < 5; n += 1)
    expect((await send(`project ${n}`, elsewhere(n))).status).toBe(303);
  expect(await counts()).toMatchObject({ pending: 3, quarantined: 2 });
  site.clock.now = new Date(tuesday.getTime() + 3_600_000);
  expect((await send("an hour later", elsewhere(77))).status).toBe(303);
  expect(await counts()).toMatchObject({ pending: 4, quarantined: 2 });
});

test("a known sender is quarantined only in a flood", async () => {
  await build({ INQUIRIES_PER_10_MINUTES: "0", INQUIRIES_PER_HOUR_TOTAL: "2" });
  const reasonOf = async (changes: FormChanges) =>
    (await site.store.find({ reference: await postForm(site, changes) }))?.delivery
      .quarantineReason;
  expect(await reasonOf(advertisement)).toBe("markup");
  const email = "priya.raman+shop@fjordfreight.example"; // the mailbox of the others
  expect(await reasonOf({ email, message: "first" })).toBe("");
  await site.worker.deliverDue();
  expect(await reasonOf({ ...advertisement, name: "Another" })).toBe("");
  expect(await reasonOf({ message: "beyond the total of an hour" })).toBe("flood");
});

test("a full quarantine refuses advertising until staff close some", async () => {
  await build({ INQUIRIES_PER_10_MINUTES: "0" });
  fillStore(site.config.storeSettings.file, 4_999, 1, 0);
  const spam = (message: string) => send(`[url=a]${message}[/url]`, office);
  expect((await spam("the last one")).status).toBe(303);
  const refused = await spam("one <too> many");
  expect(refused.status).toBe(503);
  expect(refused.text).toContain("one &lt;too&gt; many");
  expect(refused.text).toContain('href="mailto:');
  expect((await send("a live check", office, { live_check: "1" })).status).toBe(503);
  expect((await spam("the last one")).status).toBe(303);
  expect((await send("an honest one", elsewhere(1))).status).toBe(303);
  expect(await counts()).toEqual({ pending: 1, quarantined: 5_000, sent: 0 });
  using database = new DatabaseSync(site.config.storeSettings.file, { timeout: 10_000 });
  database.exec("update inquiries set progress = 'closed' where reference = 'CS-1'");
  expect((await spam("staff have closed one")).status).toBe(303);
});
