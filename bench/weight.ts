// `npm run bench -- weight`: the bytes of a first visit of an article.

import path from "node:path";
import { resourcesOf } from "../test/support/html.ts";
import { startProcess } from "../test/support/process.ts";
import { sent } from "../test/support/sent.ts";
import { temporaryFolder } from "../test/support/site.ts";
import { writeArticles } from "./articles.ts";
import { figure, storedResponse, type Part } from "./measure.ts";

export const run: Part = async () => {
  const { dir, remove } = await temporaryFolder();
  const slugs = writeArticles(path.join(dir, "articles"), 10, 1_200);
  const site = await startProcess({ ARTICLES_DIR: path.join(dir, "articles"), DATA_DIR: dir });
  const urls = slugs.map((slug) => `${site.origin}/articles/${slug}`);
  for (const url of urls) await sent(url, { "accept-encoding": "br" });
  const pages: number[] = [];
  for (const url of urls) pages.push((await storedResponse(url)).body.length);
  const html = (await sent(urls[0] ?? "", {})).body.toString();
  const fonts = [...new Set(resourcesOf(html))].filter((name) => name.endsWith(".woff2") && !name.includes("italic"));
  const sizes = await Promise.all(fonts.map(async (font) => (await sent(site.origin + font, {})).body.length));
  site.child.kill("SIGTERM");
  await site.exit;
  await remove();
  return {
    intro: `Pages of ${slugs.length} articles of this repository, cut after 1,200 words. Fonts are those of a page without italics.`,
    figures: [
      figure("HTML and CSS, brotli, bytes", pages, { atMost: 13_000 }),
      figure("fonts, KB", [sizes.reduce((sum, size) => sum + size, 0) / 1_024], { digits: 1, atMost: 55 }),
    ],
  };
};
