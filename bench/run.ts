// `npm run bench [-- PART…] [--quick]`: prints one line for each figure, as Markdown. --quick only
// shows that the benchmarks work.

import { cpus } from "node:os";
import { parseArgs } from "node:util";
import type { Part } from "./measure.ts";
import { measurePages } from "./pages.ts";
import { measurePosts } from "./posts.ts";
import { measureStart } from "./start.ts";

const parts: Record<string, Part> = {
  pages: measurePages,
  start: measureStart,
  posts: measurePosts,
};
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false } },
});
const names = positionals.length > 0 ? positionals : Object.keys(parts);
console.log(
  `${new Date().toDateString()}, ${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`,
);
for (const name of names) {
  const part = parts[name];
  if (!part) throw new Error(`no such part: ${name}`);
  console.log(`\n## ${name}\n`);
  for (const line of await part(values.quick ? 1 : 7)) console.log(`- ${line}`);
}
