// Folders of articles to measure with: the articles of this repository and copies of them.

import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const source = path.resolve(import.meta.dirname, "../articles");

/** Writes `count` articles. With `words`, only articles that are longer are used, and are cut after about that many. Returns their slugs. */
export function writeArticles(dir: string, count: number, words = Infinity): string[] {
  mkdirSync(dir, { recursive: true });
  for (const name of ["authors.yaml", "images"])
    cpSync(path.join(source, name), path.join(dir, name), { recursive: true });
  const names = readdirSync(source).filter((name) => /^[^_].*\.md$/.test(name));
  const texts = names.map((name) => ({
    slug: name.slice(0, -3),
    text: readFileSync(path.join(source, name), "utf8"),
  }));
  const usable = words === Infinity ? texts : texts.filter(({ text }) => countWords(text) > words);
  return Array.from({ length: count }, (_one, index) => {
    const { slug, text } = usable[index % usable.length] as (typeof usable)[number];
    const copy = Math.floor(index / usable.length);
    const newSlug = copy === 0 ? slug : `${slug}-${copy}`;
    const unique = copy === 0 ? text : text.replace(/^(series|aliases):.*\n/gm, "");
    writeFileSync(path.join(dir, `${newSlug}.md`), cutAfter(unique, words));
    return newSlug;
  });
}

const countWords = (text: string) => text.split(/\s+/).length;

/** Cuts between two blocks, outside of code. */
function cutAfter(text: string, words: number): string {
  let cut = "";
  for (const block of text.split("\n\n")) {
    if (countWords(cut) >= words && cut.split("```").length % 2 === 1) break;
    cut += `${block}\n\n`;
  }
  return cut;
}
