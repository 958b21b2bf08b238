// What the store promises to each part of the site that uses it.
//
// An inquiry is accepted when its row is committed with synchronous=FULL. Only then does the
// visitor get a receipt. Delivery claims a row with a lease and settles it only while it holds the
// lease (owner and attempt are the fencing token). If the process dies in between, the lease
// expires and another process delivers again. Delivery is at least once: all copies have one
// Message-ID, until staff have the mail sent again.

import type { Answers } from "../form.ts";
import type { Deadlines } from "../deadlines.ts";
import type { Delivery, Failure, State } from "../delivery.ts";
import type { Change, Progress } from "../handling.ts";
import type { Inquiry } from "../inquiry.ts";
import type { JobName } from "../jobs/job.ts";
import { OperatorError } from "../../operator-error.ts";

/** The store cannot be used. The message says what to do. */
export class StoreError extends OperatorError {
  override name = "StoreError";
}

/** What comes with the answers. */
export type Submission = Pick<Inquiry, "source" | "emailFault"> &
  Pick<Delivery, "quarantineReason"> &
  Deadlines;

/** The store as a form uses it. */
export type FormStore = {
  /** Returns the inquiry with the same content if one was accepted within the last 24 hours. */
  findDuplicate(answers: Answers, now: Date): Promise<Inquiry | undefined>;

  /** Returns how many inquiries were accepted after `since`, without live checks. */
  countSince(since: Date): Promise<number>;

  /** Returns whether an inquiry from this mailbox was mailed to staff. */
  wasMailed(email: string): Promise<boolean>;

  /**
   * Commits an inquiry durably. The same content within 24 hours is not stored again: the first
   * inquiry is returned, with `isRepeated`. Throws if it cannot be committed, or if it would be
   * quarantined and the quarantine is full; nothing is stored.
   */
  accept(
    answers: Answers,
    submission: Submission,
    now: Date,
  ): Promise<{ inquiry: Inquiry; isRepeated: boolean }>;
};

/** The store as the receipt, the staff page, /readyz and /health use it. */
export type PageStore = {
  /** Returns the inquiry with a reference, or whose staff page has a token. */
  find(by: { reference: string } | { token: string }): Promise<Inquiry | undefined>;

  /**
   * Saves what staff did, if the inquiry is still as it was read: its state, and when its handling
   * was last changed. Returns false if nothing was saved.
   */
  save(inquiry: Inquiry, change: Change): Promise<boolean>;

  /** Returns since when the oldest pending inquiry has been waiting, or undefined if none is. */
  oldestPendingAt(): Promise<Date | undefined>;

  /** Returns what keeps staff from inquiries. */
  summary(now: Date): Promise<Summary>;
};

/** The maximum pause between two attempts to send an inquiry. */
export const maxRetryMs = 30 * 60_000;

/** Sent, perhaps with something that failed, or due again. */
export type Settlement =
  { sentAt: Date; failure?: Failure | undefined } | { dueAt: Date; failure: Failure };

/** An inquiry that `owner` may settle until its lease ends. */
export type Claim = Inquiry & { readonly owner: string };

/** The store as the worker uses it. */
export type WorkerStore = {
  /** Returns at most five earlier inquiries from the address of this one, newest first. */
  earlier(inquiry: Inquiry): Promise<Inquiry[]>;

  /**
   * Claims the due inquiry that was received first, for `leaseMs`. No other process can claim it
   * until the lease ends. A time at which an inquiry is due or its lease ends, and which is further
   * ahead than `maxRetryMs`, was written by a wrong clock and is ignored.
   */
  claimDue(owner: string, now: Date, leaseMs: number): Promise<Claim | undefined>;

  /**
   * Records the result of a claim durably and ends its lease. A permanent failure is stored until
   * the inquiry is sent: a temporary one does not replace it. An inquiry that is sent for the first
   * time is counted for its article. Returns false and changes nothing if the inquiry was claimed
   * or erased since.
   */
  settle(claim: Claim, result: Settlement): Promise<boolean>;

  /**
   * Opens the database and updates its schema, unless it is open. Returns its name, for messages.
   * Throws a StoreError if the database cannot be opened, is not durable, or is more than one step
   * of the schema ahead.
   */
  open(): Promise<string>;

  /**
   * Returns the inquiry whose sender is to get a confirmation next, and marks it as tried, so that
   * nobody tries it again. Staff have its mail, nothing was done with it yet, and it is less than a
   * day old. Within a day a mailbox gets one confirmation, and all of them together twenty;
   * for a day after an erasure of a confirmed inquiry, none, because the store forgot its mailbox.
   */
  takeConfirmation(now: Date): Promise<Inquiry | undefined>;

  /** Records that the mail server refused the address of a confirmation. */
  setConfirmationRefused(inquiry: Inquiry): Promise<void>;

  /** Makes every pending inquiry due, except one that is being sent. */
  retryAll(now: Date): Promise<void>;

  /**
   * Returns whether this process may run a job now, and records that it does: no process ran it
   * within `everyMs`, or within ten minutes if it fails. The time of a run that is more than a
   * minute ahead was written by a wrong clock and is ignored.
   */
  claimJob(name: JobName, now: Date, everyMs: number): Promise<boolean>;

  /** Records since when a job fails, or with undefined that it works. */
  setFailing(name: JobName, since: Date | undefined): Promise<void>;

  /**
   * Deletes inquiries that were first sent before `cutOff`, quarantined or sent ones that a digest
   * listed before it, and quarantined ones that were closed before it. Returns their references. The first call only records its cut-off, and each later one uses a cut-off that is
   * at most a day after the last: a clock that is ahead for some hours deletes one day too much.
   */
  purge(cutOff: Date): Promise<string[]>;
};

