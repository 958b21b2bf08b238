// The mail that staff get for an inquiry. From is our address and Reply-To the visitor's, because a mail that claims to come from the visitor
// fails DMARC. Visitors' text is never interpreted as markup.

import { clockTime, longDate, shortDateTime } from "../calendar.ts";
import { colours } from "../colours.ts";
import { company } from "../company.ts";
import { view } from "../views.ts";
import { answersIn, readableAnswers } from "./answers.ts";
import { replyDeadline } from "./deadlines.ts";
import type { Answers } from "./form.ts";
import type { StoredInquiry } from "./store/schema.ts";

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
  retentionDays: number;
  quarantineDays: number;
};

/**
 * Composes the mail for one inquiry. `earlier` are the references of earlier inquiries from the same address. `delay` says how long a late mail
 * was delayed; empty if it is not late.
 */
export function composeMail(
  inquiry: StoredInquiry,
  settings: MailSettings,
  earlier: string[],
  delay: string,
): Mail {
  const { reference, answers } = inquiry;
  const { name = "", email = "", company: firm = "" } = answers;
  const date = new Date(inquiry.received_at);
  const deadline = replyDeadline(inquiry, settings.replyWithinWorkingDays);
  const summary = answersIn("summary", answers);
  const message = answersIn("text", answers).join("\n\n");
  const firstName = name.split(" ")[0] || "the sender";
  const articleHref = inquiry.source_slug && `${settings.siteUrl}/articles/${inquiry.source_slug}`;
  const otherAnswers = readableAnswers(answers).filter(({ inMail }) => inMail === undefined);
  const facts = [
    { label: "Answer by", text: deadline ? inBothCities(deadline) : "" },
    ...otherAnswers.map(({ label, text }) => ({
      label,
      text,
      href: text === email ? mailto(email) : undefined,
    })),
    { label: "Address", text: inquiry.email_doubt },
    { label: "Sent from", text: inquiry.source_title || "The contact page", href: articleHref },
    { label: "Received", text: inBothCities(date) },
    { label: "Delayed by", text: delay && `${delay}, until this email could be sent` },
    { label: "Earlier inquiries", text: earlier.join(", ") },
    { label: "Quarantined", text: inquiry.quarantine_reason },
    { label: "Reference", text: reference },
  ].filter(({ text }) => text !== "");
  const [kind = ""] = summary;
  const subject = `New project: ${truncate(firm || name, 60)}${kind && `, ${kind.charAt(0).toLowerCase()}${kind.slice(1)}`} [${reference}]`;
  const quotation = wrap(truncate(message, 500), 68).split("\n").slice(0, 6); // short enough for a link, even without spaces
  const body = `Hello ${firstName},\n\n\n\n${quotation.map((line) => `> ${line}`).join("\n")}`;
  // Nodemailer would put a non-ASCII local part into the header without encoding it. The body contains the address in any case.
  const replyTo = /^[\x21-\x7e]+@/.test(email) ? { name, address: email } : undefined;
  const data = {
    replyTo,
    subject,
    heading: answersIn("heading", answers).join(", "),
    summary: summary.map((answer) => `${answer}.`).join(" "),
    paragraphs: message.split(/\n{2,}/),
    preheader: message.replace(/\s+/g, " ").slice(0, 90),
    firstName,
    replyHref: mailto(email, { subject: `Re: your project [${reference}]`, body }),
    staffHref: staffPageUrl(settings.siteUrl, inquiry),
    facts,
    wrap,
    colours,
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

/** Returns the URL of the page on which staff mark an inquiry as taken or answered. */
export function staffPageUrl(siteUrl: string, { staff_token }: StoredInquiry): string {
  return `${siteUrl}/staff/${staff_token}`;
}

/** Returns the answers as plain text for a mailto link. Some mail programs cut links after 2,000 characters. */
export function asPlainText(answers: Answers): string {
  const lines = readableAnswers(answers).map(({ label, text, inMail }) =>
    inMail === "text" ? `\n${text}` : `${label}: ${text}`,
  );
  const text = lines.join("\n");
  return text.length > 1_800 ? `${text.slice(0, 1_700)}…\n\n(The rest is in the form.)` : text;
}

/** "Wed 25 Nov 2026, 17:00 Copenhagen, 23:00 Magelang". A city where it is another day also has the date. */
export function inBothCities(instant: Date): string {
  const here = company.headOffice.timeZone;
  const shown = company.offices.map(({ city, timeZone }) => {
    const isSameDay = timeZone !== here && longDate(instant, timeZone) === longDate(instant, here);
    return `${isSameDay ? clockTime(instant, timeZone) : shortDateTime(instant, timeZone)} ${city}`;
  });
  return shown.join(", ");
}

/** Returns a mailto URL (RFC 6068). Everything is percent-encoded, and line breaks are CRLF. */
export function mailto(address: string, headers: Record<string, string> = {}): string {
  const encode = (text: string) => encodeURIComponent(text.toWellFormed().replace(/\n/g, "\r\n"));
  const query = Object.entries(headers).map(([name, text]) => `${name}=${encode(text)}`);
  const to = encode(address).replace(/%40(?=[^@]*$)/, "@");
  return `mailto:${to}${query.length > 0 ? `?${query.join("&")}` : ""}`;
}

/** Wraps text at spaces into lines of at most `width`, except longer words. Every line after the first starts with `indent`. */
export function wrap(text: string, width: number, indent = ""): string {
  const lastSpaceOfTooLongLine = new RegExp(`(?!.{1,${width}}$)(.{1,${width}}) `, "gm");
  return text.replace(lastSpaceOfTooLongLine, "$1\n").replaceAll("\n", `\n${indent}`);
}

function truncate(text: string, length: number): string {
  const symbols = Array.from(text);
  return symbols.length <= length ? text : `${symbols.slice(0, length - 1).join("")}…`;
}
