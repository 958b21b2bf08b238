// `npm run test:chaos [-- --submissions N] [-- --kills N]`: visitors send inquiries to the real
// process while it is killed again and again and its mail server misbehaves. Afterwards staff have
// every inquiry whose sender read "thank you". Exit code 1: they do not. With `--postgres` two
// instances share a database: first undisturbed, then under kills, then with the server stopped
// hard `--stops` times.

import { parseArgs } from "node:util";
import { runChaos } from "./run.ts";

const text = { type: "string" } as const;
const { values } = parseArgs({
  options: { submissions: text, kills: text, stops: text, postgres: { type: "boolean" } },
});
const { postgres } = values;
const submissions = Number(values.submissions ?? (postgres ? 2_000 : 1_000));
const kills = Number(values.kills ?? (postgres ? 30 : 100));
const onPostgres = [{ kills: 0 }, { kills }, { kills: 0, stops: Number(values.stops ?? 15) }];
const runs = postgres
  ? onPostgres.map((run) => ({ submissions, stops: 0, ...run }))
  : [{ submissions, kills }];
for (const run of runs) {
  const { figures, broken } = await runChaos(run);
  for (const line of [...figures, ...broken]) process.stdout.write(`${line}\n`);
  if (broken.length > 0) process.exitCode = 1;
}
