// Counts the rows of sheet.txt by the place where the expectation was written: node count.mjs

import { readFileSync } from "node:fs";

const sheet = readFileSync(new URL("sheet.txt", import.meta.url), "utf8").split("\n\n")[1];
let place = "";
const counts = {};
for (const line of sheet.trimEnd().split("\n")) {
  if (line.startsWith("  ")) counts[place] = (counts[place] ?? 0) + 1;
  else place = line;
}
for (const [name, count] of Object.entries(counts)) console.log(`${count} ${name}`);
