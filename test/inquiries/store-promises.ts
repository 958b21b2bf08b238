// The promises of a store on any database: durability, one row for the same content, exclusive
// leases, progress, and those of deletion-promises.ts and confirmation-promises.ts.

import { isOverdue } from "../../src/inquiries/handling.ts";
import { tuesday } from "../support/site.ts";
import { answers, click, countStates, plain, quarantined } from "../support/store.ts";
import { confirmations } from "./confirmation-promises.ts";
import { deletion } from "./deletion-promises.ts";
import {
  accept,
  acceptReference,
  after,
  claim,
  dayMs,
  deadlines,
  digest,
  eachOnAnEmptyStore,
  forEver,
  listed,
  minuteMs,
  overdue,
  place,
  referenceOf,
  reopen,
  row,
  sendAll,
  setProgress,
  store,
  type Place,
} from "./promised-store.ts";

const { answerBy } = deadlines;
const later = (time: Date) => new Date(time.getTime() + 1);
const failure = { type: "temporary", reason: "ECONNECTION" } as const;

/** Declares the tests. Each runs on an empty store. */
export function keepsPromises(makePlace: () => Promise<Place>): void {
  eachOnAnEmptyStore(makePlace);
  acceptance();
  delivery();
  changesOfState();
  progress();
  deletion();
  confirmations();
  jobs();
}

function acceptance(): void {
  test("an accepted inquiry is found whole after a restart", async () => {
    const message = "🚢".repeat(20_000);
    const { inquiry } = await accept({ message });
    await store.close();
    await reopen();
    expect(await row(inquiry.reference)).toEqual(inquiry);
    expect(inquiry).toMatchObject({
      answers: { ...answers, message },
      delivery: { state: "pending" },
    });
    expect(inquiry.messageId).toBe(`<${inquiry.reference.toLowerCase()}@cleansystems.example>`);
    expect(inquiry.token).toMatch(/^[\da-f]{32}$/);
    expect((await store.find({ token: inquiry.token }))?.reference).toBe(inquiry.reference);
    expect(await store.find({ token: "" })).toBeUndefined();
  });

  test("the same content within a day is one inquiry", async () => {
    const first = await accept();
    const again = await accept({ email: answers["email"]?.toUpperCase() ?? "" }, after(dayMs - 1));
    const nextDay = await accept({}, after(dayMs));
    expect(again).toEqual({ inquiry: first.inquiry, isRepeated: true });
    expect(nextDay.isRepeated).toBe(false);
    expect((await countStates(store)).pending).toBe(2);
  });

  test("twenty copies sent at once are one inquiry", async () => {
    const results = await Promise.all(Array.from({ length: 20 }, () => accept()));
    expect(new Set(results.map(({ inquiry }) => inquiry.reference)).size).toBe(1);
    expect(results.filter(({ isRepeated }) => !isRepeated)).toHaveLength(1);
  });

  test("a list that is read in several parts is whole and in order", async () => {
    const references: string[] = [];
    for (let index = 0; index < 205; index += 1)
      references.unshift(await acceptReference(`${index}`, {}, after(index % 7)));
    const listedOnes = await store.list();
    expect(listedOnes.map(referenceOf).sort()).toEqual(references.toSorted());
    const times = listedOnes.map(({ receivedAt }) => receivedAt.getTime());
    expect(times).toEqual(times.toSorted((one, other) => other - one));
  });
}

