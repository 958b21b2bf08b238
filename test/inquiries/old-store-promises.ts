// The promises for a store that the previous release wrote: it opens, delivers, exports and erases as before, on any database.

import { toCsv } from "../../src/inquiries/export.ts";
import { contentKey } from "../../src/inquiries/answers.ts";
import { fields } from "../../src/inquiries/form.ts";
import type { Store } from "../../src/inquiries/store/store.ts";
import { oldInquiries } from "../support/old-store.ts";
import { tuesday } from "../support/site.ts";

// The duplicate key covers all questions, so it is compared with those that the previous release had.
const formerQuestions = ["name", "email", "company", "kind", "start", "message"];
beforeAll(
  () =>
    void fields.splice(
      0,
      fields.length,
      ...fields.filter(({ name }) => formerQuestions.includes(name)),
    ),
);

/** The answers of an old inquiry. */
export function oldAnswers(reference: string): Record<string, string> {
  const found = oldInquiries.find((one) => one.reference === reference);
  if (!found) throw new Error(`${reference} is not in the old store`);
  const { name, email, company, message } = found;
  return { name, email, company, kind: "team", start: "month", message };
}

/** Duplicate keys as the previous release computed them. */
export const oldContentKeys = {
  "CS-0000-0001": "2771f26e5efe4806b5eb1aa5fdac2771c02cfae200e4f6862e7f44e1217f1e71",
};

/** `makePlace` returns a database as the previous release left it, and whether the bytes of a text are in its files. */
export function keepsOldPromises(
  makePlace: () => Promise<{
    open: () => Promise<Store>;
    holds: (text: string) => Promise<boolean>;
    remove: () => Promise<void>;
  }>,
): void {
  let place: Awaited<ReturnType<typeof makePlace>>;
  let store: Store;
  beforeEach(async () => {
    place = await makePlace();
    store = await place.open();
  });
  afterEach(async () => {
    await store.close();
    await place.remove();
  });

  test("every inquiry keeps its answers, state and times under the new names", async () => {
    const at = tuesday.getTime();
    const found = await store.staff.list();
    const expected = [
      { reference: "CS-0000-0001", state: "pending", sent_at: null, quarantine_reason: "" },
      { reference: "CS-0000-0002", state: "sent", sent_at: at, quarantine_reason: "" },
      {
        reference: "CS-0000-0003",
        state: "quarantined",
        sent_at: null,
        quarantine_reason: "a link as name or company",
      },
      { reference: "CS-0000-0004", state: "sent", sent_at: at, quarantine_reason: "" },
      { reference: "CS-0000-0005", state: "pending", sent_at: at, quarantine_reason: "" }, // it was bounced
    ];
    expect(found.toReversed()).toMatchObject(
      expected.map((row) => ({ ...row, answers: oldAnswers(row.reference), received_at: at })),
    );
    expect(await store.staff.timeOf("digest")).toEqual(tuesday);
    expect((await store.staff.summary(tuesday)).digestFailingSince).toEqual(tuesday);
    expect(await store.staff.timeOf("alert-sent")).toEqual(tuesday);
  });

  test("a pending inquiry is delivered", async () => {
    const claim = await store.queue.claimDue("any", tuesday, 120_000);
    expect(claim).toMatchObject({
      reference: "CS-0000-0001",
      message_id: "<CS-0000-0001@old.example>",
    });
    expect(claim && (await store.queue.settleSent(claim, tuesday))).toBe(true);
  });

  test("the same content sent again is recognised by the stored key", async () => {
    const { inquiry, isRepeated } = await store.inbox.accept(
      oldAnswers("CS-0000-0001"),
      { slug: "", title: "", quarantineReason: "" },
      tuesday,
    );
    expect({ reference: inquiry.reference, isRepeated }).toEqual({
      reference: "CS-0000-0001",
      isRepeated: true,
    });
  });

  test("every inquiry has a token for its staff page, and none is ever overdue", async () => {
    const tokens = (await store.staff.list()).map(({ staff_token }) => staff_token);
    expect(new Set(tokens).size).toBe(oldInquiries.length);
    for (const token of tokens) expect(token).toMatch(/^[\da-f]{32}$/);
    expect(await store.followUp.overdue(new Date("2100-01-01"))).toEqual([]);
  });

  test("every inquiry is exported", async () => {
    const csv = toCsv(await store.staff.list());
    for (const { reference, name, email } of oldInquiries)
      for (const text of [reference, name, email]) expect(csv).toContain(text);
  });

  test("an erased inquiry leaves nothing in the files, neither in the new columns nor in the old ones", async () => {
    expect(await place.holds("very particular")).toBe(true);
    await store.staff.erase(await store.staff.listByAddress("METTE@erased.example"));
    expect((await store.staff.list()).map(({ reference }) => reference)).not.toContain(
      "CS-0000-0004",
    );
    await store.close();
    expect(await place.holds("very particular")).toBe(false);
    expect(await place.holds("mette@erased")).toBe(false);
    store = await place.open();
  });
}

test("the duplicate key of the six questions is that of the previous release", () => {
  expect(contentKey(oldAnswers("CS-0000-0001"))).toBe(oldContentKeys["CS-0000-0001"]);
});
