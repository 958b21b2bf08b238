// What the digest and the quarantine mail have in common: when they are sent, and how.

import { hash } from "node:crypto";
import { instantAt, isDanishWorkingDay, localTime, longDate, weekdayDate } from "../calendar.ts";
import { company } from "../company.ts";
import type { Log } from "../log.ts";
import type { Mail, MailSettings } from "./inquiry-mail.ts";
import { redactServerReply, type SendMail } from "./smtp.ts";

export type DailyMailParts = { sendMail: SendMail; mail: MailSettings; log: Log };

export const { timeZone, opensAtHour } = company.headOffice;

/** Returns when the office opens on the day of an instant. */
export const openingOn = (instant: Date): Date =>
  instantAt(localTime(instant, timeZone).toPlainDate(), opensAtHour, timeZone);

/** Whether it is a working day and the office has opened. */
export const isOfficeOpen = (now: Date): boolean =>
  isDanishWorkingDay(localTime(now, timeZone).toPlainDate()) && now >= openingOn(now);

export const wasSentOnThisDay = (last: Date | undefined, now: Date): boolean =>
  last !== undefined && longDate(last, timeZone) === longDate(now, timeZone);

/**
 * Composes a mail whose subject has those counts that are not 0. Its Message-ID depends on the text:
 * a mailbox that drops duplicates keeps a different mail.
 */
export function composeDailyMail(
  kind: "digest" | "quarantine",
  counts: Record<string, number>,
  text: string,
  { mailFrom, mailTo }: MailSettings,
  date: Date,
): Mail {
  const stamp = `${date.toISOString().slice(0, 10)}-${hash("sha256", text).slice(0, 8)}`;
  const reference = `${kind}-${stamp}`;
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

/** Sends a mail, or `withoutTexts` if the server refuses its text. Throws if that fails. */
export async function sendToStaff(
  mail: Mail,
  { sendMail, log }: Pick<DailyMailParts, "sendMail" | "log">,
  withoutTexts?: Mail,
): Promise<void> {
  let result = await sendMail(mail);
  if (!result.sent && result.isAboutText && withoutTexts) result = await sendMail(withoutTexts);
  if (!result.sent) throw new Error(redactServerReply(result.reason));
  const { refusedRecipients: refused } = result;
  if (refused > 0)
    log.error({ refused }, `the mail server accepted ${mail.reference} for some of the staff only`);
}
