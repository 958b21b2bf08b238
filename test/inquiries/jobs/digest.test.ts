// The digest: when it is sent, what it lists, and that it is all listed once.

import request from "supertest";
import { dayAndClockTime } from "../../../src/calendar.ts";
import type { Answers } from "../../../src/inquiries/form.ts";
import type { SendResult } from "../../../src/inquiries/mail/smtp.ts";
import {
  eachOnANewSite,
  mailServer,
  passAt,
  refused,
  row,
  section,
  sent,
  set,
  site,
  store,
  tried,
  use,
  withoutChance,
} from "../../support/passes.ts";
import { mainTextOf } from "../../support/html.ts";
import { digestTime, postForm, tuesday } from "../../support/site.ts";
import { answers, click, plain } from "../../support/store.ts";

eachOnANewSite();

/** Hostile too: nothing of it may begin a line of a digest, or be in a header. */
const advertising = {
  name: "Eve\r\nBcc: all@victim.example",
  company: "Advert <%= process.env %> ${7*7}",
  email: "eve@advert.example",
  message: "<a href='http://advert.example/buy'>x</a> <%- include('/etc/passwd') %>\nOVERDUE\n",
};
const refusedText: SendResult = {
  sent: false,
  failure: "temporary",
  isAboutText: true,
  reason: "EMESSAGE 451",
};
const minuteMs = 60_000;
const wednesday = digestTime("2026-11-25");
const later = (minutes: number) => new Date(wednesday.getTime() + minutes * minuteMs);

test("the digest goes out once, when the office opens on the next day", async () => {
  const reference = await postForm(site);
  for (const time of [tuesday.getTime() + minuteMs, wednesday.getTime() - 1])
    expect(await passAt(time)).toBeUndefined();
  const digest = await passAt(wednesday);
  const { mailTo: to, mailFrom: from } = site.config;
  expect(digest).toMatchObject({ to, from, date: wednesday });
  expect([digest?.html, digest?.replyTo]).toEqual([undefined, undefined]);
  expect(digest?.subject).toBe("1 due today: inquiries on Wednesday 25 November");
  expect(digest?.text.split(reference)).toHaveLength(2);
  for (const minutes of [1, 60, 600]) expect(await passAt(later(minutes))).toBeUndefined();
});

test("a failing system comes first, then whoever wants to start soon", async () => {
  const first = await postForm(site);
  const soon = await postForm(site, { start: "now" });
  const failing = await postForm(site, { kind: "failing", start: "" });
  await passAt(tuesday);
  const digest = await passAt(wednesday);
  expect(section(digest, "DUE TODAY").match(/^CS-\w+-\w+/gm)).toEqual([failing, soon, first]);
});

test("what is due begins with its first line, so advertising is seen", async () => {
  await postForm(site, {
    name: "Emma Williams",
    company: "RankBoost",
    message: `\nWe offer\tSEO for $99! ${"x".repeat(30)}\nThe second line.`,
  });
  await passAt(tuesday);
  const due = section(await passAt(wednesday), "DUE TODAY");
  expect(due).toContain("> Emma Williams, RankBoost\n> We offer SEO for $99! x");
  expect(due).not.toContain("second line");
});

test("a long name is cut in a digest", async () => {
  await postForm(site, { name: "N".repeat(100) });
  await passAt(tuesday);
  const due = section(await passAt(wednesday), "DUE TODAY");
  expect(due).toContain(`\n> ${"N".repeat(59)}…\n`);
});

test("what was sent and is due later is in one digest, unless it was marked", async () => {
  await use({ REPLY_WITHIN_WORKING_DAYS: "3" });
  const reference = await postForm(site);
  const marked = await postForm(site, { message: "another" });
  await passAt(tuesday);
  await set(marked, "taken");
  const digest = await passAt(wednesday);
  expect(digest?.subject).toBe("1 sent: inquiries on Wednesday 25 November");
  expect(section(digest, "SENT")).toContain(`\n${reference}. Answer due Fri 27 Nov`);
  expect(await passAt(digestTime("2026-11-26"))).toBeUndefined();
});

