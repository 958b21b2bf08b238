// A message of 20,000 characters, the most that the form accepts: it reaches every place whole, and hostile ones take little time.

import { readFile } from "node:fs/promises";
import path from "node:path";
import { simpleParser } from "mailparser";
import { toCsv } from "../../src/inquiries/export.ts";
import { fields, readForm } from "../../src/inquiries/form.ts";
import { composeMail, type Mail } from "../../src/inquiries/inquiry-mail.ts";
import { createMailFolder } from "../../src/inquiries/smtp.ts";
import { spamReason } from "../../src/inquiries/spam.ts";
import { openStore, type Store } from "../../src/inquiries/store/store.ts";
import { storeFile } from "../../src/store-and-mail.ts";
import { memory } from "../support/memory.ts";
import { postForm } from "../support/post.ts";
import { buildTestSite, filledForm, temporaryFolder } from "../support/site.ts";

const { leave_empty: _trap, ...answers } = filledForm;
const length = 20_000;
/** Eight o'clock in Copenhagen. */
const wednesday = new Date("2026-11-25T07:00:00Z");

let site: Awaited<ReturnType<typeof buildTestSite>>;
let store: Store;
async function open(): Promise<void> {
  site = await buildTestSite({ env: { INQUIRIES_PER_10_MINUTES: "0" } });
  store = await openStore(storeFile(site.config), "cleansystems.example");
}
async function close(): Promise<void> {
  await store.close();
  await site.close();
}

/** Returns the bytes of a mail as they are sent. */
async function encoded(mail: Mail | undefined): Promise<Buffer> {
  if (!mail) throw new Error("no mail was sent");
  const { dir, remove } = await temporaryFolder(memory);
  await createMailFolder(dir)(mail);
  const bytes = await readFile(path.join(dir, `${mail.reference}.eml`));
  await remove();
  return bytes;
}

describe("the form, the mail and the export", () => {
  beforeEach(open);
  afterEach(close);

  test.each([
    ["one word", "x".repeat(length)],
    ["Chinese without a space", "長".repeat(length)],
    ["pairs of surrogates", "🚢".repeat(length / 2)],
    ["a sentence in each line", "Ordrer går tabt om natten.\n".repeat(length / 27)],
  ])(
    "a message that is %s reaches the store, both parts of the mail and the CSV whole",
    async (_what, text) => {
      const message = text.trim();
      const reference = await postForm(site, { message });
      expect((await store.inbox.find(reference))?.answers["message"]).toBe(message);
      await site.delivery.deliverDue();
      const received = await simpleParser(await encoded(site.mailbox[0]));
      const withoutSpaces = (words = "") => words.replace(/<br>|^> ?|\s/gm, "");
      expect(withoutSpaces(received.text)).toContain(withoutSpaces(message));
      expect(withoutSpaces(received.html || "")).toContain(withoutSpaces(message));
      expect(toCsv(await store.staff.list())).toContain(message);
    },
  );
});

describe("the digest", () => {
  beforeEach(open);
  afterEach(close);

  /** Quarantines inquiries and returns the digest of the next morning. */
  async function digestOf(
    count: number,
    changes: Record<string, string>,
  ): Promise<Mail | undefined> {
    for (let index = 0; index < count; index += 1) {
      const submission = {
        slug: "",
        title: "",
        quarantineReason: "many links; more than ten links",
      };
      await store.inbox.accept(
        { ...answers, ...changes, company: `${index} ${changes["company"] ?? ""}` },
        submission,
        site.clock.now,
      );
    }
    site.clock.now = wednesday;
    await site.housekeep();
    return site.mailbox[0];
  }

  test("has the first 2,000 characters of a message, how many follow, and the command that shows them", async () => {
    const mail = await digestOf(1, { message: "x".repeat(1_999) + "🚢".repeat(9_000) });
    const [inquiry] = await store.staff.list();
    expect(/x{9,}.*/.exec(mail?.text ?? "")?.[0]).toBe(`${"x".repeat(1_999)}…`); // a half of a pair is not shown
    expect(mail?.text).toContain(
      `To read the other 18,000 characters, run\nnpm run inquiries -- show ${inquiry?.reference}\n`,
    );
  });

  test("has a message of 2,000 characters whole", async () => {
    const mail = await digestOf(1, { message: "x".repeat(2_000) });
    expect(mail?.text).toContain("x".repeat(2_000));
    expect(mail?.text).not.toContain("To read the other");
  });

  test.each(["長", "🚢"])(
    "is less than 5 MB with 200 inquiries whose answers are the longest of %s",
    async (symbol) => {
      const longest = fields.flatMap(({ name, maxLength = 0, choices }) =>
        choices ? [] : [[name, symbol.repeat(maxLength / symbol.length)]],
      );
      const mail = await digestOf(200, {
        ...Object.fromEntries(longest),
        message: symbol.repeat(length),
      });
      expect(mail?.subject).toContain("200 quarantined");
      expect((await encoded(mail)).length).toBeLessThan(4_800_000); // 2,000 references of sent inquiries take 150,000 more
    },
  );
});

describe("takes less than three seconds on a busy machine, where a quadratic check takes many more,", () => {
  beforeAll(open);
  afterAll(close);

  const bytes = 256 * 1024; // the longest body
  const filled = (text: string, count: number) => `a${text.repeat(count / text.length)}b`;

  test.each([
    " ",
    "\n",
    "\t",
    "x",
    "www.",
    "http://",
    "[url",
    "<a ",
    "<a href",
    "@",
    "@,",
    "a@b, ",
    "\u200b",
    "a\n\n",
    "'",
  ])("a message of %j", async (text) => {
    const startedAt = performance.now();
    const flood = filled(text, bytes);
    readForm(Object.fromEntries(fields.map(({ name }) => [name, flood])));
    spamReason({ ...answers, message: flood }, { isTrapFilled: false, recentFromNetwork: 0 });
    const message = filled(text, length - 7);
    const { inquiry } = await store.inbox.accept(
      readForm({ ...filledForm, message }).answers,
      { slug: "", title: "", quarantineReason: "" },
      site.clock.now,
    );
    composeMail(inquiry, site.config, [], "");
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });
});
