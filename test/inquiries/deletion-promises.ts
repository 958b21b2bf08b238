// The promises of a store on any database about deletion: what a purge, an erasure and a live check
// delete, when, and what digests say of it.

import { liveCheckReason } from "../../src/inquiries/inquiry.ts";
import { tuesday } from "../support/site.ts";
import { quarantined } from "../support/store.ts";
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
  test("a purge deletes inquiries that were sent, or quarantined and listed in a mail, before the cut-off, and nothing else", async () => {
    const references = await oneOfEach();
    await store.recordListed(await listed(), after(5));
    await store.recordListed(await listed(), after(dayMs)); // a second mail does not restart its days
    const unlisted = await acceptReference("not listed", quarantined);
    expect(await store.purge(tuesday, forEver)).toEqual([]); // the first one deletes nothing
    expect(await store.purge(tuesday, forEver)).toEqual([]); // strictly before
    expect(await store.purge(after(1), forEver)).toEqual([references.sent]);
    expect(await store.purge(after(5), forEver)).toEqual([]);
    expect(await store.purge(after(6), forEver)).toEqual([references.quarantined]);
    expect(await store.purge(forEver, forEver)).toEqual([]);
    const left = [unlisted, references.pending].sort();
    expect((await store.list()).map(referenceOf).sort()).toEqual(left);
  });

  test("the cut-off of a purge moves by at most a day, and never back", async () => {
    const reference = await acceptReference("sent");
    await sendAll();
    await store.purge(after(-1.5 * dayMs), tuesday);
    expect(await store.purge(forEver, forEver)).toEqual([]);
    expect(await store.purge(new Date(0), tuesday)).toEqual([]);
    expect(await store.purge(forEver, forEver)).toEqual([reference]);
  });

  test("an inquiry that is sent again is deleted in its time after the first mail, even if the second fails", async () => {
    const reference = await acceptReference("sent");
    await sendAll();
    await store.purge(tuesday, tuesday);
    await store.resend(reference, after(dayMs));
    await store.settle(await claim(after(dayMs)), { sentAt: after(dayMs) });
    expect(await row(reference)).toMatchObject({ state: "sent", sentAt: tuesday });
    await store.resend(reference, after(2 * dayMs));
    expect(await store.purge(after(1), forEver)).toEqual([reference]);
    expect((await digest()).deleted).toEqual(new Map([[reference, forEver]]));
  });

  test("the next digest learns which inquiries were deleted unanswered, until it has listed them", async () => {
    const values = ["open", "taken", "answered", "closed"] as const;
    const references: string[] = [];
    for (const value of values) references.push(await acceptReference(value));
    await sendAll();
    for (const [index, value] of values.entries())
      await setProgress(references[index] ?? "", value);
    await store.purge(tuesday, tuesday);
    expect((await store.purge(after(1), after(1))).sort()).toEqual(references.toSorted());
    const [open = "", taken = ""] = references;
    const deleted = [open, taken].map((reference) => [reference, after(1)] as const);
    expect((await digest()).deleted).toEqual(new Map(deleted));
    await store.recordListed([], forEver, [open]);
    expect((await digest()).deleted).toEqual(new Map(deleted.slice(1)));
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
