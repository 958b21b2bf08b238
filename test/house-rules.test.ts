// The rules of the house, which the README explains, held by reading the source. A failure says which file and why the rule is there.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const projectDir = path.resolve(import.meta.dirname, "..");

type File = { name: string; text: string; code: string; imports: string[] };

/** The files below a folder, named from the project's folder; `code` is without comments. */
function filesIn(folder: string, ending: RegExp): File[] {
  const names = readdirSync(path.join(projectDir, folder), { recursive: true, encoding: "utf8" }).sort();
  return names
    .filter((name) => ending.test(name))
    .map((name) => {
      const text = readFileSync(path.join(projectDir, folder, name), "utf8");
      const code = text.replace(/^\s*(\/\/|\/?\*).*$/gm, "").replace(/(\s)\/\/ .*$/gm, "$1");
      const imports = [...code.matchAll(/\b(?:from|import)\s*\(?\s*["'`]([^"'`]+)/g)].map(([, from = ""]) => from);
      return { name: path.posix.join(folder, name.replaceAll(path.sep, "/")), text, code, imports };
    });
}

const source = filesIn("src", /\.(ts|cjs)$/);
const views = filesIn("views", /\.ejs$/);

/** Fails with the reason and the places where it is broken. */
function hold(reason: string, broken: string[]): void {
  if (broken.length > 0) throw new Error(`${reason}\nBroken in:\n${broken.map((place) => `  ${place}`).join("\n")}`);
}

const ownsTheProcess = /^src\/(main\.ts|cli\/.*|check-node\.cjs)$/;
const isDomain = /^src\/(articles|inquiries)\//;

test("only src/web/ knows Express", () => {
  const broken = source.filter(({ name, imports }) => !name.startsWith("src/web/") && imports.includes("express"));
  hold(
    "HTTP stays at the edge, so that Express can be replaced there and the rest is tested without a server.",
    broken.map(({ name }) => name),
  );
});

test("src/articles/ and src/inquiries/ know neither the settings nor HTTP nor the process", () => {
  const broken = source
    .filter(({ name }) => isDomain.test(name))
    .flatMap(({ name, imports, code }) => [
      ...imports.filter((from) => /^express$|\/(config|site|main)\.ts$|\/web\//.test(from)).map((from) => `${name} imports ${from}`),
      ...(/\bprocess\.|["']node:process["']/.test(code) ? [`${name} uses process`] : []),
    ]);
  hold("The domain is handed what it needs, so each part is understood and tested alone.", broken);
});

test("only src/main.ts and src/cli/ touch the process and read a clock", () => {
  const touches: [RegExp, string][] = [
    [/\bprocess\.|["']node:process["']/, "process"],
    [/\bnew Date(\(\s*\)|\s*[;,)])/, "new Date()"],
    [/\bDate\.now\b|\bDate\(\)/, "Date.now()"],
    [/\bperformance\.now\b|["']node:perf_hooks["']/, "performance.now()"],
    [/^(?!\s)((?!function|=>).)*\bset(Interval|Timeout)\(/m, "a timer that starts on import"],
  ];
  const broken = source
    .filter(({ name }) => !ownsTheProcess.test(name))
    .flatMap(({ name, code }) => touches.filter(([pattern]) => pattern.test(code)).map(([, what]) => `${name}: ${what}`));
  hold("Time, settings and exits come from outside, so tests set the clock and importing a file does nothing.", broken);
});

test("src/ does not grow", () => {
  // Lines of code: a limit that counted comments would be paid for with them (docs/decisions/0010).
  const isCode = (line: string) => !/^\s*(\/\/|\*|\/\*|$)/.test(line);
  const lines = source.reduce((sum, { text }) => sum + text.split("\n").filter(isCode).length, 0);
  hold(
    "What src/ has reached is its limit: delete something before adding, and lower the limit when you have deleted.",
    lines < 5_300 ? [] : [`src/ has ${lines} lines`],
  );
});

test("views escape what they show", () => {
  const trusted = /^<%-\s*(include\(|breakable\(|asJsonLd\(|(content|css|body|traceSlot|optional|attributes)\s*[-_]?%>)/;
  const broken = views
    .filter(({ name }) => !/\.(text|txt|md)\.ejs$/.test(name)) // plain text: its escape is off anyway
    .flatMap(({ name, text }) => [...text.matchAll(/<%-[^%]*%?>?/g)].map(([hole]) => ({ name, hole })))
    .filter(({ hole }) => !trusted.test(hole))
    .map(({ name, hole }) => `${name}: ${hole}`);
  hold("<%- puts text into the page as it is; what a person typed becomes markup there. Use <%= instead.", broken);
});

test("the README tells the rules", () => {
  const readme = readFileSync(path.join(projectDir, "README.md"), "utf8");
  const missing = ["src/articles/", "src/web/", "src/site.ts"].filter((words) => !readme.includes(words));
  hold("Who comes new reads the three rules first, and each begins with the folder it is about.", missing);
});

test("docs/operations.md tells what to do about each alarm", () => {
  const page = readFileSync(path.join(projectDir, "docs/operations.md"), "utf8").replace(/\s+/g, " ");
  const logged = source.flatMap(({ text }) => [...text.matchAll(/\blog(?:\.error|\.warn|\[level\])\((?:.*, )?["`]([^"`$]+)/g)]);
  const problems = source.flatMap(({ name, text }) => (name.endsWith("/watch.ts") ? [...text.matchAll(/\[[`"]([^`"$]+?) ?[:$]/g)] : []));
  const steps = source.flatMap(({ text }) => [...text.matchAll(/\bfails\("(\w+)"/g)].map(([all, step = ""]) => [all, `\`${step}\``]));
  const missing = [...logged, ...problems, ...steps].map(([, words = ""]) => words).filter((words) => !page.includes(words));
  hold(
    "Who is woken looks up the words of the alarm there.",
    [...new Set(missing)].filter((words) => words !== "request"),
  );
});
