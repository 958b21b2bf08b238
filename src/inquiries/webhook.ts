// The webhook, and the reports of this process's own errors: responses with 5xx, and passes of the
// worker that failed. They are counted in memory, so that they are reported while the store cannot
// be used.

import { dayMs } from "../calendar.ts";
import type { Log } from "../log.ts";
import { inBothCities } from "./mail-text.ts";

export type AlertMessage = {
  /** All of it in plain sentences: Slack and Mattermost show this field. */
  text: string;
  site: string;
  /** What is wrong now, without what is over. */
  problems: string[];
};

/** Posts a message as JSON. Throws unless the webhook responds with a 2xx within ten seconds. */
export async function callWebhook(url: string, message: AlertMessage): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(message),
    redirect: "error", // after a 301, fetch would send a GET without the message
    signal: AbortSignal.timeout(10_000),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`it responded with ${response.status}`);
}

/**
 * At least one of the two. `route`: for example `GET /articles/:slug`, because the path itself may
 * contain personal data.
 */
export type SiteError = { route?: string; cause?: string | undefined };

export type ErrorReports = {
  /** Counts an error. */
  record: (error: SiteError, now: Date) => void;
  /**
   * Calls the webhook when errors begin, when one with another cause follows, each day while they
   * last, and when an hour has passed without one. Returns false if the call failed; the next run
   * repeats it.
   */
  report: (now: Date) => Promise<boolean>;
};

const quietMs = 3_600_000;

/**
 * Returns how something that lasts now is to be reported: as new, also if it became worse since its
 * last report, again after a day, or not at all.
 */
export function reportDue(reportedAt: Date | undefined, isWorse: boolean, now: Date) {
  if (!reportedAt || isWorse) return "new";
  return now.getTime() - reportedAt.getTime() >= dayMs ? "again" : undefined;
}

/** The errors of which each came within an hour after the one before. */
type Incident = {
  count: number;
  /** By cause: a failure of the store has one cause on all routes. */
  errors: Map<string, string>;
  firstAt: Date;
  lastAt: Date;
  /** The last report, and how many causes it had. */
  reported?: { at: Date; causes: number };
};

type Parts = { webhookUrl: string | undefined; siteUrl: string; log: Log };

export function createErrorReports({ webhookUrl, siteUrl, log }: Parts): ErrorReports {
  let present: Incident | undefined;
  return {
    record({ route = "", cause = route }, now) {
      present ??= { count: 0, errors: new Map(), firstAt: now, lastAt: now };
      present.count += 1;
      present.lastAt = now;
      const text = route && cause !== route ? `${route}: ${cause}` : cause;
      if (!present.errors.has(cause)) present.errors.set(cause, text.replace(/\.$/, ""));
    },

    async report(now) {
      if (!present || !webhookUrl) return true;
      const incident = present;
      const { count, errors, firstAt, lastAt, reported } = incident;
      const causes = errors.size;
      const isOver = now.getTime() - lastAt.getTime() >= quietMs;
      if (!isOver && !reportDue(reported?.at, reported?.causes !== causes, now)) return true;
      const [first, ...others] = errors.values();
      const then = others.length > 0 ? ` Then: ${others.join("; ")}.` : "";
      const problem =
        `the site had errors: ${count} since ${inBothCities(firstAt)}. ` +
        `The first: ${first}.${then} The log says why.`;
      const text = isOver ? `Over: no error for an hour. Before, ${problem}` : problem;
      if (isOver) present = undefined; // before the call: an error during it begins an incident
      try {
        const problems = isOver ? [] : [problem];
        await callWebhook(webhookUrl, { text: `${siteUrl}: ${text}`, site: siteUrl, problems });
        incident.reported = { at: now, causes };
        return true;
      } catch (error) {
        present ??= incident;
        log.error({ err: error, unreported: problem }, "errors could not be reported");
        return false;
      }
    },
  };
}
