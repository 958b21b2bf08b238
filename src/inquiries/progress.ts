// The progress of an inquiry in words for staff, for the digest, alerts and commands.

import { inBothCities, staffPageUrl } from "./inquiry-mail.ts";
import type { Mark, StoredInquiry } from "./store/schema.ts";

/** The words for each mark and undo. */
export const markWords: Record<Mark, string> = {
  taken: "taken",
  answered: "answered",
  closed: "closed without an answer",
  "undo-taken": "no longer marked as taken",
  "undo-answered": "no longer marked as answered",
  "undo-closed": "no longer marked as closed",
};

/** Returns lines without personal data: the reference, when the inquiry is due, whether it was taken, when it was received, and its page. */
export function dueFacts(inquiry: StoredInquiry, siteUrl: string, now: Date): string[] {
  const { reference, state, take_by, answer_by, taken_at, received_at } = inquiry;
  const time = (ms: number | null) => (ms === null ? "" : inBothCities(new Date(ms)));
  const isPast = (ms: number | null) => ms !== null && ms < now.getTime();
  const mustBeTaken = taken_at === null && take_by !== answer_by;
  return [
    reference,
    ...(mustBeTaken ? [`${isPast(take_by) ? "Was to" : "To"} be taken by ${time(take_by)}`] : []),
    `Answer ${isPast(answer_by) ? "was due" : "due"} ${time(answer_by)}`,
    taken_at === null ? "Not taken" : `Taken ${time(taken_at)}`,
    `Received ${time(received_at)}`,
    ...(state === "sent"
      ? []
      : [`Not emailed yet: read it with npm run inquiries -- show ${reference}`]),
    staffPageUrl(siteUrl, inquiry),
  ];
}
