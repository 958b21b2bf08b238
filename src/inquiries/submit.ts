// Handles a complete form until it is stored: the rate limit, the question about a doubtful
// address, and whether it is quarantined, with the same receipt as any other.

import { hash } from "node:crypto";
import type { Submitted } from "./posted-form.ts";
import { deadlinesFrom } from "./deadlines.ts";
import { hourlyTotalReason, liveCheckReason } from "./delivery.ts";
import type { Inquiry } from "./inquiry.ts";
import type { Store } from "./store/interface.ts";
import { findAddressDoubt, type AddressDoubt, type LookUpDomain } from "./email-address.ts";
import { createRateLimit, type Window } from "./rate-limit.ts";
import { spamReason } from "./spam.ts";

export type Outcome =
  | { type: "stored"; inquiry: Inquiry; isRepeated: boolean }
  /** The sender has to confirm or correct the email address. Nothing was stored. */
  | { type: "question"; doubt: AddressDoubt }
  /** The network has reached its limit. Nothing was stored. */
  | { type: "wait"; seconds: number };

type Parts = {
  store: Store;
  lookUpDomain: LookUpDomain;
  settings: {
    inquiriesPer10Minutes: number;
    inquiriesPerHourTotal: number;
    replyWithinWorkingDays: number | undefined;
  };
  /** Called when an inquiry was stored. */
  nudge: () => void;
  clock: () => Date;
};

const minuteMs = 60_000;

/**
 * Four times as many within a day: with ten minutes alone, eight addresses stored 5,000 inquiries in
 * a day, kept clients in quarantine and then filled it.
 */
const windowsOf = (per10Minutes: number): Window[] =>
  per10Minutes === 0
    ? []
    : [
        { ms: 10 * minuteMs, max: per10Minutes },
        { ms: 1_440 * minuteMs, max: 4 * per10Minutes },
      ];

/**
 * Within ten minutes. Doctor sends one every five, and a deployment some more. They have a limit of
 * their own: with INQUIRIES_PER_10_MINUTES=1 every second one failed with a 429.
 */
const maxLiveChecks = 10;

export function createSubmit({ store, lookUpDomain, settings, nudge, clock }: Parts) {
  const visitors = createRateLimit(windowsOf(settings.inquiriesPer10Minutes));
  const liveChecks = createRateLimit([{ ms: 10 * minuteMs, max: maxLiveChecks }]);

  const running = new Map<string, Promise<Outcome>>();

  /**
   * Throws if the store fails. Then nothing was stored. The second form of a double click has the
   * outcome of the first, and doesn't count: the browser shows only the second response.
   */
  return async function submit(form: Submitted, source: string, ip: string): Promise<Outcome> {
    const key = hash("sha256", JSON.stringify([form, source, ip]));
    const first = running.get(key);
    if (first) {
      const outcome = await first;
      return outcome.type === "stored" ? { ...outcome, isRepeated: true } : outcome;
    }
    const outcome = submitOnce(form, source, ip).finally(() => running.delete(key));
    running.set(key, outcome);
    return outcome;
  };

  async function submitOnce(form: Submitted, source: string, ip: string): Promise<Outcome> {
    const now = clock();
    const { answers } = form;
    const first = await store.findDuplicate(answers, now);
    if (first) return repeated(first, form);

    const rateLimit = form.isLiveCheck ? liveChecks : visitors;
    // Before the DNS is asked, so that forms which lead to a question count too.
    const seconds = rateLimit.count(ip, now);
    if (seconds > 0) return { type: "wait", seconds };

    let quarantineReason = "";
    try {
      quarantineReason = await findQuarantineReason(form, now);
      const doubt = quarantineReason
        ? undefined
        : await findAddressDoubt(answers.email ?? "", lookUpDomain);
      if (doubt && !form.isConfirmed) return { type: "question", doubt };

      const emailFault = doubt ? `${doubt.note}; the sender confirmed the address` : "";
      const deadlines = deadlinesFrom(now, settings.replyWithinWorkingDays);
      const submission = { source, quarantineReason, emailFault, ...deadlines };
      const { inquiry, isRepeated } = await store.accept(answers, submission, now);
      if (isRepeated) {
        rateLimit.takeBack(ip); // it was stored meanwhile
        return await repeated(inquiry, form);
      }
      nudge();
      return { type: "stored", inquiry, isRepeated };
    } catch (error) {
      // Our failure and not the visitor's, unless advertising has filled the quarantine.
      if (!quarantineReason) rateLimit.takeBack(ip);
      throw error;
    }
  }

  async function repeated(first: Inquiry, { answers }: Submitted): Promise<Outcome> {
    const isTickedNow = Boolean(answers.confirmation) && !first.answers.confirmation;
    const inquiry = isTickedNow ? await store.wantConfirmation(first) : first;
    if (isTickedNow) nudge();
    return { type: "stored", inquiry, isRepeated: true };
  }

  async function findQuarantineReason(form: Submitted, now: Date): Promise<string> {
    // Anybody can fill in this field: the only effect is quarantine.
    if (form.isLiveCheck) return liveCheckReason;
    const reason = spamReason(form.answers, form.isTrapFilled);
    // Whoever was mailed to staff before is no stranger.
    if (reason && !(await store.wasMailed(form.answers.email ?? ""))) return reason;
    const { inquiriesPerHourTotal: max } = settings;
    if (max === 0) return "";
    const lastHour = await store.countSince(new Date(now.getTime() - 3_600_000));
    return lastHour >= max ? hourlyTotalReason : "";
  }
}
