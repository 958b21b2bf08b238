// Handles a valid form: the steps before an inquiry is stored, in order.

import type { Article } from "../articles/article.ts";
import { emailKey } from "../inquiries/answers.ts";
import { overdueTimes } from "../inquiries/deadlines.ts";
import { findDoubt } from "../inquiries/email-domain.ts";
import { confirmField, liveCheckField, honeypotField, type Answers } from "../inquiries/form.ts";
import { quarantineReasonOf } from "../inquiries/spam.ts";
import type { Submission } from "../inquiries/store/inbox.ts";
import type { Parts } from "./context.ts";
import { createRateLimit } from "./rate-limit.ts";

type Posted = {
  answers: Answers;
  body: Partial<Record<string, string>>;
  article: Article | undefined;
  ip: string;
};

/** The stored inquiry, a question for the sender, or the seconds to wait because the network has reached its limit. */
type Outcome =
  { reference: string; isRepeated: boolean } | { question: string } | { waitSeconds: number };

/** Whether the sender was asked about this address and sent it again. */
export const isConfirmed = (email: string, body: Posted["body"]): boolean =>
  emailKey(email) === emailKey(body[confirmField] ?? "");

type Dependencies = Pick<Parts, "config" | "inbox" | "delivery" | "findDomainFault" | "now">;

export function createSubmit({ config, inbox, delivery, findDomainFault, now }: Dependencies) {
  const limit = createRateLimit(config.inquiriesPer10Minutes, now);
  const pendingAccepts = new Set<Promise<unknown>>();

  /** Throws if the store fails. */
  return async function submit({ answers, body, article, ip }: Posted): Promise<Outcome> {
    if (await inbox.consumeLiveCheckToken(body[liveCheckField], now())) {
      const { inquiry } = await inbox.accept(
        answers,
        { slug: "", title: "", quarantineReason: "", isLiveCheck: true },
        now(),
      );
      return { reference: inquiry.reference, isRepeated: false };
    }
    const duplicate = await findDuplicate(answers);
    if (duplicate) return duplicate;
    const signals = {
      honeypotFilled: Boolean(body[honeypotField]),
      recentFromSameNetwork: limit.recentCount(ip),
    };
    const quarantineReason = quarantineReasonOf(answers, signals);
    const { email = "" } = answers;
    const doubt = quarantineReason ? undefined : await findDoubt(email, findDomainFault);
    if (doubt && !isConfirmed(email, body)) return { question: doubt.question };
    const source = { slug: article?.slug ?? "", title: article?.title ?? "" };
    return acceptWithinLimit(
      answers,
      { ...source, quarantineReason, emailDoubt: doubt?.finding ?? "" },
      ip,
    );
  };

  async function acceptWithinLimit(
    answers: Answers,
    submission: Submission,
    ip: string,
  ): Promise<Outcome> {
    const waitSeconds = limit.take(ip);
    if (waitSeconds > 0) {
      await Promise.allSettled(pendingAccepts); // one may be the same inquiry, sent twice at once
      return (await findDuplicate(answers)) ?? { waitSeconds };
    }
    const acceptance = accept(answers, submission);
    pendingAccepts.add(acceptance);
    try {
      const { inquiry, isRepeated } = await acceptance;
      if (isRepeated) limit.giveBack(ip);
      delivery.nudge();
      return { reference: inquiry.reference, isRepeated };
    } catch (error) {
      limit.giveBack(ip);
      throw error;
    } finally {
      pendingAccepts.delete(acceptance);
    }
  }

  async function accept(answers: Answers, submission: Submission) {
    const quarantineReason = submission.quarantineReason || (await hourlyLimitReason());
    const deadlines = overdueTimes(now(), config.replyWithinWorkingDays);
    return inbox.accept(answers, { ...submission, quarantineReason, deadlines }, now());
  }

  async function findDuplicate(answers: Answers): Promise<Outcome | undefined> {
    const duplicate = await inbox.findDuplicate(answers, now());
    return duplicate && { reference: duplicate.reference, isRepeated: true };
  }

  /** Returns the reason for quarantine if the site has received too many inquiries, or "". */
  async function hourlyLimitReason(): Promise<string> {
    const { inquiriesPerHourTotal: max } = config;
    if (max === 0) return "";
    const lastHour = await inbox.countSince(new Date(now().getTime() - 3_600_000));
    return lastHour >= max ? `more than ${max} inquiries arrived within an hour` : "";
  }
}
