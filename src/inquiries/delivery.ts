// Delivers accepted inquiries from the store to the staff's mailbox, and retries until the mail server accepts them.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../log.ts";
import { duration, lateMs } from "./alerts.ts";
import { composeMail, type MailSettings } from "./inquiry-mail.ts";
import { redactServerReply, type SendMail } from "./smtp.ts";
import { maxRetryMs, type Queue } from "./store/queue.ts";
import { permanentPrefix, type StoredInquiry } from "./store/schema.ts";

export type Delivery = ReturnType<typeof createDelivery>;

type DeliveryParts = {
  queue: Queue;
  sendMail: SendMail;
  mail: MailSettings;
  now: () => Date;
  log: Log;
  /** Digest, alerts and retention. Called after each pass. */
  housekeep: () => Promise<void>;
};

const stuckAfterMs = 5 * 86_400_000;
/** A pass claims nothing after this time: if the mail server hangs, something is always due, and alerts must not wait. */
const maxPassMs = 60_000;

/** Tests that kill the process use shorter times. */
export const deliveryDefaults = {
  /** Longer than the 60 s that sending may take, so that a slow send does not lose its lease. */
  leaseMs: 120_000,
  firstRetryMs: 30_000,
  maxRetryMs: maxRetryMs.pending,
  storeRetryMs: 10_000,
};

export function createDelivery(
  { queue, sendMail, mail, now, log, housekeep }: DeliveryParts,
  options = deliveryDefaults,
) {
  const owner = randomUUID();
  let stopped = false;
  let pause = new AbortController();
  let running: Promise<void> | undefined;

  /** Delivers due inquiries one at a time, oldest first, and claims none after `until`. Returns how many were sent. */
  async function deliverDue(until = Infinity): Promise<number> {
    let sent = 0;
    while (!stopped && now().getTime() < until) {
      const inquiry = await queue.claimDue(owner, now(), options.leaseMs);
      if (!inquiry) break;
      if (await deliver(inquiry)) sent += 1;
    }
    return sent;
  }

  async function deliver(inquiry: StoredInquiry): Promise<boolean> {
    const details = { inquiry: inquiry.reference, attempt: inquiry.attempts };
    const waitedMs = now().getTime() - inquiry.waiting_since;
    const delay = waitedMs > lateMs ? duration(waitedMs) : "";
    const result = await sendMail(
      composeMail(inquiry, mail, await queue.earlierFrom(inquiry), delay),
    );
    if (!result.sent) {
      const { fault, reason } = result;
      const stuck = waitedMs >= stuckAfterMs;
      const dueAt = new Date(
        now().getTime() + (stuck ? maxRetryMs.stuck : retryDelayMs(inquiry.attempts, options)),
      );
      await queue.settleFailed(
        inquiry,
        stuck ? "stuck" : "pending",
        dueAt,
        fault === "permanent" ? permanentPrefix + reason : reason,
      );
      const level = fault === "permanent" || stuck ? "error" : "warn";
      log[level](
        { ...details, reason: redactServerReply(reason), nextAttempt: dueAt.toISOString() },
        "mail could not be sent",
      );
      return false;
    }
    const { refusedRecipients: count } = result;
    const refused =
      count > 0
        ? `${permanentPrefix}the mail server refused ${count} of the ${mail.mailTo.length} addresses in MAIL_TO`
        : null;
    if (refused)
      log.error(
        { ...details, refused: count },
        "the mail server accepted the mail for some of the staff only",
      );
    const settled = await queue.settleSent(inquiry, now(), refused);
    if (settled) log.info(details, "inquiry was sent");
    else
      log.warn(details, "mail was sent after its lease had ended, so staff may get a second copy");
    return settled;
  }

  async function run(): Promise<void> {
    while (!stopped) {
      pause = new AbortController(); // before the pass, so that a nudge during the pass ends the next pause
      const pauseMs = await pass().catch((error: unknown) => {
        log.error(
          { err: error },
          `delivery could not reach the store and tries again in ${options.storeRetryMs / 1_000} s`,
        );
        return options.storeRetryMs;
      });
      await sleep(pauseMs, undefined, { signal: pause.signal }).catch(() => undefined);
    }
  }

  /** One pass of the loop. Returns for how many milliseconds to pause unless a new inquiry arrives. */
  async function pass(): Promise<number> {
    await deliverDue(now().getTime() + maxPassMs);
    if (!stopped) await housekeep();
    const next = (await queue.nextDue(now()))?.getTime() ?? Infinity;
    return Math.min(Math.max(next - now().getTime(), 100), 60_000); // at most a minute: a command may have made an inquiry due
  }

  return {
    deliverDue,
    /** Runs passes until `stop` is called. */
    start(): void {
      running ??= run();
    },
    /** Ends the pause between two passes, because a new inquiry is due. */
    nudge(): void {
      pause.abort();
    },
    /** Claims nothing more, and resolves once the mail in progress is settled. */
    async stop(): Promise<void> {
      stopped = true;
      pause.abort();
      await running;
    },
  };
}

/** 30 s, 1 min, 2 min … 30 min. */
export function retryDelayMs(
  attempts: number,
  { firstRetryMs, maxRetryMs } = deliveryDefaults,
): number {
  return Math.min(firstRetryMs * 2 ** Math.min(attempts - 1, 30), maxRetryMs);
}
