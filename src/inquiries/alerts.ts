// Alerts: what keeps staff from inquiries. The site logs a problem and calls the webhook when it
// begins, each day while it lasts, and when it is over.

import type { Log } from "../log.ts";
import { lateMs } from "./inquiry.ts";
import { duration } from "./mail-text.ts";
import { passParts, type AlertStore, type PassPart, type Summary } from "./store/interface.ts";
import type { Job } from "./worker.ts";
import { dueFacts, staffPageUrl, type MailSettings } from "./inquiry-mail.ts";
import { redactServerReply } from "./smtp.ts";
import { callWebhook, reportDue } from "./webhook.ts";

type Site = Pick<MailSettings, "siteUrl" | "command">;

/**
 * What keeps staff from inquiries. `key`: the store records under it when the problem was reported.
 * `facts`: further lines for the webhook, with the secret URLs of staff pages. `since`: when it last
 * became worse, in milliseconds since 1970; if that is after its last report, it is reported again.
 */
type Problem = {
  key: keyof typeof ends | `job ${PassPart}`;
  text: string;
  facts?: string[];
  since?: number;
};

/** The parts of a pass that call the webhook, so it cannot report that they fail. */
const webhookParts: PassPart[] = ["alerts", "error reports"];
const reportedParts = passParts.filter((part) => !webhookParts.includes(part));

/** If more quarantined inquiries are in no digest yet, there is a flood of them. */
const maxUnlisted = 20;

/** What is reported when a problem is over, by its key. */
const ends = {
  waiting: "no inquiry has been waiting for longer than fifteen minutes",
  permanent: "mail can be sent again",
  quarantine: "a digest has listed the inquiries in quarantine",
  overdue: "no inquiry is overdue",
};
const endOf: Record<string, string> = {
  ...ends,
  ...Object.fromEntries(reportedParts.map((part) => [`job ${part}`, `the ${part} works again`])),
};

/** Returns how long something has lasted, in words, or undefined if that is not too long. */
function lateness(since: Date | undefined, now: Date): string | undefined {
  const ms = since ? now.getTime() - since.getTime() : 0;
  return ms > lateMs ? duration(ms) : undefined;
}

/** Returns what keeps staff from inquiries, in words for them. */
export function problemsOf(summary: Summary, now: Date, site: Site): Problem[] {
  const { oldestPendingAt, permanentFailure, unlisted, failingParts, overdue } = summary;
  const waited = lateness(oldestPendingAt, now);
  const failing = reportedParts.map((part): Problem | false => {
    const failed = lateness(failingParts.get(part), now);
    const text = `the ${part} has failed for ${failed}; the log says why`;
    return failed !== undefined && { key: `job ${part}`, text };
  });
  const found: (Problem | false | "" | undefined)[] = [
    waited && { key: "waiting", text: `the oldest undelivered inquiry has waited ${waited}` },
    permanentFailure && {
      key: "permanent",
      text: `mail cannot be sent until this is fixed: ${redactServerReply(permanentFailure)}`,
    },
    unlisted > maxUnlisted && {
      key: "quarantine",
      text:
        `inquiries in quarantine that no digest has listed: ${unlisted}; ` +
        `see ${site.command("inquiries list quarantined")}`,
    },
    ...failing,
    overdue.total > 0 && overdueProblem(overdue, now, site),
  ];
  return found.filter((problem) => !!problem);
}

/** Returns a problem that names the overdue inquiries whose deadline passed last. */
function overdueProblem(
  { inquiries, total }: Summary["overdue"],
  now: Date,
  { siteUrl, command }: Site,
): Problem {
  const what = total === 1 ? "one inquiry is" : `${total} inquiries are`;
  return {
    key: "overdue",
    text: `${what} overdue; see ${command("inquiries list overdue")}`,
    facts: inquiries.map((inquiry) =>
      [...dueFacts(inquiry, command, now), staffPageUrl(siteUrl, inquiry)].join(". "),
    ),
    // An inquiry may be overdue as soon as it is released from quarantine, which is before its first
    // mail. A mail that is sent again is no news.
    since: Math.max(
      ...inquiries.map(({ answerBy, waitingSince, sentAt }) =>
        sentAt && sentAt < waitingSince
          ? answerBy.getTime()
          : Math.max(answerBy.getTime(), waitingSince.getTime()),
      ),
    ),
  };
}

/** Returns a sentence if the site does not report problems, or undefined. */
export function alertsFailure({ failingParts, alertsRunAt }: Summary, now: Date) {
  const [time] = webhookParts.flatMap((part) => failingParts.get(part) ?? []);
  if (time) return `the webhook has accepted none since ${time.toISOString()}`;
  const idle = lateness(alertsRunAt, now);
  return idle && `nothing has been mailed or reported for ${idle}: systemctl restart clean-systems`;
}

type AlertParts = { store: AlertStore; webhookUrl: string | undefined; site: Site; log: Log };

/** Returns the job that reports problems. */
export function createAlerts({ store, webhookUrl, site, log }: AlertParts): Job {
  return {
    name: "alerts",
    everyMs: 50_000, // so that a problem is reported within a minute
    /** Reports changes since the last report. If the webhook fails, the next run repeats them. */
    async run(now) {
      const problems = problemsOf(await store.summary(now), now, site);
      const reported = await store.reportedProblems();
      const present = problems.flatMap((problem): Problem[] => {
        const { key, text, since = 0 } = problem;
        const reportedAt = reported.get(key);
        const isWorse = reportedAt !== undefined && since >= reportedAt.getTime();
        const due = reportDue(reportedAt, isWorse, now);
        if (!due) return [];
        return [due === "new" ? problem : { ...problem, text: `Still: ${text}` }];
      });
      const over = [...reported.keys()].filter((key) => !problems.some((one) => one.key === key));
      if (present.length + over.length === 0) return;
      const texts = present.map(({ text }) => text); // the log must not contain the facts
      if (present.length > 0) log.error({ problems: texts }, "inquiries do not reach staff");
      else log.info({ over }, "inquiries reach staff again");
      const messages = present.map(({ text, facts = [] }) => [text, ...facts].join("\n"));
      const { siteUrl } = site;
      const text = [
        `Inquiries at ${siteUrl}. Nothing is lost.`,
        ...messages,
        ...over.map((key) => `Over: ${endOf[key] ?? key}.`),
      ].join("\n");
      if (webhookUrl) await callWebhook(webhookUrl, { text, site: siteUrl, problems: messages });
      const keys = present.map(({ key }) => key);
      await store.setReported(keys, over, now);
    },
  };
}
