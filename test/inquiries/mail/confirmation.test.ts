// The confirmation to a visitor who wants one: at most one for an inquiry, with nothing typed in it,
// and only if staff have the inquiry.

import type { Mail } from "../../../src/inquiries/mail/mail.ts";
import { createSmtpSender, type SendResult } from "../../../src/inquiries/mail/smtp.ts";
import { advertisement, answersWith } from "../../support/form.ts";
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
} from "../../support/passes.ts";
import { digestTime, postForm, tuesday } from "../../support/site.ts";
import { click } from "../../support/store.ts";
import { startSmtpPeer } from "../../support/smtp-peer.ts";

eachOnANewSite();

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
    subject: `We have your message [${reference}]`,
    headers: { "Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All" },
  });
  expect(mail?.html).toBeUndefined();
  for (const words of [
    `http://localhost:3000/contact/received?ref=${reference}`,
    "reply by Wed 25 Nov 2026, 17:00 Copenhagen.",
    "Reply to this mail to add files or anything you forgot.",
  ])
    expect(mail?.text).toContain(words);
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

test("what is quarantined gets no confirmation, also if let through", async () => {
  const reference = await postForm(site, { ...advertisement, ...wanted });
  await passAt(tuesday);
  await click(store, reference, "letThrough", { now: hours(1) });
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

test("a confirmation says that a program sent it, and bounces to us", async () => {
  const senders: string[] = [];
  const peer = await startSmtpPeer({
    onMailFrom({ address }, _session, callback) {
      senders.push(address);
      callback();
    },
  });
  mailServer.answer = createSmtpSender(peer.url, false);
  await postForm(site, wanted);
  await passAt(tuesday);
  const sentBy = peer.mails.map(({ headers }) => headers.get("auto-submitted"));
  expect(sentBy).toEqual(["auto-generated", "auto-replied"]);
  expect(senders[1]).toBe("site@cleansystems.example");
});
