// The promises of a store on any database: durability, one row for the same content, exclusive
// leases, progress, what is deleted and when, at most one confirmation, and one run of a job.

import type { Answers } from "../../src/inquiries/form.ts";
import {
  actions,
  isOverdue,
  type Action,
  type Progress,
  deadlinesFrom,
} from "../../src/inquiries/handling.ts";
import type { Inquiry } from "../../src/inquiries/inquiry.ts";
import type { Claim, Store, Submission } from "../../src/inquiries/store/interface.ts";
import { tuesday } from "../support/site.ts";
import { answers, click, countStates, plain, quarantined } from "../support/store.ts";

/** Opens the store of one place, which may be open already. */
type Open = () => Promise<Store>;

const after = (ms: number) => new Date(tuesday.getTime() + ms);
const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
const forEver = after(10_000 * dayMs);
/** The deadlines of an inquiry that staff have to answer by Thursday, 17:00 in Copenhagen. */
const deadlines = deadlinesFrom(tuesday, 2);
const referenceOf = ({ reference }: { reference: string }) => reference;

let open: Open;
let store: Store;

const accept = (changes: Answers = {}, now = tuesday, submission: Partial<Submission> = {}) =>
  store.accept({ ...answers, ...changes }, { ...plain, ...submission }, now);
const acceptReference = async (message: string, submission = {}, now = tuesday) =>
  (await accept({ message }, now, submission)).inquiry.reference;

async function row(reference: string): Promise<Inquiry> {
  const inquiry = await store.find({ reference });
  if (!inquiry) throw new Error(`${reference} is not stored`);
  return inquiry;
}

async function claim(now: Date): Promise<Claim> {
  const claimed = await store.claimDue("test", now, 120_000);
  if (!claimed) throw new Error("nothing was due");
  return claimed;
}

async function sendAll(): Promise<void> {
  for (let claimed; (claimed = await store.claimDue("test", tuesday, 120_000));)
    await store.settle(claimed, { sentAt: tuesday });
}

const setProgress = (reference: string, progress: Progress) => click(store, reference, progress);
const overdue = async (now: Date) => (await store.summary(now)).overdue.inquiries.map(referenceOf);
/** Returns the inquiries that the next digest shows, in quarantine and sent. */
async function listed(): Promise<Inquiry[]> {
  const { quarantined: inQuarantine, sent } = await digest();
  return [...inQuarantine.inquiries, ...sent.inquiries];
}
const digest = () => store.digestContent({ now: forEver, opening: forEver, midnight: tuesday });
const { answerBy } = deadlines;
const failure = { type: "temporary", reason: "ECONNECTION" } as const;

/** Declares the tests. Each runs on an empty store. */
export function keepsPromises(makePlace: () => Promise<Open>): void {
  beforeEach(async () => {
    open = await makePlace();
    store = await open();
  });
  afterEach(() => store.close());
  acceptance();
  delivery();
  changesOfState();
  progress();
  deletion();
  confirmations();
  jobs();
}

