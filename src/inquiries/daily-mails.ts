// The two mails that staff get on working days on which there is something to list. The digest
// lists inquiries that are overdue or due with their senders, what was deleted unanswered, the
// reference of each one sent since the last digest, so that a spam folder cannot hide one, and what
// staff did. The quarantine mail has what visitors wrote in it. If a mail server refuses what
// visitors typed, each is sent without it.

import { hash } from "node:crypto";
import { instantAt, isDanishWorkingDay, localTime, longDate, weekdayDate } from "../calendar.ts";
import { company } from "../company.ts";
import type { Log } from "../log.ts";
import { view } from "../views.ts";
import { dueFacts, duration } from "./alerts.ts";
import { answersIn, readableAnswers } from "./answers.ts";
import {
  atHeadOffice,
  inBothCities,
  quote,
  staffPageUrl,
  truncate,
  type Mail,
  type MailSettings,
} from "./inquiry-mail.ts";
import type { Job } from "./jobs.ts";
import { progressTable } from "./progress.ts";
import { keptUntil } from "./retention.ts";
import { redactServerReply, type SendMail } from "./smtp.ts";
import type { Inquiry } from "./store/schema.ts";
import type { Store } from "./store/store.ts";

type Parts = {
  store: Pick<Store, "timeOf" | "record" | "digestContent" | "quarantineContent" | "recordListed">;
  sendMail: SendMail;
  mail: MailSettings;
  log: Log;
};

/** What a mail says and lists. */
type Content = {
  /**
   * The subject has those that are not 0. What matters most is first: a phone shows little of it.
   */
  counts: Record<string, number>;
  text: string;
  /** Sent if the mail server refuses `text`. */
  textWithoutAnswers: string;
  /** See `recordListed`. */
  listed: Pick<Inquiry, "id" | "state">[];
  overdue?: Pick<Inquiry, "id">[];
  deleted?: string[];
};

const { timeZone, opensAtHour } = company.headOffice;

// In UTF-16 units. Two hundred messages of this length stay below 5 MB; mail servers often refuse
// more than 10 MB.
const maxShownLength = 2_000;

/** Returns the jobs that send the digest and the quarantine mail. */
export const createDailyMails = (parts: Parts): Job[] => [
  createDailyMail("digest", parts, digest),
  createDailyMail("quarantine mail", parts, quarantineMail),
];

/**
 * `compose` gets the time of the last such mail. It returns undefined if there is nothing to list.
 */
function createDailyMail(
  name: "digest" | "quarantine mail",
  parts: Parts,
  compose: (parts: Parts, now: Date, last?: Date) => Promise<Content | undefined>,
): Job {
  const { store } = parts;
  return {
    name,
    everyMs: 10 * 60_000,
    isDue: (now) =>
      isDanishWorkingDay(localTime(now, timeZone).toPlainDate()) && now >= openingOn(now),
    async run(now) {
      const last = await store.timeOf(name);
      if (last && longDate(last, timeZone) === longDate(now, timeZone)) return;
      const content = await compose(parts, now, last);
      if (!content) return;
      await sendToStaff(name, content, now, parts);
      await store.record(name, now); // first: if the process dies now, there is no second one
      await store.recordListed(content.listed, now, content);
    },
  };
}

