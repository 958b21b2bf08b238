// The digest: one mail on each working day on which there is something to list. If the mail server
// refuses its text, it is sent without the words of visitors.

import { hash } from "node:crypto";
import {
  dayMs,
  instantAt,
  isDanishWorkingDay,
  localTime,
  longDate,
  weekdayDate,
} from "../calendar.ts";
import { company } from "../company.ts";
import type { Log } from "../log.ts";
import { view } from "../views.ts";
import { answersIn } from "./form.ts";
import type { Inquiry } from "./inquiry.ts";
import { progressWords } from "./progress.ts";
import { atHeadOffice, countLine, quote, truncate, type Fact } from "./mail-text.ts";
import type { ArticleCount, DigestContent, DigestStore, Section } from "./store/interface.ts";
import type { Job } from "./worker.ts";
import {
  dueFacts,
  earlierFacts,
  staffPageUrl,
  type Mail,
  type MailSettings,
} from "./inquiry-mail.ts";
import { redactServerReply, type SendMail } from "./smtp.ts";

type DigestParts = {
  store: DigestStore;
  sendMail: SendMail;
  mail: MailSettings;
  log: Log;
};

/** `earlier`: of earlier inquiries of a sender, by id. `articles`: empty except once a month. */
type Content = DigestContent & {
  earlier: Map<number, Fact[]>;
  articles: ArticleCount[];
  /** Whether it has what visitors typed. */
  withAnswers: boolean;
};

const { timeZone, opensAtHour } = company.headOffice;

/** Returns the job that sends the digest, once on each working day, after the office has opened. */
export function createDigest({ store, sendMail, mail, log }: DigestParts): Job {
  return {
    name: "digest",
    everyMs: 10 * 60_000,
    isDue: (now) => isDanishWorkingDay(dateOf(now)) && now >= openingOn(now),
    async run(now) {
      const today = dateOf(now);
      const last = await store.lastDigest();
      if (last && dateOf(last).equals(today)) return;
      const lists = await store.digestContent({
        now,
        since: last ? openingOn(last) : new Date(0),
        opening: openingOn(now),
        midnight: instantAt(today.add({ days: 1 }), 0, timeZone),
      });
      const summary = summaryOf(lists);
      if (summary === "") return;
      const earlier = new Map<number, Fact[]>();
      for (const { inquiries } of [lists.overdue, lists.due, lists.quarantined])
        for (const one of inquiries)
          earlier.set(one.id, earlierFacts(await store.earlier(one), mail));
      const month = today.toPlainYearMonth();
      const isFirstOfMonth = !last || !dateOf(last).toPlainYearMonth().equals(month);
      const content = {
        ...lists,
        earlier,
        articles: isFirstOfMonth
          ? await store.articleCounts(month.subtract({ months: 1 }).toString())
          : [],
      };
      const send = (withAnswers: boolean) =>
        sendMail(mailOf(summary, textOf({ ...content, withAnswers }, mail, now), mail, now));
      let result = await send(true);
      if (!result.sent && result.isAboutText) result = await send(false);
      if (!result.sent) throw new Error(redactServerReply(result.reason));
      const { refusedRecipients: refused } = result;
      if (refused.length > 0)
        log.error({ refused }, "the mail server accepted the digest for some of the staff only");
      await store.recordListed(lists.listed, now, [...lists.deleted.keys()]);
    },
  };
}

const dateOf = (instant: Date) => localTime(instant, timeZone).toPlainDate();

/** Returns when the office opens on the day of an instant. */
const openingOn = (instant: Date): Date => instantAt(dateOf(instant), opensAtHour, timeZone);

/** Returns "1 overdue, 2 sent". A phone shows only the beginning, so overdue ones are first. */
function summaryOf({ overdue, due, deleted, quarantined, sent, changed }: DigestContent): string {
  const counts = {
    overdue: overdue.total,
    "due today": due.total,
    "deleted unanswered": deleted.size,
    "new in quarantine": quarantined.total,
    sent: sent.total,
    updated: changed.total,
  };
  const found = Object.entries(counts).filter(([, count]) => count > 0);
  return found.map(([what, count]) => `${count} ${what}`).join(", ");
}

