// The site with 12 and with 500 articles: when it listens, its memory, and the slowest first page.

import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fixedPages } from "../src/web/pages.ts";
import { megabytesOf, startProcess } from "../test/support/process.ts";
import { sent } from "../test/support/sent.ts";
import { temporaryFolder } from "../test/support/site.ts";
import { figures, inBench } from "./measure.ts";

const slugsIn = (dir: string) =>
  readdirSync(dir).flatMap((name) => /^([a-z].*)\.md$/.exec(name)?.[1] ?? []);

/** Writes so many articles: those of this repository, and copies with other names. */
function writeArticles(dir: string, count: number): void {
  cpSync(inBench("../articles"), dir, { recursive: true });
  const slugs = slugsIn(dir);
  for (const slug of slugs.slice(count)) rmSync(path.join(dir, `${slug}.md`));
  for (let index = slugs.length; index < count; index += 1) {
    const slug = slugs[index % slugs.length] ?? "";
    const text = readFileSync(path.join(dir, `${slug}.md`), "utf8");
    const own = text.replace(/^(series|aliases):.*\n/gm, "");
    writeFileSync(path.join(dir, `${slug}-${index}.md`), own);
  }
}

async function sample(env: { ARTICLES_DIR: string; DATA_DIR: string }) {
  const startedAt = performance.now();
  const site = await startProcess(env);
  const listening = performance.now() - startedAt;
  const articles = slugsIn(env.ARTICLES_DIR).map((slug) => `/articles/${slug}`);
  const lists = fixedPages.map((page) => page.path);
  const pages = [...lists, ...articles.slice(0, 12), "/feed.atom", "/search?q=queue"];
  let slowest = 0;
  for (const page of pages) {
    const askedAt = performance.now();
    await sent(site.origin + page, {});
    slowest = Math.max(slowest, performance.now() - askedAt);
  }
  const memory = megabytesOf(site.child);
  site.child.kill("SIGKILL");
  await site.exit;
  return { listening, memory, slowest };
}

export async function measureStart(): Promise<string[]> {
  const { dir, remove } = await temporaryFolder();
  const settingsWith = (count: number) => {
    const env = { ARTICLES_DIR: path.join(dir, `${count}`), DATA_DIR: path.join(dir, "data") };
    writeArticles(env.ARTICLES_DIR, count);
    return env;
  };
  const [with12, with500] = [settingsWith(12), settingsWith(500)];
  const lines = await figures(async () => {
    const [few, many] = [await sample(with12), await sample(with500)];
    return {
      "12 articles: listening, ms": few.listening,
      "12 articles: RSS after every page, MB, goal ≤ 150": few.memory,
      "12 articles: slowest first page, ms, goal < 50": few.slowest,
      "500 articles: slowest first page, ms": many.slowest,
      "listening, 500 articles ÷ 12, goal ≤ 1.50": many.listening / few.listening,
      "RSS, 500 articles ÷ 12, goal ≤ 1.50": many.memory / few.memory,
    };
  });
  await remove();
  return lines;
}
