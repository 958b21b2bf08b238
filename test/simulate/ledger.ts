// The ledger of a simulation: what visitors were promised, what the mail server took and who held which lease; and the check, after every
// step, that the store keeps its promises. It reads the database over a connection of its own and believes nothing that the store says.

import type { Mail } from "../../src/inquiries/inquiry-mail.ts";
import type { Answers } from "../../src/inquiries/form.ts";
import type { Store } from "../../src/inquiries/store/store.ts";
import type { StoredInquiry } from "../../src/inquiries/store/schema.ts";
import type { SimulatedDatabase } from "./sqlite.ts";

export const retentionDays = 30;
export const quarantineDays = 20;

/** What the ledger has to know of the world, and that processes are different from each other. */
type World = {
  readonly database: SimulatedDatabase;
  readonly time: number;
  readonly aheadMs: number;
  readonly clockChanges: number;
  readonly now: () => Date;
};
type Process = object;

/** A promise was broken. */
export class Violation extends Error {
  override name = "Violation";
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** One claim. It ends with a settlement, heard by the process or refused to it, or with the death of the process. */
type Hold = { process: Process; until: number; clockChanges: number; end?: "settled" | "refused" | "died"; putBack: boolean };
type Copy = { hold: Hold; answered: boolean; at: number };
type Known = { messageId: string; holds: Hold[]; copies: Copy[]; shownAt?: number; erased: boolean; purged: boolean };

/** The words by which the text of an inquiry is found again, in mails and in files. */
const wordOf = (content: number) => `zq${content}qz`;

export function answersOf(content: number): Answers {
  const word = wordOf(content);
  const email = `visitor${content % 3}@example.dk`;
  return { name: `Name ${word}`, email, company: "", kind: "team", start: "open", message: `We need ${word}.` };
}

export class Ledger {
  readonly known = new Map<string, Known>();
  mails = 0;
  private readonly digests = new Set<string>();
  private readonly contents = new Set<number>();
  private readonly world: World;
  /** A deletion died on its way: what it leaves in the files goes with the next purge, which every start begins with. */
  private owesCleanUp = false;

  constructor(world: World) {
    this.world = world;
  }

  rows(): StoredInquiry[] {
    return this.world.database.rows();
  }

  /** A visitor is about to send this; whether it will be accepted is open. */
  submits(content: number): void {
    this.contents.add(content);
  }

  /** A visitor has read "thank you" with this reference. */
  thanked(content: number, { reference }: StoredInquiry): void {
    const row = this.rows().find((row) => row.reference === reference);
    this.demand(row?.answers["message"]?.includes(wordOf(content)), `${reference} was thanked for and is not in the store`);
  }

  /** The store as a process sees it, with its claims, settlements and deletions written down. */
  watchStore(store: Store, process: Process): Store {
    const settled = (reference: string, heard: boolean): boolean => {
      const { holds, erased } = this.about(reference);
      const hold = holds.findLast((hold) => hold.process === process);
      if (!hold) throw new Violation(`${reference} was settled by somebody who never held it`);
      const lost = this.hasRunOut(hold) || hold.putBack || erased;
      this.demand(heard || lost, `${reference}: the holder of a good lease could not settle`);
      hold.end = heard ? "settled" : "refused";
      return heard;
    };
    const { queue, staff } = store;
    return {
      ...store,
      queue: {
        ...queue,
        claimDue: async (...args) => {
          const claim = await queue.claimDue(...args);
          if (!claim) return claim;
          const { holds } = this.about(claim.reference);
          const other = holds.find((hold) => !hold.end && !hold.putBack && !this.hasRunOut(hold));
          this.demand(!other, `${claim.reference} is held twice at once`);
          holds.push({ process, until: claim.lease_until ?? 0, clockChanges: this.world.clockChanges, putBack: false });
          return claim;
        },
        settleSent: async (claim, ...rest) => settled(claim.reference, await queue.settleSent(claim, ...rest)),
        settleFailed: async (claim, ...rest) => settled(claim.reference, await queue.settleFailed(claim, ...rest)),
      },
      staff: {
        ...staff,
        move: async (reference, from, to, now) => {
          const moved = await staff.move(reference, from, to, now).catch((error: unknown) => {
            this.putBack(reference); // it may have moved before the process died
            throw error;
          });
          if (moved && to === "pending") this.putBack(reference);
          return moved;
        },
        erase: async (inquiries) => {
          for (const { reference } of inquiries) this.about(reference).erased = true;
          this.owesCleanUp = true;
          await staff.erase(inquiries);
          this.owesCleanUp = false;
          this.searchFiles("an erasure");
        },
        reapplyErasures: async () => {
          const again = await staff.reapplyErasures();
          if (again > 0) this.owesCleanUp = false;
          if (!this.owesCleanUp) this.searchFiles("the erasures of a start");
          return again;
        },
        purge: async (...args) => {
          const before = this.rows();
          this.owesCleanUp = true;
          try {
            return await staff.purge(...args).then((purged) => {
              this.owesCleanUp = false;
              return purged;
            });
          } finally {
            this.purged(before);
            if (!this.owesCleanUp) this.searchFiles("a purge");
          }
        },
      },
    };
  }

