// Alerts: when an inquiry is undelivered for too long or mail fails permanently, the site logs it and calls a webhook, once when the incident
// begins and once when it ends. The webhook is also called once for each overdue inquiry.

import { reasonOf, type Log } from "../log.ts";
import { dueFacts } from "./progress.ts";
import type { FollowUp } from "./store/follow-up.ts";
import type { Incident } from "./store/schema.ts";
import type { Staff, Summary } from "./store/staff.ts";
import { callWebhook, type AlertMessage } from "./webhook.ts";

type AlertParts = {
  staff: Staff;
  followUp: FollowUp;
  webhookUrl: string | undefined;
  siteUrl: string;
  now: () => Date;
  log: Log;
};

/** If an inquiry is undelivered for longer, staff are alerted, and its mail says how long it was delayed. */
export const lateMs = 15 * 60_000;
/** Slack truncates texts of more than 4,000 characters. The next pass, a minute later, reports the others. */
const maxOverduePerCall = 10;

/** Returns the problems of delivery in words for staff. */
export function deliveryProblems(summary: Summary, now: Date): string[] {
  return [...outageProblems(summary, now), ...partialProblems(summary)];
}

function outageProblems(
  { counts, oldestUndeliveredAt, permanentFailure, digestFailingSince }: Summary,
  now: Date,
): string[] {
  const waitedMs = oldestUndeliveredAt ? now.getTime() - oldestUndeliveredAt.getTime() : 0;
  const failingMs = digestFailingSince ? now.getTime() - digestFailingSince.getTime() : 0;
  return [
    ...(waitedMs > lateMs
      ? [`the oldest undelivered inquiry has waited ${duration(waitedMs)}`]
      : []),
    ...(permanentFailure ? [`mail cannot be sent until this is fixed: ${permanentFailure}`] : []),
    ...(failingMs > lateMs
      ? [
          `the digest, which lists quarantined inquiries, could not be sent for ${duration(failingMs)}`,
        ]
      : []),
    ...(counts.stuck ? [`stuck for more than five days: ${counts.stuck}`] : []),
  ];
}

const partialProblems = ({ partialFailure }: Summary) =>
  partialFailure ? [`some of the staff get no mail: ${partialFailure}`] : [];

/** "3 h 20 min", "2 d 4 h" */
export function duration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const [days, hours] = [Math.floor(minutes / 1_440), Math.floor((minutes % 1_440) / 60)];
  if (days > 0) return `${days} d ${hours} h`;
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}

/** Returns one problem that says how many inquiries are overdue, or []. */
export function overdueProblems(count: number): string[] {
  const what = count === 1 ? "one inquiry is" : `${count} inquiries are`;
  return count > 0 ? [`${what} overdue; see npm run inquiries -- list --overdue`] : [];
}

export function createAlerts({ staff, followUp, webhookUrl, siteUrl, now, log }: AlertParts) {
  /** Reports changes since the last check. A call that failed is repeated at the next check. */
  async function check(): Promise<void> {
    await checkDelivery();
    await reportOverdue();
  }

  /** Two incidents: one refused address, reported for a day, must not hide that no staff member gets mail. */
  async function checkDelivery(): Promise<void> {
    const summary = await staff.summary(now());
    await report("incident", "alert-sent", "staff", outageProblems(summary, now()));
    await report(
      "partial-incident",
      "partial-alert-sent",
      "all of the staff",
      partialProblems(summary),
    );
  }

  /**
   * Reports an incident that has begun or ended. The store records what was reported, so a restart or another process does not repeat it and
   * still reports the end.
   */
  async function report(
    incident: Incident,
    alertSent: Incident,
    recipients: string,
    problems: string[],
  ): Promise<void> {
    const since = problems.length > 0 ? now() : undefined;
    if (await staff.setIncident(incident, since)) {
      if (since) log.error({ problems }, `inquiries do not reach ${recipients}`);
      else log.info(`inquiries reach ${recipients} again`);
    }
    const alertSentAt = await staff.timeOf(alertSent);
    if (Boolean(alertSentAt) === Boolean(since)) return;
    const text = since
      ? `Inquiries from ${siteUrl} are not reaching ${recipients}: ${problems.join("; ")}. Nothing is lost.`
      : `Inquiries from ${siteUrl} are reaching ${recipients} again.`;
    if (await call({ text, incident: since ? "begun" : "ended", problems }))
      await staff.setIncident(alertSent, since);
  }

  /** Reports each overdue inquiry once. */
  async function reportOverdue(): Promise<void> {
    const overdue = webhookUrl ? await followUp.notAlerted(now(), maxOverduePerCall) : [];
    if (overdue.length === 0) return;
    const sentences = overdue.map((inquiry) => dueFacts(inquiry, siteUrl, now()).join(". "));
    const text = [`Overdue at ${siteUrl}:`, ...sentences].join("\n");
    const problems = overdueProblems(overdue.length);
    if (await call({ text, incident: "overdue", problems }))
      await followUp.recordOverdue("alert", overdue, now());
  }

  /** Calls the webhook. Returns whether it accepted the message. */
  async function call(message: Omit<AlertMessage, "site">): Promise<boolean> {
    if (!webhookUrl) return false;
    try {
      await callWebhook(webhookUrl, { ...message, site: siteUrl });
      return true;
    } catch (error) {
      log.error({ reason: reasonOf(error) }, "the alert webhook could not be reached");
      return false;
    }
  }

  return { check };
}
