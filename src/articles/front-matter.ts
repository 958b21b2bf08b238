// Reads and validates an article file and authors.yaml. Reports all errors, each with its line.

import path from "node:path";
import { loadAll, YAMLException } from "js-yaml";
import type { z } from "zod";
import {
  authorsSchema,
  frontMatterSchema,
  slugPattern,
  type Article,
  type ArticleText,
  type Author,
} from "./article.ts";
import type { Report } from "./article-error.ts";

/** Reads authors.yaml. Returns no author at all if there are errors. */
export function parseAuthors(source: string, report: Report): Map<string, Author> {
  const all = Object.entries(readYaml(source, authorsSchema, report)?.values ?? {});
  return new Map(all.map(([key, values]) => [key, { key, ...values }]));
}

/** An article's file as it was read. If it has no front matter, the whole file is the body. */
export type ArticleFile = ArticleText & {
  /** The article, or undefined if its file has errors. */
  article?: Article;
};

export function parseArticle(
  file: string,
  source: string,
  authors: Map<string, Author>,
  report: Report,
): ArticleFile {
  const slug = path.basename(file, ".md");
  const isSlug = slugPattern.test(slug);
  if (!isSlug) report(1, "the file's name becomes its URL: use lower case, digits and hyphens");
  const normalised = source.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
  const match = /^---[ \t]*\n([\s\S]*?\n)??---[ \t]*(?:\n|$)([\s\S]*)$/.exec(normalised);
  const [, yaml = "", body = normalised] = match ?? [];
  const above = normalised.slice(0, normalised.length - body.length).replace(/[^\n]/g, "");
  const text = { slug, file, body: above + body };
  if (!match)
    report(1, 'must start with title, description, author and date between two lines "---"');
  // A line break stands in place of the first "---", so that lines count from the top of the file.
  const read = match && readYaml(`\n${yaml.trimEnd()}`, frontMatterSchema, report);
  if (!read) return text;
  const { lines } = read;
  const { date: publishedAt, author: key, ...values } = read.values;
  const author = authors.get(key);
  if (author && isSlug)
    return { ...text, article: { ...text, ...values, author, publishedAt, lines } };
  // If there are no authors at all, the error is in authors.yaml, and is reported there once.
  if (!author && authors.size > 0)
    report(
      lines.get("author") ?? 1,
      `"author" must be one of those in authors.yaml, and "${key}" is not: use ${[...authors.keys()].join(", ")}`,
    );
  return text;
}

/**
 * The sentences that tell an author what to do. A pattern matches the parser's reason and the line,
 * in which ▸ marks where the parser stopped.
 */
const sentences: [pattern: RegExp, sentence: string][] = [
  [/^bad indentation.*▸:/, "has a second colon: put the value in quotes"],
  [/^bad indentation.*: *▸/, "has a value that begins with a special character: put it in quotes"],
  [
    /^bad indentation.*["'\]}] *▸/,
    "has text after a closing quote or bracket: put the whole value in quotes",
  ],
  [/^missed comma/, "has a second colon, or a comma is missing: put text with a colon in quotes"],
  [/^(deficient|unexpected end)/, "a quote or bracket is never closed, in this line or above"],
  [
    /^(can not read|expected ':'|end of the stream)/,
    "must be `key: value`; indent a continued value, and put --- above the text",
  ],
  [/^aliases/, "YAML aliases (*name) are not allowed: put a value that begins with * in quotes"],
];

/**
 * Reads YAML by a schema that is a `group`, or a record of them. Returns the values, and in `lines`
 * the line of each outer key, from 1, or undefined if it has reported an error.
 */
export function readYaml<Values extends object>(
  source: string,
  schema: z.ZodType<Values>,
  report: Report,
): { values: Values; lines: Map<string, number> } | undefined {
  const document = parseYaml(source, report);
  if (!document) return undefined; // further errors would mislead
  const lineOf = (path: PropertyKey[]) => findLine(source, path);
  const result = schema.safeParse(document.data, { reportInput: true });
  if (result.success) {
    const lines = Object.keys(result.data).map((key) => [key, lineOf([key])] as const);
    return { values: result.data, lines: new Map(lines) };
  }
  reportIssues(result.error.issues, lineOf, report);
  return undefined;
}

function parseYaml(source: string, report: Report) {
  try {
    // No YAML alias is allowed, because a few of them expand to gigabytes.
    const [data, ...others] = loadAll(source, { maxAliases: 0 });
    if (others.length === 0) return { data: data ?? {} };
    const separator = source.search(/\n(---|\.\.\.)/);
    report(lineAt(source, separator + 1), "the line --- must have nothing behind it");
  } catch (error) {
    if (!(error instanceof YAMLException) || !error.mark) throw error;
    const { reason } = error;
    const { line, column, position } = error.mark;
    const before = source.slice(position - column, position);
    const stopped = `${reason} in ${before}▸${source.slice(position)}`;
    const known = sentences.find(([pattern]) => pattern.test(stopped))?.[1];
    // The YAML parser notices these errors in the line below them.
    const isAbove = /^(deficient|can not read|end of the stream)/.test(reason);
    report(line + (isAbove ? 0 : 1), known ?? `${reason} (column ${column + 1})`);
  }
  return undefined;
}

const lineAt = (source: string, offset: number) => source.slice(0, offset).split("\n").length;

/**
 * Returns the line of the last key of a path that the text has. Each key is looked for in the lines
 * below the one before, which are indented further. An outer one begins its line.
 */
function findLine(source: string, path: PropertyKey[]): number {
  const lines = source.split("\n");
  let [from, to] = [0, lines.length];
  for (const [depth, key] of path.filter((step) => typeof step === "string").entries()) {
    const before = depth === 0 ? "^" : "[\\s{,]";
    const pattern = new RegExp(`${before}["']?${RegExp.escape(key)}["']?\\s*(:|,|\\}|$)`);
    const found = lines.slice(from, to).findIndex((line) => pattern.test(line));
    if (found < 0) break;
    from += found;
    const indent = lines[from]?.search(/\S/) ?? 0;
    const length = lines.slice(from + 1, to).findIndex((line) => {
      const start = line.search(/\S/);
      return start >= 0 && start <= indent;
    });
    if (length >= 0) to = from + 1 + length;
  }
  return from + 1;
}

/** Reports one issue for each value: one of the wrong type also violates rules about its length. */
function reportIssues(
  issues: z.core.$ZodIssue[],
  lineOf: (path: PropertyKey[]) => number,
  report: Report,
): void {
  for (const [issue] of Map.groupBy(issues, ({ path }) => path.join(".")).values()) {
    if (!issue) continue;
    const [keyIssue] = issue.code === "invalid_key" ? issue.issues : [];
    const message = issue.input == null ? "is missing" : (keyIssue ?? issue).message;
    const name = issue.path.filter((step) => typeof step === "string").join(".");
    if (issue.code === "unrecognized_keys")
      report(lineOf([...issue.path, ...issue.keys.slice(0, 1)]), message);
    else report(lineOf(issue.path), name ? `"${name}" ${message}` : message);
  }
}
