// The confirmation to a visitor who wants one: at most one for an inquiry, with nothing typed in it,
// and only if staff have the inquiry.

import type { Mail } from "../../../src/inquiries/mail/mail.ts";
import { createSmtpSender, type SendResult } from "../../../src/inquiries/mail/smtp.ts";
import { advertisement, answersWith } from "../../support/form.ts";
import {
  build,
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
import { postForm } from "../../support/post.ts";
import { digestTime, tuesday } from "../../support/site.ts";
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

test("whoever ticks the box gets a mail with reference, receipt and deadline", async () => {
  const reference = await postForm(site, wanted);
  await passAt(tuesday);
  const [mail] = confirmations();
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

test("nobody else gets one", async () => {
  await postForm(site);
  await passAt(tuesday);
  expect(tried).toHaveLength(1);
});

test("nothing that the visitor typed is in a confirmation", async () => {
  await postForm(site, { ...answersWith("canary"), email: "canary@canary.example", ...wanted });
  await passAt(tuesday);
  const [{ to, ...others }] = confirmations() as [Mail];
  expect(to[0]?.address).toBe("canary@canary.example");
  expect(JSON.stringify(others)).not.toContain("canary");
});

test("a confirmation follows the mail to staff, and an inquiry that waits gets none", async () => {
  await postForm(site, wanted);
  mailServer.answer = () => refused;
  await passAt(tuesday);
  expect(confirmations()).toHaveLength(0);
  mailServer.answer = () => sent;
  await passAt(hours(1));
  expect(tried.map(isConfirmation)).toEqual([false, false, true]);
});

test("an inquiry that could not be settled gets no confirmation", async () => {
  const reference = await postForm(site, wanted);
  mailServer.answer = async () => {
    site.clock.now = hours(1); // the lease has ended, and another process has the inquiry
    await store.claimDue("another process", site.clock.now, 60_000);
    return sent;
  };
  await passAt(tuesday);
  expect(await row(reference)).toMatchObject({
    delivery: { state: "pending" },
    confirmation: "wanted",
  });
  expect(confirmations()).toHaveLength(0);
});

test("a confirmation that was not sent is not tried again", async () => {
  mailServer.answer = (mail) => (isConfirmation(mail) ? refused : sent);
  const reference = await postForm(site, wanted);
  for (const hour of [0, 1, 2]) await passAt(hours(hour));
  expect(confirmations()).toHaveLength(1);
  expect(await row(reference)).toMatchObject({ confirmation: "tried" });
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

test("a process that dies before the attempt leaves it to the next pass", async () => {
  await postForm(site, wanted);
  await site.worker.deliverDue(); // and dies
  await using next = await build({ DATA_DIR: site.config.dataDir });
  await passAt(hours(1), next);
  await passAt(hours(2), next);
  expect(confirmations()).toHaveLength(1);
});

test("a process that dies during the attempt loses the confirmation", async () => {
  await postForm(site, wanted);
  await site.worker.deliverDue();
  expect(await store.takeConfirmation(tuesday)).toBeDefined(); // and dies
  await using next = await build({ DATA_DIR: site.config.dataDir });
  await passAt(hours(1), next);
  expect(confirmations()).toHaveLength(0);
});

test("what is quarantined gets no confirmation, also after its release", async () => {
  const reference = await postForm(site, { ...advertisement, ...wanted });
  await passAt(tuesday);
  await click(store, reference, "letThrough", { now: hours(1) });
  await passAt(hours(1));
  expect(await row(reference)).toMatchObject({ delivery: { state: "sent" } });
  expect(confirmations()).toHaveLength(0);
});

test("a live check gets no confirmation", async () => {
  await postForm(site, { ...wanted, live_check: "1" });
  await passAt(tuesday);
  expect(tried).toHaveLength(0);
});

test("the same form with the box ticked later is the same inquiry, without a confirmation", async () => {
  const first = await postForm(site);
  expect(await postForm(site, wanted)).toBe(first);
  await passAt(tuesday);
  expect(confirmations()).toHaveLength(0);
});

test("an address that the mail server doesn't know is in the digest and on the staff page", async () => {
  mailServer.answer = (mail) => (isConfirmation(mail) ? noAddress : sent);
  const reference = await postForm(site, wanted);
  await passAt(tuesday);
  const line = "Address: the mail server says it doesn’t exist, so a reply won’t arrive.";
  const digest = await passAt(digestTime("2026-11-25"));
  expect(section(digest, "SENT")).toContain(line);
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

test("a confirmation that arrives says that a program sent it, and bounces to us", async () => {
  const senders: unknown[] = [];
  await using peer = await startSmtpPeer({
    onMailFrom: ({ address }, _session, done) => (senders.push(address), done()),
  });
  mailServer.answer = createSmtpSender(peer.url, false);
  await postForm(site, wanted);
  await passAt(tuesday);
  expect(senders).toEqual(Array(2).fill("site@cleansystems.example"));
  const { headers } = peer.mails[1] ?? {};
  expect(headers?.get("auto-submitted")).toBe("auto-replied");
  expect(headers?.get("x-auto-response-suppress")).toBe("All");
});
