// A message of 20,000 characters, the most that the form accepts: it reaches every place whole, and
// hostile ones take little time.

import { readFile } from "node:fs/promises";
import path from "node:path";
import { simpleParser } from "mailparser";
import { fields, hiddenFields, type Answers } from "../../src/inquiries/form.ts";
import { readForm } from "../../src/inquiries/posted-form.ts";
import { exportInquiry, type Inquiry } from "../../src/inquiries/inquiry.ts";
import { composeMail } from "../../src/inquiries/mail/compose.ts";
import type { Mail } from "../../src/inquiries/mail/mail.ts";
import { createMailFolder } from "../../src/inquiries/mail/smtp.ts";
import { spamReason } from "../../src/inquiries/spam.ts";
import { filledAnswers, filledForm, type FormChanges } from "../support/form.ts";
import { buildTestSite, digestTime, postForm, temporaryFolder, tuesday } from "../support/site.ts";
import { plain, quarantined } from "../support/store.ts";

const length = 20_000;
const wednesday = digestTime("2026-11-25");

const site = await buildTestSite();

/** Returns the bytes of a mail as they are sent. */
async function encoded(mail: Mail | undefined): Promise<Buffer> {
  if (!mail) throw new Error("no mail was sent");
  const { dir } = await temporaryFolder();
  await createMailFolder(dir)(mail);
  return readFile(path.join(dir, `${mail.reference}.eml`));
}

test.each([
  ["one word", "x".repeat(length)],
  ["Chinese without a space", "長".repeat(length)],
  ["pairs of surrogates", "🚢".repeat(length / 2)],
  ["a sentence in each line", "Ordrer går tabt om natten.\n".repeat(length / 27)],
])("a message that is %s reaches every place whole", async (_what, text) => {
  const message = text.trim();
  await postForm(site, { message });
  const [inquiry] = await site.store.list();
  expect(inquiry?.answers.message === message).toBe(true);
  await site.worker.deliverDue();
  const received = await simpleParser(await encoded(site.mailbox.at(-1)));
  const bare = (words: string) => words.replace(/<br>|^> ?|\s/gm, "");
  expect(bare(received.text ?? "").includes(bare(message))).toBe(true);
  expect(bare(received.html || "").includes(bare(message))).toBe(true);
  expect(JSON.stringify(inquiry && exportInquiry(inquiry)).includes(JSON.stringify(message))).toBe(
    true,
  );
});

test("a digest with 200 of the longest inquiries is less than 1 MB", async () => {
  const longest = fields.flatMap(({ name, maxLength = 0, choices }) =>
    choices ? [] : [[name, "長".repeat(maxLength)]],
  );
  const other = await buildTestSite();
  for (let index = 0; index < 200; index += 1) {
    const answers = { ...filledAnswers, ...(Object.fromEntries(longest) as Answers) };
    const email = `sender${index}@advert.example`;
    await other.store.accept({ ...answers, email }, quarantined, tuesday);
  }
  other.clock.now = wednesday;
  await other.worker.runJobs();
  const [mail] = other.mailbox;
  expect(mail?.subject).toContain("200");
  expect((await encoded(mail)).length).toBeLessThan(1_000_000);
});

// A quadratic check would take longer than Jest waits.
describe("the longest body is read, checked and composed, whatever it repeats:", () => {
  const bytes = 256 * 1024; // the longest body
  const filled = (text: string, count: number) => `a${text.repeat(count / text.length)}b`;
  const hostile = [" ", "\n", "\n \n", "\t", "x", "www.", "http://", "[url", "<a ", "<a href"];
  let inquiry: Inquiry;
  beforeAll(async () => {
    ({ inquiry } = await site.store.accept(filledAnswers, plain, tuesday));
  });

  test.each([...hostile, "@", "@,", "a@b, ", "\u200b", "a\n\n", "'", "=?", "\u0301\u0316"])(
    "a message of %j",
    (text) => {
      const flood = filled(text, bytes);
      readForm(Object.fromEntries(fields.map(({ name }) => [name, flood])));
      const hidden = Object.values(hiddenFields).map((name) => [name, `a@${flood}`]);
      readForm({ ...filledForm, ...(Object.fromEntries(hidden) as FormChanges) });
      spamReason({ ...filledAnswers, message: flood }, false);
      const { answers } = readForm({ ...filledForm, message: filled(text, length - 7) });
      expect(composeMail({ ...inquiry, answers }, site.config).to).toHaveLength(1);
    },
  );
});
