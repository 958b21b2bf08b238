// Delivers accepted inquiries from the store to the staff's mailbox. What could not be sent stays
// in the store and is tried again until the mail server accepts it.

import { randomUUID } from "node:crypto";
import { reasonOf, type Log } from "../log.ts";
import { lateMs } from "./alerts.ts";
import { composeMail, composeWithoutText, type MailSettings } from "./inquiry-mail.ts";
import { duration } from "./mail-text.ts";
import { redactServerReply, type SendMail, type SendResult } from "./smtp.ts";
import {
  maxRetryMs,
  type DeliveryStore,
  type EarlierInquiry,
  type Failure,
  type Inquiry,
} from "./store/interface.ts";

export type DeliveryParts = {
  store: DeliveryStore;
  sendMail: SendMail;
  mail: MailSettings;
  clock: () => Date;
  log: Log;
};

/** Tests that kill the process use shorter times. */
export const deliveryTimes = {
  /** An attempt may send two mails, of 60 s each, and has to end before its lease does. */
  leaseMs: 150_000,
  firstRetryMs: 30_000,
  maxRetryMs,
  /** Until the worker tries again to reach the store. */
  storeRetryMs: 10_000,
};

/** Further attempts send a mail without the text if a temporary refusal is about the text. */
const attemptsWithText = 2;

export function createDelivery(
  { store, sendMail, mail, clock, log }: DeliveryParts,
  times = deliveryTimes,
) {
  const owner = randomUUID();

  /**
   * Sends the mail of an inquiry, and returns what failed. Never throws: it has to be visible at the
   * inquiry.
   */
  async function attempt(
    inquiry: Inquiry,
    earlier: EarlierInquiry[],
  ): Promise<Failure | undefined> {
    const waitedMs = clock().getTime() - inquiry.waiting_since;
    const delay = waitedMs > lateMs ? duration(waitedMs) : "";
    try {
      const full = composeMail(inquiry, mail, delay, earlier);
      const result = await sendMail(full);
      // Only this text may be refused: staff get a mail without it, at once after a permanent
      // refusal. If that mail is not accepted either, mail as a whole is waiting or broken.
      const isTextRefused =
        !result.sent &&
        result.isAboutText &&
        (result.fault === "permanent" || inquiry.attempts > attemptsWithText);
      if (!isTextRefused) return failureOf(result, full.to.length);
      const notice = await sendMail(composeWithoutText(inquiry, mail));
      if (!notice.sent) return failureOf(notice, full.to.length);
      const what = "the mail server refused the text, so staff have a mail without it";
      return { kind: "text", reason: `${what}: ${result.reason}` };
    } catch (error) {
      const reason = `this release cannot compose the mail: ${reasonOf(error)}`;
      return { kind: "permanent", reason };
    }
  }

  async function deliver(inquiry: Inquiry): Promise<boolean> {
    const details = { inquiry: inquiry.reference, attempt: inquiry.attempts };
    const earlier = await store.earlier([inquiry.id]);
    const failure = await attempt(inquiry, earlier.get(inquiry.id) ?? []);
    const reason = failure && redactServerReply(failure.reason);
    if (failure?.kind === "temporary" || failure?.kind === "permanent") {
      const dueAt = new Date(clock().getTime() + retryDelayMs(inquiry.attempts, times));
      await store.settle(inquiry, { dueAt, failure });
      const level = failure.kind === "permanent" ? "error" : "warn";
      const nextAttempt = dueAt.toISOString();
      log[level]({ ...details, reason, nextAttempt }, "mail could not be sent");
      return false;
    }
    if (failure) log.error({ ...details, reason }, "the mail server refused a part of a mail");
    const settled = await store.settle(inquiry, { sentAt: clock(), failure });
    if (settled) log.info(details, "inquiry was sent");
    else
      log.warn(details, "mail was sent after its lease had ended, so staff may get a second copy");
    return settled;
  }

  /**
   * Delivers due inquiries one at a time, oldest first, and claims none once `isOver`. Returns how
   * many were sent. Throws only if the store fails.
   */
  const deliverDue = async (isOver: () => boolean = () => false): Promise<number> => {
    let sent = 0;
    while (!isOver()) {
      const inquiry = await store.claimDue(owner, clock(), times.leaseMs);
      if (!inquiry) break;
      if (await deliver(inquiry)) sent += 1;
    }
    return sent;
  };
  return { deliverDue };
}

function failureOf(result: SendResult, recipients: number): Failure | undefined {
  if (!result.sent) return { kind: result.fault, reason: result.reason };
  const { refusedRecipients: refused } = result;
  if (refused.length === 0) return undefined;
  const reason = `the mail server refused number ${refused.join(", ")} of the ${recipients} addresses`;
  return { kind: "partial", reason };
}

/** 30 s, 1 min, 2 min … 30 min. */
const retryDelayMs = (attempts: number, { firstRetryMs, maxRetryMs }: typeof deliveryTimes) =>
  Math.min(firstRetryMs * 2 ** (attempts - 1), maxRetryMs);
