// What staff read about the other inquiries of a client, so that two colleagues don't answer one
// client twice.

import { weekdayDate } from "../calendar.ts";
import { company } from "../company.ts";
import { mailboxKey } from "./email-address.ts";
import { standing } from "./handling.ts";
import type { Inquiry } from "./inquiry.ts";

export function isSameMailbox(one: Inquiry, other: Inquiry): boolean {
  const [key, otherKey] = [one, other].map(({ answers }) => mailboxKey(answers.email ?? ""));
  return key === otherKey;
}

/**
 * Describes another inquiry of the client: "CS-7F3K-9QXM, from the same company, Tuesday 24
 * November: taken by MK".
 */
export function describeRelated(inquiry: Inquiry, other: Inquiry): string {
  const whose = isSameMailbox(inquiry, other) ? "mailbox" : "company";
  const day = weekdayDate(other.receivedAt, company.headOffice.timeZone);
  return `${other.reference}, from the same ${whose}, ${day}: ${standing(other)}`;
}
