// Alerts: what keeps staff from inquiries, as a set of problems. The site logs a problem and calls
// a webhook when it begins, each day while it lasts, and when it is over.

import { reasonOf, type Log } from "../log.ts";
import { staffPageUrl, type MailSettings } from "./inquiry-mail.ts";
import { atHeadOffice, duration } from "./mail-text.ts";
import { passParts, type Job, type PassPart } from "./worker.ts";
import { progressTable } from "./progress.ts";
import { redactServerReply } from "./smtp.ts";
import type { AlertStore, Inquiry, Summary } from "./store/interface.ts";

/**
 * A problem with the same key is the same problem, whatever its text. It is reported again if
 * something was added to it `since` its last report, in milliseconds since 1970.
 */
type Alert = { key: string; text: string; since?: number };

/** The jobs that only call the webhook. It cannot report that they fail. */
const webhookJobs: PassPart[] = ["alerts", "error reports"];

const jobPrefix = "job ";
const overdueKey = "overdue";

/** If an inquiry is undelivered for longer, staff are alerted, and its mail says so. */
export const lateMs = 15 * 60_000;
const reminderMs = 24 * 3_600_000;
/** More quarantined inquiries that no digest has listed are a problem: a flood. */
const maxUnlisted = 20;
/** Slack cuts texts of more than 4,000 characters. The digest lists all overdue inquiries. */
const maxNamed = 10;

type Site = Pick<MailSettings, "siteUrl" | "command">;

type Kind = {
  /** What is wrong, or undefined. */
  text: (summary: Summary, now: Date, command: Site["command"]) => string | false | undefined;
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
  quarantine: {
    text: ({ unlisted }, _now, command) =>
      unlisted > maxUnlisted &&
      `inquiries in quarantine that no digest has listed: ${unlisted}; ` +
        `see ${command("inquiries list quarantined")}`,
    over: "a digest has listed the inquiries in quarantine",
  },
};

const since = (time: Date | undefined, now: Date) => (time ? now.getTime() - time.getTime() : 0);

/** Returns what keeps staff from inquiries, in words for them. */
export function problemsOf(summary: Summary, now: Date, command: Site["command"]): Alert[] {
  // The store may have the failure of a job that an earlier release had.
  const jobs = passParts
    .filter((job) => !webhookJobs.includes(job))
    .map((job) => {
      const time = summary.failingJobs.get(job);
      const text = `the ${job} has failed for ${duration(since(time, now))}; the log says why`;
      return { key: jobPrefix + job, text: since(time, now) > lateMs && text };
    });
  const others = Object.entries(kinds).map(([key, { text }]) => ({
    key,
    text: text(summary, now, command),
  }));
  return [...others, ...jobs].flatMap(({ key, text }) => (text ? [{ key, text }] : []));
}

/** Returns a sentence if the site could not call the webhook the last time, or undefined. */
export function webhookFailure({ failingJobs }: Summary): string | undefined {
  const [time] = webhookJobs.flatMap((job) => failingJobs.get(job) ?? []);
  return time && `alerts: the webhook has accepted none since ${time.toISOString()}`;
}

/** Returns what is said of a problem that is over. */
function endingOf(key: string): string {
  if (key.startsWith(jobPrefix)) return `the ${key.slice(jobPrefix.length)} works again`;
  if (key === overdueKey) return "no inquiry is overdue";
  return kinds[key]?.over ?? `${key} is over`;
}

/** Returns one sentence that says how many inquiries are overdue, or []. */
export function overdueTexts(count: number, command: Site["command"]): string[] {
  const what = count === 1 ? "one inquiry is" : `${count} inquiries are`;
  return count > 0 ? [`${what} overdue; see ${command("inquiries list overdue")}`] : [];
}

type AlertParts = {
  store: AlertStore;
  webhookUrl: string | undefined;
  site: Site;
  log: Log;
};

