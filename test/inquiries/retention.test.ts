// Retention: an inquiry and all of its text are deleted after the promised days, whatever its
// progress, and not before.

import request from "supertest";
import { textOf } from "../support/html.ts";
import {
  eachOnANewSite,
  mailServer,
  passAt,
  refused,
  sent,
  set,
  site,
  store,
  use,
} from "../support/passes.ts";
import { digestTime, postForm, temporaryFolder, tuesday } from "../support/site.ts";
import { filesWith } from "../support/store.ts";

eachOnANewSite();

const dayMs = 86_400_000;
const advert = { message: "[url=http://kanarie.example]a very particular offer[/url]" };
const after = (days: number) => tuesday.getTime() + days * dayMs;

let dir: string;
beforeEach(async () => {
  ({ dir } = await temporaryFolder());
  await use({ DATA_DIR: dir, RETENTION_DAYS: "14" });
});

/** Runs a pass on each day, until so many days after the start. */
async function passUntil(days: number): Promise<void> {
  while (site.clock.now.getTime() + dayMs < after(days))
    await passAt(site.clock.now.getTime() + dayMs);
  await passAt(after(days));
}

const isStored = async (reference: string) => (await store.find({ reference })) !== undefined;

test("an inquiry is deleted whole RETENTION_DAYS after it was sent", async () => {
  for (const progress of ["open", "taken", "answered", "closed"] as const) {
    const reference = await postForm(site, { message: `a particular sentence: ${progress}` });
    await passAt(tuesday);
    await set(reference, progress);
  }
  await passUntil(13.99);
  expect(await store.list()).toHaveLength(4);
  expect(filesWith(dir, "particular")).not.toEqual([]);
  await passAt(after(14.26));
  expect(await store.list()).toEqual([]);
  expect(filesWith(dir, "particular")).toEqual([]);
  expect(filesWith(dir, "fjordfreight")).toEqual([]);
});

test("an inquiry is deleted in time although no digest could be sent", async () => {
  mailServer.answer = ({ reference }) => (reference.startsWith("digest-") ? refused : sent);
  const reference = await postForm(site);
  await passAt(tuesday);
  await passUntil(14.3);
  expect(await isStored(reference)).toBe(false);
});

test("what is quarantined is deleted in time after a mail listed it", async () => {
  const reference = await postForm(site, advert);
  mailServer.answer = () => refused;
  await passUntil(40); // it could not be sent until now
  mailServer.answer = () => sent;
  await passAt(after(41));
  await passUntil(54.9);
  expect(await isStored(reference)).toBe(true);
  await passAt(after(55.2));
  expect(await isStored(reference)).toBe(false);
  expect(filesWith(dir, "particular")).toEqual([]);
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

test("the privacy page says RETENTION_DAYS", async () => {
  const { text } = await request(site.server).get("/privacy");
  expect(textOf(text)).toMatch(
    /14 days after your message was emailed to us, this site deletes its own copy/,
  );
});
