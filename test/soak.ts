// `npm run test:soak [-- --seconds N]`: mixed traffic on the real process. Exit code 1: memory or descriptors grew, or something was lost.

import { parseArgs } from "node:util";
import { runSoak } from "./soak/run.ts";

const { values } = parseArgs({ options: { seconds: { type: "string" } } });
const { figures, wrong } = await runSoak(Number(values.seconds ?? 240));
for (const line of [...figures, ...wrong.slice(0, 20), `${wrong.length} promises broken`])
  process.stdout.write(`${line}\n`);
process.exitCode = wrong.length > 0 ? 1 : 0;
