// The promises of a store on any database about deletion: what a purge, an erasure and a live check
// delete, when, and what digests say of it.

import { liveCheckReason } from "../../src/inquiries/store/schema.ts";
import { tuesday } from "../support/site.ts";
import { before, quarantined } from "../support/store.ts";
import {
  accept,
  acceptReference,
  after,
  claim,
  dayMs,
  digest,
  forEver,
  listed,
  minuteMs,
  oneOfEach,
  overdue,
  referenceOf,
  row,
  sendAll,
  setProgress,
  store,
} from "./promised-store.ts";

/** Declares the tests. */
export function deletion(): void {
  test("a purge deletes answered inquiries that a digest has listed, quarantined ones that a mail has listed, and nothing else", async () => {
    const references = await oneOfEach();
    for (const reference of Object.values(references)) await setProgress(reference, "answered");
    expect(await store.purge(before(forEver))).toEqual([]);
    await store.recordListed((await digest()).sent.inquiries, tuesday);
    expect(await store.purge({ ...before(forEver), announcedBefore: tuesday })).toEqual([]);
    expect(await store.purge({ ...before(forEver), announcedBefore: after(1) })).toEqual([
      references.sent,
    ]);
    const shown = await listed();
    await store.recordListed(shown, tuesday);
    await store.recordListed(shown, after(dayMs)); // a second mail does not restart its days
    // Strictly before.
    expect(await store.purge({ ...before(forEver), sentBefore: tuesday })).toEqual([]);
    expect(await store.purge({ ...before(forEver), sentBefore: after(1) })).toEqual([
      references.quarantined,
    ]);
    expect((await store.list()).map(({ state }) => state)).toEqual(["pending"]);
    expect((await digest()).deleted).toEqual(new Map()); // nothing was deleted unanswered
  });

  test("an unanswered inquiry is purged only after a digest has listed it as overdue, and the next digest learns of it", async () => {
    const [open, taken] = [await acceptReference("a"), await acceptReference("b")];
    await sendAll();
    await setProgress(taken, "taken");
    await store.recordListed((await digest()).sent.inquiries, tuesday);
    expect(await store.purge(before(forEver))).toEqual([]);
    const record = async (reference: string, now: Date) =>
      store.recordListed([], now, { overdue: [await row(reference)] });
    await record(open, after(dayMs));
    await record(open, after(5 * dayMs)); // the first time counts
    await record(taken, after(2 * dayMs));
    const announcedBefore = (ms: number) => ({ ...before(forEver), announcedBefore: after(ms) });
    expect(await store.purge(announcedBefore(dayMs))).toEqual([]);
    expect(await store.purge(announcedBefore(dayMs + 1))).toEqual([open]);
    expect(await store.purge({ ...before(forEver), sentBefore: tuesday })).toEqual([]);
    await setProgress(taken, "answered"); // this does not bring the announced day forward
    expect(await store.purge(announcedBefore(2 * dayMs))).toEqual([]);
    await setProgress(taken, "open");
    expect(await store.purge(before(forEver))).toEqual([taken]);
    const deleted = [open, taken].map((reference) => [reference, forEver] as const);
    expect((await digest()).deleted).toEqual(new Map(deleted));
    await store.recordListed([], forEver, { deleted: [open] });
    expect((await digest()).deleted).toEqual(new Map(deleted.slice(1)));
  });

  test("a digest lists overdue inquiries first that none has listed, at most two hundred, and says how many there are", async () => {
    for (let index = 0; index < 201; index += 1) await acceptReference(`${index}`);
    await sendAll();
    const first = (await digest()).overdue;
    expect([first.inquiries.length, first.total]).toEqual([200, 201]);
    await store.recordListed([], tuesday, { overdue: first.inquiries });
    const second = (await digest()).overdue.inquiries.map(referenceOf);
    expect(second).toHaveLength(200);
    expect(first.inquiries.map(referenceOf)).not.toContain(second[0]);
    expect(second[1]).toBe(first.inquiries[0]?.reference);
  });

  test("an inquiry cannot be erased while it is being sent, because its mail would outlive it", async () => {
    const { inquiry } = await accept();
    const { inquiry: other } = await accept({ message: "not being sent" }, after(1));
    await claim(tuesday);
    await expect(store.erase([other, inquiry], after(119_999))).rejects.toThrow(
      `${inquiry.reference} is being sent at this moment: run the command again in three minutes.`,
    );
    expect(await store.list()).toHaveLength(2);
    await store.erase([other, inquiry], after(120_000));
    expect(await store.list()).toEqual([]);
  });

  test("a live check is never overdue, is deleted without an entry in the list of erasures, and takes those left behind with it", async () => {
    const check = { quarantineReason: liveCheckReason };
    const left = await acceptReference("left behind", check);
    const present = await acceptReference("present", check, after(60 * minuteMs + 1));
    const visitor = await acceptReference("a visitor", quarantined);
    expect(await overdue(forEver)).toEqual([]);
    await store.deleteLiveChecks(present, after(60 * minuteMs + 1));
    expect(await store.find({ reference: left })).toBeUndefined();
    expect((await store.list()).map(referenceOf)).toEqual([visitor]);
  });
}
