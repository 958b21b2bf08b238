// `npm run bench -- start`: the site as a process over 10, 1,000 and 10,000 articles. How soon it listens, the first time and later ones; what
// it holds in memory; how soon an article is served the first time, and after it was saved. Here the process has all cores, as it has on a
// server. Rounds are interleaved.

import { once } from "node:events";
import { watch } from "node:fs";
import { appendFile, rm } from "node:fs/promises";
import { Agent, get, type IncomingMessage } from "node:http";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startProcess, type SiteProcess } from "../test/support/process.ts";
import { temporaryFolder } from "../test/support/site.ts";
import { randomFrom, slugOf, writeArticles } from "./articles.ts";
import { cpuMsOf, goals, median, memoryOf, shown, spread, table } from "./measure.ts";

const sizes = [10, 1_000, 10_000];
const rounds = 3;
const hits = 50;
const saves = 5;
const hitsAfterSaving = 8;
const longestSettleMs = 60_000; // of warming; what takes longer is measured as it is then

const figures = [
  "firstStart",
  "laterStart",
  "rss",
  "rssMost",
  "rssSettled",
  "settled",
  "firstHit",
  "saved",
  "told",
  "hit",
  "hitAfterSaving",
] as const;
type Figures = Record<(typeof figures)[number], number[]>;

const agent = new Agent({ keepAlive: true });

/** The body and how long it took. The agent keeps one connection, so nothing of this is TCP. */
async function ask(site: SiteProcess, index: number): Promise<{ body: string; ms: number }> {
  const startedAt = performance.now();
  const [response] = (await once(get(`${site.origin}/articles/${slugOf(index)}`, { agent }), "response")) as [IncomingMessage];
  let body = "";
  for await (const chunk of response.setEncoding("utf8")) body += chunk;
  if (response.statusCode !== 200) throw new Error(`article ${index}: ${response.statusCode}`);
  return { body, ms: performance.now() - startedAt };
}

async function start(dir: string): Promise<{ site: SiteProcess; ms: number }> {
  const startedAt = performance.now();
  const site = await startProcess({ ARTICLES_DIR: path.join(dir, "articles"), DATA_DIR: path.join(dir, "data") });
  return { site, ms: performance.now() - startedAt };
}

async function stop({ child, exit }: SiteProcess): Promise<void> {
  child.kill("SIGTERM");
  await exit;
}

/** Waits until the process has used no CPU for a second; answers when that second began. */
async function settle({ child }: SiteProcess): Promise<number> {
  const startedAt = performance.now();
  let quietSince = startedAt;
  for (let before = cpuMsOf(child); performance.now() - quietSince < 1_000; await sleep(100)) {
    const used = cpuMsOf(child);
    if (used > before) quietSince = performance.now();
    before = used;
    if (quietSince - startedAt > longestSettleMs) break;
  }
  return quietSince - startedAt;
}

/** Saves an article and asks for it every millisecond until the new page is there. Nobody else asks meanwhile. */
async function save(site: SiteProcess, dir: string, index: number, mark: string): Promise<{ saved: number; told: number }> {
  const articles = path.join(dir, "articles");
  let toldAt = Infinity;
  // What the file system tells is heard as the site hears it, but by a process that has nothing else to do.
  const watcher = watch(articles, () => (toldAt = Math.min(toldAt, performance.now())));
  const savedAt = performance.now();
  await appendFile(path.join(articles, `${slugOf(index)}.md`), `\n${mark}\n`);
  while (!(await ask(site, index)).body.includes(mark)) await sleep(1);
  const servedAt = performance.now();
  watcher.close();
  return { saved: servedAt - savedAt, told: servedAt - toldAt };
}

