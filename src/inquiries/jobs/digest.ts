// The digest: one mail on each working day on which there is something to list. If the mail server
// refuses its text, it is sent without the words of visitors.

import { hash } from "node:crypto";
import { dayMs, instantAt, longDate, weekdayDate } from "../../calendar.ts";
import { company } from "../../company.ts";
import type { Log } from "../../log.ts";
import { view } from "../../views.ts";
import { refusedAddress } from "../mail/confirmation.ts";
import { answersIn } from "../answers.ts";
import type { Inquiry } from "../inquiry.ts";
import { isOverdue, progressWords } from "../handling.ts";
import { atHeadOffice, countLine, quote, truncate, upperFirst } from "../mail/text.ts";
import type { ArticleCount, DigestContent, Store } from "../store/interface.ts";
import { officeDay, openingOn, type Job } from "./job.ts";
import { staffPageUrl, type Mail, type MailSettings } from "../mail/mail.ts";
import { redactServerReply, type SendMail } from "../mail/smtp.ts";

type DigestParts = {
  store: Store;
  sendMail: SendMail;
  mail: MailSettings;
  log: Log;
};

const { timeZone } = company.headOffice;

export function createDigest({ store, sendMail, mail, log }: DigestParts): Job {
  return {
    name: "digest",
    async run(now) {
      const today = officeDay(now);
      const last = await store.lastDigest();
      if (last && officeDay(last).equals(today)) return;
      const lists = await store.digestContent({
        now,
        opening: openingOn(now),
        midnight: instantAt(today.add({ days: 1 }), 0, timeZone),
      });
      const summary = countWords(lists);
      if (summary === "") return;
      const month = today.toPlainYearMonth();
      const isFirstOfMonth = !last || !officeDay(last).toPlainYearMonth().equals(month);
      const lastMonth = month.subtract({ months: 1 }).toString();
      const articles = isFirstOfMonth ? await store.articleCounts(lastMonth) : [];
      const send = (withAnswers: boolean) =>
        sendMail(
          composeDigest(
            summary,
            composeText({ ...lists, articles }, mail, now, withAnswers),
            mail,
            now,
          ),
        );
      let result = await send(true);
      if (!result.sent && result.isAboutText) result = await send(false);
      if (!result.sent) throw new Error(redactServerReply(result.reason));
      const { refusedRecipients: refused } = result;
      if (refused.length > 0)
        log.error({ refused }, "the mail server accepted the digest for some of the staff only");
      await store.recordListed([...lists.quarantined.inquiries, ...lists.sent.inquiries], now);
    },
  };
}

/** "1 overdue, 2 sent". A phone shows only the beginning, so overdue ones are first. */
function countWords({ overdue, dueToday, refused, quarantined, sent }: DigestContent): string {
  const counts = {
    overdue: overdue.total,
    "due today": dueToday.total,
    "not emailed": refused.total,
    "in quarantine": quarantined.total,
    sent: sent.total,
  };
  const nonZero = Object.entries(counts).filter(([, count]) => count > 0);
  return nonZero.map(([what, count]) => `${count} ${what}`).join(", ");
}

/** What staff have not seen comes first, then failing systems, and who wants to start at once. */
const urgency = ({ delivery, answers: { kind, start } }: Inquiry) =>
  (delivery.state === "quarantined" && !delivery.listedAt ? 4 : 0) +
  (kind === "failing" ? 2 : 0) +
  (start === "now" ? 1 : 0);

function composeText(
  content: DigestContent & { articles: ArticleCount[] },
  { siteUrl, command, retentionDays }: MailSettings,
  now: Date,
  withAnswers: boolean,
): string {
  const typed = (text: string, length: number) =>
    withAnswers ? [quote(truncate(text.replace(/\s+/g, " "), length))] : [];
  const heading = ({ answers }: Inquiry) => answersIn("heading", answers).join(", ");
  return view("mail/digest.text")({
    ...content,
    command,
    retentionDays,
    withAnswers,
    countLine,
    byUrgency: (inquiries: Inquiry[]) =>
      inquiries.toSorted((one, other) => urgency(other) - urgency(one)),
    who: (inquiry: Inquiry) => typed(heading(inquiry), 60),
    whoAndText: (inquiry: Inquiry) => [
      ...typed(`${heading(inquiry)}, ${inquiry.answers.email}`, 120),
      ...typed(answersIn("text", inquiry.answers).join(" "), 240),
    ],
    wish: ({ answers }: Inquiry) =>
      [...answersIn("subject", answers), ...answersIn("summary", answers)].join(", "),
    due: (inquiry: Inquiry) => `${dueFacts(inquiry, now, retentionDays).join(". ")}.`,
    received: ({ reference, receivedAt }: Inquiry) =>
      `${reference}  received ${atHeadOffice(receivedAt)}`,
    partly: ({ delivery: { failure } }: Inquiry) =>
      failure?.type === "partial" ? [failure.reason] : [],
    address: ({ confirmation }: Inquiry) => (confirmation === "refused" ? [refusedAddress] : []),
    link: (inquiry: Inquiry) => staffPageUrl(siteUrl, inquiry),
  });
}

function dueFacts(
  { reference, delivery, handling }: Inquiry,
  now: Date,
  retentionDays: number,
): string[] {
  const { state, quarantineReason, sentAt } = delivery;
  const { progress, changedAt = new Date(0), answerBy } = handling;
  const isLate = isOverdue(handling, now);
  const facts = [reference, `Answer ${isLate ? "was due" : "due"} ${atHeadOffice(answerBy)}`];
  if (state === "quarantined") return [...facts, `Quarantined: ${quarantineReason}`];
  const words = upperFirst(progressWords(handling));
  facts.push(progress === "open" ? "Not taken" : `${words}, ${atHeadOffice(changedAt)}`);
  if (state === "pending") facts.push("Not emailed yet");
  if (isLate && sentAt) {
    const deletion = new Date(sentAt.getTime() + retentionDays * dayMs);
    facts.push(`To be deleted on ${longDate(deletion, timeZone)}`);
  }
  return facts;
}

/** The Message-ID has a hash of the text, because mailboxes drop a mail with the ID of another. */
function composeDigest(
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
