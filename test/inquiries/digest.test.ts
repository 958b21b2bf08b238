// The mail of each morning: when it goes, what it tells, and that nothing is told twice or not at all.

import request from "supertest";
import type { Mail } from "../../src/inquiries/inquiry-mail.ts";
import type { SendResult } from "../../src/inquiries/smtp.ts";
import { openStore, type Store } from "../../src/inquiries/store/store.ts";
import { storeFile } from "../../src/store-and-mail.ts";
import { postForm } from "../support/post.ts";
import { buildTestSite, filledForm, tuesday } from "../support/site.ts";

const advertising = { name: "Eve", email: "eve@advert.example", message: "Buy [url=http://advert.example]this[/url]" };
const minuteMs = 60_000;
/** Eight o'clock in Copenhagen. */
const wednesday = new Date("2026-11-25T07:00:00Z");

let site: Awaited<ReturnType<typeof buildTestSite>>;
let store: Store;
let sent: Mail[];
let mailServer: { up: boolean; says?: SendResult };
beforeEach(async () => {
  sent = [];
  mailServer = { up: true };
  const sendMail = (mail: Mail): Promise<SendResult> => {
    if (mailServer.says) return Promise.resolve(mailServer.says);
    if (!mailServer.up) return Promise.resolve({ sent: false, fault: "temporary", reason: "ECONNECTION" });
    sent.push(mail);
    return Promise.resolve({ sent: true, refusedRecipients: 0 });
  };
  site = await buildTestSite({ dependencies: { sendMail }, env: { QUARANTINE_DAYS: "9", INQUIRIES_PER_10_MINUTES: "0" } });
  store = await openStore(storeFile(site.config), "cleansystems.example");
});
afterEach(async () => {
  await store.close();
  await site.close();
});

/** What else than inquiries was mailed by a look at this instant. */
async function lookAt(instant: Date | string): Promise<Mail[]> {
  site.clock.now = new Date(instant);
  const before = sent.length;
  await site.afterPass();
  return sent.slice(before);
}

test("it goes once, at eight in Copenhagen on the next working day, with everything in full", async () => {
  const suspicious = await postForm(site, advertising);
  const honest = await postForm(site);
  await site.delivery.deliverDue();
  expect(await lookAt(new Date(tuesday.getTime() + minuteMs))).toEqual([]);
  expect(await lookAt(new Date(wednesday.getTime() - 1))).toEqual([]);
  const [mail, ...more] = await lookAt(wednesday);
  expect(more).toEqual([]);
  expect(mail).toMatchObject({ to: site.config.mailTo, from: site.config.mailFrom, date: wednesday });
  expect(mail?.html).toBeUndefined();
  expect(mail?.replyTo).toBeUndefined();
  expect(mail?.subject).toBe("Inquiries on Wednesday 25 November: 1 quarantined, 1 sent");
  const [setAside = "", handedOver = ""] = mail?.text.split("SENT TO YOUR MAIL SERVER") ?? [];
  expect(setAside).toContain(`${suspicious}  links in forum or HTML markup`);
  for (const words of ["Eve", advertising.email, advertising.message, "Engineers to join our team", "9 days after"])
    expect(setAside).toContain(words);
  expect(setAside).toContain("release REFERENCE");
  expect(setAside).toContain("Received: Tue 24 Nov 2026, 14:33 Copenhagen, 20:33 Magelang");
  expect(setAside).not.toContain(honest);
  expect(handedOver).toContain(`${honest}  received Tue 24 Nov 2026, 14:33 Copenhagen`);
  expect(handedOver).not.toMatch(/Priya|fjordfreight|breakfast/i);
  for (const minutes of [1, 60, 600]) expect(await lookAt(new Date(wednesday.getTime() + minutes * minuteMs))).toEqual([]);
  expect(await lookAt("2026-11-26T07:00:00Z")).toEqual([]);
});

test("what arrives after eight is told the next morning", async () => {
  await postForm(site, advertising);
  await lookAt(wednesday);
  await postForm(site, { ...advertising, name: "Second" });
  expect(await lookAt("2026-11-25T20:00:00Z")).toEqual([]);
  const [thursday] = await lookAt("2026-11-26T07:00:00Z");
  expect(thursday?.text).toContain("Second");
  expect(thursday?.text).not.toContain("Eve");
});

