// The simulation at length: 1,000 seeds, from another first seed than the short version's.

import { noFigures, playSeed } from "./simulate/simulation.ts";

test("1,000 seeds of crashes, refusals and lost answers keep every promise", async () => {
  const figures = noFigures();
  for (let seed = 10_001; seed <= 11_000; seed += 1) expect(await playSeed(seed, figures)).toBeUndefined();
  expect(figures.crashes).toBeGreaterThan(1_000);
  process.stderr.write(`simulate: ${JSON.stringify(figures)}\n`);
}, 180_000);
