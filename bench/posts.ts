// Durable posts a second on one core, and the response times of readers meanwhile.

import { temporaryFolder } from "../test/support/site.ts";
import { articlePath, figure, load, startSite, stopServer, type Part } from "./measure.ts";

const seconds = 3;

export const measurePosts: Part = async (rounds) => {
  const perSecond: number[] = [];
  const p99: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { dir, remove } = await temporaryFolder();
    const noLimits = { INQUIRIES_PER_10_MINUTES: "0", INQUIRIES_PER_HOUR_TOTAL: "0" };
    const site = await startSite({ DATA_DIR: dir, ...noLimits });
    const [posts, reads] = await Promise.all([
      load(site, { paths: ["/contact"], post: true }, seconds, 64),
      load(site, { paths: [articlePath] }, seconds, 4),
    ]);
    perSecond.push(posts.count / seconds);
    p99.push(reads.p99);
    await stopServer(site);
    await remove();
  }
  return [
    figure("durable posts a second", perSecond, "≥ 1,000"),
    figure("readers' p99 meanwhile, ms", p99),
  ];
};
