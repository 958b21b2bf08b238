// The walk of `npm run doctor -- --live`: through the public address, as a visitor comes, and to the store behind it.

import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { isIP } from "node:net";
import { connect } from "node:tls";
import { company } from "../company.ts";
import type { Config } from "../config.ts";
import { checkForm, fields } from "../inquiries/inquiry.ts";
import { markName, markOf } from "../inquiries/live-check.ts";
import type { Store } from "../inquiries/store.ts";
import { openConfiguredStore } from "../site.ts";
import { CommandError } from "./environment.ts";

const patienceMs = 10_000;
const renewDays = 14; // certificates are renewed a month before their end: then that has failed for two weeks

/** Throws a CommandError that says at which step it failed; answers the reference that was stored and is deleted again. */
export async function checkLive(site: URL, config: Config, now: Date): Promise<string> {
  await lookup(site.hostname.replace(/^\[|\]$/g, "")).catch((error: Error) =>
    fails("DNS", `${site.hostname} has no address: ${error.message}`),
  );
  if (site.protocol === "https:") await checkCertificate(site, now);
  const home = await ask(site, "/", 200);
  if (!home.text.includes(company.name)) fails("page", `what answers at ${site.origin} does not name ${company.name}`);
  const form = await ask(site, "/contact", 200);
  const missing = fields.filter(({ name }) => !form.text.includes(`name="${name}"`)).map(({ name }) => name);
  if (!form.text.includes("<form") || missing.length > 0) fails("form", `/contact is not the form; it lacks ${missing.join(", ")}`);

  const store = await openConfiguredStore(config);
  try {
    return await send(site, store, now);
  } finally {
    await store.close();
  }
}

async function send(site: URL, store: Store, now: Date): Promise<string> {
  const message = `Sent by npm run doctor at ${now.toISOString()}; it is deleted at once.`;
  const checked = checkForm({ name: "Live check", email: "live-check@doctor.invalid", kind: "unsure", message });
  if (!checked.ok) throw new Error("the form has changed, and the live check has to follow");
  const { inquiry } = checked;
  const mark = markOf(await store.expectLiveCheck(now), inquiry);
  const sent = await ask(site, "/contact", 303, new URLSearchParams({ ...inquiry, [markName]: mark }));
  const { pathname, search, searchParams } = new URL(sent.location, site);
  const reference = searchParams.get("ref") ?? "";
  const stored = await store.find(reference);
  if (!stored) fails("store", `the site thanked for ${reference || "nothing"}, and the store of these settings does not hold it`);
  if (stored.state !== "live-check") fails("store", `${reference} was taken for a visitor's: is the site of another version?`);
  try {
    const receipt = await ask(site, pathname + search, 200);
    if (!receipt.text.includes(reference)) fails("receipt", `it does not show ${reference}`);
  } finally {
    await store.forgetLiveCheck(reference, now);
  }
  if (await store.find(reference)) fails("store", `${reference} could not be deleted`);
  return reference;
}

async function checkCertificate({ hostname, port }: URL, now: Date): Promise<void> {
  const servername = isIP(hostname) ? "" : hostname;
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || 443, servername });
  try {
    await once(socket, "secureConnect", { signal: AbortSignal.timeout(patienceMs) });
  } catch (error) {
    fails("TLS", `${hostname} could not be reached, or its certificate is not accepted: ${(error as Error).message}`);
  }
  const end = new Date(socket.getPeerCertificate().valid_to);
  socket.destroy();
  const days = Math.floor((end.getTime() - now.getTime()) / 86_400_000);
  if (days < renewDays)
    fails("TLS", `the certificate ends in ${days} days, on ${end.toISOString().slice(0, 10)}: see why it was not renewed`);
}

async function ask(site: URL, path: string, wanted: number, body?: URLSearchParams): Promise<{ text: string; location: string }> {
  const method = body ? "POST" : "GET";
  try {
    const signal = AbortSignal.timeout(patienceMs);
    const headers = { Origin: site.origin };
    const response = await fetch(new URL(path, site), { method, body: body ?? null, redirect: "manual", headers, signal });
    const answer = { text: await response.text(), location: response.headers.get("location") ?? "" };
    return response.status === wanted ? answer : fails("HTTP", `${method} ${path} was answered ${response.status} instead of ${wanted}`);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const { message, cause } = error as Error;
    return fails("HTTP", `${method} ${path} had no answer: ${cause instanceof Error ? cause.message : message}`);
  }
}

function fails(step: string, why: string): never {
  throw new CommandError(`live check failed at ${step}: ${why}.`);
}
