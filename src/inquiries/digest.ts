// The digest: one mail each working day that lists the quarantined inquiries in full, and the reference of everything that was sent since the
// last one, so that a spam folder cannot hide an inquiry.

import { createHash } from "node:crypto";
import { instantAt, isDanishWorkingDay, localTime, longDate, weekdayDate } from "../calendar.ts";
import { company } from "../company.ts";
import type { Log } from "../log.ts";
import { view } from "../views.ts";
import { answersIn, readableAnswers } from "./answers.ts";
import { inBothCities, wrap, type Mail, type MailSettings } from "./inquiry-mail.ts";
import { redactServerReply, type SendMail } from "./smtp.ts";
import type { StoredInquiry } from "./store/schema.ts";
import type { Staff } from "./store/staff.ts";

type DigestParts = { staff: Staff; sendMail: SendMail; mail: MailSettings; now: () => Date; log: Log };

const retryMs = 10 * 60_000;
const { timeZone, opensAtHour } = company.headOffice;

export function createDigest({ staff, sendMail, mail, now, log }: DigestParts) {
  let notBefore = 0;

  /** Sends today's digest if it is a working day, the office has opened, none was sent today, and there was something to list by then. */
  async function sendIfDue(): Promise<void> {
    const at = now();
    const today = localTime(at, timeZone).toPlainDate();
    const opening = instantAt(today, opensAtHour, timeZone);
    if (!isDanishWorkingDay(today) || at < opening) return;
    const waitMs = notBefore - at.getTime();
    if (waitMs > 0 && waitMs <= retryMs) return; // more: the clock was ahead
    const last = await staff.timeOf("digest");
    if (last && longDate(last, timeZone) === longDate(at, timeZone)) return;
    const inquiries = await staff.notInDigest(opening, at);
    if (inquiries.length === 0) return void (await staff.setIncident("digest-failing", undefined));
    notBefore = at.getTime() + retryMs;
    const result = await sendMail(compose(inquiries, at));
    if (result.sent) await staff.markInDigest(inquiries, at);
    await staff.setIncident("digest-failing", result.sent ? undefined : at);
    if (!result.sent) {
      const level = result.fault === "ours" ? "error" : "warn";
      log[level]({ reason: redactServerReply(result.reason) }, "the digest could not be sent and is retried in ten minutes");
    } else if (result.refusedRecipients > 0) {
      log.error({ refused: result.refusedRecipients }, "the mail server accepted the digest for some of the staff only");
    }
  }

  function compose(inquiries: StoredInquiry[], date: Date): Mail {
    const quarantined = inquiries.filter(({ state }) => state === "quarantined");
    const sent = inquiries.filter(({ state }) => state === "sent");
    const counts = [quarantined.length && `${quarantined.length} quarantined`, sent.length && `${sent.length} sent`].filter(Boolean);
    const data = { quarantined, sent, days: mail.quarantineDays, inBothCities, readableAnswers, answersIn, wrap };
    const text = view("mail/digest.text")(data);
    // The same text keeps its Message-ID, and another text gets another: a mailbox that drops duplicates must not drop news.
    const stamp = `${date.toISOString().slice(0, 10)}-${createHash("sha256").update(text).digest("hex").slice(0, 8)}`;
    return {
      reference: `digest-${stamp}`,
      messageId: `<digest-${stamp}@${mail.mailFrom.address.split("@")[1]}>`,
      date,
      from: mail.mailFrom,
      to: mail.mailTo,
      subject: `Inquiries on ${weekdayDate(date, timeZone)}: ${counts.join(", ")}`,
      text,
    };
  }

  return { sendIfDue };
}
