// A short run of the simulation. The long test and `npm run test:simulate` play more seeds, and plant faults.

import { noFigures, playSeed } from "./simulate/simulation.ts";

test("40 seeds of crashes, refusals and wrong clocks keep every promise", async () => {
  const figures = noFigures();
  for (let seed = 1; seed <= 40; seed += 1) expect(await playSeed(seed, figures)).toBeUndefined();
  expect(figures.crashes).toBeGreaterThan(30);
  expect(figures.mails).toBeGreaterThan(100);
});
