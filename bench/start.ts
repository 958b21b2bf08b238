// The site with 12 and with 500 articles: when it listens, its memory, and the slowest first page.

import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { sent } from "../test/support/sent.ts";
import { temporaryFolder } from "../test/support/site.ts";
import { figure, inBench, megabytes, ratios, startSite, stopServer, type Part } from "./measure.ts";

/** Writes so many articles: those of this repository, and copies with other names. */
function writeArticles(dir: string, count: number): void {
  const source = inBench("../articles");
  const names = readdirSync(source).filter((name) => /^[a-z].*\.md$/.test(name));
  for (const name of ["authors.yaml", "images"])
    cpSync(path.join(source, name), path.join(dir, name), { recursive: true });
  for (let index = 0; index < count; index += 1) {
    const name = names[index % names.length] ?? "";
    const copy = Math.floor(index / names.length);
    const text = readFileSync(path.join(source, name), "utf8");
    const own = copy === 0 ? text : text.replace(/^(series|aliases):.*\n/gm, "");
    writeFileSync(path.join(dir, copy === 0 ? name : name.replace(".md", `-${copy}.md`)), own);
  }
}

async function sample(dir: string) {
  const startedAt = performance.now();
  const site = await startSite({ ARTICLES_DIR: dir, DATA_DIR: path.join(dir, "../data") });
  const listening = performance.now() - startedAt;
  const read = async (address: string) => (await sent(site.origin + address, {})).body.toString();
  const sitemap = await read("/sitemap.xml");
  const all = Array.from(sitemap.matchAll(/<loc>\w+:\/\/[^/]+([^<]*)</g), ([, found]) => found);
  const articles = all.filter((found) => found?.startsWith("/articles/")).slice(0, 12);
  const others = all.filter((found) => !found?.startsWith("/articles/"));
  let slowest = 0;
  for (const address of [...others, ...articles, "/feed.atom", "/search?q=queue"]) {
    const askedAt = performance.now();
    await read(address || "/");
    slowest = Math.max(slowest, performance.now() - askedAt);
  }
  const memory = megabytes(site);
  await stopServer(site);
  return { listening, memory, slowest };
}

export const measureStart: Part = async (rounds) => {
  const lines: string[] = [];
  const folders = await Promise.all([12, 500].map(async () => temporaryFolder()));
  const samples: Awaited<ReturnType<typeof sample>>[][] = [[], []];
  for (const [index, { dir }] of folders.entries())
    writeArticles(path.join(dir, "articles"), [12, 500][index] ?? 0);
  for (let round = 0; round < rounds; round += 1)
    for (const [index, { dir }] of folders.entries())
      samples[index]?.push(await sample(path.join(dir, "articles")));
  for (const { remove } of folders) await remove();
  const column = (index: number, name: "listening" | "memory" | "slowest") =>
    samples[index]?.map((one) => one[name]) ?? [];
  for (const [index, count] of [12, 500].entries()) {
    const few = index === 0;
    lines.push(figure(`${count} articles: listening, ms`, column(index, "listening")));
    lines.push(figure(`${count} articles: RSS, MB`, column(index, "memory"), few ? "≤ 150" : ""));
    const goal = few ? "< 50" : "";
    lines.push(figure(`${count} articles: slowest first page, ms`, column(index, "slowest"), goal));
  }
  const ratio = (name: "listening" | "memory") => ratios(column(1, name), column(0, name));
  lines.push(figure("listening, 500 articles ÷ 12", ratio("listening"), "≤ 1.50"));
  lines.push(figure("RSS, 500 articles ÷ 12", ratio("memory"), "≤ 1.50"));
  return lines;
};
