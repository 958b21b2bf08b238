// Counts the broken lines of mutants.txt that no test noticed. The controls at its end are not among them.

import { readFileSync } from "node:fs";

const [broken] = readFileSync(new URL("mutants.txt", import.meta.url), "utf8").split("\nControls");
const verdicts = broken.match(/^(nothing|\d+ tests?)(?= .*\.java:\d+)/gm);
const unnoticed = verdicts.filter((verdict) => verdict === "nothing");
console.log(`${unnoticed.length} of ${verdicts.length} broken lines went unnoticed`);
