// The schedule of the two mails that staff get on working days on which there is something to list.
// If a mail server refuses what visitors typed, each is sent without it.

import { hash } from "node:crypto";
import { instantAt, isDanishWorkingDay, localTime, longDate, weekdayDate } from "../calendar.ts";
import { company } from "../company.ts";
import type { Log } from "../log.ts";
import type { Mail, MailSettings } from "./inquiry-mail.ts";
import type { Job } from "./jobs.ts";
import { redactServerReply, type SendMail } from "./smtp.ts";
import type { Inquiry } from "./store/schema.ts";
import type { Store } from "./store/store.ts";

export type DailyMailParts = {
  store: Pick<Store, "timeOf" | "record" | "digestContent" | "quarantineContent" | "recordListed">;
  sendMail: SendMail;
  mail: MailSettings;
  log: Log;
};

/** What a mail says and lists. */
export type DailyMailContent = {
  /**
   * The subject has those that are not 0. What matters most is first: a phone shows little of it.
   */
  counts: Record<string, number>;
  text: string;
  /** Sent if the mail server refuses `text`. */
  textWithoutAnswers: string;
  /** See `recordListed`. */
  listed: Pick<Inquiry, "id" | "state">[];
  deleted?: string[];
};

const { timeZone, opensAtHour } = company.headOffice;

/**
 * Returns a job that sends what `compose` returns, once on each working day, after the office has
 * opened. `compose` gets the time of the last such mail, and returns undefined if there is nothing
 * to list.
 */
export function createDailyMail(
  name: "digest" | "quarantine mail",
  parts: DailyMailParts,
  compose: (parts: DailyMailParts, now: Date, last?: Date) => Promise<DailyMailContent | undefined>,
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
      await store.recordListed(content.listed, now, content.deleted);
    },
  };
}

/** Returns when the office opens on the day of an instant. */
export const openingOn = (instant: Date): Date =>
  instantAt(localTime(instant, timeZone).toPlainDate(), opensAtHour, timeZone);

/** Sends a mail, without answers if the server refuses its text. Throws if that fails. */
async function sendToStaff(
  name: string,
  content: DailyMailContent,
  now: Date,
  parts: DailyMailParts,
): Promise<void> {
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
