// One mail each working day on which there is something to tell: the quarantined inquiries in full, and the reference of everything that
// was handed over since the last one, so that a spam folder cannot hide an inquiry.

import { createHash } from "node:crypto";
import { instantAt, isDanishWorkingDay, localTime, longDate, weekdayDate } from "../calendar.ts";
import { company } from "../company.ts";
import type { Log } from "../log.ts";
import { view } from "../views.ts";
import { inBothCities, wrap, type MailSettings } from "./email.ts";
import { choiceLabel } from "./inquiry.ts";
import type { SendMail } from "./mail-transport.ts";
import type { StoredInquiry } from "./store-schema.ts";
import type { Store } from "./store.ts";

type DailyMailParts = {
  store: Store;
  sendMail: SendMail;
  mail: MailSettings & { quarantineDays: number };
  now: () => Date;
  log: Log;
};

const retryMs = 10 * 60_000;

export function createDailyMail({ store, sendMail, mail, now, log }: DailyMailParts) {
  let notBefore = 0;
  const { timeZone, opensAtHour } = company.headOffice;

  /** Sends the mail of this morning if it is a working day, the office has opened, and something was left to tell by then. */
  async function sendIfDue(): Promise<boolean> {
    const at = now();
    const today = localTime(at, timeZone);
    const opening = instantAt(timeZone, today.year, today.month, today.day, opensAtHour);
    const working = isDanishWorkingDay(today.year, today.month, today.day) && at >= opening;
    if (!working || at.getTime() < notBefore) return false;
    const last = await store.lastDailyMailAt();
    if (last && longDate(last, timeZone) === longDate(at, timeZone)) return false;
    const inquiries = await store.unlisted(opening);
    if (inquiries.length === 0) return false;
    notBefore = at.getTime() + retryMs;
    const result = await sendMail(compose(inquiries, at));
    if (result.sent) await store.markListed(inquiries, at);
    else
      log[result.fault === "ours" ? "error" : "warn"](
        { reason: result.reason },
        "the daily mail could not be handed over and goes again in ten minutes",
      );
    return result.sent;
  }

  function compose(inquiries: StoredInquiry[], at: Date) {
    const quarantined = inquiries.filter(({ state }) => state === "quarantined");
    const handedOver = inquiries.filter(({ state }) => state === "handed-over");
    const day = weekdayDate(at, timeZone);
    const counts = [
      quarantined.length > 0 ? `${quarantined.length} set aside` : "",
      handedOver.length > 0 ? `${handedOver.length} handed over` : "",
    ].filter(Boolean);
    const data = { day, quarantined, handedOver, days: mail.quarantineDays, received: inBothCities, choiceLabel, wrap };
    const text = view("mail/daily.text", "none")(data);
    // The same text keeps its Message-ID and another gets another: mailboxes that drop copies must never drop news.
    const stamp = `${at.toISOString().slice(0, 10)}-${createHash("sha256").update(text).digest("hex").slice(0, 8)}`;
    return {
      reference: `daily-${stamp}`,
      messageId: `<daily-${stamp}@${mail.mailFrom.address.split("@")[1]}>`,
      date: at,
      from: mail.mailFrom,
      to: mail.mailTo,
      replyTo: undefined,
      subject: `Inquiries on ${day}: ${counts.join(", ")}`,
      text,
      html: undefined,
    };
  }

  return { sendIfDue };
}
