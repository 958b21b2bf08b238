// The ledger of a simulation records what visitors were promised, what the mail server accepted,
// and which process held which lease. After every step it checks the promises of the store. It
// reads the database over its own connection, not through the store.

import assert from "node:assert/strict";
import type { Mail } from "../../src/inquiries/mail/mail.ts";
import type { Answers } from "../../src/inquiries/form.ts";
import type { Inquiry } from "../../src/inquiries/inquiry.ts";
import type { Store } from "../../src/inquiries/store/interface.ts";
import { OperatorError } from "../../src/operator-error.ts";
import { filledAnswers } from "../support/form.ts";
import type { SimulatedDatabase } from "./sqlite.ts";

export const retentionDays = 30;

/** The parts of the world that the ledger uses. */
type World = {
  readonly database: SimulatedDatabase;
  readonly time: number;
  readonly aheadMs: number;
  readonly clockChanges: number;
  readonly now: () => Date;
};
type Process = object;

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** A claim, which ends when it is settled, when that is refused, or when the process dies. */
type Hold = {
  process: Process;
  until: number;
  clockChanges: number;
  end?: "settled" | "refused" | "died";
};
type Copy = { hold: Hold; confirmed: boolean; at: number };
type Entry = {
  messageId: string;
  /** The Message-IDs of mails that staff sent again. */
  otherIds: string[];
  holds: Hold[];
  copies: Copy[];
  shownAt?: number;
  /** The day of its deletion that the last digest named, if no clock was wrong before. */
  deletedAfter?: number;
  /** When the mail server accepted its confirmation. */
  confirmedAt?: number;
  mailbox?: string | undefined;
  erased: boolean;
  purged: boolean;
};

/** Visitors send one of so many texts, so some send the same. */
export const contentCount = 8;
/** A word that is searched in mails and files to find the text of an inquiry. */
const wordOf = (content: number) => `zq${content}qz`;

export function answersOf(content: number): Answers {
  const word = wordOf(content);
  const email = `visitor${content % 3}@example.dk`;
  const message = `We need ${word}.`;
  return { ...filledAnswers, name: `Name ${word}`, email, message, confirmation: "yes" };
}

export class Ledger {
  readonly entries = new Map<string, Entry>();
  mails = 0;
  private readonly lists = new Set<string>();
  private readonly world: World;
  /** Whether something was deleted and the files have not been cleaned since. */
  private needsCleanUp = false;

  constructor(world: World) {
    this.world = world;
  }

  rows(): Inquiry[] {
    return this.world.database.rows();
  }

  /** Records that a visitor has read "thank you" with this reference. */
  thanked(content: number, { reference }: Inquiry): void {
    const row = this.rows().find((row) => row.reference === reference);
    assert(
      row?.answers["message"]?.includes(wordOf(content)),
      `${reference} was thanked for and is not in the store`,
    );
  }

  /** Records that a process has opened the store, which erases inquiries again. */
  opened(erasedAgain: number): void {
    if (erasedAgain > 0) this.needsCleanUp = false;
    if (!this.needsCleanUp) this.searchFiles("the erasures of a start");
  }

  /** Returns the store of a process, whose claims, settlements and deletions the ledger records. */
  watchStore(store: Store, process: Process): Store {
    const settled = (reference: string, wasSettled: boolean): boolean => {
      const { holds, erased } = this.about(reference);
      const hold = holds.findLast((hold) => hold.process === process);
      assert(hold, `${reference} was settled by a process that never held it`);
      const lost = this.hasRunOut(hold) || erased;
      assert(wasSettled || lost, `${reference}: the holder of a valid lease could not settle`);
      hold.end = wasSettled ? "settled" : "refused";
      return wasSettled;
    };
    return {
      ...store,
      claimDue: async (owner, now, leaseMs) => {
        const claim = await store.claimDue(owner, now, leaseMs);
        if (!claim) return claim;
        const { holds } = this.about(claim.reference);
        const other = holds.find((hold) => !hold.end && !this.hasRunOut(hold));
        assert(!other, `${claim.reference} is held by two processes at once`);
        const { clockChanges } = this.world;
        holds.push({ process, until: now.getTime() + leaseMs, clockChanges });
        return claim;
      },
      settle: async (claim, result) => settled(claim.reference, await store.settle(claim, result)),
      save: (inquiry, change) => {
        const { reference, messageId, delivery } = inquiry;
        if (change.delivery && delivery.state === "sent") {
          const { copies, otherIds } = this.about(reference);
          const last = copies.at(-1);
          if (last) last.confirmed = false; // staff say that it was lost
          otherIds.push(messageId.replace("@", `-${change.delivery.waitingSince.getTime()}@`));
        }
        return store.save(inquiry, change);
      },
      erase: async (inquiries, now) => {
        const entries = inquiries.map(({ reference }) => this.about(reference));
        const error = await store.erase(inquiries, now).catch((thrown: unknown) => thrown);
        // One of the inquiries is being sent, so nothing was erased.
        if (error instanceof OperatorError) return;
        for (const entry of entries) entry.erased = true;
        this.needsCleanUp = true;
        if (error instanceof Error) throw error;
      },
      purge: async (...args) => {
        const before = this.rows();
        this.needsCleanUp = true;
        try {
          return await store.purge(...args);
        } finally {
          this.purged(before);
        }
      },
      clean: async () => {
        if (!(await store.clean())) return false;
        this.needsCleanUp = false;
        this.searchFiles("a deletion");
        return true;
      },
    };
  }

