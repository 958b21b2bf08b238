// `npm run bench [-- NAME…]`: the benchmarks one after the other, or those that are named.

const all = ["pages", "first-text", "posts"];
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`no such benchmark: ${unknown.join(", ")}; there are ${all.join(", ")}`);
  process.exit(2);
}
for (const name of wanted.length > 0 ? wanted : all) {
  console.log(`\n## ${name}\n`);
  await import(`./${name}.ts`);
}
