// The digest: a mail on each working day that lists inquiries that are due or overdue, the reference
// of each one sent since the last digest, so that a spam folder cannot hide one, and what staff did.
// It contains nothing that a visitor typed, so nothing can make a mail server refuse it.

import { instantAt, localTime } from "../calendar.ts";
import { view } from "../views.ts";
import { duration } from "./alerts.ts";
import {
  composeDailyMail,
  isOfficeOpen,
  openingOn,
  sendToStaff,
  timeZone,
  wasSentOnThisDay,
} from "./daily-mail.ts";
import type { DailyMailParts } from "./daily-mail.ts";
import { dueFacts } from "./due-facts.ts";
import { inBothCities, type MailSettings } from "./inquiry-mail.ts";
import type { Job } from "./jobs.ts";
import { progressTable } from "./progress.ts";
import { graceDays } from "./retention.ts";
import type { DigestContent } from "./store/reports.ts";
import type { Store } from "./store/store.ts";

type DigestParts = DailyMailParts & {
  store: Pick<Store, "timeOf" | "record" | "digestContent" | "recordListed" | "recordOverdue">;
};

export function createDigest({ store, mail, ...parts }: DigestParts): Job {
  return {
    name: "digest",
    everyMs: 10 * 60_000,
    isDue: isOfficeOpen,
    async run(now) {
      const last = await store.timeOf("digest");
      if (wasSentOnThisDay(last, now)) return;
      const midnight = instantAt(
        localTime(now, timeZone).toPlainDate().add({ days: 1 }),
        0,
        timeZone,
      );
      const since = last ? openingOn(last) : new Date(0);
      const content = await store.digestContent({ now, since, opening: openingOn(now), midnight });
      const { due, overdue, sent, changed, quarantine } = content;
      if (due.length + overdue.length + sent.length + changed.length === 0 && !quarantine) return;
      await sendToStaff(composeDigest(content, mail, now), parts);
      await store.record("digest", now); // first: if the process dies now, there is no second one
      await store.recordListed(sent, now);
      await store.recordOverdue(
        overdue.map(({ reference }) => reference),
        now,
      );
    },
  };
}

/** Composes the digest. Its subject begins with what matters most: a phone shows little of it. */
function composeDigest(content: DigestContent, settings: MailSettings, now: Date) {
  const { due, overdue, sent, changed, quarantine } = content;
  const { siteUrl, retentionDays } = settings;
  const counts = {
    overdue: overdue.length,
    "due today": due.length,
    "waiting in quarantine": quarantine?.waiting ?? 0,
    sent: sent.length,
    updated: changed.length,
  };
  const text = view("mail/digest.text")({
    due: due.map((inquiry) => dueFacts(inquiry, siteUrl, now)),
    overdue: overdue.map((inquiry) => dueFacts(inquiry, siteUrl, now)),
    quarantine: quarantine && {
      waiting: quarantine.waiting,
      age: quarantine.oldestAt ? duration(now.getTime() - quarantine.oldestAt.getTime()) : "",
    },
    sent: sent.map(
      ({ reference, received_at }) =>
        `${reference}  received ${inBothCities(new Date(received_at))}`,
    ),
    changed: changed.map(
      ({ reference, progress, progress_at }) =>
        `${reference} ${progressTable[progress].words}, ${inBothCities(new Date(progress_at ?? 0))}`,
    ),
    retention: days(retentionDays),
    grace: days(graceDays(retentionDays)),
  });
  return composeDailyMail("digest", counts, text, settings, now);
}

/** Returns for example "1 day" or "4.5 days". */
const days = (count: number) =>
  count.toLocaleString("en-GB", { style: "unit", unit: "day", unitDisplay: "long" });
