// Tests `npm run examples`: it runs the commands that READMEs name, and compares what they print.

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { copyFile, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { articlesFolder } from "./support/articles.ts";

const script = path.resolve(import.meta.dirname, "../articles/examples/run.ts");
const readme = (...lines: string[]) => `# It\n\n${lines.map((line) => `- ${line}\n`).join("")}`;
const prints = (command: string, note = "") =>
  `\`${command}\` prints [a.txt](a.txt) in about one second.${note}`;
const files = {
  "examples/endless/README.md": readme(prints("sleep 600 >pipe")),
  "examples/other/README.md": readme(prints("echo one; echo 2")),
  "examples/other/a.txt": "one\ntwo\n",
  "examples/prose/README.md": readme("Run `sh run.sh`."),
  "examples/same/README.md": readme(
    "[run.sh](run.sh): A program.",
    prints("sh run.sh"),
    prints("date", " Parts of the output vary."),
    prints("no-such-program"),
    prints("echo no; exit 4", " Parts of the output vary."),
  ),
  "examples/same/run.sh": "basename $PWD; echo $TZ $LC_ALL; echo 'error æ' >&2; exit 3\n",
  "examples/same/a.txt": "same\nUTC C.UTF-8\nerror æ\n",
};

const folder = await articlesFolder(files);
await copyFile(script, folder.at("examples/run.ts"));

/** Runs the script, as beside the articles, and returns the exit code and what it printed. */
function run(...args: string[]) {
  const all = [folder.at("examples/run.ts"), ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, all, { encoding: "utf8" });
  return [status, stdout + stderr] as const;
}

test("examples are run and compared, unless their output varies", () => {
  const [code, output] = run("other", "same");
  expect([code, ...output.split("\n")]).toEqual([
    1,
    "other",
    "  echo one; echo 2 (a.txt): DIFFERS at line 2",
    '    stored:  "two"',
    '    printed: "2"',
    "    If this is right, delete a.txt and run it again to replace it.",
    "same",
    "  sh run.sh (a.txt): as stored",
    "  date (a.txt): ran; its output varies",
    "  no-such-program (a.txt): skipped: no-such-program is not installed",
    "  echo no; exit 4 (a.txt): FAILED with exit code 4; nothing was written. The end of what it printed:",
    "no",
    "",
  ]);
});

test("an output that is missing is written, unless the program fails", async () => {
  await rm(folder.at("examples/other/a.txt"));
  expect(run("other")).toEqual([0, "other\n  echo one; echo 2 (a.txt): written\n"]);
  expect(await readFile(folder.at("examples/other/a.txt"), "utf8")).toBe("one\n2\n");
  await rm(folder.at("examples/same/a.txt"));
  const failed =
    "  sh run.sh (a.txt): FAILED with exit code 3; nothing was written. The end of what it printed:\nsame";
  expect(run("same")).toEqual([1, expect.stringContaining(failed)]);
});

test("a call without a known article, or a README without a command, fails", () => {
  const all = "use one of endless, other, prose, same\n";
  expect(run()).toEqual([2, `Usage: npm run examples -- SLUG…; ${all}`]);
  expect(run("othr")).toEqual([2, `othr has no examples; ${all}`]);
  const none = "  no line of README.md has the form - `COMMAND` prints [a.txt](a.txt)\n";
  expect(run("prose")).toEqual([1, `prose\n${none}`]);
});

test("an interrupt ends the programs that the examples have started", async () => {
  const pipe = folder.at("examples/endless/pipe"); // it ends with the last program that writes to it
  execFileSync("mkfifo", [pipe]);
  const child = spawn(process.execPath, [folder.at("examples/run.ts"), "endless", "same"]);
  const written = createReadStream(pipe);
  await once(written, "open");
  child.kill("SIGINT");
  expect(await once(child, "close")).toEqual([130, null]);
  await once(written.resume(), "end");
});
