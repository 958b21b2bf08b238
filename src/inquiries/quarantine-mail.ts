// The quarantine mail: on each working day with new quarantined inquiries, staff read what visitors
// wrote in them. It is apart from the digest, because a mail server may refuse its text.

import { view } from "../views.ts";
import { answersIn, readableAnswers } from "./answers.ts";
import {
  composeDailyMail,
  isOfficeOpen,
  openingOn,
  sendToStaff,
  wasSentOnThisDay,
} from "./daily-mail.ts";
import type { DailyMailParts } from "./daily-mail.ts";
import { inBothCities, quote, type Mail, type MailSettings } from "./inquiry-mail.ts";
import type { Job } from "./jobs.ts";
import type { Inquiry } from "./store/schema.ts";
import type { Store } from "./store/store.ts";

type QuarantineMailParts = DailyMailParts & {
  store: Pick<Store, "timeOf" | "record" | "quarantineContent" | "recordListed">;
};
type Content = Awaited<ReturnType<Store["quarantineContent"]>>;

// In UTF-16 units. Two hundred messages of this length stay below 5 MB; mail servers often refuse
// more than 10 MB.
const maxShownLength = 2_000;

export function createQuarantineMail({ store, mail, ...parts }: QuarantineMailParts): Job {
  return {
    name: "quarantine mail",
    everyMs: 10 * 60_000,
    isDue: isOfficeOpen,
    async run(now) {
      if (wasSentOnThisDay(await store.timeOf("quarantine"), now)) return;
      const content = await store.quarantineContent(openingOn(now));
      if (content.listed.length === 0) return;
      const compose = (withTexts: boolean) => composeQuarantineMail(content, mail, now, withTexts);
      await sendToStaff(compose(true), parts, compose(false));
      await store.record("quarantine", now);
      await store.recordListed(content.listed, now);
    },
  };
}

function composeQuarantineMail(
  { listed, earlier, waiting }: Content,
  settings: MailSettings,
  now: Date,
  withTexts: boolean,
): Mail {
  const text = view("mail/quarantine.text")({
    waiting,
    listed: listed.map((inquiry) => factsOf(inquiry, withTexts)),
    earlier: earlier.map(
      ({ reference, received_at }) =>
        `${reference}  received ${inBothCities(new Date(received_at))}`,
    ),
    withTexts,
    retentionDays: settings.retentionDays,
  });
  const counts = { "new in quarantine": listed.length, "waiting in all": waiting };
  return composeDailyMail("quarantine", counts, text, settings, now);
}

function factsOf(inquiry: Inquiry, withTexts: boolean) {
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
    quoted: withTexts ? quote(typed.join("\n"), 70) : "",
    rest,
  };
}
