// Reports responses with 5xx, and passes of the worker that failed, to the webhook: when they begin,
// when another one follows, each day while they last, and when an hour has passed without one. Each
// process reports its own, from memory, so that it does so while the store cannot be used.

import { callWebhook } from "./inquiries/alerts.ts";
import { inBothCities } from "./inquiries/mail-text.ts";
import type { Log } from "./log.ts";

const quietMs = 3_600_000;
const reminderMs = 24 * quietMs;

type Found = {
  count: number;
  /** By cause: a failure of the store has one cause on all routes. */
  errors: Map<string, string>;
  firstAt: Date;
  lastAt: Date;
  /** The last report, and how many causes it had. */
  reported?: { at: Date; causes: number };
};
type Parts = { webhookUrl: string | undefined; siteUrl: string; log: Log };

export function createFailures({ webhookUrl, siteUrl, log }: Parts) {
  let found: Found | undefined;
  return {
    /**
     * `what` is a route, the message of an error, or both: `GET /search`, or `GET /search: message`.
     * A path may contain personal data.
     */
    record(what: string, now: Date): void {
      found ??= { count: 0, errors: new Map(), firstAt: now, lastAt: now };
      found.count += 1;
      found.lastAt = now;
      const cause = what.replace(/^[A-Z]+ \S+: /, "");
      if (!found.errors.has(cause)) found.errors.set(cause, what.replace(/\.$/, ""));
    },

    /**
     * Calls the webhook if something is to be reported. Throws if that fails; the next call repeats it.
     */
    async report(now: Date): Promise<void> {
      if (!found || !webhookUrl) return;
      const incident = found;
      const { count, errors, firstAt, lastAt, reported } = incident;
      const causes = errors.size;
      const isOver = now.getTime() - lastAt.getTime() >= quietMs;
      const isReported =
        reported?.causes === causes && now.getTime() - reported.at.getTime() < reminderMs;
      if (isReported && !isOver) return;
      const [first, ...others] = errors.values();
      const then = others.length > 0 ? ` Then: ${others.join("; ")}.` : "";
      const problem =
        `the site had errors: ${count} since ${inBothCities(firstAt)}. ` +
        `The first: ${first}.${then} The log says why.`;
      const text = isOver ? `Over: no error for an hour. Before, ${problem}` : problem;
      if (isOver) found = undefined; // before the call: an error during it is a new one
      try {
        const problems = isOver ? [] : [problem];
        await callWebhook(webhookUrl, { text: `${siteUrl}: ${text}`, site: siteUrl, problems });
        incident.reported = { at: now, causes };
      } catch (error) {
        found ??= incident;
        log.error({ unreported: problem }, "errors could not be reported");
        throw error;
      }
    },
  };
}

export type Failures = ReturnType<typeof createFailures>;
