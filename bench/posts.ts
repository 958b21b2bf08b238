// `npm run bench`: what group commit is worth. The same store on the same disk takes inquiries one after the other (a commit each) and 64 at
// a time (a commit for all that arrived together), interleaved; a busy reader on the same event loop shows what visitors would feel.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { openStore, type Store } from "../src/inquiries/store.ts";

const inquiries = 1_024;
const together = 64;
const rounds = 7;
const inquiry = { name: "Priya", email: "p@fjord.example", company: "", kind: "team", start: "open", message: "" };
const circumstances = { slug: "", title: "", suspicion: "" };

let serial = 0;
const accept = (store: Store) => store.accept({ ...inquiry, message: `inquiry ${(serial += 1)}` }, circumstances, new Date());

const ways: Record<string, (store: Store) => Promise<void>> = {
  async "one at a time"(store) {
    for (let done = 0; done < inquiries; done += 1) await accept(store);
  },
  async "64 together"(store) {
    for (let done = 0; done < inquiries; done += together) {
      await Promise.all(Array.from({ length: together }, () => accept(store)));
    }
  },
};

const dir = await mkdtemp(path.join(tmpdir(), "clean-systems-bench-"));
const store = await openStore(path.join(dir, "inquiries.db"), "localhost");
const perSecond: Record<string, number[]> = {};
for (let round = 0; round < rounds; round += 1) {
  for (const [name, way] of Object.entries(ways)) {
    const startedAt = performance.now();
    await way(store);
    (perSecond[name] ??= []).push(Math.round((inquiries / (performance.now() - startedAt)) * 1_000));
  }
}
await store.close();
await rm(dir, { recursive: true });

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
for (const [name, values] of Object.entries(perSecond)) {
  console.log(`${name.padEnd(14)} ${median(values)} inquiries/s, ${Math.min(...values)} to ${Math.max(...values)}`);
}
const [alone = [], grouped = []] = Object.values(perSecond);
console.log(`ratio          ${(median(grouped) / median(alone)).toFixed(2)}, durable on this disk, ${rounds} rounds of ${inquiries}`);
