// `npm run bench -- start`: the site as a process over 12, 500 and 10,000 articles: how long and how much CPU it needs until it listens, its
// memory when it is idle, and how long the first request of a page takes after a start and after a save. The process may use all cores, as on
// a server. Rounds are interleaved.

import { once } from "node:events";
import { appendFile } from "node:fs/promises";
import { Agent, get, type IncomingMessage } from "node:http";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startProcess, type SiteProcess } from "../test/support/process.ts";
import { temporaryFolder } from "../test/support/site.ts";
import { randomFrom, slugOf, writeArticles } from "./articles.ts";
import { cpuMsOf, goals, median, memoryOf, shown, spread, table } from "./measure.ts";

const sizes = [12, 500, 10_000];
const rounds = 3;
const hits = 50;
const maxSettleMs = 60_000; // a process that works for longer is measured as it is then

const figures = ["listening", "cpu", "settled", "rss", "firstHit", "hit", "saved", "hitAfterSaving"] as const;
type Figures = Record<(typeof figures)[number], number[]>;

const agent = new Agent({ keepAlive: true });

/** Returns the body and how long the request took, without a new TCP connection. */
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

/** Waits until the process has used no CPU for a second. Returns after how many milliseconds that second began. */
async function settle({ child }: SiteProcess): Promise<number> {
  const startedAt = performance.now();
  let quietSince = startedAt;
  for (let before = cpuMsOf(child); performance.now() - quietSince < 1_000; await sleep(100)) {
    const used = cpuMsOf(child);
    if (used > before) quietSince = performance.now();
    before = used;
    if (quietSince - startedAt > maxSettleMs) break;
  }
  return quietSince - startedAt;
}

/** Saves an article and requests it until the new page is served. Returns after how many milliseconds that is. */
async function save(site: SiteProcess, dir: string, index: number, mark: string): Promise<number> {
  const savedAt = performance.now();
  await appendFile(path.join(dir, "articles", `${slugOf(index)}.md`), `\n${mark}\n`);
  while (!(await ask(site, index)).body.includes(mark)) await sleep(5);
  return performance.now() - savedAt;
}

async function measure(dir: string, size: number, taken: Figures, round: number): Promise<void> {
  const { site, ms } = await start(dir);
  taken.listening.push(ms);
  taken.cpu.push(cpuMsOf(site.child));
  taken.settled.push(await settle(site));
  taken.rss.push(memoryOf(site.child).now);

  const random = randomFrom(round);
  const some = [...new Set(Array.from({ length: hits }, () => Math.floor(random() * size)))];
  for (const index of some) taken.firstHit.push((await ask(site, index)).ms);
  for (const index of some) taken.hit.push((await ask(site, index)).ms);
  taken.saved.push(await save(site, dir, some[0] ?? 0, `Saved ${round}.`));
  for (const index of some.slice(1)) taken.hitAfterSaving.push((await ask(site, index)).ms);
  await stop(site);
}

export async function run(): Promise<string> {
  const { dir, remove } = await temporaryFolder();
  const all = new Map<number, Figures>();
  for (const size of sizes) {
    writeArticles(path.join(dir, `${size}/articles`), size);
    all.set(size, Object.fromEntries(figures.map((name) => [name, [] as number[]])) as Figures);
  }
  await stop((await start(path.join(dir, `${sizes[0]}`))).site); // fills Node's compile cache
  for (let round = 0; round < rounds; round += 1)
    for (const [size, taken] of all) await measure(path.join(dir, `${size}`), size, taken, round);
  agent.destroy();
  await remove();
  return report(all);
}

function report(all: Map<number, Figures>): string {
  const worst = (values: number[]) => `${shown(median(values), 1)} (max ${shown(Math.max(...values), 1)})`;
  const rows: [string, (taken: Figures) => string][] = [
    ["listening after, ms", ({ listening }) => spread(listening)],
    ["CPU until then, ms", ({ cpu }) => spread(cpu)],
    ["idle after, ms", ({ settled }) => spread(settled)],
    ["RSS when idle and warm, MB", ({ rss }) => spread(rss)],
    ["first request of an article, ms", ({ firstHit }) => worst(firstHit)],
    ["later request, ms", ({ hit }) => worst(hit)],
    ["first request of another article after a save, ms", ({ hitAfterSaving }) => worst(hitAfterSaving)],
    ["saved to served, ms", ({ saved }) => worst(saved)],
  ];
  const cells = rows.map(([what, cell]) => [what, ...[...all.values()].map(cell)]);
  const [few, some] = [...all.values()] as [Figures, Figures];
  const ratio = (name: keyof Figures) => median(some[name]) / median(few[name]);
  return [
    `${rounds} rounds, interleaved; medians (min to max).`,
    table(["articles", ...sizes.map((size) => shown(size))], cells),
    goals([
      { what: "listening, 500 articles ÷ 12", measured: ratio("listening"), goal: 1.5 },
      { what: "CPU until listening, 500 articles ÷ 12", measured: ratio("cpu"), goal: 1.5 },
      { what: "RSS when idle and warm, 12 articles, MB", measured: median(few.rss), goal: 200, digits: 0 },
      { what: "RSS when idle and warm, 500 articles ÷ 12", measured: ratio("rss"), goal: 1.3 },
      { what: "first request at 500 articles, median, ms", measured: median(some.firstHit), goal: 50, digits: 0 },
      { what: "first request after a save at 500 articles, median, ms", measured: median(some.hitAfterSaving), goal: 50, digits: 0 },
    ]),
    "Times include Node's own start. The site looks for changed files once a second.",
  ].join("\n\n");
}