function acceptance(): void {
  test("an accepted inquiry is found whole after a restart", async () => {
    const message = "🚢".repeat(20_000);
    const { inquiry } = await accept({ message });
    await store.close();
    store = await open();
    expect(await row(inquiry.reference)).toEqual(inquiry);
    expect(inquiry).toMatchObject({
      answers: { ...answers, message },
      delivery: { state: "pending" },
    });
    expect(inquiry.messageId).toBe(`<${inquiry.reference.toLowerCase()}@cleansystems.example>`);
    expect(inquiry.token).toMatch(/^[\da-f]{32}$/);
    expect((await store.find({ token: inquiry.token }))?.reference).toBe(inquiry.reference);
    expect(await store.find({ token: "" })).toBeUndefined();
  });

  test("the same content within a day is one inquiry", async () => {
    const first = await accept();
    const again = await accept({ email: answers["email"]?.toUpperCase() ?? "" }, after(dayMs - 1));
    const nextDay = await accept({}, after(dayMs));
    expect(again).toEqual({ inquiry: first.inquiry, isRepeated: true });
    expect(nextDay.isRepeated).toBe(false);
    expect((await countStates(store)).pending).toBe(2);
  });

  test("twenty copies sent at once are one inquiry", async () => {
    const results = await Promise.all(Array.from({ length: 20 }, () => accept()));
    expect(new Set(results.map(({ inquiry }) => inquiry.reference)).size).toBe(1);
    expect(results.filter(({ isRepeated }) => !isRepeated)).toHaveLength(1);
  });

  test("a mailbox and a company's domain are related, a live check isn't", async () => {
    const by = async (email: string, submission = plain) =>
      (await accept({ email, message: email }, tuesday, submission)).inquiry;
    const first = await by("mette@nordkraft.example");
    const others = [await by("Mette+x@nordkraft.example"), await by("jo@nordkraft.example")];
    await by("jo@anordkraft.example");
    await by("doctor@nordkraft.example", { ...plain, quarantineReason: "live-check" });
    const { inquiries, total } = await store.related(first);
    expect(inquiries.map(({ id }) => id)).toEqual(others.map(({ id }) => id));
    expect(total).toBe(2);
  });

  test("a list that is read in several parts is whole and in order", async () => {
    const references: string[] = [];
    for (let index = 0; index < 205; index += 1)
      references.unshift(await acceptReference(`${index}`, {}, after(index % 7)));
    const listedOnes = await store.list();
    expect(listedOnes.map(referenceOf).sort()).toEqual(references.toSorted());
    const times = listedOnes.map(({ receivedAt }) => receivedAt.getTime());
    expect(times).toEqual(times.toSorted((one, other) => other - one));
  });
}

function delivery(): void {
  test("the oldest inquiry is claimed first", async () => {
    await accept({ message: "second" }, after(1_000));
    await accept({ message: "first" });
    const messages = [(await claim(after(2_000))).answers, (await claim(after(2_000))).answers];
    expect(messages.map(({ message }) => message)).toEqual(["first", "second"]);
    expect(await store.claimDue("test", after(2_000), 120_000)).toBeUndefined();
  });

  test("a lease is exclusive until it ends, and then worth nothing", async () => {
    await accept();
    const late = await claim(tuesday);
    expect(await store.claimDue("second", after(119_999), 120_000)).toBeUndefined();
    const current = await claim(after(120_000));
    expect([late, current]).toMatchObject([
      { delivery: { attempts: 1 }, owner: "test" },
      { delivery: { attempts: 2 } },
    ]);
    expect(await store.settle(late, { sentAt: after(120_001) })).toBe(false);
    expect(await store.settle(late, { dueAt: after(200_000), failure })).toBe(false);
    expect(await store.settle(current, { sentAt: after(120_002) })).toBe(true);
  });

  test("a claim is settled once, and a failed one is due again in time", async () => {
    const reference = await acceptReference("on its way");
    const first = await claim(tuesday);
    expect(await store.settle(first, { dueAt: after(30_000), failure })).toBe(true);
    expect(await store.settle(first, { dueAt: after(60_000), failure })).toBe(false);
    expect(await row(reference)).toMatchObject({
      delivery: { state: "pending", failure: { type: "temporary", reason: "ECONNECTION" } },
    });
    expect(await store.claimDue("any", after(29_999), 120_000)).toBeUndefined();
    const second = await claim(after(30_000));
    expect(await store.settle(second, { sentAt: after(31_000) })).toBe(true);
    expect(await store.settle(second, { sentAt: after(32_000) })).toBe(false);
    expect(await row(reference)).toMatchObject({
      delivery: { state: "sent", sentAt: after(31_000), failure: undefined },
    });
  });

  test("a start makes everything due but what is being sent", async () => {
    const waiting = await acceptReference("waiting");
    await store.settle(await claim(tuesday), { dueAt: after(30 * minuteMs), failure });
    const sending = await acceptReference("being sent");
    await claim(tuesday);
    await store.retryAll(after(1_000));
    expect(await store.claimDue("test", after(999), 120_000)).toBeUndefined();
    expect((await claim(after(1_000))).reference).toBe(waiting);
    expect(await store.claimDue("test", after(119_999), 120_000)).toBeUndefined();
    expect((await claim(after(120_000))).reference).toBe(sending);
  });

  test("what a wrong clock made due, or leased, in the far future is due", async () => {
    const references = [
      await acceptReference("received by a wrong clock", deadlines, after(dayMs)),
      await acceptReference("claimed by a wrong clock", deadlines, after(dayMs)),
    ];
    expect(await store.claimDue("test", after(dayMs - 30 * minuteMs), 120_000)).toBeUndefined();
    await claim(after(dayMs));
    for (const reference of references) expect((await claim(tuesday)).reference).toBe(reference);
    expect(await store.claimDue("test", tuesday, 120_000)).toBeUndefined();
  });
}

