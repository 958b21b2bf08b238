// Takes accepted inquiries from the store to staff's mailbox, and tries again until the mail server takes them.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../log.ts";
import { composeMail, type MailSettings } from "./email.ts";
import { withoutDialogue, type SendMail } from "./mail-transport.ts";
import type { StoredInquiry } from "./store-schema.ts";
import { longestRetryMs } from "./store-staff.ts";
import type { Store } from "./store.ts";
import { duration, lateMs } from "./watch.ts";

export type Delivery = ReturnType<typeof createDelivery>;

export type DeliveryParts = {
  store: Store;
  sendMail: SendMail;
  mail: MailSettings;
  now: () => Date;
  log: Log;
  /** What else is looked after whenever mail has been delivered, or after a minute of it and the mail in hand. */
  afterPass: () => Promise<void>;
};

export const deliveryDefaults = {
  /** Longer than the 60 s a send may take, so that a slow send keeps its lease. */
  leaseMs: 120_000,
  firstRetryMs: 30_000,
  longestRetryMs: longestRetryMs.pending,
  stuckAfterMs: 5 * 86_400_000,
  stuckRetryMs: longestRetryMs.stuck,
  storeRetryMs: 10_000,
  /** With a mail server that hangs, something is always due again: alarms must not wait until nothing is. */
  passMs: 60_000,
};

export function createDelivery({ store, sendMail, mail, now, log, afterPass }: DeliveryParts, options = deliveryDefaults) {
  const owner = randomUUID();
  let stopped = false;
  let pause = new AbortController();
  let running: Promise<void> | undefined;

  /** One pass: delivers everything that is due, oldest first, one at a time; begins none after `until`. Returns how many were handed over. */
  async function deliverDue(until = Infinity): Promise<number> {
    let handedOver = 0;
    while (!stopped && now().getTime() < until) {
      const inquiry = await store.claimDue(owner, now(), options.leaseMs);
      if (!inquiry) break;
      if (await deliver(inquiry)) handedOver += 1;
    }
    return handedOver;
  }

  async function deliver(inquiry: StoredInquiry): Promise<boolean> {
    const details = { inquiry: inquiry.reference, attempt: inquiry.attempts };
    const waitedMs = now().getTime() - inquiry.waiting_since;
    const heldFor = waitedMs > lateMs ? duration(waitedMs) : "";
    const result = await sendMail(composeMail(inquiry, mail, await store.earlierFrom(inquiry), heldFor));
    if (!result.sent) {
      const { fault, reason } = result;
      const stuck = waitedMs >= options.stuckAfterMs;
      const dueAt = new Date(now().getTime() + (stuck ? options.stuckRetryMs : retryDelayMs(inquiry.attempts, options)));
      await store.settleFailed(inquiry, stuck ? "stuck" : "pending", dueAt, fault === "ours" ? `ours: ${reason}` : reason);
      const level = fault === "ours" || stuck ? "error" : "warn";
      log[level]({ ...details, reason: withoutDialogue(reason), nextAttempt: dueAt.toISOString() }, "mail could not be handed over");
      return false;
    }
    const refused = result.refusedRecipients > 0 ? `ours: ${result.refusedRecipients} of the addresses in MAIL_TO were refused` : null;
    if (refused) log.error({ ...details, reason: refused }, "the mail server took the mail for some of the staff only");
    const settled = await store.settleHandedOver(inquiry, now(), refused);
    if (settled) log.info(details, "inquiry was handed over to the mail server");
    else log.warn(details, "mail was handed over after its lease had run out: staff may get a second copy");
    return settled;
  }

  async function run(): Promise<void> {
    while (!stopped) {
      pause = new AbortController(); // before the pass: what is nudged during it is not paused for
      const pauseMs = await pass().catch((error: unknown) => {
        log.error({ err: error }, `delivery could not reach the store and tries again in ${options.storeRetryMs / 1_000} s`);
        return options.storeRetryMs;
      });
      await sleep(pauseMs, undefined, { signal: pause.signal }).catch(() => undefined);
    }
  }

  /** One pass of the running loop; returns how long to pause unless a new inquiry arrives. */
  async function pass(): Promise<number> {
    await deliverDue(now().getTime() + options.passMs);
    if (!stopped) await afterPass();
    const next = (await store.nextDue(now()))?.getTime() ?? Infinity;
    return Math.min(Math.max(next - now().getTime(), 100), 60_000); // at most a minute: another process may have put something back
  }

  return {
    deliverDue,
    /** Passes until stopped. */
    start(): void {
      running ??= run();
    },
    /** Something new is due. */
    nudge(): void {
      pause.abort();
    },
    /** Claims nothing more and waits for the mail in hand. */
    async stop(): Promise<void> {
      stopped = true;
      pause.abort();
      await running;
    },
  };
}

/** 30 s, 1 min, 2 min … 30 min. */
export function retryDelayMs(attempts: number, { firstRetryMs, longestRetryMs } = deliveryDefaults): number {
  return Math.min(firstRetryMs * 2 ** Math.min(attempts - 1, 30), longestRetryMs);
}
