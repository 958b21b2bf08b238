// The mail about inquiries that are new in quarantine, with what visitors wrote in them.

import { view } from "../views.ts";
import { answersIn, readableAnswers } from "./answers.ts";
import { createDailyMail, openingOn, type DailyMailParts } from "./daily-mail.ts";
import { inBothCities, quote, receivedLine, staffPageUrl } from "./inquiry-mail.ts";
import type { Job } from "./jobs.ts";
import type { Inquiry } from "./store/schema.ts";

// In UTF-16 units. Two hundred messages of this length stay below 5 MB; mail servers often refuse
// more than 10 MB.
const maxShownLength = 2_000;

/** Returns the job that sends the quarantine mail. */
export const createQuarantineMail = (parts: DailyMailParts): Job =>
  createDailyMail("quarantine mail", parts, quarantineMail);

async function quarantineMail({ store, mail }: DailyMailParts, now: Date) {
  const { command, siteUrl, retentionDays } = mail;
  const { listed, earlier, waiting } = await store.quarantineContent(openingOn(now));
  if (listed.length === 0) return undefined;
  const compose = (withTexts: boolean) =>
    view("mail/quarantine.text")({
      command,
      waiting,
      listed: listed.map((inquiry) => factsOf(inquiry, siteUrl, withTexts)),
      earlier: earlier.map((inquiry) => [receivedLine(inquiry), staffPageUrl(siteUrl, inquiry)]),
      withTexts,
      retentionDays,
    });
  return {
    counts: { "new in quarantine": listed.length, "waiting in all": waiting },
    text: compose(true),
    textWithoutAnswers: compose(false),
    listed,
  };
}

function factsOf(inquiry: Inquiry, siteUrl: string, withTexts: boolean) {
  const { reference, received_at, quarantine_reason, email_fault, answers } = inquiry;
  const message = answersIn("text", answers).join("\n\n");
  // Without half of a surrogate pair.
  const start = message.slice(0, maxShownLength).replace(/[\ud800-\udbff]$/, "");
  const rest = message.length - start.length;
  const typed = [
    ...readableAnswers(answers)
      .filter(({ inMail }) => inMail !== "text")
      .map(({ label, text }) => `${label}: ${text}`),
    ...(email_fault ? [`Address: ${email_fault}`] : []),
    "",
    rest > 0 ? `${start}…` : start,
  ];
  return {
    reference,
    reason: quarantine_reason,
    received: inBothCities(new Date(received_at)),
    link: staffPageUrl(siteUrl, inquiry),
    quoted: withTexts ? quote(typed.join("\n")) : "",
    rest,
  };
}
