// Takes accepted inquiries from the store to staff's mailbox, and tries again until the mail server takes them.

import { randomUUID } from "node:crypto";
import type { Log } from "../log.ts";
import { composeMail, type MailSettings } from "./email.ts";
import type { SendMail } from "./mail-transport.ts";
import type { Store, StoredInquiry } from "./store.ts";

export type Delivery = ReturnType<typeof createDelivery>;

type DeliveryParts = { store: Store; sendMail: SendMail; mail: MailSettings; now: () => Date; log: Log };

export const deliveryDefaults = {
  /** Longer than the 60 s a send may take, so that a slow send keeps its lease. */
  leaseMs: 120_000,
  firstRetryMs: 30_000,
  longestRetryMs: 30 * 60_000,
};

export function createDelivery({ store, sendMail, mail, now, log }: DeliveryParts, options = deliveryDefaults) {
  const owner = randomUUID();
  let stopped = false;
  let wake: (() => void) | undefined;
  let running: Promise<void> | undefined;

  /** One pass: delivers everything that is due, oldest first, one at a time. Returns how many were handed over. */
  async function deliverDue(): Promise<number> {
    let handedOver = 0;
    while (!stopped) {
      const [inquiry] = await store.claimDue(owner, now(), options.leaseMs, 1);
      if (!inquiry) break;
      if (await deliver(inquiry)) handedOver += 1;
    }
    return handedOver;
  }

  async function deliver(inquiry: StoredInquiry): Promise<boolean> {
    const details = { inquiry: inquiry.reference, attempt: inquiry.attempts };
    const result = await sendMail(composeMail(inquiry, mail));
    if (result.sent) {
      const settled = await store.settleHandedOver(inquiry, now());
      if (!settled) log.warn(details, "mail was handed over after its lease had run out: staff may get a second copy");
      else log.info(details, "inquiry was handed over to the mail server");
      if (result.refusedRecipients > 0)
        log.error(
          { ...details, refused: result.refusedRecipients },
          "the mail server refused some of the addresses in MAIL_TO",
        );
      return settled;
    }
    const dueAt = new Date(now().getTime() + retryDelayMs(inquiry.attempts, options));
    await store.settleFailed(inquiry, dueAt, result.reason);
    const level = result.fault === "ours" ? "error" : "warn";
    log[level](
      { ...details, reason: result.reason, nextAttempt: dueAt.toISOString() },
      "mail could not be handed over",
    );
    return false;
  }

  async function run(): Promise<void> {
    while (!stopped) {
      const woken = new Promise<void>((resolve) => (wake = resolve));
      const pauseMs = await pass();
      const timer = setTimeout(() => wake?.(), pauseMs);
      if (!stopped) await woken;
      clearTimeout(timer);
    }
  }

  /** One pass of the running loop; returns how long to pause unless a new inquiry arrives. */
  async function pass(): Promise<number> {
    try {
      await deliverDue();
      const next = await store.nextDue();
      // Never longer than a minute: another process may have put something back.
      return next ? Math.min(Math.max(next.getTime() - now().getTime(), 100), 60_000) : 60_000;
    } catch (error) {
      log.error({ err: error }, "delivery could not reach the store and tries again in 10 s");
      return 10_000;
    }
  }

  return {
    deliverDue,
    /** Passes until stopped. */
    start(): void {
      running ??= run();
    },
    /** Something new is due. */
    nudge(): void {
      wake?.();
    },
    /** Claims nothing more and waits for the mail in hand. */
    async stop(): Promise<void> {
      stopped = true;
      wake?.();
      await running;
    },
  };
}

/** 30 s, 1 min, 2 min … 30 min. */
export function retryDelayMs(attempts: number, { firstRetryMs, longestRetryMs } = deliveryDefaults): number {
  return Math.min(firstRetryMs * 2 ** Math.min(attempts - 1, 30), longestRetryMs);
}