  /**
   * Records that the mail server accepted a mail. `confirmed` says that the process has read its
   * response.
   */
  mailAccepted({ reference, messageId, text }: Mail, process: Process, confirmed: boolean): void {
    this.mails += 1;
    if (reference.startsWith("digest-")) return this.listAccepted(messageId, text);
    if (reference.endsWith("-confirmation")) return this.confirmed(reference.slice(0, 12), text);
    const { messageId: first, otherIds, holds, copies } = this.about(reference);
    assert(
      messageId === first || otherIds.includes(messageId),
      `${reference} has another Message-ID in a copy: ${messageId}, not ${first}`,
    );
    const hold = holds.findLast((hold) => hold.process === process);
    assert(hold, `${reference} was sent by a process that never held it`);
    const last = copies.at(-1);
    const explained =
      !last ||
      !last.confirmed ||
      (last.hold.end !== undefined && last.hold.end !== "settled") ||
      this.hasRunOut(hold);
    assert(explained, `${reference} was sent again without a reason`);
    copies.push({ hold, confirmed, at: this.world.time });
  }

  died(process: Process): void {
    const holds = [...this.entries.values()].flatMap((entry) => entry.holds);
    for (const hold of holds) if (hold.process === process && !hold.end) hold.end = "died";
  }

  check(): void {
    const rows = this.rows();
    const present = new Set(rows.map(({ reference }) => reference));
    for (const { reference } of rows) this.about(reference, rows);
    for (const [reference, { erased, purged }] of this.entries) {
      const isStored = present.has(reference) || erased || purged;
      assert(isStored, `${reference} was accepted and is lost`);
    }
    const newest = new Map<string, number>();
    for (const row of rows) {
      const { reference, answers, handling } = row;
      const { state, sentAt, listedAt } = row.delivery;
      const receivedAt = row.receivedAt.getTime();
      const message = answers["message"] ?? "";
      const { copies, messageId, shownAt } = this.about(reference, rows);
      const earlier = newest.get(message) ?? -Infinity;
      const isSecond = Math.abs(receivedAt - earlier) < dayMs && this.world.clockChanges === 0;
      newest.set(message, Math.max(receivedAt, earlier));
      const isSent = state !== "sent" || copies.length > 0;
      // No digest needs to list what staff have marked.
      const isMarked = sentAt !== undefined && handling.changedAt !== undefined;
      const isListed = !listedAt || shownAt || isMarked;
      assert(row.messageId === messageId, `${reference}: its Message-ID changed in the store`);
      const isPromise = handling.promisedBy?.getTime() === handling.answerBy.getTime();
      assert(isPromise, `${reference}: its promised time changed`);
      assert(isSent, `${reference} is ${state}, and no mail server has it`);
      assert(isListed, `${reference} counts as listed, and no mail lists it`);
      assert(!isSecond, `${reference} is stored twice within a day`);
    }
  }

  /** Every attempt has failed for longer than fifteen minutes, so /problems must say so. */
  checkProblems(problems: string[]): void {
    // An inquiry that was received while the clock was ahead waits only since that time.
    const isWaiting = ({ delivery: { state, waitingSince } }: Inquiry) =>
      state === "pending" && waitingSince.getTime() < this.world.time - 15 * 60_000;
    const waiting = this.rows().find(isWaiting);
    const isSeen = !waiting || problems.some((problem) => problem.includes("has waited"));
    assert(isSeen, `${waiting?.reference} waits for too long, and no problem says so`);
  }