function changesOfState(): void {
  test("an approved inquiry is due at once, with the time promised", async () => {
    const reference = await acceptReference("quarantined", quarantined);
    const now = after(6 * dayMs);
    expect(await click(store, reference, "approve", { answerBy, now })).toBe(true);
    expect(await row(reference)).toMatchObject({
      delivery: { state: "pending", quarantineReason: quarantined.quarantineReason },
      handling: { answerBy: plain.promisedBy, promisedBy: plain.promisedBy, progress: "open" },
    });
    expect((await claim(now)).reference).toBe(reference);
  });

  test("an inquiry approved while a digest is sent is in the next", async () => {
    const reference = await acceptReference("approved", quarantined);
    const shown = await listed();
    await click(store, reference, "approve", { answerBy, now: tuesday });
    await sendAll();
    await store.recordListed(shown, after(1));
    expect((await digest()).sent.inquiries.map(referenceOf)).toEqual([reference]);
  });

  test("what was closed in quarantine is in no digest, and is deleted", async () => {
    const reference = await acceptReference("advertising", quarantined);
    expect(await setProgress(reference, "closed")).toBe(true);
    expect((await digest()).quarantined.total).toBe(0);
    expect((await store.summary(forEver)).unlisted).toBe(0);
    await store.purge(tuesday); // the first only records its cut-off
    expect(await store.purge(tuesday)).toEqual([]);
    expect(await store.purge(after(1))).toEqual([reference]);
  });

  test("what was closed in quarantine and reopened stays until a digest lists it", async () => {
    const reference = await acceptReference("no advertising", quarantined);
    expect(await setProgress(reference, "closed")).toBe(true);
    expect(await setProgress(reference, "open")).toBe(true);
    await store.purge(tuesday); // the first only records its cut-off
    expect(await store.purge(after(dayMs))).toEqual([]);
    expect((await digest()).quarantined.inquiries.map(referenceOf)).toEqual([reference]);
  });
}

function progress(): void {
  test("a change of what has changed since it was read is not saved", async () => {
    const save = async (inquiry: Inquiry, action: Action) => {
      const change = actions[action](inquiry, { now: tuesday, answerBy });
      if (!change) throw new Error(`${action} may not follow`);
      return store.save(inquiry, change);
    };
    const untouched = await row(await acceptReference("read by two"));
    expect([await save(untouched, "taken"), await save(untouched, "closed")]).toEqual([
      true,
      false,
    ]);
    const taken = await row(untouched.reference);
    expect(taken.handling).toMatchObject({ progress: "taken", changedAt: tuesday });
    // Two changes within one millisecond are told apart too.
    expect([await save(taken, "answered"), await save(taken, "closed")]).toEqual([true, false]);
    const suspected = await row(await acceptReference("quarantined", quarantined));
    expect(await save(suspected, "approve")).toBe(true);
    expect(await save(suspected, "closed")).toBe(false);
  });

  test("an inquiry is overdue after the deadline that pages show", async () => {
    for (const value of ["taken", "answered", "closed"] as const)
      await setProgress(await acceptReference(value, deadlines), value);
    await sendAll();
    await acceptReference("waiting", deadlines);
    await acceptReference("quarantined", { ...quarantined, ...deadlines });
    for (const at of [answerBy, new Date(answerBy.getTime() + 1)]) {
      const late = (await store.list()).filter((one) => isOverdue(one.handling, at));
      expect([at, (await overdue(at)).sort()]).toEqual([at, late.map(referenceOf).sort()]);
    }
    expect(await overdue(forEver)).toHaveLength(3);
  });
}

