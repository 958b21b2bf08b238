// What staff do about an inquiry, on plain data.

import type { State } from "../../src/inquiries/delivery.ts";
import {
  actions,
  answer,
  close,
  isOverdue,
  nextProgress,
  progressRows,
  approve,
  reopen,
  take,
  type Handling,
  deadlinesFrom,
} from "../../src/inquiries/handling.ts";
import { tuesday } from "../support/site.ts";

const wednesday = new Date(tuesday.getTime() + 86_400_000);
const untouched: Handling = {
  ...deadlinesFrom(tuesday, 1),
  progress: "open",
  changedAt: undefined,
  takenBy: "",
};

const inquiry = (state: State, handling: Partial<Handling> = {}) => ({
  delivery: {
    state,
    quarantineReason: state === "quarantined" ? ("markup" as const) : ("" as const),
    waitingSince: tuesday,
    attempts: 3,
    failure: undefined,
    sentAt: undefined,
    listedAt: undefined,
  },
  handling: { ...untouched, ...handling },
});
const taken = { progress: "taken", takenBy: "MK", changedAt: tuesday } as const;

test.each([
  ["take", take, inquiry("sent"), "taken"],
  ["answer", answer, inquiry("sent", taken), "answered"],
  ["close", close, inquiry("sent", taken), "closed"],
  ["reopen", reopen, inquiry("sent", taken), "open"],
] as const)("%s remembers who did it, and nobody else", (_name, act, before, progress) => {
  for (const by of ["JH", ""])
    expect(act(before, { by, now: wednesday })).toEqual({
      handling: { ...untouched, progress, takenBy: by, changedAt: wednesday },
    });
});

test("only what the staff page offers may follow", () => {
  const given = { by: "MK", now: tuesday, answerBy: tuesday };
  for (const state of ["sent", "quarantined"] as const)
    for (const [from] of progressRows)
      for (const [to] of progressRows) {
        const before = inquiry(state, { progress: from });
        const isOffered = nextProgress(before).includes(to);
        const after = actions[to](before, given)?.handling?.progress;
        expect([state, from, to, after]).toEqual([state, from, to, isOffered ? to : undefined]);
      }
});

test.each([
  ["nobody takes or answers what is in quarantine", inquiry("quarantined"), "closed"],
  ["nothing hides that it was answered", inquiry("sent", { progress: "answered" }), "open"],
] as const)("%s", (_name, before, only) => expect(nextProgress(before)).toEqual([only]));

test("an approved inquiry is sent as if it had just arrived", () => {
  const closed = inquiry("quarantined", { ...taken, progress: "closed" });
  const later = new Date(wednesday.getTime() + 86_400_000);
  expect(approve(closed, { answerBy: later, now: wednesday })).toEqual({
    delivery: { ...closed.delivery, state: "pending", waitingSince: wednesday, attempts: 0 },
    handling: { ...untouched, changedAt: wednesday },
  });
});

test("an approval begins a deadline if none was promised", () => {
  const promiseless = inquiry("quarantined", { promisedBy: undefined });
  const change = approve(promiseless, { answerBy: wednesday, now: tuesday });
  expect(change?.handling).toMatchObject({ answerBy: wednesday, promisedBy: undefined });
});

test("only what is in quarantine can be approved", () => {
  for (const state of ["pending", "sent"] as const)
    expect(approve(inquiry(state), { answerBy: wednesday, now: tuesday })).toBeUndefined();
});

test("two changes within a millisecond have different times", () => {
  const change = answer(inquiry("sent", taken), { now: tuesday });
  expect(change?.handling.changedAt?.getTime()).toBe(tuesday.getTime() + 1);
});

test("an inquiry that was answered or closed is never overdue", () => {
  const late = progressRows.filter(([progress]) =>
    isOverdue({ ...untouched, progress }, new Date(untouched.answerBy.getTime() + 1)),
  );
  expect(late.map(([progress]) => progress)).toEqual(["taken", "open"]);
});
