// The digest: inquiries that are overdue or due with their senders, what was deleted unanswered, the
// reference of each one sent since the last digest, so that a spam folder cannot hide one, and what
// staff did.

import { instantAt, localTime, longDate } from "../calendar.ts";
import { company } from "../company.ts";
import { view } from "../views.ts";
import { dueFacts, duration } from "./alerts.ts";
import { answersIn } from "./answers.ts";
import { createDailyMail, openingOn, type DailyMailParts } from "./daily-mail.ts";
import { atHeadOffice, quote, receivedLine, staffPageUrl, truncate } from "./inquiry-mail.ts";
import type { Job } from "./jobs.ts";
import { progressTable } from "./progress.ts";
import { deletedAfter } from "./retention.ts";
import type { Inquiry } from "./store/schema.ts";

const { timeZone } = company.headOffice;

/** Returns the job that sends the digest. */
export const createDigest = (parts: DailyMailParts): Job =>
  createDailyMail("digest", parts, digest);

async function digest({ store, mail }: DailyMailParts, now: Date, last?: Date) {
  const { command, siteUrl, retentionDays } = mail;
  const tomorrow = localTime(now, timeZone).toPlainDate().add({ days: 1 });
  const { due, overdue, sent, changed, quarantine, ...found } = await store.digestContent({
    now,
    since: last ? openingOn(last) : new Date(0),
    opening: openingOn(now),
    midnight: instantAt(tomorrow, 0, timeZone),
  });
  const deleted = [...found.deleted];
  const counts = {
    overdue: overdue.total,
    "due today": due.total,
    "deleted unanswered": deleted.length,
    "waiting in quarantine": quarantine?.waiting ?? 0,
    sent: sent.total,
    updated: changed.total,
  };
  if (Object.values(counts).every((count) => count === 0)) return undefined;

  const deletionOf = ({ sent_at, answer_by }: Inquiry) =>
    sent_at === null || answer_by > now.getTime()
      ? []
      : [`To be deleted on ${longDate(deletedAfter(sent_at, retentionDays), timeZone)}`];
  const itemOf = (inquiry: Inquiry, withNames: boolean) => [
    ...(withNames ? [quote(truncate(answersIn("heading", inquiry.answers).join(", "), 60))] : []),
    `${[...dueFacts(inquiry, mail, now), ...deletionOf(inquiry)].join(". ")}.`,
    staffPageUrl(siteUrl, inquiry),
  ];
  const compose = (withNames: boolean) =>
    view("mail/digest.text")({
      command,
      counts,
      withNames,
      retentionDays,
      overdue: overdue.inquiries.map((inquiry) => itemOf(inquiry, withNames)),
      due: due.inquiries.map((inquiry) => itemOf(inquiry, withNames)),
      deleted: deleted.map(([reference, time]) => `${reference}  deleted ${atHeadOffice(time)}`),
      age: duration(now.getTime() - (quarantine?.oldestAt ?? now).getTime()),
      sent: sent.inquiries.map(receivedLine),
      changed: changed.inquiries.map(
        (inquiry) =>
          `${inquiry.reference} ${changeOf(inquiry)}, ${atHeadOffice(new Date(inquiry.progress_at ?? 0))}\n${staffPageUrl(siteUrl, inquiry)}`,
      ),
    });
  return {
    counts,
    text: compose(true),
    textWithoutAnswers: compose(false),
    listed: sent.inquiries,
    deleted: deleted.map(([reference]) => reference),
  };
}

/** Returns what staff did last. A release sets both times. */
const changeOf = ({ progress, progress_at, waiting_since }: Inquiry): string =>
  progress === "open" && progress_at === waiting_since
    ? "released from quarantine"
    : progressTable[progress].words;
