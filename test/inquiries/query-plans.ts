// How the database runs the statements of the store that a form, a receipt, /readyz, a pass of the
// worker and the purge need: none may read the whole table, whose rows have up to 80 KB of text.

import {
  sql,
  type Connection,
  type Database,
  type Sql,
} from "../../src/inquiries/store/database.ts";
import { createStore, openDatabase, type StoreSettings } from "../../src/inquiries/store/store.ts";
import { tuesday } from "../support/site.ts";
import { answers, plain, quarantined } from "../support/store.ts";

/**
 * Returns the statements, each with its plan. `fill` runs before them, because PostgreSQL reads a
 * small table whole.
 */
export async function plansOf(
  settings: StoreSettings,
  explain: Sql,
  fill: (database: Database) => Promise<unknown> = () => Promise.resolve(),
): Promise<{ text: string; plan: string }[]> {
  const queries = new Map<string, Sql>();
  const opened: Database[] = [];
  const store = createStore(settings, undefined, async (given) => {
    const database = await openDatabase(given);
    opened.push(database);
    const recording = ({ read, write }: Connection): Connection => ({
      read: (query) => (queries.set(query.text, query), read(query)),
      write: (query) => (queries.set(query.text, query), write(query)),
    });
    return {
      ...database,
      ...recording(database),
      transaction: (work) => database.transaction((connection) => work(recording(connection))),
    };
  });
  await store.open();
  const [database] = opened;
  if (!database) throw new Error("the store opened no database");
  await fill(database);
  queries.clear();

  const { inquiry } = await store.accept(answers, plain, tuesday);
  await store.accept({ ...answers, message: "spam" }, quarantined, tuesday);
  await store.findDuplicate(answers, tuesday);
  await store.countSince(tuesday);
  await store.find({ reference: inquiry.reference });
  await store.find({ token: inquiry.token });
  await store.list({ email: "a@b.dk" });
  await store.earlier(inquiry);
  await store.oldestPendingAt();
  const claim = await store.claimDue("test", tuesday, 1_000);
  if (claim) await store.settle(claim, { sentAt: tuesday });
  await store.summary(tuesday);
  const times = { now: tuesday, opening: tuesday, midnight: tuesday };
  await store.digestContent(times);
  await store.articleCounts("2026-11");
  await store.setProgress(inquiry.reference, "taken", tuesday);
  await store.deleteLiveChecks("CS-0000-0000", tuesday);
  await store.purge(new Date(0));

  const plans = [];
  for (const [text, query] of queries) {
    if (!text.includes("inquiries")) continue;
    const rows = await database.read<Record<string, unknown>>(sql`${explain} ${query}`);
    plans.push({ text, plan: rows.map((row) => Object.values(row).at(-1)).join("\n") });
  }
  await store.close();
  return plans;
}
