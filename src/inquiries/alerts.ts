// Alerts: what keeps staff from inquiries, as a set of problems. The site logs a problem and calls
// a webhook when it begins, each day while it lasts, and when it is over.

import type { Log } from "../log.ts";
import { staffPageUrl, type MailSettings } from "./inquiry-mail.ts";
import { atHeadOffice, duration } from "./mail-text.ts";
import { passParts, type Job, type PassPart } from "./worker.ts";
import { progressTable } from "./progress.ts";
import { redactServerReply } from "./smtp.ts";
import type { AlertStore, Inquiry, Summary } from "./store/interface.ts";

type Site = Pick<MailSettings, "siteUrl" | "command">;

/**
 * What keeps staff from inquiries. `facts`: more about it, for the log and the webhook. It is reported
 * again if something was added to it `since` its last report, in milliseconds since 1970.
 */
type Problem = { text: string; facts?: string[]; since?: number };

type Kind = {
  /** Returns the problem, if there is one. */
  find: (summary: Summary, now: Date, site: Site) => Problem | undefined;
  /** What is said when it is over. */
  over: string;
};

/** The jobs that only call the webhook. It cannot report that they fail. */
const webhookJobs: PassPart[] = ["alerts", "error reports"];

/** If an inquiry is undelivered for longer, staff are alerted. */
export const lateMs = 15 * 60_000;
const reminderMs = 24 * 3_600_000;
/** More quarantined inquiries that no digest has listed are a problem: a flood. */
const maxUnlisted = 20;

/** Returns for how long something has lasted, if that is too long. */
function lateness(since: Date | undefined, now: Date): string | undefined {
  const ms = since ? now.getTime() - since.getTime() : 0;
  return ms > lateMs ? duration(ms) : undefined;
}

const problem = (text: string | false | undefined) => (text ? { text } : undefined);

/** By the key under which the store records that a problem was reported. */
const kinds: Record<string, Kind> = {
  waiting: {
    find({ oldestPendingAt }, now) {
      const waited = lateness(oldestPendingAt, now);
      return problem(waited && `the oldest undelivered inquiry has waited ${waited}`);
    },
    over: "no inquiry has been waiting for longer than fifteen minutes",
  },
  permanent: {
    find: ({ permanentFailure: reason }) =>
      problem(reason && `mail cannot be sent until this is fixed: ${redactServerReply(reason)}`),
    over: "mail can be sent again",
  },
  quarantine: {
    find: ({ unlisted }, _now, { command }) =>
      problem(
        unlisted > maxUnlisted &&
          `inquiries in quarantine that no digest has listed: ${unlisted}; ` +
            `see ${command("inquiries list quarantined")}`,
      ),
    over: "a digest has listed the inquiries in quarantine",
  },
  // Not each job that fails: the store may have the failure of one that an earlier release had.
  ...Object.fromEntries(
    passParts
      .filter((job) => !webhookJobs.includes(job))
      .map((job): [string, Kind] => [
        `job ${job}`,
        { find: findFailing(job), over: `the ${job} works again` },
      ]),
  ),
  overdue: { find: overdueProblem, over: "no inquiry is overdue" },
};

function findFailing(job: PassPart): Kind["find"] {
  return ({ failingJobs }, now) => {
    const failed = lateness(failingJobs.get(job), now);
    return problem(failed && `the ${job} has failed for ${failed}; the log says why`);
  };
}

/** Names the overdue inquiries whose deadline passed last. */
function overdueProblem({ overdue }: Summary, now: Date, site: Site): Problem | undefined {
  const { inquiries, total } = overdue;
  if (total === 0) return undefined;
  const what = total === 1 ? "one inquiry is" : `${total} inquiries are`;
  return {
    text: `${what} overdue; see ${site.command("inquiries list overdue")}`,
    facts: inquiries.map((inquiry) =>
      [...dueFacts(inquiry, site, now), staffPageUrl(site.siteUrl, inquiry)].join(". "),
    ),
    // A release may be later than the deadline.
    since: Math.max(...inquiries.flatMap((one) => [one.answer_by, one.waiting_since])),
  };
}

/** Returns what keeps staff from inquiries, in words for them, by its key. */
export function problemsOf(summary: Summary, now: Date, site: Site): Map<string, Problem> {
  const found = Object.entries(kinds).map(([key, { find }]) => [key, find(summary, now, site)]);
  return new Map(found.filter((entry): entry is [string, Problem] => entry[1] !== undefined));
}

/** Returns a sentence if the site could not call the webhook the last time, or undefined. */
export function webhookFailure({ failingJobs }: Summary): string | undefined {
  const [time] = webhookJobs.flatMap((job) => failingJobs.get(job) ?? []);
  return time && `alerts: the webhook has accepted none since ${time.toISOString()}`;
}

type AlertParts = {
  store: AlertStore;
  webhookUrl: string | undefined;
  site: Site;
  log: Log;
};

/** Returns the job that reports problems. */
export function createAlerts({ store, webhookUrl, site, log }: AlertParts): Job {
  return {
    name: "alerts",
    everyMs: 50_000, // so that a problem is reported within a minute
    /** Reports changes since the last report. If the webhook fails, the next run repeats them. */
    async run(now) {
      const problems = problemsOf(await store.summary(now), now, site);
      const reported = await store.reportedProblems();
      const keys: string[] = [];
      const present: string[] = [];
      for (const [key, { text, facts = [], since = 0 }] of problems) {
        const reportedAt = reported.get(key)?.getTime();
        const isNew = reportedAt === undefined || since >= reportedAt;
        // A time in the future was written by a wrong clock.
        if (!isNew && Math.abs(now.getTime() - reportedAt) < reminderMs) continue;
        keys.push(key);
        present.push([isNew ? text : `Still: ${text}`, ...facts].join("\n"));
      }
      const over = [...reported.keys()].filter((key) => !problems.has(key));
      if (keys.length + over.length === 0) return;
      if (present.length > 0) log.error({ problems: present }, "inquiries do not reach staff");
      else log.info({ over }, "inquiries reach staff again");
      const { siteUrl } = site;
      const text = [
        `Inquiries at ${siteUrl}. Nothing is lost.`,
        ...present,
        ...over.map((key) => `Over: ${kinds[key]?.over ?? key}.`),
      ].join("\n");
      if (webhookUrl) await callWebhook(webhookUrl, { text, site: siteUrl, problems: present });
      await store.setReported(keys, over, now);
    },
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
