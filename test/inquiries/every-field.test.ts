// One row of the table of fields is enough: every answer reaches every place, and an answer whose
// question or choice was removed is not lost. The places read the table, and so do these tests. The
// longest message reaches them whole, and hostile ones take little time.

import { fields, questions, type Answers, type Field, readForm } from "../../src/inquiries/form.ts";
import { asPlainText } from "../../src/inquiries/answers.ts";
import { exportInquiry } from "../../src/inquiries/inquiry.ts";
import { composeMail } from "../../src/inquiries/mail/compose.ts";
import { spamReason } from "../../src/inquiries/spam.ts";
import { numberWord } from "../../src/web/pages.ts";
import { buildSiteOf } from "../support/articles.ts";
import { answerTo, filledAnswers, filledForm } from "../support/form.ts";
import { textOf } from "../support/html.ts";
import { postForm, tuesday } from "../support/site.ts";
import { plain } from "../support/store.ts";

const answers = Object.fromEntries(fields.map((field) => [field.name, answerTo(field)]));
const site = await buildSiteOf({});

/** Returns the answer to a field as people read it. */
const shown = ({ name, choices }: Field): string =>
  choices?.find(({ value }) => value === answers[name])?.label ?? answers[name] ?? "";

/** Returns every place where staff or the sender read all answers of an inquiry. */
async function placesOf(reference: string): Promise<Record<string, string>> {
  await site.worker.deliverDue();
  const mail = site.mailbox.find((one) => one.reference === reference);
  const inquiry = await site.store.find({ reference });
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
  const reference = await postForm(site, answers);
  expect(await site.store.find({ reference })).toMatchObject({ answers });
  const { "the export": exported = "", ...places } = await placesOf(reference);
  expectInEvery({ exported }, fields.map(shown));
  expectInEvery(places, questions.map(shown));
  expect(places["the mail as text"]).not.toContain("Confirmation:");

  const { text: form } = await site.get("/contact");
  const [formText, privacy] = [form, (await site.get("/privacy")).text].map(textOf);
  for (const field of fields) {
    expect(form).toContain(`name="${field.name}"`);
    expect(formText).toContain(field.label);
    if (!field.choices) expect(form).toMatch(new RegExp(`name="${field.name}"[^>]* dir="auto"`));
    const isOptional = questions.includes(field) && !field.missing;
    expect(field.storedAs).not.toBe("");
    expect(privacy?.includes(`${field.storedAs} (if given)`)).toBe(isOptional);
    expect(privacy).toContain(field.storedAs);
  }
  const count = numberWord(questions.length);
  const optional = questions.filter(({ missing }) => !missing).length;
  expect(formText).toContain(
    `${count} questions, ${numberWord(optional).toLowerCase()} of them optional: about two minutes.`,
  );
});

test("every question is part of the duplicate key, and no wish", async () => {
  const references = [await postForm(site, answers)];
  for (const { name, choices } of questions) {
    const other = choices?.[0]?.value ?? `x${answers[name]}`;
    references.push(await postForm(site, { ...answers, [name]: other }));
  }
  references.push(await postForm(site, { ...answers, confirmation: "" }));
  expect(new Set(references).size).toBe(questions.length + 1);
});

test("an optional choice that nobody made is shown nowhere", async () => {
  const optional = fields.flatMap((field) => (field.control === "select" ? field : []));
  const page = await site.get("/contact");
  for (const { name, noAnswer, choices } of optional)
    expect(page.text).toMatch(
      new RegExp(
        `name="${name}">\\s*<option value="">${noAnswer}</option>\\s*<option value="${choices[0]?.value}">`,
      ),
    );
  const form = { ...answers, ...Object.fromEntries(optional.map(({ name }) => [name, ""])) };
  const reference = await postForm(site, form);
  expect((await site.store.find({ reference }))?.answers).toEqual(form);
  const text = (await placesOf(reference))["the mail as text"];
  for (const { label, shortLabel } of optional) expect(text).not.toContain(shortLabel ?? label);
});

test("an answer whose question was removed is still in every place", async () => {
  const former: Answers & Record<string, string> = { ...answers, telex: "a former question" };
  for (const { name, choices } of questions)
    if (choices) former[name] = `a former choice of ${name}`;
  const { inquiry } = await site.store.accept(former, plain, tuesday);
  const choices = questions.filter((field) => field.choices);
  const words = choices.map(({ name }) => `a former choice of ${name}`);
  expectInEvery(await placesOf(inquiry.reference), ["telex", "a former question", ...words]);
});

test("a message of 20,000 characters reaches every place whole", async () => {
  const parts = [
    "x".repeat(5_000),
    "長".repeat(5_000),
    "🚢".repeat(2_500),
    "Går tabt.\n".repeat(499),
  ];
  const message = parts.join("\n").padEnd(20_000, "y");
  const reference = await postForm(site, { message });
  expect((await site.store.find({ reference }))?.answers.message === message).toBe(true);
  const bare = (words: string) => words.replace(/<br>|\\n|\s/g, "");
  const places = await placesOf(reference);
  for (const place of ["the mail as text", "the mail as HTML", "the export"])
    expect([place, bare(places[place] ?? "").includes(bare(message))]).toEqual([place, true]);
});

const hostile = [" ", "\n", "\n \n", "\t", "x", "www.", "http://", "[url", "<a ", "<a href"];
test.each([...hostile, "@", "@,", "a@b, ", "\u200b", "a\n\n", "'", "=?", "\u0301\u0316"])(
  "the longest body of %j is read, checked and composed at once",
  async (text) => {
    const filled = (count: number) => `a${text.repeat(count / text.length)}b`;
    const flood = filled(256 * 1024); // the longest body
    const { inquiry } = await site.store.accept(filledAnswers, plain, tuesday);
    const before = process.cpuUsage();
    readForm({
      ...filledForm,
      email: flood,
      message: flood,
      asked_about: `a@${flood}`,
      reply_to: flood,
    });
    spamReason({ ...filledAnswers, message: flood }, false);
    const { answers: longest } = readForm({ ...filledForm, message: filled(19_990) });
    expect(composeMail({ ...inquiry, answers: longest }, site.config).to).toHaveLength(1);
    // The form takes about 20 ms. With a quadratic check it took seconds.
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
  },
);
