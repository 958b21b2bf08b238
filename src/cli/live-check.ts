// The steps of `doctor --live-check`: sends the form at the public address, and finds the inquiry
// in the store. The site quarantines it as a live check.

import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { Config } from "../config.ts";
import { openStore } from "../startup.ts";
import { listProblems, seenFromOutside } from "../inquiries/problems.ts";
import { fields, hiddenFields } from "../inquiries/form.ts";
import { errorMessage } from "../log.ts";
import { OperatorError } from "../operator-error.ts";
import { urls } from "../urls.ts";

const timeoutMs = 10_000;

/** With this query, a cache does not respond with a page of the previous version. */
const queryAt = (now: Date) => `?check=${now.getTime()}`;

/** In how many hours a timer must have started its job again. */
const timers = {
  "clean-systems-live-check": 1,
  "pull-articles": 1,
  "clean-systems-backup": 25,
  "clean-systems-daily-check": 25,
  certbot: 49,
  "apt-daily-upgrade": 49,
};

/** systemd leaves a stamp when it starts a job. */
export function stoppedTimers(now: Date, folder = "/var/lib/systemd/timers"): string[] {
  if (!existsSync(folder)) return []; // a container
  return Object.entries(timers).flatMap(([name, hours]) => {
    const stamp = statSync(`${folder}/stamp-${name}.timer`, { throwIfNoEntry: false });
    if (stamp && now.getTime() - stamp.mtimeMs < hours * 3_600_000) return [];
    return `${name}.timer has started nothing for ${hours} h: systemctl -q enable --now ${name}.timer`;
  });
}

/** What /problems lists, which it does only to its own machine, and what is wrong around the site. */
export async function findProblems(config: Config, now: Date): Promise<string[]> {
  const host = config.host.includes(":") ? `[${config.host}]` : config.host;
  const site = new URL(`http://${host}:${config.port}`);
  // In the container of the jobs the site doesn't listen, and its public address only says whether
  // there are problems. Those of the store are listed here then.
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

/** `deploy` may have been killed before this release had passed its checks. */
export function uncheckedRelease(now: Date, release = path.join(import.meta.dirname, "../..")) {
  const file = path.join(release, "../served.json"); // see ops/deploy.ts
  if (!existsSync(file) || now.getTime() - statSync(file).mtimeMs < 300_000) return [];
  const rows = JSON.parse(readFileSync(file, "utf8")) as { number: number; servedSince?: string }[];
  const number = Number(path.basename(release));
  const isGood = rows.some((row) => row.number === number && row.servedSince);
  return isGood ? [] : [`release ${number} has not passed its checks: deploy --back`];
}

export async function checkPages(site: URL, now: Date): Promise<string> {
  await request(site, urls.home + queryAt(now), 200);
  const { text } = await request(site, urls.articles + queryAt(now), 200);
  const article = /href="(\/articles\/[a-z0-9-]+)"/.exec(text)?.[1];
  if (!article) failAt("page", "the list of articles has no link to one");
  await request(site, article + queryAt(now), 200);
  return `${site.origin} showed /, ${urls.articles} and ${article}`;
}

export async function checkForm(site: URL, config: Config, now: Date): Promise<string> {
  const { text } = await request(site, urls.contact + queryAt(now), 200);
  const parts = [...fields.map(({ name }) => `name="${name}"`), 'method="post"', 'type="submit"'];
  const missing = parts.filter((part) => !text.includes(part)).join(", ");
  if (missing) failAt("form", `${urls.contact} is not the form; it lacks ${missing}`);
  const action = /<form [^>]*method="post" action="([^"]+)"/.exec(text)?.[1] ?? urls.contact;

  await using store = await openStore(config);
  const words = `Live check by doctor at ${now.toISOString()}, deleted at once`;
  const form = fillForm(words, "live-check@doctor.invalid");
  form.set(hiddenFields.liveCheck, "yes");
  const { location } = await request(site, action, 303, form);
  const reference = new URL(location, site).searchParams.get("ref") ?? "";
  const stored = await store.find({ reference });
  if (stored?.delivery.quarantineReason !== "live-check")
    failAt("store", `${reference} is not in the store of these settings as a live check`);
  await request(site, location, 200); // the receipt
  await store.deleteLiveChecks(reference, now);
  return `${site.origin} stored ${reference}, which is deleted again`;
}

/** The text, or its beginning, is each answer that is no choice and no address. */
export function fillForm(text: string, address: string): URLSearchParams {
  const answers = fields.map(({ name, control, choices, maxLength }) => {
    const words = choices?.at(-1)?.value ?? text.slice(0, maxLength);
    return [name, control === "email" ? address : words];
  });
  return new URLSearchParams(answers);
}

/** Without `expected`, any status will do. */
export async function request(site: URL, path: string, expected?: number, body?: URLSearchParams) {
  const url = new URL(path, site);
  const method = body ? "POST" : "GET";
  const what = `${method} ${url.pathname}`;
  const signal = AbortSignal.timeout(timeoutMs);
  const sentHeaders = { Origin: url.origin };
  const respond = async () => {
    const sent = {
      method,
      body: body ?? null,
      headers: sentHeaders,
      redirect: "manual" as const,
      signal,
    };
    const response = await fetch(url, sent);
    const location = response.headers.get("location") ?? "";
    const { status, headers } = response;
    return { status, location, headers, text: await response.text() };
  };
  const response = await respond().catch((error: unknown) =>
    failAt("HTTP", `${what} got no response: ${errorMessage(error)}`),
  );
  if (expected && response.status !== expected)
    failAt("HTTP", `${what} returned ${response.status} instead of ${expected}`);
  return response;
}

function failAt(step: string, why: string): never {
  throw new OperatorError(`live check failed at ${step}: ${why}.`);
}