function deletion(): void {
  test("a purge deletes what was mailed or listed before the cut-off only", async () => {
    const sent = await acceptReference("sent");
    await sendAll();
    const pending = await acceptReference("pending");
    const suspected = await acceptReference("quarantined", quarantined);
    await store.recordListed(await listed(), after(5));
    await store.recordListed(await listed(), after(dayMs)); // a second mail does not restart its days
    const unlisted = await acceptReference("not listed", quarantined);
    expect(await store.purge(tuesday)).toEqual([]); // the first one deletes nothing
    expect(await store.purge(tuesday)).toEqual([]); // strictly before
    expect(await store.purge(after(1))).toEqual([sent]);
    expect(await store.purge(after(5))).toEqual([]);
    expect(await store.purge(after(6))).toEqual([suspected]);
    expect(await store.purge(forEver)).toEqual([]);
    const left = [unlisted, pending].sort();
    expect((await store.list()).map(referenceOf).sort()).toEqual(left);
  });

  test("the cut-off of a purge moves by at most a day, and never back", async () => {
    const reference = await acceptReference("sent");
    await sendAll();
    await store.purge(after(-1.5 * dayMs));
    expect(await store.purge(forEver)).toEqual([]);
    expect(await store.purge(new Date(0))).toEqual([]);
    expect(await store.purge(forEver)).toEqual([reference]);
  });

  test("an inquiry listed, then approved is kept for its days after the mail", async () => {
    const reference = await acceptReference("approved late", quarantined);
    await store.recordListed(await listed(), after(5));
    await store.purge(after(1)); // the first only records its cut-off
    await click(store, reference, "approve", { now: after(20) });
    await store.settle(await claim(after(20)), { sentAt: after(20) });
    expect(await store.purge(after(20))).toEqual([]);
    expect(await store.purge(after(21))).toEqual([reference]);
  });

  test("what is sent again is deleted in its time after the first mail", async () => {
    const reference = await acceptReference("sent");
    await sendAll();
    expect(await store.purge(after(1))).toEqual([]); // the first only records its cut-off
    await click(store, reference, "resend", { now: after(dayMs) });
    await store.settle(await claim(after(dayMs)), { sentAt: after(dayMs) });
    expect(await row(reference)).toMatchObject({
      delivery: { state: "sent", sentAt: tuesday },
    });
    await click(store, reference, "resend", { now: after(2 * dayMs) });
    expect(await store.purge(after(1))).toEqual([reference]);
  });

  test("of two who send an inquiry again at once, one does", async () => {
    const reference = await acceptReference("sent");
    await sendAll();
    const both = ["resend", "resend"] as const;
    const done = await Promise.all(both.map((action) => click(store, reference, action)));
    expect(done.filter(Boolean)).toHaveLength(1);
  });

  test("an inquiry cannot be erased while it is being sent", async () => {
    const { inquiry } = await accept();
    const { inquiry: other } = await accept({ message: "not being sent" }, after(1));
    await claim(tuesday);
    await expect(store.erase([other, inquiry], after(119_999))).rejects.toThrow(
      `${inquiry.reference} is being sent at this moment: run the command again in two minutes.`,
    );
    expect(await store.list()).toHaveLength(2);
    await store.erase([other, inquiry], after(120_000));
    expect(await store.list()).toEqual([]);
  });

  test("a live check is no visitor's, and is deleted with those left", async () => {
    const check = { quarantineReason: "live-check" };
    const left = await acceptReference("left behind", check);
    const running = await acceptReference("another doctor's", check, after(minuteMs));
    const present = await acceptReference("present", check, after(60 * minuteMs + 1));
    const visitor = await acceptReference("present", quarantined); // the same content
    expect(await overdue(forEver)).toEqual([visitor]);
    expect((await listed()).map(referenceOf)).toEqual([visitor]);
    await store.deleteLiveChecks(present, after(60 * minuteMs + 1));
    expect(await store.find({ reference: left })).toBeUndefined();
    expect((await store.list()).map(referenceOf)).toEqual([running, visitor]);
  });
}

const email = (name: string) => `${name}@fjordfreight.example`;

/** Accepts an inquiry whose sender wants a confirmation. */
async function wanted(name: string, now = tuesday): Promise<string> {
  const answers = { email: email(name), message: `${name} at ${+now}`, confirmation: "yes" };
  return referenceOf((await accept(answers, now)).inquiry);
}

async function taken(now = tuesday): Promise<string[]> {
  const found = [];
  for (let one; (one = await store.takeConfirmation(now));) found.push(one.reference);
  return found;
}

