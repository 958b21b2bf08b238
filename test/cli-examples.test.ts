// Tests `npm run examples`: it runs small examples as a process, compares what they print, and skips what this machine cannot run.

import { readFile } from "node:fs/promises";
import path from "node:path";
import { examples as command } from "../src/cli/examples.ts";
import { missingNeeds, runExample } from "../src/cli/run-example.ts";
import { articleFile, articlesFolder } from "./support/articles.ts";
import { callCommand, runCommand } from "./support/command.ts";
import { temporaryFolder } from "./support/site.ts";

const readme = (...runs: string[]) =>
  `---\nversions: sh\nruns:\n${runs.map((run) => `  - ${run}\n`).join("")}---\n\n- \`run.sh\`: It.\n`;
const files = {
  "same.md": articleFile({ title: "Same" }),
  "examples/same/README.md": readme(
    '{ command: sh run.sh, output: a.txt, seconds: 1, varies: ["\\\\d+ ms"] }',
    "{ command: date, output: a.txt, seconds: 1, needs: [Java 999, no-such-program, H2 at /no/such/file, Node 20] }",
  ),
  "examples/same/run.sh":
    "pwd | sed 's/.*examples/in examples/'; echo $TZ $LC_ALL; echo 'error æ' >&2; echo 'took 12 ms'; exit 3\n",
  "examples/same/a.txt": "in examples/same\nUTC C.UTF-8\nerror æ\ntook 9 ms\n",
  "other.md": articleFile({ title: "Other", draft: "true" }),
  "examples/other/README.md": readme("{ command: 'echo one; echo 2', output: a.txt, seconds: 1 }"),
  "examples/other/a.txt": "one\ntwo\n",
  "bare.md": articleFile({ title: "Bare" }),
};

let dir: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ dir, remove } = await articlesFolder(files));
});
afterEach(() => remove());

const examples = (...args: string[]) => callCommand(command, args, { ARTICLES_DIR: dir });

test("runs every example, shows what differs, and counts what it skipped, as a process", async () => {
  const { code, out, err } = await runCommand("examples", [], { ARTICLES_DIR: dir });
  expect(out.replace(/\d+\.\d s\b/g, "N s").split("\n")).toEqual([
    "other",
    "  echo one; echo 2: differs from a.txt, N s, exit code 0",
    "    - two",
    "    + 2",
    "same",
    "  sh run.sh: as stored, N s",
    expect.stringMatching(
      /^ {2}date: SKIPPED: needs Java 999.*, no-such-program, H2 \(\/no\/such\/file\)$/,
    ),
    "1 as stored, 0 stored, 1 skipped, 1 wrong.",
    "",
  ]);
  expect([code, err]).toEqual([1, "An example no longer prints what its article says.\n"]);
});

test("of one article runs only its example", async () => {
  const { code, out } = await examples("same");
  expect([code, out.startsWith("same\n"), out.includes("other")]).toEqual([0, true, false]);
});

test("with --write stores what is printed", async () => {
  expect((await examples("other", "--write")).out).toContain("stored in a.txt");
  expect(await readFile(path.join(dir, "examples/other/a.txt"), "utf8")).toBe("one\n2\n");
  expect((await examples("other")).code).toBe(0);
});

test("with an unknown slug lists the examples and exits with 2", async () => {
  const { code, err } = await examples("othr");
  expect([code, err]).toEqual([2, 'othr has no examples, did you mean "other"?\n']);
  expect((await examples("bare")).err).toBe("bare has no examples; use one of other, same\n");
});

test("a wrong README is reported", async () => {
  const own = await articlesFolder({ "a.md": articleFile(), "examples/a/README.md": "# A\n" });
  await remove();
  ({ dir, remove } = own);
  const { code, out } = await examples();
  expect([code, out.split("\n")[1]]).toEqual([
    1,
    "  README.md: npm run article -- check says what is wrong",
  ]);
});

test("a command that prints without end is ended with its children", async () => {
  const folder = await temporaryFolder();
  const run = { command: "yes & yes", output: "", needs: [], seconds: 1, varies: [], ranges: [] };
  const { ending, isComplete } = await runExample(folder.dir, run);
  await folder.remove();
  expect([isComplete, ending]).toEqual([
    false,
    expect.stringContaining("was ended: it printed more than 200 KB"),
  ]);
});

test("a version that is installed satisfies a need", () => {
  const needs = (...names: string[]) => names.map((name) => ({ name, file: undefined }));
  expect(
    missingNeeds([...needs("Node", "Node 26"), { name: "this program", file: process.execPath }]),
  ).toEqual([]);
  expect(missingNeeds(needs("Node 999"))).toEqual([
    `Node 999 (installed: ${process.versions.node.split(".")[0]})`,
  ]);
});