/** Returns a section as text: the lines of each inquiry, and how many more there are. */
function list({ inquiries, total }: Section, linesOf: (inquiry: Inquiry) => string[]): string {
  const items = inquiries.map((inquiry) => linesOf(inquiry).join("\n"));
  const more = total - items.length;
  if (more > 0) items.push(`And ${more.toLocaleString("en-GB")} more.`);
  return items.join("\n\n");
}

const heading = ({ answers }: Inquiry) => answersIn("heading", answers).join(", ");

function textOf(content: Content, settings: MailSettings, now: Date): string {
  const { siteUrl, command, retentionDays } = settings;
  const { withAnswers } = content;
  const typed = (text: string, length: number) =>
    withAnswers ? [quote(truncate(text, length))] : [];
  const links = (inquiry: Inquiry) => [
    staffPageUrl(siteUrl, inquiry),
    ...(content.earlier.get(inquiry.id) ?? []).map(
      ({ label, text, href }) => `${label}: ${text}\n${href}`,
    ),
  ];
  const unanswered = (section: Section, deletionOf: (inquiry: Inquiry) => string[] = () => []) =>
    list(section, (inquiry) => [
      ...typed(heading(inquiry), 60),
      `${[...dueFacts(inquiry, command, now, changeOf(inquiry)), ...deletionOf(inquiry)].join(". ")}.`,
      ...links(inquiry),
    ]);
  return view("mail/digest.text")({
    command,
    withAnswers,
    retentionDays,
    overdue: unanswered(content.overdue, ({ sentAt }) => {
      const time = sentAt && new Date(sentAt.getTime() + retentionDays * dayMs);
      return time ? [`To be deleted on ${longDate(time, timeZone)}`] : [];
    }),
    due: unanswered(content.due),
    deleted: Array.from(
      content.deleted,
      ([reference, time]) => `${reference}  deleted ${atHeadOffice(time)}`,
    ),
    quarantined: list(content.quarantined, (inquiry) => [
      `${inquiry.reference}  ${inquiry.quarantineReason}`,
      ...typed(`${heading(inquiry)}, ${inquiry.answers.email}`, 120),
      ...typed(answersIn("text", inquiry.answers).join(" ").replace(/\s+/g, " "), 240),
      ...links(inquiry),
    ]),
    sent: list(content.sent, (inquiry) => [
      ...typed(heading(inquiry), 60),
      `${inquiry.reference}  received ${atHeadOffice(inquiry.receivedAt)}`,
      ...(inquiry.failure?.kind === "partial" ? [inquiry.failure.reason] : []),
    ]),
    changed: list(content.changed, (inquiry) => [
      ...typed(heading(inquiry), 60),
      `${inquiry.reference} ${changeOf(inquiry)}`,
      staffPageUrl(siteUrl, inquiry),
    ]),
    articles: content.articles.map(countLine),
  });
}

/** "taken by MK, Wed 25 Nov 2026, 09:12 Copenhagen" */
function changeOf(inquiry: Inquiry): string {
  const { progress, quarantineReason, sentAt } = inquiry;
  const at = inquiry.progressAt ?? new Date(0);
  // A release precedes the first mail.
  const isReleased = progress === "open" && quarantineReason !== "" && at <= (sentAt ?? at);
  const what = isReleased ? "released from quarantine" : progressWords(inquiry);
  return `${what}, ${atHeadOffice(at)}`;
}

/** The Message-ID has a hash of the text, because mailboxes drop a mail with the ID of another. */
function mailOf(
  summary: string,
  text: string,
  { mailFrom, mailTo }: MailSettings,
  date: Date,
): Mail {
  const reference = `digest-${date.toISOString().slice(0, 10)}-${hash("sha256", text).slice(0, 8)}`;
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
