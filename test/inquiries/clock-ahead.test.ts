// A clock that was ahead and is right again: the times that it wrote into the store must not delay mail, alerts or deletion.

import request from "supertest";
import type { Mail } from "../../src/inquiries/inquiry-mail.ts";
import type { SendResult } from "../../src/inquiries/smtp.ts";
import { openStore } from "../../src/inquiries/store/store.ts";
import { storeFile } from "../../src/store-and-mail.ts";
import { buildTestSite, filledForm, tuesday } from "../support/site.ts";
import { postForm } from "../support/post.ts";

const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
const after = (ms: number) => new Date(tuesday.getTime() + ms);

/** Builds a site whose clock is a day ahead, and whose mail server is down until `server.up`. */
async function siteAhead(env: Record<string, string> = {}) {
  const server = { up: false, sent: [] as Mail[] };
  const sendMail = (mail: Mail): Promise<SendResult> => {
    if (!server.up)
      return Promise.resolve({ sent: false, fault: "temporary", reason: "ECONNECTION" });
    server.sent.push(mail);
    return Promise.resolve({ sent: true, refusedRecipients: 0 });
  };
  const site = await buildTestSite({ dependencies: { sendMail }, now: after(dayMs), env });
  return { site, server };
}

test("mail that failed while the clock was a day ahead is sent once the clock is right", async () => {
  const { site, server } = await siteAhead();
  await postForm(site);
  await site.delivery.deliverDue();
  site.clock.now = tuesday;
  server.up = true;
  expect(await site.delivery.deliverDue()).toBe(1);
  await site.close();
});

test("an inquiry that was leased while the clock was a day ahead is sent once the clock is right", async () => {
  const { site, server } = await siteAhead();
  await postForm(site);
  const store = await openStore(storeFile(site.config), "cleansystems.example");
  expect(await store.queue.claimDue("a process that died", site.clock.now, 120_000)).toBeDefined();
  await store.close();
  site.clock.now = tuesday;
  server.up = true;
  expect(await site.delivery.deliverDue()).toBe(1);
  await site.close();
});

test("a retry that the right clock has scheduled is not made early", async () => {
  const { site, server } = await siteAhead();
  site.clock.now = tuesday;
  await postForm(site);
  await site.delivery.deliverDue();
  server.up = true;
  expect(await site.delivery.deliverDue()).toBe(0);
  site.clock.now = after(30_000);
  expect(await site.delivery.deliverDue()).toBe(1);
  await site.close();
});

test("an inquiry that was received while the clock was a day ahead is reported once it has waited 15 minutes by the right clock", async () => {
  const { site } = await siteAhead();
  await postForm(site);
  await site.delivery.deliverDue();
  for (const minutes of [0, 5, 10, 16]) {
    site.clock.now = after(minutes * minuteMs);
    await site.delivery.deliverDue();
  }
  await site.housekeep();
  expect(site.logged).toContainEqual(
    expect.objectContaining({ level: "error", msg: "inquiries do not reach staff" }),
  );
  const { body } = (await request(site.server).get("/readyz")) as { body: { delivery: unknown } };
  expect(body.delivery).not.toBe("ok");
  await site.close();
});

test("its waiting time stays corrected when the right clock reaches the time at which it was stored", async () => {
  const { site } = await siteAhead();
  await postForm(site);
  for (const ms of [0, dayMs + 5 * minuteMs]) {
    site.clock.now = after(ms);
    await site.delivery.deliverDue();
  }
  const { body } = (await request(site.server).get("/readyz")) as { body: { problems: unknown } };
  expect(body.problems).toEqual(["the oldest undelivered inquiry has waited 1 d 0 h"]);
  await site.close();
});

test("an answered inquiry that was sent while the clock was a year ahead is deleted RETENTION_DAYS after the clock was right", async () => {
  const { site, server } = await siteAhead({ RETENTION_DAYS: "30" });
  site.clock.now = after(365 * dayMs);
  server.up = true;
  const reference = await postForm(site);
  await site.delivery.deliverDue();
  await site.housekeep();
  const store = await openStore(storeFile(site.config), "cleansystems.example");
  await store.followUp.mark(reference, "answered", site.clock.now);
  await store.close();
  const receiptStatus = async () =>
    (await request(site.server).get(`/contact/received?ref=${reference}`)).status;
  site.clock.now = tuesday;
  await site.housekeep();
  expect(await receiptStatus()).toBe(200);
  for (const days of [10, 0, 1]) {
    site.clock.now = after(days * dayMs); // ten days ahead, right, and a day later: until then the present clock may be the wrong one
    await site.housekeep();
  }
  site.clock.now = after(32 * dayMs);
  await site.housekeep();
  expect(await receiptStatus()).toBe(404);
  await site.close();
});

