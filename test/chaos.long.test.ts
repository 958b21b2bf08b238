// A short run of the chaos harness: real kills and a mail server that fails. `npm run test:chaos` is the long one.

import { runChaos } from "./chaos/run.ts";

test("200 submissions survive 15 kills: none is lost, copies share one Message-ID, and every repeat has a reason", async () => {
  const { broken, kills, figures } = await runChaos({ submissions: 200, kills: 15 });
  process.stderr.write(`${figures.join("\n")}\n`);
  expect(broken).toEqual([]);
  expect(kills).toBe(15);
}, 120_000);
