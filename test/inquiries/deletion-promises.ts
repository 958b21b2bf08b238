// The promises of a store on any database about deletion: what a purge, an erasure and a live check
// delete, when, and what digests say of it.

import { liveCheckReason } from "../../src/inquiries/delivery.ts";
import { tuesday } from "../support/site.ts";
import { quarantined, sendAgain } from "../support/store.ts";
import {
  accept,
  acceptReference,
  after,
  claim,
  dayMs,
  forEver,
  listed,
  minuteMs,
  oneOfEach,
  overdue,
  referenceOf,
  row,
  sendAll,
  store,
} from "./promised-store.ts";

/** Declares the tests. */
export function deletion(): void {
  test("a purge deletes what was mailed or listed before the cut-off only", async () => {
    const references = await oneOfEach();
    await store.recordListed(await listed(), after(5));
    await store.recordListed(await listed(), after(dayMs)); // a second mail does not restart its days
    const unlisted = await acceptReference("not listed", quarantined);
    expect(await store.purge(tuesday)).toEqual([]); // the first one deletes nothing
    expect(await store.purge(tuesday)).toEqual([]); // strictly before
    expect(await store.purge(after(1))).toEqual([references.sent]);
    expect(await store.purge(after(5))).toEqual([]);
    expect(await store.purge(after(6))).toEqual([references.quarantined]);
    expect(await store.purge(forEver)).toEqual([]);
    const left = [unlisted, references.pending].sort();
    expect((await store.list()).map(referenceOf).sort()).toEqual(left);
  });

  test("the cut-off of a purge moves by at most a day, and never back", async () => {
    const reference = await acceptReference("sent");
    await sendAll();
    await store.purge(after(-1.5 * dayMs));
    expect(await store.purge(forEver)).toEqual([]);
    expect(await store.purge(new Date(0))).toEqual([]);
    expect(await store.purge(forEver)).toEqual([reference]);
  });

  test("what is sent again is deleted in its time after the first mail", async () => {
    const reference = await acceptReference("sent");
    await sendAll();
    await store.purge(tuesday);
    await sendAgain(store, reference, after(dayMs));
    await store.settle(await claim(after(dayMs)), { sentAt: after(dayMs) });
    expect(await row(reference)).toMatchObject({
      delivery: { state: "sent", sentAt: tuesday },
    });
    await sendAgain(store, reference, after(2 * dayMs));
    expect(await store.purge(after(1))).toEqual([reference]);
  });

  test("an inquiry cannot be erased while it is being sent", async () => {
    const { inquiry } = await accept();
    const { inquiry: other } = await accept({ message: "not being sent" }, after(1));
    await claim(tuesday);
    await expect(store.erase([other, inquiry], after(119_999))).rejects.toThrow(
      `${inquiry.reference} is being sent at this moment: run the command again in two minutes.`,
    );
    expect(await store.list()).toHaveLength(2);
    await store.erase([other, inquiry], after(120_000));
    expect(await store.list()).toEqual([]);
  });

  test("a live check is no visitor's, and is deleted with those left", async () => {
    const check = { quarantineReason: liveCheckReason };
    const left = await acceptReference("left behind", check);
    const present = await acceptReference("present", check, after(60 * minuteMs + 1));
    const visitor = await acceptReference("present", quarantined); // the same content
    expect(await overdue(forEver)).toEqual([visitor]);
    expect((await listed()).map(referenceOf)).toEqual([visitor]);
    await store.deleteLiveChecks(present, after(60 * minuteMs + 1));
    expect(await store.find({ reference: left })).toBeUndefined();
    expect((await store.list()).map(referenceOf)).toEqual([visitor]);
  });
}
