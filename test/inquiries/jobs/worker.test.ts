// Delivery from the store to staff: retries by the clock, one mail for each inquiry, and the text
// of the mail.

import { workerTimes } from "../../../src/inquiries/jobs/worker.ts";
import { sendDeadlineMs, type SendResult } from "../../../src/inquiries/mail/smtp.ts";
import {
  build,
  eachOnANewSite,
  mailServer,
  passAt,
  refused as temporary,
  row,
  section,
  sent as accepted,
  site,
  tried,
} from "../../support/passes.ts";
import { digestTime, postForm, tuesday } from "../../support/site.ts";

eachOnANewSite();

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const permanent: SendResult = { sent: false, failure: "permanent", reason: "EENVELOPE 550" };
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
async function deliverOne() {
  const reference = await postForm(site);
  await site.worker.deliverDue();
  return site.store.find({ reference });
}

test("a mail is retried after 30 s, then after 1 min, then after 2 min", async () => {
  const attempts: string[] = [];
  mailServer.answer = () => {
    attempts.push(site.clock.now.toISOString().slice(11, 19));
    return attempts.length <= 3 ? temporary : accepted;
  };
  await deliverOne();
  await pass(400_000, 5_000);
  expect(attempts).toEqual(["13:33:00", "13:33:30", "13:34:30", "13:36:30"]);
});

test("what waits for its next attempt is tried at once by a start", async () => {
  mailServer.answer = () => temporary;
  const reference = await postForm(site);
  await passAt(tuesday);
  await passAt(tuesday);
  expect(tried).toHaveLength(1);
  mailServer.answer = () => accepted;
  await using again = await build({ DATA_DIR: site.config.dataDir });
  await passAt(tuesday, again);
  expect(await row(reference)).toMatchObject({ delivery: { state: "sent", attempts: 2 } });
});

test("what is refused for a week is tried every half hour and reported", async () => {
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
  expect(await site.store.find({ reference })).toMatchObject({ delivery: { state: "sent" } });
});

test("jobs run although the mail server hangs with every mail", async () => {
  for (const message of ["one", "two", "three"]) await postForm(site, { message });
  mailServer.answer = ({ reference }) => {
    if (reference.startsWith("digest-")) return accepted;
    site.clock.now = digestTime("2026-11-25"); // it hung until then
    return temporary;
  };
  expect((await passAt(tuesday))?.subject).toContain("3 due today");
  expect(tried).toHaveLength(2);
});

test("a mail sent after its lease is logged", async () => {
  mailServer.answer = async () => {
    site.clock.now = new Date(tuesday.getTime() + 3 * minuteMs);
    await site.store.claimDue("another process", site.clock.now, minuteMs);
    return accepted;
  };
  const inquiry = await postForm(site);
  await site.worker.deliverDue();
  const msg = "mail was sent after its lease had ended: staff may get a second copy";
  expect(site.logged).toContainEqual(expect.objectContaining({ level: "warn", inquiry, msg }));
});

test("what the mail server refuses is in each digest until it is sent", async () => {
  mailServer.answer = ({ reference }) => (reference.startsWith("digest-") ? accepted : refusal);
  const { reference = "", token } = (await deliverOne()) ?? {};
  const digestOf = async (day: number) => passAt(digestTime(`2026-11-${day}`));
  for (const day of [25, 26]) {
    const digest = await digestOf(day);
    for (const heading of ["NOT EMAILED YET", day === 25 ? "DUE TODAY" : "OVERDUE"])
      expect(section(digest, heading)).toContain(
        ` Not taken. Not emailed yet.\nhttp://localhost:3000/staff/${token}\n`,
      );
  }
  mailServer.answer = () => accepted;
  expect((await digestOf(27))?.text).not.toContain("NOT EMAILED");
  expect(await row(reference)).toMatchObject({
    delivery: { state: "sent", failure: undefined },
  });
});

test("an attempt ends before its lease", () => {
  expect(workerTimes.leaseMs).toBeGreaterThan(sendDeadlineMs + 10_000);
});

test("whatever stops a mail is stored with its inquiry", async () => {
  mailServer.answer = () => Promise.reject(new Error("a template is wrong"));
  const reason = "this version cannot compose the mail: a template is wrong";
  expect(await deliverOne()).toMatchObject({
    delivery: { state: "pending", failure: { type: "permanent", reason } },
  });
});
