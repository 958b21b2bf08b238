// The mail that staff get for an inquiry. From is our address and Reply-To the visitor's, because a
// mail with the visitor's address in From fails DMARC. Visitors' text is escaped or quoted.

import { weekdayDate } from "../../calendar.ts";
import { colours } from "../../colours.ts";
import { company } from "../../company.ts";
import { view } from "../../views.ts";
import { href } from "../../urls.ts";
import { answersIn, readableAnswers } from "../answers.ts";
import { quarantineWords } from "../delivery.ts";
import type { Inquiry } from "../inquiry.ts";
import { progressWords } from "../handling.ts";
import { describeRelated, isSameMailbox } from "../related.ts";
import type { Section } from "../store/interface.ts";
import { staffPageUrl, type Mail, type MailSettings } from "./mail.ts";
import {
  factLines,
  inEachOffice,
  isFixedWidth,
  mailto,
  quote,
  truncate,
  wrap,
  type Fact,
} from "./text.ts";

/**
 * A mail names at most so many of the client's other inquiries. The staff page names up to twenty.
 */
const maxRelated = 5;

/**
 * Composes the mail about an inquiry. `related` are the other inquiries of the client, as they are
 * when the mail is sent.
 */
export function composeMail(
  inquiry: Inquiry,
  settings: MailSettings,
  related: Section = { inquiries: [], total: 0 },
): Mail {
  const { reference, answers } = inquiry;
  const { name = "", email = "" } = answers;
  const heading = answersIn("heading", answers).join(", ");
  const message = answersIn("text", answers).join("\n\n");
  const sender = truncate(name, 40) || "the sender";
  const readable = readableAnswers(answers);
  const summary = readable
    .filter(({ inMail }) => inMail === "subject" || inMail === "summary")
    .map(({ label, text }) => `${label}: ${text}`);
  const visitorFacts = readable
    .filter(({ inMail }) => inMail === undefined)
    .map((answer) => ({ ...answer, href: answer.name === "email" ? mailto(email) : undefined }));
  const kindOfHelp = answersIn("subject", answers).map(lowerFirst);
  const title = [`New project: ${truncate(heading, 60)}`, ...kindOfHelp].join(", ");
  const subject = withoutEncodedWords(title);
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
    sender,
    replyHref: replyHref(email, reference, sender, message),
    staffHref: staffPageUrl(settings.siteUrl, inquiry),
    visitorFacts,
    firstFacts: [...firstFacts(inquiry), ...relatedFacts(inquiry, related, settings)],
    ourFacts: ourFacts(inquiry, settings),
    factLines,
    isFixedWidth,
    quote,
    colours,
  };
  return {
    reference,
    messageId: currentMessageId(inquiry),
    date: inquiry.delivery.waitingSince, // mailboxes sort by the date
    from: settings.mailFrom,
    to: settings.mailTo,
    replyTo,
    subject: `${subject} [${reference}]`,
    text: view("mail/inquiry.text")(data),
    html: view("mail/inquiry.html")(data),
  };
}

function replyHref(email: string, reference: string, sender: string, message: string): string {
  const lines = quote(message).split("\n");
  const quotation = lines.length > 6 ? [...lines.slice(0, 6), "> […]"] : lines;
  const body = `Hello ${sender},\n\n\n\n${truncate(quotation.join("\n"), 500)}`;
  return mailto(email, { subject: `Re: your project [${reference}]`, body });
}

/**
 * Returns the Message-ID of the mail. One that is sent again has an ID of its own, because
 * mailboxes drop a second mail with the same ID, even if the first is in the spam folder or
 * deleted.
 */
const currentMessageId = ({ messageId, delivery }: Inquiry): string =>
  delivery.sentAt ? messageId.replace("@", `-${delivery.waitingSince.getTime()}@`) : messageId;

/**
 * Returns the facts above the message. The visitor typed nothing in them but the domain in
 * `emailFault`.
 */
const firstFacts = ({ delivery: { sentAt }, handling, emailFault }: Inquiry): Fact[] =>
  [
    { label: "Sent again", text: sentAt ? `first on ${shownDay(sentAt)}` : "" },
    { label: "Answer by", text: inEachOffice(handling.answerBy) },
    // Staff can only have set a progress before this mail if it is sent again.
    { label: "Progress", text: handling.progress === "open" ? "" : progressWords(handling) },
    { label: "Address", text: emailFault },
  ].filter(({ text }) => text !== "");

const shownDay = (time: Date) => weekdayDate(time, company.headOffice.timeZone);

function relatedFacts(
  inquiry: Inquiry,
  { inquiries, total }: Section,
  { siteUrl }: MailSettings,
): Fact[] {
  const label = "Same client";
  const named = inquiries.slice(0, maxRelated).map((other) => ({
    label,
    text: describeRelated(inquiry, other),
    // A reply quotes the mail, so with a link here its client could press the buttons on the staff
    // page of a colleague's inquiry.
    href: isSameMailbox(inquiry, other) ? staffPageUrl(siteUrl, other) : undefined,
  }));
  const more = total - named.length;
  const others = { label, text: `and ${more} more, which the page for staff names` };
  return more > 0 ? [...named, others] : named;
}

/** Returns the facts below the answers. The visitor typed nothing in them. */
function ourFacts(inquiry: Inquiry, { siteUrl }: MailSettings): Fact[] {
  const { source } = inquiry;
  return [
    {
      label: "Sent from",
      text: source || "The contact page",
      ...(source && { href: siteUrl + href("article", { slug: source }) }),
    },
    { label: "Received", text: inEachOffice(inquiry.receivedAt) },
    { label: "Quarantined", text: quarantineWords(inquiry.delivery) },
    { label: "Reference", text: inquiry.reference },
  ].filter(({ text }) => text !== "");
}

/** Breaks encoded words (RFC 2047), in which mail programs would decode controls. */
const withoutEncodedWords = (text: string) => text.replaceAll("=?", "= ?");

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
