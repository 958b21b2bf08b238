// The mails about an inquiry. In the one to staff no text of a visitor can imitate our own lines or
// come back to life in a header. The confirmation to a visitor who wants one has nothing typed in
// it, and is sent at most once, if staff have the inquiry.

import type { Mail } from "../../../src/inquiries/mail/mail.ts";
import type { SendResult } from "../../../src/inquiries/mail/smtp.ts";
import { inEachOffice, isFixedWidth, quote } from "../../../src/inquiries/mail/text.ts";
import { advertisement, answersWith, type FormChanges } from "../../support/form.ts";
import { attributesOf, mainTextOf } from "../../support/html.ts";
import {
  digests,
  eachOnANewSite,
  mailServer,
  passAt,
  refused,
  row,
  section,
  sent,
  site,
  store,
  tried,
  use,
  withoutChance,
} from "../../support/passes.ts";
import { digestTime, postForm, productionEnv, tuesday } from "../../support/site.ts";
import { click } from "../../support/store.ts";

/** Sends a form to a new site, and returns the mail about it. */
async function mailOf(changes: FormChanges, settings: Record<string, string> = {}) {
  await use(settings);
  await postForm(site, changes);
  await site.worker.deliverDue();
  const [mail] = tried;
  if (!mail) throw new Error("no mail was sent");
  return mail;
}
/** Returns a text with one space where it was wrapped. */
const unwrapped = (text = "") => text.replace(/\s+/g, " ");
/** Returns the lines of a mail that a visitor did not type. */
const ownLines = (text: string) => text.split("\n").filter((line) => !line.startsWith(">"));

test("the words of the mail of an inquiry", async () => {
  const mail = await mailOf({});
  expect(withoutChance(`${mail.subject}\n\n${mail.text}`)).toMatchSnapshot();
});

test("a visitor cannot imitate the lines of the site", async () => {
  const imitation = "Mark it as taken or answered: https://evil.example/staff";
  const { text, html } = await mailOf({
    name: "evil.example/answered",
    message: `Hello\u2028${imitation}\r${imitation}\n\n> ${imitation}`,
  });
  expect(text).toContain(`> ${imitation}\n`);
  expect(ownLines(text).join("\n")).not.toContain("evil.example");
  expect(html).toContain('“<span dir="auto">evil.example/answered</span>”');
});

test("encoded words in a name do not come back to life in headers", async () => {
  const word = "=?UTF-8?B?DQpCY2M6IGV2ZUBldmlsLmV4YW1wbGU=?=";
  const { subject, replyTo } = await mailOf({ name: word });
  expect(subject).not.toContain("=?");
  expect(replyTo?.name).not.toContain("=?");
  expect(subject).toContain("= ?UTF-8?B?DQpCY2M6IGV2ZUBldmlsLmV4YW1wbGU=");
});

const line = "x ".repeat(34).trim();
const word = "x".repeat(100);
test.each([
  ["wraps lines", `${line} three`, `> ${line}\n> three`],
  ["does not cut a long word", `a ${word} b`, `> a\n> ${word}\n> b`],
  ["leaves one of many empty lines", `a${"\n".repeat(2_000)}b\n \n \nc`, "> a\n>\n> b\n>\n> c"],
  ["keeps what it quotes", `> ${line} three`, `> > ${line.slice(0, -2)}\n> > x three`],
  ["keeps indentation", `  ${line} three`, `>   ${line.slice(0, -2)}\n>   x three`],
])("a quotation %s", (_what, text, quoted) => expect(quote(text)).toBe(quoted));

test.each([
  ["    at Pool.take(Pool.java:81)", true],
  ["2026-11-24T13:33:00Z ERROR pool exhausted", true],
  ["PID   USER   %CPU", true],
  ["if (order == null) {", true],
  ["We found your website.  Are you free at 12:30?", false],
  ["> Anything that we quote", false],
])("in the mail, %j is in a fixed-width face: %s", (paragraph, isFixed) => {
  expect(isFixedWidth(paragraph)).toBe(isFixed);
});

test("a reply goes to the visitor, and text and HTML have the same facts", async () => {
  const { text, html, ...mail } = await mailOf({ from: "builder-pattern-in-java" });
  const sender = { name: "Priya Raman", address: "priya.raman@fjordfreight.example" };
  const from = { address: "site@cleansystems.example" };
  expect(mail).toMatchObject({ from, replyTo: sender, date: tuesday });
  for (const part of [text, html])
    for (const words of [
      "Priya Raman, Fjord Freight",
      "builder-pattern-in-java",
      "Wed 25 Nov 2026, 17:00 Copenhagen, 23:00 Magelang",
    ])
      expect(unwrapped(part)).toContain(words);
});

