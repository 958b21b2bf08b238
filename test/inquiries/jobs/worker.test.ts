// What the worker does as time passes: retries by the clock, one mail for each inquiry, and its
// deletion with all of its text after the promised days, whatever its progress, and not before.

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
  set,
  site,
  store,
  tried,
} from "../../support/passes.ts";
import { advertisement } from "../../support/form.ts";
import { textOf } from "../../support/html.ts";
import { digestTime, postForm, tuesday } from "../../support/site.ts";
import { filesWith } from "../../support/store.ts";

eachOnANewSite({ RETENTION_DAYS: "14" });

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
  await pass(6 * dayMs, 6 * hourMs);
  tried.length = 0;
  await pass(dayMs, hourMs / 2);
  expect(tried).toHaveLength(48);
  const problems = await site.get("/problems");
  expect(problems.text).toContain(`the mail about ${reference} cannot be sent until this is fixed`);
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

const after = (days: number) => tuesday.getTime() + days * dayMs;
/** Runs a pass on each day, until so many days after the start. */
async function passUntil(days: number): Promise<void> {
  while (site.clock.now.getTime() + dayMs < after(days))
    await passAt(site.clock.now.getTime() + dayMs);
  await passAt(after(days));
}

const filesOf = (text: string) => filesWith(site.config.dataDir, text);

test("an inquiry is deleted whole when the privacy page says", async () => {
  expect(textOf((await site.get("/privacy")).text)).toMatch(
    /14 days after your message was emailed to us, this site deletes its own copy/,
  );
  mailServer.answer = ({ reference }) => (reference.startsWith("digest-") ? temporary : accepted);
  for (const progress of ["open", "taken", "answered", "closed"] as const) {
    const reference = await postForm(site, { message: `a particular sentence: ${progress}` });
    await passAt(tuesday);
    await set(reference, progress);
  }
  await passUntil(13.99);
  expect(await store.list()).toHaveLength(4);
  expect(filesOf("particular")).not.toEqual([]);
  await passAt(after(14.26));
  expect(await store.list()).toEqual([]);
  for (const text of ["particular", "fjordfreight"]) expect(filesOf(text)).toEqual([]);
});

test("what is quarantined is deleted in time after a mail listed it", async () => {
  await postForm(site, advertisement);
  mailServer.answer = () => temporary;
  await passUntil(40); // it could not be sent until now
  mailServer.answer = () => accepted;
  await passAt(after(41));
  await passUntil(54.9);
  expect(await store.list()).toHaveLength(1);
  await passAt(after(55.2));
  expect(await store.list()).toEqual([]);
  expect(filesOf("advert.example")).toEqual([]);
});

test("a clock that was far ahead delays no deletion", async () => {
  await passAt(tuesday);
  site.clock.now = new Date(after(2_000));
  await postForm(site);
  const marked = await postForm(site, { message: "marked before any digest" });
  await site.worker.deliverDue();
  await set(marked, "answered");
  await passAt(digestTime("2026-11-25"));
  await passUntil(14.6);
  expect(await store.list()).toHaveLength(2);
  await passAt(after(15));
  expect(await store.list()).toEqual([]);
});
