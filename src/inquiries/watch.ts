// Somebody is told: when an inquiry waits too long, or when a failure is ours, the log says so at once and a webhook is called, once when
// it begins and once when it ends.

import type { Log } from "../log.ts";
import type { Summary } from "./store-staff.ts";
import type { Store } from "./store.ts";

type WatchParts = { store: Store; webhookUrl: string | undefined; siteUrl: string; now: () => Date; log: Log };

/** Later than this, and staff are told how long it was. */
export const lateMs = 15 * 60_000;
/** After this long without a hand-over, visitors are told that mail is delayed. */
const delayedMs = 60 * 60_000;

/** What is wrong with delivery, in words for staff; empty: nothing. */
export function deliveryProblems({ counts, oldestUndeliveredAt, ourFailure, dailyMailFailingSince }: Summary, now: Date): string[] {
  const waitedMs = oldestUndeliveredAt ? now.getTime() - oldestUndeliveredAt.getTime() : 0;
  const failingMs = dailyMailFailingSince ? now.getTime() - dailyMailFailingSince.getTime() : 0;
  return [
    ...(waitedMs > lateMs ? [`the oldest undelivered inquiry has waited ${duration(waitedMs)}`] : []),
    ...(ourFailure ? [`mail cannot be handed over, and waiting will not help: ${ourFailure}`] : []),
    ...(failingMs > lateMs ? [`the daily mail, which shows what was set aside, has not been taken for ${duration(failingMs)}`] : []),
    ...(counts.stuck ? [`stuck for more than five days: ${counts.stuck}`] : []),
  ];
}

/** Whether visitors should be told that mail is delayed and where else to turn. */
export function mailIsDelayed({ oldestUndeliveredAt }: Summary, now: Date): boolean {
  return oldestUndeliveredAt !== undefined && now.getTime() - oldestUndeliveredAt.getTime() > delayedMs;
}

/** "3 h 20 min", "2 d 4 h" */
export function duration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const [days, hours] = [Math.floor(minutes / 1_440), Math.floor((minutes % 1_440) / 60)];
  if (days > 0) return `${days} d ${hours} h`;
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}

export function createWatch({ store, webhookUrl, siteUrl, now, log }: WatchParts) {
  /**
   * Looks once: tells of a new incident or of its end; a webhook that did not answer is called again at the next look. What was told stands
   * in the store, so that after a restart, or where another process looks now, the end is told and the begin is not told again.
   */
  async function check(): Promise<void> {
    const problems = deliveryProblems(await store.summary(now()), now());
    const since = problems.length > 0 ? now() : undefined;
    if (await store.noteTrouble("incident", since)) {
      if (since) log.error({ problems }, "inquiries do not reach staff");
      else log.info("inquiries reach staff again");
    }
    const toldSince = await store.troubleSince("incident-told");
    if (!webhookUrl || Boolean(toldSince) === Boolean(since)) return;
    try {
      await callWebhook(webhookUrl, { site: siteUrl, incident: since ? "begun" : "ended", problems, at: now().toISOString() });
    } catch (error) {
      return log.error({ reason: (error as Error).message }, "the alert webhook could not be reached");
    }
    await store.noteTrouble("incident-told", since);
  }

  return { check };
}

/** Posts a message to a webhook. Throws where it does not take it. */
export async function callWebhook(url: string, message: object): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(message),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`it answered ${response.status}`);
}
