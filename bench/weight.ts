// `npm run bench -- weight`: what a first visit of an article brings over the line.

import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { brotliCompressSync } from "node:zlib";
import { inlineStyleOf, resourcesOf } from "../test/support/html.ts";
import { startProcess } from "../test/support/process.ts";
import { sent } from "../test/support/sent.ts";
import { temporaryFolder } from "../test/support/site.ts";
import { slugOf, writeArticles } from "./articles.ts";
import { goals, median, shown, spread, table } from "./measure.ts";

const articles = 12;
const words = 1_200;

export async function run(): Promise<string> {
  const { dir, remove } = await temporaryFolder();
  writeArticles(path.join(dir, "articles"), articles, words);
  const site = await startProcess({ ARTICLES_DIR: path.join(dir, "articles"), DATA_DIR: dir });
  const addresses = Array.from({ length: articles }, (_one, index) => `${site.origin}/articles/${slugOf(index)}`);
  for (const address of addresses) await sent(address, { "accept-encoding": "br" });
  await sleep(2_000); // the best compression is made after the first visit
  const pages: number[] = [];
  for (const address of addresses) pages.push((await sent(address, { "accept-encoding": "br" })).body.length);
  const html = (await sent(addresses[0] ?? "", {})).body.toString();
  const css = brotliCompressSync(inlineStyleOf(html)).length;
  const fonts = new Map<string, number>();
  for (const address of new Set(resourcesOf(html).filter((one) => one.endsWith(".woff2"))))
    fonts.set(address, (await sent(site.origin + address, {})).body.length);
  site.child.kill("SIGTERM");
  await site.exit;
  await remove();

  // The italic face comes only with a page that has italic words above all in its text.
  const upright = [...fonts].filter(([address]) => !address.includes("italic")).reduce((sum, [, size]) => sum + size, 0);
  const rows = [...fonts].map(([address, size]) => [path.basename(address).replace(/[.-][\w-]{8,}\./, "."), shown(size)]);
  return [
    table(
      ["what", "bytes"],
      [
        [`HTML and CSS, brotli: ${articles} generated articles of about ${words} words, code counted`, spread(pages)],
        ["of it CSS, brotli by itself", shown(css)],
        ...rows,
      ],
    ),
    goals([
      { what: "HTML and CSS, median", measured: median(pages), goal: 13_000, digits: 0 },
      { what: "CSS alone", measured: css, goal: 5_000, digits: 0 },
      { what: "fonts of a page without italics, KB", measured: upright / 1_024, goal: 55, digits: 1 },
    ]),
  ].join("\n\n");
}
