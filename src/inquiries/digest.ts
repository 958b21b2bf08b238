// The digest: one mail on each working day on which there is something to list. If the mail server
// refuses what visitors typed, it is sent without it.

import { hash } from "node:crypto";
import {
  instantAt,
  isDanishWorkingDay,
  localTime,
  longDate,
  monthOf,
  weekdayDate,
} from "../calendar.ts";
import { company } from "../company.ts";
import type { Log } from "../log.ts";
import { view } from "../views.ts";
import { dueFacts } from "./alerts.ts";
import { answersIn } from "./inquiry.ts";
import { earlierFacts, staffPageUrl, type Mail, type MailSettings } from "./inquiry-mail.ts";
import { atHeadOffice, countLine, quote, receivedLine, truncate } from "./mail-text.ts";
import type { Job } from "./worker.ts";
import { progressWords } from "./progress.ts";
import { redactServerReply, type SendMail } from "./smtp.ts";
import type {
  ArticleCount,
  DigestContent,
  DigestStore,
  EarlierInquiry,
  Inquiry,
} from "./store/interface.ts";

const dayMs = 86_400_000;

type DigestParts = {
  store: DigestStore;
  sendMail: SendMail;
  mail: MailSettings;
  log: Log;
};

/** `earlier`: the earlier inquiries of a sender, by id. `articles`: empty except once a month. */
type Content = DigestContent & {
  earlier: Map<number, EarlierInquiry[]>;
  articles: ArticleCount[];
};

const { timeZone, opensAtHour } = company.headOffice;

/** Returns the job that sends the digest, once on each working day, after the office has opened. */
export function createDigest({ store, sendMail, mail, log }: DigestParts): Job {
  return {
    name: "digest",
    everyMs: 10 * 60_000,
    isDue: (now) =>
      isDanishWorkingDay(localTime(now, timeZone).toPlainDate()) && now >= openingOn(now),
    async run(now) {
      const last = await store.lastDigest();
      if (last && longDate(last, timeZone) === longDate(now, timeZone)) return;
      const tomorrow = localTime(now, timeZone).toPlainDate().add({ days: 1 });
      const lists = await store.digestContent({
        now,
        since: last ? openingOn(last) : new Date(0),
        opening: openingOn(now),
        midnight: instantAt(tomorrow, 0, timeZone),
      });
      const counts = countsOf(lists);
      if (Object.values(counts).every((count) => count === 0)) return;
      const named = [lists.overdue, lists.due, lists.quarantined].flatMap((one) => one.inquiries);
      const earlier = await store.earlier(named.map(({ id }) => id));
      const content: Content = { ...lists, earlier, articles: [] };
      const month = monthOf(now, timeZone);
      if (!last || monthOf(last, timeZone) !== month) {
        const lastMonth = Temporal.PlainYearMonth.from(month).subtract({ months: 1 });
        content.articles = await store.articleCounts(lastMonth.toString());
      }
      const send = (withAnswers: boolean) =>
        sendMail(mailOf(counts, textOf(content, counts, mail, now, withAnswers), mail, now));
      let result = await send(true);
      if (!result.sent && result.isAboutText) result = await send(false);
      if (!result.sent) throw new Error(redactServerReply(result.reason));
      const { refusedRecipients: refused } = result;
      if (refused.length > 0)
        log.error({ refused }, "the mail server accepted the digest for some of the staff only");
      await store.recordListed(content.listed, now, [...content.deleted.keys()]);
    },
  };
}

/** Returns when the office opens on the day of an instant. */
const openingOn = (instant: Date): Date =>
  instantAt(localTime(instant, timeZone).toPlainDate(), opensAtHour, timeZone);

/**
 * Returns how many inquiries each section has. The subject has those that are not 0, first what
 * matters most: a phone shows little of it.
 */
const countsOf = (content: DigestContent) => ({
  overdue: content.overdue.total,
  "due today": content.due.total,
  "deleted unanswered": content.deleted.size,
  "new in quarantine": content.quarantined.total,
  sent: content.sent.total,
  updated: content.changed.total,
});
type Counts = ReturnType<typeof countsOf>;

