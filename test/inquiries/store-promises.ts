// The promises of a store on any database: durability, one row for the same content, exclusive leases, and the changes of state that the
// table at the top of store.ts lists.

import type { Answers } from "../../src/inquiries/form.ts";
import type { State } from "../../src/inquiries/store/schema.ts";
import type { Store } from "../../src/inquiries/store/store.ts";
import { before, filledForm, tuesday } from "../support/site.ts";

/** A place where a store can be opened repeatedly. */
export type Place = { open: () => Promise<Store>; remove: () => Promise<void> };

const { leave_empty: _trap, ...answers } = filledForm;
const after = (ms: number) => new Date(tuesday.getTime() + ms);
const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
const forEver = after(10_000 * dayMs);

/** Declares the tests. Each runs on an empty store. */
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

  const accept = (changes: Answers = {}, now = tuesday, quarantineReason = "") =>
    store.inbox.accept({ ...answers, ...changes }, { slug: "", title: "", quarantineReason }, now);
  const acceptReference = async (message: string, quarantineReason = "", now = tuesday) =>
    (await accept({ message }, now, quarantineReason)).inquiry.reference;

  test("an accepted inquiry is found by its reference, also by another process and after a restart", async () => {
    const { inquiry } = await accept();
    await store.close();
    store = await place.open();
    expect(await store.inbox.find(inquiry.reference)).toMatchObject({ answers, state: "pending" });
  });

  test("a message of 20,000 characters of four bytes each is stored whole", async () => {
    const message = "🚢".repeat(20_000);
    const { inquiry } = await accept({ message });
    expect((await store.inbox.find(inquiry.reference))?.answers["message"]).toBe(message);
  });

  test("a reference is easy to read out, and the Message-ID follows from it", async () => {
    const { inquiry } = await accept();
    expect(inquiry.reference).toMatch(/^CS-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(inquiry.message_id).toBe(`<${inquiry.reference.toLowerCase()}@cleansystems.example>`);
  });

  test("the same content within a day is one inquiry, and another one a day later", async () => {
    const first = await accept();
    const again = await accept({ email: answers.email.toUpperCase() }, after(dayMs - 1));
    const nextDay = await accept({}, after(dayMs));
    expect(again).toEqual({ inquiry: first.inquiry, isRepeated: true });
    expect(nextDay.isRepeated).toBe(false);
    expect((await store.staff.summary(after(dayMs))).counts.pending).toBe(2);
  });

  test("twenty copies sent at once are one inquiry", async () => {
    const results = await Promise.all(Array.from({ length: 20 }, () => accept()));
    expect(new Set(results.map(({ inquiry }) => inquiry.reference)).size).toBe(1);
    expect(results.filter(({ isRepeated }) => !isRepeated)).toHaveLength(1);
  });

  test("a claimed inquiry cannot be claimed again until its lease ends", async () => {
    await accept();
    const claim = await store.queue.claimDue("first", tuesday, 120_000);
    expect(claim).toMatchObject({ attempts: 1, lease_owner: "first" });
    expect(await store.queue.nextDue(tuesday)).toEqual(after(120_000));
    expect(await store.queue.claimDue("second", after(119_999), 120_000)).toBeUndefined();
    expect(await store.queue.claimDue("second", after(120_000), 120_000)).toMatchObject({
      attempts: 2,
    });
  });

  test("a process that lost the lease cannot settle", async () => {
    await accept();
    const late = await store.queue.claimDue("first", tuesday, 120_000);
    const current = await store.queue.claimDue("first", after(120_000), 120_000);
    expect(late && (await store.queue.settleSent(late, after(120_001)))).toBe(false);
    expect(late && (await store.queue.settleFailed(late, "pending", after(200_000), "late"))).toBe(
      false,
    );
    expect(current && (await store.queue.settleSent(current, after(120_002)))).toBe(true);
  });

  test("the oldest inquiry is claimed first", async () => {
    await accept({ message: "second" }, after(1_000));
    await accept({ message: "first" });
    const claimed = [
      await store.queue.claimDue("any", after(2_000), 120_000),
      await store.queue.claimDue("any", after(2_000), 120_000),
      await store.queue.claimDue("any", after(2_000), 120_000),
    ];
    expect(claimed.map((claim) => claim?.answers["message"])).toEqual([
      "first",
      "second",
      undefined,
    ]);
  });

  test("a failed attempt is due again at its instant, with the reason", async () => {
    const { inquiry } = await accept();
    const claim = await store.queue.claimDue("any", tuesday, 120_000);
    if (claim) await store.queue.settleFailed(claim, "pending", after(30_000), "ECONNECTION");
    expect(await store.queue.nextDue(tuesday)).toEqual(after(30_000));
    expect(await store.queue.claimDue("any", after(29_999), 120_000)).toBeUndefined();
    expect(await store.queue.claimDue("any", after(30_000), 120_000)).toMatchObject({
      last_failure: "ECONNECTION",
    });
    expect((await store.inbox.find(inquiry.reference))?.state).toBe("pending");
  });

  test("an inquiry that was not sent is never purged", async () => {
    await accept();
    expect(await store.staff.purge(before(forEver))).toEqual([]);
  });

  test("fifty inquiries that are accepted at once are all stored, each under its own reference", async () => {
    const messages = Array.from({ length: 50 }, (_, index) => `project ${index}`);
    const results = await Promise.all(messages.map((message) => accept({ message })));
    expect(results.map(({ inquiry }) => inquiry.answers["message"])).toEqual(messages);
    expect(new Set(results.map(({ inquiry }) => inquiry.reference)).size).toBe(50);
    for (const { inquiry } of results)
      expect(await store.inbox.find(inquiry.reference)).toEqual(inquiry);
  });

  test("a duplicate among inquiries that are accepted at once returns the first one", async () => {
    const results = await Promise.all(
      ["a", "b", "a", "c", "a"].map((message) => accept({ message })),
    );
    expect(results.map(({ isRepeated }) => isRepeated)).toEqual([false, false, true, false, true]);
    expect(results[2]?.inquiry).toEqual(results[0]?.inquiry);
    expect(results[4]?.inquiry).toEqual(results[0]?.inquiry);
    expect(await store.staff.list()).toHaveLength(3);
  });

  test("accepting an inquiry throws if the database is closed", async () => {
    await store.close();
    const results = await Promise.allSettled(["a", "b", "c"].map((message) => accept({ message })));
    expect(results.every(({ status }) => status === "rejected")).toBe(true);
    store = await place.open();
    expect(await store.staff.list()).toEqual([]);
  });

  async function claim(now: Date) {
    const claimed = await store.queue.claimDue("test", now, 120_000);
    if (!claimed) throw new Error("nothing was due");
    return claimed;
  }

  const stateOf = async (reference: string) => (await store.inbox.find(reference))?.state;

  /** One inquiry in each state. */
  async function oneOfEach(): Promise<Record<State, string>> {
    const references: Partial<Record<State, string>> = {};
    references.sent = await acceptReference("sent");
    await store.queue.settleSent(await claim(tuesday), tuesday);
    references.stuck = await acceptReference("stuck");
    await store.queue.settleFailed(
      await claim(tuesday),
      "stuck",
      after(360 * minuteMs),
      "EENVELOPE 550",
    );
    references.pending = await acceptReference("pending");
    references.quarantined = await acceptReference("quarantined", "many links");
    return references as Record<State, string>;
  }

  test("an accepted inquiry is pending, or quarantined with the reasons", async () => {
    const plain = await acceptReference("plain");
    const suspicious = await acceptReference(
      "suspicious",
      "many links; the hidden field was filled in",
    );
    expect(await store.inbox.find(plain)).toMatchObject({
      state: "pending",
      quarantine_reason: "",
    });
    expect(await store.inbox.find(suspicious)).toMatchObject({
      state: "quarantined",
      quarantine_reason: "many links; the hidden field was filled in",
    });
  });

  test("a claim is settled once, as sent or as failed", async () => {
    const reference = await acceptReference("on its way");
    const first = await claim(tuesday);
    expect(await store.queue.settleFailed(first, "pending", after(30_000), "ECONNECTION")).toBe(
      true,
    );
    expect(await store.queue.settleFailed(first, "stuck", after(60_000), "ECONNECTION")).toBe(
      false,
    );
    const second = await claim(after(30_000));
    expect(await store.queue.settleFailed(second, "stuck", after(90_000), "ours: EAUTH")).toBe(
      true,
    );
    expect(await store.inbox.find(reference)).toMatchObject({
      state: "stuck",
      due_at: after(90_000).getTime(),
      attempts: 2,
    });
    const third = await claim(after(90_000));
    expect(await store.queue.settleSent(third, after(91_000))).toBe(true);
    expect(await store.queue.settleSent(third, after(92_000))).toBe(false);
    expect(await store.inbox.find(reference)).toMatchObject({
      state: "sent",
      sent_at: after(91_000).getTime(),
      last_failure: null,
      lease_owner: null,
    });
  });

  test.each<[string, State[]]>([
    ["release", ["quarantined"]],
    ["resend", ["stuck", "sent"]],
  ])(
    "%s makes inquiries in its states pending and due at once, and no others",
    async (_name, from) => {
      const references = await oneOfEach();
      for (const [state, reference] of Object.entries(references) as [State, string][]) {
        const moves = from.includes(state);
        const moved = await store.staff.makePending(reference, from, after(minuteMs));
        const stateAfter = moves ? "pending" : state;
        expect({ state, moved, stateAfter: await stateOf(reference) }).toEqual({
          state,
          moved: moves,
          stateAfter,
        });
        if (moves)
          expect(await store.inbox.find(reference)).toMatchObject({
            due_at: after(minuteMs).getTime(),
            last_failure: null,
          });
      }
    },
  );

  test("an unknown reference moves nothing", async () => {
    expect(
      await store.staff.makePending("CS-0000-0000", ["pending", "stuck", "sent"], tuesday),
    ).toBe(false);
  });

  test("an inquiry that staff resend while it is being sent cannot be settled by the old claim", async () => {
    const reference = await acceptReference("stuck");
    await store.queue.settleFailed(await claim(tuesday), "stuck", tuesday, "EENVELOPE 550");
    const sending = await claim(tuesday);
    await store.staff.makePending(reference, ["stuck"], tuesday);
    expect(await store.queue.settleSent(sending, after(1_000))).toBe(false);
    expect(await stateOf(reference)).toBe("pending");
  });

  test("a purge deletes answered inquiries, and quarantined ones that a digest has listed, and nothing else", async () => {
    const references = await oneOfEach();
    for (const reference of Object.values(references))
      await store.followUp.mark(reference, "answered", tuesday);
    expect(await store.staff.purge(before(forEver))).toEqual([references.sent]);
    const shown = await store.staff.notInDigest(forEver, forEver);
    expect(shown.map(({ reference }) => reference)).toEqual([references.quarantined]);
    await store.staff.markInDigest(shown, tuesday);
    expect(await store.staff.purge({ ...before(forEver), listedBefore: tuesday })).toEqual([]); // strictly before
    expect(await store.staff.purge({ ...before(forEver), listedBefore: after(1) })).toEqual([
      references.quarantined,
    ]);
    expect((await store.staff.list()).map(({ state }) => state).sort()).toEqual([
      "pending",
      "stuck",
    ]);
  });

  test("an inquiry that staff release or resend during a purge is not purged", async () => {
    const references = await oneOfEach();
    await store.staff.markInDigest(await store.staff.notInDigest(forEver, forEver), tuesday);
    const purged = await store.staff.purge(before(forEver), async (expired) => {
      expect(expired.map(({ reference }) => reference).sort()).toEqual(
        [references.sent, references.quarantined].sort(),
      );
      await store.staff.makePending(references.quarantined, ["quarantined"], tuesday);
      await store.staff.makePending(references.sent, ["sent"], tuesday);
    });
    expect(purged).toEqual([]);
    expect(await store.staff.list()).toHaveLength(4);
  });

  test("an inquiry that staff release while the digest is being sent is listed again as sent", async () => {
    const reference = await acceptReference("released", "many links");
    const shown = await store.staff.notInDigest(forEver, forEver);
    await store.staff.makePending(reference, ["quarantined"], tuesday);
    await store.queue.settleSent(await claim(tuesday), tuesday);
    await store.staff.markInDigest(shown, after(1));
    expect((await store.staff.notInDigest(forEver, forEver)).map((row) => row.reference)).toEqual([
      reference,
    ]);
  });

  test("listing an inquiry in a second digest does not restart its quarantine days", async () => {
    const reference = await acceptReference("shown twice", "many links");
    const shown = await store.staff.notInDigest(forEver, forEver);
    await store.staff.markInDigest(shown, tuesday);
    await store.staff.markInDigest(shown, after(dayMs));
    expect(await store.staff.purge(before(after(1)))).toEqual([reference]);
  });

  test("a resent inquiry is listed in the next digest, and its retention days restart", async () => {
    const reference = await acceptReference("resent");
    await store.queue.settleSent(await claim(tuesday), tuesday);
    await store.staff.markInDigest(await store.staff.notInDigest(forEver, forEver), tuesday);
    await store.staff.makePending(reference, ["sent"], after(dayMs));
    await store.queue.settleSent(await claim(after(dayMs)), after(dayMs));
    expect((await store.staff.notInDigest(forEver, forEver)).map((row) => row.reference)).toEqual([
      reference,
    ]);
    expect(await store.staff.purge({ ...before(forEver), sentBefore: after(dayMs) })).toEqual([]);
  });

  test("`deliver --now` makes everything due except an inquiry that is being sent", async () => {
    const waiting = await acceptReference("waiting");
    await store.queue.settleFailed(
      await claim(tuesday),
      "pending",
      after(30 * minuteMs),
      "ECONNECTION",
    );
    const sending = await acceptReference("being sent");
    await claim(tuesday);
    await store.staff.makeDue(after(1_000));
    expect((await store.inbox.find(waiting))?.due_at).toBe(after(1_000).getTime());
    expect((await store.inbox.find(sending))?.due_at).toBe(tuesday.getTime());
    expect((await claim(after(1_000))).reference).toBe(waiting);
  });

  test("a released inquiry has waited since its release, not since it was received", async () => {
    const reference = await acceptReference("six days in quarantine", "many links");
    await store.staff.makePending(reference, ["quarantined"], after(6 * dayMs));
    expect((await store.staff.summary(after(6 * dayMs))).oldestUndeliveredAt).toEqual(
      after(6 * dayMs),
    );
  });

  test("one process at a time holds the lease on housekeeping, also when one of them runs late", async () => {
    const other = await place.open();
    const seconds = (count: number) => after(count * 1_000);
    expect(await store.acquireLease(tuesday)).toBe(true);
    expect(await other.acquireLease(seconds(179))).toBe(false);
    expect(await store.acquireLease(seconds(170))).toBe(true); // extends it to 350 s
    expect(await other.acquireLease(seconds(180))).toBe(false);
    expect(await other.acquireLease(seconds(350))).toBe(true);
    expect(await store.acquireLease(seconds(351))).toBe(false);
    await other.close();
    expect(await store.acquireLease(seconds(352))).toBe(true);
  });

  test("a lease that was acquired while the clock was a year ahead is lost once another process has acquired it by the right clock", async () => {
    const other = await place.open();
    expect(await store.acquireLease(after(365 * dayMs))).toBe(true);
    expect(await other.acquireLease(tuesday)).toBe(true);
    expect(await store.acquireLease(tuesday)).toBe(false);
    await other.close();
  });

  test("lists are newest first, and the inquiries of one address oldest first", async () => {
    const references = [
      await acceptReference("a"),
      await acceptReference("b", "", after(1)),
      await acceptReference("c", "links", after(2)),
    ];
    expect((await store.staff.list()).map(({ reference }) => reference)).toEqual(
      references.toReversed(),
    );
    expect((await store.staff.list("pending")).map(({ reference }) => reference)).toEqual(
      references.slice(0, 2).toReversed(),
    );
    expect(
      (await store.staff.listByAddress(answers.email.toUpperCase())).map((row) => row.reference),
    ).toEqual(references);
    expect(await store.inbox.find(references[1] ?? "")).toMatchObject({
      answers: { message: "b" },
    });
  });
}
