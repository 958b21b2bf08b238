// The digest: one mail on each working day on which there is something to list. If the mail server
// refuses its text, it is sent without the words of visitors.

import { hash } from "node:crypto";
import { dayMs, instantAt, longDate, weekdayDate } from "../../calendar.ts";
import { company } from "../../company.ts";
import type { Log } from "../../log.ts";
import { view } from "../../views.ts";
import { refusedAddress } from "../mail/confirmation.ts";
import { answersIn } from "../answers.ts";
import { quarantineWords } from "../delivery.ts";
import type { Inquiry } from "../inquiry.ts";
import { approveButton, isOverdue, progressTable, progressWords } from "../handling.ts";
import { atHeadOffice, quote, truncate, upperFirst } from "../mail/text.ts";
import type { ArticleCount, DigestContent, JobStore, Section } from "../store/interface.ts";
import { digestTimeOn, officeDay, type Job } from "./job.ts";
import { staffPageUrl, type Mail, type MailSettings } from "../mail/mail.ts";
import { redactServerReply, type SendMail } from "../mail/smtp.ts";

type Dependencies = { store: JobStore; sendMail: SendMail; mail: MailSettings; log: Log };

const { timeZone } = company.headOffice;

export function createDigest({ store, sendMail, mail, log }: Dependencies): Job {
  return {
    name: "digest",
    async run(now) {
      const today = officeDay(now);
      const last = await store.lastDigest();
      if (last && officeDay(last).equals(today)) return;
      const midnight = instantAt(today.add({ days: 1 }), 0, timeZone);
      const content = await store.digestContent({ now, opening: digestTimeOn(now), midnight });
      if (countWords(content) === "") return;
      const isFirstOfMonth = !last || officeDay(last).month !== today.month;
      const articles = isFirstOfMonth ? await store.articleCounts() : [];
      const send = (withAnswers: boolean) =>
        sendMail(composeDigest({ ...content, articles }, mail, now, withAnswers));
      let result = await send(true);
      if (!result.sent && result.isAboutText) result = await send(false);
      if (!result.sent) throw new Error(redactServerReply(result.reason));
      const { refusedRecipients: refused } = result;
      if (refused.length > 0)
        log.error({ refused }, "the mail server accepted the digest for some of the staff only");
      const { alsoQuarantined, ...sections } = content;
      const shown = Object.values(sections).flatMap(({ inquiries }) => inquiries);
      await store.recordListed([...shown, ...alsoQuarantined], now);
    },
  };
}

/**
 * Counts in words what a digest lists: "1 overdue, 2 sent", or "" for nothing. A phone shows only
 * the beginning of a subject, so overdue ones are first.
 */
function countWords({ overdue, dueToday, refused, quarantined, sent }: DigestContent): string {
  const counts: [number, string][] = [
    [overdue.total, "overdue"],
    [dueToday.total, "due today"],
    [refused.total, "not emailed"],
    [quarantined.total, "in quarantine"],
    [sent.total, "sent"],
  ];
  return counts.flatMap(([count, what]) => (count > 0 ? `${count} ${what}` : [])).join(", ");
}

/**
 * Returns a number by which a section is sorted, the highest first. Inquiries that staff have not
 * seen come first, then failing systems, then urgent starts.
 */
const urgency = ({ delivery, answers: { kind, start } }: Inquiry) =>
  (delivery.state === "quarantined" && !delivery.listedAt ? 4 : 0) +
  (kind === "failing" ? 2 : 0) +
  (start === "now" ? 1 : 0);

/**
 * Composes the digest. Its Message-ID has a hash of the text, because mailboxes drop a mail with
 * the ID of another. Without `withAnswers` it has no word that a visitor typed.
 */
function composeDigest(
  content: DigestContent & { articles: ArticleCount[] },
  { siteUrl, command, retentionDays, mailFrom, mailTo }: MailSettings,
  now: Date,
  withAnswers: boolean,
): Mail {
  const typed = (text: string, length: number) =>
    withAnswers ? [quote(truncate(text.replace(/\s+/g, " "), length))] : [];
  /** Returns what the view writes in the lines of an inquiry. */
  const describe = (inquiry: Inquiry) => {
    const { answers, delivery, confirmation } = inquiry;
    const heading = answersIn("heading", answers).join(", ");
    const message = answersIn("text", answers).join(" ");
    return {
      who: typed(heading, 60),
      whoAndAddress: typed(`${heading}, ${answers.email}`, 120),
      text: typed(message, 240),
      firstLine: typed(/\S.*/.exec(message)?.[0] ?? "", 100),
      summary: [...answersIn("subject", answers), ...answersIn("summary", answers)].join(", "),
      due: describeDue(inquiry, now, retentionDays),
      partly: delivery.failure?.type === "partial" ? [delivery.failure.reason] : [],
      address: confirmation === "refused" ? [refusedAddress] : [],
      link: staffPageUrl(siteUrl, inquiry),
      isListed: delivery.listedAt !== undefined,
    };
  };
  const describeAll = ({ inquiries }: Section) =>
    inquiries.toSorted((one, other) => urgency(other) - urgency(one)).map(describe);
  const lines = content.alsoQuarantined.map(({ reference, answers }) => {
    const sender = `${answersIn("heading", answers).join(", ")}, ${answers.email}`;
    return [reference, ...typed(sender, 60)].join(" ");
  });
  const buttons = { approve: approveButton, close: progressTable.closed.button };
  const data = { ...content, lines, command, retentionDays, withAnswers, describeAll, buttons };
  const text = view("mail/digest.text")(data);
  const reference = `digest-${now.toISOString().slice(0, 10)}-${hash("sha256", text).slice(0, 8)}`;
  return {
    reference,
    messageId: `<${reference}@${mailFrom.address.split("@")[1]}>`,
    date: now,
    from: mailFrom,
    to: mailTo,
    subject: `${countWords(content)}: inquiries on ${weekdayDate(now, timeZone)}`,
    text,
  };
}

function describeDue({ reference, delivery, handling }: Inquiry, now: Date, days: number): string {
  const { state, sentAt } = delivery;
  const { progress, changedAt, answerBy } = handling;
  const isLate = isOverdue(handling, now);
  const facts = [reference, `Answer ${isLate ? "was due" : "due"} ${atHeadOffice(answerBy)}`];
  if (state === "quarantined") facts.push(`Quarantined: ${quarantineWords(delivery)}`);
  else if (progress === "open" || !changedAt) facts.push("Not taken");
  else facts.push(`${upperFirst(progressWords(handling))}, ${atHeadOffice(changedAt)}`);
  if (state === "pending") facts.push("Not emailed yet");
  if (isLate && sentAt)
    facts.push(`To be deleted on ${longDate(new Date(sentAt.getTime() + days * dayMs), timeZone)}`);
  return `${facts.join(". ")}.`;
}
