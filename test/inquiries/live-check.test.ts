// The doctor's own inquiry: who may send one, what becomes of it, and that its mark is of no use to anybody else.

import request from "supertest";
import { checkForm, type Answers } from "../../src/inquiries/form.ts";
import { tokenField, signLiveCheck } from "../../src/inquiries/live-check.ts";
import { openStore, type Store } from "../../src/inquiries/store/store.ts";
import { storeFile } from "../../src/store-and-mail.ts";
import { postForm } from "../support/post.ts";
import { buildTestSite, filledForm, tuesday } from "../support/site.ts";

const { leave_empty: _trap, ...answers } = filledForm;
const wednesdayMorning = new Date("2026-11-25T09:00:00Z");

let site: Awaited<ReturnType<typeof buildTestSite>>;
let store: Store;
beforeEach(async () => {
  site = await buildTestSite({ env: { INQUIRIES_PER_10_MINUTES: "1", INQUIRIES_PER_HOUR_TOTAL: "1" } });
  store = await openStore(storeFile(site.config), "cleansystems.example");
});
afterEach(async () => {
  await store.close();
  await site.close();
});

/** Signs the answers as the site reads them, with the default answer to each question that is left out. */
const marked = async (words: Answers = answers) => {
  const checked = checkForm(words);
  if (!checked.ok) throw new Error("the answers are not valid");
  return { [tokenField]: signLiveCheck(await store.staff.expectLiveCheck(site.clock.now), checked.answers) };
};
const stateOf = async (reference: string) => (await store.inbox.find(reference))?.state;

/** Delivers and looks after everything, today and at the next morning's mail. */
async function untilTomorrow(): Promise<void> {
  for (const instant of [tuesday, wednesdayMorning]) {
    site.clock.now = instant;
    await site.delivery.deliverDue();
    await site.afterPass();
  }
}

test("it is stored and no mail tells of it, and it is deleted without a trace", async () => {
  const reference = await postForm(site, await marked());
  expect(await stateOf(reference)).toBe("live-check");
  expect(site.logged).toContainEqual(expect.objectContaining({ msg: "inquiry is stored", inquiry: reference }));
  await untilTomorrow();
  expect(site.mailbox).toEqual([]);
  await store.staff.deleteLiveCheck(reference, site.clock.now);
  expect(await store.staff.list()).toEqual([]);
  await store.close();
  store = await openStore(storeFile(site.config), "cleansystems.example");
  expect(store.erasedAgain).toBe(0);
});

test("it counts for no limit, and no limit stops it", async () => {
  await postForm(site, await marked());
  expect(await stateOf(await postForm(site, { message: "the first of a visitor" }))).toBe("pending");
  const tooMany = { ...filledForm, message: "the second" };
  expect((await request(site.server).post("/contact").type("form").send(tooMany)).status).toBe(429);
  expect(await stateOf(await postForm(site, await marked()))).toBe("live-check");
});

test("a mark is good once", async () => {
  const mark = await marked();
  expect(await stateOf(await postForm(site, mark))).toBe("live-check");
  expect(await stateOf(await postForm(site, mark))).toBe("pending");
});

test("a mark is good for two minutes", async () => {
  const mark = await marked();
  site.clock.now = new Date(tuesday.getTime() + 120_000);
  expect(await stateOf(await postForm(site, mark))).toBe("pending");
});

test.each([
  ["of other words", async () => ({ ...(await marked()), message: "what a stranger wants to say unseen" })],
  ["that was made up", () => Promise.resolve({ [tokenField]: "0".repeat(64) })],
  ["under a key that was made up", () => Promise.resolve({ [tokenField]: signLiveCheck("key", answers) })],
  ["that is none", () => Promise.resolve({ [tokenField]: "%_" })],
])("an inquiry with a mark %s is one like all others", async (_what, changes) => {
  const reference = await postForm(site, await changes());
  expect(await stateOf(reference)).toBe("pending");
  await untilTomorrow();
  expect(site.mailbox.map((mail) => mail.reference)).toContain(reference);
});

test("what a check that died has left goes with a later one", async () => {
  const left = await postForm(site, await marked());
  site.clock.now = new Date(tuesday.getTime() + 3_600_001);
  const words = { ...answers, message: "a later check" };
  const reference = await postForm(site, { ...words, ...(await marked(words)) });
  await store.staff.deleteLiveCheck(reference, site.clock.now);
  expect(await stateOf(left)).toBeUndefined();
});
