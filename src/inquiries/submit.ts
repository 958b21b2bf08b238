// Handles a complete form until it is stored: it applies the rate limit, asks about a doubtful
// address, and decides on quarantine. A quarantined inquiry gets the receipt of any other, on
// which the mail to staff is never sent.

import { hash } from "node:crypto";
import type { Submitted } from "./form.ts";
import { deadlinesFrom } from "./handling.ts";
import type { QuarantineReason } from "./delivery.ts";
import type { Inquiry } from "./inquiry.ts";
import type { SubmissionStore } from "./store/interface.ts";
import { findAddressDoubt, type AddressDoubt, type LookUpDomain } from "./email-address.ts";
import { createRateLimit, type Window } from "./rate-limit.ts";
import { spamReason } from "./spam.ts";

export type Outcome =
  | { type: "stored"; inquiry: Inquiry; isRepeated: boolean }
  /** The sender has to confirm or correct the email address. Nothing was stored. */
  | { type: "question"; doubt: AddressDoubt }
  /** The network has reached its limit. Nothing was stored. */
  | { type: "wait"; seconds: number };

type Dependencies = {
  store: SubmissionStore;
  lookUpDomain: LookUpDomain;
  settings: {
    inquiriesPer10Minutes: number;
    inquiriesPerHourTotal: number;
    replyWithinWorkingDays: number | undefined;
  };
  /** Wakes the worker, because there is a mail to send. */
  nudge: () => void;
  clock: () => Date;
};

const minuteMs = 60_000;

/**
 * A network may send four times as many in a day as in ten minutes. In a simulation without the
 * day's limit, eight addresses stored 5,000 inquiries in a day, kept clients in quarantine and then
 * filled it.
 */
const windowsOf = (per10Minutes: number): Window[] =>
  per10Minutes === 0
    ? []
    : [
        { ms: 10 * minuteMs, max: per10Minutes },
        { ms: 1_440 * minuteMs, max: 4 * per10Minutes },
      ];

/**
 * A network may send ten live checks in ten minutes. Doctor sends one every five minutes, and a
 * deployment some more. They have a limit of their own, because with INQUIRIES_PER_10_MINUTES=1
 * every second live check failed with a 429.
 */
const maxLiveChecks = 10;

export function createSubmit({ store, lookUpDomain, settings, nudge, clock }: Dependencies) {
  const visitors = createRateLimit(windowsOf(settings.inquiriesPer10Minutes));
  const liveChecks = createRateLimit([{ ms: 10 * minuteMs, max: maxLiveChecks }]);

  const running = new Map<string, Promise<Outcome>>();

  /**
   * Submits a form. Throws if the store fails. The second form of a double click gets the outcome
   * of the first and doesn't count, because the browser shows only the second response.
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
    // The form counts before the DNS is asked, so that one which leads to a question counts too.
    const seconds = rateLimit.countOrWait(ip, now);
    if (seconds > 0) return { type: "wait", seconds };

    let quarantineReason: QuarantineReason | "" = "";
    try {
      quarantineReason = await findQuarantineReason(form, now);
      const doubt = quarantineReason
        ? undefined
        : await findAddressDoubt(answers.email ?? "", lookUpDomain);
      if (doubt && !form.isAddressConfirmed) return { type: "question", doubt };

      const emailFault = doubt ? `${doubt.note}; the sender confirmed the address` : "";
      const deadlines = deadlinesFrom(now, settings.replyWithinWorkingDays);
      const submission = { source, quarantineReason, emailFault, ...deadlines };
      const { inquiry, isRepeated } = await store.accept(answers, submission, now);
      if (isRepeated) {
        rateLimit.takeBack(ip); // another request has stored the inquiry meanwhile
        return await repeated(inquiry, form);
      }
      nudge();
      return { type: "stored", inquiry, isRepeated };
    } catch (error) {
      // The failure is ours and doesn't count against the visitor, unless it was advertising that
      // found the quarantine full.
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

  async function findQuarantineReason(form: Submitted, now: Date): Promise<QuarantineReason | ""> {
    // Anybody can fill in the field of the live check, and only gets into quarantine by it.
    if (form.isLiveCheck) return "live-check";
    const reason = spamReason(form.answers, form.isTrapFilled);
    // A mailbox that staff got a mail from before is no stranger's.
    if (reason && !(await store.wasMailed(form.answers.email ?? ""))) return reason;
    const { inquiriesPerHourTotal: max } = settings;
    if (max === 0) return "";
    const lastHour = await store.countSince(new Date(now.getTime() - 3_600_000));
    return lastHour >= max ? "flood" : "";
  }
}
