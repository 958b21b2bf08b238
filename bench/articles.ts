// Articles to measure with, as many as wanted: the sentences and code blocks of our own articles, put together anew. The same number is
// always the same article.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const ours = path.resolve(import.meta.dirname, "../articles");
const texts = readdirSync(ours)
  .filter((name) => /^[^_].*\.md$/.test(name))
  .map((name) => readFileSync(path.join(ours, name), "utf8"));

const fence = /^```\w+[\s\S]*?^```$/gm;
const codeBlocks = texts.flatMap((text) => text.match(fence) ?? []).filter((block) => !block.startsWith("```text"));
const sectionWords = 240;
const sentences = texts
  .flatMap((text) => text.replace(fence, "").split("\n\n"))
  .filter((block) => /^[A-Z“][^[\]|<>#!]+$/.test(block)) // paragraphs without links, notes and images, which lead somewhere
  .flatMap((block) => block.replaceAll("\n", " ").split(/(?<=[.?!]) (?=[A-Z“])/))
  .filter((sentence) => ["`", "*", "_"].every((mark) => sentence.split(mark).length % 2 === 1));

const topics = "Java,Queues,Data,Architecture,Teams,Testing,Operations,Security,Caching,Spring Boot,Time zones,Decisions".split(",");
const countWords = (text: string) => text.split(/\s+/).length;

export const slugOf = (index: number) => `generated-article-${index}`;

/** Writes a folder of `count` articles, each of about that many words. */
export function writeArticles(dir: string, count: number, words = 1_000): void {
  mkdirSync(dir, { recursive: true });
  writeFileSync(path.join(dir, "authors.yaml"), "bench:\n  name: Bench\n");
  for (let index = 0; index < count; index += 1) writeFileSync(path.join(dir, `${slugOf(index)}.md`), articleText(index, count, words));
}

export function articleText(index: number, count: number, words = 1_000): string {
  const random = randomFrom(index + 1);
  const anyOf = (list: string[]) => list[Math.floor(random() * list.length)] ?? "";
  const heading = () =>
    anyOf(sentences)
      .replace(/[^\w ]/g, "")
      .split(" ")
      .slice(0, 7)
      .join(" ");
  const paragraph = () => Array.from({ length: 4 }, () => anyOf(sentences)).join(" ");
  const blocks = [paragraph()];
  for (let sum = 0; sum < words - sectionWords / 2; sum = countWords(blocks.join(" "))) {
    blocks.push(`## ${heading()}`, paragraph(), paragraph(), anyOf(codeBlocks), `- ${anyOf(sentences)}\n- ${anyOf(sentences)}`);
  }
  const day = new Date(Date.UTC(2019, 0, 1 + (index % 2_500))).toISOString().slice(0, 10);
  const front = [
    `title: "${heading()}, ${index}"`,
    `description: "${paragraph().replace(/["\\]/g, "").slice(0, 140).padEnd(100, ".")}"`,
    `author: bench\ndate: ${day}`,
    `topics: [${[...new Set([anyOf(topics), anyOf(topics)])].join(", ")}]`,
    ...(index % 20 < 5 ? [`series: { name: Series ${Math.floor(index / 20)}, part: ${(index % 20) + 1} }`] : []),
    ...(index % 3 === 0 ? [`related: [${slugOf((index * 7 + 1) % count)}]`] : []),
  ];
  return `---\n${front.join("\n")}\n---\n\n${blocks.join("\n\n")}\n`;
}

/** Numbers from 0 to 1, always the same ones for a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
