// The documentation against the files of the project: links and paths lead to files that exist, and
// every npm script is described.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const projectDir = path.resolve(import.meta.dirname, "..");
const read = (name: string) => readFileSync(path.join(projectDir, name), "utf8");

const topLevel = ["README.md", "CONTRIBUTING.md", "SECURITY.md"];
const inDocs = readdirSync(path.join(projectDir, "docs"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".md"))
  .map((name) => path.posix.join("docs", name.replaceAll(path.sep, "/")))
  .sort();
const pages = [...topLevel, ...inDocs];

/** The targets of relative Markdown links, without their fragments, as paths in the project. */
function linkedPaths(page: string): string[] {
  const prose = read(page).replace(/`[^`\n]*`/g, ""); // links in code are examples
  const targets = Array.from(prose.matchAll(/\]\(([^)\s]+)\)/g), ([, target = ""]) =>
    target.replace(/#.*$/, ""),
  );
  return targets
    .filter((target) => target && !/^[a-z]+:|^\//i.test(target))
    .map((target) => path.posix.join(path.dirname(page), target));
}

/** The paths in code marks that begin with a folder of the project, such as `src/site.ts`. */
function namedPaths(page: string): string[] {
  const code = Array.from(read(page).matchAll(/`([^`\n]+)`/g), ([, text = ""]) => text);
  return code.filter((text) =>
    /^(src|test|views|static|docs|bench|\.ci|\.github)\/[\w./-]*$/.test(text),
  );
}

/** Throws with the names that do not exist, if there are any. */
function expectFiles(page: string, names: string[]): void {
  const missing = names.filter((name) => !existsSync(path.join(projectDir, name)));
  if (missing.length > 0)
    throw new Error(`${page} names files that do not exist:\n  ${missing.join("\n  ")}`);
}

test.each(pages)("relative links in %s lead to files that exist", (page) => {
  expectFiles(page, linkedPaths(page));
});

// Decisions are history: they may name files that were deleted since.
test.each(pages.filter((page) => !page.startsWith("docs/decisions/")))(
  "paths in %s are those of files that exist",
  (page) => {
    expectFiles(page, namedPaths(page));
  },
);

test("docs/commands.md names every npm script", () => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  const commands = read("docs/commands.md");
  const invocation = (script: string) =>
    ["start", "test"].includes(script) ? `npm ${script}` : `npm run ${script}`;
  const missing = Object.keys(scripts)
    .map(invocation)
    .filter((text) => !new RegExp(`${text}(?![\\w:-])`).test(commands));
  expect(missing).toEqual([]);
});

test(".dockerignore allows exactly the files that the Containerfile copies, and each exists", () => {
  const lines = (name: string, pattern: RegExp) =>
    Array.from(read(name).matchAll(pattern), ([, paths = ""]) => paths.split(" ")).flat();
  const copied = [...new Set(lines("Containerfile", /^COPY (?!--from)(.+) \S+$/gm))].sort();
  expect(copied).toEqual(lines(".dockerignore", /^!(.+)$/gm).sort());
  expectFiles("Containerfile", copied);
});

test("the README links to every page in docs/", () => {
  const linked = linkedPaths("README.md");
  expect(
    inDocs.filter((page) => !page.startsWith("docs/decisions/") && !linked.includes(page)),
  ).toEqual([]);
});

const decisions = pages.filter((page) => page.startsWith("docs/decisions/"));
const holding = decisions.filter((page) => !/^(Replaced|Removed)\b/.test(read(page)));

test("pages of decisions are either current, or begin with Replaced or Removed", () => {
  expect(holding.length).toBeGreaterThan(0);
  expect(holding.length).toBeLessThan(decisions.length);
});

test.each(holding)(
  "%s ends with the condition under which it holds, and who or what notices a change",
  (page) => {
    expect(read(page)).toMatch(
      /\n\n\*\*Holds while:\*\* \S[^]+?\s\*\*Noticed by:\*\*\s\S[^]+\.\n$/,
    );
  },
);

test("decision 22 holds: there are at most 500 articles", () => {
  const articles = readdirSync(path.join(projectDir, "articles")).filter((name) =>
    name.endsWith(".md"),
  );
  expect(articles.length).toBeLessThanOrEqual(500);
});
