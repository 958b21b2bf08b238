// What a store promises on any database: durable, one row for the same content, leases that nobody else takes, every way from one state
// to the next by the table at the top of store.ts, and what is refused.

import type { Inquiry } from "../../src/inquiries/inquiry.ts";
import type { State } from "../../src/inquiries/store-schema.ts";
import type { Store } from "../../src/inquiries/store.ts";
import { filledForm, tuesday } from "../support/site.ts";

/** Where a store can be opened, again and again, until it is removed. */
export type Place = { open: () => Promise<Store>; remove: () => Promise<void> };

const { leave_empty: _trap, ...inquiry } = filledForm;
const after = (ms: number) => new Date(tuesday.getTime() + ms);
const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
const forEver = after(10_000 * dayMs);

/** The tests, on an empty store each. */
export function keepsPromises(makePlace: () => Promise<Place>): void {
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

  const accept = (changes: Partial<Inquiry> = {}, now = tuesday, suspicion = "") =>
    store.accept({ ...inquiry, ...changes }, { slug: "", title: "", suspicion }, now);
  const acceptReference = async (message: string, suspicion = "", now = tuesday) =>
    (await accept({ message }, now, suspicion)).stored.reference;

  test("an accepted inquiry is found by its reference, also by another process and after a restart", async () => {
    const { stored } = await accept();
    await store.close();
    store = await place.open();
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
    expect(await store.nextDue(tuesday)).toEqual(after(30_000));
    expect(await store.claimDue("any", after(29_999), 120_000)).toBeUndefined();
    expect(await store.claimDue("any", after(30_000), 120_000)).toMatchObject({ last_failure: "ECONNECTION" });
    expect((await store.find(stored.reference))?.state).toBe("pending");
  });

  test("what was not handed over is never purged", async () => {
    await accept();
    expect(await store.purge(after(1_000 * dayMs), after(1_000 * dayMs))).toEqual([]);
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
    store = await place.open();
    expect(await store.list()).toEqual([]);
  });

  async function claim(now: Date) {
    const claimed = await store.claimDue("test", now, 120_000);
    if (!claimed) throw new Error("nothing was due");
    return claimed;
  }

  const stateOf = async (reference: string) => (await store.find(reference))?.state;

  /** One inquiry in each state. */
  async function oneOfEach(): Promise<Record<State, string>> {
    const references: Partial<Record<State, string>> = {};
    references["handed-over"] = await acceptReference("handed over");
    await store.settleHandedOver(await claim(tuesday), tuesday);
    references.bounced = await acceptReference("bounced");
    await store.settleHandedOver(await claim(tuesday), tuesday);
    await store.move(references.bounced, ["handed-over"], "bounced", tuesday);
    references.stuck = await acceptReference("stuck");
    await store.settleFailed(await claim(tuesday), "stuck", after(360 * minuteMs), "EENVELOPE 550");
    references.pending = await acceptReference("pending");
    references.quarantined = await acceptReference("quarantined", "many links");
    return references as Record<State, string>;
  }

  test("accepted: pending, or quarantined with the reasons, which is never due", async () => {
    const plain = await acceptReference("plain");
    const suspicious = await acceptReference("suspicious", "many links; the hidden field was filled");
    expect(await store.find(plain)).toMatchObject({ state: "pending", suspicion: "" });
    expect(await store.find(suspicious)).toMatchObject({
      state: "quarantined",
      suspicion: "many links; the hidden field was filled",
    });
  });

  test("delivery: pending or stuck becomes handed over or waits, and what is settled is nobody's to settle again", async () => {
    const reference = await acceptReference("on its way");
    const first = await claim(tuesday);
    expect(await store.settleFailed(first, "pending", after(30_000), "ECONNECTION")).toBe(true);
    expect(await store.settleFailed(first, "stuck", after(60_000), "ECONNECTION")).toBe(false);
    const second = await claim(after(30_000));
    expect(await store.settleFailed(second, "stuck", after(90_000), "ours: EAUTH")).toBe(true);
    expect(await store.find(reference)).toMatchObject({ state: "stuck", due_at: after(90_000).getTime(), attempts: 2 });
    const third = await claim(after(90_000));
    expect(await store.settleHandedOver(third, after(91_000))).toBe(true);
    expect(await store.settleHandedOver(third, after(92_000))).toBe(false);
    expect(await store.find(reference)).toMatchObject({
      state: "handed-over",
      handed_over_at: after(91_000).getTime(),
      last_failure: null,
      lease_owner: null,
    });
  });

  test.each<[string, readonly State[], "pending" | "bounced", State[]]>([
    ["release", ["quarantined"], "pending", ["quarantined"]],
    ["resend", ["stuck", "handed-over", "bounced"], "pending", ["stuck", "handed-over", "bounced"]],
    ["bounced", ["handed-over"], "bounced", ["handed-over"]],
  ])("%s moves what is in its states, at once due if pending, and leaves the rest", async (_name, from, to, moving) => {
    const references = await oneOfEach();
    for (const [state, reference] of Object.entries(references) as [State, string][]) {
      const moves = moving.includes(state);
      expect([state, await store.move(reference, from, to, after(minuteMs))]).toEqual([state, moves]);
      expect([state, await stateOf(reference)]).toEqual([state, moves ? to : state]);
      if (moves && to === "pending")
        expect(await store.find(reference)).toMatchObject({ due_at: after(minuteMs).getTime(), last_failure: null });
    }
  });

  test("an unknown reference moves nothing", async () => {
    expect(await store.move("CS-0000-0000", ["pending", "stuck", "bounced"], "pending", tuesday)).toBe(false);
  });

  test("what is put back while somebody sends it is no longer theirs to settle", async () => {
    const reference = await acceptReference("stuck");
    await store.settleFailed(await claim(tuesday), "stuck", tuesday, "EENVELOPE 550");
    const sending = await claim(tuesday);
    await store.move(reference, ["stuck"], "pending", tuesday);
    expect(await store.settleHandedOver(sending, after(1_000))).toBe(false);
    expect(await stateOf(reference)).toBe("pending");
  });

  test("age removes what was handed over, and what was set aside once staff were shown it, and nothing else", async () => {
    const references = await oneOfEach();
    expect(await store.purge(forEver, forEver)).toEqual([references["handed-over"]]);
    const shown = await store.unlisted(forEver);
    expect(shown.map(({ reference }) => reference)).toEqual([references.quarantined]);
    await store.markListed(shown, tuesday);
    expect(await store.purge(forEver, tuesday)).toEqual([]); // strictly before
    expect(await store.purge(forEver, after(1))).toEqual([references.quarantined]);
    expect((await store.list()).map(({ state }) => state).sort()).toEqual(["bounced", "pending", "stuck"]);
  });

  test("what staff put back while its files are being removed is not purged", async () => {
    const references = await oneOfEach();
    await store.markListed(await store.unlisted(forEver), tuesday);
    const purged = await store.purge(forEver, forEver, async (expired) => {
      expect(expired.map(({ reference }) => reference).sort()).toEqual([references["handed-over"], references.quarantined].sort());
      await store.move(references.quarantined, ["quarantined"], "pending", tuesday);
      await store.move(references["handed-over"], ["handed-over"], "bounced", tuesday);
    });
    expect(purged).toEqual([]);
    expect(await store.list()).toHaveLength(5);
  });

  test("what staff release while the daily mail that shows it is being sent is told again once it was handed over", async () => {
    const reference = await acceptReference("released", "many links");
    const shown = await store.unlisted(forEver);
    await store.move(reference, ["quarantined"], "pending", tuesday);
    await store.settleHandedOver(await claim(tuesday), tuesday);
    await store.markListed(shown, after(1));
    expect((await store.unlisted(forEver)).map((row) => row.reference)).toEqual([reference]);
  });

  test("the days of what was told once are not counted anew by whoever tells it again", async () => {
    const reference = await acceptReference("shown twice", "many links");
    const shown = await store.unlisted(forEver);
    await store.markListed(shown, tuesday);
    await store.markListed(shown, after(dayMs));
    expect(await store.purge(tuesday, after(1))).toEqual([reference]);
  });

  test("what was resent is told again in the daily mail, and its days are counted anew", async () => {
    const reference = await acceptReference("resent");
    await store.settleHandedOver(await claim(tuesday), tuesday);
    await store.markListed(await store.unlisted(forEver), tuesday);
    await store.move(reference, ["handed-over"], "pending", after(dayMs));
    await store.settleHandedOver(await claim(after(dayMs)), after(dayMs));
    expect((await store.unlisted(forEver)).map((row) => row.reference)).toEqual([reference]);
    expect(await store.purge(after(dayMs), forEver)).toEqual([]);
  });

  test("`deliver --now` makes everything due but what is being sent at this moment", async () => {
    const waiting = await acceptReference("waiting");
    await store.settleFailed(await claim(tuesday), "pending", after(30 * minuteMs), "ECONNECTION");
    const sending = await acceptReference("being sent");
    await claim(tuesday);
    await store.makeDue(after(1_000));
    expect((await store.find(waiting))?.due_at).toBe(after(1_000).getTime());
    expect((await store.find(sending))?.due_at).toBe(tuesday.getTime());
    expect((await claim(after(1_000))).reference).toBe(waiting);
  });

  test("what staff have put back waits from that moment, not from when it was received", async () => {
    const reference = await acceptReference("six days in quarantine", "many links");
    await store.move(reference, ["quarantined"], "pending", after(6 * dayMs));
    expect((await store.summary(after(6 * dayMs))).oldestUndeliveredAt).toEqual(after(6 * dayMs));
  });

  test("lists are newest first, selections oldest first", async () => {
    const references = [
      await acceptReference("a"),
      await acceptReference("b", "", after(1)),
      await acceptReference("c", "links", after(2)),
    ];
    expect((await store.list()).map(({ reference }) => reference)).toEqual(references.toReversed());
    expect((await store.list("pending")).map(({ reference }) => reference)).toEqual(references.slice(0, 2).toReversed());
    expect((await store.ofAddress(inquiry.email.toUpperCase())).map((row) => row.reference)).toEqual(references);
    expect(await store.find(references[1] ?? "")).toMatchObject({ message: "b" });
  });
}
