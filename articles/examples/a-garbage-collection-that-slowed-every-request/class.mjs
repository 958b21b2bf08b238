// node --expose-gc class.mjs [gc|keep]: the same object as in literal.mjs, created by a class.
const id = Symbol("id");
const trigger = Symbol("trigger");
const mode = process.argv[2];

class Tick {
  constructor(callback) {
    this[id] = 1;
    this[trigger] = 2;
    this.callback = callback;
  }
}
const create = (callback) => new Tick(callback);

let latest;
function createMany(count) {
  for (let n = 0; n < count; n++) latest = create(n);
}

createMany(100); // as in a program that starts
const kept = mode === "keep" ? latest : undefined;
latest = undefined; // now none of the hundred is alive, unless one is kept
if (mode) globalThis.gc();

const figures = [];
for (let round = 0; round < 10; round++) {
  const start = process.cpuUsage().user;
  createMany(1_000_000);
  figures.push((process.cpuUsage().user - start) / 1000);
}
console.log(figures.map((ns) => ns.toFixed(0).padStart(5)).join(""));
globalThis.kept = kept; // alive to the end
