// Reports responses with 5xx, and passes of the worker that failed, to the webhook: when they begin,
// each day while they last, and when an hour has passed without one. Each process reports its own,
// from memory, so that it does so while the store cannot be used.

import { callWebhook } from "./inquiries/alerts.ts";
import { inBothCities } from "./inquiries/mail-text.ts";
import type { Log } from "./log.ts";

const quietMs = 3_600_000;
const reminderMs = 24 * quietMs;

type Found = { count: number; first: string; firstAt: Date; lastAt: Date; reportedAt?: Date };
type Parts = { webhookUrl: string | undefined; siteUrl: string; log: Log };

export function createFailures({ webhookUrl, siteUrl, log }: Parts) {
  let found: Found | undefined;
  return {
    /** `what` is a route or the message of an error. A path may contain personal data. */
    record(what: string, now: Date): void {
      found ??= { count: 0, first: what, firstAt: now, lastAt: now };
      found.count += 1;
      found.lastAt = now;
    },

    /**
     * Calls the webhook if something is to be reported. Throws if that fails; the next call repeats it.
     */
    async report(now: Date): Promise<void> {
      if (!found || !webhookUrl) return;
      const incident = found;
      const { count, first, firstAt, lastAt, reportedAt } = incident;
      const isOver = now.getTime() - lastAt.getTime() >= quietMs;
      const isReported = reportedAt && now.getTime() - reportedAt.getTime() < reminderMs;
      if (isReported && !isOver) return;
      const problem =
        `the site had errors: ${count} since ${inBothCities(firstAt)}. ` +
        `The first: ${first.replace(/\.$/, "")}. The log says why.`;
      const text = isOver ? `Over: no error for an hour. Before, ${problem}` : problem;
      if (isOver) found = undefined; // before the call: an error during it is a new one
      try {
        const problems = isOver ? [] : [problem];
        await callWebhook(webhookUrl, { text: `${siteUrl}: ${text}`, site: siteUrl, problems });
        incident.reportedAt = now;
      } catch (error) {
        found ??= incident;
        log.error({ unreported: problem }, "errors could not be reported");
        throw error;
      }
    },
  };
}

export type Failures = ReturnType<typeof createFailures>;
