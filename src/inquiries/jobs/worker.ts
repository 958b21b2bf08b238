// The worker runs passes. In each it sends the inquiries that are due to staff, then confirmations
// to visitors, then runs the jobs that are due. An inquiry that could not be sent stays in the
// store, and is tried again until the mail server accepts it.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { errorMessage, type Log } from "../../log.ts";
import { composeConfirmation } from "../mail/confirmation.ts";
import { composeMail } from "../mail/compose.ts";
import type { MailSettings } from "../mail/mail.ts";
import { redactServerReply, type SendMail } from "../mail/smtp.ts";
import type { Failure } from "../delivery.ts";
import type { Inquiry } from "../inquiry.ts";
import {
  maxRetryMs,
  StoreError,
  type Claim,
  type DeliveryStore,
  type JobStore,
  type Store,
} from "../store/interface.ts";
import { schedule, type Job } from "./job.ts";

type Dependencies = {
  store: DeliveryStore & JobStore & Pick<Store, "open" | "related">;
  sendMail: SendMail;
  mail: MailSettings;
  jobs: Job[];
  clock: () => Date;
  log: Log;
};

/** The worker's times. Tests that kill the process use shorter ones. */
export const workerTimes = {
  /** A lease lasts longer than an attempt, which takes at most `sendDeadlineMs`. */
  leaseMs: 90_000,
  firstRetryMs: 30_000,
  maxRetryMs,
  /** The pause between two passes, unless a new inquiry arrives. */
  pauseMs: 10_000,
};

/**
 * A pass claims no more inquiries after this time, so that jobs run although the mail server hangs.
 */
const maxPassMs = 60_000;

export function createWorker(
  { store, sendMail, mail, jobs, clock, log }: Dependencies,
  times = workerTimes,
) {
  const owner = randomUUID();
  let hasRetriedAll = false;
  let stopped = false;
  let passedAt = clock();
  let pause = new AbortController();
  let running: Promise<void> | undefined;

  /**
   * Sends the mail of an inquiry, and returns what failed, which staff then see. Throws only if the
   * store fails.
   */
  async function send(inquiry: Inquiry): Promise<Failure | undefined> {
    try {
      const composed = composeMail(inquiry, mail, await store.related(inquiry));
      const result = await sendMail(composed);
      if (!result.sent) return { type: result.failure, reason: result.reason };
      const { refusedRecipients: refused } = result;
      if (refused.length === 0) return undefined;
      const reason = `the mail server refused number ${refused.join(", ")} of the ${composed.to.length} addresses`;
      return { type: "partial", reason };
    } catch (error) {
      if (error instanceof StoreError) throw error;
      const reason = `this version cannot compose the mail: ${errorMessage(error)}`;
      return { type: "permanent", reason };
    }
  }

  async function deliver(inquiry: Claim): Promise<void> {
    const { attempts } = inquiry.delivery;
    const details = { inquiry: inquiry.reference, attempt: attempts };
    const failure = await send(inquiry);
    const reason = failure && redactServerReply(failure.reason);
    if (failure && failure.type !== "partial") {
      // The pauses between attempts are 30 s, 1 min, 2 min and so on, up to 30 min.
      const delayMs = Math.min(times.firstRetryMs * 2 ** (attempts - 1), times.maxRetryMs);
      const dueAt = new Date(clock().getTime() + delayMs);
      await store.settle(inquiry, { dueAt, failure });
      const level = failure.type === "permanent" ? "error" : "warn";
      log[level]({ ...details, reason, nextAttempt: dueAt }, "mail could not be sent");
      return;
    }
    if (failure)
      log.error({ ...details, reason }, "a mail was accepted for some of the staff only");
    const settled = await store.settle(inquiry, { sentAt: clock(), failure });
    if (settled) log.info(details, "inquiry was sent");
    else log.warn(details, "mail was sent after its lease had ended: staff may get a second copy");
  }

  /**
   * Makes one attempt to send a confirmation. It throws only if the store fails, so that a broken
   * template stops no job.
   */
  async function sendConfirmation(inquiry: Inquiry): Promise<void> {
    const details = { inquiry: inquiry.reference };
    try {
      const result = await sendMail(composeConfirmation(inquiry, mail, clock()));
      if (result.sent) return log.info(details, "a confirmation was sent");
      const reason = redactServerReply(result.reason);
      log.warn({ ...details, reason }, "a confirmation could not be sent");
      if (result.isNoAddress) await store.setConfirmationRefused(inquiry);
    } catch (error) {
      if (error instanceof StoreError) throw error;
      log.error({ err: error, ...details }, "a confirmation could not be composed");
    }
  }

  /** Runs a job and records whether it works. It throws only if the store fails. */
  async function runJob({ name, run: work }: Job, now: Date): Promise<void> {
    try {
      await work(now);
      await store.setFailing(name, undefined);
    } catch (error) {
      await store.setFailing(name, clock());
      if (error instanceof StoreError) throw error;
      log.error({ err: error }, `the ${name} failed`);
    }
  }

  async function run(): Promise<void> {
    while (!stopped) {
      // The signal that ends the next pause is made before the pass, so that a nudge during the
      // pass counts.
      pause = new AbortController();
      await worker.pass().catch((error: unknown) => {
        const what = error instanceof StoreError ? "could not reach the store" : "failed";
        log.error({ err: error }, `the worker ${what} and tries again`);
      });
      const { signal } = pause;
      await sleep(times.pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  const worker = {
    /** Sends the due inquiries one at a time, the oldest first, until `isOver`. */
    async deliverDue(isOver: () => boolean = () => false): Promise<void> {
      while (!isOver()) {
        const inquiry = await store.claimDue(owner, clock(), times.leaseMs);
        if (!inquiry) return;
        await deliver(inquiry);
      }
    },
    async runJobs(): Promise<void> {
      for (const job of jobs) {
        const now = clock();
        const { everyMs, isDue } = schedule[job.name];
        if (isDue(now) && (await store.claimJob(job.name, now, everyMs))) await runJob(job, now);
      }
    },
    /** Runs a pass, which does everything that is due. It throws only if the store fails. */
    async pass(): Promise<void> {
      await store.open();
      // The first pass makes all inquiries due, because the site may have been restarted to correct
      // a setting.
      if (!hasRetriedAll) await store.retryAll(clock());
      hasRetriedAll = true;
      const end = clock().getTime() + maxPassMs;
      const isOver = () => stopped || clock().getTime() >= end;
      await worker.deliverDue(isOver);
      for (let next; !isOver() && (next = await store.takeConfirmation(clock()));)
        await sendConfirmation(next);
      if (!stopped) await worker.runJobs();
      passedAt = clock();
    },
    /** Returns when a pass last succeeded, or when the worker was created. */
    passedAt: () => passedAt,
    start: () => void (running ??= run()),
    nudge: () => pause.abort(),
    /** Stops the worker. Resolves once the mail in progress is settled. */
    async stop(): Promise<void> {
      stopped = true;
      pause.abort();
      await running;
    },
  };
  return worker;
}
