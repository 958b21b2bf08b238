// The site with 12 and with 500 articles: when it listens, its memory, and the slowest first page,
// compared with itself, with its packages alone, and with an EJS app that serves the same pages.

import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fixedPages } from "../src/web/pages.ts";
import { freePort, megabytesOf, startProcess } from "../test/support/process.ts";
import { temporaryFolder } from "../test/support/site.ts";
import { figures, inBench, requestAll } from "./measure.ts";

const slugsIn = (dir: string) =>
  readdirSync(dir).flatMap((name) => /^([a-z].*)\.md$/.exec(name)?.[1] ?? []);

/** Writes so many articles: those of this repository, and copies with other names. */
export function writeArticles(dir: string, count: number): void {
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

/** Returns the packages that the process imports at the start. */
function importedPackages(): string[] {
  const files = readdirSync(inBench("../src"), { recursive: true, encoding: "utf8" });
  const names = files
    .filter((name) => name.endsWith(".ts") && !/^cli\/|postgres\.ts$/.test(name)) // loaded if needed
    .flatMap((name) => [
      ...readFileSync(inBench(`../src/${name}`), "utf8").matchAll(
        /^import (?!type\b)[^;]*?from "([^."][^"]*)";/gm,
      ),
    ]);
  return [...new Set(names.flatMap(([, name]) => name ?? []))];
}

/** Starts a process, requests pages, and ends it. */
async function sample(paths: string[], env: Record<string, string>, command?: string[]) {
  const startedAt = performance.now();
  const server = await startProcess(env, command);
  const listeningMs = performance.now() - startedAt;
  const { pages, slowestMs } = await requestAll(server, paths);
  const memory = megabytesOf(server.child);
  await server.stop(); // keeps what it compiled
  return { listeningMs, pages, slowestMs, memory };
}

export async function measureStart(): Promise<string[]> {
  const { dir } = await temporaryFolder({ onDisk: true });
  const settingsWith = (count: number) => {
    const env = { ARTICLES_DIR: path.join(dir, `${count}`), DATA_DIR: path.join(dir, "data") };
    writeArticles(env.ARTICLES_DIR, count);
    return env;
  };
  const [with12, with500] = [settingsWith(12), settingsWith(500)];
  const paths = [
    ...fixedPages.map((page) => page.path),
    ...slugsIn(with12.ARTICLES_DIR).map((slug) => `/articles/${slug}`),
  ];
  const other = async (kind: string, content: unknown) => {
    const file = path.join(dir, `${kind}.json`);
    writeFileSync(file, JSON.stringify(content));
    const asTheSite = ["--require", "./src/check-node.cjs"]; // compiles once
    return [
      process.execPath,
      ...asTheSite,
      inBench("servers.js"),
      kind,
      `${await freePort()}`,
      file,
    ];
  };
  const { pages } = await sample(paths, with12);
  const headers = { "content-type": "text/html; charset=utf-8" };
  return figures(async () => {
    const imports = await sample([], {}, await other("imports", importedPackages()));
    const ejs = await sample(paths, {}, await other("ejs", { headers, pages }));
    const [few, many] = [await sample(paths, with12), await sample(paths, with500)];
    return {
      "listening, the site ÷ a process with the same packages, goal ≤ 1.7":
        few.listeningMs / imports.listeningMs,
      "memory after every page, the site ÷ the EJS app, goal ≤ 1.6": few.memory / ejs.memory,
      "listening, 500 articles ÷ 12, goal ≤ 1.5": many.listeningMs / few.listeningMs,
      "memory, 500 articles ÷ 12, goal ≤ 1.3": many.memory / few.memory,
      "slowest first page, 500 articles ÷ 12, goal ≤ 1.5": many.slowestMs / few.slowestMs,
      "12 articles: listening, ms": few.listeningMs,
      "12 articles: memory after every page, MB": few.memory,
      "12 articles: slowest first page, ms": few.slowestMs,
    };
  });
}
