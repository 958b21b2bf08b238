// The digest: when it is sent, what it lists, and that it lists everything once.

import request from "supertest";
import type { Mail } from "../../src/inquiries/inquiry-mail.ts";
import type { SendResult } from "../../src/inquiries/smtp.ts";
import { openStore, type Store } from "../../src/inquiries/store/store.ts";
import { storeFile } from "../../src/store-and-mail.ts";
import { postForm } from "../support/post.ts";
import { buildTestSite, filledForm, tuesday } from "../support/site.ts";

const advertising = {
  name: "Eve",
  email: "eve@advert.example",
  message: "Buy [url=http://advert.example]this[/url]",
};
const minuteMs = 60_000;
/** Eight o'clock in Copenhagen. */
const wednesday = new Date("2026-11-25T07:00:00Z");

let site: Awaited<ReturnType<typeof buildTestSite>>;
let store: Store;
let tried: Mail[];
let sent: Mail[];
let mailServer: {
  up: boolean;
  result?: SendResult;
  whileSending?: (() => Promise<void>) | undefined;
};
let sendMail: (mail: Mail) => Promise<SendResult>;
beforeEach(async () => {
  [tried, sent] = [[], []];
  mailServer = { up: true };
  sendMail = async (mail) => {
    tried.push(mail);
    if (mailServer.result) return mailServer.result;
    if (!mailServer.up) return { sent: false, fault: "temporary", reason: "ECONNECTION" };
    sent.push(mail);
    await mailServer.whileSending?.();
    return { sent: true, refusedRecipients: 0 };
  };
  site = await buildTestSite({
    dependencies: { sendMail },
    env: { QUARANTINE_DAYS: "9", INQUIRIES_PER_10_MINUTES: "0" },
  });
  store = await openStore(storeFile(site.config), "cleansystems.example");
});
afterEach(async () => {
  await store.close();
  await site.close();
});

/** Runs the pass of digest, alerts and retention at this instant. Returns the mails that it sent. */
async function passAt(instant: Date | string): Promise<Mail[]> {
  site.clock.now = new Date(instant);
  const before = sent.length;
  await site.housekeep();
  return sent.slice(before);
}

test("the digest is sent once, at eight in Copenhagen on the next working day, with quarantined inquiries in full and sent ones by reference", async () => {
  const suspicious = await postForm(site, advertising);
  const honest = await postForm(site);
  await site.delivery.deliverDue();
  expect(await passAt(new Date(tuesday.getTime() + minuteMs))).toEqual([]);
  expect(await passAt(new Date(wednesday.getTime() - 1))).toEqual([]);
  const [mail, ...more] = await passAt(wednesday);
  expect(more).toEqual([]);
  expect(mail).toMatchObject({
    to: site.config.mailTo,
    from: site.config.mailFrom,
    date: wednesday,
  });
  expect(mail?.html).toBeUndefined();
  expect(mail?.replyTo).toBeUndefined();
  expect(mail?.subject).toBe(
    "1 due today, 1 quarantined, 1 sent: inquiries on Wednesday 25 November",
  );
  const [, quarantined = "", listedAsSent = ""] =
    mail?.text.split(/^(?:QUARANTINED|SENT TO YOUR MAIL SERVER).*$/m) ?? [];
  expect(quarantined).toContain(`${suspicious}  links in forum or HTML markup`);
  for (const words of [
    "Eve",
    advertising.email,
    advertising.message,
    "Engineers to join our team",
    "9 days after",
  ])
    expect(quarantined).toContain(words);
  expect(quarantined).toContain("release REFERENCE");
  expect(quarantined).toContain("Received: Tue 24 Nov 2026, 14:33 Copenhagen, 20:33 Magelang");
  expect(quarantined).not.toContain(honest);
  expect(listedAsSent).toContain(`${honest}  received Tue 24 Nov 2026, 14:33 Copenhagen`);
  expect(listedAsSent).not.toMatch(/Priya|fjordfreight|breakfast/i);
  for (const minutes of [1, 60, 600])
    expect(await passAt(new Date(wednesday.getTime() + minutes * minuteMs))).toEqual([]);
  const [thursday] = await passAt("2026-11-26T07:00:00Z");
  expect(thursday?.subject).toBe("1 overdue: inquiries on Thursday 26 November");
  expect(thursday?.text).not.toContain(suspicious);
});

