// Measures how many forms a second are stored durably and get their receipt, compared with a
// minimal form on the same core.

import path from "node:path";
import { startProcess } from "../test/support/process.ts";
import { temporaryFolder } from "../test/support/site.ts";
import { figures, load, startOther, type Server } from "./measure.ts";

const seconds = 3;

async function rateOf(server: Server): Promise<number> {
  const count = await load(server, { paths: ["/contact"], post: true }, seconds);
  server.child.kill("SIGKILL");
  return count / seconds;
}

export const measurePosts = () =>
  figures(async () => {
    const { dir } = await temporaryFolder({ onDisk: true });
    const noLimits = { INQUIRIES_PER_10_MINUTES: "0", INQUIRIES_PER_HOUR_TOTAL: "0" };
    const minimal = await rateOf(await startOther("posts", path.join(dir, "minimal.db")));
    const site = await rateOf(await startProcess({ DATA_DIR: dir, ...noLimits }));
    return {
      "durable posts, rate of the site ÷ a minimal form": site / minimal,
      "durable posts a second": site,
    };
  });