test("a quarantined inquiry that a digest listed while the clock was a year ahead is deleted QUARANTINE_DAYS after the clock was right", async () => {
  const { site, server } = await siteAhead({ QUARANTINE_DAYS: "30" });
  server.up = true;
  site.clock.now = after(365 * dayMs);
  const reference = await postForm(site, { message: "[url=http://advert.example]" });
  for (const days of [366, 0, 1]) {
    site.clock.now = after(days * dayMs);
    await site.housekeep();
  }
  expect(server.sent).toHaveLength(1);
  const receiptStatus = async () =>
    (await request(site.server).get(`/contact/received?ref=${reference}`)).status;
  site.clock.now = after(30 * dayMs);
  await site.housekeep();
  expect(await receiptStatus()).toBe(200);
  site.clock.now = after(32 * dayMs);
  await site.housekeep();
  expect(await receiptStatus()).toBe(404);
  await site.close();
});

test("an inquiry that was received while the clock was a year ahead is overdue once the clock has been right for a day", async () => {
  const { site, server } = await siteAhead();
  site.clock.now = after(365 * dayMs);
  await postForm(site);
  server.up = true;
  for (const days of [0, 0.5, 1, 1 + 1 / 1_440]) {
    site.clock.now = after(days * dayMs);
    await site.delivery.deliverDue();
    await site.housekeep();
    expect(
      ((await request(site.server).get("/readyz")) as { body: { overdue: number } }).body.overdue,
    ).toBe(days > 1 ? 1 : 0);
  }
  await site.close();
});

test("an inquiry that was quarantined and marked while the clock was a day ahead is listed in the next digest, with its mark", async () => {
  const { site, server } = await siteAhead();
  const reference = await postForm(site, { message: "[url=http://advert.example]" });
  const store = await openStore(storeFile(site.config), "cleansystems.example");
  await store.followUp.mark(reference, "closed", site.clock.now);
  await store.close();
  server.up = true;
  site.clock.now = new Date("2026-11-25T07:00:00Z"); // the right Wednesday, eight o'clock in Copenhagen
  await site.housekeep();
  expect(server.sent.map(({ subject }) => subject)).toEqual([
    "1 quarantined, 1 marked: inquiries on Wednesday 25 November",
  ]);
  expect(server.sent[0]?.text).toContain(`${reference} closed without an answer`);
  await site.close();
});

describe("a machine that starts with a clock that is years behind, until the clock is set", () => {
  const yearsBehind = new Date("2001-01-01T00:00:00Z");

  test("does not delete what was sent yesterday", async () => {
    const { site, server } = await siteAhead();
    site.clock.now = tuesday;
    server.up = true;
    const reference = await postForm(site);
    await site.delivery.deliverDue();
    for (const instant of [yearsBehind, after(dayMs)]) {
      site.clock.now = instant;
      await site.housekeep();
    }
    expect((await request(site.server).get(`/contact/received?ref=${reference}`)).status).toBe(200);
    await site.close();
  });

  test("does not make a waiting inquiry stuck", async () => {
    const { site } = await siteAhead();
    site.clock.now = tuesday;
    await postForm(site);
    for (const instant of [yearsBehind, after(5 * minuteMs)]) {
      site.clock.now = instant;
      await site.delivery.deliverDue();
    }
    await site.housekeep();
    const { body } = (await request(site.server).get("/readyz")) as {
      body: { inquiries: Record<string, number>; delivery: unknown };
    };
    expect(body.inquiries).toMatchObject({ pending: 1, stuck: 0 });
    expect(body.delivery).toBe("ok");
    await site.close();
  });
});

test("a visitor who reached the limit while the clock was ahead may send again once it is right", async () => {
  const { site } = await siteAhead({ INQUIRIES_PER_10_MINUTES: "1" });
  const send = (message: string) =>
    request(site.server)
      .post("/contact")
      .type("form")
      .send({ ...filledForm, message });
  expect((await send("first")).status).toBe(303);
  expect((await send("second")).status).toBe(429);
  site.clock.now = tuesday;
  expect((await send("third")).status).toBe(303);
  await site.close();
});
