// The commands of `npm run inquiries` that follow an inquiry until it is answered: the list, the marks, and where inquiries come from.

import { shortDateTime } from "../calendar.ts";
import { company } from "../company.ts";
import { answersIn } from "../inquiries/answers.ts";
import { nextDeadline } from "../inquiries/deadlines.ts";
import { markWords } from "../inquiries/progress.ts";
import { sourceLines } from "../inquiries/sources.ts";
import type { FollowUp } from "../inquiries/store/follow-up.ts";
import type { Mark, SourceTable, StoredInquiry } from "../inquiries/store/schema.ts";
import type { Call } from "./environment.ts";

const { city, timeZone } = company.headOffice;

const officeTime = (ms: number) => shortDateTime(new Date(ms), timeZone);
/** "Wed 25 Nov 2026, 17:00 Copenhagen": times for staff are in the zone of the head office, with its name. */
export const timeWithCity = (ms: number): string => `${officeTime(ms)} ${city}`;

export const isOverdue = (inquiry: StoredInquiry, now: Date): boolean =>
  (nextDeadline(inquiry) ?? now) < now;

/** Prints one line for each inquiry. */
export function printList(print: Call["print"], inquiries: StoredInquiry[], now: Date): void {
  if (inquiries.length === 0) return print("none");
  const row = (
    reference: string,
    ...[state = "", received = "", progress = "", sender = ""]: string[]
  ) =>
    print(
      `${reference.padEnd(12)}  ${state.padEnd(11)}  ${received.padEnd(22)}  ${progress.padEnd(36)}  ${sender}`.trimEnd(),
    );
  row("REFERENCE", "STATE", "RECEIVED", "PROGRESS", `SENDER (times are in ${city})`);
  for (const inquiry of inquiries) {
    const { reference, state, received_at, answers } = inquiry;
    const sender = [...answersIn("heading", answers), answers["email"]].join("  ");
    row(reference, state, officeTime(received_at), progressOf(inquiry, now), sender);
  }
}

function progressOf(inquiry: StoredInquiry, now: Date): string {
  const { taken_at, answered_at, closed_at } = inquiry;
  if (answered_at !== null) return `answered ${officeTime(answered_at)}`;
  if (closed_at !== null) return `closed ${officeTime(closed_at)}`;
  const deadline = nextDeadline(inquiry)?.getTime();
  if (deadline !== undefined && deadline < now.getTime())
    return `overdue since ${officeTime(deadline)}`;
  if (taken_at !== null) return `taken ${officeTime(taken_at)}`;
  return deadline === undefined ? "" : `due ${officeTime(deadline)}`;
}

/** Prints how many inquiries came from each page in each month. */
export function printSources(print: Call["print"], counts: SourceTable[]): void {
  if (counts.length === 0) return print("none");
  for (const [month, ofMonth] of Map.groupBy(counts, (source) => source.month))
    print([month, ...sourceLines(ofMonth, () => undefined)].join("\n  "));
}

/** Marks an inquiry and returns a sentence about it. Has no limit, unlike the staff page, whose link clients may have. */
export async function setMark(
  followUp: FollowUp,
  { reference }: StoredInquiry,
  mark: Mark,
  now: Date,
): Promise<string> {
  const result = await followUp.mark(reference, mark, now, Infinity);
  return `${reference}: ${markWords[mark]}${result === "changed" ? ". The next digest lists that." : " already."}`;
}

/** Undoes the last mark of an inquiry: answered or closed, otherwise taken. */
export async function undoMark(
  followUp: FollowUp,
  inquiry: StoredInquiry,
  now: Date,
): Promise<string> {
  const { reference, taken_at, answered_at, closed_at } = inquiry;
  if (answered_at !== null) return setMark(followUp, inquiry, "undo-answered", now);
  if (closed_at !== null) return setMark(followUp, inquiry, "undo-closed", now);
  if (taken_at !== null) return setMark(followUp, inquiry, "undo-taken", now);
  return `${reference}: not marked.`;
}
