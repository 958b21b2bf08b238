// An inquiry that is due, in words for the digest and the alerts.

import { inBothCities, staffPageUrl } from "./inquiry-mail.ts";
import { progressTable } from "./progress.ts";
import type { ListedInquiry } from "./store/schema.ts";

/** Returns lines without personal data: when an inquiry is due, its progress, and its page. */
export function dueFacts(inquiry: ListedInquiry, siteUrl: string, now: Date): string[] {
  const { reference, state, take_by, answer_by, progress, progress_at, received_at } = inquiry;
  const time = (ms: number) => inBothCities(new Date(ms));
  const isPast = (ms: number) => ms < now.getTime();
  const mustBeTaken = progressTable[progress].deadline === "take_by" && take_by !== answer_by;
  return [
    reference,
    ...(mustBeTaken ? [`${isPast(take_by) ? "Was to" : "To"} be taken by ${time(take_by)}`] : []),
    `Answer ${isPast(answer_by) ? "was due" : "due"} ${time(answer_by)}`,
    progress === "open" || progress_at === null
      ? "Not taken"
      : `${progressTable[progress].words.replace(/^./, (sign) => sign.toUpperCase())} ${time(progress_at)}`,
    `Received ${time(received_at)}`,
    ...(state === "sent"
      ? []
      : [`Not emailed yet: read it with npm run inquiries -- show ${reference}`]),
    staffPageUrl(siteUrl, inquiry),
  ];
}
