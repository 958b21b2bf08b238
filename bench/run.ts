// `npm run bench [-- PART…]`: prints one line for each figure, as Markdown.

import { cpus } from "node:os";
import { opened } from "../test/support/opened.ts";
import { measurePages } from "./pages.ts";
import { measurePosts } from "./posts.ts";
import { measureSearch } from "./search.ts";
import { measureStart } from "./start.ts";
import { measureStore } from "./store.ts";

const parts = {
  pages: measurePages,
  start: measureStart,
  posts: measurePosts,
  store: measureStore,
  search: measureSearch,
};
const names = process.argv.slice(2);
console.log(`${new Date().toDateString()}, ${cpus()[0]?.model}, Node ${process.version}`);
try {
  for (const [name, measure] of Object.entries(parts)) {
    if (names.length > 0 && !names.includes(name)) continue;
    console.log(`\n## ${name}\n`);
    console.log((await measure()).join("\n"));
  }
} finally {
  await opened.disposeAsync();
}
