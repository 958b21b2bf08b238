// `npm run test:simulate [-- --seed N] [-- --runs N]`: plays seeds and prints figures. `--seed N`
// alone repeats that seed. Exit code 1: a promise was broken, or a planted fault was not found.

import { parseArgs } from "node:util";
import { findFaults, noFigures, playSeed } from "./simulate/simulation.ts";

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
const found = await findFaults(1, 500);
for (const [fault, seeds] of Object.entries(found))
  print(
    `planted "${fault}": ${seeds === undefined ? "NOT FOUND" : `found after ${counted(seeds)} seeds`}`,
  );
process.exitCode = broken.length > 0 || Object.values(found).includes(undefined) ? 1 : 0;
