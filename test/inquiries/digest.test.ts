// The digest and the quarantine mail: when they are sent, what they list, and that it is all listed
// once.

import request from "supertest";
import type { Mail } from "../../src/inquiries/inquiry-mail.ts";
import type { SendResult } from "../../src/inquiries/smtp.ts";
import type { Store } from "../../src/inquiries/store/store.ts";
import { postForm } from "../support/post.ts";
import { buildTestSite, filledForm, tuesday } from "../support/site.ts";
import { answers, plain, quarantined } from "../support/store.ts";

const advertising = {
  name: "Eve",
  email: "eve@advert.example",
  message: "Buy [url=http://advert.example]this[/url]",
};
const accepted: SendResult = { sent: true, refusedRecipients: [] };
const unreachable: SendResult = { sent: false, fault: "temporary", reason: "ECONNECTION" };
const refusedText: SendResult = { ...unreachable, isAboutText: true, reason: "EMESSAGE 451" };
const minuteMs = 60_000;
/** Eight o'clock in Copenhagen. */
const wednesday = new Date("2026-11-25T07:00:00Z");

let site: Awaited<ReturnType<typeof buildTestSite>>;
let store: Store;
let tried: Mail[];
let sent: Mail[];
/** How the mail server responds. A test may replace it. */
let respond: (mail: Mail) => SendResult;
function sendMail(mail: Mail): Promise<SendResult> {
  tried.push(mail);
  const result = respond(mail);
  if (result.sent) sent.push(mail);
  return Promise.resolve(result);
}
beforeEach(async () => {
  [tried, sent] = [[], []];
  respond = () => accepted;
  site = await buildTestSite({
    dependencies: { sendMail },
    env: { RETENTION_DAYS: "19", INQUIRIES_PER_10_MINUTES: "0" },
  });
  ({ store } = site);
});
afterEach(() => site.close());

/**
 * Runs the pass of digest, alerts and retention at this instant. Returns the mails that it sent.
 */
async function passAt(instant: Date | string): Promise<Mail[]> {
  site.clock.now = new Date(instant);
  const before = sent.length;
  await site.worker.runJobs();
  return sent.slice(before);
}

test("both mails are sent once, at eight in Copenhagen on the next working day: quarantined inquiries in full and sent ones by reference", async () => {
  const suspicious = await postForm(site, advertising);
  const honest = await postForm(site);
  await site.delivery.deliverDue();
  expect(await passAt(new Date(tuesday.getTime() + minuteMs))).toEqual([]);
  expect(await passAt(new Date(wednesday.getTime() - 1))).toEqual([]);
  const [digest, mail, ...more] = await passAt(wednesday);
  expect(more).toEqual([]);
  for (const one of [digest, mail]) {
    const { mailTo: to, mailFrom: from } = site.config;
    expect(one).toMatchObject({ to, from, date: wednesday });
    expect([one?.html, one?.replyTo]).toEqual([undefined, undefined]);
  }
  expect(digest?.subject).toBe("1 due today, 1 sent: inquiries on Wednesday 25 November");
  expect(digest?.text).toContain(`${honest}  received Tue 24 Nov 2026, 14:33 Copenhagen`);
  expect(digest?.text).not.toMatch(/fjordfreight|breakfast|\bEve\b|advert/i);
  expect(mail?.subject).toBe(
    "1 new in quarantine, 1 waiting in all: inquiries on Wednesday 25 November",
  );
  const text = mail?.text ?? "";
  for (const words of [
    `${suspicious}  links in forum or HTML markup`,
    "> Name: Eve",
    advertising.email,
    `> ${advertising.message}`,
    "Engineers to join our team",
    "19 days after",
    `${site.config.siteUrl}/staff/${(await store.find({ reference: suspicious }))?.token}\n`,
    "close-listed",
    "Received: Tue 24 Nov 2026, 14:33 Copenhagen, 20:33 Magelang",
  ])
    expect(text).toContain(words);
  expect(text).not.toContain(honest);
  for (const minutes of [1, 60, 600])
    expect(await passAt(new Date(wednesday.getTime() + minutes * minuteMs))).toEqual([]);
  const [thursday, ...others] = await passAt("2026-11-26T07:00:00Z");
  expect(others).toEqual([]);
  expect(thursday?.subject).toBe(
    "1 overdue, 1 waiting in quarantine: inquiries on Thursday 26 November",
  );
  expect(thursday?.text).toContain("WAITING IN QUARANTINE: 1");
});