test("one that is released after it was told is told again as handed over, the next morning and not the same day", async () => {
  const reference = await postForm(site, advertising);
  await lookAt(wednesday);
  await store.staff.move(reference, ["quarantined"], "pending", wednesday);
  site.clock.now = new Date(wednesday.getTime() + minuteMs);
  await site.delivery.deliverDue();
  expect(await lookAt("2026-11-25T15:00:00Z")).toEqual([]);
  const [thursday] = await lookAt("2026-11-26T07:30:00Z");
  expect(thursday?.subject).toBe("Inquiries on Thursday 26 November: 1 sent");
  expect(thursday?.text).toContain(reference);
  expect(thursday?.text).not.toContain("QUARANTINED");
});

test("erasing what was told does not make a second mail of the day", async () => {
  await postForm(site, advertising);
  await postForm(site, { ...advertising, email: "other@advert.example" });
  await lookAt(wednesday);
  await postForm(site, { ...advertising, name: "Third" });
  for (const email of [advertising.email, "other@advert.example"]) await store.staff.erase(await store.staff.listByAddress(email));
  expect(await lookAt("2026-11-25T15:00:00Z")).toEqual([]);
});

test("what waits, is stuck or came back is not in it", async () => {
  mailServer.up = false;
  await postForm(site, { message: "waiting" });
  await site.delivery.deliverDue();
  mailServer.up = true;
  const bounced = await postForm(site, { message: "came back" });
  await site.delivery.deliverDue();
  await store.staff.move(bounced, ["sent"], "bounced", tuesday);
  expect(await lookAt(wednesday)).toEqual([]);
});

test("on a day with nothing to tell there is none", async () => {
  expect(await lookAt(wednesday)).toEqual([]);
  expect(await lookAt("2026-11-26T12:00:00Z")).toEqual([]);
});

test.each([
  ["Saturday", "2026-11-28T10:00:00Z", false],
  ["Sunday", "2026-11-29T10:00:00Z", false],
  ["Monday", "2026-11-30T07:00:00Z", true],
  ["Christmas Eve", "2026-12-24T10:00:00Z", false],
  ["25 December", "2026-12-25T10:00:00Z", false],
  ["New Year's Eve", "2026-12-31T10:00:00Z", false],
  ["Good Friday", "2027-03-26T10:00:00Z", false],
  ["Easter Monday", "2027-03-29T10:00:00Z", false],
  ["the Tuesday after Easter, in summer time, at eight", "2027-03-30T06:00:00Z", true],
  ["the Tuesday after Easter, before eight", "2027-03-30T05:59:59Z", false],
])("whether it goes on %s", async (_name, instant, goes) => {
  await postForm(site, advertising);
  expect(await lookAt(instant)).toHaveLength(goes ? 1 : 0);
});

test("a mail server that is down delays it by ten minutes at a time, and nothing counts as told before it went", async () => {
  await postForm(site, advertising);
  mailServer.up = false;
  expect(await lookAt(wednesday)).toEqual([]);
  expect(await store.staff.lastDigestAt()).toBeUndefined();
  expect(site.logged).toContainEqual(expect.objectContaining({ level: "warn", reason: "ECONNECTION" }));
  mailServer.up = true;
  expect(await lookAt(new Date(wednesday.getTime() + 10 * minuteMs - 1))).toEqual([]);
  const [mail] = await lookAt(new Date(wednesday.getTime() + 10 * minuteMs));
  expect(mail?.text).toContain(advertising.message);
  expect(await lookAt(new Date(wednesday.getTime() + 20 * minuteMs))).toEqual([]);
});

test("a day on which it could not go at all is made up for on the next", async () => {
  await postForm(site, advertising);
  mailServer.up = false;
  for (let hour = 0; hour < 15; hour += 1) await lookAt(new Date(wednesday.getTime() + hour * 60 * minuteMs));
  mailServer.up = true;
  const mails = await lookAt("2026-11-26T07:00:00Z");
  expect(mails.map(({ subject }) => subject)).toEqual(["Inquiries on Thursday 26 November: 1 quarantined"]);
});

