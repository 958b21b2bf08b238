// Alerts: the log, /readyz, the webhook (a real server here), and the sentence that visitors read while mail is delayed.

import request from "supertest";
import type { SendResult } from "../../src/inquiries/smtp.ts";
import { openStore } from "../../src/inquiries/store/store.ts";
import { duration } from "../../src/inquiries/alerts.ts";
import { storeFile } from "../../src/store-and-mail.ts";
import { postForm } from "../support/post.ts";
import { buildTestSite, tuesday } from "../support/site.ts";
import { startWebhook } from "../support/webhook.ts";

const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
const sent: SendResult = { sent: true, refusedRecipients: 0 };
const temporary: SendResult = { sent: false, fault: "temporary", reason: "ECONNECTION" };
const permanent: SendResult = { sent: false, fault: "permanent", reason: "EAUTH 535 denied" };

let webhook: Awaited<ReturnType<typeof startWebhook>>;
let site: Awaited<ReturnType<typeof buildTestSite>>;
let mailServer: { result: SendResult };

const buildSite = (settings: Record<string, string> = {}) =>
  buildTestSite({
    env: { ALERT_WEBHOOK_URL: webhook.url, CONTACT_PHONE: "+45 12 34 56 78", ...settings },
    dependencies: { sendMail: () => Promise.resolve(mailServer.result) },
  });

beforeEach(async () => {
  webhook = await startWebhook();
  mailServer = { result: sent };
  site = await buildSite();
});
afterEach(async () => {
  await site.close();
  webhook.close();
});

/** Runs one pass of the site at this many milliseconds after the start. */
async function passAt(ms: number, by = site): Promise<void> {
  by.clock.now = new Date(tuesday.getTime() + ms);
  await by.delivery.deliverDue();
  await by.housekeep();
}

const ready = async () => {
  const { status, body } = await request(site.server).get("/readyz");
  const { delivery, problems } = body as { delivery: string; problems: string[] };
  return { status, delivery, problems };
};
const calledFor = () => webhook.calls.map(({ incident }) => incident);
const alerts = () => site.logged.filter(({ msg }) => msg === "inquiries do not reach staff");

test("an inquiry that waits for more than fifteen minutes is reported once, and its end once", async () => {
  mailServer.result = temporary;
  await postForm(site);
  await passAt(15 * minuteMs);
  expect(webhook.calls).toEqual([]);
  expect(await ready()).toEqual({ status: 200, delivery: "ok", problems: [] });
  await passAt(15 * minuteMs + 1);
  for (const minutes of [16, 17, 90]) await passAt(minutes * minuteMs);
  expect(webhook.calls).toEqual([
    {
      text: "Inquiries from http://localhost:3000 are not reaching staff: the oldest undelivered inquiry has waited 15 min. Nothing is lost.",
      incident: "begun",
      problems: ["the oldest undelivered inquiry has waited 15 min"],
      site: "http://localhost:3000",
    },
  ]);
  expect(alerts()).toMatchObject([{ level: "error" }]);
  expect(await ready()).toEqual({
    status: 200,
    delivery: "failing",
    problems: ["the oldest undelivered inquiry has waited 1 h 30 min"],
  });

  mailServer.result = sent;
  for (const minutes of [121, 122, 123]) await passAt(minutes * minuteMs);
  expect(calledFor()).toEqual(["begun", "ended"]);
  expect(webhook.calls[1]).toMatchObject({
    text: "Inquiries from http://localhost:3000 are reaching staff again.",
    problems: [],
  });
  expect(await ready()).toEqual({ status: 200, delivery: "ok", problems: [] });
  expect(site.logged).toContainEqual(
    expect.objectContaining({ level: "info", msg: "inquiries reach staff again" }),
  );
});

test("a second incident is reported again", async () => {
  for (const day of [0, 1]) {
    mailServer.result = permanent;
    await passAt(day * dayMs);
    await postForm(site, { message: `day ${day}` });
    await passAt(day * dayMs + 1);
    mailServer.result = sent;
    await passAt(day * dayMs + 60 * minuteMs);
  }
  expect(calledFor()).toEqual(["begun", "ended", "begun", "ended"]);
  expect(alerts()).toHaveLength(2);
});

test("a failure that is not temporary is reported at once", async () => {
  mailServer.result = permanent;
  await postForm(site);
  await passAt(0);
  const problems = ["mail cannot be sent until this is fixed: EAUTH 535"];
  expect(webhook.calls).toMatchObject([{ incident: "begun", problems }]);
  expect(await ready()).toEqual({ status: 200, delivery: "failing", problems });
});

test("an address in MAIL_TO that was refused is reported for a day, although the others got the mail", async () => {
  mailServer.result = { sent: true, refusedRecipients: 1 };
  await postForm(site);
  await passAt(0);
  const problem =
    "some of the staff get no mail: the mail server refused 1 of the 1 addresses in MAIL_TO";
  const text = `Inquiries from http://localhost:3000 are not reaching all of the staff: ${problem}. Nothing is lost.`;
  expect(webhook.calls).toMatchObject([{ text, problems: [problem] }]);
  await passAt(dayMs - minuteMs);
  expect(calledFor()).toEqual(["begun"]);
  await passAt(dayMs);
  expect(calledFor()).toEqual(["begun", "ended"]);
});

