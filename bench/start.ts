// `npm run bench -- start`: the site as a process over 12 and 500 articles: when it listens, its memory, and the first request of each page
// after a start and after a save. The process has all cores, as it has on a server. Rounds are interleaved.

import { appendFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startProcess, type SiteProcess } from "../test/support/process.ts";
import { sent } from "../test/support/sent.ts";
import { temporaryFolder } from "../test/support/site.ts";
import { writeArticles } from "./articles.ts";
import { column, cpuMsOf, figure, ratios, type Part } from "./measure.ts";

const otherPages = ["/feed.atom", "/llms.txt", "/topics/java/feed.atom"];
const search = "/search?q=queue";
const articlesRequested = 12;
const slowestPages = new Set<string>();

/** Requests a page. Returns its text and the time in ms. */
async function read(site: SiteProcess, page: string): Promise<{ text: string; ms: number }> {
  const startedAt = performance.now();
  const { status, body } = await sent(site.origin + page, { "accept-encoding": "identity" });
  if (status !== 200) throw new Error(`${page}: ${status}`);
  return { text: body.toString(), ms: performance.now() - startedAt };
}

/** Requests the sitemap, every page in it but only some of the articles, and feeds. Returns the slowest. */
async function readPages(site: SiteProcess): Promise<{ page: string; ms: number }> {
  const { text, ms } = await read(site, "/sitemap.xml");
  const all = Array.from(
    text.matchAll(/<loc>[a-z]+:\/\/[^/]+([^<]*)<\/loc>/g),
    ([, page]) => page || "/",
  );
  const articles = all.filter((page) => page.startsWith("/articles/")).slice(0, articlesRequested);
  const times = [{ page: "/sitemap.xml", ms }];
  for (const page of [
    ...all.filter((page) => !page.startsWith("/articles/")),
    ...articles,
    ...otherPages,
  ])
    times.push({ page, ms: (await read(site, page)).ms });
  return times.reduce((slowest, time) => (time.ms > slowest.ms ? time : slowest));
}

/** Waits until the process has used little CPU for a second. */
async function settle({ child }: SiteProcess): Promise<void> {
  for (let used = Infinity, before = cpuMsOf(child); used > 20; before += used) {
    await sleep(1_000);
    used = cpuMsOf(child) - before;
  }
}

type Sample = Awaited<ReturnType<typeof sample>>;

async function sample(dir: string, saved: string, mark: string) {
  const articlesDir = path.join(dir, "articles");
  const startedAt = performance.now();
  const site = await startProcess({ ARTICLES_DIR: articlesDir, DATA_DIR: path.join(dir, "data") });
  const listening = performance.now() - startedAt;
  const cpu = cpuMsOf(site.child);
  const searching = read(site, search);
  const afterStart = await readPages(site);
  const firstSearch = (await searching).ms;
  await settle(site);
  const rss =
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${site.child.pid}/status`, "utf8"))?.[1]) /
    1_024;
  await appendFile(path.join(articlesDir, `${saved}.md`), `\n${mark}\n`);
  const savedAt = performance.now();
  while (!(await read(site, `/articles/${saved}`)).text.includes(mark)) await sleep(5);
  const shown = performance.now() - savedAt;
  const afterSave = await readPages(site);
  site.child.kill("SIGTERM");
  await site.exit;
  slowestPages.add(afterStart.page).add(afterSave.page);
  return {
    listening,
    cpu,
    rss,
    shown,
    firstSearch,
    afterStart: afterStart.ms,
    afterSave: afterSave.ms,
  };
}

export const run: Part = async ({ quick, many }) => {
  const { dir, remove } = await temporaryFolder();
  const sizes = (many ? [12, 500, 10_000] : [12, 500]).map((count) => {
    const folder = path.join(dir, `${count}`);
    const [saved = ""] = writeArticles(path.join(folder, "articles"), count);
    return { count, take: (mark: string) => sample(folder, saved, mark), samples: [] as Sample[] };
  });
  await sizes[0]?.take("Not counted."); // fills Node's compile cache
  for (let round = 0; round < (quick ? 1 : 7); round += 1)
    for (const { count, take, samples } of sizes)
      if (count <= 500 || round === 0) samples.push(await take(`Saved in round ${round}.`));
  await remove();
  const [few = [], more = []] = sizes.map(({ samples }) => samples);
  const ratio = (name: "listening" | "rss") => ratios(column(more, name), column(few, name));
  const bySize = sizes.flatMap(({ count, samples }) => {
    const line = (what: string, name: keyof Sample, atMost = NaN) =>
      figure(
        `${count} articles: ${what}`,
        column(samples, name),
        count <= 500 && atMost ? { atMost } : {},
      );
    return [
      line("listening, ms", "listening"),
      line("CPU until listening, ms", "cpu"),
      line("RSS, MB", "rss", count === 12 ? 200 : NaN),
      line("slowest first request after a start, ms", "afterStart", 50),
      line("slowest first request after a save, ms", "afterSave", 50),
      line("search right after a start, which waits for its index, ms", "firstSearch"),
      line("saved to shown, ms", "shown"),
    ];
  });
  return {
    intro: `As soon as the site listens, the sitemap, its pages (only ${articlesRequested} of the articles) and the feeds are requested.
RSS is that of the idle process afterwards. Saved files are noticed once a second. The slowest pages were ${[...slowestPages].join(", ")}.`,
    figures: [
      figure("listening, 500 articles ÷ 12", ratio("listening"), { digits: 2, atMost: 1.5 }),
      figure("RSS, 500 articles ÷ 12", ratio("rss"), { digits: 2, atMost: 1.3 }),
      ...bySize,
    ],
  };
};
