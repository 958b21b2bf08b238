// Delivery from the store to staff: retries by the clock, one mail for each inquiry, and the text
// of the mail.

import { deliveryTimes } from "../../src/inquiries/delivery.ts";
import { sendDeadlineMs, type SendResult } from "../../src/inquiries/smtp.ts";
import type { Mail } from "../../src/inquiries/inquiry-mail.ts";
import { createLog } from "../../src/log.ts";
import { buildTestSite, tuesday } from "../support/site.ts";
import { postForm } from "../support/post.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

test("a mail that could not be sent is retried after 30 s, then after 1 min, then after 2 min", async () => {
  const failures: SendResult[] = Array.from({ length: 3 }, () => ({
    sent: false,
    fault: "temporary",
    reason: "ECONNECTION",
  }));
  const attempts: string[] = [];
  const site = await buildTestSite({
    dependencies: {
      sendMail: (): Promise<SendResult> => {
        attempts.push(site.clock.now.toISOString().slice(11, 19));
        return Promise.resolve(failures.shift() ?? { sent: true, refusedRecipients: 0 });
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

/**
 * Builds a site whose mail server is down until `server.up`. `tick` moves the clock in steps and
 * runs a pass of delivery at each.
 */
async function switchableSite(fault: "temporary" | "permanent") {
  const server = { up: false, sent: [] as Mail[], attempts: 0 };
  const sendMail = (mail: Mail): Promise<SendResult> => {
    server.attempts += 1;
    if (!server.up)
      return Promise.resolve({ sent: false, fault, reason: "EENVELOPE 550 no such user" });
    server.sent.push(mail);
    return Promise.resolve({ sent: true, refusedRecipients: 0 });
  };
  const site = await buildTestSite({ dependencies: { sendMail } });
  const tick = async (forMs: number, stepMs: number) => {
    for (const end = site.clock.now.getTime() + forMs; site.clock.now.getTime() < end;) {
      site.clock.now = new Date(site.clock.now.getTime() + stepMs);
      await site.delivery.deliverDue();
    }
  };
  return { site, server, tick };
}

test("inquiries are sent oldest first after the mail server was down for six hours, and each mail says when it was received and how long it was held", async () => {
  const { site, server, tick } = await switchableSite("temporary");
  await postForm(site, { message: "first" });
  await tick(2 * hourMs, 5 * minuteMs);
  await postForm(site, { message: "second" });
  await tick(4 * hourMs, 5 * minuteMs);
  await postForm(site, { message: "third" });
  server.up = true;
  await tick(35 * minuteMs, 35 * minuteMs);
  expect(server.sent.map(({ text }) => /first|second|third/.exec(text)?.[0])).toEqual([
    "first",
    "second",
    "third",
  ]);
  const [first, second, third] = server.sent.map(({ text }) => text.replace(/\s+/g, " "));
  expect(first).toContain("Delayed by 6 h 35 min, until this email could be sent");
  expect(first).toContain("Received Tue 24 Nov 2026, 14:33 Copenhagen");
  expect(second).toContain("Delayed by 4 h 35 min");
  expect(third).toContain("Delayed by 35 min");
  expect(server.sent[0]?.html?.replace(/\s+/g, " ")).toContain(
    "6 h 35 min, until this email could be sent",
  );
  expect(server.sent[0]?.date).toEqual(tuesday);
  await site.close();
});

test("a mail that is sent within fifteen minutes does not say that it was held", async () => {
  const site = await buildTestSite();
  await postForm(site);
  site.clock.now = new Date(tuesday.getTime() + 15 * minuteMs);
  await site.delivery.deliverDue();
  expect(site.mailbox[0]?.text).not.toContain("Delayed by");
  await site.close();
});

test("an inquiry that is refused for a week is tried every half hour, reported, and sent in the end", async () => {
  const { site, server, tick } = await switchableSite("permanent");
  const reference = await postForm(site);
  await tick(6 * dayMs, hourMs / 2);
  const attempts = server.attempts;
  await tick(dayMs, hourMs / 2);
  expect(server.attempts - attempts).toBe(48);
  await site.worker.runJobs();
  expect(site.logged).toContainEqual(
    expect.objectContaining({ level: "error", msg: "inquiries do not reach staff" }),
  );
  server.up = true;
  await tick(hourMs, hourMs);
  expect(server.sent.map((mail) => mail.reference)).toEqual([reference]);
  expect(server.sent[0]?.text.replace(/\s+/g, " ")).toContain("Delayed by 7 d 1 h");
  await site.close();
});

test("alerts and the digest run between two mails, even if the mail server hangs for a minute with each of forty mails", async () => {
  const site = await buildTestSite({
    env: { INQUIRIES_PER_10_MINUTES: "0" },
    dependencies: {
      sendMail: () => {
        happened.push("a mail hung");
        site.clock.now = new Date(site.clock.now.getTime() + 16 * minuteMs);
        return Promise.resolve({ sent: false, fault: "temporary", reason: "ETIMEDOUT" });
      },
      log: createLog("error", "json", () => {
        happened.push("an alert was logged");
        enoughHappened.resolve();
      }),
    },
  });
  const enoughHappened = Promise.withResolvers<void>();
  const happened: string[] = [];
  for (let index = 0; index < 40; index += 1) await postForm(site, { message: `project ${index}` });
  site.worker.start();
  await enoughHappened.promise;
  await site.worker.stop();
  expect(happened.slice(0, 2)).toEqual(["a mail hung", "an alert was logged"]);
  await site.close();
});

test("a mail that was sent after its lease had ended, and that another process sends too, is logged as such and not counted as sent", async () => {
  const site = await buildTestSite({
    dependencies: {
      sendMail: async (): Promise<SendResult> => {
        site.clock.now = new Date(tuesday.getTime() + 3 * minuteMs);
        await site.store.claimDue("another process", site.clock.now, minuteMs);
        return { sent: true, refusedRecipients: 0 };
      },
    },
  });
  const inquiry = await postForm(site);
  expect(await site.delivery.deliverDue()).toBe(0);
  const msg = "mail was sent after its lease had ended, so staff may get a second copy";
  expect(site.logged).toContainEqual(expect.objectContaining({ level: "warn", inquiry, msg }));
  await site.close();
});

/**
 * Sends one inquiry with these results of the mail server. Returns the row, the mails and the log.
 */
async function deliverOne(...results: (SendResult | Error)[]) {
  const mails: Mail[] = [];
  const site = await buildTestSite({
    dependencies: {
      sendMail: (mail) => {
        mails.push(mail);
        const result = results.shift() ?? { sent: true as const, refusedRecipients: 0 };
        return result instanceof Error ? Promise.reject(result) : Promise.resolve(result);
      },
    },
  });
  const reference = await postForm(site);
  await site.delivery.deliverDue();
  const row = await site.store.find({ reference });
  await site.close();
  return { reference, row, mails, logged: site.logged };
}

const refusal: SendResult = {
  sent: false,
  fault: "permanent",
  isAboutText: true,
  reason: "EMESSAGE Message failed: 554 5.7.1 spam",
};

test("if the mail server refuses the text of an inquiry, staff get a mail without it, which says how to read it", async () => {
  const { reference, row, mails } = await deliverOne(refusal);
  expect(row).toMatchObject({ state: "sent", failure_kind: "text" });
  expect(row?.last_failure).toContain("the mail server refused the text");
  expect(row?.last_failure).toContain("554 5.7.1 spam");
  expect(mails).toHaveLength(2);
  const text = mails[1]?.text ?? "";
  expect(text).toContain(`npm run inquiries -- show ${reference}`);
  expect(text).toMatch(/\/staff\/[\da-f]{32}$/m);
  expect(mails[1]?.messageId).toBe(mails[0]?.messageId);
  expect(JSON.stringify(mails[1])).not.toMatch(/Priya|fjordfreight|breakfast/i);
});

test("a text that the mail server refuses for now is tried three times, then staff get a mail without it", async () => {
  const subjects: string[] = [];
  const site = await buildTestSite({
    dependencies: {
      sendMail: (mail) => {
        subjects.push(mail.subject.replace(/,.*|(?<=text).*/, ""));
        return Promise.resolve(
          mail.subject.includes("refuses its text")
            ? { sent: true, refusedRecipients: 0 }
            : { ...refusal, fault: "temporary" },
        );
      },
    },
  });
  await postForm(site);
  for (const minute of [0, 1, 2, 16]) {
    site.clock.now = new Date(tuesday.getTime() + minute * minuteMs);
    await site.delivery.deliverDue();
  }
  await site.worker.runJobs();
  const withText = "New project: Priya Raman";
  const notice = "New project: our mail server refuses its text";
  expect(subjects).toEqual([withText, withText, withText, notice]);
  expect(site.logged).not.toContainEqual(
    expect.objectContaining({ msg: "inquiries do not reach staff" }),
  );
  await site.close();
});

test("an attempt that sends two mails ends before its lease, even if each takes as long as it may", () => {
  expect(deliveryTimes.leaseMs).toBeGreaterThan(2 * sendDeadlineMs + 10_000);
});

test("an inquiry that cannot be composed or sent for whatever reason has that reason, and the log its reference", async () => {
  const { reference, row, logged } = await deliverOne(new Error("a template is wrong"));
  expect(row).toMatchObject({
    state: "pending",
    failure_kind: "permanent",
    last_failure: "the mail could not be composed or sent: a template is wrong",
    lease_until: 0,
  });
  expect(logged).toContainEqual(
    expect.objectContaining({ level: "error", msg: "mail could not be sent", inquiry: reference }),
  );
});