test("an address that was refused does not hide that nobody gets mail", async () => {
  mailServer.result = { sent: true, refusedRecipients: 1 };
  await postForm(site);
  await passAt(0);
  mailServer.result = permanent;
  await postForm(site, { message: "another" });
  await passAt(minuteMs);
  expect(webhook.calls.map(({ incident, problems: [problem] }) => [incident, problem])).toEqual([
    ["begun", expect.stringMatching(/^some of the staff get no mail/)],
    ["begun", "mail cannot be sent until this is fixed: EAUTH 535"],
  ]);
});

test("stuck inquiries are reported with their number", async () => {
  mailServer.result = temporary;
  await postForm(site);
  await passAt(5 * dayMs);
  expect(webhook.calls[0]?.problems).toEqual([
    "the oldest undelivered inquiry has waited 5 d 0 h",
    "stuck for more than five days: 1",
  ]);
});

test("a webhook that fails is called again after each pass until it succeeds, and not after that", async () => {
  mailServer.result = permanent;
  await postForm(site);
  webhook.status = 500;
  await passAt(0);
  await passAt(minuteMs);
  webhook.status = 200;
  for (const minutes of [2, 3, 4]) await passAt(minutes * minuteMs);
  expect(calledFor()).toEqual(["begun", "begun", "begun"]); // two calls that failed, and one that succeeded
  expect(
    site.logged.filter(({ msg }) => msg === "the alert webhook could not be reached"),
  ).toHaveLength(2);
});

describe("a second process on the same store", () => {
  let other: typeof site;
  beforeEach(async () => {
    other = await buildSite({ DATA_DIR: site.config.dataDir });
    mailServer.result = permanent;
    await postForm(site);
  });
  afterEach(() => other.close());

  test("reports the end of an incident whose beginning the first process has reported", async () => {
    await passAt(0);
    await passAt(5 * minuteMs, other);
    expect(calledFor()).toEqual(["begun"]);
    mailServer.result = sent;
    for (const minutes of [60, 61]) await passAt(minutes * minuteMs, other);
    expect(calledFor()).toEqual(["begun", "ended"]);
    expect(other.logged.filter(({ msg }) => /reach staff/.test(String(msg)))).toMatchObject([
      { msg: "inquiries reach staff again" },
    ]);
  });

  test("reports the beginning of an incident if the webhook failed in the first process", async () => {
    webhook.status = 500;
    await passAt(0);
    webhook.status = 204;
    for (const minutes of [5, 6]) await passAt(minutes * minuteMs, other);
    expect(calledFor()).toEqual(["begun", "begun"]);
  });
});

test("an incident that began while no webhook was set is reported once there is one", async () => {
  const without = await buildSite({ ALERT_WEBHOOK_URL: "", DATA_DIR: site.config.dataDir });
  mailServer.result = permanent;
  await postForm(without);
  await passAt(0, without);
  await passAt(5 * minuteMs);
  expect(calledFor()).toEqual(["begun"]);
  await without.close();
});

test("an incident that ended before the webhook could be reached is not reported to it at all", async () => {
  mailServer.result = permanent;
  await postForm(site);
  webhook.status = 500;
  await passAt(0);
  webhook.status = 204;
  mailServer.result = sent;
  for (const minutes of [60, 61]) await passAt(minutes * minuteMs);
  expect(calledFor()).toEqual(["begun"]);
  expect(site.logged).toContainEqual(
    expect.objectContaining({ msg: "inquiries reach staff again" }),
  );
});

test("a failed call of the webhook is logged without its URL, which may contain a secret", async () => {
  mailServer.result = permanent;
  await postForm(site);
  webhook.close();
  await passAt(0);
  expect(site.logged).toContainEqual(
    expect.objectContaining({ msg: "the alert webhook could not be reached" }),
  );
  expect(JSON.stringify(site.logged)).not.toContain("/hook");
});

test("the webhook receives nothing of the inquiry", async () => {
  mailServer.result = permanent;
  const reference = await postForm(site);
  await passAt(0);
  expect(webhook.calls).toHaveLength(1);
  expect(JSON.stringify(webhook.calls)).not.toMatch(/Priya|fjordfreight/i);
  expect(JSON.stringify(webhook.calls)).not.toContain(reference);
});

test("an inquiry that staff release after six days in quarantine is not stuck after one failure, and causes no incident", async () => {
  const reference = await postForm(site, { message: "[url=http://a.example]a[/url]" });
  mailServer.result = temporary;
  await passAt(6 * dayMs);
  const store = await openStore(storeFile(site.config), "cleansystems.example");
  await store.staff.makePending(reference, ["quarantined"], site.clock.now);
  await passAt(6 * dayMs + 1);
  const waiting = await store.inbox.find(reference);
  await store.close();
  expect(waiting).toMatchObject({
    state: "pending",
    due_at: tuesday.getTime() + 6 * dayMs + 1 + 30_000,
  });
  expect(calledFor()).toEqual(["overdue"]);
  expect((await request(site.server).get("/contact")).text).not.toContain("mail is delayed");
});

test.each([
  [59_999, "0 min"],
  [15 * minuteMs, "15 min"],
  [200 * minuteMs, "3 h 20 min"],
  [2 * dayMs + 250 * minuteMs, "2 d 4 h"],
])("the duration of %d ms is written as %s", (ms, words) => expect(duration(ms)).toBe(words));
