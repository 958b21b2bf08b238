// The receipt of an inquiry: its progress, and what to do if no reply arrives. It shows nothing that
// the visitor typed.

import { clockTime, dayAndClockTime, longDate, weekdayDate } from "../calendar.ts";
import { company } from "../company.ts";
import { mailto } from "../inquiries/inquiry-mail.ts";
import { progressTable } from "../inquiries/progress.ts";
import type { Inquiry } from "../inquiries/store/schema.ts";
import type { Context, Page } from "./context.ts";

const { timeZone } = company.headOffice;

/** Returns when an inquiry was emailed to staff, or null. A quarantined one is listed in a mail. */
export const emailedTime = ({ sent_at, listed_at }: Inquiry): number | null => sent_at ?? listed_at;

export function receiptPage(
  { config, library, now }: Pick<Context, "config" | "library" | "now">,
  inquiry: Inquiry,
): Page {
  const { reference, received_at, promised_by, answer_by } = inquiry;
  const { receipt } = progressTable[inquiry.progress];
  const isLate = (promised_by ?? answer_by) < now().getTime();
  const stage = receipt === "answered" || receipt === "closed" ? receipt : isLate ? "late" : "open";
  const title =
    receipt === "answered" ? "We have replied to your message." : "Your message is with us.";
  return {
    view: "pages/receipt",
    title,
    section: "/contact",
    data: {
      title,
      reference,
      stage,
      isRead: receipt !== "waiting",
      answered: dayAndTime(inquiry.progress_at ?? received_at),
      deadline: promised_by === null ? undefined : dayAndTime(promised_by),
      steps: stepsOf(inquiry, isLate, now()),
      articles: library.list(now()).slice(0, 2),
      writeMore: mailto(config.contactEmail, { subject: reference }),
    },
  };
}

/** Returns the steps with the times of the first two and of the present one. */
function stepsOf(inquiry: Inquiry, isLate: boolean, now: Date) {
  const { received_at, promised_by, progress_at } = inquiry;
  const { receipt } = progressTable[inquiry.progress];
  const time = (at: number) => {
    const instant = new Date(at);
    const isToday = longDate(instant, timeZone) === longDate(now, timeZone);
    return isToday ? clockTime(instant, timeZone) : dayAndClockTime(instant, timeZone);
  };
  const emailedAt = emailedTime(inquiry);
  const presentAt = time(progress_at ?? received_at);
  const isAnswered = receipt === "answered";
  const saved = { name: "Saved", value: time(received_at), isDone: true };
  const emailed = {
    name: "Email to us",
    value: emailedAt === null ? "on its way" : time(emailedAt),
    isDone: emailedAt !== null,
  };
  const isRead = receipt !== "waiting";
  // Only the time of the present step is stored: an answered inquiry no longer has this one.
  const readAt = isAnswered ? "" : presentAt;
  const read = { name: "Read", value: isRead ? readAt : "not yet", isDone: isRead };
  if (receipt === "closed") return [saved, emailed, read]; // no reply will follow
  const pending = isLate
    ? "not recorded"
    : promised_by === null
      ? "to follow"
      : byTime(promised_by);
  const reply = { name: "Reply", value: isAnswered ? presentAt : pending, isDone: isAnswered };
  return [saved, emailed, read, reply];
}

/** Returns for example "by Wed 17:00". */
function byTime(at: number): string {
  const { time, day } = dayAndTime(at);
  return `by ${day.slice(0, 3)} ${time}`;
}

function dayAndTime(at: number): { time: string; day: string } {
  const instant = new Date(at);
  return {
    time: clockTime(instant, timeZone),
    day: weekdayDate(instant, timeZone).replace(/(\d) /, "$1\u00a0"),
  };
}