test("of two processes on one store only one sends the digest, also if the other makes a pass while the mail server takes it", async () => {
  await postForm(site, advertising);
  const other = await buildTestSite({
    dependencies: { sendMail },
    env: { DATA_DIR: site.config.dataDir },
    now: wednesday,
  });
  mailServer.whileSending = async () => {
    mailServer.whileSending = undefined;
    await other.housekeep();
  };
  expect(await passAt(wednesday)).toHaveLength(1);
  await other.close();
});

test("an inquiry that arrives after eight is in the digest of the next morning", async () => {
  await postForm(site, advertising);
  await passAt(wednesday);
  await postForm(site, { ...advertising, name: "Second" });
  expect(await passAt("2026-11-25T20:00:00Z")).toEqual([]);
  const [thursday] = await passAt("2026-11-26T07:00:00Z");
  expect(thursday?.text).toContain("Second");
  expect(thursday?.text).not.toContain("Eve");
});

test("an inquiry that is released after a digest listed it is listed as sent the next morning", async () => {
  const reference = await postForm(site, advertising);
  await passAt(wednesday);
  await store.staff.makePending(reference, ["quarantined"], wednesday);
  site.clock.now = new Date(wednesday.getTime() + minuteMs);
  await site.delivery.deliverDue();
  expect(await passAt("2026-11-25T15:00:00Z")).toEqual([]);
  const [thursday] = await passAt("2026-11-26T07:30:00Z");
  expect(thursday?.subject).toBe("1 overdue, 1 sent: inquiries on Thursday 26 November");
  expect(thursday?.text).toContain(reference);
  expect(thursday?.text).not.toContain("QUARANTINED");
});

test("erasing listed inquiries does not cause a second digest on the same day", async () => {
  await postForm(site, advertising);
  await postForm(site, { ...advertising, email: "other@advert.example" });
  await passAt(wednesday);
  await postForm(site, { ...advertising, name: "Third" });
  for (const email of [advertising.email, "other@advert.example"])
    await store.staff.erase(await store.staff.listByAddress(email));
  expect(await passAt("2026-11-25T15:00:00Z")).toEqual([]);
});

test("a pending inquiry is not listed as sent", async () => {
  mailServer.up = false;
  await postForm(site);
  await site.delivery.deliverDue();
  mailServer.up = true;
  const [mail] = await passAt(wednesday);
  expect(mail?.subject).toBe("1 due today: inquiries on Wednesday 25 November");
  expect(mail?.text).not.toContain("SENT TO YOUR MAIL SERVER");
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
  mailServer.up = false;
  expect(await passAt(wednesday)).toEqual([]);
  expect(await store.staff.timeOf("digest")).toBeUndefined();
  expect(site.logged).toContainEqual(
    expect.objectContaining({ level: "warn", reason: "ECONNECTION" }),
  );
  mailServer.up = true;
  expect(await passAt(new Date(wednesday.getTime() + 10 * minuteMs - 1))).toEqual([]);
  const [mail] = await passAt(new Date(wednesday.getTime() + 10 * minuteMs));
  expect(mail?.text).toContain(advertising.message);
  expect(await passAt(new Date(wednesday.getTime() + 20 * minuteMs))).toEqual([]);
});

test("a digest that is sent again has the same Message-ID, so that mailboxes drop a copy, unless its text has changed", async () => {
  await postForm(site, advertising);
  await postForm(site, { ...advertising, email: "other@advert.example" });
  mailServer.up = false;
  for (const minutes of [0, 10]) await passAt(new Date(wednesday.getTime() + minutes * minuteMs));
  await store.staff.erase(await store.staff.listByAddress("other@advert.example"));
  await passAt(new Date(wednesday.getTime() + 20 * minuteMs));
  const [first, second, third] = tried.map(({ messageId }) => messageId);
  expect(second).toBe(first);
  expect(third).not.toBe(first);
});

test("the inquiries of a digest that could not be sent all day are in the digest of the next day", async () => {
  await postForm(site, advertising);
  mailServer.up = false;
  for (let hour = 0; hour < 15; hour += 1)
    await passAt(new Date(wednesday.getTime() + hour * 60 * minuteMs));
  mailServer.up = true;
  const mails = await passAt("2026-11-26T07:00:00Z");
  expect(mails.map(({ subject }) => subject)).toEqual([
    "1 quarantined: inquiries on Thursday 26 November",
  ]);
});