test("of two processes whose clocks differ by 30 s, only one sends each mail", async () => {
  await postForm(site, advertising);
  await postForm(site);
  await site.delivery.deliverDue();
  const other = await buildTestSite({
    dependencies: { sendMail },
    env: { DATA_DIR: site.config.dataDir },
    now: wednesday,
  });
  const before = sent.length;
  await passAt(new Date(wednesday.getTime() + 30_000));
  for (const seconds of [0, 30, 60]) {
    other.clock.now = new Date(wednesday.getTime() + seconds * 1_000);
    await other.worker.runJobs();
  }
  expect(sent).toHaveLength(before + 2);
  await other.close();
});

test("a quarantined inquiry that arrives after eight is in the mail of the next morning", async () => {
  await postForm(site, advertising);
  await passAt(wednesday);
  await postForm(site, { ...advertising, name: "Second" });
  expect(await passAt("2026-11-25T20:00:00Z")).toEqual([]);
  const [, thursday] = await passAt("2026-11-26T07:00:00Z"); // after the digest
  expect(thursday?.text).toContain("Second");
  expect(thursday?.text).not.toMatch(/\bEve\b/);
});

test("an inquiry that is released after a digest listed it is listed as sent the next morning", async () => {
  const reference = await postForm(site, advertising);
  await passAt(wednesday);
  await store.release(reference, plain.deadlines.answerBy, wednesday);
  site.clock.now = new Date(wednesday.getTime() + minuteMs);
  await site.delivery.deliverDue();
  const [later] = await passAt("2026-11-25T15:00:00Z");
  expect(later?.subject).toBe("1 due today: inquiries on Wednesday 25 November");
  const [thursday] = await passAt("2026-11-26T07:30:00Z");
  expect(thursday?.subject).toBe("1 overdue, 1 sent, 1 updated: inquiries on Thursday 26 November");
  expect(thursday?.text).toContain(`${reference} released from quarantine, Wed 25 Nov 2026, 08:00`);
});

test("an inquiry that another process has sent since the pass began is listed the next morning, not at once", async () => {
  site.clock.now = new Date(wednesday.getTime() + 60 * minuteMs);
  await postForm(site);
  await site.delivery.deliverDue(); // its clock is a second ahead of that of the pass
  expect(await passAt(new Date(site.clock.now.getTime() - 1_000))).toEqual([]);
});

test("no digest is sent on a day with nothing to list", async () => {
  expect(await passAt(wednesday)).toEqual([]);
  expect(await passAt("2026-11-26T12:00:00Z")).toEqual([]);
});

test.each([
  ["on Saturday", "2026-11-28T10:00:00Z"],
  ["on Sunday", "2026-11-29T10:00:00Z"],
  ["on Christmas Eve", "2026-12-24T10:00:00Z"],
  ["on 25 December", "2026-12-25T10:00:00Z"],
  ["on New Year's Eve", "2026-12-31T10:00:00Z"],
  ["on Good Friday", "2027-03-26T10:00:00Z"],
  ["on Easter Monday", "2027-03-29T10:00:00Z"],
  ["on the Tuesday after Easter before eight", "2027-03-30T05:59:59Z"],
])("no digest is sent %s", async (_day, instant) => {
  await postForm(site, advertising);
  expect(await passAt(instant)).toEqual([]);
});

test.each([
  ["on Monday at eight", "2026-11-30T07:00:00Z"],
  ["on the Tuesday after Easter at eight, in summer time", "2027-03-30T06:00:00Z"],
])("a digest is sent %s", async (_day, instant) => {
  await postForm(site, advertising);
  expect(await passAt(instant)).toHaveLength(1);
});

test("a digest that could not be sent is retried after ten minutes, and its inquiries do not count as listed before", async () => {
  await postForm(site, advertising);
  respond = () => unreachable;
  expect(await passAt(wednesday)).toEqual([]);
  expect(site.logged).toContainEqual(
    expect.objectContaining({ level: "error", msg: "the quarantine mail failed" }),
  );
  respond = () => accepted;
  expect(await passAt(new Date(wednesday.getTime() + 10 * minuteMs - 1))).toEqual([]);
  const [mail] = await passAt(new Date(wednesday.getTime() + 10 * minuteMs));
  expect(mail?.text).toContain(advertising.message);
  expect(await passAt(new Date(wednesday.getTime() + 20 * minuteMs))).toEqual([]);
});

test("a digest that is sent again has the same Message-ID, so that mailboxes drop a copy, unless its text has changed", async () => {
  await postForm(site, advertising);
  await postForm(site, { ...advertising, email: "other@advert.example" });
  respond = () => unreachable;
  for (const minutes of [0, 10]) await passAt(new Date(wednesday.getTime() + minutes * minuteMs));
  await store.erase(await store.list({ email: "other@advert.example" }), site.clock.now);
  await passAt(new Date(wednesday.getTime() + 20 * minuteMs));
  const [first, second, third] = tried.map(({ messageId }) => messageId);
  expect(second).toBe(first);
  expect(third).not.toBe(first);
});

