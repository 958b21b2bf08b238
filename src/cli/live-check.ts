// The steps of `doctor --live-check`: sends the form at the public address, and finds the inquiry
// in the store. The site quarantines it as a live check.

import type { Config } from "../config.ts";
import { openStore } from "../startup.ts";
import { fields, hiddenFields } from "../inquiries/form.ts";
import { errorMessage } from "../log.ts";
import { OperatorError } from "../operator-error.ts";
import { href, urls } from "../urls.ts";

const timeoutMs = 10_000;

/** Returns a query with which no cache responds with a page of the previous version. */
const queryAt = (now: Date) => `?check=${now.getTime()}`;

export async function checkPages(site: URL, now: Date): Promise<string> {
  await request(site, urls.home + queryAt(now), 200);
  const { text } = await request(site, urls.articles + queryAt(now), 200);
  const anArticle = new RegExp(`href="(${href("article", { slug: "[a-z0-9-]+" })})"`);
  const article = anArticle.exec(text)?.[1];
  if (!article) failAt("page", "the list of articles has no link to one");
  await request(site, article + queryAt(now), 200);
  return `${site.origin} showed ${urls.home}, ${urls.articles} and ${article}`;
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
  await request(site, location, 200); // the redirect leads to the receipt
  await store.deleteLiveChecks(reference, now);
  return `${site.origin} stored ${reference}, which is deleted again`;
}

/**
 * Fills in the form: the text, or its beginning, is each answer that is no choice and no address.
 */
export function fillForm(text: string, address: string): URLSearchParams {
  const answers = fields.map(({ name, control, choices, maxLength }) => {
    const words = choices?.at(-1)?.value ?? text.slice(0, maxLength);
    return [name, control === "email" ? address : words];
  });
  return new URLSearchParams(answers);
}

/** Sends a request, and throws if the status isn't `expected`. Without that any status will do. */
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
