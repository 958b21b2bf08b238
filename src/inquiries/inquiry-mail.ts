// The mail that staff get for an inquiry. From is our address and Reply-To the visitor's, because a
// mail that claims to come from the visitor fails DMARC. Visitors' text is never markup.

import { clockTime, longDate, shortDateTime } from "../calendar.ts";
import { colours } from "../colours.ts";
import { company } from "../company.ts";
import { view } from "../views.ts";
import { answersIn, readableAnswers } from "./answers.ts";
import type { Answers } from "./form.ts";
import type { Inquiry } from "./store/schema.ts";

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
  retentionDays: number;
  /** Returns the command that staff type, for example for "inquiries list". */
  command: (words: string) => string;
};

/** Composes the mail for one inquiry. `delay`: for how long it was delayed, or "" if it is not late. */
export function composeMail(inquiry: Inquiry, settings: MailSettings, delay: string): Mail {
  const { reference, answers } = inquiry;
  const { name = "", email = "" } = answers;
  const { kind, ...decided } = answers;
  const heading = answersIn("heading", answers).join(", ");
  const message = answersIn("text", answers).join("\n\n");
  const firstName = truncate(name.split(" ")[0] || "the sender", 40);
  const readable = readableAnswers(answers);
  const summary = readable
    .filter(({ inMail }) => inMail === "subject" || inMail === "summary")
    .map(({ label, text }) => `${label}: ${text}`);
  const visitorFacts = readable
    .filter(({ inMail }) => inMail === undefined)
    .map((answer) => ({ ...answer, href: answer.name === "email" ? mailto(email) : undefined }));
  const subject = withoutEncodedWords(
    [
      `New project: ${truncate(heading, 60)}`,
      // "not sure yet" would read as a verdict.
      ...answersIn("subject", kind === "unsure" ? decided : answers).map(lowerFirst),
    ].join(", "),
  );
  // Nodemailer would put a non-ASCII local part into the header without encoding it. The body
  // contains the address in any case.
  const isAscii = /^[\x21-\x7e]+@/.test(email);
  const replyTo = isAscii ? { name: withoutEncodedWords(name), address: email } : undefined;
  const data = {
    replyTo,
    subject,
    heading,
    summary: summary.join(" · "),
    message,
    preheader: truncate(wrap(message.replace(/\s+/g, " "), 90).split("\n")[0] ?? "", 90),
    firstName,
    replyHref: replyHref(email, reference, firstName, message),
    staffHref: staffPageUrl(settings.siteUrl, inquiry),
    visitorFacts,
    ourFacts: ourFacts(inquiry, settings, delay),
    quote,
    wrap,
    colours,
  };
  return {
    ...envelope(inquiry, settings),
    replyTo,
    subject: `${subject} [${reference}]`,
    text: view("mail/inquiry.text")(data),
    html: view("mail/inquiry.html")(data),
  };
}

/** Returns a link to a reply that quotes the start of the message, short enough for a link. */
function replyHref(email: string, reference: string, firstName: string, message: string): string {
  const lines = quote(message).split("\n");
  const quotation = lines.length > 6 ? [...lines.slice(0, 6), "> […]"] : lines;
  const body = `Hello ${firstName},\n\n\n\n${truncate(quotation.join("\n"), 500)}`;
  return mailto(email, { subject: `Re: your project [${reference}]`, body });
}

/**
 * Composes a mail without anything that the visitor typed, for an inquiry whose mail was refused
 * because of its text.
 */
export function composeWithoutText(inquiry: Inquiry, settings: MailSettings): Mail {
  const { reference } = inquiry;
  return {
    ...envelope(inquiry, settings),
    subject: `New project: our mail server refuses its text [${reference}]`,
    text: view("mail/inquiry-without-text.text")({
      reference,
      command: settings.command,
      staffHref: staffPageUrl(settings.siteUrl, inquiry),
      facts: ourFacts({ ...inquiry, email_fault: "" }, settings, ""), // it names a domain
      wrap,
    }),
  };
}

const envelope = (inquiry: Inquiry, { mailFrom, mailTo }: MailSettings) => ({
  reference: inquiry.reference,
  messageId: inquiry.message_id,
  date: new Date(inquiry.received_at),
  from: mailFrom,
  to: mailTo,
});

/**
 * What the site adds to the answers. The visitor typed nothing in it, except the domain in
 * `email_fault`.
 */
