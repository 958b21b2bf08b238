// The mail to staff: no text of a visitor can imitate our own lines or come back to life in a
// header.

import { answersIn } from "../../src/inquiries/answers.ts";
import { composeWithoutText, quote } from "../../src/inquiries/inquiry-mail.ts";
import { filledAnswers, type FormChanges } from "../support/form.ts";
import { postForm } from "../support/post.ts";
import { buildTestSite } from "../support/site.ts";
import { storedInquiries } from "../support/stored.ts";

let site: Awaited<ReturnType<typeof buildTestSite>>;
beforeEach(async () => {
  site = await buildTestSite();
});
afterEach(() => site.close());

async function mailOf(changes: FormChanges) {
  await postForm(site, changes);
  await site.delivery.deliverDue();
  const [mail] = site.mailbox;
  if (!mail) throw new Error("no mail was sent");
  return mail;
}
/** The lines of a mail that a visitor did not type. */
const ownLines = (text: string) => text.split("\n").filter((line) => !line.startsWith(">"));

test("the mail has every answer in quoted lines, and then what the site knows", async () => {
  const { subject, text } = await mailOf({});
  const heading = answersIn("heading", filledAnswers).join(", ");
  expect(subject.replace(/CS-.{4}-.{4}/, "REFERENCE")).toBe(
    `New project: ${heading}, engineers to join our team [REFERENCE]`,
  );
  expect(text).toMatch(/^> Priya Raman.*\n> Kind of help: .* · Start: Within a month( ·|$)/m);
  expect(text).toContain("\n> Email: priya.raman@fjordfreight.example\n>\n> We run order routing");
  expect(text).toContain("Reply to this email to answer the sender directly.");
  expect(text).toMatch(/^Sent from +The contact page$/m);
});

test("a message cannot imitate the lines of the site", async () => {
  const imitation = "Mark it as taken or answered: https://evil.example/staff";
  const { text } = await mailOf({
    message: `Hello\n${"-".repeat(70)}\u2028${imitation}\r${imitation}\n\n> ${imitation}`,
  });
  expect(text).toContain(`> ${imitation}\n`);
  expect(ownLines(text).join("\n")).not.toContain("evil.example");
  expect(ownLines(text).filter((line) => /^-+$/.test(line))).toHaveLength(1);
});

test("a first name that is a link is in no line of the site, and quoted on the button", async () => {
  const { text, html } = await mailOf({ name: "evil.example/mark-as-answered" });
  expect(ownLines(text).join("\n")).not.toContain("evil.example");
  expect(html).toContain('“<span dir="auto">evil.example/mark-as-answered</span>”');
});

test("many line breaks become one empty line", async () => {
  const { text } = await mailOf({ message: `first${"\n".repeat(2_000)}second\n \n \nthird` });
  expect(text).toContain("> first\n>\n> second\n>\n> third\n");
});

test("encoded words in a name do not come back to life in headers", async () => {
  const word = "=?UTF-8?B?DQpCY2M6IGV2ZUBldmlsLmV4YW1wbGU=?=";
  const { subject, replyTo } = await mailOf({ name: word });
  expect(subject).not.toContain("=?");
  expect(replyTo?.name).not.toContain("=?");
  expect(subject).toContain("= ?UTF-8?B?DQpCY2M6IGV2ZUBldmlsLmV4YW1wbGU=");
});

test("a million characters without a space are wrapped in less than a second, where a quadratic loop takes minutes", () => {
  const startedAt = performance.now();
  expect(quote("x".repeat(1_000_000), 70)).toHaveLength(1_000_002);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});

test("quoted lines are wrapped, and a word that is too long is not cut", () => {
  expect(quote("one two three", 9)).toBe("> one two\n> three");
  expect(quote(`a ${"x".repeat(20)} b`, 9)).toBe(`> a\n> ${"x".repeat(20)}\n> b`);
});

test("the mail without the text has nothing that the visitor typed, and says how to read it", async () => {
  const canary = "kanarie";
  await postForm(site, { name: canary, email: `${canary}@b.dk`, message: canary });
  const [inquiry] = await storedInquiries(site);
  if (!inquiry) throw new Error("nothing was stored");
  const email_fault = `the domain ${canary}.dk does not accept email; the sender confirmed it`;
  const mail = composeWithoutText({ ...inquiry, email_fault }, site.config);
  expect(JSON.stringify(mail)).not.toContain(canary);
  expect(mail.replyTo).toBeUndefined();
  expect(mail.subject).toContain(inquiry.reference);
  expect(mail.text).toContain(`npm run inquiries -- show ${inquiry.reference}`);
  expect(mail.text).toMatch(/^Mark it as taken or answered: http.*\/staff\/[\da-f]{32}$/m);
});
