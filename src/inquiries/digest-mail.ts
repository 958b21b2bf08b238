// The text of the digest. For phones, each fact has its own line, and sentences are not wrapped.

import { createHash } from "node:crypto";
import { weekdayDate } from "../calendar.ts";
import { company } from "../company.ts";
import { view } from "../views.ts";
import { answersIn, readableAnswers } from "./answers.ts";
import { inBothCities, wrap, type Mail, type MailSettings } from "./inquiry-mail.ts";
import { dueFacts, markWords } from "./progress.ts";
import { graceDays } from "./retention.ts";
import type { StoredMark } from "./store/follow-up.ts";
import type { StoredInquiry } from "./store/schema.ts";

export type DigestContent = {
  /** They become overdue today unless they are taken or answered. */
  due: StoredInquiry[];
  overdue: StoredInquiry[];
  /** Quarantined or sent, and not in an earlier digest. */
  listed: StoredInquiry[];
  marks: StoredMark[];
  /** How many inquiries came from each page in the previous month. Only in the first digest of a month. */
  sources: { month: string; lines: string[] } | undefined;
};

// In UTF-16 units, as the form counts. Two hundred messages of this length stay below 5 MB; mail servers often refuse more than 10 MB.
const maxShownLength = 2_000;

/** Composes the digest for the instant `date`. The subject starts with what matters most, because a phone shows little of it. */
export function composeDigest(
  { due, overdue, listed, marks, sources }: DigestContent,
  settings: MailSettings,
  date: Date,
): Mail {
  const { siteUrl, retentionDays, quarantineDays, mailFrom, mailTo } = settings;
  const quarantined = listed.filter(({ state }) => state === "quarantined");
  const sent = listed.filter(({ state }) => state === "sent");
  const marked = new Set(marks.map(({ reference }) => reference));
  const counts = {
    overdue: overdue.length,
    "due today": due.length,
    quarantined: quarantined.length,
    sent: sent.length,
    marked: marked.size,
  };
  const summary = Object.entries(counts).flatMap(([what, count]) =>
    count > 0 ? `${count} ${what}` : [],
  );
  const text = view("mail/digest.text")({
    due: due.map((inquiry) => dueFacts(inquiry, siteUrl, date)),
    overdue: overdue.map((inquiry) => dueFacts(inquiry, siteUrl, date)),
    quarantined,
    sent,
    marks: marks.map(
      ({ reference, mark, at }) => `${reference} ${markWords[mark]}, ${inBothCities(new Date(at))}`,
    ),
    sources,
    retentionDays,
    graceDays,
    quarantineDays,
    days,
    inBothCities,
    readableAnswers,
    answersIn,
    wrap,
    startOf,
  });
  // The Message-ID depends on the text, so that a mailbox that drops duplicates does not drop a different digest.
  const stamp = `${date.toISOString().slice(0, 10)}-${createHash("sha256").update(text).digest("hex").slice(0, 8)}`;
  return {
    reference: `digest-${stamp}`,
    messageId: `<digest-${stamp}@${mailFrom.address.split("@")[1]}>`,
    date,
    from: mailFrom,
    to: mailTo,
    subject: `${summary.join(", ")}: inquiries on ${weekdayDate(date, company.headOffice.timeZone)}`,
    text,
  };
}

/** Returns for example "1 day" or "4.5 days". */
const days = (count: number) =>
  count.toLocaleString("en-GB", { style: "unit", unit: "day", unitDisplay: "long" });

/** Returns the start of a message, and how many characters follow it. */
function startOf(message: string): { start: string; rest: number } {
  if (message.length <= maxShownLength) return { start: message, rest: 0 };
  const start = message.slice(0, maxShownLength).replace(/\p{Surrogate}$/u, ""); // half of a pair
  return { start: `${start}…`, rest: message.length - start.length };
}
