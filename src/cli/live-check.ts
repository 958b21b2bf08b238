// The steps of `npm run doctor -- --live-check`, which uses the public address like a visitor, and then looks into the store.

import { once } from "node:events";
import { isIP } from "node:net";
import { connect } from "node:tls";
import { company } from "../company.ts";
import type { Config } from "../config.ts";
import { fields, hiddenFields } from "../inquiries/form.ts";
import type { Store } from "../inquiries/store/store.ts";
import { reasonOf } from "../log.ts";
import { OperatorError } from "../operator-error.ts";
import { openConfiguredStore } from "../store-and-mail.ts";

const timeoutMs = 10_000;
const minCertificateDays = 14; // certificates are renewed a month before their end, so renewal has failed for two weeks

/** Sends an inquiry, finds it in the store and deletes it. Returns its reference. Throws an OperatorError that names the step that failed. */
export async function checkLive(site: URL, config: Config, now: Date): Promise<string> {
  if (site.protocol === "https:") await checkCertificate(site, now);
  const home = await request(site, "/", 200);
  if (!home.text.includes(company.name))
    failAt("page", `the page at ${site.origin} does not name ${company.name}`);
  const form = await request(site, `/contact?check=${now.getTime()}`, 200); // a cache may have the page of the release before, without a query
  const missing = fields
    .filter(({ name }) => !form.text.includes(`name="${name}"`))
    .map(({ name }) => name);
  if (missing.length > 0)
    failAt("form", `/contact is not the form; it lacks ${missing.join(", ")}`);
  const action =
    /<form [^>]*method="post" action="([^"]+)"/.exec(form.text)?.[1] ??
    failAt("form", "the form does not say where it is sent");

  const store = await openConfiguredStore(config);
  try {
    return await send(site, action, store, now);
  } finally {
    await store.close();
  }
}

async function send(site: URL, action: string, store: Store, now: Date): Promise<string> {
  const text = `Live check by npm run doctor at ${now.toISOString()}, deleted at once`;
  const form = new URLSearchParams({
    [hiddenFields.liveCheck]: await store.staff.issueLiveCheckToken(now),
  });
  for (const { name, control, choices } of fields)
    form.set(
      name,
      control === "email" ? "live-check@doctor.invalid" : (choices?.at(-1)?.value ?? text),
    );
  const sent = await request(site, action, 303, form);
  const { pathname, search, searchParams } = new URL(sent.location, site);
  const reference = searchParams.get("ref") ?? "";
  const stored = await store.inbox.find(reference);
  if (!stored)
    failAt(
      "store",
      `the site confirmed ${reference || "nothing"}, which is not in the store of these settings`,
    );
  if (stored.state !== "live-check")
    failAt(
      "store",
      `${reference} was treated as a visitor's inquiry: is the site another version?`,
    );
  try {
    await request(site, pathname + search, 200); // the receipt, which is a 404 for an unknown reference
  } finally {
    await store.staff.deleteLiveCheck(reference, now);
  }
  if (await store.inbox.find(reference)) failAt("store", `${reference} could not be deleted`);
  return reference;
}

async function checkCertificate({ hostname, port }: URL, now: Date): Promise<void> {
  const host = hostname.replace(/^\[|\]$/g, ""); // an IPv6 address is in brackets
  const socket = connect({ host, port: Number(port) || 443, servername: isIP(host) ? "" : host });
  try {
    await once(socket, "secureConnect", { signal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    failAt(
      "TLS",
      `${hostname} could not be reached, or its certificate is not accepted: ${reasonOf(error)}`,
    );
  }
  const end = new Date(socket.getPeerCertificate().valid_to);
  socket.destroy();
  const days = Math.floor((end.getTime() - now.getTime()) / 86_400_000);
  if (days < minCertificateDays)
    failAt(
      "TLS",
      `the certificate ends in ${days} days, on ${end.toISOString().slice(0, 10)}: see why it was not renewed`,
    );
}

async function request(
  site: URL,
  path: string,
  expected: number,
  body?: URLSearchParams,
): Promise<{ text: string; location: string }> {
  const what = `${body ? "POST" : "GET"} ${path}`;
  const options = {
    method: body ? "POST" : "GET",
    body: body ?? null,
    headers: { Origin: site.origin },
    redirect: "manual",
  } as const;
  try {
    const response = await fetch(new URL(path, site), {
      ...options,
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    if (response.status !== expected)
      failAt("HTTP", `${what} returned ${response.status} instead of ${expected}`);
    return { text, location: response.headers.get("location") ?? "" };
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    return failAt("HTTP", `${what} got no response: ${reasonOf(error)}`);
  }
}

function failAt(step: string, why: string): never {
  throw new OperatorError(`live check failed at ${step}: ${why}.`);
}
