// `npm run test:long [-- NAME…]`: what takes long, or the test files whose path holds a name. First all that may share the cores, then one
// after the other those in test/alone/, which hold the site to seconds: beside two other suites a busy machine would fail them.

import { spawnSync } from "node:child_process";

const names = process.argv.slice(2);
const jest = ["--experimental-vm-modules", "--disable-warning=ExperimentalWarning", "node_modules/jest/bin/jest.js", "--verbose"];
const flags = ["--testPathIgnorePatterns=node_modules", ...names.map((name) => `--testPathPatterns=${name}`)];
if (names.length > 0) flags.push("--passWithNoTests"); // a name may have files in one of the two only

function run(...options: string[]): void {
  const { status } = spawnSync(process.execPath, [...jest, ...flags, ...options], { stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
}

run("--testMatch=**/*.long.test.ts", "--testPathIgnorePatterns=/test/alone/");
run("--testMatch=**/test/alone/*.long.test.ts", "--runInBand");
