// What an example prints is compared with its stored output: exactly, or with what may vary masked and what the article cites in its range.

import {
  checkRanges,
  compareOutputs,
  uncheckedNumbers,
} from "../../src/articles/example-output.ts";

const run = {
  command: "java Pool.java",
  output: "output.txt",
  needs: [],
  seconds: 1,
  varies: [],
  ranges: [],
};
const compare = (
  stored: string,
  printed: string,
  varying: { varies?: RegExp[]; ranges?: (typeof range)[] } = {},
) => compareOutputs(stored, printed, { ...run, ...varying });
const range = { figure: /^90 places +\d+ +(\d[\d,]*)/gm, from: 3_900, to: 4_200 };

test("an output that is the same has no differences", () => {
  expect(compare("one\n  two\n", "one\n  two\n")).toEqual([]);
  expect(compare("one\n", "one")).toEqual([]);
});

test("in a deterministic run, each changed line is a difference", () => {
  expect(compare("one\ntwo\nthree\n", "one\n2\nthree\n")).toEqual(["- two", "+ 2"]);
  expect(compare("one\ntwo\n", "one\n two\n")).toEqual(["- two", "+  two"]);
  expect(compare("one\nthree\n", "one\ntwo\nthree\n")).toEqual(["+ two"]);
  expect(compare("one\ntwo\nthree\n", "one\n")).toEqual(["- two", "- three"]);
  expect(compare("", "one\n")).toEqual(["- ", "+ one"]);
});

test("a long list of differences is truncated", () => {
  const lines = Array.from({ length: 15 }, (_, index) => `line ${index}`);
  const differences = compare(lines.join("\n"), lines.map((line) => `new ${line}`).join("\n"));
  expect(differences[0]).toBe("- line 0");
  expect(differences.slice(20)).toEqual(["and 10 more lines"]);
});

describe("what varies is masked", () => {
  const varies = [/\d+ ms/gm];

  test("whatever its width, and nothing else is", () => {
    expect(compare("wait   9 ms  once\n", "wait 1204 ms once\n", { varies })).toEqual([]);
    expect(compare("wait 9 ms\nrefused 3\n", "wait 8 ms\nrefused 4\n", { varies })).toEqual([
      "- refused 3",
      "+ refused 4",
    ]);
    expect(compare("wait 9 ms\n", "wait long\n", { varies })).toEqual(["- wait ~", "+ wait long"]);
  });

  test("also over several lines, as often as it occurs", () => {
    const retried = [/^retried: \d+\n/gm];
    expect(
      compare("a\nretried: 1\nb\n", "a\nretried: 1\nretried: 2\nb\n", { varies: retried }),
    ).toEqual([]);
  });

  test("where patterns overlap", () => {
    expect(compare("a 1 ms b\n", "a 2 ms b\n", { varies: [/\d+ m/gm, /\d+ ms/gm, /m/gm] })).toEqual(
      [],
    );
  });
});

describe("a figure that the article cites", () => {
  const [stored, printed] = ["90 places 733 4,067\n", "90 places 733 4,101\n"];

  test("may vary within its range", () => {
    expect(compare(stored, printed, { ranges: [range] })).toEqual([]);
  });

  test("may have several separators of thousands", () => {
    const large = { figure: /^rows ([\d,]+)/gm, from: 1_000_000, to: 1_300_000 };
    expect(compare("rows 1,204,331\n", "rows 1,234,567\n", { ranges: [large] })).toEqual([]);
  });

  test("is a difference outside of it, or if it is no longer printed", () => {
    expect(compare(stored, "90 places 733 3,899\n", { ranges: [range] })).toEqual([
      `3,899 is not from 3900 to 4200 (${range.figure.source})`,
    ]);
    expect(compare(stored, "90 places none\n", { ranges: [range] })).toEqual([
      "- 90 places 733 ~",
      "+ 90 places none",
      `nothing matches ${range.figure.source}`,
    ]);
  });

  test("leaves the rest of its line to be compared", () => {
    expect(compare(stored, "90 places 734 4,067\n", { ranges: [range] })).toEqual([
      "- 90 places 733 ~",
      "+ 90 places 734 ~",
    ]);
  });

  test("must also be in the range in the stored output", () => {
    expect(checkRanges(stored, { ...run, ranges: [range] })).toEqual([]);
    expect(checkRanges("90 places 733 10\n", { ...run, ranges: [range] })).toHaveLength(1);
  });
});

test("the numbers that vary and that no range checks are those that an article may not cite", () => {
  const text = "90 places 733 4,067 in 1.25 s\n20 places 12 733\n";
  expect([
    ...uncheckedNumbers(text, { ...run, varies: [/places .*$/gm], ranges: [range] }),
  ]).toEqual(["733", "1.25", "12"]);
  expect([...uncheckedNumbers(text, { ...run, varies: [/12 733/gm] })]).toEqual(["12"]);
});
