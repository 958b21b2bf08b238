// The steps of a simulation. fast-check chooses them, and `take` does them.

import * as fc from "fast-check";
import { progressRows, type Progress, deadlinesFrom } from "../../src/inquiries/handling.ts";
import type { SendResult } from "../../src/inquiries/mail/smtp.ts";
import { answersOf, contentCount } from "./ledger.ts";
import type { Process, World } from "./world.ts";
import { click } from "../support/store.ts";

const temporary: SendResult = { sent: false, failure: "temporary", reason: "ETIMEDOUT" };
const responses = {
  accepts: { accepted: true, result: { sent: true, refusedRecipients: [] } },
  "accepts for some": { accepted: true, result: { sent: true, refusedRecipients: [1] } },
  "4xx": { accepted: false, result: temporary },
  "5xx": {
    accepted: false,
    result: { sent: false, failure: "permanent", reason: "EENVELOPE 550" },
  },
  "refuses texts": {
    accepted: false,
    result: { sent: false, failure: "permanent", isAboutText: true, reason: "EMESSAGE 554" },
  },
  "refuses texts for now": {
    accepted: false,
    result: { ...temporary, isAboutText: true, reason: "EMESSAGE 451" },
  },
  "accepts, response lost": { accepted: true, result: temporary },
} satisfies Record<string, { accepted: boolean; result: SendResult }>;
type MailServer = keyof typeof responses | "hangs";

const day = 86_400;
const place = fc.constantFrom(0, 0, 1);
const mailServer = fc.constantFrom<MailServer>(
  ...(Object.keys(responses) as (keyof typeof responses)[]),
  "hangs",
);
const staffActs = ["approve", "approve", "resend", "erase", "erase address", "retry"] as const;
type Act = (typeof staffActs)[number] | Progress;
const acts: Act[] = [...staffActs, ...progressRows.map(([value]) => value)];
const contents = fc.array(fc.nat(contentCount - 1), { minLength: 1, maxLength: 3, size: "max" });
const waits = [1, 31, 151, 151, 660, 3_600, 6 * 3_600, day - 1, day, 6 * day, 32 * day];
const fuse = fc.record({
  statements: fc.integer({ min: 1, max: 14 }),
  done: fc.boolean(),
  accepted: fc.boolean(),
});

/** `weight` says how often a step is chosen. */
const choice = <Kind extends string, Values extends object>(
  weight: number,
  kind: Kind,
  values: { [Name in keyof Values]: fc.Arbitrary<Values[Name]> },
) => ({ weight, arbitrary: fc.record(values).map((chosen) => ({ kind, ...(chosen as Values) })) });

const step = fc.oneof(
  choice(4, "submit", { place, contents }),
  choice(5, "wait", { seconds: fc.constantFrom(...waits) }),
  choice(1, "clock", { hoursAhead: fc.constantFrom(0, 0, 1, 6, 24, 240) }),
  choice(7, "pass", { place, mailServer }),
  choice(3, "respond", { place, mailServer }),
  choice(3, "fuse", { place, fuse }),
  choice(1, "crash", { place, accepted: fc.boolean() }),
  choice(4, "staff", { place, act: fc.constantFrom(...acts), which: fc.nat(20) }),
  choice(1, "purge", { place }),
);
export type Step = typeof step extends fc.Arbitrary<infer Chosen> ? Chosen : never;
export const anySteps = fc.array(step, { minLength: 10, maxLength: 45, size: "max" });

/** Does one step. A process that dies in it is started again by the next step that needs it. */
export async function take(world: World, step: Step): Promise<void> {
  if (step.kind === "wait") return world.wait(step.seconds * 1_000);
  if (step.kind === "clock") return world.setClock(step.hoursAhead * 3_600_000);
  if (step.kind === "fuse") return void (world.fuses[step.place] = { ...step.fuse });
  const process = await world.process(step.place);
  if (!process) return; // it died while it started
  if (step.kind === "crash") process.die(step.accepted);
  else if (step.kind === "pass") await pass(process, step.mailServer);
  else if (step.kind === "respond") await respondToAll(process, step.mailServer);
  else await process.unlessItDies(() => work(world, process, step));
}

type Work = Extract<Step, { kind: "submit" | "staff" | "purge" }>;

async function work(world: World, process: Process, step: Work): Promise<unknown> {
  if (step.kind === "purge") return process.purge();
  if (step.kind === "staff") return staff(world, process, step.act, step.which);
  return Promise.all(step.contents.map((content) => submit(world, process, content)));
}

/** Accepts an inquiry as the contact page does. */
async function submit({ ledger, now }: World, { store }: Process, content: number): Promise<void> {
  const form = answersOf(content);
  const duplicate = await store.findDuplicate(form, now());
  const quarantineReason = content % 4 === 0 ? ("markup" as const) : ("" as const);
  const submission = { source: "", quarantineReason, emailFault: "", ...deadlinesFrom(now(), 1) };
  const inquiry = duplicate ?? (await store.accept(form, submission, now())).inquiry;
  ledger.thanked(content, inquiry);
}

/** Does what `npm run inquiries` does. */
async function staff(
  { ledger, now }: World,
  { store }: Process,
  act: Act,
  which: number,
): Promise<unknown> {
  const references = [...ledger.entries.keys()];
  const reference = references[which % Math.max(references.length, 1)] ?? "";
  if (act === "retry") return store.retryAll(now());
  if (act === "erase address") {
    const email = `visitor${which % 3}@example.dk`;
    const theirs = (await store.list()).filter(({ answers }) => answers.email === email);
    await store.erase(theirs, now());
    return store.clean();
  }
  const { answerBy } = deadlinesFrom(now(), 1);
  if (act !== "erase") return click(store, reference, act, { now: now(), answerBy });
  const inquiry = await store.find({ reference });
  if (inquiry) await store.erase([inquiry], now());
  return store.clean();
}

/**
 * Runs one pass of the site. The mail server treats every mail the same. If it hangs, the pass does
 * not end.
 */
export async function pass(process: Process, mailServer: MailServer): Promise<void> {
  process.beginPass();
  await process.untilItWaits();
  await respondToAll(process, mailServer);
}

async function respondToAll(process: Process, mailServer: MailServer): Promise<void> {
  if (mailServer === "hangs") return;
  while (process.alive && process.sending) {
    const { accepted, result } = responses[mailServer];
    if (accepted) process.world.ledger.mailAccepted(process.sending.mail, process, result.sent);
    process.sending.respond(result);
    await process.untilItWaits();
  }
  if (process.failure) throw process.failure;
}