function ourFacts(
  inquiry: Inquiry,
  { siteUrl }: MailSettings,
  delay: string,
): { label: string; text: string; href?: string }[] {
  const { source_slug, source_title, email_fault, quarantine_reason, promised_by } = inquiry;
  return [
    { label: "Answer by", text: promised_by === null ? "" : inBothCities(new Date(promised_by)) },
    { label: "Address", text: email_fault },
    {
      label: "Sent from",
      text: source_title || "The contact page",
      ...(source_slug && { href: `${siteUrl}/articles/${source_slug}` }),
    },
    { label: "Received", text: inBothCities(new Date(inquiry.received_at)) },
    { label: "Delayed by", text: delay && `${delay}, until this email could be sent` },
    { label: "Quarantined", text: quarantine_reason },
    { label: "Reference", text: inquiry.reference },
  ].filter(({ text }) => text !== "");
}

/**
 * Returns visitors' text for a plain-text mail: every line begins with "> ", so that none can be
 * taken for one of ours. Wraps lines at 70 characters, and leaves no two empty lines in a row.
 */
export function quote(text: string): string {
  const lines = wrap(text.replace(/\n\s*\n/g, "\n\n"), 68).split("\n");
  return lines.map((line) => `> ${line}`.trimEnd()).join("\n");
}

/** Mail programs decode "=?…?=" in headers, and with it controls that the form has removed. */
const withoutEncodedWords = (text: string) => text.replaceAll("=?", "= ?");

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

/** Returns the URL of the page on which staff mark an inquiry as taken or answered. */
export function staffPageUrl(siteUrl: string, { token }: Pick<Inquiry, "token">): string {
  return `${siteUrl}/staff/${token}`;
}

/** Returns the answers for a mailto link, which some mail programs cut after 2,000 characters. */
export function asPlainText(answers: Answers): string {
  const lines = readableAnswers(answers).map(({ label, text, inMail }) =>
    inMail === "text" ? `\n${text}` : `${label}: ${text}`,
  );
  const text = lines.join("\n");
  return text.length > 1_800 ? `${text.slice(0, 1_700)}…\n\n(The rest is in the form.)` : text;
}

/** "Wed 25 Nov 2026, 17:00 Copenhagen, 23:00 Magelang", with two dates if the days differ. */
export function inBothCities(instant: Date): string {
  const here = company.headOffice.timeZone;
  const shown = company.offices.map(({ city, timeZone }) => {
    const isSameDay = timeZone !== here && longDate(instant, timeZone) === longDate(instant, here);
    return `${isSameDay ? clockTime(instant, timeZone) : shortDateTime(instant, timeZone)} ${city}`;
  });
  return shown.join(", ");
}

/** "Wed 25 Nov 2026, 17:00 Copenhagen" */
export const atHeadOffice = (instant: Date): string =>
  `${shortDateTime(instant, company.headOffice.timeZone)} ${company.headOffice.city}`;

/** Returns the line of a list that names an inquiry. */
export const receivedLine = ({ reference, received_at }: Inquiry): string =>
  `${reference}  received ${atHeadOffice(new Date(received_at))}`;

/** Returns a mailto URL (RFC 6068). Everything is percent-encoded, and line breaks are CRLF. */
export function mailto(address: string, headers: Record<string, string> = {}): string {
  const encode = (text: string) => encodeURIComponent(text.toWellFormed().replace(/\n/g, "\r\n"));
  const query = Object.entries(headers).map(([name, text]) => `${name}=${encode(text)}`);
  const to = encode(address).replace(/%40(?=[^@]*$)/, "@");
  return `mailto:${to}${query.length > 0 ? `?${query.join("&")}` : ""}`;
}

/**
 * Wraps text at spaces into lines of at most `width`, except longer words. Every line after the
 * first starts with `indent`.
 */
export function wrap(text: string, width: number, indent = ""): string {
  const lines = text.split("\n").flatMap((line) => wrappedLine(line, width));
  return lines.join(`\n${indent}`);
}

function wrappedLine(line: string, width: number): string[] {
  const lines: string[] = [];
  let start = 0;
  while (line.length - start > width) {
    let end = line.lastIndexOf(" ", start + width);
    if (end <= start) end = line.indexOf(" ", start + width); // a longer word
    if (end === -1) break;
    lines.push(line.slice(start, end));
    start = end + 1;
  }
  return [...lines, line.slice(start)];
}

export function truncate(text: string, length: number): string {
  const symbols = Array.from(text);
  return symbols.length <= length ? text : `${symbols.slice(0, length - 1).join("")}…`;
}
