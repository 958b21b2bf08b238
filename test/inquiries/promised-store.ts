// The store on which each promise of a store is tested, and the steps that several tests need.

import type { Answers } from "../../src/inquiries/form.ts";
import { deadlinesFrom } from "../../src/inquiries/deadlines.ts";
import type { State } from "../../src/inquiries/delivery.ts";
import type { Progress } from "../../src/inquiries/handling.ts";
import type { Inquiry } from "../../src/inquiries/inquiry.ts";
import type { Claim, Store, Submission } from "../../src/inquiries/store/interface.ts";
import { tuesday } from "../support/site.ts";
import { answers, click, plain, quarantined } from "../support/store.ts";

/** A place where a store can be opened repeatedly. */
export type Place = { open: () => Promise<Store>; remove: () => Promise<void> };

export const after = (ms: number) => new Date(tuesday.getTime() + ms);
export const minuteMs = 60_000;
export const dayMs = 1_440 * minuteMs;
export const forEver = after(10_000 * dayMs);
/** To be answered by Thursday, 17:00 in Copenhagen. */
export const deadlines = deadlinesFrom(tuesday, 2);
export const referenceOf = ({ reference }: { reference: string }) => reference;

export let place: Place;
export let store: Store;

/** Opens an empty store before each test, and removes it afterwards. */
export function eachOnAnEmptyStore(makePlace: () => Promise<Place>): void {
  beforeEach(async () => {
    place = await makePlace();
    await reopen();
  });
  afterEach(async () => {
    await store.close();
    await place.remove();
  });
}

/** Opens the store of the place again, which a test has closed. */
export async function reopen(): Promise<void> {
  store = await place.open();
}

export const accept = (
  changes: Answers = {},
  now = tuesday,
  submission: Partial<Submission> = {},
) => store.accept({ ...answers, ...changes }, { ...plain, ...submission }, now);
export const acceptReference = async (message: string, submission = {}, now = tuesday) =>
  (await accept({ message }, now, submission)).inquiry.reference;

export async function row(reference: string): Promise<Inquiry> {
  const inquiry = await store.find({ reference });
  if (!inquiry) throw new Error(`${reference} is not stored`);
  return inquiry;
}

export async function claim(now: Date): Promise<Claim> {
  const claimed = await store.claimDue("test", now, 120_000);
  if (!claimed) throw new Error("nothing was due");
  return claimed;
}

export async function sendAll(): Promise<void> {
  for (let claimed; (claimed = await store.claimDue("test", tuesday, 120_000));)
    await store.settle(claimed, { sentAt: tuesday });
}

/** One inquiry in each state. */
export async function oneOfEach(): Promise<Record<State, string>> {
  const sent = await acceptReference("sent");
  await sendAll();
  const pending = await acceptReference("pending");
  return { sent, pending, quarantined: await acceptReference("quarantined", quarantined) };
}

export const setProgress = (reference: string, progress: Progress, now = tuesday, seen?: number) =>
  click(store, reference, progress, { now, seen });
export const overdue = async (now: Date) =>
  (await store.summary(now)).overdue.inquiries.map(referenceOf);
/** What the next digest shows and records. */
export async function listed(): Promise<Inquiry[]> {
  const { quarantined: inQuarantine, sent } = await digest();
  return [...inQuarantine.inquiries, ...sent.inquiries];
}
export const digest = (now = forEver) =>
  store.digestContent({ now, opening: forEver, midnight: tuesday });
