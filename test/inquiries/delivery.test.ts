// Delivery from the store to staff: retries by the clock, one mail for each inquiry, and the text
// of the mail.

import { workerTimes } from "../../src/inquiries/worker.ts";
import { sendDeadlineMs, type SendResult } from "../../src/inquiries/smtp.ts";
import { createLog } from "../../src/log.ts";
import {
  build,
  eachOnANewSite,
  mailServer,
  sent as accepted,
  refused as temporary,
  site,
  tried,
} from "../support/passes.ts";
import type { FormChanges } from "../support/form.ts";
import { postForm } from "../support/post.ts";
import { buildTestSite, tuesday } from "../support/site.ts";

eachOnANewSite();

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const permanent: SendResult = { sent: false, fault: "permanent", reason: "EENVELOPE 550" };
const refusal: SendResult = {
  ...permanent,
  isAboutText: true,
  reason: "EMESSAGE Message failed: 554 5.7.1 spam",
};

/** Moves the clock in steps, and delivers what is due after each. */
async function pass(ms: number, stepMs = ms): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    site.clock.now = new Date(site.clock.now.getTime() + stepMs);
    await site.worker.deliverDue();
  }
}

/** Sends one inquiry, and returns its row. */
async function deliverOne(changes: FormChanges = {}) {
  const reference = await postForm(site, changes);
  await site.worker.deliverDue();
  return site.store.find({ reference });
}

test("a mail that could not be sent is retried after 30 s, then after 1 min, then after 2 min", async () => {
  const attempts: string[] = [];
  mailServer.answer = () => {
    attempts.push(site.clock.now.toISOString().slice(11, 19));
    return attempts.length <= 3 ? temporary : accepted;
  };
  await deliverOne();
  await pass(400_000, 5_000);
  expect(attempts).toEqual(["13:33:00", "13:33:30", "13:34:30", "13:36:30"]);
});

test("a start tries at once what waits for its next attempt", async () => {
  mailServer.answer = () => temporary;
  await postForm(site);
  await site.worker.deliverDue();
  const again = await build({ DATA_DIR: site.config.dataDir });
  const second = Promise.withResolvers<void>();
  mailServer.answer = () => (second.resolve(), accepted);
  again.worker.start();
  await second.promise;
  await again.close();
  expect(await site.store.list()).toMatchObject([{ state: "sent", attempts: 2 }]);
});

test("an inquiry that is refused for a week is tried every half hour, reported, and sent in the end", async () => {
  mailServer.answer = () => permanent;
  const reference = await postForm(site);
  await pass(6 * dayMs, hourMs / 2);
  tried.length = 0;
  await pass(dayMs, hourMs / 2);
  expect(tried).toHaveLength(48);
  const health = await site.get("/health");
  expect(health.text).toContain(`the mail about ${reference} cannot be sent until this is fixed`);
  mailServer.answer = () => accepted;
  await pass(hourMs);
  expect(await site.store.find({ reference })).toMatchObject({ state: "sent" });
});

test("jobs run while the mail server hangs with each of forty mails", async () => {
  const happened: string[] = [];
  const enoughHappened = Promise.withResolvers<void>();
  const sendMail = (): Promise<SendResult> => {
    happened.push("a mail hung");
    hanging.clock.now = new Date("2026-11-25T07:00:00Z"); // when a digest is due
    return Promise.resolve(temporary);
  };
  const log = createLog("error", "json", () => {
    happened.push("the digest failed");
    enoughHappened.resolve();
  });
  const env = { INQUIRIES_PER_10_MINUTES: "0" };
  await using hanging = await buildTestSite({ env, dependencies: { sendMail, log } });
  for (let index = 0; index < 40; index += 1)
    await postForm(hanging, { message: `project ${index}` });
  hanging.worker.start();
  await enoughHappened.promise;
  await hanging.worker.stop();
  expect(happened).toEqual(["a mail hung", "a mail hung", "the digest failed"]);
});

test("a mail that was sent after its lease had ended, and that another process sends too, is logged as such and not counted as sent", async () => {
  mailServer.answer = async () => {
    site.clock.now = new Date(tuesday.getTime() + 3 * minuteMs);
    await site.store.claimDue("another process", site.clock.now, minuteMs);
    return accepted;
  };
  const inquiry = await postForm(site);
  expect(await site.worker.deliverDue()).toBe(0);
  const msg = "mail was sent after its lease had ended, so staff may get a second copy";
  expect(site.logged).toContainEqual(expect.objectContaining({ level: "warn", inquiry, msg }));
});

test("if the mail server refuses the text of an inquiry, staff get a mail without it, which says how to read it", async () => {
  mailServer.answer = () => (tried.length === 1 ? refusal : accepted);
  const email = "priya@gmial.com"; // staff read about this domain
  const row = await deliverOne({ email, asked_about: email });
  expect(row).toMatchObject({ state: "sent", failure: { kind: "text" } });
  expect(row?.failure?.reason).toMatch(/the mail server refused the text.*554 5\.7\.1 spam/);
  expect(tried).toHaveLength(2);
  const text = tried[1]?.text ?? "";
  expect(text).toContain(`npm run inquiries -- show ${row?.reference}`);
  expect(text).toMatch(/\/staff\/[\da-f]{32}$/m);
  expect(tried[1]?.messageId).toBe(tried[0]?.messageId);
  expect(tried[1]?.subject).toContain(row?.reference);
  expect(tried[1]?.replyTo).toBeUndefined();
  expect(JSON.stringify(tried[1])).not.toMatch(/Priya|fjord|breakfast|gmial/i);
});

test("a text that the mail server refuses for now is tried three times, then staff get a mail without it", async () => {
  mailServer.answer = ({ subject }) =>
    subject.includes("refuses its text") ? accepted : { ...refusal, fault: "temporary" };
  await deliverOne();
  await pass(16 * minuteMs, minuteMs);
  await site.worker.runJobs();
  const subjects = tried.map(({ subject }) => subject.replace(/,.*|(?<=text).*/, ""));
  const withText = "New project: Priya Raman";
  const notice = "New project: our mail server refuses its text";
  expect(subjects).toEqual([withText, withText, withText, notice]);
  expect(site.logged).not.toContainEqual(
    expect.objectContaining({ msg: "inquiries do not reach staff" }),
  );
});

test("an attempt that sends two mails ends before its lease, even if each takes as long as it may", () => {
  expect(workerTimes.leaseMs).toBeGreaterThan(2 * sendDeadlineMs + 10_000);
});

test("an inquiry that cannot be composed or sent for whatever reason has that reason, and the log its reference", async () => {
  mailServer.answer = () => Promise.reject(new Error("a template is wrong"));
  const row = await deliverOne();
  expect(row).toMatchObject({
    state: "pending",
    failure: {
      kind: "permanent",
      reason: "this version cannot compose the mail: a template is wrong",
    },
  });
  const details = { level: "error", msg: "mail could not be sent", inquiry: row?.reference };
  expect(site.logged).toContainEqual(expect.objectContaining(details));
});