/** Returns the job that reports problems. */
export function createAlerts({ store, webhookUrl, site, log }: AlertParts): Job {
  const { siteUrl, command } = site;
  return {
    name: "alerts",
    everyMs: 50_000, // less than the pause between two passes, so that every pass reports
    /** Reports changes since the last report. If the webhook fails, the next run repeats them. */
    async run(now) {
      const summary = await store.summary(now);
      const overdue = await store.overdue(now, maxNamed);
      const problems = problemsOf(summary, now, command);
      if (overdue.length > 0) problems.push(overdueProblem(summary.overdue, overdue, site, now));
      const before = await store.reportedProblems();
      if (isStillPermanent(problems, before, summary)) problems.push(stillPermanent);
      const { begun, lasting, over } = changesOf(problems, before, now);
      const reported = [...begun, ...lasting].map(({ key }) => key);
      if (reported.length + over.length === 0) return;
      const present = [
        ...begun.map(({ text }) => text),
        ...lasting.map(({ text }) => `Still: ${text}`),
      ];
      const lines = [...present, ...over.map((key) => `Over: ${endingOf(key)}.`)];
      if (present.length > 0) log.error({ problems: present }, "inquiries do not reach staff");
      else log.info({ over }, "inquiries reach staff again");
      if (webhookUrl) {
        const text = [`Inquiries at ${siteUrl}. Nothing is lost.`, ...lines].join("\n");
        try {
          await callWebhook(webhookUrl, { text, site: siteUrl, problems: present });
        } catch (error) {
          log.error({ reason: reasonOf(error) }, "the alert webhook could not be reached");
          throw new Error("the alert webhook could not be reached", { cause: error });
        }
      }
      await store.setReported(reported, over, now);
    },
  };
}

const stillPermanent = {
  key: "permanent",
  text: "no mail has been sent since the mail server refused one for good",
};

/** Mail works again when a mail was sent, and not when it fails for another reason. */
const isStillPermanent = (problems: Alert[], before: Map<string, Date>, summary: Summary) =>
  before.has("permanent") &&
  !problems.some(({ key }) => key === "permanent") &&
  summary.oldestPendingAt !== undefined &&
  !(summary.lastSentAt && summary.lastSentAt > (before.get("permanent") ?? 0));

/** `inquiries`: the overdue ones whose deadline passed last, of `count` in all. */
function overdueProblem(count: number, inquiries: Inquiry[], site: Site, now: Date): Alert {
  const facts = inquiries.map((inquiry) =>
    [...dueFacts(inquiry, site, now), staffPageUrl(site.siteUrl, inquiry)].join(". "),
  );
  return {
    key: overdueKey,
    text: [...overdueTexts(count, site.command), ...facts].join("\n"),
    // A release may be later than the deadline.
    since: Math.max(...inquiries.flatMap((one) => [one.answer_by, one.waiting_since])),
  };
}

/**
 * Returns by when an inquiry is due and its progress, as sentences without personal data.
 * `progress`: in words, without initials by default.
 */
export function dueFacts(
  inquiry: Inquiry,
  { command }: Site,
  now: Date,
  progress: string = progressTable[inquiry.progress].words,
): string[] {
  const { reference, state } = inquiry;
  const due = new Date(inquiry.answer_by);
  return [
    reference,
    `Answer ${due < now ? "was due" : "due"} ${atHeadOffice(due)}`,
    inquiry.progress === "open"
      ? "Not taken"
      : progress.replace(/^./, (sign) => sign.toUpperCase()),
    ...(state === "sent"
      ? []
      : [`Not emailed yet: read it with ${command(`inquiries show ${reference}`)}`]),
  ];
}

/**
 * Returns what to report: alerts that began, those that last if one of them was reported a day ago,
 * and the keys of those that are over.
 */
function changesOf(alerts: Alert[], reported: Map<string, Date>, now: Date) {
  const begun: Alert[] = [];
  const lasting: Alert[] = [];
  let isReminderDue = false;
  for (const alert of alerts) {
    const reportedAt = reported.get(alert.key)?.getTime();
    if (reportedAt === undefined || (alert.since ?? 0) >= reportedAt) {
      begun.push(alert);
    } else {
      lasting.push(alert);
      const ageMs = now.getTime() - reportedAt;
      // A time in the future was written by a wrong clock.
      if (ageMs >= reminderMs || ageMs < 0) isReminderDue = true;
    }
  }
  const keys = new Set(alerts.map(({ key }) => key));
  const over = [...reported.keys()].filter((key) => !keys.has(key));
  return { begun, lasting: isReminderDue ? lasting : [], over };
}

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
