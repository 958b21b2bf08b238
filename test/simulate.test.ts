// A short run of the simulation. `npm run test:simulate` plays more seeds.

import { findFaults, noFigures, playSeed } from "./simulate/simulation.ts";

test("120 seeds of crashes, refusals, lost responses and wrong clocks keep every promise", async () => {
  const figures = noFigures();
  for (let seed = 1; seed <= 120; seed += 1) expect(await playSeed(seed, figures)).toBeUndefined();
  expect(figures.crashes).toBeGreaterThan(100);
  expect(figures.mails).toBeGreaterThan(300);
}, 60_000);

test("each of seven planted faults is found", async () => {
  const found = await findFaults(140, 100); // from 1 on, the rarest takes 162 seeds
  expect(Object.entries(found).filter(([, seeds]) => seeds === undefined)).toEqual([]);
  expect(Object.keys(found)).toHaveLength(7);
}, 60_000);
