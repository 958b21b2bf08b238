// The promises about confirmations of a store on any database: never two, and never many.

import { tuesday } from "../support/site.ts";
import { sendAgain } from "../support/store.ts";
import {
  accept,
  after,
  claim,
  dayMs,
  minuteMs,
  place,
  referenceOf,
  sendAll,
  setProgress,
  store,
} from "./promised-store.ts";

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

export function confirmations(): void {
  test("a confirmation is taken once, and after its inquiry was sent", async () => {
    const references = [await wanted("one"), await wanted("two")];
    expect(await taken()).toEqual([]);
    await sendAll();
    expect(await taken()).toEqual(references);
    expect((await store.list())[0]).toMatchObject({ confirmation: "tried" });
  });

  test("of two processes one takes a confirmation, and one of a mailbox", async () => {
    const other = await place.open();
    for (const tag of ["a", "b", "c", "d"]) await wanted(`one+${tag}`);
    await sendAll();
    const all = [store, other, store, other].map((one) => one.takeConfirmation(tuesday));
    expect((await Promise.all(all)).filter(Boolean)).toHaveLength(1);
    await other.close();
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
    await sendAgain(store, resent, after(minuteMs));
    const again = await claim(after(minuteMs));
    await store.settle(again, { sentAt: after(minuteMs) });
    expect(await taken(after(minuteMs))).toEqual([]);
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
