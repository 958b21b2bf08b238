// `npm run test:chaos [-- --submissions N] [-- --kills N]`: visitors send inquiries to the real process while it is killed again and again and
// its mail server misbehaves. Then everything that a visitor was thanked for is with staff. Exit code 1: it is not.

import { parseArgs } from "node:util";
import { runChaos } from "./run.ts";

const { values } = parseArgs({ options: { submissions: { type: "string" }, kills: { type: "string" } } });
const result = await runChaos(Number(values.submissions ?? 1_000), Number(values.kills ?? 100));
for (const line of [...result.figures, ...result.broken]) process.stdout.write(`${line}\n`);
process.exitCode = result.broken.length > 0 ? 1 : 0;
