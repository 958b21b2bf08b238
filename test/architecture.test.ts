// Rules that neither the linter nor the type check knows: the real clock, escaping in views, links in
// the documentation, and the files of a container.

import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import GithubSlugger from "github-slugger";

const projectDir = path.resolve(import.meta.dirname, "..");
const read = (name: string) => readFileSync(path.join(projectDir, name), "utf8");
const filesIn = (...patterns: string[]) => globSync(patterns, { cwd: projectDir }).sort();

/** Returns "file: match" for each match of the pattern in the files. */
const matches = (files: string[], pattern: RegExp, textOf = read) =>
  files.flatMap((name) => [...textOf(name).matchAll(pattern)].map(([all]) => `${name}: ${all}`));

test("only src/main.ts and src/cli/ read a clock, and no import a timer", () => {
  const files = filesIn("src/**/*.ts").filter((name) => !/^src\/(main\.ts|cli\/)/.test(name));
  const withoutComments = (name: string) => read(name).replace(/^\s*(\/\/|\/?\*).*$/gm, "");
  const clock = /\bnew Date(\(\s*\)|\s*[;,)])|\bDate\.now\b|\bDate\(\)/g;
  expect(matches(files, clock, withoutComments)).toEqual([]);
  const timer = /^(?!\s)((?!function|=>).)*\bset(Interval|Timeout)\(/gm;
  expect(matches(files, timer, withoutComments)).toEqual([]);
});

test("views escape the values that they print", () => {
  // Plain text needs no escaping. A page's own HTML and what these functions return is escaped
  // already, and a drawing and its rows are SVG that a program of this repository wrote.
  const views = filesIn("views/**/*.ejs").filter((name) => !/\.(text|txt|md)\.ejs$/.test(name));
  const unescaped =
    /<%-(?!\s*(include\(|withWordBreaks\(|hit\.(title|excerpt) |([\w.]+\.html|body\.slice\([\w, ]+\)|content|line|css|html|body|page\.structuredData|((small|whole)\.)?drawing|small\.rows\.at\(-?\d\)|optional|attributes)\s*[-_]?%>))[^%]*/g;
  expect(matches(views, unescaped)).toEqual([]);
});

test("ids in views begin with page-, apart from those of headings", () => {
  const views = filesIn("views/{pages,partials}/*.ejs", "views/layout.ejs");
  const others = /\bid="(?!page-|L<%= line %>"|<%= id %>)[^"]*"|\bid = `(?!page-|L\$\{)[^`]*`/g;
  expect(matches(views, others)).toEqual([]);
});

test("views name pages by href, and type no path", () => {
  // Matches a path in an attribute, in a string of JavaScript, or after the origin.
  const typed = /(?<=["'`]|siteUrl %>)\/[a-z#][^"'`\s]*|siteUrl %>\/|(?<=["'`])\/(?=["'`])/g;
  expect(matches(filesIn("views/**/*.ejs"), typed)).toEqual([]);
});

const pages = filesIn("*.md", "docs/**/*.md");

/** Returns the ids that GitHub gives to the headings of a page. */
function headingIds(page: string): string[] {
  const slugger = new GithubSlugger();
  const headings = read(page)
    .replace(/^```[\s\S]*?^```/gm, "")
    .matchAll(/^#+ (.+)$/gm);
  return Array.from(headings, ([, heading = ""]) =>
    slugger.slug(heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")),
  );
}

test.each(pages)("links and paths in %s lead to files and headings that exist", (page) => {
  const text = read(page);
  const links = Array.from(
    text.replace(/^```[\s\S]*?^```|`[^`\n]*`/gm, "").matchAll(/\]\(([^)\s#]*)(?:#([^)\s]+))?/g),
    ([, to = "", id]) => ({ to: to ? path.posix.join(path.dirname(page), to) : page, id }),
  ).filter(({ to }) => !to.includes(":") && !to.startsWith("/"));
  // Of articles only the tables: guides make up names of articles.
  const paths = Array.from(
    text.matchAll(
      /`(articles\/\w+\.yaml|(?:src|test|views|static|docs|bench|ops|\.ci|\.github)\/[\w./-]*)`/g,
    ),
    ([, name = ""]) => name,
  );
  // A decision is history: it may name files that were deleted since.
  const named = [
    ...links.map(({ to }) => to),
    ...(page.startsWith("docs/decisions/") ? [] : paths),
  ];
  expect(named.filter((name) => !existsSync(path.join(projectDir, name)))).toEqual([]);
  const dead = links.filter(({ to, id }) => id && !headingIds(to).includes(id));
  expect(dead).toEqual([]);
});

test("the lines of TypeScript in STYLE.md are lines of the source", () => {
  const lines = [...read("STYLE.md").matchAll(/^```ts\n([\s\S]*?)^```/gm)].flatMap(
    ([, block = ""]) => block.trim().split("\n"),
  );
  const source = new Set(
    filesIn("src/**/*.ts").flatMap((name) =>
      read(name)
        .split("\n")
        .map((line) => line.trim()),
    ),
  );
  expect(lines.length).toBeGreaterThan(2);
  expect(lines.filter((line) => !source.has(line))).toEqual([]);
});

test("a container gets exactly the files that .dockerignore allows", () => {
  const named = (name: string, pattern: RegExp) =>
    new Set([...read(name).matchAll(pattern)].flatMap(([, names = ""]) => names.split(" ")));
  const copied = named("Dockerfile", /^COPY (?!--from)(.+) \S+$/gm);
  expect(copied).toEqual(named(".dockerignore", /^!(.+)$/gm));
  expect([...copied].filter((name) => !existsSync(path.join(projectDir, name)))).toEqual([]);
});