test("the words of a digest with something in every section", async () => {
  await use({ RETENTION_DAYS: "13" });
  await passAt("2026-12-05T09:00:00Z");
  await postForm(site, { ...advertising, message: "[url=http://a.example]earlier[/url]" });
  const changed = await postForm(site, { message: "overdue, and taken" });
  mailServer.answer = () => ({ sent: true, refusedRecipients: [1] });
  await passAt("2026-12-06T09:00:00Z");
  mailServer.answer = () => sent;
  await passAt("2026-12-07T06:59:00Z");
  site.clock.now = new Date("2026-12-07T06:59:30Z");
  await set(changed, "taken");
  await passAt(digestTime("2026-12-07"));
  mailServer.answer = ({ text }) => (text.includes("poison") ? refusedText : sent);
  site.clock.now = new Date("2026-12-07T09:00:00Z");
  await postForm(site, { message: "due today" });
  await postForm(site, { message: "not emailed\npoison" });
  await postForm(site, advertising);
  await passAt("2026-12-07T14:00:00Z");
  await set(changed, "open");
  site.clock.now = new Date("2026-12-07T23:30:00Z");
  await postForm(site, { message: "due later" });
  await passAt("2026-12-07T23:31:00Z");
  const digest = await passAt(digestTime("2026-12-08"));
  expect(`${digest?.subject}\n\n${withoutChance(digest?.text ?? "")}`).toMatchSnapshot();
});

test("a digest that only some of the staff got is an error in the log", async () => {
  mailServer.answer = () => ({ sent: true, refusedRecipients: [1] });
  await postForm(site, advertising);
  await passAt(wednesday);
  const msg = "the mail server accepted the digest for some of the staff only";
  expect(site.logged).toContainEqual(expect.objectContaining({ level: "error", msg }));
});

test.each([
  ["on a day with nothing to list", "2026-11-30T07:00:00Z", [], false],
  ["on Saturday", "2026-11-28T10:00:00Z", [advertising], false],
  ["on Christmas Eve", "2026-12-24T10:00:00Z", [advertising], false],
  ["on Monday at eight", "2026-11-30T07:00:00Z", [advertising], true],
  ["on a summer's Tuesday before eight", "2027-03-30T05:59:59Z", [advertising], false],
  ["on a summer's Tuesday at eight", "2027-03-30T06:00:00Z", [advertising], true],
])("whether a digest is sent %s", async (_day, instant, forms, isSent) => {
  for (const form of forms) await postForm(site, form);
  expect((await passAt(instant)) !== undefined).toBe(isSent);
});

test("a digest that failed is sent again, with the Message-ID of its text", async () => {
  await postForm(site, advertising);
  const { reference } = await row(await postForm(site, { ...advertising, email: "b@b.example" }));
  mailServer.answer = () => refused;
  for (const minutes of [0, 9, 10]) await passAt(later(minutes));
  await set(reference, "closed");
  await passAt(later(20));
  const [first, second, third, ...more] = tried.map(({ messageId }) => messageId);
  expect([second === first, third === first, more]).toEqual([true, false, []]);
  mailServer.answer = () => sent;
  const thursday = await passAt(digestTime("2026-11-26"));
  expect(thursday?.subject).toBe("1 in quarantine: inquiries on Thursday 26 November");
});

/** Stores so many inquiries in quarantine, each of another sender and a millisecond later. */
async function flood(count: number, changesOf: (index: number) => Answers): Promise<void> {
  const reason = { ...plain, quarantineReason: "flood" } as const;
  for (let index = 0; index < count; index += 1) {
    const email = `sender${index}@advert.example`;
    const given = { ...answers, email, ...changesOf(index) };
    await store.accept(given, reason, new Date(tuesday.getTime() + index));
  }
}

test("a digest with 200 long inquiries is less than 1 MB", async () => {
  const long = { name: "長".repeat(100), company: "長".repeat(120), message: "長".repeat(1_000) };
  await flood(200, () => long);
  const digest = await passAt(wednesday);
  expect(digest?.subject).toContain("200");
  // About as long as in quoted-printable, in which it is sent.
  expect(encodeURIComponent(digest?.text ?? "").length).toBeLessThan(1_000_000);
});

test("a flood hides nobody from the first digest: who has no room has a line", async () => {
  await flood(471, (index) => (index === 310 ? { name: "Mette\nCS-0000-0000 Holm" } : {}));
  const client = (await store.list()).find(({ answers: { name = "" } }) => /Mette/.test(name));
  /** Returns how many inquiries have a quoted sender of their own, and how many have one line. */
  const shown = async (day: string) => {
    const text = section(await passAt(digestTime(day)), "IN QUARANTINE");
    const patterns = [/^> .*@/gm, /^CS-\S+ > .*@/gm, /^CS-.* http\S+$/gm];
    const counts = patterns.map((line) => text.match(line)?.length ?? 0);
    return { counts, text };
  };
  const first = await shown("2026-11-25");
  expect(first.counts).toEqual([200, 271, 0]);
  expect(first.text).toContain(`\n${client?.reference} > Mette CS-0000-0000 Holm, Fjord Freight, `);
  expect(first.text).not.toContain("more, which");
  expect((await store.summary(site.clock.now)).unlisted).toBe(0);
  const second = await shown("2026-11-26");
  expect(second.counts).toEqual([200, 0, 200]);
  expect(second.text).toContain("\nAnd 271 more, which an earlier digest has listed.\n");
});