test("the inquiries of a digest that could not be sent all day are in the digest of the next day", async () => {
  await postForm(site, advertising);
  respond = () => unreachable;
  for (let hour = 0; hour < 15; hour += 1)
    await passAt(new Date(wednesday.getTime() + hour * 60 * minuteMs));
  respond = () => accepted;
  const mails = await passAt("2026-11-26T07:00:00Z");
  expect(mails.map(({ subject }) => subject)).toEqual([
    "1 new in quarantine, 1 waiting in all: inquiries on Thursday 26 November",
  ]);
});

test("hostile text in a quarantined inquiry is quoted plain text, and none of it is in a header", async () => {
  await postForm(site, {
    ...filledForm,
    name: "Eve\r\nBcc: all@victim.example",
    company: "www.advert.example <%= process.env %> ${7*7}",
    message:
      "<a href='http://advert.example'>x</a> <%- include('/etc/passwd') %>\n.\n\n\n\nSubject: other",
  });
  const [mail] = await passAt(wednesday);
  expect(mail?.html).toBeUndefined();
  expect(mail?.subject).toMatch(/^1 new in quarantine, 1 waiting in all: inquiries on Wednesday/);
  expect(mail?.text).toContain("> Name: Eve Bcc: all@victim.example\n");
  expect(mail?.text).toContain("> Company: www.advert.example <%= process.env %> ${7*7}\n");
  expect(mail?.text).toContain("<%- include('/etc/passwd') %>\n> .\n>\n> Subject: other\n");
  expect(mail?.text).toContain("a web address as company; links in forum or HTML markup");
});

test("a quarantine mail lists at most two hundred inquiries, newest first, says how many wait, and the next day's mail lists the rest", async () => {
  for (let index = 0; index < 203; index += 1) {
    const email = `eve${index}@advert.example`;
    await store.accept({ ...answers, email }, quarantined, new Date(tuesday.getTime() + index));
  }
  const [first] = await passAt(wednesday);
  expect(first?.subject).toContain("200 new in quarantine, 203 waiting in all");
  expect(first?.text.indexOf("eve202@")).toBeLessThan(first?.text.indexOf("eve3@") ?? 0);
  const [, second] = await passAt("2026-11-26T07:00:00Z"); // after the digest
  expect(second?.subject).toContain("3 new in quarantine, 203 waiting in all");
  for (const index of [0, 1, 2]) expect(second?.text).toContain(`eve${index}@advert.example`);
  expect(second?.text).not.toContain("eve3@advert.example");
  expect(second?.text.match(/\/staff\/[\da-f]{32}$/gm)).toHaveLength(203); // also of earlier ones
  const closed = await store.closeListed(site.clock.now);
  expect(closed).toHaveLength(203);
  for (const reference of closed) expect(second?.text).toContain(reference);
});

test("if the mail server refuses the texts, the mail is sent without them, and says how to read them", async () => {
  const reference = await postForm(site, advertising);
  respond = ({ text }) => (text.includes("Eve") ? refusedText : accepted);
  const [mail] = await passAt(wednesday);
  expect(mail?.text).toContain(`${reference}  links in forum or HTML markup`);
  expect(mail?.text).toContain("npm run inquiries -- show REFERENCE");
  expect(mail?.text).not.toMatch(/Eve|advert/);
  expect(await store.find({ reference })).toMatchObject({ listed_at: wednesday.getTime() });
});

test("a quarantine mail that is always refused does not stop the digest", async () => {
  await postForm(site, advertising);
  await postForm(site);
  await site.delivery.deliverDue();
  respond = (mail) => (mail.reference.startsWith("quarantine-") ? refusedText : accepted);
  const mails = await passAt(wednesday);
  expect(mails.map(({ subject }) => subject)).toEqual([
    "1 due today, 1 sent: inquiries on Wednesday 25 November",
  ]);
});

test("the receipt of a quarantined inquiry shows when the mail was sent to staff", async () => {
  const reference = await postForm(site, advertising);
  const receipt = async () =>
    (await request(site.server).get(`/contact/received?ref=${reference}`)).text;
  expect(await receipt()).toContain("Email to us: on its way");
  await passAt(wednesday);
  expect(await receipt()).toContain("Email to us: 08:00");
});

test("a mail that only some of the staff got is logged as an error", async () => {
  await postForm(site, advertising);
  respond = () => ({ sent: true, refusedRecipients: [1] });
  await passAt(wednesday);
  expect(site.logged).toContainEqual(
    expect.objectContaining({
      level: "error",
      refused: [1],
      msg: "the mail server accepted the quarantine mail for some of the staff only",
    }),
  );
});
