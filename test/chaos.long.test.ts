// Visitors send inquiries to the real process while it is killed again and again and its mail server
// misbehaves. Afterwards staff have every inquiry whose sender read "thank you". A longer run:
// `SUBMISSIONS=1000 KILLS=100 npm run test:chaos`. test/postgres.long.test.ts has two instances.

import { runChaos } from "./chaos/run.ts";

const { SUBMISSIONS = "200", KILLS = "15" } = process.env;

test("no submission is lost to a kill, and every repeat has a reason", async () => {
  const submissions = Number(SUBMISSIONS);
  const { broken, kills, figures } = await runChaos({ submissions, kills: Number(KILLS) });
  process.stderr.write(`${figures.join("\n")}\n`);
  expect(broken).toEqual([]);
  expect(kills).toBe(Number(KILLS));
}, 600_000);