async function digest({ store, mail }: Parts, now: Date, last?: Date) {
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

  const keptUntilOf = (inquiry: Inquiry, isOverdue: boolean) => {
    const end = keptUntil(inquiry, isOverdue, now, retentionDays);
    return end ? [`Kept until ${longDate(end, timeZone)}`] : [];
  };
  const itemOf = (inquiry: Inquiry, isOverdue: boolean, withNames: boolean) => [
    ...(withNames ? [quote(truncate(answersIn("heading", inquiry.answers).join(", "), 60))] : []),
    `${[...dueFacts(inquiry, mail, now), ...keptUntilOf(inquiry, isOverdue)].join(". ")}.`,
    staffPageUrl(siteUrl, inquiry),
  ];
  const compose = (withNames: boolean) =>
    view("mail/digest.text")({
      command,
      counts,
      withNames,
      overdue: overdue.inquiries
        .toSorted((a, b) => a.answer_by - b.answer_by)
        .map((inquiry) => itemOf(inquiry, true, withNames)),
      due: due.inquiries.map((inquiry) => itemOf(inquiry, false, withNames)),
      deleted: deleted.map(([reference, time]) => `${reference}  deleted ${atHeadOffice(time)}`),
      age: duration(now.getTime() - (quarantine?.oldestAt ?? now).getTime()),
      sent: sent.inquiries.map(
        (inquiry) => `${[receivedLine(inquiry), ...keptUntilOf(inquiry, false)].join(". ")}.`,
      ),
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
    // Of an inquiry that was not sent, the digest does not say until when it is kept.
    overdue: overdue.inquiries.filter(({ state }) => state === "sent"),
    deleted: deleted.map(([reference]) => reference),
  };
}

async function quarantineMail({ store, mail }: Parts, now: Date) {
  const { command, siteUrl, retentionDays } = mail;
  const { listed, earlier, waiting } = await store.quarantineContent(openingOn(now));
  if (listed.length === 0) return undefined;
  const compose = (withTexts: boolean) =>
    view("mail/quarantine.text")({
      command,
      waiting,
      listed: listed.map((inquiry) => factsOf(inquiry, siteUrl, withTexts)),
      earlier: earlier.map((inquiry) => [receivedLine(inquiry), staffPageUrl(siteUrl, inquiry)]),
      withTexts,
      retentionDays,
    });
  return {
    counts: { "new in quarantine": listed.length, "waiting in all": waiting },
    text: compose(true),
    textWithoutAnswers: compose(false),
    listed,
  };
}

/** Returns what staff did last. A release sets both times. */
const changeOf = ({ progress, progress_at, waiting_since }: Inquiry): string =>
  progress === "open" && progress_at === waiting_since
    ? "released from quarantine"
    : progressTable[progress].words;

const receivedLine = ({ reference, received_at }: Pick<Inquiry, "reference" | "received_at">) =>
  `${reference}  received ${atHeadOffice(new Date(received_at))}`;

function factsOf(inquiry: Inquiry, siteUrl: string, withTexts: boolean) {
  const { reference, received_at, quarantine_reason, email_fault, answers } = inquiry;
  const message = answersIn("text", answers).join("\n\n");
  // Without half of a surrogate pair.
  const start = message.slice(0, maxShownLength).replace(/[\ud800-\udbff]$/, "");
  const rest = message.length - start.length;
  const typed = [
    ...readableAnswers(answers)
      .filter(({ inMail }) => inMail !== "text")
      .map(({ label, text }) => `${label}: ${text}`),
    ...(email_fault ? [`Address: ${email_fault}`] : []),
    "",
    rest > 0 ? `${start}…` : start,
  ];
  return {
    reference,
    reason: quarantine_reason,
    received: inBothCities(new Date(received_at)),
    link: staffPageUrl(siteUrl, inquiry),
    quoted: withTexts ? quote(typed.join("\n")) : "",
    rest,
  };
}

/** Returns when the office opens on the day of an instant. */
const openingOn = (instant: Date): Date =>
  instantAt(localTime(instant, timeZone).toPlainDate(), opensAtHour, timeZone);

/** Sends a mail, without answers if the server refuses its text. Throws if that fails. */
async function sendToStaff(name: string, content: Content, now: Date, parts: Parts): Promise<void> {
  const { counts, text, textWithoutAnswers } = content;
  const send = (shown: string) => parts.sendMail(mailOf(name, counts, shown, parts.mail, now));
  let result = await send(text);
  if (!result.sent && result.isAboutText) result = await send(textWithoutAnswers);
  if (!result.sent) throw new Error(redactServerReply(result.reason));
  const { refusedRecipients: refused } = result;
  if (refused.length > 0)
    parts.log.error({ refused }, `the mail server accepted the ${name} for some of the staff only`);
}

/** The Message-ID depends on the text: a mailbox that drops duplicates keeps a different mail. */
function mailOf(
  name: string,
  counts: Record<string, number>,
  text: string,
  { mailFrom, mailTo }: MailSettings,
  date: Date,
): Mail {
  const stamp = `${date.toISOString().slice(0, 10)}-${hash("sha256", text).slice(0, 8)}`;
  const reference = `${name.split(" ")[0]}-${stamp}`;
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
