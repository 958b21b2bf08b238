// The mail that staff read. From is ours and Reply-To the visitor (a mail that claims to come from the visitor fails DMARC);
// whatever a visitor typed appears as text only.

import { clockTime, endOfWorkingDayAfter, longDate, shortDateTime } from "../calendar.ts";
import type { Colours } from "../colours.ts";
import { company } from "../company.ts";
import { view } from "../views.ts";
import { choiceLabel } from "./inquiry.ts";
import type { StoredInquiry } from "./store-schema.ts";

export type Address = { name: string; address: string };

export type Mail = {
  reference: string;
  messageId: string;
  date: Date;
  from: Address;
  to: Address[];
  replyTo?: Address | undefined;
  subject: string;
  text: string;
  html?: string;
};

export type MailSettings = {
  mailFrom: Address;
  mailTo: Address[];
  siteUrl: string;
  replyWithinWorkingDays: number | undefined;
  quarantineDays: number;
  colours: Colours;
};

/** Composes the mail for one inquiry. `earlier` are the references of the same address; `heldFor` says how long a late one had to wait. */
export function composeMail(inquiry: StoredInquiry, settings: MailSettings, earlier: string[], heldFor: string): Mail {
  const { reference, name, email, company: firm, message } = inquiry;
  const date = new Date(inquiry.received_at);
  const deadline = replyDeadline(date, settings.replyWithinWorkingDays);
  const kind = choiceLabel("kind", inquiry.kind);
  const firstName = name.split(" ")[0] ?? name;
  const articleHref = inquiry.source_slug && `${settings.siteUrl}/articles/${inquiry.source_slug}`;
  const facts = [
    { label: "Answer by", text: deadline ? inBothCities(deadline) : "" },
    { label: "Email", text: email, href: mailto(email) },
    { label: "Wrote from", text: inquiry.source_title || "The contact page", href: articleHref },
    { label: "Received", text: inBothCities(date) },
    { label: "Held for", text: heldFor && `${heldFor}, until this mail could be handed over` },
    { label: "Wrote before", text: earlier.join(", ") },
    { label: "Set aside", text: inquiry.suspicion },
    { label: "Reference", text: reference },
  ];
  const subject = `New project: ${capped(firm || name, 60)}, ${kind.charAt(0).toLowerCase()}${kind.slice(1)} [${reference}]`;
  const quotation = wrap(capped(message, 500), 68).split("\n").slice(0, 6); // short enough for a link, also where there is no space
  const body = `Hello ${firstName},\n\n\n\n${quotation.map((line) => `> ${line}`).join("\n")}`;
  // Nodemailer would put a non-ASCII local part raw into the header; the address stands in the body all the same.
  const replyTo = /^[\x21-\x7e]+@/.test(email) ? { name, address: email } : undefined;
  const data = {
    replyTo,
    subject,
    heading: firm ? `${name}, ${firm}` : name,
    summary: `${kind}. ${choiceLabel("start", inquiry.start)}.`,
    paragraphs: message.split(/\n{2,}/),
    preheader: message.replace(/\s+/g, " ").slice(0, 90),
    firstName,
    replyHref: mailto(email, { subject: `Re: your project [${reference}]`, body }),
    facts: facts.filter(({ text }) => text !== ""),
    wrap,
    colours: settings.colours,
  };
  return {
    reference,
    messageId: inquiry.message_id,
    date,
    from: settings.mailFrom,
    to: settings.mailTo,
    replyTo,
    subject,
    text: view("mail/inquiry.text")(data),
    html: view("mail/inquiry.html")(data),
  };
}

/** When the promised answer is due, counted from when the inquiry was received: the close of business in the head office. */
export function replyDeadline(receivedAt: Date, workingDays: number | undefined): Date | undefined {
  const { timeZone, closesAtHour } = company.headOffice;
  return workingDays === undefined ? undefined : endOfWorkingDayAfter(receivedAt, workingDays, timeZone, closesAtHour);
}

/** "Wed 25 Nov 2026, 17:00 Copenhagen, 23:00 Magelang"; where it is already another day, that day is named too. */
export function inBothCities(instant: Date): string {
  const here = company.headOffice.timeZone;
  const shown = company.offices.map(({ city, timeZone }) => {
    const dayIsTold = timeZone !== here && longDate(instant, timeZone) === longDate(instant, here);
    return `${dayIsTold ? clockTime(instant, timeZone) : shortDateTime(instant, timeZone)} ${city}`;
  });
  return shown.join(", ");
}

/** A mailto address (RFC 6068): percent-encoded throughout, line breaks as CRLF. */
export function mailto(address: string, headers: Record<string, string> = {}): string {
  const encode = (text: string) => encodeURIComponent(text.toWellFormed().replace(/\n/g, "\r\n"));
  const query = Object.entries(headers).map(([name, text]) => `${name}=${encode(text)}`);
  const to = encode(address).replace(/%40(?=[^@]*$)/, "@");
  return `mailto:${to}${query.length > 0 ? `?${query.join("&")}` : ""}`;
}

/** Breaks text at spaces so that no line is longer than `width`, unless a single word is; further lines start with `indent`. */
export function wrap(text: string, width: number, indent = ""): string {
  const lastSpaceOfTooLongLine = new RegExp(`(?!.{1,${width}}$)(.{1,${width}}) `, "gm");
  return text.replace(lastSpaceOfTooLongLine, `$1\n${indent}`);
}

function capped(text: string, length: number): string {
  const symbols = Array.from(text);
  return symbols.length <= length ? text : `${symbols.slice(0, length - 1).join("")}…`;
}
