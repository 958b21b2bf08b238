// The architecture rules of docs/architecture.md, checked by reading the source. A failure names the file and the reason for the rule.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const projectDir = path.resolve(import.meta.dirname, "..");

type File = { name: string; text: string; code: string; imports: string[] };

/** Returns the files in a folder and its subfolders. Names are relative to the project's folder; `code` is the text without comments. */
function filesIn(folder: string, ending: RegExp): File[] {
  const names = readdirSync(path.join(projectDir, folder), {
    recursive: true,
    encoding: "utf8",
  }).sort();
  return names
    .filter((name) => ending.test(name))
    .map((name) => {
      const text = readFileSync(path.join(projectDir, folder, name), "utf8");
      const code = text.replace(/^\s*(\/\/|\/?\*).*$/gm, "").replace(/(\s)\/\/ .*$/gm, "$1");
      const imports = [...code.matchAll(/\b(?:from|import)\s*\(?\s*["'`]([^"'`]+)/g)].map(
        ([, from = ""]) => from,
      );
      return { name: path.posix.join(folder, name.replaceAll(path.sep, "/")), text, code, imports };
    });
}

const source = filesIn("src", /\.(ts|cjs)$/);
const views = filesIn("views", /\.ejs$/);

/** Throws with the reason for the rule and the places that break it, if there are any. */
function expectNone(reason: string, broken: string[]): void {
  if (broken.length > 0)
    throw new Error(`${reason}\nBroken in:\n${broken.map((place) => `  ${place}`).join("\n")}`);
}

const ownsTheProcess = /^src\/(main\.ts|cli\/.*|check-node\.cjs)$/;
const isDomain = /^src\/(articles|inquiries)\//;

test("only src/web/ imports Express", () => {
  const broken = source.filter(
    ({ name, imports }) => !name.startsWith("src/web/") && imports.includes("express"),
  );
  expectNone(
    "The other folders do not depend on HTTP, so they are tested without a server.",
    broken.map(({ name }) => name),
  );
});

test("src/articles/ and src/inquiries/ use neither the configuration nor HTTP nor the process", () => {
  const broken = source
    .filter(({ name }) => isDomain.test(name))
    .flatMap(({ name, imports, code }) => [
      ...imports
        .filter((from) => /^express$|\/(config|site|main)\.ts$|\/web\//.test(from))
        .map((from) => `${name} imports ${from}`),
      ...(/\bprocess\.|["']node:process["']/.test(code) ? [`${name} uses process`] : []),
    ]);
  expectNone(
    "The domain receives what it needs as parameters, so each part can be understood and tested alone.",
    broken,
  );
});

test("only src/main.ts and src/cli/ use the process and read a clock", () => {
  const touches: [RegExp, string][] = [
    [/\bprocess\.|["']node:process["']/, "process"],
    [/\bnew Date(\(\s*\)|\s*[;,)])/, "new Date()"],
    [/\bDate\.now\b|\bDate\(\)/, "Date.now()"],
    [/\bperformance\.now\b|["']node:perf_hooks["']/, "performance.now()"],
    [/^(?!\s)((?!function|=>).)*\bset(Interval|Timeout)\(/m, "a timer that starts on import"],
  ];
  const broken = source
    .filter(({ name }) => !ownsTheProcess.test(name))
    .flatMap(({ name, code }) =>
      touches.filter(([pattern]) => pattern.test(code)).map(([, what]) => `${name}: ${what}`),
    );
  expectNone(
    "Time and configuration are parameters, so tests control the clock, and importing a file has no effect.",
    broken,
  );
});

/** Returns one import circle for each file that is in one, as "a -> b -> a". `graph` maps a file to the files that it imports. */
function circlesIn(graph: Map<string, string[]>): string[] {
  const circles: string[] = [];
  const finished = new Set<string>();
  const visit = (name: string, path: string[]): void => {
    if (path.includes(name)) circles.push([...path.slice(path.indexOf(name)), name].join(" -> "));
    if (path.includes(name) || finished.has(name)) return;
    for (const imported of graph.get(name) ?? []) visit(imported, [...path, name]);
    finished.add(name);
  };
  for (const name of graph.keys()) visit(name, []);
  return circles;
}

test("a cycle of imports is found", () => {
  const graph = new Map([
    ["a", ["b"]],
    ["b", ["c", "d"]],
    ["c", ["d"]],
    ["d", ["b"]],
  ]);
  expect(circlesIn(graph)).toEqual(["b -> c -> d -> b"]);
});

test("no files of src/ import each other in a cycle, type imports included", () => {
  const graph = new Map(
    source.map(({ name, imports }) => {
      const local = imports.filter((from) => from.startsWith("."));
      return [name, local.map((from) => path.posix.join(path.posix.dirname(name), from))];
    }),
  );
  const missing = [...graph.values()]
    .flat()
    .filter((name) => name.endsWith(".ts") && !graph.has(name));
  expect(missing).toEqual([]);
  expectNone("Files in a circle can only be understood and tested together.", circlesIn(graph));
});

test("views escape the values that they print", () => {
  const trusted =
    /^<%-\s*(include\(|withWordBreaks\(|asJsonLd\(|(content|css|body|optional|attributes)\s*[-_]?%>)/;
  const broken = views
    .filter(({ name }) => !/\.(text|txt|md)\.ejs$/.test(name)) // plain text needs no escaping
    .flatMap(({ name, text }) =>
      [...text.matchAll(/<%-[^%]*%?>?/g)].map(([hole]) => ({ name, hole })),
    )
    .filter(({ hole }) => !trusted.test(hole))
    .map(({ name, hole }) => `${name}: ${hole}`);
  expectNone(
    "<%- prints text without escaping it, so text that a person typed can become markup. Use <%= instead.",
    broken,
  );
});

test("docs/operations.md describes each alert", () => {
  const page = readFileSync(path.join(projectDir, "docs/operations.md"), "utf8").replace(
    /\s+/g,
    " ",
  );
  const logged = source.flatMap(({ text }) => [
    ...text.matchAll(/\blog(?:\.error|\.warn|\[level\])\((?:.*, )?["`]([^"`$]+)/g),
  ]);
  const problems = source.flatMap(({ name, text }) =>
    name.endsWith("/alerts.ts") ? [...text.matchAll(/\[[`"]([^`"$]+?) ?[:$]/g)] : [],
  );
  const steps = source.flatMap(({ text }) =>
    [...text.matchAll(/\bfails\("(\w+)"/g)].map(([all, step = ""]) => [all, `\`${step}\``]),
  );
  const missing = [...logged, ...problems, ...steps]
    .map(([, words = ""]) => words)
    .filter((words) => !page.includes(words));
  expectNone(
    "A person who receives an alert searches docs/operations.md for its words.",
    [...new Set(missing)].filter((words) => words !== "request"),
  );
});

test("docs/operations.md names one command to run first for each alert", () => {
  const page = readFileSync(path.join(projectDir, "docs/operations.md"), "utf8");
  const rows = page.slice(page.indexOf("## Each alert")).match(/^\| .*`.*$/gm) ?? [];
  const broken = rows.filter((row) => !/^\| .+? \| (\*\*`[^`]+`\*\*|none)(, [^|]+)? \| /.test(row));
  expect(rows.length).toBeGreaterThan(30);
  expectNone("An alert at night needs one command, in the second column.", broken);
});
