// What the store promises.
//
// An inquiry is accepted when its row is committed with synchronous=FULL. Only then does the
// visitor get a receipt. The worker claims a row with a lease, sends its mail, and settles the row
// only while it holds the lease (owner and attempt are the fencing token). If the process dies in
// between, the lease expires and another process sends the mail again. So staff get each mail at
// least once, and all copies have one Message-ID, until staff have the mail sent again.

import type { Answers } from "../form.ts";
import type { Delivery, Failure } from "../delivery.ts";
import type { Change, Deadlines } from "../handling.ts";
import type { Inquiry } from "../inquiry.ts";
import { OperatorError } from "../../operator-error.ts";

/** Says that the store can't be used, and what an operator can do about it. */
export class StoreError extends OperatorError {
  override name = "StoreError";
}

export type Submission = Pick<Inquiry, "source" | "emailFault"> &
  Pick<Delivery, "quarantineReason"> &
  Deadlines;

/** The longest pause between two attempts to send an inquiry. */
export const maxRetryMs = 30 * 60_000;

/** A job that failed is due again after this time, even if it usually runs less often. */
export const failedJobRetryMs = 10 * 60_000;

/**
 * The result of an attempt: the mail server took the mail (with a failure, if not for all of the
 * staff), or it didn't, and the inquiry is due again.
 */
export type Settlement =
  { sentAt: Date; failure?: Failure | undefined } | { dueAt: Date; failure: Failure };

/** An inquiry that only `owner` may settle, until the lease ends. */
export type Claim = Inquiry & { readonly owner: string };

/** The first inquiries of a list, of which a digest shows at most 200, and the list's length. */
export type Section = { inquiries: Inquiry[]; total: number };

/** The facts that `listProblems` turns into sentences. */
export type Summary = {
  /**
   * The inquiries that weren't answered in time: how many there are, and the ten whose deadline
   * passed last.
   */
  overdue: Section;
  /** How many quarantined inquiries nobody has closed and no digest has listed. */
  unlisted: number;
  /** The pending inquiry that has waited for its mail the longest. */
  oldestPending: Inquiry | undefined;
  /** A pending inquiry whose mail failed in a way that waiting doesn't help. */
  refused: Inquiry | undefined;
  /** Since when each failing job fails. The job may be one that only another version has. */
  failingJobs: Map<string, Date>;
};

/** What a line about an inquiry needs. `answers` lacks the long ones. */
export type Line = Pick<Inquiry, "id" | "reference" | "delivery" | "answers">;

export type DigestContent = {
  /** The overdue inquiries that aren't in quarantine. */
  overdue: Section;
  /** The inquiries outside quarantine that become overdue before `midnight`. */
  dueToday: Section;
  /** The inquiries that the mail server refused and hasn't accepted since. */
  refused: Section;
  /**
   * The quarantined inquiries that nobody has closed. Those that no digest has listed come first,
   * and the oldest of them leads.
   */
  quarantined: Section;
  /** Every other quarantined inquiry that no digest has listed, the oldest first. */
  alsoQuarantined: Line[];
  /**
   * The sent inquiries that are due later, that nobody has marked and that no digest has listed.
   */
  sent: Section;
};

/** How many inquiries came from one article. `slug` is "" for the contact page. */
export type ArticleCount = { slug: string; count: number };

/** The part of the store that `submit` needs to store a form. */
export type SubmissionStore = {
  /**
   * Returns the inquiry that was stored with the same content within the last 24 hours, or
   * undefined.
   */
  findDuplicate(answers: Answers, now: Date): Promise<Inquiry | undefined>;

  /**
   * Counts the inquiries that were received since then. It leaves out live checks and what was
   * quarantined as advertising, also if staff have approved it.
   */
  countSince(since: Date): Promise<number>;

  /**
   * Tells whether the store has an inquiry from this mailbox that was mailed to staff.
   */
  wasMailed(email: string): Promise<boolean>;

  /**
   * Stores an inquiry, which survives a power cut once this resolves. If the same content was
   * stored within 24 hours, it stores nothing and returns that first inquiry with `isRepeated`.
   * Throws a StoreError if the inquiry belongs into quarantine and the quarantine is full.
   */
  accept(
    answers: Answers,
    submission: Submission,
    now: Date,
  ): Promise<{ inquiry: Inquiry; isRepeated: boolean }>;

  /**
   * Records that the sender of a stored inquiry has sent it again and now wants a confirmation.
   * The same rules hold as if the box had been ticked the first time. Returns the changed inquiry,
   * or the given one if it was deleted.
   */
  wantConfirmation(inquiry: Inquiry): Promise<Inquiry>;
};

/** What the staff page, the commands and /problems read, and what staff change. */
export type StaffStore = {
  /** Returns the inquiry with this reference or token, or undefined. */
  find(by: { reference: string } | { token: string }): Promise<Inquiry | undefined>;

  /**
   * Saves what staff did about an inquiry. Returns false and saves nothing if the stored state or
   * handling has changed since `inquiry` was read.
   */
  save(inquiry: Inquiry, change: Change): Promise<boolean>;

  /** Returns every inquiry, the newest first. */
  list(): Promise<Inquiry[]>;

  /** Yields every inquiry, the newest first, and holds few of them in memory. */
  each(): AsyncGenerator<Inquiry>;

  /**
   * Returns the other inquiries from the same mailbox, and from the same domain unless it is a mail
   * provider's: at most twenty, the newest first. It leaves out live checks.
   */
  related(inquiry: Inquiry): Promise<Section>;

  /** Returns the facts that `/problems` is made of. */
  summary(now: Date): Promise<Summary>;
};

