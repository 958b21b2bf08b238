// What is wrong on the machine of the site: what /problems lists, which it does only there, timers
// that have stopped, and a release that has not passed its checks.

import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { Config } from "../config.ts";
import { listProblems, seenFromOutside } from "../inquiries/problems.ts";
import { openStore } from "../startup.ts";
import { urls } from "../urls.ts";
import { request } from "./live-check.ts";

/** The timers, and in how many hours each must have started its job again. */
const timers = {
  "clean-systems-live-check": 1,
  "pull-articles": 1,
  "clean-systems-backup": 25,
  "clean-systems-daily-check": 25,
  certbot: 49,
  "apt-daily-upgrade": 49,
};

/** Returns what is wrong with timers, by the stamps that systemd leaves when it starts a job. */
export function stoppedTimers(now: Date, folder = "/var/lib/systemd/timers"): string[] {
  if (!existsSync(folder)) return []; // a container has no timers
  return Object.entries(timers).flatMap(([name, hours]) => {
    const stamp = statSync(`${folder}/stamp-${name}.timer`, { throwIfNoEntry: false });
    if (stamp && now.getTime() - stamp.mtimeMs < hours * 3_600_000) return [];
    return `${name}.timer has started nothing for ${hours} h: systemctl -q enable --now ${name}.timer`;
  });
}

export async function findProblems(config: Config, now: Date): Promise<string[]> {
  const host = config.host.includes(":") ? `[${config.host}]` : config.host;
  const site = new URL(`http://${host}:${config.port}`);
  // The site doesn't listen in the container of the jobs, and its public address only says whether
  // there are problems. So those of the store are listed here.
  const { status, text } = await request(site, urls.problems).catch(() =>
    request(new URL(config.siteUrl), urls.problems),
  );
  const problems = status === 200 ? [] : text.trim().split("\n");
  if (problems[0] === seenFromOutside) problems.push(...(await problemsOfStore(config, now)));
  if (!config.production) return problems;
  return [...problems, ...uncheckedRelease(now), ...stoppedTimers(now)];
}

async function problemsOfStore(config: Config, now: Date): Promise<string[]> {
  await using store = await openStore(config);
  const problems = listProblems(await store.summary(now), now, config.command);
  return problems.length > 0
    ? problems
    : ["only the site's own container can name them: site doctor --live-check"];
}

/** Returns what is wrong if `deploy` was killed before this release had passed its checks. */
export function uncheckedRelease(now: Date, release = path.join(import.meta.dirname, "../..")) {
  const file = path.join(release, "../served.json"); // ops/deploy.ts writes this file
  if (!existsSync(file) || now.getTime() - statSync(file).mtimeMs < 300_000) return [];
  const rows = JSON.parse(readFileSync(file, "utf8")) as { number: number; servedSince?: string }[];
  const number = Number(path.basename(release));
  const isGood = rows.some((row) => row.number === number && row.servedSince);
  return isGood ? [] : [`release ${number} has not passed its checks: deploy --back`];
}
