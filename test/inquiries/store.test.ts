// The store: durable, one row for the same content, leases that nobody else takes, and nothing left after deletion.

import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openStore, type Store } from "../../src/inquiries/store.ts";
import { filledForm, temporaryFolder, tuesday } from "../support/site.ts";

const { leave_empty: _trap, ...inquiry } = filledForm;
const source = { slug: "", title: "", suspicion: "" };
const after = (ms: number) => new Date(tuesday.getTime() + ms);
const dayMs = 86_400_000;

let dir: string;
let file: string;
let remove: () => Promise<void>;
let store: Store;

beforeEach(async () => {
  ({ dir, remove } = await temporaryFolder());
  file = path.join(dir, "inquiries.db");
  store = await openStore(file, "cleansystems.example");
});
afterEach(async () => {
  await store.close();
  await remove();
});

const accept = (changes: Partial<typeof inquiry> = {}, now = tuesday) => store.accept({ ...inquiry, ...changes }, source, now);

test("an accepted inquiry is found by its reference, also by another process and after a restart", async () => {
  const { stored } = await accept();
  await store.close();
  store = await openStore(file, "cleansystems.example");
  expect(await store.find(stored.reference)).toMatchObject({ ...inquiry, state: "pending" });
});

test("a reference is easy to read out, and the Message-ID follows from it", async () => {
  const { stored } = await accept();
  expect(stored.reference).toMatch(/^CS-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
  expect(stored.message_id).toBe(`<${stored.reference.toLowerCase()}@cleansystems.example>`);
});

test("the same content within a day is one inquiry, and a new one after it", async () => {
  const first = await accept();
  const again = await accept({ email: inquiry.email.toUpperCase() }, after(dayMs - 1));
  const nextDay = await accept({}, after(dayMs));
  expect(again).toEqual({ stored: first.stored, repeated: true });
  expect(nextDay.repeated).toBe(false);
  expect((await store.summary(after(dayMs))).counts.pending).toBe(2);
});

test("twenty copies sent at once are one inquiry", async () => {
  const results = await Promise.all(Array.from({ length: 20 }, () => accept()));
  expect(new Set(results.map(({ stored }) => stored.reference)).size).toBe(1);
  expect(results.filter(({ repeated }) => !repeated)).toHaveLength(1);
});

test("a claimed inquiry is nobody else's until its lease runs out", async () => {
  await accept();
  const claim = await store.claimDue("first", tuesday, 120_000);
  expect(claim).toMatchObject({ attempts: 1, lease_owner: "first" });
  expect(await store.claimDue("second", after(119_999), 120_000)).toBeUndefined();
  expect(await store.claimDue("second", after(120_000), 120_000)).toMatchObject({ attempts: 2 });
});

test("whoever lost the lease cannot settle", async () => {
  await accept();
  const late = await store.claimDue("first", tuesday, 120_000);
  const current = await store.claimDue("first", after(120_000), 120_000);
  expect(late && (await store.settleHandedOver(late, after(120_001)))).toBe(false);
  expect(late && (await store.settleFailed(late, "pending", after(200_000), "late"))).toBe(false);
  expect(current && (await store.settleHandedOver(current, after(120_002)))).toBe(true);
});

test("the oldest is claimed first", async () => {
  await accept({ message: "second" }, after(1_000));
  await accept({ message: "first" });
  const claimed = [
    await store.claimDue("any", after(2_000), 120_000),
    await store.claimDue("any", after(2_000), 120_000),
    await store.claimDue("any", after(2_000), 120_000),
  ];
  expect(claimed.map((claim) => claim?.message)).toEqual(["first", "second", undefined]);
});

test("a failed attempt is due again at its instant, with the reason", async () => {
  const { stored } = await accept();
  const claim = await store.claimDue("any", tuesday, 120_000);
  if (claim) await store.settleFailed(claim, "pending", after(30_000), "ECONNECTION");
  expect(await store.nextDue()).toEqual(after(30_000));
  expect(await store.claimDue("any", after(29_999), 120_000)).toBeUndefined();
  expect(await store.claimDue("any", after(30_000), 120_000)).toMatchObject({ last_failure: "ECONNECTION" });
  expect((await store.find(stored.reference))?.state).toBe("pending");
});

test("deletion leaves nothing of the text in any file", async () => {
  const { stored } = await accept({ message: "a very particular sentence" });
  const inFiles = () => readdirSync(dir).some((name) => readFileSync(path.join(dir, name)).includes("very particular"));
  const claim = await store.claimDue("any", tuesday, 120_000);
  if (claim) await store.settleHandedOver(claim, tuesday);
  expect(inFiles()).toBe(true);
  expect(await store.purge(tuesday, tuesday)).toEqual([]); // strictly before
  expect(await store.purge(after(1), tuesday)).toEqual([stored.reference]);
  expect(inFiles()).toBe(false);
});

test("what was not handed over is never purged", async () => {
  await accept();
  expect(await store.purge(after(1_000 * dayMs), after(1_000 * dayMs))).toEqual([]);
});

test("nobody but the owner can read the files", async () => {
  await accept();
  const modes = readdirSync(dir).map((name) => statSync(path.join(dir, name)).mode & 0o777);
  expect(new Set(modes)).toEqual(new Set([0o600]));
});

test("a lock held by another process for a moment delays and does not fail", async () => {
  const other = new DatabaseSync(file);
  other.exec("BEGIN IMMEDIATE");
  const accepted = accept();
  await new Promise((resolve) => setImmediate(resolve));
  other.exec("COMMIT");
  other.close();
  expect((await accepted).repeated).toBe(false);
});

test("a store that a newer version has changed is refused with a sentence", async () => {
  await store.close();
  const other = new DatabaseSync(file);
  other.exec("INSERT INTO kysely_migration (name, timestamp) VALUES ('9999-from-the-future', '2030-01-01')");
  other.close();
  await expect(openStore(file, "x.example")).rejects.toThrow(/newer version/);
  store = await openStore(path.join(dir, "other.db"), "x.example");
});

test("fifty inquiries that arrive together are each answered with their own row, and all are there", async () => {
  const messages = Array.from({ length: 50 }, (_, index) => `project ${index}`);
  const results = await Promise.all(messages.map((message) => accept({ message })));
  expect(results.map(({ stored }) => stored.message)).toEqual(messages);
  expect(new Set(results.map(({ stored }) => stored.reference)).size).toBe(50);
  for (const { stored } of results) expect(await store.find(stored.reference)).toEqual(stored);
});

test("copies among others that arrive together get the first one's answer", async () => {
  const results = await Promise.all(["a", "b", "a", "c", "a"].map((message) => accept({ message })));
  expect(results.map(({ repeated }) => repeated)).toEqual([false, false, true, false, true]);
  expect(results[2]?.stored).toEqual(results[0]?.stored);
  expect(results[4]?.stored).toEqual(results[0]?.stored);
  expect(await store.list()).toHaveLength(3);
});

test("a commit that fails tells everybody who waited for it", async () => {
  await store.close();
  const results = await Promise.allSettled(["a", "b", "c"].map((message) => accept({ message })));
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  store = await openStore(file, "cleansystems.example");
  expect(await store.list()).toEqual([]);
});