test("hostile text in a quarantined inquiry is plain text in the digest, and none of it is in a header", async () => {
  await postForm(site, {
    ...filledForm,
    name: "Eve\r\nBcc: all@victim.example",
    company: "www.advert.example <%= process.env %> ${7*7}",
    message:
      "<a href='http://advert.example'>x</a> <%- include('/etc/passwd') %>\n.\n\nSubject: other",
  });
  const [mail] = await passAt(wednesday);
  expect(mail?.html).toBeUndefined();
  expect(mail?.subject).toBe("1 quarantined: inquiries on Wednesday 25 November");
  expect(mail?.text).toContain(
    "Eve Bcc: all@victim.example, www.advert.example <%= process.env %> ${7*7}",
  );
  expect(mail?.text).toContain(
    "<a href='http://advert.example'>x</a> <%- include('/etc/passwd') %>\n.\n\nSubject: other",
  );
  expect(mail?.text).toContain("a link in a one-line answer; links in forum or HTML markup");
});

test("a digest lists at most two hundred quarantined inquiries, oldest first, and the next day's digest lists the rest", async () => {
  for (let index = 0; index < 203; index += 1)
    await postForm(site, { ...advertising, email: `eve${index}@advert.example` });
  const [first] = await passAt(wednesday);
  expect(first?.subject).toContain("200 quarantined");
  expect(await passAt("2026-11-25T12:00:00Z")).toEqual([]);
  const [second] = await passAt("2026-11-26T07:00:00Z");
  expect(second?.subject).toContain("3 quarantined");
  for (const index of [200, 201, 202]) expect(second?.text).toContain(`eve${index}@advert.example`);
});

test("the receipt of a quarantined inquiry shows when the digest was sent to staff", async () => {
  const reference = await postForm(site, advertising);
  const receipt = async () =>
    (await request(site.server).get(`/contact/received?ref=${reference}`)).text;
  expect(await receipt()).toContain("Email to us: on its way");
  await passAt(wednesday);
  expect(await receipt()).toContain("Email to us: 08:00");
});

test("a digest that cannot be sent for more than fifteen minutes is reported until it is sent", async () => {
  const problems = async () =>
    ((await request(site.server).get("/readyz")).body as { problems: unknown }).problems;
  await postForm(site, advertising);
  mailServer.up = false;
  await passAt(wednesday);
  await passAt(new Date(wednesday.getTime() + 10 * minuteMs));
  expect(await problems()).toEqual([]);
  await passAt(new Date(wednesday.getTime() + 20 * minuteMs));
  expect(await problems()).toEqual([
    "the digest, which lists quarantined inquiries, could not be sent for 20 min",
  ]);
  expect(site.logged).toContainEqual(
    expect.objectContaining({ level: "error", msg: "inquiries do not reach staff" }),
  );
  mailServer.up = true;
  await passAt(new Date(wednesday.getTime() + 30 * minuteMs));
  expect(await problems()).toEqual([]);
});

test("a digest that could not be sent is no longer reported once nothing is left to list", async () => {
  await postForm(site, advertising);
  mailServer.up = false;
  await passAt(wednesday);
  await store.staff.erase(await store.staff.listByAddress(advertising.email));
  await passAt(new Date(wednesday.getTime() + 20 * minuteMs));
  expect((await store.staff.summary(site.clock.now)).digestFailingSince).toBeUndefined();
});

test("the log has only the code of a mail server that refuses the digest, because its words may quote an inquiry", async () => {
  await postForm(site, advertising);
  const reason = "EMESSAGE Message failed: 554 5.7.1 Buy this is advertising";
  mailServer.result = { sent: false, fault: "permanent", reason };
  await passAt(wednesday);
  expect(site.logged).toContainEqual(
    expect.objectContaining({ level: "error", reason: "EMESSAGE Message failed: 554 5.7.1" }),
  );
  expect(JSON.stringify(site.logged)).not.toContain("advertising");
});

test("a digest that only some of the staff got is logged as an error", async () => {
  await postForm(site, advertising);
  mailServer.result = { sent: true, refusedRecipients: 1 };
  await passAt(wednesday);
  expect(site.logged).toContainEqual(
    expect.objectContaining({
      level: "error",
      refused: 1,
      msg: "the mail server accepted the digest for some of the staff only",
    }),
  );
});