function delivery(): void {
  test("the oldest inquiry is claimed first", async () => {
    await accept({ message: "second" }, after(1_000));
    await accept({ message: "first" });
    const messages = [(await claim(after(2_000))).answers, (await claim(after(2_000))).answers];
    expect(messages.map(({ message }) => message)).toEqual(["first", "second"]);
    expect(await store.claimDue("test", after(2_000), 120_000)).toBeUndefined();
  });

  test("a claimed inquiry cannot be claimed again until its lease ends", async () => {
    await accept();
    const first = await store.claimDue("first", tuesday, 120_000);
    expect(first).toMatchObject({ delivery: { attempts: 1 }, owner: "first" });
    expect(await store.claimDue("second", after(119_999), 120_000)).toBeUndefined();
    expect(await store.claimDue("second", after(120_000), 120_000)).toMatchObject({
      delivery: { attempts: 2 },
    });
  });

  test("a process that lost the lease cannot settle", async () => {
    await accept();
    const late = await claim(tuesday);
    const current = await claim(after(120_000));
    expect(await store.settle(late, { sentAt: after(120_001) })).toBe(false);
    expect(await store.settle(late, { dueAt: after(200_000), failure })).toBe(false);
    expect(await store.settle(current, { sentAt: after(120_002) })).toBe(true);
  });

  test("a claim is settled once, and a failed one is due again in time", async () => {
    const reference = await acceptReference("on its way");
    const first = await claim(tuesday);
    expect(await store.settle(first, { dueAt: after(30_000), failure })).toBe(true);
    expect(await store.settle(first, { dueAt: after(60_000), failure })).toBe(false);
    expect(await row(reference)).toMatchObject({
      delivery: { state: "pending", failure: { type: "temporary", reason: "ECONNECTION" } },
    });
    expect(await store.claimDue("any", after(29_999), 120_000)).toBeUndefined();
    const second = await claim(after(30_000));
    expect(await store.settle(second, { sentAt: after(31_000) })).toBe(true);
    expect(await store.settle(second, { sentAt: after(32_000) })).toBe(false);
    expect(await row(reference)).toMatchObject({
      delivery: { state: "sent", sentAt: after(31_000), failure: undefined },
    });
  });

  test("a start makes everything due but what is being sent", async () => {
    const waiting = await acceptReference("waiting");
    await store.settle(await claim(tuesday), { dueAt: after(30 * minuteMs), failure });
    const sending = await acceptReference("being sent");
    await claim(tuesday);
    await store.retryAll(after(1_000));
    expect(await store.claimDue("test", after(999), 120_000)).toBeUndefined();
    expect((await claim(after(1_000))).reference).toBe(waiting);
    expect(await store.claimDue("test", after(119_999), 120_000)).toBeUndefined();
    expect((await claim(after(120_000))).reference).toBe(sending);
  });

  test("what a wrong clock made due, or leased, in the far future is due", async () => {
    const references = [
      await acceptReference("received by a wrong clock", deadlines, after(dayMs)),
      await acceptReference("claimed by a wrong clock", deadlines, after(dayMs)),
    ];
    expect(await store.claimDue("test", after(dayMs - 30 * minuteMs), 120_000)).toBeUndefined();
    await claim(after(dayMs));
    for (const reference of references) expect((await claim(tuesday)).reference).toBe(reference);
    expect(await store.claimDue("test", tuesday, 120_000)).toBeUndefined();
  });
}

function changesOfState(): void {
  test("what is let through is due at once, with the time promised", async () => {
    const reference = await acceptReference("quarantined", quarantined);
    const now = after(6 * dayMs);
    expect(await click(store, reference, "letThrough", { answerBy, now })).toBe(true);
    expect(await row(reference)).toMatchObject({
      delivery: { state: "pending", quarantineReason: quarantined.quarantineReason },
      handling: { answerBy: plain.promisedBy, promisedBy: plain.promisedBy, progress: "open" },
    });
    expect((await claim(now)).reference).toBe(reference);
  });

  test("what is let through while a digest is sent is in the next", async () => {
    const reference = await acceptReference("released", quarantined);
    const shown = await listed();
    await click(store, reference, "letThrough", { answerBy, now: tuesday });
    await sendAll();
    await store.recordListed(shown, after(1));
    expect((await digest()).sent.inquiries.map(referenceOf)).toEqual([reference]);
  });

  test("what was closed in quarantine is in no digest, and is deleted", async () => {
    const reference = await acceptReference("advertising", quarantined);
    expect(await setProgress(reference, "closed")).toBe(true);
    expect((await digest()).quarantined.total).toBe(0);
    expect((await store.summary(forEver)).unlisted).toBe(0);
    await store.purge(tuesday); // the first only records its cut-off
    expect(await store.purge(tuesday)).toEqual([]);
    expect(await store.purge(after(1))).toEqual([reference]);
  });
}