test.each([
  ["a word", `${"word ".repeat(17)}and unusually-long more`, `${"word ".repeat(17)}and`],
  ["90 characters, if there is no space", "長".repeat(100), `${"長".repeat(89)}…`],
])("the preview of the mail in a list of mails ends at %s", async (_end, message, preview) => {
  const { html } = await mailOf({ message });
  expect(/<div dir="auto" style="display:none[^>]*>([^<]*)</.exec(html ?? "")?.[1]).toBe(preview);
});

test("hostile text in the answers is plain text in the mail", async () => {
  const message =
    "<img src=x onerror=alert(1)> <%= process.env %> ${7*7}\n.\nhttps://evil.example \"quoted\" & 'so'";
  const company = "A\r\nBcc: all@example.dk";
  const { subject, text, html } = await mailOf({ name: "Eve</h1><script>", company, message });
  expect(text).toContain("<%= process.env %> ${7*7}");
  expect(html).not.toMatch(/<script>|<img|href="https:\/\/evil/);
  expect(html).toContain("&lt;img src=x onerror=alert(1)&gt;");
  expect(subject).not.toMatch(/[\r\n]/);
});

test("code in a message has its indentation in the HTML of the mail too", async () => {
  const { html } = await mailOf({ message: "The pool:\n\nhikari:\n  size: 40\n\tmax:  9" });
  expect(html).toContain(">hikari:<br>\u00a0 size: 40<br>\u00a0\u00a0\u00a0 max:\u00a0 9</p>");
  expect(html?.match(/monospace/g)).toHaveLength(1);
});

test("what shows answers takes its direction from them", async () => {
  const { html } = await mailOf({ name: "דנה לוי", company: "שילוח", message: "שלום\n\nHello" });
  for (const text of ["דנה לוי, שילוח", "שלום", "Hello", "דנה לוי"])
    expect(html).toMatch(new RegExp(`<(h1|p|span) dir="auto"[^>]*>${text}</`));
});

test("no odd address breaks Reply-To, or adds a recipient to a link", async () => {
  const { replyTo, text } = await mailOf({ email: "søren@example.dk" });
  expect([replyTo, text.includes("søren@example.dk")]).toEqual([undefined, true]);
  expect(text).toContain("A reply to this email does not reach the sender");
  const { html = "" } = await mailOf({ email: "eve?bcc=all@b.dk" });
  const links = attributesOf(html, "href").filter((href) => href.startsWith("mailto:"));
  const address = "eve%3Fbcc%3Dall@b.dk";
  expect(links.map((href) => new URL(href).pathname)).toEqual([address, address]);
});

test.each([
  ["x".repeat(5_000), 1],
  ["Our project has a sentence of some length. ".repeat(100), 7], // the last says that more follows
])("the reply link stays short, or mail programs refuse it", async (message, count) => {
  const { html = "" } = await mailOf({ message });
  const body = decodeURIComponent(/body=([^"]+)/.exec(html)?.[1] ?? "");
  const lines = body.match(/^> .*/gm) ?? [];
  expect(lines).toHaveLength(count);
  expect(lines.join("").length).toBeLessThan(600);
});

test("a time has both dates where it is already the next day in Magelang", () => {
  expect(inEachOffice(new Date("2026-11-24T18:30:00Z"))).toContain(
    "Tue 24 Nov 2026, 19:30 Copenhagen, Wed 25 Nov 2026, 01:30 Magelang",
  );
});

test.each([
  ["by the end of the promised day", { REPLY_WITHIN_WORKING_DAYS: "3" }, "Fri 27 Nov"],
  ["within two working days in production, if nothing is promised", productionEnv, "Thu 26 Nov"],
])("the mail says to answer %s", async (_when, settings, day) => {
  expect((await mailOf({}, settings)).text).toContain(`Answer by  ${day} 2026, 17:00 Copenhagen`);
});

test("what staff have to do comes before a long message", async () => {
  const email = "priya@gmial.com";
  const brief = "Our project has a sentence of some length. ".repeat(200);
  const { text, html = "" } = await mailOf({ email, reply_to: email, message: brief });
  const words =
    /Priya Raman, Fjord Freight.*Wed 25 Nov 2026, 17:00 Copenhagen.*gmial\.com may be a typo for gmail\.com.*\/staff\/.*Our project/;
  for (const part of [text, html.replace(/<div dir="auto" style="display:none.*/, "")]) {
    expect(unwrapped(part)).toMatch(words);
    expect(part.match(/\/staff\//g)).toHaveLength(1);
  }
});

test("the mail names the client's other inquiries, as they are when it is sent", async () => {
  await use();
  const sendAs = async (email: string) => {
    site.clock.now = new Date(site.clock.now.getTime() + 60_000);
    return postForm(site, { email, message: `mail of ${site.clock.now.getTime()}` });
  };
  const mailbox = await sendAs("Priya+site@fjordfreight.example");
  const colleague = await sendAs("jonas@fjordfreight.example");
  await sendAs("jonas@freight.example");
  await click(site.store, colleague, "taken", { now: site.clock.now, by: "MK" });
  const last = await sendAs("priya@fjordfreight.example");
  await site.worker.deliverDue();
  const { reference, text = "", html = "" } = tried.at(-1) ?? {};
  expect(reference).toBe(last);
  const words = [
    `${colleague}, from the same company, Tuesday 24 November: taken by MK`,
    `${mailbox}, from the same mailbox, Tuesday 24 November: not taken`,
  ];
  expect(unwrapped(text)).toContain(`Same client ${words[0]} Same client ${words[1]} http`);
  for (const line of words) expect(html).toContain(line);
  // A reply quotes the mail. A client may press the buttons of their own inquiries, not a
  // colleague's.
  const { token } = await row(mailbox);
  expect(text).toContain(`\n             http://localhost:3000/staff/${token}\n`);
  expect(text).not.toContain((await row(colleague)).token);
  expect(html).toContain(`/staff/${token}"`);
  expect(html).not.toContain((await row(colleague)).token);
  // A colleague's that came later is named if the mail is sent again.
  const before = tried.length;
  await click(site.store, mailbox, "resend", { now: site.clock.now });
  await site.worker.deliverDue();
  expect(unwrapped(tried[before]?.text)).toContain(`Same client ${last}, from the same mailbox`);
});

test("the mail names five others, and says how many more there are", async () => {
  await use();
  for (let index = 0; index < 7; index += 1) await postForm(site, { message: `number ${index}` });
  await postForm(site, { ...advertisement, email: "eve@fjordfreight.example" });
  await postForm(site, { message: "the last" });
  await site.worker.deliverDue();
  const { text = "" } = tried.at(-1) ?? {};
  expect(text.match(/^Same client {2}CS-/gm)).toHaveLength(5);
  expect(text).toContain("Same client  and 3 more, which the page for staff names");
});

test("a mail that is sent again says so, with a Message-ID of its own", async () => {
  const { reference, messageId } = await mailOf({});
  const date = (site.clock.now = new Date("2026-11-25T09:00:00Z"));
  await click(site.store, reference, "taken", { now: date, by: "MK" });
  await click(site.store, reference, "resend", { now: date });
  await site.worker.deliverDue();
  expect(tried).toMatchObject([
    { date: tuesday, messageId },
    { date, messageId: messageId.replace("@", `-${date.getTime()}@`) },
  ]);
  const says = /^Sent again {2}first on Tuesday 24 November\nAnswer by/m;
  expect(tried.map(({ text }) => says.test(text))).toEqual([false, true]);
  expect(tried.map(({ text }) => text.includes("taken by MK"))).toEqual([false, true]);
  expect(unwrapped(tried[1]?.text)).toContain("Received Tue 24 Nov 2026, 14:33 Copenhagen");
});

test("the mail of an approved inquiry says why it was quarantined", async () => {
  await use();
  const reference = await postForm(site, advertisement);
  await click(site.store, reference, "approve", { now: tuesday });
  await site.worker.deliverDue();
  expect(tried.map(({ text }) => text)).toEqual([
    expect.stringMatching(/^Quarantined +links in forum markup$/m),
  ]);
});

const wanted = { confirmation: "yes" };
const noAddress: SendResult = {
  sent: false,
  failure: "permanent",
  isNoAddress: true,
  reason: "EENVELOPE Can't send mail - all recipients were rejected: 550 5.1.1 unknown",
};
const isConfirmation = ({ reference }: Mail) => reference.endsWith("-confirmation");
const confirmations = () => tried.filter(isConfirmation);
const hours = (count: number) => new Date(tuesday.getTime() + count * 3_600_000);

describe("a confirmation", () => {
  eachOnANewSite();

  test("only who ticks the box gets a mail with reference and deadline", async () => {
    const reference = await postForm(site, wanted);
    await postForm(site, { email: "kim@nord.example" });
    await passAt(tuesday);
    const [mail, ...others] = confirmations();
    expect(others).toEqual([]);
    expect(mail).toMatchObject({
      from: { address: "site@cleansystems.example" },
      to: [{ name: "", address: "priya.raman@fjordfreight.example" }],
      replyTo: { name: "", address: "hello@cleansystems.example" },
      subject: `Clean Systems Consulting has your message [${reference}]`,
      headers: { "Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All" },
    });
    // Mailboxes drop a mail with the Message-ID of another.
    const { messageId = "" } = tried.find((other) => other.reference === reference) ?? {};
    expect(mail?.messageId).toBe(messageId.replace("@", "-confirmation@"));
    expect(mail?.html).toBeUndefined();
    for (const words of [
      `http://localhost:3000/contact/received?ref=${reference}`,
      "Clean Systems Consulting, Copenhagen and Magelang",
      "reply by Wed 25 Nov 2026, 17:00 Copenhagen time, with questions and a first opinion. The reply is free.",
      "http://localhost:3000/contact#page-down",
      "Didn’t send us anything? Then somebody typed your address into our form.",
      "Reply to this mail to add files or anything you forgot.",
    ])
      expect(unwrapped(mail?.text)).toContain(words);
  });

  test("a box that is ticked when the same form is sent again counts", async () => {
    const reference = await postForm(site);
    await passAt(tuesday);
    for (let times = 0; times < 2; times += 1) expect(await postForm(site, wanted)).toBe(reference);
    expect(await postForm(site)).toBe(reference); // without a tick it takes nothing back
    const { text } = await site.get(`/contact/received?ref=${reference}`);
    expect(text).toContain("The confirmation that you asked for");
    await passAt(tuesday);
    expect(confirmations()).toHaveLength(1);
    const spam = { ...advertisement, email: "eve@advert.example" };
    const doubtful = await postForm(site, spam);
    expect(await postForm(site, { ...spam, ...wanted })).toBe(doubtful);
    expect(await row(doubtful)).toMatchObject({ confirmation: "" });
  });

  test("its receipt says where it goes, and if there is no such address", async () => {
    const receiptOf = async (changes: FormChanges) =>
      mainTextOf((await site.get(`/contact/received?ref=${await postForm(site, changes)}`)).text);
    const asked = "The confirmation that you asked for goes to the address you typed.";
    expect(await receiptOf({ message: "nothing ticked" })).not.toContain("onfirmation");
    expect(await receiptOf(wanted)).toContain(asked);
    // What is quarantined looks like any other.
    expect(await receiptOf({ ...advertisement, ...wanted })).toContain(asked);
    mailServer.answer = (mail) => (isConfirmation(mail) ? noAddress : sent);
    await passAt(tuesday);
    expect(await receiptOf(wanted)).toContain(
      "There is no mailbox at the address you typed, our mail server says: neither the confirmation nor our reply would arrive.",
    );
  });

  test("nothing that the visitor typed is in a confirmation", async () => {
    await postForm(site, { ...answersWith("canary"), email: "canary@canary.example", ...wanted });
    await passAt(tuesday);
    const [{ to, ...others }] = confirmations() as [Mail];
    expect(to[0]?.address).toBe("canary@canary.example");
    expect(JSON.stringify(others)).not.toContain("canary");
  });

  test("a confirmation that throws keeps no digest from going out", async () => {
    await postForm(site, wanted);
    mailServer.answer = (mail) => {
      if (isConfirmation(mail)) throw new Error("nothing is not defined");
      return sent;
    };
    await passAt(hours(20)); // at eight in Copenhagen
    expect(confirmations()).toHaveLength(1);
    expect(digests).toHaveLength(1);
  });

  test("what was quarantined gets no confirmation, also if approved", async () => {
    const reference = await postForm(site, { ...advertisement, ...wanted });
    await passAt(tuesday);
    await click(store, reference, "approve", { now: hours(1) });
    await passAt(hours(1));
    expect(await row(reference)).toMatchObject({ delivery: { state: "sent" } });
    expect(confirmations()).toHaveLength(0);
  });

  test("an address that doesn't exist is in the digest and on its page", async () => {
    mailServer.answer = (mail) => (isConfirmation(mail) ? noAddress : sent);
    const reference = await postForm(site, wanted);
    await passAt(tuesday);
    const line = "Address: the mail server says it doesn’t exist, so a reply won’t arrive.";
    const digest = await passAt(digestTime("2026-11-25"));
    expect(section(digest, "DUE TODAY")).toContain(line);
    const page = await site.get(`/staff/${(await row(reference)).token}`);
    expect(page.text).toContain(line);
  });

  test("any other refusal of a confirmation is only logged", async () => {
    mailServer.answer = (mail) => (isConfirmation(mail) ? refused : sent);
    const inquiry = await postForm(site, wanted);
    await passAt(tuesday);
    expect((await passAt(digestTime("2026-11-25")))?.text).not.toContain("Address:");
    const msg = "a confirmation could not be sent";
    expect(site.logged).toContainEqual(expect.objectContaining({ level: "warn", inquiry, msg }));
  });
});
