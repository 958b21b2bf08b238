// The mail that confirms an inquiry to its sender, if they want one. Anybody can type a stranger's
// address into the form, so nothing that the visitor typed is in it, not even the name.

import { company } from "../../company.ts";
import { href, receiptHref } from "../../urls.ts";
import { view } from "../../views.ts";
import type { Inquiry } from "../inquiry.ts";
import type { Mail, MailSettings } from "./mail.ts";
import { atHeadOffice } from "./text.ts";

/** The digest and the staff page say this if the mail server refused the address. */
export const refusedAddress =
  "Address: the mail server says it doesn’t exist, so a reply won’t arrive.";

export function composeConfirmation(inquiry: Inquiry, settings: MailSettings, now: Date): Mail {
  const { reference, messageId, answers } = inquiry;
  const { promisedBy } = inquiry.handling;
  const { siteUrl, mailFrom, contactEmail } = settings;
  return {
    reference: `${reference}-confirmation`,
    messageId: messageId.replace("@", "-confirmation@"),
    date: now,
    from: mailFrom,
    to: [{ name: "", address: answers.email ?? "" }],
    replyTo: { name: "", address: contactEmail },
    // Somebody who wrote to four firms in one evening has to see in the morning which one this is.
    subject: `${company.name} has your message [${reference}]`,
    text: view("mail/confirmation.text")({
      reference,
      company: company.name,
      places: company.offices.map(({ city }) => city).join(" and "),
      downUrl: `${siteUrl}${href("contact")}#page-down`,
      receiptUrl: siteUrl + receiptHref(reference),
      deadline: promisedBy && atHeadOffice(promisedBy),
    }),
    // With these headers (RFC 3834, and one of Exchange) no absence note or receipt comes back, and
    // no robot answers.
    headers: { "Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All" },
  };
}