function progress(): void {
  test("progress has its time, and an outdated change changes nothing", async () => {
    const reference = await acceptReference("one");
    const seen = tuesday.getTime();
    expect(await setProgress(reference, "open")).toBe(false);
    expect(await setProgress(reference, "taken", tuesday, 0)).toBe(true);
    expect(await setProgress(reference, "taken", after(2))).toBe(false);
    expect(await row(reference)).toMatchObject({
      handling: { progress: "taken", changedAt: tuesday },
    });
    expect(await setProgress(reference, "closed", tuesday, 0)).toBe(false);
    expect(await setProgress(reference, "answered", tuesday, seen)).toBe(true);
    expect(await setProgress(reference, "open", tuesday, seen)).toBe(false); // in one millisecond
    expect((await row(reference)).handling.progress).toBe("answered");
    expect(await setProgress("CS-0000-0000", "taken")).toBe(false);
  });

  test("a click on a page from before it was let through changes nothing", async () => {
    const reference = await acceptReference("let through", quarantined);
    expect(await click(store, reference, "letThrough", { answerBy, seen: 1 })).toBe(false);
    expect(await click(store, reference, "letThrough", { answerBy, seen: 0 })).toBe(true);
    expect(await setProgress(reference, "closed", after(1), 0)).toBe(false);
  });

  test("an inquiry is overdue after the deadline that pages show", async () => {
    for (const value of ["taken", "answered", "closed"] as const)
      await setProgress(await acceptReference(value, deadlines), value);
    await sendAll();
    await acceptReference("waiting", deadlines);
    await acceptReference("quarantined", { ...quarantined, ...deadlines });
    for (const at of [answerBy, later(answerBy)]) {
      const late = (await store.list()).filter((one) => isOverdue(one.handling, at));
      expect([at, (await overdue(at)).sort()]).toEqual([at, late.map(referenceOf).sort()]);
    }
    expect(await overdue(forEver)).toHaveLength(3);
  });
}

function jobs(): void {
  test("one process runs a job in its time, if clocks differ by 30 s", async () => {
    const other = await place.open();
    const every = 10 * minuteMs;
    expect(await store.claimJob("digest", after(30_000), every)).toBe(true);
    expect(await other.claimJob("digest", after(0), every)).toBe(false);
    expect(await other.claimJob("purge", after(0), every)).toBe(true);
    expect(await other.claimJob("digest", after(every), every)).toBe(false);
    expect(await other.claimJob("digest", after(every + 30_000), every)).toBe(true);
    await other.close();
    // Run by a clock that was far in the future.
    expect(await store.claimJob("digest", after(365 * dayMs), minuteMs)).toBe(true);
    expect(await store.claimJob("digest", tuesday, minuteMs)).toBe(true);
  });

  test("a job that failed is due again after ten minutes", async () => {
    expect(await store.claimJob("purge", tuesday, dayMs)).toBe(true);
    expect(await store.claimJob("purge", after(10 * minuteMs), dayMs)).toBe(false);
    await store.setFailing("purge", tuesday);
    expect(await store.claimJob("purge", after(9 * minuteMs), dayMs)).toBe(false);
    expect(await store.claimJob("purge", after(10 * minuteMs), dayMs)).toBe(true);
    expect(await store.claimJob("purge", after(11 * minuteMs), dayMs)).toBe(false);
  });
}
