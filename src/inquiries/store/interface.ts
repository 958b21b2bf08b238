// What the store promises.
//
// An inquiry is accepted when its row is committed with synchronous=FULL. Only then does the
// visitor get a receipt. Delivery claims a row with a lease and settles it only while it holds the
// lease (owner and attempt are the fencing token). If the process dies in between, the lease
// expires and another process delivers again. Delivery is at least once: all copies have one
// Message-ID, until staff have the mail sent again.

import type { Answers } from "../form.ts";
import type { Deadlines } from "../deadlines.ts";
import type { Delivery, Failure } from "../delivery.ts";
import type { Change } from "../handling.ts";
import type { Inquiry } from "../inquiry.ts";
import { OperatorError } from "../../operator-error.ts";

/** The store cannot be used. The message says what to do. */
export class StoreError extends OperatorError {
  override name = "StoreError";
}

export type Submission = Pick<Inquiry, "source" | "emailFault"> &
  Pick<Delivery, "quarantineReason"> &
  Deadlines;

/** The maximum pause between two attempts to send an inquiry. */
export const maxRetryMs = 30 * 60_000;

/** After this time a job that failed is due again, also one that runs less often. */
export const failedJobRetryMs = 10 * 60_000;

/** Sent, perhaps with something that failed, or due again. */
export type Settlement =
  { sentAt: Date; failure?: Failure | undefined } | { dueAt: Date; failure: Failure };

/** An inquiry that `owner` may settle until its lease ends. */
export type Claim = Inquiry & { readonly owner: string };

/** The first inquiries of a list, in a digest at most 200, and how many the list has. */
export type Section = { inquiries: Inquiry[]; total: number };

/** What `listProblems` finds problems in. */
export type Summary = {
  /** Those that were not answered in time. `inquiries`: the ten whose deadline passed last. */
  overdue: Section;
  /** How many quarantined ones nobody has closed and no digest has listed. */
  unlisted: number;
  oldestPending: Inquiry | undefined;
  /** A pending one that failed permanently. */
  refused: Inquiry | undefined;
  /** The jobs that fail, and since when. A job may be one of another version. */
  failingJobs: Map<string, Date>;
};

/** What a line about an inquiry needs: of its answers only the short ones. */
export type Line = Pick<Inquiry, "id" | "reference" | "delivery" | "answers">;

export type DigestContent = {
  /** Not in quarantine. */
  overdue: Section;
  /** Those that become overdue before `midnight`. */
  dueToday: Section;
  /** Those that the mail server has refused and has not accepted since. */
  refused: Section;
  /** In quarantine and not closed: those that no digest has listed first, the oldest of them first. */
  quarantined: Section;
  /** The others in quarantine that no digest has listed: all of them, the oldest first. */
  alsoQuarantined: Line[];
  /** Sent, due later, nobody has marked them, and no digest has listed them. */
  sent: Section;
};

/** `slug` is "" for the contact page. */
export type ArticleCount = { slug: string; count: number };

