// Every way from one state to the next, by the table at the top of store.ts, and what is refused.

import path from "node:path";
import type { State } from "../../src/inquiries/store-schema.ts";
import { openStore, type Store } from "../../src/inquiries/store.ts";
import { filledForm, temporaryFolder, tuesday } from "../support/site.ts";

const { leave_empty: _trap, ...inquiry } = filledForm;
const after = (ms: number) => new Date(tuesday.getTime() + ms);
const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
const forEver = after(10_000 * dayMs);

let store: Store;
let file: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  const folder = await temporaryFolder();
  remove = folder.remove;
  file = path.join(folder.dir, "inquiries.db");
  store = await openStore(file, "cleansystems.example");
});
afterEach(async () => {
  await store.close();
  await remove();
});

async function accept(message: string, suspicion = "", now = tuesday): Promise<string> {
  return (await store.accept({ ...inquiry, message }, { slug: "", title: "", suspicion }, now)).stored.reference;
}

async function claim(now: Date) {
  const claimed = await store.claimDue("test", now, 120_000);
  if (!claimed) throw new Error("nothing was due");
  return claimed;
}

const stateOf = async (reference: string) => (await store.find(reference))?.state;

/** One inquiry in each state. */
async function oneOfEach(): Promise<Record<State, string>> {
  const references: Partial<Record<State, string>> = {};
  references["handed-over"] = await accept("handed over");
  await store.settleHandedOver(await claim(tuesday), tuesday);
  references.bounced = await accept("bounced");
  await store.settleHandedOver(await claim(tuesday), tuesday);
  await store.move(references.bounced, ["handed-over"], "bounced", tuesday);
  references.stuck = await accept("stuck");
  await store.settleFailed(await claim(tuesday), "stuck", after(360 * minuteMs), "EENVELOPE 550");
  references.pending = await accept("pending");
  references.quarantined = await accept("quarantined", "many links");
  return references as Record<State, string>;
}

test("accepted: pending, or quarantined with the reasons, which is never due", async () => {
  const plain = await accept("plain");
  const suspicious = await accept("suspicious", "many links; the hidden field was filled");
  expect(await store.find(plain)).toMatchObject({ state: "pending", suspicion: "" });
  expect(await store.find(suspicious)).toMatchObject({
    state: "quarantined",
    suspicion: "many links; the hidden field was filled",
  });
});

test("delivery: pending or stuck becomes handed over or waits, and what is settled is nobody's to settle again", async () => {
  const reference = await accept("on its way");
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
  const reference = await accept("stuck");
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

test("what was resent is told again in the daily mail, and its days are counted anew", async () => {
  const reference = await accept("resent");
  await store.settleHandedOver(await claim(tuesday), tuesday);
  await store.markListed(await store.unlisted(forEver), tuesday);
  await store.move(reference, ["handed-over"], "pending", after(dayMs));
  await store.settleHandedOver(await claim(after(dayMs)), after(dayMs));
  expect((await store.unlisted(forEver)).map((row) => row.reference)).toEqual([reference]);
  expect(await store.purge(after(dayMs), forEver)).toEqual([]);
});

test("`deliver --now` makes everything due but what is being sent at this moment", async () => {
  const waiting = await accept("waiting");
  await store.settleFailed(await claim(tuesday), "pending", after(dayMs), "ECONNECTION");
  const sending = await accept("being sent");
  await claim(tuesday);
  await store.makeDue(after(1_000));
  expect((await store.find(waiting))?.due_at).toBe(after(1_000).getTime());
  expect((await store.find(sending))?.due_at).toBe(tuesday.getTime());
  expect((await claim(after(1_000))).reference).toBe(waiting);
});

test("what staff have put back waits from that moment, not from when it was received", async () => {
  const reference = await accept("six days in quarantine", "many links");
  await store.move(reference, ["quarantined"], "pending", after(6 * dayMs));
  expect((await store.summary(after(6 * dayMs))).oldestUndeliveredAt).toEqual(after(6 * dayMs));
});

test("lists are newest first, selections oldest first", async () => {
  const references = [await accept("a"), await accept("b", "", after(1)), await accept("c", "links", after(2))];
  expect((await store.list()).map(({ reference }) => reference)).toEqual(references.toReversed());
  expect((await store.list("pending")).map(({ reference }) => reference)).toEqual(references.slice(0, 2).toReversed());
  expect((await store.select({ email: inquiry.email.toUpperCase() })).map((row) => row.reference)).toEqual(references);
  expect(await store.select({ reference: references[1] ?? "" })).toMatchObject([{ message: "b" }]);
});
