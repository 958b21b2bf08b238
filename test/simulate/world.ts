// The processes of a simulated installation: the real store and the real delivery in each, one shared file, a clock that only steps move,
// and a crash possible before or after every statement. What runs here is src/; only the clock and the mail server are made up.

import { mkdtempSync, rmSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { types } from "node:util";
import { readColours } from "../../src/colours.ts";
import { createDigest } from "../../src/inquiries/digest.ts";
import { createDelivery } from "../../src/inquiries/delivery.ts";
import type { Mail } from "../../src/inquiries/inquiry-mail.ts";
import type { SendResult } from "../../src/inquiries/smtp.ts";
import { createRetention } from "../../src/inquiries/retention.ts";
import type { Store } from "../../src/inquiries/store/store.ts";
import { createAlerts } from "../../src/inquiries/alerts.ts";
import type { Log } from "../../src/log.ts";
import { Ledger, quarantineDays, retentionDays, Violation } from "./ledger.ts";
import type { SimulatedDatabase } from "./sqlite.ts";

/** The process died here. Nothing that it would have done afterwards happens. */
export class Crash extends Error {
  override name = "Crash";
}

/** At the `statements`-th statement from now the process dies, with that statement `done` or not; `took` as for `die`. */
export type Fuse = { statements: number; done: boolean; took: boolean };

/** A mail that a process has begun to send; the mail server has not answered. */
type Open = { mail: Mail; answer: (result: SendResult) => void };

export type Tamper = (store: Store, database: SimulatedDatabase) => Store;

const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const mailSettings = {
  mailFrom: { name: "Site", address: "site@cleansystems.example" },
  mailTo: [{ name: "", address: "staff@cleansystems.example" }],
  siteUrl: "http://localhost:3000",
  replyWithinWorkingDays: 1,
  quarantineDays,
  colours: readColours(),
};

/** One process: a store of its own, and what the site runs over it. */
export class Process {
  alive = true;
  store!: Store;
  sending: Open | undefined;
  /** Why its last pass failed, if the process lived on. */
  failure: Error | undefined;
  purge!: () => Promise<string[]>;
  readonly world: World;
  private readonly place: number;
  private passing: Promise<void> | undefined;
  private pass!: () => Promise<void>;
  private noticeSending: (() => void) | undefined;

  constructor(world: World, place: number) {
    this.world = world;
    this.place = place;
  }

  /** As the site starts. */
  async start(domain: string): Promise<void> {
    const { world } = this;
    const opening = world.database.open(this, domain);
    this.store = world.ledger.watchStore(world.tamper(await opening, world.database), this);
    await this.store.staff.reapplyErasures();
    const { queue, staff } = this.store;
    const parts = { staff, sendMail: (mail: Mail) => this.send(mail), now: world.now, log: silent };
    const retention = createRetention({
      ...parts,
      mailDir: path.join(world.dir, "mail"),
      retentionDays,
      quarantineDays,
    });
    const digest = createDigest({ ...parts, mail: mailSettings });
    const alerts = createAlerts({ ...parts, webhookUrl: undefined, siteUrl: "" });
    const delivery = createDelivery({ ...parts, queue, mail: mailSettings, afterPass: () => Promise.resolve() });
    this.purge = () => retention.purge();
    this.pass = async () => {
      await delivery.deliverDue();
      await alerts.check();
      await digest.sendIfDue();
      await retention.purgeIfDue();
    };
  }

  /** Runs one statement, unless the process is dead or dies of it. */
  execute<Result>(statement: () => Result): Result {
    if (!this.alive) throw new Crash();
    const fuse = this.world.fuses[this.place];
    this.world.statements += 1;
    if (!fuse || (fuse.statements -= 1) > 0) return statement();
    const crash = (): never => {
      this.die(fuse.took);
      throw new Crash();
    };
    const done = fuse.done ? statement() : undefined;
    return types.isPromise(done) ? (done.then(crash) as Result) : crash();
  }

  /** A kill. `took`: the mail server had taken the mail that was being sent. */
  die(took: boolean): void {
    if (took && this.sending) this.world.ledger.took(this.sending.mail, this, false);
    this.alive = false;
    this.sending = undefined;
    this.world.crashes += 1;
    this.world.fuses[this.place] = undefined;
    this.world.ledger.died(this);
    this.world.database.cut(this);
  }

  /** Does some work; if the process dies of it, that is all there is to say. */
  async unlessItDies(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (this.alive || error instanceof Violation) throw error;
    }
  }

  beginPass(): void {
    this.failure = undefined;
    this.passing ??= this.unlessItDies(this.pass)
      .catch((error: unknown) => void (this.failure = error as Error))
      .finally(() => (this.passing = undefined));
  }

  /** Until a mail is being sent or the pass is over. */
  async untilItWaits(): Promise<void> {
    const begun = new Promise<void>((resolve) => (this.noticeSending = resolve));
    if (!this.sending) await Promise.race([begun, this.passing]);
  }

  private send(mail: Mail): Promise<SendResult> {
    return new Promise((resolve) => {
      const answer = (result: SendResult) => {
        this.sending = undefined;
        resolve(result);
      };
      this.sending = { mail, answer };
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
  /** By how much the clock that every process reads is ahead of it. */
  aheadMs = 0;
  clockChanges = 0;
  readonly now = (): Date => new Date(this.time + this.aheadMs);
  readonly ledger = new Ledger(this);
  readonly fuses: (Fuse | undefined)[] = [];
  crashes = 0;
  statements = 0;
  private readonly processes: (Process | undefined)[] = [];
  private starts = 0;
  private openMs = 0;

  private constructor(dir: string, database: SimulatedDatabase, tamper: Tamper) {
    this.dir = dir;
    this.database = database;
    this.tamper = tamper;
  }

  static async make(makeDatabase: (dir: string) => Promise<SimulatedDatabase>, tamper: Tamper): Promise<World> {
    const dir = mkdtempSync(path.join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "simulate-"));
    return new World(dir, await makeDatabase(dir), tamper);
  }

  /** The process in this place, started again where it died; nothing where it dies while it starts. */
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

  /** Lets time pass: while a mail is being sent only some minutes, as when a machine sleeps past a lease. */
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
      process.alive = false; // what it may still have in hand must not reach the next world
      this.database.cut(process);
    }
    await this.database.close();
    rmSync(this.dir, { recursive: true });
  }
}
