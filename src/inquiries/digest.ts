// The digest: a mail on each working day that lists inquiries that are due, overdue or quarantined, the reference of each inquiry sent since
// the last digest, so that a spam folder cannot hide one, and the marks of staff. This file decides when it is sent.

import { instantAt, isDanishWorkingDay, localTime, longDate, longMonth } from "../calendar.ts";
import { company } from "../company.ts";
import type { Log } from "../log.ts";
import { composeDigest, type DigestContent } from "./digest-mail.ts";
import type { MailSettings } from "./inquiry-mail.ts";
import { redactServerReply, type SendMail } from "./smtp.ts";
import { sourceLines } from "./sources.ts";
import type { FollowUp } from "./store/follow-up.ts";
import type { Staff } from "./store/staff.ts";

type DigestParts = {
  staff: Staff;
  followUp: FollowUp;
  sendMail: SendMail;
  mail: MailSettings;
  /** Returns the title of an article, or undefined if there is none. */
  titleOf: (slug: string) => string | undefined;
  now: () => Date;
  log: Log;
};

const retryMs = 10 * 60_000;
const { timeZone, opensAtHour } = company.headOffice;

export function createDigest({ staff, followUp, sendMail, mail, titleOf, now, log }: DigestParts) {
  let notBefore = 0;

  /** Sends today's digest if it is a working day, the office is open, none was sent today, and there was something to list at opening time. */
  async function sendIfDue(): Promise<void> {
    const at = now();
    const today = localTime(at, timeZone).toPlainDate();
    if (!isDanishWorkingDay(today) || at < instantAt(today, opensAtHour, timeZone)) return;
    const waitMs = notBefore - at.getTime();
    if (waitMs > 0 && waitMs <= retryMs) return; // if longer, the clock was ahead
    const last = await staff.timeOf("digest");
    if (last && longDate(last, timeZone) === longDate(at, timeZone)) return;
    const content = await readContent(today, at);
    if (Object.values(content).every(({ length }) => length === 0))
      return void (await staff.setIncident("digest-failing", undefined));
    const isFirstOfMonth = !last || longMonth(last, timeZone) !== longMonth(at, timeZone);
    const sources = isFirstOfMonth ? await sourcesOf(today.subtract({ months: 1 })) : undefined;
    notBefore = at.getTime() + retryMs;
    await send({ ...content, sources }, at);
  }

  async function readContent(
    today: Temporal.PlainDate,
    at: Date,
  ): Promise<Omit<DigestContent, "sources">> {
    const opening = instantAt(today, opensAtHour, timeZone);
    const marks = await followUp.listMarks();
    return {
      due: await followUp.dueUntil(instantAt(today.add({ days: 1 }), 0, timeZone), at),
      overdue: await followUp.overdue(at),
      listed: await staff.notInDigest(opening, at),
      marks: marks.filter((mark) => mark.at < opening.getTime() || mark.at > at.getTime()), // a mark in the future: a clock was ahead
    };
  }

  /** Returns how many inquiries came from each article in the month of `date`. */
  async function sourcesOf(date: Temporal.PlainDate): Promise<DigestContent["sources"]> {
    const month = date.toPlainYearMonth().toString();
    const counts = (await followUp.sources()).filter((source) => source.month === month);
    return counts.length === 0
      ? undefined
      : {
          month: longMonth(instantAt(date, 0, timeZone), timeZone),
          lines: sourceLines(counts, titleOf),
        };
  }

  async function send(content: DigestContent, at: Date): Promise<void> {
    const result = await sendMail(composeDigest(content, mail, at));
    if (result.sent) {
      await staff.markInDigest(content.listed, at);
      await followUp.recordOverdue("digest", content.overdue, at);
      await followUp.deleteMarks(content.marks);
    }
    await staff.setIncident("digest-failing", result.sent ? undefined : at);
    if (!result.sent) {
      const level = result.fault === "permanent" ? "error" : "warn";
      log[level](
        { reason: redactServerReply(result.reason) },
        "the digest could not be sent and is retried in ten minutes",
      );
    } else if (result.refusedRecipients > 0) {
      log.error(
        { refused: result.refusedRecipients },
        "the mail server accepted the digest for some of the staff only",
      );
    }
  }

  return { sendIfDue };
}
