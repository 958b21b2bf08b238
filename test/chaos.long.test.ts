// The chaos harness in a shorter run: real kills, a mail server at its worst, nothing lost. `npm run test:chaos` is the long one.

import { runChaos } from "./chaos/run.ts";

test("200 submissions under 15 kills: nothing is lost, no copy is renamed, every repeat has a reason", async () => {
  const { broken, kills, figures } = await runChaos({ submissions: 200, kills: 15 });
  process.stderr.write(`${figures.join("\n")}\n`);
  expect(broken).toEqual([]);
  expect(kills).toBe(15);
}, 120_000);