test("what is quarantined is in every digest until somebody decides", async () => {
  const [closed, approved] = [
    await postForm(site, advertising),
    await postForm(site, { ...advertising, email: "eva@client.example" }),
  ];
  await passAt(wednesday);
  const thursday = await passAt(digestTime("2026-11-26"));
  expect(thursday?.subject).toBe("2 in quarantine: inquiries on Thursday 26 November");
  for (const reference of [closed, approved])
    expect(section(thursday, "IN QUARANTINE")).toContain(
      `@${reference === closed ? "advert" : "client"}.example\n${reference}. Answer was due Wed 25 Nov 2026, 17:00 Copenhagen. Quarantined: links in forum markup. Engineers to join our team`,
    );
  await set(closed, "closed");
  await click(store, approved, "approve", { answerBy: plain.answerBy, now: site.clock.now });
  const friday = await passAt(digestTime("2026-11-27"));
  expect(friday?.text).not.toContain(closed);
  expect(friday?.subject).toBe("1 overdue: inquiries on Friday 27 November");
});

test("the first digest, and a month's first, counts the inquiries of each article", async () => {
  const from = "builder-pattern-in-java";
  const references = [];
  for (const message of ["one", "two"]) references.push(await postForm(site, { from, message }));
  await postForm(site, { message: "from the contact page" });
  await postForm(site, { ...advertising, from: "retries-multiply" });
  references.push(await postForm(site, { from, message: "closed" }));
  await passAt(tuesday);
  await set(references[2] ?? "", "closed");
  await click(store, references[0] ?? "", "resend", { now: tuesday });
  await passAt(tuesday);
  // A new site doesn't wait for the next month.
  const counts =
    /last 30 days, .*\n\n {3}2  builder-pattern-in-java\n {3}1  the contact page\n\nThe website/;
  expect(section(await passAt(wednesday), "INQUIRIES BY ARTICLE")).toMatch(counts);
  expect((await passAt(digestTime("2026-11-26")))?.text).not.toContain("BY ARTICLE");

  const first = await passAt(digestTime("2026-12-01"));
  expect(section(first, "INQUIRIES BY ARTICLE")).toMatch(counts);
  expect((await passAt(digestTime("2026-12-02")))?.text).not.toContain("BY ARTICLE");
});

test("if the server refuses what visitors typed, the digest lacks it", async () => {
  const reference = await postForm(site, advertising);
  mailServer.answer = ({ text }) => (text.includes("> Eve") ? refusedText : sent);
  const digest = await passAt(wednesday);
  expect(section(digest, "IN QUARANTINE")).toMatch(
    new RegExp(`\\n\\nEngineers.*\\n${reference}.*Quarantined: links in forum markup.\\nhttp`),
  );
  expect(digest?.text).not.toMatch(/> Eve|advert\.|^>/m);
  expect(await row(reference)).toMatchObject({ delivery: { listedAt: wednesday } });
});

test("the receipt of a quarantined inquiry shows the digest's time", async () => {
  const reference = await postForm(site, advertising);
  const receipt = async () =>
    mainTextOf((await request(site.server).get(`/contact/received?ref=${reference}`)).text);
  expect(await receipt()).toContain("Sent to our mailbox: not yet");
  await passAt(wednesday);
  const time = dayAndClockTime(wednesday, "Europe/Copenhagen");
  expect(await receipt()).toContain(`Sent to our mailbox: ${time}`);
});

test("what was due is overdue until answered, with who has taken it", async () => {
  const reference = await postForm(site);
  await passAt(tuesday);
  const due = await passAt(wednesday);
  site.clock.now = new Date("2026-11-25T08:12:00Z");
  await click(store, reference, "taken", { now: site.clock.now, by: "MK" });
  const digests = [due];
  for (const day of [26, 27, 28, 29, 30]) digests.push(await passAt(digestTime(`2026-11-${day}`)));
  expect(digests.map((digest) => digest?.subject)).toEqual([
    "1 due today: inquiries on Wednesday 25 November",
    "1 overdue: inquiries on Thursday 26 November",
    "1 overdue: inquiries on Friday 27 November",
    undefined,
    undefined,
    "1 overdue: inquiries on Monday 30 November",
  ]);
  const link = `http://localhost:3000/staff/${(await row(reference)).token}`;
  expect(section(digests[1], "OVERDUE")).toContain(
    `${reference}. Answer was due Wed 25 Nov 2026, 17:00 Copenhagen. Taken by MK, Wed 25 Nov 2026, 09:12 Copenhagen. To be deleted on 24 December 2026.\n${link}\n`,
  );
  expect(digests[1]?.text).not.toMatch(/fjordfreight|breakfast|Magelang/i);
  await set(reference, "answered");
  expect(await passAt(digestTime("2026-12-01"))).toBeUndefined();
});
