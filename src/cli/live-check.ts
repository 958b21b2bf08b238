// The steps of `doctor --live-check`: sends the form at the public address, and finds the inquiry
// in the store. The site quarantines it with `liveCheckReason`.

import { existsSync, statSync } from "node:fs";
import { company } from "../company.ts";
import type { Config } from "../config.ts";
import { openStore } from "./setup.ts";
import { fields, hiddenFields } from "../inquiries/form.ts";
import { liveCheckReason } from "../inquiries/inquiry.ts";
import type { Store } from "../inquiries/store/interface.ts";
import { reasonOf } from "../log.ts";
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

/** Returns a sentence for each timer that is stopped: systemd leaves a stamp when it starts a job. */
export function stoppedTimers(now: Date, folder = "/var/lib/systemd/timers"): string[] {
  if (!existsSync(folder)) return []; // a container
  return Object.entries(timers).flatMap(([name, hours]) => {
    const stamp = statSync(`${folder}/stamp-${name}.timer`, { throwIfNoEntry: false });
    if (stamp && now.getTime() - stamp.mtimeMs < hours * 3_600_000) return [];
    return `${name}.timer has started nothing for ${hours} h: systemctl enable --now ${name}.timer`;
  });
}

/**
 * Returns what /health lists, which it does only to programs of its own machine, and what is wrong
 * around the site.
 */
export async function findProblems(config: Config, now: Date): Promise<string[]> {
  const around = config.production ? [...stoppedTimers(now), ...unfinishedDeployment(now)] : [];
  return [...(await healthProblems(config)), ...around];
}

/** `deploy` removes this file of a release once it has checked it, which takes less than five minutes. */
function unfinishedDeployment(now: Date): string[] {
  const outcome = statSync(".outcome", { throwIfNoEntry: false });
  if (!outcome || now.getTime() - outcome.mtimeMs < 300_000) return [];
  return ["a deployment was not finished: see deploy --list, then run deploy --back"];
}

async function healthProblems({ host, port }: Config): Promise<string[]> {
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}/health`;
  const signal = AbortSignal.timeout(timeoutMs);
  const response = await fetch(url, { signal }).catch((error: unknown) =>
    failAt("HTTP", `${url} got no response: ${reasonOf(error)}`),
  );
  return response.ok ? [] : (await response.text()).trim().split("\n");
}

/**
 * Requests the home page and an article. Returns what was checked. Throws an OperatorError that
 * names the step that failed.
 */
export async function checkPages(site: URL, now: Date): Promise<string> {
  const { text } = await request(site, urls.home + queryAt(now), 200);
  const article = /href="(\/articles\/[a-z0-9-]+)"/.exec(text)?.[1];
  if (!article) failAt("page", "the home page has no link to an article");
  await request(site, article + queryAt(now), 200);
  return `${site.origin} showed / and ${article}`;
}

/**
 * Sends an inquiry, finds it in the store and deletes it. Returns what was checked. Throws an
 * OperatorError that names the step that failed.
 */
export async function checkForm(site: URL, config: Config, now: Date): Promise<string> {
  const page = await request(site, urls.contact + queryAt(now), 200);
  if (!page.text.includes(company.name))
    failAt("page", `the page at ${site.origin} does not name ${company.name}`);
  const names = fields.map(({ name }) => name);
  const missing = names.filter((name) => !page.text.includes(`name="${name}"`));
  if (missing.length > 0)
    failAt("form", `${urls.contact} is not the form; it lacks ${missing.join(", ")}`);
  const action = /<form [^>]*method="post" action="([^"]+)"/.exec(page.text)?.[1];
  if (!action) failAt("form", "the form does not say where it is sent");
  if (!/<button [^>]*type="submit"/.test(page.text))
    failAt("form", "the form has no submit button");

  const store = await openStore(config);
  try {
    const text = `Live check by doctor at ${now.toISOString()}, deleted at once`;
    const form = fillForm(text, "live-check@doctor.invalid");
    form.set(hiddenFields.liveCheck, "yes");
    const sent = await request(site, action, 303, form);
    const reference = await findAndDelete(store, site, new URL(sent.location, site), now);
    return `${site.origin} stored ${reference}, which is deleted again`;
  } finally {
    await store.close();
  }
}

/** Returns a form with this text, or its beginning, as each answer that is no choice and no address. */
export function fillForm(text: string, address: string): URLSearchParams {
  const form = new URLSearchParams();
  for (const { name, control, choices, maxLength } of fields)
    form.set(
      name,
      control === "email" ? address : (choices?.at(-1)?.value ?? text.slice(0, maxLength)),
    );
  return form;
}

async function findAndDelete(
  store: Store,
  site: URL,
  { pathname, search, searchParams }: URL,
  now: Date,
): Promise<string> {
  const reference = searchParams.get("ref") ?? "";
  const stored = await store.find({ reference });
  if (!stored)
    failAt("store", `the site confirmed ${reference}, which is not in the store of these settings`);
  if (stored.state !== "quarantined" || stored.quarantineReason !== liveCheckReason)
    failAt("store", `${reference} was treated as a visitor's: is the site another version?`);
  try {
    await request(site, pathname + search, 200); // the receipt
  } finally {
    await store.deleteLiveChecks(reference, now);
  }
  return reference;
}

/** Sends a GET, or a POST with a body. Throws an OperatorError unless the status is as expected. */
export async function request(site: URL, path: string, expected: number, body?: URLSearchParams) {
  const method = body ? "POST" : "GET";
  const url = new URL(path, site);
  const what = `${method} ${url.pathname}`;
  const response = await fetch(url, {
    method,
    body: body ?? null,
    headers: { Origin: site.origin },
    redirect: "manual",
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((error: unknown) => failAt("HTTP", `${what} got no response: ${reasonOf(error)}`));
  if (response.status !== expected)
    failAt("HTTP", `${what} returned ${response.status} instead of ${expected}`);
  const text = await response
    .text()
    .catch((error: unknown) => failAt("HTTP", `${what} was cut off: ${reasonOf(error)}`));
  return { text, location: response.headers.get("location") ?? "" };
}

function failAt(step: string, why: string): never {
  throw new OperatorError(`live check failed at ${step}: ${why}.`);
}
