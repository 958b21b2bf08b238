// Breaks one line at a time and counts the tests that notice.
//
//   node mutate.mjs REPOSITORY PLAN [FROM TO] -- TEST COMMAND…
//
// Each line of PLAN is `PATH:LINE OPERATION`:
//   drop    leave out the statement that starts on that line
//   negate  turn the condition of the `if` on that line into its opposite
//   true, false   return that, whatever the `return` on that line says
// The command runs in REPOSITORY. Its exit code and the last `Failures: n, Errors: n` that it prints say what was noticed.
// A file is put back after each run. Work on a copy all the same.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const split = process.argv.indexOf("--");
const [repository, plan, from = "1", to = "9999"] = process.argv.slice(2, split);
const [command, ...args] = process.argv.slice(split + 1);

/** The source with the statement or condition that starts on the line changed. */
function broken(source, line, operation) {
    const lines = source.split("\n");
    const before = lines.slice(0, line - 1).join("\n") + "\n";
    const rest = lines.slice(line - 1).join("\n");
    if (operation === "drop") return before + rest.slice(0, rest.search(/\S/)) + rest.slice(end(rest, ";"));
    if (operation === "negate") {
        const open = rest.search(/\bif\s*\(/);
        const start = rest.indexOf("(", open);
        const length = end(rest.slice(start), ")");
        return `${before}${rest.slice(0, start)}(!${rest.slice(start, start + length)})${rest.slice(start + length)}`;
    }
    const start = rest.indexOf("return");
    return `${before}${rest.slice(0, start)}return ${operation}${rest.slice(start + end(rest.slice(start), ";") - 1)}`;
}

/** The position after the first such sign outside of brackets and strings, or after the bracket that closes the first one. */
function end(text, sign) {
    let depth = 0;
    for (let i = 0; i < text.length; i++) {
        if (text[i] === '"') while (text[++i] !== '"') if (text[i] === "\\") i++;
        if ("([{".includes(text[i])) depth++;
        if (")]}".includes(text[i])) depth--;
        if (text[i] === sign && depth === 0) return i + 1;
    }
    throw new Error(`no ${sign}`);
}

const entries = readFileSync(plan, "utf8").split("\n").filter((line) => line && !line.startsWith("#"));
for (const entry of entries.slice(Number(from) - 1, Number(to))) {
    const [place, operation] = entry.split(/\s+/);
    const [path, line] = place.split(":");
    const file = join(repository, path);
    const source = readFileSync(file, "utf8");
    const begin = Date.now();
    let result;
    try {
        writeFileSync(file, broken(source, Number(line), operation));
        result = spawnSync(command, args, { cwd: repository, encoding: "utf8", maxBuffer: 2 ** 30 });
    } finally {
        writeFileSync(file, source);
    }
    const output = result.stdout + result.stderr;
    const [, failures = 0, errors = 0] = output.match(/[^]*Tests run: \d+, Failures: (\d+), Errors: (\d+)/) ?? [];
    const n = Number(failures) + Number(errors);
    // Which ones: a test that fails now and then would look as if it had noticed something.
    const names = [...new Set([...output.matchAll(/^\[ERROR\] +([A-Z]\w+\.\w+)/gm)].map(([, name]) => name))];
    const verdict = result.status === 0 ? "nothing" : n > 0 ? `${n} ${n === 1 ? "test" : "tests"}` : "does not compile";
    const seconds = Math.round((Date.now() - begin) / 1000);
    console.log(`${verdict.padEnd(16)}  ${operation.padEnd(6)}  ${path.split("/").at(-1)}:${line}  (${seconds} s)  ${names.slice(0, 3).join(", ")}`);
}
