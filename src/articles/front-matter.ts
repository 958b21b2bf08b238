// Reads and validates an article file and authors.yaml. Reports all errors, each with its line.

import path from "node:path";
import { isMap, isNode, LineCounter, parseDocument } from "yaml";
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

/** Empty if there are errors. */
export function parseAuthors(source: string, report: Report): Map<string, Author> {
  const all = Object.entries(readYaml(source, authorsSchema, report)?.values ?? {});
  return new Map(all.map(([key, values]) => [key, { key, ...values }]));
}

/** Without front matter, the whole file is the body. */
export type ArticleFile = ArticleText & {
  /** Undefined if there are errors. */
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
  const bodyLine = normalised.slice(0, normalised.length - body.length).split("\n").length;
  const text = { slug, file, body, bodyLine };
  if (!match)
    report(1, 'must start with title, description, author and date between two lines "---"');
  // A line break instead of the first "---", so that lines count from the top of the file.
  const read = match && readYaml(`\n${yaml.trimEnd()}`, frontMatterSchema, report);
  if (!read) return text;
  const { lines } = read;
  const { date: publishedAt, author: key, ...values } = read.values;
  const author = authors.get(key);
  if (author && isSlug)
    return { ...text, article: { ...text, ...values, author, publishedAt, lines } };
  // Without any authors the error is in authors.yaml, which is reported once.
  if (!author && authors.size > 0)
    report(
      lines.get("author") ?? 1,
      `"author" must be one of those in authors.yaml, and "${key}" is not: use ${[...authors.keys()].join(", ")}`,
    );
  return text;
}

/** Where the YAML parser says what broke its rule, and not what to do. */
const sentences: [pattern: RegExp, sentence: string][] = [
  [/^MULTIPLE_DOCS/, "the line --- must have nothing behind it"],
  [/^BLOCK_AS_IMPLICIT_KEY/, "has a second colon: put the value in quotes"],
  [/^BAD_INDENT Flow/, "a bracket is never closed, in this line or above"],
  [/^BLOCK_IN_FLOW/, "has a second colon, or a comma is missing: put text with a colon in quotes"],
  [/Unexpected scalar/, "has text after a closing quote or bracket: put the whole value in quotes"],
  [
    /Implicit (map )?keys/,
    "must be `key: value`; indent a continued value, and put --- above the text",
  ],
];

/** `lines` has the line of each outer key, from 1. Give it a `group`, or a record of them. */
export function readYaml<Values>(
  source: string,
  schema: z.ZodType<Values>,
  report: Report,
): { values: Values; lines: Map<string, number> } | undefined {
  const counter = new LineCounter();
  const document = parseDocument(source, {
    lineCounter: counter,
    prettyErrors: false,
    stringKeys: true, // a key that is a group becomes a string that doubles with each nested group
  });
  const startLine = (node: unknown) =>
    isNode(node) && node.range ? counter.linePos(node.range[0]).line : undefined;
  const keys = isMap(document.contents) ? document.contents.items.map(({ key }) => key) : [];
  const [error] = [...document.errors, ...document.warnings];
  if (error) {
    const { line, col } = counter.linePos(error.pos[0]);
    const known = sentences.find(([pattern]) => pattern.test(`${error.code} ${error.message}`));
    // An open quote is found at the end of the text; the line of its key helps.
    const isOpenQuote = error.message.startsWith("Missing closing");
    const place = isOpenQuote ? startLine(keys.at(-1)) : line;
    report(place ?? line, known?.[1] ?? `${error.message} (column ${col})`);
    return undefined; // further errors would mislead
  }
  let data: unknown;
  try {
    data = document.toJS({ maxAliasCount: 0 }) ?? {}; // a few aliases expand to gigabytes
  } catch {
    report(1, "YAML aliases (*name) are not allowed: put a value that begins with * in quotes");
    return undefined;
  }
  const result = schema.safeParse(data, { reportInput: true });
  if (result.success)
    return {
      values: result.data,
      lines: new Map(keys.map((key) => [String(key), startLine(key) ?? 1])),
    };
  const lineAt = (path: PropertyKey[]): number =>
    path.length === 0 ? 1 : (startLine(document.getIn(path, true)) ?? lineAt(path.slice(0, -1)));
  reportIssues(result.error.issues, lineAt, report);
  return undefined;
}

/** Reports one issue for each value: one of the wrong type also violates rules about its length. */
function reportIssues(
  issues: z.core.$ZodIssue[],
  lineAt: (path: PropertyKey[]) => number,
  report: Report,
): void {
  for (const [issue] of Map.groupBy(issues, ({ path }) => path.join(".")).values()) {
    if (!issue) continue;
    const [keyIssue] = issue.code === "invalid_key" ? issue.issues : [];
    const message = issue.input == null ? "is missing" : (keyIssue ?? issue).message;
    const name = issue.path.filter((step) => typeof step === "string").join(".");
    if (issue.code === "unrecognized_keys")
      report(lineAt([...issue.path, ...issue.keys.slice(0, 1)]), message);
    else report(lineAt(issue.path), name ? `"${name}" ${message}` : message);
  }
}
