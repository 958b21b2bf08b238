// Alerts: when an inquiry waits too long, or a failure is our own, the log reports it and a webhook is called, once when the incident begins
// and once when it ends.

import type { Log } from "../log.ts";
import type { Staff, Summary } from "./store/staff.ts";

type AlertParts = { staff: Staff; webhookUrl: string | undefined; siteUrl: string; now: () => Date; log: Log };

/** An inquiry that has waited longer is late: staff are alerted, and its mail says how long it was held. */
export const lateMs = 15 * 60_000;
/** After this time visitors read that mail is delayed. */
const delayedMs = 60 * 60_000;

/** The problems of delivery, in words for staff. Empty: there are none. */
export function deliveryProblems({ counts, oldestUndeliveredAt, ourFailure, digestFailingSince }: Summary, now: Date): string[] {
  const waitedMs = oldestUndeliveredAt ? now.getTime() - oldestUndeliveredAt.getTime() : 0;
  const failingMs = digestFailingSince ? now.getTime() - digestFailingSince.getTime() : 0;
  return [
    ...(waitedMs > lateMs ? [`the oldest undelivered inquiry has waited ${duration(waitedMs)}`] : []),
    ...(ourFailure ? [`mail cannot be sent, and waiting does not help: ${ourFailure}`] : []),
    ...(failingMs > lateMs ? [`the digest, which lists quarantined inquiries, could not be sent for ${duration(failingMs)}`] : []),
    ...(counts.stuck ? [`stuck for more than five days: ${counts.stuck}`] : []),
  ];
}

/** Whether visitors should read that mail is delayed, and how else to reach us. */
export function isMailDelayed(oldestUndeliveredAt: Date | undefined, now: Date): boolean {
  return oldestUndeliveredAt !== undefined && now.getTime() - oldestUndeliveredAt.getTime() > delayedMs;
}

/** "3 h 20 min", "2 d 4 h" */
export function duration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const [days, hours] = [Math.floor(minutes / 1_440), Math.floor((minutes % 1_440) / 60)];
  if (days > 0) return `${days} d ${hours} h`;
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}

export function createAlerts({ staff, webhookUrl, siteUrl, now, log }: AlertParts) {
  /**
   * Reports an incident that has begun or ended since the last check. A webhook that failed is called again at the next check. The store
   * remembers what was reported, so that a restart or another process repeats nothing and still reports the end.
   */
  async function check(): Promise<void> {
    const problems = deliveryProblems(await staff.summary(now()), now());
    const since = problems.length > 0 ? now() : undefined;
    if (await staff.setIncident("incident", since)) {
      if (since) log.error({ problems }, "inquiries do not reach staff");
      else log.info("inquiries reach staff again");
    }
    const alertSentAt = await staff.timeOf("alert-sent");
    if (!webhookUrl || Boolean(alertSentAt) === Boolean(since)) return;
    try {
      await callWebhook(webhookUrl, { site: siteUrl, incident: since ? "begun" : "ended", problems, at: now().toISOString() });
    } catch (error) {
      return log.error({ reason: (error as Error).message }, "the alert webhook could not be reached");
    }
    await staff.setIncident("alert-sent", since);
  }

  return { check };
}

/** Posts a JSON message to a webhook. Throws where it cannot be reached within ten seconds or does not respond with a 2xx. */
export async function callWebhook(url: string, message: object): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(message),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`it responded with ${response.status}`);
}
