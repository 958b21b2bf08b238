// From the store to staff: retries by the clock, one mail for one inquiry, and what the mail says.

import { retryDelayMs } from "../../src/inquiries/delivery.ts";
import type { SendResult } from "../../src/inquiries/mail-transport.ts";
import type { Mail } from "../../src/inquiries/email.ts";
import { buildTestSite, filledForm, tuesday } from "../support/site.ts";
import { postForm } from "../support/post.ts";

const minuteMs = 60_000;

test("a mail that could not be handed over is tried again after 30 s, then at longer and longer intervals", async () => {
  const answers: SendResult[] = Array.from({ length: 3 }, () => ({
    sent: false,
    fault: "temporary",
    reason: "ECONNECTION",
  }));
  const attempts: string[] = [];
  const site = await buildTestSite({
    edges: {
      sendMail: (): Promise<SendResult> => {
        attempts.push(site.clock.now.toISOString().slice(11, 19));
        return Promise.resolve(answers.shift() ?? { sent: true, refusedRecipients: 0 });
      },
    },
  });
  await postForm(site);
  for (let second = 0; second <= 400; second += 5) {
    site.clock.now = new Date(tuesday.getTime() + second * 1_000);
    await site.delivery.deliverDue();
  }
  expect(attempts).toEqual(["13:33:00", "13:33:30", "13:34:30", "13:36:30"]);
  await site.close();
});

test("waiting grows to half an hour and no further", () => {
  expect([1, 2, 3, 7, 100].map((attempt) => retryDelayMs(attempt) / minuteMs)).toEqual([0.5, 1, 2, 30, 30]);
});

test("mail that stays down for days loses nothing", async () => {
  let up = false;
  const sent: Mail[] = [];
  const site = await buildTestSite({
    edges: {
      sendMail: (mail): Promise<SendResult> => {
        if (!up) return Promise.resolve({ sent: false, fault: "ours", reason: "EAUTH 535" });
        sent.push(mail);
        return Promise.resolve({ sent: true, refusedRecipients: 0 });
      },
    },
  });
  await postForm(site, { message: "first" });
  await postForm(site, { message: "second" });
  for (let hour = 0; hour < 7 * 24; hour += 1) {
    site.clock.now = new Date(tuesday.getTime() + hour * 60 * minuteMs);
    await site.delivery.deliverDue();
  }
  expect(sent).toEqual([]);
  up = true;
  site.clock.now = new Date(site.clock.now.getTime() + 31 * minuteMs);
  expect(await site.delivery.deliverDue()).toBe(2);
  expect(sent.map(({ text }) => /first|second/.exec(text)?.[0])).toEqual(["first", "second"]);
  await site.close();
});

test("a fault that is ours is logged as an error, without anybody's address", async () => {
  const site = await buildTestSite({
    edges: { sendMail: () => Promise.resolve({ sent: false, fault: "ours", reason: "EAUTH 535 denied" }) },
  });
  await postForm(site);
  await site.delivery.deliverDue();
  expect(site.logged).toContainEqual(expect.objectContaining({ level: "error", reason: "EAUTH 535 denied" }));
  expect(JSON.stringify(site.logged)).not.toContain(filledForm.email);
  await site.close();
});

test("the mail comes from us, answers go to the visitor, and both bodies say the same", async () => {
  const site = await buildTestSite();
  await postForm(site, { from: "builder-pattern-in-java" });
  await site.delivery.deliverDue();
  const [mail] = site.mailbox;
  expect(mail).toMatchObject({
    from: { address: "site@cleansystems.example" },
    replyTo: { name: "Priya Raman", address: "priya.raman@fjordfreight.example" },
    date: tuesday,
  });
  expect(mail?.subject).toMatch(/^New project: Fjord Freight, engineers to join our team \[CS-/);
  for (const words of [
    "Priya Raman, Fjord Freight",
    "Within a month",
    "takes until breakfast",
    "The Builder Pattern in Java",
    "Wed 25 Nov 2026, 17:00 Copenhagen, 23:00 Magelang",
  ]) {
    expect(mail?.text.replace(/\s+/g, " ")).toContain(words);
    expect(mail?.html.replace(/\s+/g, " ")).toContain(words);
  }
  await site.close();
});

test("hostile text arrives as text", async () => {
  const site = await buildTestSite();
  const message = "<img src=x onerror=alert(1)> <%= process.env %> ${7*7}\n.\nhttps://evil.example \"quoted\" & 'so'";
  await postForm(site, { name: "Eve</h1><script>", company: "A\r\nBcc: all@example.dk", message });
  await site.delivery.deliverDue();
  const [mail] = site.mailbox;
  expect(mail?.text).toContain("<%= process.env %> ${7*7}");
  expect(mail?.html).not.toMatch(/<script>|<img|href="https:\/\/evil/);
  expect(mail?.html).toContain("&lt;img src=x onerror=alert(1)&gt;");
  expect(mail?.subject).not.toMatch(/[\r\n]/);
  await site.close();
});

test("an address that would go raw into a header stands in the body instead", async () => {
  const site = await buildTestSite();
  await postForm(site, { email: "søren@example.dk" });
  await site.delivery.deliverDue();
  expect(site.mailbox[0]?.replyTo).toBeUndefined();
  expect(site.mailbox[0]?.text).toContain("søren@example.dk");
  expect(site.mailbox[0]?.text).toContain("Reply does not reach Priya");
  await site.close();
});

test("in production no answer time is promised unless it is set", async () => {
  const site = await buildTestSite({ env: { REPLY_WITHIN_WORKING_DAYS: "3" } });
  await postForm(site);
  await site.delivery.deliverDue();
  expect(site.mailbox[0]?.text).toContain("Fri 27 Nov 2026, 17:00 Copenhagen");
  await site.close();
});

test("what was handed over goes after the promised days, and not before", async () => {
  const site = await buildTestSite({ env: { RETENTION_DAYS: "7" } });
  const reference = await postForm(site);
  await site.delivery.deliverDue();
  const purge = (ms: number) => {
    site.clock.now = new Date(tuesday.getTime() + ms);
    return site.retention.purge();
  };
  expect(await purge(7 * 24 * 60 * minuteMs)).toEqual([]);
  expect(await purge(7 * 24 * 60 * minuteMs + 1)).toEqual([reference]);
  await site.close();
});
