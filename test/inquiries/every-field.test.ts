// One row of the table of fields is enough: every answer reaches every place, also the answer to a
// question that these tests add, and an answer whose question or choice was removed is not lost.

import request from "supertest";
import { asPlainText, contentKey, exportInquiry } from "../../src/inquiries/answers.ts";
import {
  fields,
  hiddenFields,
  type Answers,
  type Field,
  type FieldName,
} from "../../src/inquiries/form.ts";
import { numberWord } from "../../src/web/pages.ts";
import { answerTo } from "../support/form.ts";
import { textOf } from "../support/html.ts";
import { unquoted } from "../support/mail.ts";
import { buildTestSite } from "../support/site.ts";
import { plain } from "../support/store.ts";

const shipped = [...fields];
afterEach(() => void fields.splice(0, fields.length, ...shipped));

const choices = [
  { value: "none", label: "No budget yet" },
  { value: "large", label: "More than anybody has" },
];
const budget: Field = {
  name: "test-budget" as FieldName, // no release has this question
  label: "What is the budget?",
  shortLabel: "Budget",
  storedAs: "your budget",
  control: "select",
  noAnswer: "Choose one",
  choices,
};
const remark: Field = {
  name: "test-remark" as FieldName,
  label: "Remark",
  storedAs: "your remark",
  control: "text",
  maxLength: 50,
};

const answersTo = (questions: readonly Field[]): Answers =>
  Object.fromEntries(questions.map((field) => [field.name, answerTo(field)]));

/** The answer to a field as people read it. */
const shown = (field: Field, answers: Answers): string =>
  field.choices?.find(({ value }) => value === answers[field.name])?.label ??
  answers[field.name] ??
  "";

type TestSite = Awaited<ReturnType<typeof buildTestSite>>;

/** Returns every place where staff or the sender read all answers of an inquiry. */
async function placesOf(site: TestSite): Promise<Record<string, string>> {
  await site.worker.deliverDue();
  const [mail] = site.mailbox;
  const [inquiry] = await site.store.list();
  if (!mail || !inquiry) throw new Error("no inquiry was mailed");
  return {
    "the mail as text": unquoted(mail.text),
    "the mail as HTML": mail.html ?? "",
    "the export": JSON.stringify(exportInquiry(inquiry)),
    "the mail that the visitor can send instead": asPlainText(inquiry.answers),
  };
}

function expectInEvery(places: Record<string, string>, words: string[]): void {
  for (const [place, text] of Object.entries(places))
    for (const word of words)
      if (!text.includes(word)) throw new Error(`${place} lacks ${word}:\n${text}`);
}

describe.each([
  ["the fields of the form", []],
  ["the fields of the form and two more", [budget, remark]],
])("%s", (_name, added: Field[]) => {
  test("reach the store, the mails, the export, the privacy page and the copy", async () => {
    fields.push(...added);
    const answers = answersTo(fields);
    const site = await buildTestSite();
    await request(site.server).post("/contact").type("form").send(answers).expect(303);
    expect((await site.store.list()).map((inquiry) => inquiry.answers)).toContainEqual(answers);
    const places = await placesOf(site);
    expectInEvery(
      places,
      fields.map((field) => shown(field, answers)),
    );

    const get = async (address: string) => (await request(site.server).get(address)).text;
    const form = await get("/contact");
    const [formText, privacy, home] = [form, await get("/privacy"), await get("/")].map(textOf);
    for (const field of fields) {
      expect(form).toContain(`name="${field.name}"`);
      expect(formText).toContain(field.label);
      if (!field.choices) expect(form).toMatch(new RegExp(`name="${field.name}"[^>]* dir="auto"`));
      expect(privacy).toContain(field.storedAs);
    }
    const count = numberWord(fields.length);
    expect(formText).toContain(`${count} questions, which take about two minutes.`);
    expect(home).toContain(`${count} questions on one page.`);
    await site.close();
  });

  test("are all part of the duplicate key", () => {
    fields.push(...added);
    const answers = answersTo(fields);
    const same = fields.filter(
      ({ name }) => contentKey({ ...answers, [name]: `${answers[name]}x` }) === contentKey(answers),
    );
    expect(same.map(({ name }) => name)).toEqual([]);
  });
});

test("an optional choice that nobody made is stored as no answer, and shown nowhere", async () => {
  fields.push(budget);
  const site = await buildTestSite();
  const page = await request(site.server).get("/contact");
  expect(page.text).toMatch(
    /name="test-budget">\s*<option value="">Choose one<\/option>\s*<option value="none">/,
  );
  const form = { ...answersTo(fields), [budget.name]: "" };
  await request(site.server).post("/contact").type("form").send(form).expect(303);
  expect((await site.store.list())[0]?.answers).toEqual(form);
  await site.worker.deliverDue();
  expect(site.mailbox[0]?.text).toContain(form.name);
  expect(site.mailbox[0]?.text).not.toMatch(/Budget|budget/);
  await site.close();
});

test("an answer whose question or choice was removed is still in the mails and the export", async () => {
  const site = await buildTestSite();
  fields.push(remark, budget);
  const former = {
    ...answersTo(fields),
    [budget.name]: "word-of-a-former-choice",
    phone: "word-of-a-former-question",
  };
  await site.store.accept(former, plain, site.clock.now);
  fields.splice(fields.indexOf(remark), 1);
  expectInEvery(await placesOf(site), [
    "word-of-a-former-choice",
    "word-of-a-former-question",
    "phone",
    `word-of-${remark.name}`,
    remark.name,
  ]);
  await site.close();
});

test("the names of fields are unique, and none is a name that the posted form uses otherwise", () => {
  const names = [...fields.map(({ name }) => name), ...Object.values(hiddenFields)];
  expect(new Set(names).size).toBe(names.length);
});
