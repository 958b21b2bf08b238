// Alerts: what keeps staff from inquiries, as a set of problems. The site logs a problem and calls a
// webhook when it begins, each day while it lasts, and when it is over.

import { reasonOf, type Log } from "../log.ts";
import { dueFacts } from "./due-facts.ts";
import { redactServerReply } from "./smtp.ts";
import type { Summary } from "./store/reports.ts";
import type { Store } from "./store/store.ts";
import { callWebhook } from "./webhook.ts";

/** A problem with the same key is the same problem, whatever its text. */
export type Problem = { key: string; text: string };

const jobPrefix = "job ";
const overduePrefix = "overdue ";

/** If an inquiry is undelivered for longer, staff are alerted, and its mail says so. */
export const lateMs = 15 * 60_000;
const reminderMs = 24 * 3_600_000;
/** More quarantined inquiries than this are a problem before they are late: a flood. */
const maxQuarantined = 20;
/** Slack cuts texts of more than 4,000 characters. The next pass, a minute later, has the others. */
const maxOverduePerCall = 10;

type Kind = {
  /** What is wrong, or undefined. */
  text: (summary: Summary, now: Date) => string | false | undefined;
  /** What is said when it is over. */
  over: string;
};

const kinds: Record<string, Kind> = {
  waiting: {
    text: ({ oldestPendingAt }, now) =>
      since(oldestPendingAt, now) > lateMs &&
      `the oldest undelivered inquiry has waited ${duration(since(oldestPendingAt, now))}`,
    over: "no inquiry has been waiting for longer than fifteen minutes",
  },
  permanent: {
    text: ({ permanentFailure }) =>
      permanentFailure &&
      `mail cannot be sent until this is fixed: ${redactServerReply(permanentFailure)}`,
    over: "mail can be sent again",
  },
  partial: {
    text: ({ partialFailure }) =>
      partialFailure && `some of the staff get no mail: ${partialFailure}`,
    over: "all of the staff get mail again",
  },
  quarantine: {
    text: ({ quarantine: { waiting, late, oldestAt } }, now) =>
      (late > 0 || waiting > maxQuarantined) &&
      `inquiries waiting in quarantine: ${waiting}, the oldest for ` +
        `${duration(since(oldestAt, now))}; see npm run inquiries -- list quarantined`,
    over: "nobody has to look at the quarantine",
  },
  clock: {
    text: ({ ahead }) =>
      ahead > 0 &&
      `inquiries with a time in the future: ${ahead}; ` +
        "correct the clock of the machine, then run npm run inquiries -- retry",
    over: "no inquiry has a time in the future",
  },
};

const since = (time: Date | undefined, now: Date) => (time ? now.getTime() - time.getTime() : 0);

/** Returns what keeps staff from inquiries, in words for them. */
export function problemsOf(summary: Summary, now: Date): Problem[] {
  const jobs = [...summary.failingJobs].map(([job, time]) => {
    const text = `the ${job} has failed for ${duration(since(time, now))}; the log says why`;
    return { key: jobPrefix + job, text: since(time, now) > lateMs && text };
  });
  const others = Object.entries(kinds).map(([key, { text }]) => ({
    key,
    text: text(summary, now),
  }));
  return [...others, ...jobs].flatMap(({ key, text }) => (text ? [{ key, text }] : []));
}

/** Returns what is said of a problem that is over. */
function endingOf(key: string): string {
  if (key.startsWith(jobPrefix)) return `the ${key.slice(jobPrefix.length)} works again`;
  if (key.startsWith(overduePrefix))
    return `${key.slice(overduePrefix.length)} is answered, closed, or deleted`;
  return kinds[key]?.over ?? `${key} is over`;
}

/** Returns one problem that says how many inquiries are overdue, or []. */
export function overdueProblems(count: number): string[] {
  const what = count === 1 ? "one inquiry is" : `${count} inquiries are`;
  return count > 0 ? [`${what} overdue; see npm run inquiries -- list overdue`] : [];
}

