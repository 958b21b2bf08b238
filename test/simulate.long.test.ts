// A long run of the simulation: 1,000 seeds that the short run does not play.

import { noFigures, playSeed } from "./simulate/simulation.ts";

test("1,000 seeds of crashes, refusals, lost responses and wrong clocks keep every promise", async () => {
  const figures = noFigures();
  for (let seed = 10_001; seed <= 11_000; seed += 1) expect(await playSeed(seed, figures)).toBeUndefined();
  expect(figures.crashes).toBeGreaterThan(1_000);
  process.stderr.write(`simulate: ${JSON.stringify(figures)}\n`);
}, 180_000);
