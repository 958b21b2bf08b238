// The receipt of an inquiry: its progress, and what to do if no reply arrives. It shows nothing
// that the visitor typed.

import { clockTime, dayAndClockTime, longDate, weekdayDate } from "../calendar.ts";
import { company } from "../company.ts";
import { mailto } from "../inquiries/mail-text.ts";
import type { Progress } from "../inquiries/progress.ts";
import type { Inquiry } from "../inquiries/store/interface.ts";
import type { Context, Page } from "./context.ts";

const { timeZone } = company.headOffice;

/** Returns when an inquiry was emailed to staff, or null. A quarantined one is listed in a mail. */
export const emailedTime = ({ sent_at, listed_at }: Inquiry): number | null => sent_at ?? listed_at;

export function receiptPage({ config, library, clock }: Context, inquiry: Inquiry): Page {
  const { reference, received_at, promised_by, answer_by } = inquiry;
  const { progress } = inquiry;
  const isLate = (promised_by ?? answer_by) < clock().getTime();
  const isOver = progress === "answered" || progress === "closed";
  const stage = isOver ? progress : isLate ? "late" : "open";
  return {
    view: "pages/receipt",
    title:
      progress === "answered" ? "We have replied to your message." : "Your message is with us.",
    section: "/contact",
    data: {
      reference,
      stage,
      isRead: progress !== "open",
      answered: dayAndTime(inquiry.progress_at ?? received_at),
      deadline: promised_by === null ? undefined : dayAndTime(promised_by),
      steps: stepsOf(inquiry, isLate, clock()),
      articles: library.list(clock()).slice(0, 2),
      writeMore: mailto(config.contactEmail, { subject: reference }),
    },
  };
}

/** Returns the steps. Of the last two, only the present one has a time. */
function stepsOf(inquiry: Inquiry, isLate: boolean, now: Date) {
  const { received_at, promised_by, progress, progress_at } = inquiry;
  const time = (at: number) => {
    const isToday = longDate(new Date(at), timeZone) === longDate(now, timeZone);
    return (isToday ? clockTime : dayAndClockTime)(new Date(at), timeZone);
  };
  const step = (name: string, value: string, isDone = true) => ({ name, value, isDone });
  const emailedAt = emailedTime(inquiry);
  const emailed = emailedAt === null ? "on its way" : time(emailedAt);
  const present = time(progress_at ?? received_at);
  const promise = promised_by === null ? "to follow" : byTime(promised_by);
  const reply = step("Reply", isLate ? "not recorded" : promise, false);
  const lastSteps: Record<Progress, ReturnType<typeof step>[]> = {
    open: [step("Read", "not yet", false), reply],
    taken: [step("Read", present), reply],
    answered: [step("Read", ""), step("Reply", present)],
    closed: [step("Read", present)], // no reply will follow
  };
  return [
    step("Saved", time(received_at)),
    step("Email to us", emailed, emailedAt !== null),
    ...lastSteps[progress],
  ];
}

/** Returns for example "by Wed 17:00". */
function byTime(at: number): string {
  const { time, day } = dayAndTime(at);
  return `by ${day.slice(0, 3)} ${time}`;
}

/** Returns a time of the head office, such as "17:00" and "Wednesday 25 November". */
export function dayAndTime(at: number): { time: string; day: string } {
  const instant = new Date(at);
  return {
    time: clockTime(instant, timeZone),
    day: weekdayDate(instant, timeZone).replace(/(\d) /, "$1\u00a0"),
  };
}