  /** The mail server took a mail. */
  took({ reference, messageId, text }: Mail, process: Process, answered: boolean): void {
    this.mails += 1;
    if (reference.startsWith("digest-")) return this.tookDigest(messageId, text);
    const { messageId: first, holds, copies } = this.about(reference);
    this.demand(messageId === first, `${reference} has another Message-ID in a copy: ${messageId}, not ${first}`);
    const hold = holds.findLast((hold) => hold.process === process);
    if (!hold) throw new Violation(`${reference} was sent by somebody who never held it`);
    const last = copies.at(-1);
    const explained =
      !last ||
      !last.answered ||
      last.hold.putBack ||
      (last.hold.end !== undefined && last.hold.end !== "settled") ||
      hold.putBack ||
      this.hasRunOut(hold);
    this.demand(explained, `${reference} was sent again without a reason`);
    copies.push({ hold, answered, at: this.world.time });
  }

  died(process: Process): void {
    const holds = [...this.known.values()].flatMap((known) => known.holds);
    for (const hold of holds) if (hold.process === process && !hold.end) hold.end = "died";
  }

  check(): void {
    const rows = this.rows();
    const present = new Set(rows.map(({ reference }) => reference));
    for (const { reference } of rows) this.about(reference, rows);
    for (const [reference, { erased, purged }] of this.known)
      this.demand(present.has(reference) || erased || purged, `${reference} was accepted and is lost`);
    const newest = new Map<string, number>();
    for (const { reference, state, answers, message_id, received_at, digest_at } of rows) {
      const message = answers["message"] ?? "";
      const { copies, messageId, shownAt } = this.about(reference, rows);
      this.demand(message_id === messageId, `${reference}: its Message-ID changed in the store`);
      const sent = state === "sent" || state === "bounced";
      this.demand(!sent || copies.length > 0, `${reference} is ${state}, and no mail server has it`);
      this.demand(digest_at === null || shownAt, `${reference} counts as listed in a digest, and no digest lists it`);
      const earlier = newest.get(message) ?? -Infinity;
      this.demand(Math.abs(received_at - earlier) >= dayMs, `${reference} is stored twice within a day`);
      newest.set(message, Math.max(received_at, earlier));
    }
  }

  /** An attempt has failed, and for longer than lateMs nothing was sent: staff have been alerted. */
  checkAlert(): void {
    const waiting = this.rows().find(({ state }) => state === "pending" || state === "stuck");
    const alerted = this.world.database.run("SELECT at FROM events WHERE name = 'incident'").length === 1;
    this.demand(!waiting || alerted, `${waiting?.reference} is ${waiting?.state} for too long, and no alert was sent`);
  }

  /** At the end, when everything had time to arrive: whoever was thanked has reached staff, or was erased. */
  checkEnd(): void {
    for (const [reference, { erased, copies, shownAt }] of this.known)
      this.demand(erased || copies.length > 0 || shownAt !== undefined, `${reference} never reached staff`);
    const left = this.rows().filter(({ state }) => state !== "bounced");
    this.demand(left.length === 0, `${left[0]?.reference} is ${left[0]?.state} and was kept too long`);
  }

  demand(holds: boolean | number | undefined, broken: string): void {
    if (!holds) throw new Violation(broken);
  }

  private about(reference: string, rows = this.known.has(reference) ? [] : this.rows()): Known {
    const known = this.known.get(reference);
    if (known) return known;
    const row = rows.find((row) => row.reference === reference);
    if (!row) throw new Violation(`${reference} is in no store`);
    const found: Known = { messageId: row.message_id, holds: [], copies: [], erased: false, purged: false };
    this.known.set(reference, found);
    return found;
  }

  /** By the clock that the processes read. A change of that clock may end a lease early. */
  private hasRunOut({ until, clockChanges }: Hold): boolean {
    return until <= this.world.now().getTime() || clockChanges !== this.world.clockChanges;
  }

  private putBack(reference: string): void {
    for (const hold of this.known.get(reference)?.holds ?? []) hold.putBack = true;
  }

  private tookDigest(messageId: string, text: string): void {
    if (this.digests.has(messageId)) return; // a mailbox that drops duplicates by Message-ID never shows it
    this.digests.add(messageId);
    for (const row of this.rows()) {
      const isListed = text.includes(row.reference) && (row.state !== "quarantined" || text.includes(row.answers["message"] ?? ""));
      if (isListed) this.about(row.reference).shownAt ??= this.world.time;
    }
  }

  /** What was deleted since `before` was read had reached staff, and its days were over. */
  private purged(before: StoredInquiry[]): void {
    const present = new Set(this.rows().map(({ reference }) => reference));
    for (const { reference, state } of before) {
      if (present.has(reference)) continue;
      const known = this.about(reference, before);
      const [seenAt, days] = state === "quarantined" ? [known.shownAt, quarantineDays] : [known.copies.at(-1)?.at, retentionDays];
      const due = state === "quarantined" || state === "sent";
      this.demand(due && seenAt !== undefined, `${reference} was purged and staff never had it: ${state}`);
      const age = this.world.time - (seenAt ?? 0);
      this.demand(age >= days * dayMs - hourMs - this.world.aheadMs, `${reference} was purged ${age / dayMs} days after staff had it`);
      known.purged = true;
    }
  }

  private searchFiles(after: string): void {
    const kept = this.rows().map(({ answers }) => answers["message"] ?? "");
    const bytes = this.world.database.bytes();
    for (const content of this.contents) {
      const word = wordOf(content);
      if (kept.some((message) => message.includes(word))) continue;
      this.demand(!bytes.includes(word), `text of what was deleted is in the files after ${after}`);
    }
  }
}
