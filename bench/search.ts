// The CPU time of a search: the worst of several queries in this process, and a whole request
// compared with another page that is rendered for each request.

import path from "node:path";
import { openLibrary } from "../src/articles/library.ts";
import { startProcess } from "../test/support/process.ts";
import { temporaryFolder } from "../test/support/site.ts";
import { cpuPerRequest, figures, inBench } from "./measure.ts";
import { writeArticles } from "./start.ts";

const queries = [
  "java",
  "the",
  "the ".repeat(50),
  "queue ".repeat(30),
  "the and for that with this from qqqq",
  "configurationn transactionn performancee the and for with this",
  "aaaaaaaa bbbbbbbb cccccccc co de re in st",
];
const rounds = 20;

/** Returns the CPU time in ms of the query that takes longest. */
async function worstOf(dir: string): Promise<number> {
  const library = openLibrary(dir);
  const now = new Date();
  await library.search("", now, { max: 1 }); // waits for the index
  const times: number[] = [];
  for (const query of queries) {
    const before = process.cpuUsage();
    for (let round = 0; round < rounds; round += 1) await library.search(query, now, { max: 20 });
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1_000 / rounds);
  }
  return Math.max(...times);
}

export async function measureSearch(): Promise<string[]> {
  const { dir } = await temporaryFolder({ onDisk: true });
  const many = path.join(dir, "500");
  writeArticles(many, 500);
  const site = await startProcess({ DATA_DIR: path.join(dir, "data") });
  const headers = { "accept-encoding": "br" };
  const cpu = (address: string) => cpuPerRequest(site, { paths: [address], headers });
  const measureAll = async () => ({
    "worst query in process, ms, goal ≤ 3": await worstOf(inBench("../articles")),
    "500 articles: worst query in process, ms, goal ≤ 12": await worstOf(many),
    "whole request, CPU of the search ÷ /contact?kind=release, goal ≤ 2.5":
      (await cpu(`/search?q=${encodeURIComponent(queries[5] ?? "")}`)) /
      (await cpu("/contact?kind=release")),
  });
  await measureAll(); // warms up
  return figures(measureAll);
}
