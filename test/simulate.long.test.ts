// A long run of the simulation: 200 seeds that the short run does not play, and the planted faults.

import { faults } from "./simulate/faults.ts";
import { missedFaults, noFigures, playSeed } from "./simulate/simulation.ts";

test("200 seeds of crashes, refusals, lost responses and wrong clocks keep every promise", async () => {
  const figures = noFigures();
  for (let seed = 10_001; seed <= 10_200; seed += 1)
    expect(await playSeed(seed, figures)).toBeUndefined();
  expect(figures.crashes).toBeGreaterThan(200);
  process.stderr.write(`simulate: ${JSON.stringify(figures)}\n`);
}, 180_000);

test("each of seven planted faults is found", async () => {
  expect(Object.keys(faults)).toHaveLength(7);
  expect(await missedFaults(100, 100)).toEqual([]); // from 1 on, the rarest takes 135 seeds
});
