// Takes two sentences of this repository's decision records as conditions and asks every commit whether they hold.
// node replay.mjs [last commit, default HEAD]

import { execFileSync } from "node:child_process";

const last = process.argv[2] ?? "HEAD";
const git = (...args) => execFileSync("git", args, { encoding: "utf8", maxBuffer: 64 << 20 });
const lines = (text) => text.split("\n").filter(Boolean);
const repository = git("rev-parse", "--show-toplevel").trim();
process.chdir(repository);

const files = (commit, ...where) => lines(git("ls-tree", "-r", "--name-only", commit, "--", ...where));
const show = (commit, file) => git("show", `${commit}:${file}`);
const record = (commit, number) => files(commit, "docs/decisions/").find((file) => file.includes(`/${number}-`));

/** Lines of code as test/house-rules.test.ts counts them: no blank lines, no comments. */
function linesOfCode(commit) {
  const source = files(commit, "src/").filter((file) => /\.(ts|cjs)$/.test(file));
  const isCode = (line) => !/^\s*(\/\/|\*|\/\*|$)/.test(line);
  return source.reduce((sum, file) => sum + show(commit, file).split("\n").filter(isCode).length, 0);
}

/** Runtime dependencies that the table of record 6 does not explain. */
function unexplained(commit) {
  const text = show(commit, record(commit, "0006"));
  const named = new Set();
  for (const [, cell] of text.matchAll(/^\| ([^|]+) \|/gm)) {
    let scope = ""; // "@shikijs/core, engine-javascript" names two packages of one scope
    for (const word of cell.split(/,\s*/).map((w) => w.trim())) {
      if (word.startsWith("@")) scope = `${word.split("/")[0]}/`;
      named.add(word).add(scope + word);
    }
  }
  return Object.keys(JSON.parse(show(commit, "package.json")).dependencies).filter((name) => !named.has(name));
}

const conditions = [
  ["0009", "src/ is under 3,500 lines of code", (c) => [linesOfCode(c) < 3_500, `${linesOfCode(c)} lines`]],
  ["0006", "every runtime dependency has a reason", (c) => [unexplained(c).length === 0, unexplained(c).join(", ") || "all explained"]],
];

const history = lines(git("log", "--first-parent", "--reverse", "--format=%h %ad", "--date=format:%H:%M", last));
for (const [number, condition, ask] of conditions) {
  console.log(`${number}: ${condition}`);
  let before;
  for (const entry of history) {
    const commit = entry.split(" ")[0];
    if (!record(commit, number)) continue;
    const [holds, seen] = ask(commit);
    if (holds !== before) console.log(`  ${entry}  ${holds ? "holds" : "FAILS"}  ${seen}`);
    before = holds;
  }
  const end = history.at(-1);
  console.log(`  ${end}  ${before ? "holds" : "FAILS"}  ${ask(end.split(" ")[0])[1]} (last commit asked)`);
}

console.log("Edits after the commit that added the record");
const newest = history.at(-1).split(" ")[0];
for (const file of files(newest, "docs/decisions/")) {
  const commits = lines(git("log", "--format=%h", newest, "--", file));
  if (commits.length > 1) console.log(`  ${file.split("/").pop()}  ${commits.length - 1}`);
}