/** "3 h 20 min", "2 d 4 h" */
export function duration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const [days, hours] = [Math.floor(minutes / 1_440), Math.floor((minutes % 1_440) / 60)];
  if (days > 0) return `${days} d ${hours} h`;
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}

type AlertParts = {
  store: Pick<Store, "summary" | "overdue" | "reportedProblems" | "setReported" | "recordOverdue">;
  webhookUrl: string | undefined;
  siteUrl: string;
  log: Log;
};

export function createAlerts({ store, webhookUrl, siteUrl, log }: AlertParts) {
  /** Returns all present problems. Each overdue inquiry is one. */
  async function findProblems(now: Date): Promise<Problem[]> {
    const overdue = (await store.overdue(now)).map((inquiry) => ({
      key: `${overduePrefix}${inquiry.reference}`,
      text: dueFacts(inquiry, siteUrl, now).join(". "),
    }));
    return [...problemsOf(await store.summary(now), now), ...overdue];
  }

  /** Calls the webhook. Returns whether it accepted the message. */
  async function call(url: string, lines: string[], problems: string[]): Promise<boolean> {
    const text = [`Inquiries at ${siteUrl}. Nothing is lost.`, ...lines].join("\n");
    try {
      await callWebhook(url, { text, site: siteUrl, problems });
      return true;
    } catch (error) {
      log.error({ reason: reasonOf(error) }, "the alert webhook could not be reached");
      return false;
    }
  }

  return {
    /** Reports changes since the last report. If the webhook fails, the next report repeats them. */
    async report(now: Date): Promise<void> {
      const problems = await findProblems(now);
      const reported = await store.reportedProblems();
      const { begun, lasting, over } = compare(problems, reported, now);
      if (begun.length + lasting.length + over.length === 0) return;
      const present = [...textsOf(begun), ...textsOf(lasting).map((text) => `Still: ${text}`)];
      const lines = [...present, ...over.map((key) => `Over: ${endingOf(key)}.`)];
      if (present.length > 0) log.error({ problems: present }, "inquiries do not reach staff");
      else log.info({ over }, "inquiries reach staff again");
      if (webhookUrl) {
        if (!(await call(webhookUrl, lines, present))) return;
        await store.recordOverdue(begun.filter(isOverdue).map(referenceOf), now);
      }
      await store.setReported(
        [...begun, ...lasting].map(({ key }) => key),
        over,
        now,
      );
    },
  };
}

const isOverdue = ({ key }: Problem) => key.startsWith(overduePrefix);
const referenceOf = ({ key }: Problem) => key.slice(overduePrefix.length);

/**
 * Returns the problems that have not been reported, those to be reported again if one of them was
 * reported a day ago, and the keys of those that are over.
 */
function compare(problems: Problem[], reported: Map<string, Date>, now: Date) {
  const begun = problems.filter(({ key }) => !reported.has(key));
  const lasting = problems.filter(({ key }) => reported.has(key));
  const isDue = ({ key }: Problem) => {
    const ageMs = now.getTime() - (reported.get(key) ?? now).getTime();
    return ageMs >= reminderMs || ageMs < 0; // a time in the future was written by a wrong clock
  };
  const overdue = begun.filter(isOverdue).slice(0, maxOverduePerCall);
  return {
    begun: [...begun.filter((problem) => !isOverdue(problem)), ...overdue],
    lasting: lasting.some(isDue) ? lasting : [],
    over: [...reported.keys()].filter((key) => !problems.some((problem) => problem.key === key)),
  };
}

/** Returns the texts of problems. Of many overdue inquiries only the number is named. */
function textsOf(problems: Problem[]): string[] {
  const overdue = problems.filter(isOverdue);
  const others = problems.filter((problem) => !isOverdue(problem));
  const shown = overdue.length > maxOverduePerCall ? [] : overdue;
  return [
    ...[...others, ...shown].map(({ text }) => text),
    ...(shown.length < overdue.length ? overdueProblems(overdue.length) : []),
  ];
}
