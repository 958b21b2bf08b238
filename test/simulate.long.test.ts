// A long run of the simulation: seeds that the short run does not play, and the planted faults.
// `SEED=N RUNS=M npm run test:simulate` plays M seeds from N on; to repeat one seed, leave RUNS out.

import { missedFaults, noFigures, playSeed } from "./simulate/simulation.ts";

const { SEED, RUNS } = process.env;
const firstSeed = Number(SEED ?? 10_001);
const runs = Number(RUNS ?? (SEED ? 1 : 200));

test("many seeds of crashes, refusals and wrong clocks keep every promise", async () => {
  const figures = noFigures();
  for (let seed = firstSeed; seed < firstSeed + runs; seed += 1)
    expect(await playSeed(seed, figures)).toBeUndefined();
  process.stderr.write(`simulate: ${runs} seeds, ${JSON.stringify(figures)}\n`);
  if (runs >= 200) expect(figures.crashes).toBeGreaterThan(runs);
}, 3_600_000);

test("each planted fault is found", async () => {
  expect(await missedFaults(1, 800)).toEqual([]); // from 1 on, the rarest takes 135 seeds
});