async function measureLaterStart(dir: string, size: number, taken: Figures, round: number): Promise<void> {
  const { site, ms } = await start(dir);
  const { now, most } = memoryOf(site.child);
  const settledMs = await settle(site);
  taken.laterStart.push(ms);
  taken.rss.push(now);
  taken.rssMost.push(most);
  taken.settled.push(settledMs);
  taken.rssSettled.push(memoryOf(site.child).now);

  const random = randomFrom(round);
  const some = [...new Set(Array.from({ length: hits }, () => Math.floor(random() * size)))];
  for (const index of some) taken.firstHit.push((await ask(site, index)).ms);
  const [saved = 0, ...others] = some;
  for (const index of others) taken.hit.push((await ask(site, index)).ms);
  for (let count = 0; count < saves; count += 1) {
    const waited = await save(site, dir, saved, `Saved ${round}-${count}.`);
    taken.saved.push(waited.saved);
    taken.told.push(waited.told);
    for (const index of others.slice(0, hitsAfterSaving)) taken.hitAfterSaving.push((await ask(site, index)).ms);
  }
  await stop(site);
}

export async function run(): Promise<string> {
  const { dir, remove } = await temporaryFolder();
  const all = new Map<number, Figures>();
  for (const size of sizes) {
    writeArticles(path.join(dir, `${size}/articles`), size);
    all.set(size, Object.fromEntries(figures.map((name) => [name, [] as number[]])) as Figures);
  }
  await stop((await start(path.join(dir, "10"))).site); // Node's compile cache and the disk's are warm from here on
  for (let round = 0; round < rounds; round += 1) {
    for (const [size, taken] of all) {
      const folder = path.join(dir, `${size}`);
      await rm(path.join(folder, "data"), { recursive: true, force: true });
      const { site, ms } = await start(folder);
      taken.firstStart.push(ms);
      await settle(site);
      await stop(site);
      await measureLaterStart(folder, size, taken, round);
    }
  }
  agent.destroy();
  await remove();
  return report(all);
}

function report(all: Map<number, Figures>): string {
  const worst = (values: number[], digits = 1) => `${shown(median(values), digits)} (max ${shown(Math.max(...values), digits)})`;
  const rows: [string, (taken: Figures) => string][] = [
    ["listening, first start (empty `DATA_DIR`), ms", ({ firstStart }) => spread(firstStart)],
    ["listening, later start, ms", ({ laterStart }) => spread(laterStart)],
    ["RSS when listening, MB", ({ rss }) => spread(rss)],
    ["the most until then, MB", ({ rssMost }) => spread(rssMost)],
    ["idle again after, ms", ({ settled }) => spread(settled)],
    ["RSS when idle, MB", ({ rssSettled }) => spread(rssSettled)],
    ["first hit of an article, ms", ({ firstHit }) => worst(firstHit)],
    ["saved to served, ms", ({ saved }) => worst(saved)],
    ["from when the file system tells, ms", ({ told }) => worst(told)],
    ["hit of another, kept page, ms", ({ hit }) => worst(hit, 2)],
    ["the same just after one article was saved, ms", ({ hitAfterSaving }) => worst(hitAfterSaving, 2)],
  ];
  const cells = rows.map(([what, cell]) => [what, ...[...all.values()].map(cell)]);
  const [few, , many] = [...all.values()] as [Figures, Figures, Figures];
  const ratio = (name: keyof Figures) => median(many[name]) / median(few[name]);
  return [
    `${rounds} rounds, interleaved; medians (min to max).`,
    table(["articles", ...sizes.map((size) => shown(size))], cells),
    goals([
      { what: "listening, later start, 10,000 articles × 10", measured: ratio("laterStart"), goal: 1.5 },
      { what: "RSS when listening, 10,000 × 10", measured: ratio("rss"), goal: 1.5 },
      { what: "RSS when idle, 10,000 × 10", measured: ratio("rssSettled"), goal: 1.5 },
      { what: "slowest first hit at 10,000, ms", measured: Math.max(...many.firstHit), goal: 100, digits: 0 },
      { what: "saved to served at 10,000 after the file system tells, median, ms", measured: median(many.told), goal: 100, digits: 0 },
    ]),
    "Times include Node's own start and, for the saves, the 20 ms that the site waits for an editor to finish.",
  ].join("\n\n");
}
