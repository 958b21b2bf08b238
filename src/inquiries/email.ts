// The mail that staff read. From is ours and Reply-To the visitor (a mail that claims to come from the visitor fails DMARC);
// whatever a visitor typed appears as text only.

import { endOfWorkingDayAfter, shortDateTime, clockTime } from "../calendar.ts";
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
  replyTo: Address | undefined;
  subject: string;
  text: string;
  html: string | undefined;
};

export type MailSettings = {
  mailFrom: Address;
  mailTo: Address[];
  siteUrl: string;
  replyWithinWorkingDays: number | undefined;
};

/** Composes the mail for one inquiry. `earlier` are the references of the same address; `heldFor` says how long a late one had to wait. */
export function composeMail(inquiry: StoredInquiry, settings: MailSettings, { earlier = [] as string[], heldFor = "" } = {}): Mail {
  const { reference, name, email, company: firm, message } = inquiry;
  const receivedAt = new Date(inquiry.received_at);
  const kind = choiceLabel("kind", inquiry.kind);
  const firstName = name.split(" ")[0] ?? name;
  const facts = [
    ...(settings.replyWithinWorkingDays === undefined
      ? []
      : [{ label: "Answer by", text: inBothCities(replyDeadline(receivedAt, settings.replyWithinWorkingDays)) }]),
    { label: "Email", text: email, href: mailto(email, {}) },
    inquiry.source_slug
      ? { label: "Wrote from", text: inquiry.source_title, href: `${settings.siteUrl}/articles/${inquiry.source_slug}` }
      : { label: "Wrote from", text: "The contact page" },
    { label: "Received", text: inBothCities(receivedAt) },
    ...(heldFor ? [{ label: "Held for", text: `${heldFor}, until this mail could be handed over` }] : []),
    ...(earlier.length > 0 ? [{ label: "Wrote before", text: earlier.join(", ") }] : []),
    ...(inquiry.suspicion ? [{ label: "Set aside", text: inquiry.suspicion }] : []),
    { label: "Reference", text: reference },
  ];
  // Nodemailer would put a non-ASCII local part raw into the header; the address stands in the body all the same.
  const replyTo = /^[\x21-\x7e]+@/.test(email) ? { name, address: email } : undefined;
  const data = {
    replyTo,
    heading: firm ? `${name}, ${firm}` : name,
    summary: `${kind}. ${choiceLabel("start", inquiry.start)}.`,
    paragraphs: message.split(/\n{2,}/),
    preheader: message.replace(/\s+/g, " ").slice(0, 90),
    firstName,
    replyHref: mailto(email, {
      subject: `Re: your project [${reference}]`,
      body: `Hello ${firstName},\n\n\n\n${quoteOpening(message)}`,
    }),
    facts,
  };
  const title = `New project: ${capped(firm || name, 60)}, ${kind.charAt(0).toLowerCase()}${kind.slice(1)} [${reference}]`;
  return {
    reference,
    messageId: inquiry.message_id,
    date: receivedAt,
    from: settings.mailFrom,
    to: settings.mailTo,
    replyTo,
    subject: title,
    text: view("mail/inquiry.text", "none")({ ...data, wrap }),
    html: view("mail/inquiry.html")({ ...data, subject: title }),
  };
}

/** When the promised answer is due, counted from when the inquiry was received: the close of business in the head office. */
export function replyDeadline(receivedAt: Date, workingDays: number): Date {
  const { timeZone, closesAtHour } = company.headOffice;
  return endOfWorkingDayAfter(receivedAt, workingDays, timeZone, closesAtHour);
}

/** "Wed 25 Nov 2026, 17:00 Copenhagen, 23:00 Magelang"; where it is already another day, that day is named too. */
export function inBothCities(instant: Date): string {
  const [first, ...others] = company.offices.map((office) => ({ city: office.city, zone: office.timeZone }));
  const day = (zone: string) => shortDateTime(instant, zone).split(",")[0];
  const elsewhere = others.map(({ city, zone }) => {
    const sameDay = first && day(zone) === day(first.zone);
    return `${sameDay ? clockTime(instant, zone) : shortDateTime(instant, zone)} ${city}`;
  });
  return [first ? `${shortDateTime(instant, first.zone)} ${first.city}` : "", ...elsewhere].join(", ");
}

/** A mailto address (RFC 6068): percent-encoded throughout, line breaks as CRLF. */
export function mailto(address: string, headers: Record<string, string>): string {
  const encode = (text: string) => encodeURIComponent(text.toWellFormed().replace(/\n/g, "\r\n"));
  const query = Object.entries(headers).map(([name, text]) => `${name}=${encode(text)}`);
  const to = encode(address).replace(/%40(?=[^@]*$)/, "@");
  return `mailto:${to}${query.length > 0 ? `?${query.join("&")}` : ""}`;
}

/** The first lines of the message as a quotation, short enough for a link. */
function quoteOpening(message: string): string {
  const lines = wrap(message, 68).split("\n").slice(0, 6);
  return lines.map((line) => `> ${line}`).join("\n");
}

/** Breaks text at spaces so that no line is longer than `width`, unless a single word is; further lines start with `indent`. */
export function wrap(text: string, width: number, indent = ""): string {
  const wrapLine = (line: string) => {
    const lines = [""];
    for (const word of line.split(" ")) {
      const current = lines.at(-1) ?? "";
      if (current !== "" && current.length + 1 + word.length > width) lines.push(indent + word);
      else lines[lines.length - 1] = current === "" ? word : `${current} ${word}`;
    }
    return lines.join("\n");
  };
  return text.split("\n").map(wrapLine).join("\n");
}

function capped(text: string, length: number): string {
  const symbols = Array.from(text);
  return symbols.length <= length ? text : `${symbols.slice(0, length - 1).join("")}…`;
}
