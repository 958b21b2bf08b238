// The question about an email address that is probably mistyped or cannot receive mail: it is asked
// once, and staff read what was found.

import request from "supertest";
import type { LookUpDomain } from "../../src/inquiries/email-address.ts";
import { exportInquiry } from "../../src/inquiries/inquiry.ts";
import { advertisement, filledForm, type FormChanges } from "../support/form.ts";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import type { TestSite } from "../support/site.ts";

let site: TestSite;
let lookedUp: string[];
const faults: Record<string, Awaited<ReturnType<LookUpDomain>>> = {
  "nordhavnn.dk": "doesn’t exist",
  "parked.dk": "doesn’t accept email",
};
const lookUpDomain = (domain: string) => {
  lookedUp.push(domain);
  return Promise.resolve(faults[domain]);
};

const articles = { "builder-pattern-in-java.md": articleFile() };
const build = async (env: Record<string, string> = {}) =>
  (site = await buildSiteOf(articles, { env, dependencies: { lookUpDomain } }));
beforeEach(async () => {
  lookedUp = [];
  await build();
});

const send = (email: string, changes: FormChanges = {}) => site.sendForm({ email, ...changes });
const confirm = (email: string, changes: FormChanges = {}) =>
  send(email, { asked_about: email, ...changes });
const asked = (text: string) => /name="asked_about" value="([^"]*)"/.exec(text)?.[1];
const question = (text: string) =>
  /class="error" id="page-email-error"><span[^>]*>Question: <\/span>([^<]*)</.exec(text)?.[1];

test("a mistyped domain: the form comes back whole with a question", async () => {
  const { status, text, headers } = await send("mette@gmial.com", {
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
    '<button class="button" type="submit" form="page-form" name="email" value="mette@gmail.com">',
    '<button class="button plain" type="submit" form="page-form">No, gmial.com is right</button>',
    'aria-describedby="page-email-hint page-email-error"',
  ])
    expect(text).toContain(word);
  expect(text).not.toMatch(/aria-invalid|Error:/);
  expect(await site.store.list()).toEqual([]);
});

test("a missing name and a mistyped domain come in one round", async () => {
  const { status, text } = await send("soren@gmial.com", { name: "" });
  expect(status).toBe(422);
  expect(text).toContain(
    '<li><a href="#page-name">Enter your name</a></li>\n<li><a href="#page-email">Did you mean soren@gmail.com?</a></li>',
  );
  expect(question(text)).toBe("Did you mean soren@gmail.com?");
  expect((await send("mette@nordhavnn.dk", { name: "" })).status).toBe(422);
  expect(lookedUp).toEqual([]);
  expect((await send("soren@gmial.com", { asked_about: asked(text) ?? "" })).status).toBe(303);
});

test.each([
  ["nordhavnn.dk", "doesn’t exist"],
  ["parked.dk", "doesn’t accept email"],
])("the domain %s, which %s: the page says that a reply cannot arrive", async (domain, fault) => {
  const { status, text } = await send(`mette@${domain}`);
  expect(status).toBe(422);
  const sentence = `The domain ${domain} ${fault}, so our reply wouldn’t reach you.`;
  expect(question(text)).toBe(sentence);
  expect(text).toContain(`<p>${sentence}</p>`);
});

test.each([
  ["mette@gmial.com", "gmial.com may be a typo for gmail.com"],
  ["mette@nordhavnn.dk", "the domain nordhavnn.dk doesn’t exist"],
])("%s sent again is accepted, and the mail and the export say: %s", async (email, note) => {
  await send(email);
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
  // A browser sends the value of the button first, because it precedes the field in the page.
  const { asked_about, ...rest } = { ...filledForm, asked_about: "mette@gmial.com" };
  const body = new URLSearchParams([
    ["email", "mette@gmail.com"],
    ...Object.entries({ ...rest, email: "mette@gmial.com", asked_about }),
  ]);
  const { status } = await request(site.server).post("/contact").type("form").send(body.toString());
  expect(status).toBe(303);
  const [stored] = await site.store.list();
  expect(stored?.answers.email).toBe("mette@gmail.com");
});

test("a confirmation is for every spelling of an address, and for no other", async () => {
  expect((await send("mette@gmial.com", { asked_about: "Mette@Gmial.com" })).status).toBe(303);
  const other = await send("mette@nordhavnn.dk", { asked_about: "mette@gmial.com" });
  expect([other.status, asked(other.text)]).toEqual([422, "mette@nordhavnn.dk"]);
});

test("a confirmed address is not asked about again", async () => {
  const second = await confirm("mette@gmial.com", { message: "" });
  expect(second.text).toContain("One answer to check");
  expect(question(second.text)).toBeUndefined();
  expect(asked(second.text)).toBe("mette@gmial.com");
  expect((await confirm("mette@gmial.com")).status).toBe(303);
});

test("advertising is quarantined without a question or a look-up", async () => {
  for (const email of ["seller@gmial.com", "seller@nordhavnn.dk"])
    expect((await send(email, advertisement)).status).toBe(303);
  expect(lookedUp).toEqual([]);
  const states = (await site.store.list()).map(({ delivery }) => delivery.state);
  expect(states).toEqual(["quarantined", "quarantined"]);
});

test("questions count for the network, which causes few look-ups", async () => {
  await build({ INQUIRIES_PER_10_MINUTES: "3" });
  const statuses: number[] = [];
  for (let n = 0; n < 6; n += 1) statuses.push((await send("mette@nordhavnn.dk")).status);
  expect(statuses).toEqual([422, 422, 422, 429, 429, 429]);
  expect(lookedUp).toHaveLength(3);
  const beyond = await confirm("mette@gmial.com");
  expect([beyond.status, asked(beyond.text)]).toEqual([429, "mette@gmial.com"]);
});
