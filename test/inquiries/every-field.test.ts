// One row of the table of fields is enough: every answer reaches every place, also the answer to a field that these tests add, and an answer
// whose field or choice was removed is not lost.

import request from "supertest";
import { exportInquiry, toCsv } from "../../src/inquiries/export.ts";
import { contentKey } from "../../src/inquiries/answers.ts";
import { fields, type Field } from "../../src/inquiries/form.ts";
import { asPlainText } from "../../src/inquiries/inquiry-mail.ts";
import { openStore } from "../../src/inquiries/store/store.ts";
import { storeFile } from "../../src/store-and-mail.ts";
import { numberWord } from "../../src/web/pages.ts";
import { buildTestSite, tuesday } from "../support/site.ts";

const wednesdayMorning = new Date("2026-11-25T07:00:00Z");
const shipped = [...fields];
afterEach(() => void fields.splice(0, fields.length, ...shipped));

// A name that no real question has.
const budget: Field = {
  name: "test-budget",
  label: "What is the budget?",
  shortLabel: "Budget",
  storedAs: "your budget",
  control: "select",
  required: false,
  choices: [
    { value: "open", label: "No budget yet" },
    { value: "large", label: "More than anybody has" },
  ],
};

/** A valid answer to every field, with a unique word in each text field. */
function answersTo(questions: readonly Field[]): Record<string, string> {
  const answerTo = ({ name, control, choices }: Field) => {
    if (control === "email") return "address-of-email@fjord.example";
    return choices?.at(-1)?.value ?? `word-of-${name}`;
  };
  return Object.fromEntries(questions.map((field) => [field.name, answerTo(field)]));
}

/** The answer to a field as people read it. */
const shown = (field: Field, answers: Record<string, string>) =>
  field.choices?.find(({ value }) => value === answers[field.name])?.label ??
  answers[field.name] ??
  "";

/** Sends answers through the form, with and without signs of spam, and returns every place where staff or the sender can read them. */
async function sendEverywhere(answers: Record<string, string>) {
  const site = await buildTestSite();
  const post = (changes: Record<string, string>) =>
    request(site.server)
      .post("/contact")
      .type("form")
      .send({ ...answers, ...changes });
  const { status, headers } = await post({});
  expect(status).toBe(303);
  const reference = String(headers["location"]).slice(-12);
  await post({ message: `${answers["message"]} [url=http://advert.example]` });
  await site.delivery.deliverDue();
  const [mail] = site.mailbox;
  site.clock.now = wednesdayMorning;
  await site.housekeep();
  const digest = site.mailbox.at(-1);
  const store = await openStore(storeFile(site.config), "cleansystems.example");
  const inquiry = await store.inbox.find(reference);
  const list = await store.staff.list();
  await store.close();
  const [form, privacy, home] = await Promise.all(
    ["/contact", "/privacy", "/"].map(
      async (address) => (await request(site.server).get(address)).text,
    ),
  );
  await site.close();
  if (!inquiry) throw new Error("the inquiry is not in the store");
  const places = {
    "the mail as text": mail?.text ?? "",
    "the mail as HTML": mail?.html ?? "",
    "the digest": digest?.text ?? "",
    "the export as JSON": JSON.stringify(exportInquiry(inquiry)),
    "the export as CSV": toCsv(list),
    "the mail that the visitor can send instead": asPlainText(inquiry.answers),
  };
  return { inquiry, places, form: form ?? "", privacy: privacy ?? "", home: home ?? "" };
}

describe.each([
  ["the fields of the form", []],
  ["the fields of the form and one more", [budget]],
])("%s", (_name, added: Field[]) => {
  test("reach the store, the mails, the exports, the privacy page and the copy", async () => {
    fields.push(...added);
    const answers = answersTo(fields);
    const { inquiry, places, form, privacy, home } = await sendEverywhere(answers);
    expect(inquiry.answers).toEqual(answers);
    for (const field of fields) {
      for (const [place, text] of Object.entries(places)) {
        if (!text.includes(shown(field, answers)))
          throw new Error(`${place} lacks the answer to ${field.name}:\n${text}`);
      }
      expect(form).toContain(`name="${field.name}"`);
      expect(form).toContain(field.label);
      if (!field.choices) expect(form).toMatch(new RegExp(`name="${field.name}"[^>]* dir="auto"`));
      expect(privacy).toContain(field.storedAs);
    }
    const count = numberWord(fields.length);
    expect(form).toContain(`${count} questions, about two minutes.`);
    expect(home).toContain(`${count} questions on one page.`);
  });

  test("are all part of the duplicate key", () => {
    fields.push(...added);
    const answers = answersTo(fields);
    for (const { name } of fields) {
      const changed = { ...answers, [name]: `${answers[name]}x` };
      if (contentKey(changed) === contentKey(answers))
        throw new Error(`two inquiries that differ only in ${name} count as one`);
    }
  });
});

test("two inquiries that differ only in a new field are both stored and mailed", async () => {
  fields.push(budget);
  const site = await buildTestSite();
  const send = (value: string) =>
    request(site.server)
      .post("/contact")
      .type("form")
      .send({ ...answersTo(fields), [budget.name]: value });
  for (const value of ["open", "large"]) expect((await send(value)).status).toBe(303);
  await site.delivery.deliverDue();
  expect(
    site.mailbox.map(({ text }) => /No budget yet|More than anybody has/.exec(text)?.[0]),
  ).toEqual(["No budget yet", "More than anybody has"]);
  await site.close();
});

test("an answer whose field or choice was removed is still in the mail, the digest and the exports", async () => {
  const site = await buildTestSite();
  const answers = {
    ...answersTo(fields),
    start: "word-of-a-former-choice",
    phone: "word-of-a-former-question",
  };
  const store = await openStore(storeFile(site.config), "cleansystems.example");
  await store.inbox.accept(answers, { slug: "", title: "", quarantineReason: "" }, tuesday);
  await store.inbox.accept(
    { ...answers, message: "advertising" },
    { slug: "", title: "", quarantineReason: "many links" },
    tuesday,
  );
  fields.splice(
    fields.findIndex(({ name }) => name === "company"),
    1,
  );
  await site.delivery.deliverDue();
  site.clock.now = wednesdayMorning;
  await site.housekeep();
  const [first] = await store.staff.list();
  await store.close();
  await site.close();
  const places = {
    "the mail as text": site.mailbox[0]?.text,
    "the mail as HTML": site.mailbox[0]?.html,
    "the digest": site.mailbox[1]?.text,
    "the export as JSON": first && JSON.stringify(exportInquiry(first)),
    "the export as CSV": first && toCsv([first]),
  };
  for (const [place, text = ""] of Object.entries(places)) {
    for (const word of [
      "word-of-a-former-choice",
      "word-of-a-former-question",
      "word-of-company",
      "company",
      "phone",
    ])
      if (!text.includes(word)) throw new Error(`${place} lacks ${word}:\n${text}`);
  }
});

test("the names of fields are unique, and none is a name that the posted form uses otherwise", () => {
  const names = fields.map(({ name }) => name);
  expect(new Set([...names, "from", "leave_empty", "live_check", "asked_about"]).size).toBe(
    names.length + 4,
  );
});
