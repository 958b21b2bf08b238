// Reports responses with 5xx to the webhook: when they begin, each day while they last, and when an
// hour has passed without one. Each process reports its own, from memory, so that it does so while
// the store cannot be used.

import { callWebhook } from "./inquiries/alerts.ts";
import { inBothCities } from "./inquiries/inquiry-mail.ts";
import { reasonOf, type Log } from "./log.ts";

const quietMs = 3_600_000;
const reminderMs = 24 * quietMs;

type Failures = { count: number; first: string; firstAt: Date; lastAt: Date; reportedAt?: Date };
type Parts = { webhookUrl: string | undefined; siteUrl: string; log: Log };

export function createFailedRequests({ webhookUrl, siteUrl, log }: Parts) {
  let failures: Failures | undefined;
  return {
    /** `route` is not the path, which may contain personal data. */
    record(route: string, now: Date): void {
      failures ??= { count: 0, first: route, firstAt: now, lastAt: now };
      failures.count += 1;
      failures.lastAt = now;
    },

    /** Calls the webhook if something is to be reported. If that fails, the next call repeats it. */
    async report(now: Date): Promise<void> {
      if (!failures || !webhookUrl) return;
      const { count, first, firstAt, lastAt, reportedAt } = failures;
      const isOver = now.getTime() - lastAt.getTime() >= quietMs;
      const isReported = reportedAt && now.getTime() - reportedAt.getTime() < reminderMs;
      if (isReported && !isOver) return;
      const problem =
        `requests failed: ${count} since ${inBothCities(firstAt)}; ` +
        `the first was ${first}, and the log says why`;
      const text = isOver ? `Over: no request has failed for an hour. Before, ${problem}` : problem;
      try {
        const problems = isOver ? [] : [problem];
        await callWebhook(webhookUrl, { text: `${siteUrl}: ${text}`, site: siteUrl, problems });
        if (!isOver) failures.reportedAt = now;
        else if (failures.lastAt === lastAt) failures = undefined;
      } catch (error) {
        log.error({ reason: reasonOf(error) }, "the alert webhook could not be reached");
      }
    },
  };
}

export type FailedRequests = ReturnType<typeof createFailedRequests>;
