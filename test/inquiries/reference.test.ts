// References of inquiries, which people read out on the phone and type again.

import { createReference, parseReference } from "../../src/inquiries/reference.ts";

test.each([
  ["CS-7F3K-9QXM", "CS-7F3K-9QXM"],
  [" cs-7f3k-9qxm\n", "CS-7F3K-9QXM"],
  ["CS-OIL1-oi1l", "CS-0111-0111"],
  ["eq9e-zm40", "CS-EQ9E-ZM40"],
  ["jvny6tf8", "CS-JVNY-6TF8"],
  ["cs 5bwg 868k", "CS-5BWG-868K"],
  ["CS-5BWG-868K.", "CS-5BWG-868K"],
  ["[CS–5bwg–868k]", "CS-5BWG-868K"],
])("%j is the reference %s", (typed, reference) => {
  expect(parseReference(typed)).toBe(reference);
});

test.each([
  "",
  "7F3K-9QX",
  "CS-CS-7F3K-9QXM",
  "CS-7F3K-9QX",
  "CS-7F3K-9QXMM",
  "CS-7F3K-9QXU",
  "CS=7F3K=9QXM",
])("%j is no reference", (typed) => {
  expect(parseReference(typed)).toBeUndefined();
});

test("a new reference is one that can be read back, and no two are the same", () => {
  const created = Array.from({ length: 100 }, createReference);
  expect(created.map(parseReference)).toEqual(created);
  expect(new Set(created).size).toBe(100);
});
