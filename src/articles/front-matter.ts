// Reads and validates an article file and authors.yaml. Reports all errors, each with its line.

import path from "node:path";
import {
  authorsSchema,
  frontMatterSchema,
  slugPattern,
  type Article,
  type ArticleText,
  type Author,
} from "./article.ts";
import { readYaml, suggestWord, type Report } from "./yaml.ts";

/** Returns the authors by key; none if there are errors. */
export function parseAuthors(source: string, report: Report): Map<string, Author> {
  const all = Object.entries(readYaml(source, authorsSchema, report)?.values ?? {});
  return new Map(all.map(([key, values]) => [key, { key, ...values }]));
}

/** An article file. Without front matter, the whole file is the body. */
export type ArticleFile = ArticleText & {
  /** Undefined if there are errors. */
  article?: Article;
};

/** Reads an article file. `file` is its path in messages. */
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
    report(
      1,
      'must start with front matter: a line "---", then title, description, author and date, then a line "---"',
    );
  // A line break instead of the first "---", so that lines count from the top of the file.
  const front = match && readFrontMatter(`\n${yaml.trimEnd()}`, authors, report);
  return { ...text, ...(front && isSlug && { article: { ...text, ...front } }) };
}

/** Returns what the front matter says, or reports errors. */
function readFrontMatter(
  yaml: string,
  authors: Map<string, Author>,
  report: Report,
): Omit<Article, keyof ArticleText> | undefined {
  const read = readYaml(yaml, frontMatterSchema, report);
  if (!read) return undefined;
  const { lines, values: given } = read;
  const { date: publishedAt, author: key, ...values } = given;
  const author = authors.get(key);
  if (author) return { ...values, author, publishedAt, lines };
  const suggestion = suggestWord(key, [...authors.keys()]);
  // Without any authors the error is in authors.yaml, which is reported once.
  if (authors.size > 0)
    report(
      lines.get("author") ?? 1,
      `"author" must be one of those in authors.yaml, and "${key}" is not${suggestion}`,
    );
  return undefined;
}