  /**
   * Checks that at the end every inquiry has reached staff or was erased, and was purged on
   * schedule.
   */
  checkEnd(): void {
    for (const [reference, { erased, purged, copies, shownAt }] of this.entries) {
      const isKnown = erased || purged || copies.length > 0 || shownAt !== undefined;
      assert(isKnown, `${reference} never reached staff`);
    }
    const [left] = this.rows();
    assert(!left, `${left?.reference} is ${left?.delivery.state} and was stored for too long`);
  }

  private about(reference: string, rows = this.entries.has(reference) ? [] : this.rows()): Entry {
    const entry = this.entries.get(reference);
    if (entry) return entry;
    const row = rows.find((row) => row.reference === reference);
    assert(row, `${reference} is in no store`);
    const { messageId } = row;
    const found = { messageId, otherIds: [], holds: [], copies: [], erased: false, purged: false };
    this.entries.set(reference, found);
    return found;
  }

  /**
   * Returns whether a lease has ended by the clock of the processes, or may have ended when that
   * clock was changed.
   */
  private hasRunOut({ until, clockChanges }: Hold): boolean {
    return until <= this.world.now().getTime() || clockChanges !== this.world.clockChanges;
  }

  /**
   * Records that the mail server accepted a confirmation, which has to be the only one and to come
   * after staff have the inquiry.
   */
  private confirmed(reference: string, text: string): void {
    const entry = this.about(reference);
    assert(!entry.confirmedAt, `${reference} was confirmed twice`);
    assert(entry.copies.length > 0, `${reference} was confirmed, and staff do not have it`);
    assert(!/zq\d/.test(text), `the confirmation of ${reference} has what was typed`);
    const row = this.rows().find((one) => one.reference === reference);
    assert(!row?.delivery.quarantineReason, `${reference} was quarantined and confirmed`);
    entry.confirmedAt = this.world.time;
    entry.mailbox = row?.answers.email;
    const isNear = ({ confirmedAt, mailbox }: Entry) =>
      mailbox === entry.mailbox && this.world.time - (confirmedAt ?? 0) < dayMs - hourMs;
    const others = [...this.entries.values()].filter((one) => one !== entry && isNear(one));
    const isOne = !entry.mailbox || others.length === 0 || this.world.clockChanges > 0;
    assert(isOne, `${entry.mailbox} got two confirmations within a day`);
  }

  private listAccepted(messageId: string, text: string): void {
    if (this.lists.has(messageId)) return; // a mailbox that drops duplicates by Message-ID does not show it
    this.lists.add(messageId);
    for (const row of this.rows()) {
      const isListed =
        text.includes(row.reference) &&
        (row.delivery.state !== "quarantined" || text.includes(`> ${row.answers["message"]}`));
      const entry = this.about(row.reference);
      if (isListed) entry.shownAt ??= this.world.time;
      const day = new RegExp(`${row.reference}.*deleted on (.+\\d{4})`).exec(text)?.[1];
      if (day && this.world.clockChanges === 0)
        entry.deletedAfter = Date.parse(`${day} 00:00 GMT+2`);
    }
  }

  /** Checks that what was deleted since `before` had reached staff for the days of retention. */
  private purged(before: Inquiry[]): void {
    const present = new Set(this.rows().map(({ reference }) => reference));
    for (const { reference, delivery, handling } of before) {
      if (present.has(reference)) continue;
      const entry = this.about(reference, before);
      const { state, sentAt } = delivery;
      const { progress, changedAt } = handling;
      const closedAt = progress === "closed" ? changedAt?.getTime() : undefined;
      const seenAt = state === "quarantined" ? (entry.shownAt ?? closedAt) : entry.copies[0]?.at;
      assert(
        (state !== "pending" || sentAt) && seenAt !== undefined,
        `${reference} was purged and staff never had it: ${state}`,
      );
      const days = (this.world.time - (seenAt ?? Infinity) + hourMs + this.world.aheadMs) / dayMs;
      assert(days >= retentionDays, `${reference} was purged ${days} days after staff had it`);
      entry.purged = true;
      if (state === "quarantined") continue;
      assert(
        (entry.deletedAfter ?? 0) <= this.world.time || this.world.clockChanges > 0,
        `${reference} was purged before the day that a digest named`,
      );
    }
  }

  private searchFiles(after: string): void {
    const kept = this.rows().map(({ answers }) => answers["message"] ?? "");
    const bytes = this.world.database.bytes();
    for (let content = 0; content < contentCount; content += 1) {
      const word = wordOf(content);
      if (kept.some((message) => message.includes(word))) continue;
      assert(!bytes.includes(word), `deleted text is in the files after ${after}`);
    }
  }
}
