// Plays seeds. A seed determines some dozen steps. After them everything works again, time passes,
// and every promise is checked.

import * as fc from "fast-check";
import { listProblems } from "../../src/inquiries/problems.ts";
import { faults, noFault } from "./faults.ts";
import { click } from "../support/store.ts";
import { anySteps, pass, take, type Step } from "./steps.ts";
import { retentionDays } from "./ledger.ts";
import { World, type Tamper } from "./world.ts";

export const noFigures = () => ({ crashes: 0, mails: 0 });
type Figures = ReturnType<typeof noFigures>;

/** Plays the steps to their end. Throws an AssertionError where a promise is broken. */
async function play(steps: Step[], tamper: Tamper, figures: Figures): Promise<void> {
  const world = new World(tamper);
  try {
    for (const step of steps) {
      await take(world, step);
      world.ledger.check();
    }
    await settleDown(world);
    world.ledger.checkEnd();
  } finally {
    figures.crashes += world.crashes;
    figures.mails += world.ledger.mails;
    await world.close();
  }
}

/**
 * Ends a run: no process crashes any more, and the clock is right. The mail server refuses
 * everything until that is a problem, and then accepts everything. Then the days of retention pass.
 */
async function settleDown(world: World): Promise<void> {
  const minuteMs = 60_000;
  const hourMs = 60 * minuteMs;
  world.fuses.length = 0;
  world.setClock(0);
  const round = async (mailServer: "accepts" | "4xx"): Promise<void> => {
    for (const place of [0, 1]) {
      const process = await world.process(place);
      if (process) await pass(process, mailServer);
      world.ledger.check();
    }
  };
  const isWaiting = () => world.ledger.rows().some(({ delivery }) => delivery.state === "pending");
  for (const minutes of [0, 31, 16]) {
    if (!isWaiting()) break;
    world.wait(minutes * minuteMs);
    await round("4xx");
  }
  const healthy = await world.process(0);
  const summary = await healthy?.store.summary(world.now());
  world.ledger.checkProblems(summary ? listProblems(summary, world.now(), String) : []);
  const isUnlisted = () =>
    world.ledger
      .rows()
      .some(({ delivery, handling }) => !delivery.listedAt && handling.progress !== "closed");
  await round("accepts");
  // A mail that was sent while the clock was ahead has a time up to ten days in the future.
  for (let rounds = 0; rounds < 100 && (isWaiting() || isUnlisted()); rounds += 1) {
    world.wait(6.5 * hourMs);
    await round("accepts");
  }
  const passDays = async (days: number): Promise<void> => {
    world.wait(days * 24 * hourMs);
    await round("accepts");
    // This purge stands for those of all these days, each of which moves the cut-off by a day.
    const cutOff = world.time - retentionDays * 24 * hourMs;
    world.database.run("UPDATE events SET at = ? WHERE name = 'purge cut-off'", cutOff);
    world.wait(6.5 * hourMs);
    await round("accepts");
  };
  // An inquiry that is approved on its last day in quarantine begins its days anew with its mail.
  await passDays(retentionDays - 1);
  await approveAll(world);
  await passDays(3);
  await passDays(retentionDays + 10);
}

async function approveAll(world: World): Promise<void> {
  const process = await world.process(0);
  for (const { reference, delivery } of world.ledger.rows())
    if (process && delivery.state === "quarantined")
      await click(process.store, reference, "approve", { now: world.now() });
}

/** Plays one seed. Returns a broken promise with the shortest steps that break it, or undefined. */
export async function playSeed(
  seed: number,
  figures: Figures,
  tamper = noFault,
): Promise<string | undefined> {
  const property = fc.asyncProperty(anySteps, (steps) => play(steps, tamper, figures));
  const result = await fc.check(property, { seed, numRuns: 1, endOnFailure: tamper !== noFault });
  if (!result.failed) return undefined;
  const steps = (result.counterexample?.[0] ?? [])
    .map((step) => `  ${JSON.stringify(step)}`)
    .join("\n");
  const error = result.errorInstance as Error;
  return `seed ${seed}: ${error.name === "AssertionError" ? error.message : error.stack}\n${steps}`;
}

/** Returns the planted faults that none of `maxSeeds` seeds finds. */
export async function missedFaults(firstSeed: number, maxSeeds: number): Promise<string[]> {
  const missed: string[] = [];
  for (const [name, fault] of Object.entries(faults)) {
    let problem: string | undefined;
    for (let seed = firstSeed; seed < firstSeed + maxSeeds && !problem; seed += 1)
      problem = await playSeed(seed, noFigures(), fault);
    if (!problem) missed.push(name);
  }
  return missed;
}
