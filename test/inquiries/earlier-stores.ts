// A store as each earlier step of the schema left it, with a row for each state and value that a
// release may have written: this release opens, delivers, lists, exports and erases all of them.

import { exportInquiry, states } from "../../src/inquiries/inquiry.ts";
import { progressRows } from "../../src/inquiries/progress.ts";
import { sql } from "../../src/inquiries/store/database.ts";
import { steps } from "../../src/inquiries/store/schema.ts";
import { createStore, openDatabase, type StoreSettings } from "../../src/inquiries/store/store.ts";
import { tuesday } from "../support/site.ts";
import { answers } from "../support/store.ts";

/** What released versions have written. A value is added here, and never removed. */
const written = {
  state: ["pending", "quarantined", "sent"],
  progress: ["open", "taken", "answered", "closed"],
  failureKind: ["", "temporary", "permanent", "partial", "text"],
};

/** Creates a store as the first `version` steps leave it. Returns how many inquiries it has. */
async function createStoreOfStep(settings: StoreSettings, version: number): Promise<number> {
  const { write, dialect, close } = await openDatabase(settings);
  await write(sql`create table events (name text primary key, at bigint not null)`);
  await write(sql`insert into events (name, at) values ('schema', ${version})`);
  for (const step of steps.slice(0, version))
    for (const statement of step(dialect)) await write(statement);
  let count = 0;
  const at = tuesday.getTime();
  for (const state of written.state)
    for (const progress of written.progress)
      for (const kind of written.failureKind) {
        const name = `${version}-${(count += 1)}`;
        await write(sql`insert into inquiries (reference, token, message_id, content_key, email_key,
            answers, source_slug, source_title, received_at, take_by, answer_by, state,
            quarantine_reason, email_fault, waiting_since, due_at, failure_kind, progress)
          values (${name}, ${name}, ${name}, ${name}, 'a@b.dk', ${JSON.stringify(answers)}, '', '',
            ${at}, ${at}, ${at}, ${state}, '', '', ${at}, ${at}, ${kind}, ${progress})`);
      }
  await close();
  return count;
}

/** Declares the tests. `makeSettings` returns those of an empty place. */
export function opensEarlierStores(makeSettings: () => Promise<StoreSettings>): void {
  test("a state or progress that a release has written is still one, or a step says what happens to its rows", () => {
    const missing = [
      ...written.state.filter((value) => !(states as readonly string[]).includes(value)),
      ...written.progress.filter((value) => !progressRows.some(([name]) => name === value)),
    ];
    if (missing.length > 0)
      throw new Error(
        `${missing.join(", ")}: rows with this value would be neither delivered, listed nor deleted. ` +
          "Change them in a new step or in `correctRows`, and test here what they become.",
      );
  });

  test.each(steps.map((_step, index) => [index + 1]))(
    "a store as step %i left it opens, delivers, lists, exports and erases every inquiry",
    async (version) => {
      const settings = await makeSettings();
      const count = await createStoreOfStep(settings, version);
      const store = createStore(settings);
      await store.open();
      const perState = count / written.state.length;
      expect(await store.counts()).toEqual({
        pending: perState,
        quarantined: perState,
        sent: perState,
      });
      for (let claim; (claim = await store.claimDue("test", tuesday, 1_000));)
        await store.settle(claim, { sentAt: tuesday });
      expect(await store.counts()).toMatchObject({ pending: 0, sent: 2 * perState });
      const listed = await store.list({ email: "a@b.dk" });
      const exported = listed.map((inquiry) => exportInquiry(inquiry));
      expect(new Set(exported.map(({ answers: { message } }) => message)).size).toBe(1);
      expect(exported).toHaveLength(count);
      await store.erase(listed, tuesday);
      expect(await store.list()).toEqual([]);
      await store.close();
    },
  );
}
