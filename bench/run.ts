// `npm run bench [-- PART…] [--quick] [--many]`: runs the benchmarks, or the parts that are named, and prints one line per figure as Markdown.
// `npm run -s bench > docs/benchmarks.md` records them. --quick takes seconds per part: it shows that the benchmark works, and its figures mean
// little. --many adds 10,000 articles to `start`.

import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { MissingError, type Part } from "./measure.ts";

const parts = ["pages", "start", "posts", "first-visit"];
const flag = { type: "boolean", default: false } as const;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: flag, many: flag },
});
const unknown = positionals.filter((name) => !parts.includes(name));
if (unknown.length > 0) {
  console.error(`no such part: ${unknown.join(", ")}; the parts are ${parts.join(", ")}`);
  process.exit(2);
}

const date = new Date().toLocaleDateString("en-GB", {
  day: "numeric",
  month: "long",
  year: "numeric",
});
console.log(`# Benchmarks

Printed by \`npm run -s bench\`; \`npm run -s bench -- PART\` prints one part${values.quick ? " (this was --quick)" : ""}. Figures are medians (min to max).
CPU is the time of the server's process in /proc. Ratios compare servers within one round, and differences under 20 % are noise.
${date}, ${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.version}.`);

for (const name of positionals.length > 0 ? positionals : parts) {
  const startedAt = performance.now();
  try {
    const { run } = (await import(`./${name}.ts`)) as { run: Part };
    const { intro, figures } = await run(values);
    console.log(`\n## ${name}\n\n${intro}\n\n${figures.map((line) => `- ${line}`).join("\n")}`);
    console.error(`(${Math.round((performance.now() - startedAt) / 1_000)} s)`);
  } catch (error) {
    if (!(error instanceof MissingError)) throw error;
    console.log(`\n## ${name}\n\nSkipped: ${error.message}`);
    process.exitCode = 1;
  }
}
