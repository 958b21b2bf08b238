// `npm run test:simulate [-- --seed N] [-- --runs N]`: plays seeds and prints figures. `--seed N`
// alone repeats that seed. Exit code 1: a promise was broken.

import { parseArgs } from "node:util";
import { noFigures, playSeed } from "./simulate/simulation.ts";

const { values } = parseArgs({ options: { seed: { type: "string" }, runs: { type: "string" } } });
const firstSeed = Number(values.seed ?? 1);
const runs = Number(values.runs ?? (values.seed ? 1 : 3_000));
if (!Number.isInteger(firstSeed) || !(runs > 0))
  throw new Error("--seed and --runs take a whole number");
const startedAt = performance.now();
const figures = noFigures();
const broken: string[] = [];
for (let seed = firstSeed; seed < firstSeed + runs && broken.length < 3; seed += 1) {
  const problem = await playSeed(seed, figures);
  if (problem) broken.push(`${problem}\nRepeat it with: npm run test:simulate -- --seed ${seed}`);
}
const seconds = (performance.now() - startedAt) / 1_000;
const counted = (count: number) => count.toLocaleString("en-GB");
const print = (line: string) => process.stdout.write(`${line}\n`);
for (const problem of broken) print(problem);
print(
  `${counted(figures.seeds)} seeds, ${counted(figures.steps)} steps, ${counted(figures.statements)} statements, ` +
    `${counted(figures.crashes)} crashes, ${counted(figures.mails)} mails in ${seconds.toFixed(1)} s ` +
    `(${counted(Math.round((figures.seeds / seconds) * 60))} seeds a minute): ${broken.length} broken`,
);
process.exitCode = broken.length > 0 ? 1 : 0;