/** The first inquiries of a list, in a digest at most 200, and how many the list has. */
export type Section = { inquiries: Inquiry[]; total: number };

/** What `problemsOf` finds problems in. */
export type Summary = {
  /** Those that were not answered in time. `inquiries`: the ten whose deadline passed last. */
  overdue: Section;
  /** How many quarantined ones nobody has closed and no digest has listed. */
  unlisted: number;
  oldestPendingAt: Date | undefined;
  /** A pending inquiry that failed permanently, and why, with the mail server's words. */
  permanentFailure: (Pick<Inquiry, "reference"> & Pick<Failure, "reason">) | undefined;
  /** The jobs that fail, and since when. A job may be one of another version. */
  failingJobs: Map<string, Date>;
};

export type DigestContent = {
  /** Not in quarantine. */
  overdue: Section;
  /** Those that become overdue before `midnight`. */
  dueToday: Section;
  /** Those that the mail server has refused and has not accepted since. */
  refused: Section;
  /** In quarantine and not closed: those that no digest has listed first, the oldest of them first. */
  quarantined: Section;
  /** Sent, and in no digest yet. */
  sent: Section;
};

/**
 * How many inquiries were sent to staff in a month like "2026-11" that came from an article, without
 * those that were closed. `slug` is "" for the contact page.
 */
export type ArticleCount = { month: string; slug: string; count: number };

/** The store as the digest uses it. */
export type DigestStore = {
  /** Returns when the last digest was sent, or undefined if none was. */
  lastDigest(): Promise<Date | undefined>;

  /**
   * Returns the counts of a month, or of all: the last month first, and in it the highest count.
   * They have no personal data and are never deleted.
   */
  articleCounts(month?: string): Promise<ArticleCount[]>;

  /** `opening`: what happened after it is in the next digest. */
  digestContent(times: { now: Date; opening: Date; midnight: Date }): Promise<DigestContent>;

  /**
   * Records that a digest was sent now that showed these inquiries. One whose state has changed
   * since is not recorded, so the next digest lists it.
   */
  recordListed(shown: Inquiry[], now: Date): Promise<void>;
};

export type Filter = {
  state?: State | undefined;
  progress?: Progress | undefined;
  email?: string | undefined;
  overdueAt?: Date | undefined;
};

/** The store of inquiries. Methods throw a StoreError while it cannot be used. */
export type Store = FormStore &
  PageStore &
  WorkerStore &
  DigestStore & {
    /** Returns inquiries, all or those that match: newest first, overdue ones by their deadline. */
    list(filter?: Filter): Promise<Inquiry[]>;

    /** Returns the same one after the other, so that not all of them are in memory. */
    each(filter?: Filter): AsyncGenerator<Inquiry>;

    /** Returns how many inquiries are in each state. */
    counts(): Promise<Record<State, number>>;

    /**
     * Deletes inquiries in any state. If a restored backup contains them, the next start deletes
     * them again. Throws an OperatorError and deletes nothing while one of them is being sent,
     * because its mail would arrive afterwards. Returns false if another process reads the store:
     * then the files have the text until the next purge.
     */
    erase(inquiries: Inquiry[], now: Date): Promise<boolean>;

    /**
     * Deletes a live check, and those older than an hour: doctor was killed, or its request timed
     * out, so that it did not know the reference.
     */
    deleteLiveChecks(reference: string, now: Date): Promise<void>;

    /**
     * Throws if nothing can be committed. Writes a row, because a statement that changes nothing
     * would succeed on a full disk.
     */
    checkWritable(now: Date): Promise<void>;

    /** Closes the database after the statements that were passed to it. */
    close(): Promise<void>;
  };
