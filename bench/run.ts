// `npm run bench [-- NAME…]`: the benchmarks one after the other, or those that are named. What each answers is printed and becomes its
// section of docs/benchmarks.md, with the machine and the day.

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { machine, MissingError } from "./measure.ts";

const all = ["pages", "start", "posts", "weight", "first-text"];
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`no such benchmark: ${unknown.join(", ")}; there are ${all.join(", ")}`);
  process.exit(2);
}

const file = path.resolve(import.meta.dirname, "../docs/benchmarks.md");
const title =
  "# Benchmarks\n\nWritten by `npm run bench`; each section by `npm run bench -- NAME`, with the machine and the day it ran on.";

/** The file with one section replaced; the others stay, in the order of `all`. */
function withSection(text: string, name: string, section: string): string {
  const sections = new Map(text.split(/^(?=## )/m).map((part) => [/^## (.+)/.exec(part)?.[1], part.trim()]));
  sections.set(name, section);
  return [title, ...all.flatMap((one) => sections.get(one) ?? [])].join("\n\n") + "\n";
}

function written(): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

for (const name of wanted.length > 0 ? wanted : all) {
  try {
    const startedAt = performance.now();
    const { run } = (await import(`./${name}.ts`)) as { run: () => Promise<string> };
    const section = `## ${name}\n\n${await run()}\n\n${machine()}`;
    writeFileSync(file, withSection(written(), name, section));
    console.log(`\n${section}\n\n(${Math.round((performance.now() - startedAt) / 1_000)} s)`);
  } catch (error) {
    if (!(error instanceof MissingError)) throw error;
    console.error(`\nSKIPPED: ${name}: ${error.message}`);
    process.exitCode = 1;
  }
}
