// A code block that names its file must be an excerpt of it; otherwise the line that differs is reported.

import { checkBody } from "../../src/articles/check-body.ts";
import { parseBody } from "../../src/articles/markdown.ts";

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
  ["timing/output.txt", "places  refused\r\n1           828  \r\n20          804\r\n"],
]);

/** Compares a block whose opening fence is line 1 of the body. */
function compare(
  code: string,
  file = "Retries.java",
  region = "",
  texts = files,
): string | undefined {
  const place = region ? `${file}#${region}` : file;
  const body = `\`\`\`text file="${place}"\n${code}\n\`\`\`\n`;
  const found: string[] = [];
  const checked = { slug: "retries", title: "Retries", body, files: texts };
  checkBody(checked, parseBody(body), (line, message) => found.push(`${line}: ${message}`));
  return found[0];
}

describe("a block is an excerpt if it is", () => {
  test.each([
    ["the whole file", java.replace(/.*region \w*\n|.*endregion\n/g, "")],
    ["lines that follow each other", "    static long budget() {\n        return 10;\n    }"],
    ["lines with other indentation", "static long budget() {   \n  return 10;\n}"],
    ["lines across a region's mark", "class Retries {\n    static long backoff(int attempt) {"],
    ["parts around an omission", "class Retries {\n\n// …\n\nstatic long other() {\n …\n }\n}"],
    ["a later one of equal lines", "static long backoff(int attempt) {\n…\n    return 10;\n}"],
  ])("%s", (_what, code) => {
    expect(compare(code)).toBeUndefined();
  });

  test("lines of a file in a sub-folder, whatever ends its lines", () => {
    expect(compare("places  refused\n1           828", "timing/output.txt")).toBeUndefined();
  });

  test("lines of the region that it names", () => {
    const code = "long base = 100L << attempt;\n\nreturn base;   // region is a word here\n}";
    expect(compare(code, "Retries.java", "backoff")).toBeUndefined();
  });

  test.each(["…", "// …", "# …", "-- …", "   //…"])("%s leaves lines out", (mark) => {
    expect(compare(`import java.util.*;\n${mark}\n}`)).toBeUndefined();
  });
});

describe("a block is reported if it has", () => {
  test.each([
    ["a changed line", "static long budget() {\n  return 20;\n}", '3: "return 20;" is not in'],
    ["a line too few", "class Retries {\n\nstatic long budget() {", '4: "static long budget'],
    ["a line that is nowhere in it", "int budget = 3;", '2: "int budget = 3;" is not in Retries'],
    ["another order", "static long other() {\n…\nstatic long budget() {", "4: "],
    ["a line once too often", "static long budget() {\n…\nstatic long budget() {", "4: "],
    ["lines below the end", "    }\n}\nend", '4: "end" is not in Retries.java at this place'],
    ["half a line", "<< attempt;", '2: "<< attempt;" is not in Retries.java'],
  ])("%s", (_what, code, expected) => {
    expect(compare(code)).toContain(expected);
  });

  test("lines outside of the region that it names", () => {
    expect(compare("static long budget() {", "Retries.java", "backoff")).toBe(
      '2: "static long budget() {" is not in Retries.java at this place: copy the line',
    );
  });

  test("the name of a file or a region that does not exist", () => {
    expect(compare("x", "Retrise.java")).toBe(
      '1: there is no examples/retries/Retrise.java, did you mean "Retries.java"? `npm run examples -- retries` writes the outputs that its README names',
    );
    expect(compare("x", "Retries.java", "bakcoff")).toBe("1: Retries.java has no region bakcoff");
    expect(compare("x", "__proto__", "constructor")).toContain("there is no examples/retries/__p");
  });
});
