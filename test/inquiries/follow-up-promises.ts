// The promises of a store about what happens after an inquiry was sent, on any database: marks, overdue inquiries, and their deletion.

import { nextDeadline, overdueTimes } from "../../src/inquiries/deadlines.ts";
import type { Mark } from "../../src/inquiries/store/schema.ts";
import type { Store } from "../../src/inquiries/store/store.ts";
import { before, filledForm, tuesday } from "../support/site.ts";
import type { Place } from "./store-promises.ts";

const { leave_empty: _trap, ...answers } = filledForm;
const after = (ms: number) => new Date(tuesday.getTime() + ms);
const dayMs = 86_400_000;
const forEver = after(10_000 * dayMs);
// Received on Tuesday 24 November 2026: to be taken by Wednesday and answered by Thursday, 17:00 in Copenhagen.
const takeBy = new Date("2026-11-25T16:00:00Z");
const answerBy = new Date("2026-11-26T16:00:00Z");

/** Declares the tests. Each runs on an empty store. */
export function keepsFollowUpPromises(makePlace: () => Promise<Place>): void {
  let place: Place;
  let store: Store;
  beforeEach(async () => {
    place = await makePlace();
    store = await place.open();
  });
  afterEach(async () => {
    await store.close();
    await place.remove();
  });

  const source = { slug: "", title: "", quarantineReason: "", deadlines: overdueTimes(tuesday, 2) };
  const accept = async (message: string, changes = {}) =>
    (await store.inbox.accept({ ...answers, message }, { ...source, ...changes }, tuesday)).inquiry
      .reference;
  const row = async (reference: string) => {
    const inquiry = await store.inbox.find(reference);
    if (!inquiry) throw new Error(`${reference} is not stored`);
    return inquiry;
  };
  const overdue = async (now: Date) =>
    (await store.followUp.overdue(now)).map(({ reference }) => reference);
  const mark = (reference: string, change: Mark, now = tuesday) =>
    store.followUp.mark(reference, change, now);
  async function send(): Promise<void> {
    for (let claim; (claim = await store.queue.claimDue("test", tuesday, 120_000));)
      await store.queue.settleSent(claim, tuesday);
  }

  test("an inquiry has a token of 32 hexadecimal digits, and is found by it", async () => {
    const reference = await accept("one");
    const { staff_token } = await row(reference);
    expect(staff_token).toMatch(/^[\da-f]{32}$/);
    expect((await store.followUp.findByToken(staff_token ?? ""))?.reference).toBe(reference);
    expect((await row(await accept("another"))).staff_token).not.toBe(staff_token);
    expect(await store.followUp.findByToken("")).toBeUndefined();
  });

  test("each mark is stored with its time, and listed until a digest has listed it", async () => {
    const reference = await accept("one");
    expect(await mark(reference, "taken", after(1))).toBe("changed");
    expect(await mark(reference, "taken", after(2))).toBe("unchanged");
    expect(await mark(reference, "answered", after(3))).toBe("changed");
    expect(await row(reference)).toMatchObject({
      taken_at: after(1).getTime(),
      answered_at: after(3).getTime(),
      closed_at: null,
    });
    const listed = await store.followUp.listMarks();
    expect(listed).toMatchObject([
      { reference, mark: "taken", at: after(1).getTime() },
      { reference, mark: "answered", at: after(3).getTime() },
    ]);
    expect(await mark(reference, "undo-answered", after(4))).toBe("changed");
    await store.followUp.deleteMarks(listed);
    expect(await store.followUp.listMarks()).toMatchObject([{ mark: "undo-answered" }]);
    expect(await row(reference)).toMatchObject({ taken_at: after(1).getTime(), answered_at: null });
  });

  test("an inquiry is answered or closed, not both", async () => {
    const reference = await accept("one");
    await mark(reference, "answered");
    await mark(reference, "closed");
    expect(await row(reference)).toMatchObject({ answered_at: null, closed_at: tuesday.getTime() });
    await mark(reference, "answered");
    expect(await row(reference)).toMatchObject({ answered_at: tuesday.getTime(), closed_at: null });
  });

  test("twenty marks between two digests are stored, and more are refused", async () => {
    const reference = await accept("one");
    for (let count = 0; count < 10; count += 1)
      for (const change of ["taken", "undo-taken"] as const) await mark(reference, change);
    expect(await mark(reference, "taken")).toBe("too many");
    expect(await mark(await accept("another"), "taken")).toBe("changed");
    await store.followUp.deleteMarks(await store.followUp.listMarks());
    expect(await mark(reference, "taken")).toBe("changed");
  });

  test("a mark on an unknown reference or a live check changes nothing", async () => {
    const check = await accept("check", { isLiveCheck: true });
    for (const reference of ["CS-0000-0000", check])
      expect(await mark(reference, "taken")).toBe("unchanged");
    expect(await store.followUp.listMarks()).toEqual([]);
  });

  test("twenty equal marks at once are one mark", async () => {
    const reference = await accept("one");
    const results = await Promise.all(
      Array.from({ length: 20 }, () => mark(reference, "answered")),
    );
    expect(results.filter((result) => result === "changed")).toHaveLength(1);
    expect(await store.followUp.listMarks()).toHaveLength(1);
  });

  test("a mark does not affect delivery", async () => {
    const reference = await accept("one");
    const claim = await store.queue.claimDue("test", tuesday, 120_000);
    await mark(reference, "answered");
    expect(
      claim && (await store.queue.settleFailed(claim, "pending", after(30_000), "ECONNECTION")),
    ).toBe(true);
    await mark(reference, "undo-answered");
    expect(await store.queue.claimDue("test", after(30_000), 120_000)).toMatchObject({
      reference,
      state: "pending",
    });
  });

  test("an inquiry is overdue if it was not taken in time, or not answered in time", async () => {
    const [untouched, taken, answered, closed] = [
      await accept("a"),
      await accept("b"),
      await accept("c"),
      await accept("d"),
    ];
    await send();
    await mark(taken, "taken");
    await mark(answered, "answered");
    await mark(closed, "closed");
    expect(await overdue(takeBy)).toEqual([]);
    expect(await overdue(new Date(takeBy.getTime() + 1))).toEqual([untouched]);
    expect(
      (await store.followUp.dueUntil(forEver, new Date(takeBy.getTime() + 1))).map(
        ({ reference }) => reference,
      ),
    ).toEqual([taken]);
    expect(await overdue(new Date(answerBy.getTime() + 1))).toEqual([untouched, taken]);
    expect((await store.staff.summary(new Date(answerBy.getTime() + 1))).overdue).toBe(2);
    await mark(answered, "undo-answered");
    expect(await overdue(forEver)).toEqual([untouched, taken, answered]);
  });

  test("the deadline that pages and lists show is the time after which the store counts an inquiry as overdue", async () => {
    for (const change of ["taken", "answered", "closed"] as const)
      await mark(await accept(change), change);
    await accept("untouched");
    await accept("quarantined", { quarantineReason: "many links" });
    await accept("check", { isLiveCheck: true });
    await accept("older", { deadlines: undefined });
    for (const at of [takeBy, answerBy].flatMap((deadline) => [
      deadline,
      new Date(deadline.getTime() + 1),
    ])) {
      const late = (await store.staff.list())
        .filter((inquiry) => (nextDeadline(inquiry) ?? at) < at)
        .map(({ reference }) => reference);
      expect([at, (await overdue(at)).sort()]).toEqual([at, late.sort()]);
    }
    expect(await overdue(forEver)).toHaveLength(2);
  });

  test("an inquiry that waits for the mail server becomes overdue too, a quarantined one does not, nor one from before the upgrade", async () => {
    const waiting = await accept("waiting");
    await accept("quarantined", { quarantineReason: "many links" });
    await accept("older", { deadlines: undefined });
    expect(await overdue(forEver)).toEqual([waiting]);
  });

  test("an overdue inquiry is to be alerted until an alert was recorded, the longest overdue first", async () => {
    const [later, first] = [
      await accept("later", { deadlines: { takeBy, answerBy: forEver } }),
      await accept("first"),
    ];
    const notAlerted = async (limit: number) =>
      (await store.followUp.notAlerted(after(30 * dayMs), limit)).map(({ reference }) => reference);
    expect(await store.followUp.notAlerted(takeBy, 5)).toEqual([]);
    expect([await notAlerted(1), await notAlerted(5)]).toEqual([[first], [first, later]]);
    await store.followUp.recordOverdue("digest", [await row(first)], after(dayMs));
    await store.followUp.recordOverdue("alert", [await row(first)], after(dayMs));
    expect(await notAlerted(5)).toEqual([later]);
  });

  test("a digest or an alert that lists nothing changes nothing", async () => {
    const reference = await accept("one");
    await mark(reference, "taken");
    await store.followUp.recordOverdue("digest", [], tuesday);
    await store.followUp.deleteMarks([]);
    expect(await row(reference)).toMatchObject({ overdue_digest_at: null });
    expect(await store.followUp.listMarks()).toHaveLength(1);
  });

  test("an unanswered inquiry is purged only after it was reported as overdue", async () => {
    const [plain, taken] = [await accept("a"), await accept("b")];
    await send();
    await mark(taken, "taken");
    await store.staff.markInDigest(await store.staff.notInDigest(forEver, forEver), tuesday);
    expect(await store.staff.purge(before(forEver))).toEqual([]);
    await store.followUp.recordOverdue("digest", [await row(plain)], after(dayMs));
    await store.followUp.recordOverdue("digest", [await row(plain)], after(5 * dayMs)); // the first time counts
    await store.followUp.recordOverdue("alert", [await row(taken)], after(2 * dayMs));
    expect(await store.staff.purge({ ...before(forEver), reportedBefore: after(dayMs) })).toEqual(
      [],
    );
    expect(
      await store.staff.purge({ ...before(forEver), reportedBefore: after(dayMs + 1) }),
    ).toEqual([plain]);
    expect(await store.staff.purge({ ...before(forEver), sentBefore: tuesday })).toEqual([]);
    expect(await store.staff.purge(before(forEver))).toEqual([taken]);
  });

  test("an inquiry from before the upgrade is purged after a digest has listed it", async () => {
    const reference = await accept("older", { deadlines: undefined });
    await send();
    expect(await store.staff.purge(before(forEver))).toEqual([]);
    await store.staff.markInDigest(await store.staff.notInDigest(forEver, forEver), tuesday);
    expect(await store.staff.purge(before(after(1)))).toEqual([reference]);
  });

  test("inquiries are counted by article and month, quarantined ones once they are released, and stay counted", async () => {
    await accept("a", { slug: "queues" });
    await accept("b", { slug: "queues" });
    await accept("c");
    await accept("check", { isLiveCheck: true });
    const released = await accept("d", { quarantineReason: "many links" });
    const inNovember = [
      { month: "2026-11", slug: "queues", count: 2 },
      { month: "2026-11", slug: "", count: 1 },
    ];
    expect(await store.followUp.sources()).toEqual(inNovember);
    await store.staff.makePending(released, ["quarantined"], after(30 * dayMs));
    await store.staff.makePending(released, ["sent", "stuck"], after(30 * dayMs));
    await store.staff.erase(await store.staff.list());
    expect(await store.followUp.sources()).toEqual([
      { month: "2026-11", slug: "", count: 2 },
      { month: "2026-11", slug: "queues", count: 2 },
    ]);
  });
}
