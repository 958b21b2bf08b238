// What a form, its receipt, /readyz and a pass of the worker cost with 20,000 stored inquiries of
// 20 KB, compared with ten.

import { sent } from "../test/support/sent.ts";
import { buildTestSite, postForm } from "../test/support/site.ts";
import { fillStore } from "../test/support/store.ts";
import { figures } from "./measure.ts";

const repeats = 40;

/** Builds a site that has stored so many inquiries: a fifth is quarantined, the others answered. */
async function siteWith(count: number) {
  const env = { INQUIRIES_PER_10_MINUTES: "0", INQUIRIES_PER_HOUR_TOTAL: "0" };
  const site = await buildTestSite({ env });
  fillStore(site.config.storeSettings.file, count, 5, 20_000);
  return site;
}

type Site = Awaited<ReturnType<typeof siteWith>>;
let number = 0;

const actions: Record<string, (site: Site) => Promise<unknown>> = {
  "a form": (site) => postForm(site, { message: `project ${(number += 1)}` }),
  "the receipt": ({ origin }) => sent(`${origin}/contact/received?ref=CS-1`, {}),
  "/readyz": ({ origin }) => sent(`${origin}/readyz`, {}),
  async "a pass"({ clock, worker }) {
    clock.now = new Date(clock.now.getTime() + 60_000);
    await worker.pass();
  },
};

async function cpuOf(site: Site, action: (site: Site) => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  for (let time = 0; time < repeats; time += 1) await action(site);
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

export async function measureStore(): Promise<string[]> {
  const [few, many] = [await siteWith(10), await siteWith(20_000)];
  for (const action of Object.values(actions)) await cpuOf(few, action); // compiles the code
  return figures(async () => {
    const ratios: Record<string, number> = {};
    for (const [what, action] of Object.entries(actions))
      ratios[`${what}, with 20,000 inquiries ÷ with ten, goal ≤ 1.5`] =
        (await cpuOf(many, action)) / (await cpuOf(few, action));
    return ratios;
  });
}
