// The processes of a simulation. Each runs the real store and the real delivery of src/ on one
// shared database. Only the clock and the mail server are simulated, and a process may crash before
// or after every statement.

import { AssertionError } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { parseConfig } from "../../src/config.ts";
import { createDigest } from "../../src/inquiries/jobs/digest.ts";
import type { Mail } from "../../src/inquiries/mail/mail.ts";
import type { SendResult } from "../../src/inquiries/mail/smtp.ts";
import type { Store } from "../../src/inquiries/store/interface.ts";
import { createWorker } from "../../src/inquiries/jobs/worker.ts";
import { createPurge } from "../../src/inquiries/jobs/purge.ts";
import type { Log } from "../../src/log.ts";
import { Ledger, retentionDays } from "./ledger.ts";
import { sqliteDatabase, type SimulatedDatabase } from "./sqlite.ts";
import { memory } from "../support/memory.ts";

/** Thrown where a process dies, so that nothing after it happens. */
export class Crash extends Error {
  override name = "Crash";
}

/**
 * The process dies at the `statements`-th statement from now: before it, or with `done` after it.
 */
export type Fuse = { statements: number; done: boolean; accepted: boolean };

/** A mail to which the mail server has not responded yet. */
type Open = { mail: Mail; respond: (result: SendResult) => void };

export type Tamper = (store: Store, database: SimulatedDatabase) => Store;

const mail = parseConfig({ NODE_ENV: "test", RETENTION_DAYS: String(retentionDays) });

/** A process of the site, with its own connection to the store. */
export class Process {
  alive = true;
  store!: Store;
  sending: Open | undefined;
  /** Why its last pass failed, if the process did not die. */
  failure: Error | undefined;
  purge!: () => Promise<void>;
  readonly world: World;
  private readonly place: number;
  private passing: Promise<void> | undefined;
  private pass!: () => Promise<void>;
  private noticeSending: (() => void) | undefined;

  constructor(world: World, place: number) {
    this.world = world;
    this.place = place;
  }

  /** Starts a process as the site does. */
  async start(domain: string): Promise<void> {
    const { world } = this;
    const opened = await world.database.open(this, domain);
    world.ledger.opened(opened.erasedAgain);
    const store = world.ledger.watchStore(world.tamper(opened.store, world.database), this);
    this.store = store;
    const ignore = () => {};
    const error = (details: unknown) => this.note(details);
    const log: Log = { debug: ignore, info: ignore, warn: ignore, error };
    const sending = { store, sendMail: (one: Mail) => this.send(one), mail, log };
    const purge = createPurge({ store, retentionDays, log });
    const jobs = [createDigest(sending), purge];
    const worker = createWorker({ ...sending, jobs, clock: world.now });
    this.purge = () => purge.run(world.now());
    this.pass = () => worker.pass();
  }

  /** A job that failed is logged. The mail server's refusal is no failure of the simulation. */
  private note(details: unknown): void {
    const { err } = details as { err?: Error };
    const isExpected = !err || /^(ETIMEDOUT|EENVELOPE 550|EMESSAGE \d+)/.test(err.message);
    if (this.alive && !isExpected) this.failure = err;
  }

  /** Runs one statement, unless the process is dead or dies of it. */
  readonly execute = async <Result>(statement: () => Promise<Result>): Promise<Result> => {
    if (!this.alive) throw new Crash();
    const fuse = this.world.fuses[this.place];
    if (!fuse || (fuse.statements -= 1) > 0) return statement();
    this.world.fuses[this.place] = undefined;
    if (fuse.done) await statement();
    if (this.alive) this.die(fuse.accepted);
    throw new Crash();
  };

  /**
   * Kills the process. `accepted` says that the mail server had accepted the mail that was being
   * sent.
   */
  die(accepted: boolean): void {
    if (accepted && this.sending) this.world.ledger.mailAccepted(this.sending.mail, this, false);
    this.alive = false;
    this.sending = undefined;
    this.world.crashes += 1;
    this.world.fuses[this.place] = undefined;
    this.world.ledger.died(this);
    this.world.database.cut(this);
  }

  /** Runs `work`, and takes the death of the process for no error. */
  async unlessItDies(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (this.alive || error instanceof AssertionError) throw error;
    }
  }

  beginPass(): void {
    this.failure = undefined;
    this.passing ??= this.unlessItDies(this.pass)
      .catch((error: unknown) => void (this.failure = error as Error))
      .finally(() => (this.passing = undefined));
  }

  /** Resolves when a mail is being sent or the pass has ended. */
  async untilItWaits(): Promise<void> {
    const begun = new Promise<void>((resolve) => (this.noticeSending = resolve));
    if (!this.sending) await Promise.race([begun, this.passing]);
  }

  private send(mail: Mail): Promise<SendResult> {
    return new Promise((resolve) => {
      const respond = (result: SendResult) => {
        this.sending = undefined;
        resolve(result);
      };
      this.sending = { mail, respond };
      this.noticeSending?.();
    });
  }
}

export class World {
  readonly dir: string;
  readonly database: SimulatedDatabase;
  readonly tamper: Tamper;
  /** The right time. */
  time = Date.UTC(2026, 10, 24, 13, 33);
  /** By how much the clock that every process reads is ahead of the right time. */
  aheadMs = 0;
  clockChanges = 0;
  readonly now = (): Date => new Date(this.time + this.aheadMs);
  readonly ledger = new Ledger(this);
  readonly fuses: (Fuse | undefined)[] = [];
  crashes = 0;
  private readonly processes: (Process | undefined)[] = [];
  private starts = 0;
  private openMs = 0;

  constructor(tamper: Tamper) {
    this.dir = mkdtempSync(path.join(memory, "simulate-"));
    this.database = sqliteDatabase(this.dir);
    this.tamper = tamper;
  }

  /**
   * Returns the process in this place, and starts it again if it is dead. Returns undefined if it
   * died again.
   */
  async process(place: number): Promise<Process | undefined> {
    const present = this.processes[place];
    if (present?.alive) return present;
    const process = new Process(this, place);
    this.processes[place] = process;
    this.starts += 1;
    // A changed MAIL_FROM must not change a Message-ID.
    await process.unlessItDies(() => process.start(`domain-${this.starts}.example`));
    return process.alive ? process : undefined;
  }

  /** Lets time pass: while a mail is being sent only minutes, enough to pass the end of a lease. */
  wait(ms: number): void {
    const open = this.processes.some((process) => process?.sending);
    const passing = open ? Math.min(ms, 180_000) : ms;
    this.openMs = open ? this.openMs + passing : 0;
    if (this.openMs <= 600_000) this.time += passing;
  }

  /** Sets the clock ahead of the right time, or right again with 0. */
  setClock(aheadMs: number): void {
    if (aheadMs !== this.aheadMs) this.clockChanges += 1;
    this.aheadMs = aheadMs;
  }

  async close(): Promise<void> {
    for (const process of this.processes) {
      if (!process?.alive) continue;
      process.alive = false; // its unfinished work must not reach the next world
      this.database.cut(process);
    }
    await this.database.close();
    rmSync(this.dir, { recursive: true });
  }
}