function confirmations(): void {
  test("a confirmation is taken once, and after its inquiry was sent", async () => {
    const references = [await wanted("one"), await wanted("two")];
    expect(await taken()).toEqual([]);
    await sendAll();
    expect(await taken()).toEqual(references);
    expect((await store.list())[0]).toMatchObject({ confirmation: "tried" });
  });

  test("of two processes one takes a confirmation, and one of a mailbox", async () => {
    const other = await open();
    for (const tag of ["a", "b", "c", "d"]) await wanted(`one+${tag}`);
    await sendAll();
    const all = [store, other, store, other].map((one) => one.takeConfirmation(tuesday));
    expect((await Promise.all(all)).filter(Boolean)).toHaveLength(1);
  });

  test("a mailbox gets one confirmation a day, however its address is spelt", async () => {
    await wanted("one");
    await sendAll();
    expect(await taken()).toHaveLength(1);
    for (const name of ["ONE", "one+more"]) await wanted(name, after(dayMs - 2));
    await sendAll();
    expect(await taken(after(dayMs - 1))).toEqual([]);
    expect(await taken(after(dayMs))).toHaveLength(1);
  });

  test("all mailboxes together get twenty confirmations a day", async () => {
    for (let index = 0; index < 25; index += 1) await wanted(`${index}`, after(dayMs / 2));
    await sendAll();
    expect(await taken(after(dayMs / 2))).toHaveLength(20);
    expect(await taken(after(dayMs))).toEqual([]);
  });

  test("what was received a day ago gets no confirmation", async () => {
    await wanted("one");
    await sendAll();
    expect(await taken(after(dayMs))).toEqual([]);
    expect(await taken(after(dayMs - 1))).toHaveLength(1);
  });

  test("what was sent again or closed gets no confirmation", async () => {
    const resent = await wanted("resent");
    const closed = await wanted("closed");
    await sendAll();
    await setProgress(closed, "closed");
    await click(store, resent, "resend", { now: after(minuteMs) });
    const again = await claim(after(minuteMs));
    await store.settle(again, { sentAt: after(minuteMs) });
    expect(await taken(after(minuteMs))).toEqual([]);
  });

  test("a box that is ticked later gets nobody in quarantine a confirmation", async () => {
    const reference = await acceptReference("ticked later", quarantined);
    const changed = await store.wantConfirmation(await row(reference));
    expect([changed.answers.confirmation, changed.confirmation]).toEqual(["yes", ""]);
  });

  test("after an erasure nobody gets a confirmation for a day", async () => {
    await wanted("one");
    await sendAll();
    expect(await taken()).toHaveLength(1);
    await store.erase(await store.list(), tuesday);
    for (const name of ["one", "two"]) await wanted(name, after(dayMs - 1));
    await sendAll();
    expect(await taken(after(dayMs - 1))).toEqual([]);
    expect(await taken(after(dayMs))).toHaveLength(2);
  });
}

function jobs(): void {
  test("one process runs a job in its time, if clocks differ by 30 s", async () => {
    const other = await open();
    const every = 10 * minuteMs;
    expect(await store.claimJob("digest", after(30_000), every)).toBe(true);
    expect(await other.claimJob("digest", after(0), every)).toBe(false);
    expect(await other.claimJob("purge", after(0), every)).toBe(true);
    expect(await other.claimJob("digest", after(every), every)).toBe(false);
    expect(await other.claimJob("digest", after(every + 30_000), every)).toBe(true);
    await other.close();
    // The job was run by a clock that was far in the future.
    expect(await store.claimJob("digest", after(365 * dayMs), minuteMs)).toBe(true);
    expect(await store.claimJob("digest", tuesday, minuteMs)).toBe(true);
  });

  test("a job that failed is due again after ten minutes", async () => {
    expect(await store.claimJob("purge", tuesday, dayMs)).toBe(true);
    expect(await store.claimJob("purge", after(10 * minuteMs), dayMs)).toBe(false);
    await store.setFailing("purge", tuesday);
    expect(await store.claimJob("purge", after(9 * minuteMs), dayMs)).toBe(false);
    expect(await store.claimJob("purge", after(10 * minuteMs), dayMs)).toBe(true);
    expect(await store.claimJob("purge", after(11 * minuteMs), dayMs)).toBe(false);
  });
}
