// A code block that names its file must be an excerpt of that file, and a mistake names the line that differs.

import { compareExcerpt } from "../../src/articles/excerpts.ts";

const java = `import java.util.*;

class Retries {
    // region backoff
    static long backoff(int attempt) {
        long base = 100L << attempt;

        return base;   // region is a word here
    }
    // endregion

    static long budget() {
        return 10;
    }

    static long other() {
        return 10;
    }
}
`;
const files = new Map([
  ["Retries.java", java],
  ["nested.sh", "# region all\none\n# region some\ntwo\n# endregion\nthree\n# endregion\n"],
  ["timing/output.txt", "places  refused\r\n1           828  \r\n20          804\r\n"],
]);

/** Compares a block whose opening fence is line 10 of the article. */
function compare(code: string, file = "Retries.java", region = ""): string | undefined {
  const mistake = compareExcerpt(
    { file, region, line: 10, code: `${code}\n` },
    files,
    "examples/retries",
  );
  return mistake && `${mistake.line}: ${mistake.message}`;
}

describe("a block is an excerpt if it is", () => {
  test.each([
    ["the whole file", java.replace(/.*region \w*\n|.*endregion\n/g, "")],
    ["lines that follow each other", "    static long budget() {\n        return 10;\n    }"],
    ["lines without their common indentation", "static long budget() {\n    return 10;\n}"],
    [
      "lines across the mark of a region",
      "class Retries {\n    static long backoff(int attempt) {",
    ],
    [
      "parts in order around an omission",
      "class Retries {\n\n    // …\n\n    static long other() {\n        …\n    }\n}",
    ],
    ["parts that also occur earlier", "    static long other() {\n        return 10;\n    }"],
    [
      "a later one of equal lines",
      "static long backoff(int attempt) {\n…\nstatic long other() {\n    return 10;\n}",
    ],
    ["lines with other spaces at their ends", "static long budget() {   \n    return 10;\t\n}"],
  ])("%s", (_what, code) => {
    expect(compare(code)).toBeUndefined();
  });

  test("lines of a file in a sub-folder, whatever ends its lines", () => {
    expect(compare("places  refused\n1           828", "timing/output.txt")).toBeUndefined();
  });

  test("lines of the region that it names", () => {
    const code =
      "static long backoff(int attempt) {\n    long base = 100L << attempt;\n\n    return base;   // region is a word here\n}";
    expect(compare(code, "Retries.java", "backoff")).toBeUndefined();
  });

  test("lines of a region that has another region in it", () => {
    expect(compare("one\ntwo\nthree", "nested.sh", "all")).toBeUndefined();
  });

  test.each(["…", "// …", "# …", "-- …", "/* … */", "<!-- … -->", "   //…"])(
    "%s leaves lines out",
    (mark) => {
      expect(compare(`import java.util.*;\n${mark}\n}`)).toBeUndefined();
    },
  );
});

describe("a block is reported if it has", () => {
  test.each([
    [
      "a changed line",
      "static long budget() {\n    return 20;\n}",
      '12: the code block has "    return 20;", and line 13 of Retries.java is "        return 10;"',
    ],
    [
      "a line too few",
      "class Retries {\n\n    static long budget() {",
      '12: the code block has "", and line 5 of Retries.java is "    static long backoff',
    ],
    [
      "a line that is nowhere in it",
      "int budget = 3;",
      '11: "int budget = 3;" is not in Retries.java',
    ],
    [
      "parts in another order",
      "static long other() {\n…\nstatic long budget() {",
      '13: "static long budget() {" is not in Retries.java below the lines before it',
    ],
    [
      "a line twice that the file has once",
      "static long budget() {\n…\nstatic long budget() {",
      '13: "static long budget() {" is not in Retries.java below the lines before it',
    ],
    [
      "lines below the end",
      "    }\n}\nend",
      '13: the code block has "end", and Retries.java ends above it',
    ],
    [
      "another indentation",
      "static long budget() {\n  return 10;",
      '12: the code block has "  return 10;", and line 13 of Retries.java is "        return 10;"',
    ],
    [
      "a first line without its beginning",
      "<< attempt;",
      '11: "<< attempt;" is not in Retries.java',
    ],
    [
      "more indentation than the file",
      "  class Retries {",
      '11: "  class Retries {" is not in Retries.java',
    ],
    ["nothing but omissions", "…\n\n// …", "10: the code block has no line of Retries.java"],
    ["nothing", "", "10: the code block has no line of Retries.java"],
  ])("%s", (_what, code, expected) => {
    expect(compare(code)).toMatch(new RegExp(`^${RegExp.escape(expected)}`));
  });

  test("lines outside of the region that it names", () => {
    expect(compare("static long budget() {", "Retries.java", "backoff")).toBe(
      '11: "static long budget() {" is not in the region backoff of Retries.java',
    );
  });

  test("a long line, which is shortened in the message", () => {
    expect(compare("x".repeat(500))).toBe(`11: "${"x".repeat(60)}…" is not in Retries.java`);
  });

  test("the name of a file or a region that does not exist", () => {
    expect(compare("x", "Retrise.java")).toBe(
      '10: there is no examples/retries/Retrise.java, did you mean "Retries.java"?',
    );
    expect(compare("x", "../../package.json")).toMatch(
      /^10: there is no examples\/retries\/\.\.\/\.\.\/package\.json; use one of/,
    );
    expect(compare("x", "Retries.java", "bakcoff")).toBe(
      '10: Retries.java has no region bakcoff, did you mean "backoff"?',
    );
    expect(compare("x", "__proto__", "constructor")).toContain(
      "there is no examples/retries/__proto__",
    );
  });
});

test("a block of thousands of equal lines is compared quickly", () => {
  const text = "}\n".repeat(10_000);
  const large = new Map([["a.txt", text]]);
  expect(
    compareExcerpt(
      { file: "a.txt", region: "", line: 1, code: `${"}\n".repeat(2_000)}x\n` },
      large,
      "examples/a",
    )?.line,
  ).toBe(2_002);
});
