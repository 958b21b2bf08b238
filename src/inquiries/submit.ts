// Handles a complete form: everything that happens before the visitor sees "thank you".

import { deadlinesFrom } from "./progress.ts";
import { findDomainFault, type DomainFault, type LookUpDomain } from "./email-address.ts";
import type { Submitted } from "./form.ts";
import { createRateLimit } from "./rate-limit.ts";
import { spamReason } from "./spam.ts";
import { hourlyTotalReason, liveCheckReason, type FormStore } from "./store/interface.ts";

/** The article that a form was sent from. Both are empty if it was the contact page. */
export type Source = { slug: string; title: string };

export type Outcome =
  | { kind: "stored"; reference: string; isRepeated: boolean }
  /** The sender has to confirm or correct the email address. Nothing was stored. */
  | { kind: "question"; fault: DomainFault }
  /** The network has reached its limit. Nothing was stored. */
  | { kind: "wait"; seconds: number };

type Parts = {
  store: FormStore;
  lookUpDomain: LookUpDomain;
  settings: {
    inquiriesPer10Minutes: number;
    inquiriesPerHourTotal: number;
    replyWithinWorkingDays: number | undefined;
  };
  /** Called when an inquiry is ready to be sent to staff. */
  nudge: () => void;
  clock: () => Date;
};

export function createSubmit({ store, lookUpDomain, settings, nudge, clock }: Parts) {
  const limit = createRateLimit(settings.inquiriesPer10Minutes);

  /** Throws if the store fails. Then nothing was stored. */
  return async function submit(form: Submitted, source: Source, ip: string): Promise<Outcome> {
    const now = clock();
    const { answers } = form;
    const first = await store.findDuplicate(answers, now);
    if (first) return { kind: "stored", reference: first.reference, isRepeated: true };

    // Anybody may fill in the field of a live check, and only puts an inquiry into quarantine.
    const quarantineReason = form.isLiveCheck
      ? liveCheckReason
      : spamReason(answers, { ...form, recentFromNetwork: limit.recentCount(ip, now) }) ||
        (await floodReason(now));

    // Counted before the DNS is asked, and also if a question or a failure follows.
    const seconds = limit.take(ip, now);
    if (seconds > 0) return { kind: "wait", seconds };

    const fault = quarantineReason
      ? undefined
      : await findDomainFault(answers.email ?? "", lookUpDomain);
    if (fault && !form.isConfirmed) return { kind: "question", fault };

    const { inquiry, isRepeated } = await store.accept(
      answers,
      {
        ...source,
        quarantineReason,
        emailFault: fault?.note ?? "",
        deadlines: deadlinesFrom(now, settings.replyWithinWorkingDays),
      },
      now,
    );
    nudge();
    return { kind: "stored", reference: inquiry.reference, isRepeated };
  };

  /** Returns the reason for quarantine if the site has received too many inquiries, or "". */
  async function floodReason(now: Date): Promise<string> {
    const { inquiriesPerHourTotal: max } = settings;
    if (max === 0) return "";
    const lastHour = await store.countSince(new Date(now.getTime() - 3_600_000));
    return lastHour >= max ? hourlyTotalReason : "";
  }
}
