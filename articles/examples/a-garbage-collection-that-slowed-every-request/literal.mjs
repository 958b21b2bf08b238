// node --expose-gc literal.mjs [gc|minor|keep] [FIRST] [COLLECTIONS]: the processor time of creating one object whose keys are symbols.
const id = Symbol("id");
const trigger = Symbol("trigger");
const mode = process.argv[2];
const collectOnce = () => (mode === "minor" ? globalThis.gc({ type: "minor" }) : globalThis.gc());
const collect = () => Array.from({ length: Number(process.argv[4] ?? 1) }, collectOnce);

// region literal
const create = (callback) => ({ [id]: 1, [trigger]: 2, callback });

let latest;
function createMany(count) {
  for (let n = 0; n < count; n++) latest = create(n);
}

createMany(Number(process.argv[3] ?? 100)); // as in a program that starts
const kept = mode === "keep" ? latest : undefined;
latest = undefined; // now none of them is alive, unless one is kept
if (mode) collect(); // garbage, all of it or only the young
// endregion

// region figures
const figures = [];
for (let round = 0; round < 10; round++) {
  const start = process.cpuUsage().user;
  createMany(1_000_000);
  figures.push((process.cpuUsage().user - start) / 1000);
}
console.log(figures.map((ns) => ns.toFixed(0).padStart(5)).join(""));
// endregion
globalThis.kept = kept; // alive to the end