function textOf(
  content: Content,
  counts: Counts,
  { command, siteUrl, retentionDays }: MailSettings,
  now: Date,
  withAnswers: boolean,
): string {
  const { due, overdue, quarantined, sent, changed, deleted } = content;
  const typed = (text: string, length: number) =>
    withAnswers ? [quote(truncate(text, length))] : [];
  const heading = ({ answers }: Inquiry) => answersIn("heading", answers).join(", ");
  const deletion = ({ sent_at }: Inquiry) =>
    sent_at === null
      ? []
      : [`To be deleted on ${longDate(new Date(sent_at + retentionDays * dayMs), timeZone)}`];
  const links = (inquiry: Inquiry) => [
    staffPageUrl(siteUrl, inquiry),
    ...earlierFacts(content.earlier.get(inquiry.id) ?? [], { siteUrl }).map(
      ({ label, text, href }) => `${label}: ${text}\n${href}`,
    ),
  ];
  const dueItem = (inquiry: Inquiry, more: string[] = []) => [
    ...typed(heading(inquiry), 60),
    `${[...dueFacts(inquiry, { siteUrl, command }, now, changeOf(inquiry)), ...more].join(". ")}.`,
    ...links(inquiry),
  ];
  const quarantinedItem = (inquiry: Inquiry) => [
    `${inquiry.reference}  ${inquiry.quarantine_reason}`,
    ...typed(`${heading(inquiry)}, ${inquiry.answers.email}`, 120),
    ...typed(answersIn("text", inquiry.answers).join(" ").replace(/\s+/g, " "), 240),
    ...links(inquiry),
  ];
  const sentItem = (inquiry: Inquiry) => [
    ...typed(heading(inquiry), 60),
    receivedLine(inquiry),
    ...(inquiry.failure_kind === "partial" ? [inquiry.last_failure] : []),
  ];
  const changedItem = (inquiry: Inquiry) => [
    ...typed(heading(inquiry), 60),
    `${inquiry.reference} ${changeOf(inquiry)}`,
    staffPageUrl(siteUrl, inquiry),
  ];
  return view("mail/digest.text")({
    command,
    counts,
    withAnswers,
    retentionDays,
    overdue: overdue.inquiries.map((inquiry) => dueItem(inquiry, deletion(inquiry))),
    due: due.inquiries.map((inquiry) => dueItem(inquiry)),
    deleted: Array.from(
      deleted,
      ([reference, time]) => `${reference}  deleted ${atHeadOffice(time)}`,
    ),
    quarantined: quarantined.inquiries.map(quarantinedItem),
    sent: sent.inquiries.map(sentItem),
    changed: changed.inquiries.map(changedItem),
    articles: content.articles.map(countLine),
  });
}

/** "taken by MK, Wed 25 Nov 2026, 09:12 Copenhagen". A release sets both times. */
const changeOf = (inquiry: Inquiry): string =>
  `${
    inquiry.progress === "open" && inquiry.progress_at === inquiry.waiting_since
      ? "released from quarantine"
      : progressWords(inquiry)
  }, ${atHeadOffice(new Date(inquiry.progress_at ?? 0))}`;

/** The Message-ID depends on the text: a mailbox that drops duplicates keeps a different mail. */
function mailOf(
  counts: Counts,
  text: string,
  { mailFrom, mailTo }: MailSettings,
  date: Date,
): Mail {
  const reference = `digest-${date.toISOString().slice(0, 10)}-${hash("sha256", text).slice(0, 8)}`;
  const found = Object.entries(counts).filter(([, count]) => count > 0);
  const summary = found.map(([what, count]) => `${count} ${what}`).join(", ");
  return {
    reference,
    messageId: `<${reference}@${mailFrom.address.split("@")[1]}>`,
    date,
    from: mailFrom,
    to: mailTo,
    subject: `${summary}: inquiries on ${weekdayDate(date, timeZone)}`,
    text,
  };
}
