// The inquiry that `doctor --live` sends: it needs a token, leaves no trace, and the token cannot be used for another inquiry.

import request from "supertest";
import { hiddenFields } from "../../src/inquiries/form.ts";
import { openStore } from "../../src/inquiries/store/store.ts";
import { storeFile } from "../../src/store-and-mail.ts";
import { postForm } from "../support/post.ts";
import { buildTestSite, filledForm, tuesday } from "../support/site.ts";

const wednesdayMorning = new Date("2026-11-25T09:00:00Z");

let site: Awaited<ReturnType<typeof buildTestSite>>;
let store: Awaited<ReturnType<typeof openStore>>;
beforeEach(async () => {
  site = await buildTestSite({
    env: { INQUIRIES_PER_10_MINUTES: "1", INQUIRIES_PER_HOUR_TOTAL: "1" },
  });
  store = await openStore(storeFile(site.config), "cleansystems.example");
});
afterEach(async () => {
  await store.close();
  await site.close();
});

const withToken = async () => ({
  [hiddenFields.liveCheck]: await store.staff.issueLiveCheckToken(site.clock.now),
});
const stateOf = async (reference: string) => (await store.inbox.find(reference))?.state;

/** Runs a pass of the site now and on the next morning. */
async function untilTomorrow(): Promise<void> {
  for (const instant of [tuesday, wednesdayMorning]) {
    site.clock.now = instant;
    await site.delivery.deliverDue();
    await site.housekeep();
  }
}

test("a live check is stored, is in no mail, and is deleted without a trace", async () => {
  const reference = await postForm(site, await withToken());
  expect(await stateOf(reference)).toBe("live-check");
  expect(site.logged).toContainEqual(
    expect.objectContaining({ msg: "an inquiry was stored", inquiry: reference }),
  );
  await untilTomorrow();
  expect(site.mailbox).toEqual([]);
  await store.staff.deleteLiveCheck(reference, site.clock.now);
  expect(await store.staff.list()).toEqual([]);
  await store.close();
  store = await openStore(storeFile(site.config), "cleansystems.example");
  expect(store.erasedAgain).toBe(0);
});

test("a live check is neither counted nor stopped by the limits", async () => {
  await postForm(site, await withToken());
  expect(await stateOf(await postForm(site, { message: "the first of a visitor" }))).toBe(
    "pending",
  );
  const tooMany = { ...filledForm, message: "the second" };
  expect((await request(site.server).post("/contact").type("form").send(tooMany)).status).toBe(429);
  expect(await stateOf(await postForm(site, await withToken()))).toBe("live-check");
});

test("a token is valid once", async () => {
  const token = await withToken();
  expect(await stateOf(await postForm(site, token))).toBe("live-check");
  expect(await stateOf(await postForm(site, token))).toBe("pending");
});

test("a token expires after two minutes", async () => {
  const token = await withToken();
  site.clock.now = new Date(tuesday.getTime() + 120_000);
  expect(await stateOf(await postForm(site, token))).toBe("pending");
});

test.each([
  ["that was not issued", "0".repeat(64)],
  ["with wildcards of SQL", "%_"],
])("an inquiry with a token %s is treated like any other inquiry", async (_what, token) => {
  await store.staff.issueLiveCheckToken(site.clock.now);
  const reference = await postForm(site, { [hiddenFields.liveCheck]: token });
  expect(await stateOf(reference)).toBe("pending");
  await untilTomorrow();
  expect(site.mailbox.map((mail) => mail.reference)).toContain(reference);
});

test("a live check that was not deleted is deleted by a later one", async () => {
  const left = await postForm(site, await withToken());
  site.clock.now = new Date(tuesday.getTime() + 3_600_001);
  const reference = await postForm(site, { message: "a later check", ...(await withToken()) });
  await store.staff.deleteLiveCheck(reference, site.clock.now);
  expect(await stateOf(left)).toBeUndefined();
});