test("hostile text stays text, and nothing of it reaches a header", async () => {
  await postForm(site, {
    ...filledForm,
    name: "Eve\r\nBcc: all@victim.example",
    company: "www.advert.example <%= process.env %> ${7*7}",
    message: "<a href='http://advert.example'>x</a> <%- include('/etc/passwd') %>\n.\n\nSubject: other",
  });
  const [mail] = await lookAt(wednesday);
  expect(mail?.html).toBeUndefined();
  expect(mail?.subject).toBe("Inquiries on Wednesday 25 November: 1 quarantined");
  expect(mail?.text).toContain("Eve Bcc: all@victim.example, www.advert.example <%= process.env %> ${7*7}");
  expect(mail?.text).toContain("<a href='http://advert.example'>x</a> <%- include('/etc/passwd') %>\n.\n\nSubject: other");
  expect(mail?.text).toContain("a link as name or company; links in forum or HTML markup");
});

test("a flood is told two hundred at a time, oldest first, one mail a day, and none of it counts as told before", async () => {
  for (let index = 0; index < 203; index += 1) await postForm(site, { ...advertising, email: `eve${index}@advert.example` });
  const [first] = await lookAt(wednesday);
  expect(first?.subject).toContain("200 quarantined");
  expect(await lookAt("2026-11-25T12:00:00Z")).toEqual([]);
  const [second] = await lookAt("2026-11-26T07:00:00Z");
  expect(second?.subject).toContain("3 quarantined");
  for (const index of [200, 201, 202]) expect(second?.text).toContain(`eve${index}@advert.example`);
});

test("the receipt of one that was set aside shows when the daily mail brought it to staff", async () => {
  const reference = await postForm(site, advertising);
  const receipt = async () => (await request(site.server).get(`/contact/received?ref=${reference}`)).text;
  expect(await receipt()).toContain("Emailed to us: on its way");
  await lookAt(wednesday);
  expect(await receipt()).toContain("Emailed to us: 08:00");
});

test("one that is not taken for a quarter of an hour is told like an inquiry that waits, until it is taken", async () => {
  const problems = async () => ((await request(site.server).get("/readyz")).body as { delivery: unknown }).delivery;
  await postForm(site, advertising);
  mailServer.up = false;
  await lookAt(wednesday);
  await lookAt(new Date(wednesday.getTime() + 10 * minuteMs));
  expect(await problems()).toBe("ok");
  await lookAt(new Date(wednesday.getTime() + 20 * minuteMs));
  expect(await problems()).toEqual(["the digest, which lists quarantined inquiries, could not be sent for 20 min"]);
  expect(site.logged).toContainEqual(expect.objectContaining({ level: "error", msg: "inquiries do not reach staff" }));
  mailServer.up = true;
  await lookAt(new Date(wednesday.getTime() + 30 * minuteMs));
  expect(await problems()).toBe("ok");
});

test("a daily mail that was not taken is forgotten when nothing is left to tell", async () => {
  await postForm(site, advertising);
  mailServer.up = false;
  await lookAt(wednesday);
  await store.staff.erase(await store.staff.listByAddress(advertising.email));
  await lookAt(new Date(wednesday.getTime() + 20 * minuteMs));
  expect((await store.staff.summary(site.clock.now)).digestFailingSince).toBeUndefined();
});

test("a filter that refuses it may quote what was set aside: the log has the code only", async () => {
  await postForm(site, advertising);
  const reason = "EMESSAGE Message failed: 554 5.7.1 Buy this is advertising";
  mailServer.says = { sent: false, fault: "ours", reason };
  await lookAt(wednesday);
  expect(site.logged).toContainEqual(expect.objectContaining({ level: "error", reason: "EMESSAGE Message failed: 554 5.7.1" }));
  expect(JSON.stringify(site.logged)).not.toContain("advertising");
});

test("that it reached some of the staff only is told", async () => {
  await postForm(site, advertising);
  mailServer.says = { sent: true, refusedRecipients: 1 };
  await lookAt(wednesday);
  expect(site.logged).toContainEqual(
    expect.objectContaining({ level: "error", refused: 1, msg: "the mail server accepted the digest for some of the staff only" }),
  );
});
