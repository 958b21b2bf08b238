// `npm run bench [-- PART…]`: prints one line for each figure, as Markdown.

import { cpus } from "node:os";
import { startProcess } from "../test/support/process.ts";
import { temporaryFolder } from "../test/support/site.ts";
import { figures, load } from "./measure.ts";
import { measurePages } from "./pages.ts";
import { measureStart } from "./start.ts";

/** Durable posts a second on one core. */
async function measurePosts(): Promise<Record<string, number>> {
  const { dir, remove } = await temporaryFolder();
  const noLimits = { INQUIRIES_PER_10_MINUTES: "0", INQUIRIES_PER_HOUR_TOTAL: "0" };
  const site = await startProcess({ DATA_DIR: dir, ...noLimits });
  const count = await load(site, { paths: ["/contact"], post: true }, 3);
  site.child.kill("SIGKILL");
  await site.exit;
  await remove();
  return { "durable posts a second, goal ≥ 1,000": count / 3 };
}

const parts = { pages: measurePages, start: measureStart, posts: () => figures(measurePosts) };
const names = process.argv.slice(2);
console.log(`${new Date().toDateString()}, ${cpus()[0]?.model}, Node ${process.version}`);
for (const [name, measure] of Object.entries(parts)) {
  if (names.length > 0 && !names.includes(name)) continue;
  console.log(`\n## ${name}\n`);
  console.log((await measure()).join("\n"));
}
