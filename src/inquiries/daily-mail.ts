// One mail each working day on which there is something to tell: the quarantined inquiries in full, and the reference of everything that
// was handed over since the last one, so that a spam folder cannot hide an inquiry.

import { createHash } from "node:crypto";
import { instantAt, isDanishWorkingDay, localTime, longDate, weekdayDate } from "../calendar.ts";
import { company } from "../company.ts";
import { view } from "../views.ts";
import type { DeliveryParts } from "./delivery.ts";
import { inBothCities, wrap, type Mail } from "./email.ts";
import { choiceLabel } from "./inquiry.ts";
import { withoutDialogue } from "./mail-transport.ts";
import type { StoredInquiry } from "./store-schema.ts";

const retryMs = 10 * 60_000;
const { timeZone, opensAtHour } = company.headOffice;

export function createDailyMail({ store, sendMail, mail, now, log }: Omit<DeliveryParts, "afterPass">) {
  let notBefore = 0;

  /** Sends the mail of this morning if it is a working day, the office has opened, and something was left to tell by then. */
  async function sendIfDue(): Promise<void> {
    const at = now();
    const today = localTime(at, timeZone).toPlainDate();
    const opening = instantAt(today, opensAtHour, timeZone);
    if (!isDanishWorkingDay(today) || at < opening) return;
    const waitMs = notBefore - at.getTime();
    if (waitMs > 0 && waitMs <= retryMs) return; // more: the clock was ahead
    const last = await store.lastDailyMailAt();
    if (last && longDate(last, timeZone) === longDate(at, timeZone)) return;
    const inquiries = await store.unlisted(opening);
    if (inquiries.length === 0) return void (await store.noteTrouble("daily-mail-failing", undefined));
    notBefore = at.getTime() + retryMs;
    const result = await sendMail(compose(inquiries, at));
    if (result.sent) await store.markListed(inquiries, at);
    await store.noteTrouble("daily-mail-failing", result.sent ? undefined : at);
    if (!result.sent) {
      const level = result.fault === "ours" ? "error" : "warn";
      log[level]({ reason: withoutDialogue(result.reason) }, "the daily mail could not be handed over and goes again in ten minutes");
    } else if (result.refusedRecipients > 0) {
      log.error({ refused: result.refusedRecipients }, "the mail server took the daily mail for some of the staff only");
    }
  }

  function compose(inquiries: StoredInquiry[], date: Date): Mail {
    const quarantined = inquiries.filter(({ state }) => state === "quarantined");
    const handedOver = inquiries.filter(({ state }) => state === "handed-over");
    const counts = [
      ...(quarantined.length > 0 ? [`${quarantined.length} set aside`] : []),
      ...(handedOver.length > 0 ? [`${handedOver.length} handed over`] : []),
    ];
    const data = { quarantined, handedOver, days: mail.quarantineDays, inBothCities, choiceLabel, wrap };
    const text = view("mail/daily.text")(data);
    // The same text keeps its Message-ID and another gets another: mailboxes that drop copies must never drop news.
    const stamp = `${date.toISOString().slice(0, 10)}-${createHash("sha256").update(text).digest("hex").slice(0, 8)}`;
    return {
      reference: `daily-${stamp}`,
      messageId: `<daily-${stamp}@${mail.mailFrom.address.split("@")[1]}>`,
      date,
      from: mail.mailFrom,
      to: mail.mailTo,
      subject: `Inquiries on ${weekdayDate(date, timeZone)}: ${counts.join(", ")}`,
      text,
    };
  }

  return { sendIfDue };
}
