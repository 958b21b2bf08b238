// One row of the table of fields is enough: every answer reaches every place, and an answer whose
// question or choice was removed is not lost. The places read the table, and so do these tests.

import request from "supertest";
import { fields, questions, type Answers, type Field } from "../../src/inquiries/form.ts";
import { asPlainText } from "../../src/inquiries/answers.ts";
import { exportInquiry } from "../../src/inquiries/inquiry.ts";
import { numberWord } from "../../src/web/pages.ts";
import { answerTo } from "../support/form.ts";
import { textOf } from "../support/html.ts";
import { buildTestSite } from "../support/site.ts";
import { plain } from "../support/store.ts";

const answers = Object.fromEntries(fields.map((field) => [field.name, answerTo(field)]));

let site: Awaited<ReturnType<typeof buildTestSite>>;
beforeEach(async () => {
  site = await buildTestSite();
});

const post = (form: object) => request(site.server).post("/contact").type("form").send(form);

/** The answer to a field as people read it. */
const shown = ({ name, choices }: Field): string =>
  choices?.find(({ value }) => value === answers[name])?.label ?? answers[name] ?? "";

/** Returns every place where staff or the sender read all answers of an inquiry. */
async function placesOf(): Promise<Record<string, string>> {
  await site.worker.deliverDue();
  const [mail] = site.mailbox;
  const [inquiry] = await site.store.list();
  if (!mail || !inquiry) throw new Error("no inquiry was mailed");
  return {
    "the mail as text": mail.text.replace(/^> ?/gm, "").replace(/\s+/g, " "),
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

test("every field reaches every place that shows answers", async () => {
  await post(answers).expect(303);
  expect((await site.store.list()).map((inquiry) => inquiry.answers)).toContainEqual(answers);
  const { "the export": exported = "", ...places } = await placesOf();
  expectInEvery({ exported }, fields.map(shown));
  expectInEvery(places, questions.map(shown));
  expect(places["the mail as text"]).not.toContain("Confirmation:");

  const get = async (address: string) => (await request(site.server).get(address)).text;
  const form = await get("/contact");
  const [formText, privacy] = [form, await get("/privacy")].map(textOf);
  for (const field of fields) {
    expect(form).toContain(`name="${field.name}"`);
    expect(formText).toContain(field.label);
    if (!field.choices) expect(form).toMatch(new RegExp(`name="${field.name}"[^>]* dir="auto"`));
    expect(privacy).toContain(field.storedAs || "what the privacy notice calls the answer");
  }
  const count = numberWord(questions.length);
  const optional = questions.filter(({ missing }) => !missing).length;
  expect(formText).toContain(
    `${count} questions, ${numberWord(optional).toLowerCase()} of them optional: about two minutes.`,
  );
});

test("every question is part of the duplicate key, and no wish", async () => {
  const references = [(await post(answers)).headers["location"]];
  for (const { name, choices } of questions) {
    const other = choices?.[0]?.value ?? `x${answers[name]}`;
    references.push((await post({ ...answers, [name]: other })).headers["location"]);
  }
  expect(references).not.toContain(undefined);
  references.push((await post({ ...answers, confirmation: "" })).headers["location"]);
  expect(new Set(references).size).toBe(questions.length + 1);
});

test("an optional choice that nobody made is shown nowhere", async () => {
  const optional = fields.filter(({ control }) => control === "select");
  const page = await request(site.server).get("/contact");
  for (const { name, noAnswer, choices } of optional.filter((one) => one.control === "select"))
    expect(page.text).toMatch(
      new RegExp(
        `name="${name}">\\s*<option value="">${noAnswer}</option>\\s*<option value="${choices[0]?.value}">`,
      ),
    );
  const form = { ...answers, ...Object.fromEntries(optional.map(({ name }) => [name, ""])) };
  await post(form).expect(303);
  expect((await site.store.list())[0]?.answers).toEqual(form);
  const text = (await placesOf())["the mail as text"];
  for (const { label, shortLabel } of optional) expect(text).not.toContain(shortLabel ?? label);
});

test("an answer whose question was removed is still in every place", async () => {
  const former: Answers & Record<string, string> = { ...answers, phone: "a former question" };
  for (const { name, choices } of questions)
    if (choices) former[name] = `a former choice of ${name}`;
  await site.store.accept(former, plain, site.clock.now);
  const choices = questions.filter((field) => field.choices);
  const words = choices.map(({ name }) => `a former choice of ${name}`);
  expectInEvery(await placesOf(), ["phone", "a former question", ...words]);
});