/** What the worker does to send mails to staff and confirmations to visitors. */
export type DeliveryStore = {
  /**
   * Claims the due inquiry that was received first, so that no other process can claim it until the
   * lease ends, and counts an attempt. Returns undefined if none is due. It ignores a stored time
   * that is further ahead than `maxRetryMs`, because a wrong clock wrote it.
   */
  claimDue(owner: string, now: Date, leaseMs: number): Promise<Claim | undefined>;

  /**
   * Stores the result of an attempt and gives the lease back. A permanent failure stays until the
   * inquiry is sent: a temporary one doesn't replace it. Returns false and changes nothing if the
   * inquiry was claimed again or erased meanwhile.
   */
  settle(claim: Claim, result: Settlement): Promise<boolean>;

  /** Makes every pending inquiry due now, except one that is being sent. */
  retryAll(now: Date): Promise<void>;

  /**
   * Returns the oldest inquiry whose sender gets a confirmation now, and marks it as tried,
   * whatever becomes of the mail. Returns undefined if there is none. The rules:
   *
   * - The inquiry is less than a day old, and staff have its mail and have not marked it yet.
   * - A mailbox gets one confirmation in a day.
   * - All mailboxes together get twenty in a day.
   * - After the erasure of an inquiry that had a confirmation, nobody gets one for a day, because the
   *   store no longer knows which mailbox it was.
   */
  takeConfirmation(now: Date): Promise<Inquiry | undefined>;

  /** Records that the mail server refused the address of a confirmation. */
  setConfirmationRefused(inquiry: Inquiry): Promise<void>;
};

/** What the jobs record, and what the digest lists. */
export type JobStore = {
  /**
   * Returns true and records the run if no process has run the job within `everyMs`, or within
   * `failedJobRetryMs` if the job is failing. Otherwise returns false. It ignores a recorded run
   * that is more than a minute ahead, because a wrong clock wrote it.
   */
  claimJob(name: string, now: Date, everyMs: number): Promise<boolean>;

  /**
   * Records since when a job fails, unless it is failing already. `undefined` records that the job
   * works.
   */
  setFailing(name: string, since: Date | undefined): Promise<void>;

  /** Returns when the last digest was sent, or undefined. */
  lastDigest(): Promise<Date | undefined>;

  /**
   * Returns what a digest lists. What happened after `opening` waits for the next digest, and
   * `midnight` ends the day that the digest is about.
   */
  digestContent(times: { now: Date; opening: Date; midnight: Date }): Promise<DigestContent>;

  /**
   * Records that a digest was sent now and listed these inquiries. It skips an inquiry whose state
   * has changed since it was read, so the next digest lists that one.
   */
  recordListed(shown: Pick<Inquiry, "id" | "delivery">[], now: Date): Promise<void>;

  /** Counts by article the stored inquiries that were sent and not closed, the most first. */
  articleCounts(): Promise<ArticleCount[]>;
};

/** What deletes inquiries: the purge, `erase`, and doctor after its live check. */
export type DeletionStore = {
  /**
   * Deletes the inquiries that staff have had since before `cutOff`, and returns their references.
   * Staff have an inquiry from its first mail, and a quarantined one from the digest that listed it
   * or from when it was closed. The first call only records its cut-off, and each later one moves
   * it by a day at most, so a clock that is ahead for some hours deletes one day too much.
   */
  purge(cutOff: Date): Promise<string[]>;

  /**
   * Deletes these inquiries, whatever their state. If a restored backup brings them back, the next
   * start deletes them again. Throws an OperatorError and deletes nothing while one of them is
   * being sent, because its mail would arrive afterwards.
   */
  erase(inquiries: Inquiry[], now: Date): Promise<void>;

  /**
   * Cleans the database's files, which hold the text of what was purged or erased until this has
   * succeeded, also after a crash or an error. Returns false if it couldn't, because another
   * process reads the store.
   */
  clean(): Promise<boolean>;

  /**
   * Deletes the live check with this reference, and any that is older than an hour: its doctor was
   * killed, or its request timed out, so that it never learned the reference.
   */
  deleteLiveChecks(reference: string, now: Date): Promise<void>;
};

/** The whole store. Every method throws a StoreError while the store can't be used. */
export type Store = SubmissionStore &
  StaffStore &
  DeliveryStore &
  JobStore &
  DeletionStore & {
    /**
     * Opens the store, updates its tables, and erases again what a restored backup brought back.
     * Does nothing if it is open. Returns the database's name, for messages. Throws a StoreError if
     * the database can't be opened, could lose a commit, or is more than one step of the schema
     * ahead.
     */
    open(): Promise<string>;

    /** Waits for the statements that run, then closes the store. */
    close(): Promise<void>;

    /**
     * Throws a StoreError if the store can't be written. It writes a row, because a statement that
     * changes nothing would succeed on a full disk.
     */
    checkWritable(now: Date): Promise<void>;
  };