/** Methods throw a StoreError while it cannot be used. */
export type Store = {
  /**
   * Returns the database's name, for messages. Throws a StoreError if it cannot be opened, is not
   * durable, or is more than one step of the schema ahead.
   */
  open(): Promise<string>;

  /** After the statements that were passed to it. */
  close(): Promise<void>;

  // The form

  /** Within the last 24 hours. */
  findDuplicate(answers: Answers, now: Date): Promise<Inquiry | undefined>;

  /** Without live checks. */
  countSince(since: Date): Promise<number>;

  wasMailed(email: string): Promise<boolean>;

  /**
   * Durable once it resolves. The same content within 24 hours is not stored again: the first
   * inquiry is returned, with `isRepeated`. Throws if it would be quarantined and the quarantine is
   * full.
   */
  accept(
    answers: Answers,
    submission: Submission,
    now: Date,
  ): Promise<{ inquiry: Inquiry; isRepeated: boolean }>;

  /**
   * The sender of a stored inquiry has sent it again and wants a confirmation now, under the same
   * rules as if it had been ticked the first time. Returns the inquiry as it is then.
   */
  wantConfirmation(inquiry: Inquiry): Promise<Inquiry>;

  // Pages and staff

  find(by: { reference: string } | { token: string }): Promise<Inquiry | undefined>;

  /** False, and nothing is saved, if its state or handling has changed since it was read. */
  save(inquiry: Inquiry, change: Change): Promise<boolean>;

  /** Newest first. */
  list(): Promise<Inquiry[]>;

  /** The same, without all of them in memory. */
  each(): AsyncGenerator<Inquiry>;

  /**
   * The others of the same mailbox, and of the same domain unless it is a mail provider's. Newest
   * first, at most twenty.
   */
  related(inquiry: Inquiry): Promise<Section>;

  summary(now: Date): Promise<Summary>;

  // Delivery

  /** At most five from the same address, newest first. */
  earlier(inquiry: Inquiry): Promise<Inquiry[]>;

  /**
   * The due inquiry that was received first: no other process can claim it until the lease ends. A
   * time further ahead than `maxRetryMs` was written by a wrong clock and is ignored.
   */
  claimDue(owner: string, now: Date, leaseMs: number): Promise<Claim | undefined>;

  /**
   * A permanent failure is stored until the inquiry is sent: a temporary one does not replace it.
   * False, and nothing changes, if the inquiry was claimed or erased since.
   */
  settle(claim: Claim, result: Settlement): Promise<boolean>;

  /** Except one that is being sent. */
  retryAll(now: Date): Promise<void>;

  /**
   * The next inquiry whose sender gets a confirmation: staff have its mail, did nothing yet, and it is
   * less than a day old. It counts as tried from now on, whatever becomes of the confirmation. In a
   * day a mailbox gets one, and all of them together twenty. After the erasure of a confirmed inquiry
   * nobody gets one for a day, because the store has forgotten its mailbox.
   */
  takeConfirmation(now: Date): Promise<Inquiry | undefined>;

  setConfirmationRefused(inquiry: Inquiry): Promise<void>;

  // Jobs

  /**
   * True, and recorded, if no process ran it within `everyMs`, or `failedJobRetryMs` if it fails. A
   * run that is more than a minute ahead was written by a wrong clock and is ignored.
   */
  claimJob(name: string, now: Date, everyMs: number): Promise<boolean>;

  /** `undefined`: it works. */
  setFailing(name: string, since: Date | undefined): Promise<void>;

  lastDigest(): Promise<Date | undefined>;

  /** `opening`: what happened after it is in the next digest. */
  digestContent(times: { now: Date; opening: Date; midnight: Date }): Promise<DigestContent>;

  /** An inquiry whose state has changed since is not recorded, so the next digest lists it. */
  recordListed(shown: Pick<Inquiry, "id" | "delivery">[], now: Date): Promise<void>;

  /** Of what was sent, is stored and was not closed. The highest first. */
  articleCounts(): Promise<ArticleCount[]>;

  // Deletion

  /**
   * Deletes what staff have had since before `cutOff`: by the first mail, by the digest that listed
   * it, or, in quarantine, by when it was closed. Returns the references. The first call only records
   * its cut-off, and each later one moves it by a day at most: a clock that is ahead for some hours
   * deletes one day too much.
   */
  purge(cutOff: Date): Promise<string[]>;

  /**
   * In any state. If a restored backup has them, the next start deletes them again. Throws an
   * OperatorError while one of them is being sent: its mail would arrive afterwards.
   */
  erase(inquiries: Inquiry[], now: Date): Promise<void>;

  /**
   * Removes from the files the text of what was purged or erased. They have it until this succeeds,
   * also after a crash or an error. False if another process reads the store.
   */
  clean(): Promise<boolean>;

  // For doctor

  /**
   * And those older than an hour: doctor was killed, or its request timed out, so that it did not
   * know the reference.
   */
  deleteLiveChecks(reference: string, now: Date): Promise<void>;

  /** Writes a row: a statement that changes nothing would succeed on a full disk. */
  checkWritable(now: Date): Promise<void>;
};
