// The steps of a simulation: what may happen to an installation, drawn by fast-check, and how each of them is done.

import * as fc from "fast-check";
import type { SendResult } from "../../src/inquiries/smtp.ts";
import { answersOf } from "./ledger.ts";
import type { Fuse, Process, World } from "./world.ts";

type PeerDoes = "accepts" | "accepts for some" | "4xx" | "5xx" | "accepts, answer lost" | "hangs";
type Act = "release" | "resend" | "bounced" | "erase" | "erase address" | "deliver now";

export type Step =
  | { kind: "submit"; place: number; contents: number[] }
  | { kind: "wait"; seconds: number }
  | { kind: "clock"; hoursAhead: number }
  | { kind: "pass"; place: number; peer: PeerDoes }
  | { kind: "answer"; place: number; peer: PeerDoes }
  | { kind: "fuse"; place: number; fuse: Fuse }
  | { kind: "crash"; place: number; took: boolean }
  | { kind: "staff"; place: number; act: Act; which: number }
  | { kind: "purge"; place: number };

const minute = 60;
const day = 86_400;
const place = fc.constantFrom(0, 0, 1);
const peer = fc.constantFrom<PeerDoes>("accepts", "accepts for some", "4xx", "5xx", "accepts, answer lost", "hangs");
const acts = ["release", "release", "resend", "bounced", "erase", "erase address", "deliver now"] as const;
const kind = <Name extends Step["kind"]>(name: Name) => fc.constant(name);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: kind("submit"),
      place,
      contents: fc.array(fc.nat(7), { minLength: 1, maxLength: 3, size: "max" }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: kind("wait"),
      seconds: fc.constantFrom(1, 31, 121, 121, 11 * minute, 3_600, 6 * 3_600, day - 1, day, 6 * day, 32 * day),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind("clock"), hoursAhead: fc.constantFrom(0, 0, 1, 6, 24, 240) }) },
  { weight: 7, arbitrary: fc.record({ kind: kind("pass"), place, peer }) },
  { weight: 3, arbitrary: fc.record({ kind: kind("answer"), place, peer }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: kind("fuse"),
      place,
      fuse: fc.record({ statements: fc.integer({ min: 1, max: 14 }), done: fc.boolean(), took: fc.boolean() }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind("crash"), place, took: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: kind("staff"), place, act: fc.constantFrom(...acts), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("purge"), place }) },
);
export const anySteps = fc.array(step, { minLength: 10, maxLength: 45, size: "max" });

const temporary: SendResult = { sent: false, fault: "temporary", reason: "ETIMEDOUT" };
const answers: Record<Exclude<PeerDoes, "hangs">, { took: boolean; result: SendResult }> = {
  accepts: { took: true, result: { sent: true, refusedRecipients: 0 } },
  "accepts for some": { took: true, result: { sent: true, refusedRecipients: 1 } },
  "4xx": { took: false, result: temporary },
  "5xx": { took: false, result: { sent: false, fault: "ours", reason: "EENVELOPE 550" } },
  "accepts, answer lost": { took: true, result: temporary },
};

/** Does one step. A process that dies of it is started again by the next step that needs it. */
export async function take(world: World, step: Step): Promise<void> {
  if (step.kind === "wait") return world.wait(step.seconds * 1_000);
  if (step.kind === "clock") return world.setClock(step.hoursAhead * 3_600_000);
  if (step.kind === "fuse") return void (world.fuses[step.place] = { ...step.fuse });
  const process = await world.process(step.place);
  if (!process) return; // it died while it started
  if (step.kind === "crash") process.die(step.took);
  else if (step.kind === "pass") await pass(process, step.peer);
  else if (step.kind === "answer") await answerAll(process, step.peer);
  else await process.unlessItDies(() => work(world, process, step));
}

type Work = Extract<Step, { kind: "submit" | "staff" | "purge" }>;

async function work(world: World, process: Process, step: Work): Promise<unknown> {
  if (step.kind === "purge") return process.purge();
  if (step.kind === "staff") return staff(world, process, step.act, step.which);
  return Promise.all(step.contents.map((content) => submit(world, process, content)));
}

/** As the contact page does it. */
async function submit({ ledger, now }: World, { store }: Process, content: number): Promise<void> {
  ledger.submits(content);
  const form = answersOf(content);
  const duplicate = await store.inbox.findDuplicate(form, now());
  const quarantineReason = content % 4 === 0 ? "many links" : "";
  const inquiry = duplicate ?? (await store.inbox.accept(form, { slug: "", title: "", quarantineReason }, now())).inquiry;
  ledger.thanked(content, inquiry);
}

/** As `npm run inquiries` does it. */
async function staff({ ledger, now }: World, { store }: Process, act: Act, which: number): Promise<unknown> {
  const references = [...ledger.known.keys()];
  const reference = references[which % Math.max(references.length, 1)] ?? "";
  if (act === "release") return store.staff.move(reference, ["quarantined"], "pending", now());
  if (act === "resend") return store.staff.move(reference, ["sent", "stuck", "bounced"], "pending", now());
  if (act === "bounced") return store.staff.move(reference, ["sent"], "bounced", now());
  if (act === "deliver now") return store.staff.makeDue(now());
  if (act === "erase address") return store.staff.erase(await store.staff.listByAddress(`VISITOR${which % 3}@example.dk`));
  const inquiry = await store.inbox.find(reference);
  return inquiry && store.staff.erase([inquiry]);
}

/** One pass of the running site, in which the mail server does the same with every mail; where it hangs, the pass stays open. */
export async function pass(process: Process, peer: PeerDoes): Promise<void> {
  process.beginPass();
  await process.untilItWaits();
  await answerAll(process, peer);
}

async function answerAll(process: Process, peer: PeerDoes): Promise<void> {
  if (peer === "hangs") return;
  const { took, result } = answers[peer];
  while (process.alive && process.sending) {
    if (took) process.world.ledger.took(process.sending.mail, process, result.sent);
    process.sending.answer(result);
    await process.untilItWaits();
  }
  if (process.failure) throw process.failure;
}
