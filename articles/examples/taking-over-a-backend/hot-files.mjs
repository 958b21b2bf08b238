// Lists the files of a Git repository by how often they changed, with the last author and whether that author is still active.
//
//   node hot-files.mjs REPOSITORY [PATTERN] [SINCE] [ROWS]
//
// PATTERN is a regular expression for paths (default: source files outside of tests). SINCE is anything that `git log --since` takes.
// An author counts as active with a commit on any branch in the year before the newest one. Merges are not counted. A moved file starts anew.
import { execFileSync } from "node:child_process";

const [repository = ".", pattern = String.raw`^(?!.*\btest).*\.(java|kt|go|py|rb|ts|js|cs|php|sql)$`, since = "5 years ago", rows = "12"] =
    process.argv.slice(2);
const git = (...args) => execFileSync("git", ["-C", repository, ...args], { encoding: "utf8", maxBuffer: 2 ** 30 });
const wanted = new RegExp(pattern);
const present = git("ls-files").split("\n").filter((path) => wanted.test(path));

const newest = Number(git("log", "-1", "--format=%ct"));
const authors = (...branches) =>
    new Set(git("log", ...branches, "--no-merges", `--since=${newest - 365 * 86_400}`, "--format=%an").trim().split("\n").filter(Boolean));
const active = authors("--all");
const activeHere = authors();

const files = new Map(present.map((path) => [path, { recent: 0, all: 0, last: "", when: "", authors: new Map() }]));
const cutoff = git("rev-parse", `--since=${since}`).trim().replace("--max-age=", "");
let commit;
for (const line of git("log", "--no-merges", "--no-renames", "--format=\t%ct\t%an", "--name-only").split("\n")) {
    if (line.startsWith("\t")) {
        const [, time, author] = line.split("\t");
        commit = { time: Number(time), author };
        continue;
    }
    const file = files.get(line);
    if (!file) continue;
    file.all++;
    if (commit.time >= Number(cutoff)) file.recent++;
    file.authors.set(commit.author, (file.authors.get(commit.author) ?? 0) + 1);
    if (!file.last) Object.assign(file, { last: commit.author, when: new Date(commit.time * 1000).toISOString().slice(0, 10) });
}

const all = [...files].map(([path, file]) => ({ path, ...file }));
const share = (n) => `${n} of ${all.length} files (${Math.round((100 * n) / all.length)} %)`;
const changed = all.filter(({ recent }) => recent > 0);
const byChanges = all.toSorted((a, b) => b.all - a.all || (a.path < b.path ? -1 : 1));
const total = all.reduce((sum, file) => sum + file.all, 0);
let half = 0;
for (let sum = 0; sum < total / 2; half++) sum += byChanges[half].all;
console.log(`authors active in the last year, any branch: ${[...active].sort().join(", ") || "none"}`);
console.log(`changed since ${since}: ${share(changed.length)}`);
console.log(`half of all changes, ever: ${share(half)}`);
console.log(`only one author, ever: ${share(all.filter(({ authors }) => authors.size === 1).length)}`);
console.log(`last author not active on any branch: ${share(all.filter(({ last }) => !active.has(last)).length)}`);
console.log(`last author not active on this branch: ${share(all.filter(({ last }) => !activeHere.has(last)).length)}\n`);
console.log("changes  recent  authors  last change  last author        file");
for (const { all: n, recent, authors, when, last, path } of byChanges.slice(0, Number(rows))) {
    console.log(
        `${String(n).padStart(7)}  ${String(recent).padStart(6)}  ${String(authors.size).padStart(7)}  ${when}   ${last.slice(0, 17).padEnd(17)}  ${path.split("/").at(-1)}`,
    );
}
