// What a form, its receipt, /readyz and a pass of the worker cost with 20,000 stored inquiries of
// 20 KB, compared with ten.

import { DatabaseSync } from "node:sqlite";
import { postForm } from "../test/support/post.ts";
import { sent } from "../test/support/sent.ts";
import { buildTestSite, tuesday } from "../test/support/site.ts";
import { figures } from "./measure.ts";

const repeats = 40;

/** Builds a site that has stored so many inquiries: a fifth is quarantined, the others answered. */
async function siteWith(count: number) {
  const env = { INQUIRIES_PER_10_MINUTES: "0", INQUIRIES_PER_HOUR_TOTAL: "0" };
  const site = await buildTestSite({ env });
  using database = new DatabaseSync(site.config.storeSettings.file);
  database
    .prepare(
      `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1)
      INSERT INTO inquiries (reference, token, message_id, content_key, mailbox, answers,
        source_slug, source_title, received_at, answer_by, state, quarantine_reason,
        email_fault, waiting_since, due_at, sent_at, listed_at, progress, progress_at)
      SELECT 'CS-' || n, 'token' || n, '<' || n || '>', 'key' || n, n || '@b.dk',
        json_object('message', hex(zeroblob(10000))), '', '', ?2 - n, ?2,
        iif(n % 5, 'sent', 'quarantined'), iif(n % 5, '', 'links in forum markup'), '', ?2 - n, ?2,
        iif(n % 5, ?2, NULL), ?2, iif(n % 5, 'answered', 'open'), ?2 FROM numbers`,
    )
    .run(count, tuesday.getTime());
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
  const lines = await figures(async () => {
    const ratios: Record<string, number> = {};
    for (const [what, action] of Object.entries(actions))
      ratios[`${what}, with 20,000 inquiries ÷ with ten, goal ≤ 1.5`] =
        (await cpuOf(many, action)) / (await cpuOf(few, action));
    return ratios;
  });
  await few.close();
  await many.close();
  return lines;
}
