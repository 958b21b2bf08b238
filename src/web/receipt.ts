// The receipt of an inquiry: its progress, and what to do if no reply arrives. It shows nothing that the visitor typed.

import { clockTime, dayAndClockTime, longDate, weekdayDate } from "../calendar.ts";
import { company } from "../company.ts";
import { replyDeadline } from "../inquiries/deadlines.ts";
import { mailto } from "../inquiries/inquiry-mail.ts";
import type { StoredInquiry } from "../inquiries/store/schema.ts";
import type { Context, Page } from "./context.ts";

const { timeZone } = company.headOffice;

/** Returns when an inquiry was emailed to staff, or null. A quarantined one is emailed with the digest. */
export const emailedTime = ({ sent_at, digest_at }: StoredInquiry): number | null =>
  sent_at ?? digest_at;

/** Returns a function that formats a time in the head office's zone, with the date unless it is today: "14:33", "24 Nov 14:33". */
function timeAsOf(now: Date): (at: number) => string {
  const today = longDate(now, timeZone);
  return (at) => {
    const instant = new Date(at);
    return longDate(instant, timeZone) === today
      ? clockTime(instant, timeZone)
      : dayAndClockTime(instant, timeZone);
  };
}

export function receiptPage(
  { config, library, now }: Pick<Context, "config" | "library" | "now">,
  inquiry: StoredInquiry,
): Page {
  const { received_at, answer_by, taken_at, answered_at, closed_at } = inquiry;
  const emailedAt = emailedTime(inquiry);
  const readAt = taken_at ?? answered_at ?? closed_at;
  const deadline = replyDeadline(inquiry, config.replyWithinWorkingDays);
  const isLate = (deadline?.getTime() ?? answer_by ?? Infinity) < now().getTime();
  const replyText = isLate
    ? "not recorded"
    : deadline
      ? `by ${weekdayDate(deadline, timeZone).slice(0, 3)} ${clockTime(deadline, timeZone)}`
      : "to follow";
  const title = answered_at ? "We have replied to your message." : "Your message is with us.";
  const time = timeAsOf(now());
  const steps = [
    { name: "Saved", at: received_at, pending: "" },
    { name: "Email to us", at: emailedAt, pending: "on its way" },
    { name: "Read", at: readAt, pending: "not yet" },
    { name: "Reply", at: answered_at, pending: replyText },
  ].map(({ name, at, pending }) => ({
    name,
    value: at === null ? pending : time(at),
    isDone: at !== null,
  }));
  return {
    view: "pages/receipt",
    title,
    section: "/contact",
    data: {
      title,
      reference: inquiry.reference,
      stage: answered_at ? "answered" : closed_at ? "closed" : isLate ? "late" : "open",
      isRead: readAt !== null,
      answered: answered_at && dayAndTime(new Date(answered_at)),
      deadline: deadline && dayAndTime(deadline),
      // Staff closed it: no reply will follow.
      steps: closed_at ? steps.slice(0, 3) : steps,
      articles: library.list(now()).slice(0, 2),
      writeMore: mailto(config.contactEmail, { subject: inquiry.reference }),
    },
  };
}

function dayAndTime(instant: Date): { time: string; day: string } {
  return {
    time: clockTime(instant, timeZone),
    day: weekdayDate(instant, timeZone).replace(/(\d) /, "$1\u00a0"),
  };
}
