// node all.mjs [NODE]: runs the other programs with this Node, or with the one whose path is given.
import { execFileSync } from "node:child_process";

const node = process.argv[2] ?? process.execPath;
const run = (...args) => execFileSync(node, args, { cwd: import.meta.dirname, encoding: "utf8" });

console.log(run("-p", "`Node ${process.version}, V8 ${process.versions.v8}`").trim());
for (const [name, file] of Object.entries({
  "an object literal with two symbols as keys": "literal.mjs",
  "the same object, created by a class": "class.mjs",
  "one process.nextTick": "ticks.mjs",
})) {
  console.log(`\n${name}: ns each, ten rounds of a million`);
  for (const mode of file === "literal.mjs" ? ["", "gc", "minor", "keep"] : ["", "gc", "keep"]) process.stdout.write(`  ${(mode || "none").padEnd(5)}${run("--expose-gc", file, ...(mode ? [mode] : []))}`);
}
console.log("\nthe literal after a full collection that came after so many objects: ns in the last round");
for (const first of ["1", "10", "100", "1000", "10000"]) {
  console.log(`  ${first.padStart(5)}${run("--expose-gc", "literal.mjs", "gc", first).trimEnd().slice(-5)}`);
}
console.log("\none request at a bare HTTP server: µs of processor time in 15 processes each, in turn");
process.stdout.write(execFileSync(process.execPath, ["requests.mjs", node], { cwd: import.meta.dirname, encoding: "utf8" }));
