// What the files of a store hold of erased and purged inquiries: nothing, and neither does a backup.
// Without a vacuum about one person in a thousand was found, so one small store never shows it.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { backupSqlite } from "../../src/inquiries/store/sqlite.ts";
import type { Inquiry } from "../../src/inquiries/inquiry.ts";
import type { Store } from "../../src/inquiries/store/interface.ts";
import { temporaryFolder, tuesday } from "../support/site.ts";
import { answers, openStore, plain } from "../support/store.ts";

/** Returns numbers from 0 to 1, the same in every run. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
}

/** Returns the names of deleted inquiries that are in the store's files or in a new backup. */
async function remainsOf(gone: Inquiry[], dir: string): Promise<string[]> {
  await backupSqlite(path.join(dir, "inquiries.db"), path.join(dir, "copy"));
  const files = readdirSync(dir).map((name) => readFileSync(path.join(dir, name)));
  const names = gone.map(({ answers: { name = "" } }) => name);
  return names.filter((name) => files.some((bytes) => bytes.includes(name)));
}

/** Stores so many inquiries. Returns about half of them, those that staff got first. */
async function fill(store: Store, rows: number, random: () => number): Promise<Inquiry[]> {
  for (let index = 0; index < rows; index += 1) {
    const name = `zq${index}qz`; // it is in every text of its inquiry
    const message = `${name}, and so on. ${"m".repeat(random() ** 3 * 900)}`;
    const given = { ...answers, name, email: `${name}@client.example`, message };
    await store.accept(given, plain, tuesday);
  }
  const first: Inquiry[] = [];
  for (let claim; (claim = await store.claimDue("test", tuesday, 1_000));) {
    const isFirst = random() < 0.5;
    if (isFirst) first.push(claim);
    await store.settle(claim, { sentAt: new Date(tuesday.getTime() + (isFirst ? 0 : 9)) });
  }
  return first;
}

type Removal = (store: Store, inquiries: Inquiry[]) => Promise<void>;

const erase =
  (atATime: number): Removal =>
  async (store, inquiries) => {
    for (let start = 0; start < inquiries.length; start += atATime)
      await store.erase(inquiries.slice(start, start + atATime), tuesday);
  };

const purge: Removal = async (store, inquiries) => {
  await store.purge(tuesday); // the first only records its cut-off
  expect(await store.purge(new Date(tuesday.getTime() + 5))).toHaveLength(inquiries.length);
};

test.each<[string, number, number, Removal]>([
  ["was erased one by one", 20, 60, erase(1)],
  ["was erased fifty at a time", 60, 200, erase(50)],
  ["was purged", 1, 4_000, purge],
])(
  "a store keeps no byte of who %s",
  async (_how, stores, rows, remove) => {
    for (let seed = 1; seed <= stores; seed += 1) {
      await using folder = await temporaryFolder();
      const store = await openStore(folder.dir);
      const gone = await fill(store, rows, randomNumbers(seed * rows));
      expect(gone.length).toBeGreaterThan(rows / 4);
      await remove(store, gone);
      expect(await store.clean()).toBe(true);
      expect([seed, await remainsOf(gone, folder.dir)]).toEqual([seed, []]);
      await store.close();
    }
  },
  300_000,
);
