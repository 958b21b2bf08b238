// `npm run test:long [-- NAME…]`: the long tests, or those whose path contains a name. First those that may share the cores, then one after
// the other those in test/alone/, which measure seconds and would fail on a busy machine.

import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";

const names = process.argv.slice(2);
const files = globSync("test/**/*.long.test.ts");
const unknown = names.filter((name) => !files.some((file) => file.includes(name)));
if (unknown.length > 0) {
  console.error(`no long test has ${unknown.join(" or ")} in its path`);
  process.exit(2);
}
const jest = [
  "--experimental-vm-modules",
  "--disable-warning=ExperimentalWarning",
  "node_modules/jest/bin/jest.js",
  "--verbose",
];
const flags = [
  "--testPathIgnorePatterns=node_modules",
  ...names.map((name) => `--testPathPatterns=${name}`),
];
if (names.length > 0) flags.push("--passWithNoTests"); // a name may match files in one of the two groups only

function run(...options: string[]): void {
  const { status } = spawnSync(process.execPath, [...jest, ...flags, ...options], {
    stdio: "inherit",
  });
  if (status !== 0) process.exitCode = 1;
}

// One worker more than for `npm test`: one of these tests waits 150 s for a lease to end.
run("--testMatch=**/*.long.test.ts", "--testPathIgnorePatterns=/test/alone/", "--maxWorkers=4");
run("--testMatch=**/test/alone/*.long.test.ts", "--runInBand");
