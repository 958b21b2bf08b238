// What an article is: front matter with a strict schema, and Markdown below it. A wrong file gives every error at once, with its line.

import { closestMatch } from "leven";
import { isMap, isScalar, LineCounter, parseDocument, type Document } from "yaml";
import { z } from "zod";
import { instantAt } from "../calendar.ts";
import { company } from "../company.ts";
import type { Markdown } from "./markdown.ts";
import type { Outline } from "./outline.ts";

export type Author = { key: string; name: string; role: string | undefined };

export type Article = {
  slug: string;
  title: string;
  description: string;
  author: Author;
  /** The instant from which the article is public: midnight in Copenhagen on its day, or the timestamp it gives. */
  publishedAt: Date;
  updatedAt: Date | undefined;
  topics: string[];
  /** Slugs that the author wants to be offered next. */
  related: string[];
  draft: boolean;
  /** The Markdown below the front matter. */
  body: string;
  outline: Outline;
};

/** Something wrong in a file; `line` counts from 1 at the top of the file. */
export type ArticleError = { file: string; line: number; message: string };

const slugPattern = /^[a-z0-9]+(-[a-z0-9]+)*$/;

const slug = z
  .string({ error: "must be a list of slugs" })
  .regex(slugPattern, "must be the slug of an article: lower case, digits and hyphens");

const text = (shortest: number, longest: number) =>
  z
    .string({ error: "must be text (put it in quotes if it looks like a number)" })
    .trim()
    .refine((value) => value.length >= shortest && value.length <= longest, {
      error: ({ input }) => `must be ${shortest} to ${longest} characters, and has ${String(input).length}`,
    });

const day = z.string({ error: "must be a day like 2026-11-24" }).transform((value, context) => {
  const instant = parseDay(value);
  if (instant) return instant;
  context.addIssue({ code: "custom", message: "must be a day like 2026-11-24, or an instant like 2026-11-24T09:00:00+01:00" });
  return z.NEVER;
});

const frontMatterSchema = z.strictObject({
  title: text(1, 120),
  description: text(70, 160),
  author: text(1, 60),
  date: day,
  updated: day.optional(),
  topics: z.array(text(1, 40), { error: "must be a list like [Java, Teams]" }).max(5, "must have 5 topics or fewer").default([]),
  related: z.array(slug, { error: "must be a list of slugs" }).max(8, "must have 8 slugs or fewer").default([]),
  draft: z.boolean({ error: "must be true or false" }).default(false),
});

const knownKeys = Object.keys(frontMatterSchema.shape);

/** One file to an article, or to everything that is wrong with it. `file` is only used in messages. */
export function parseArticle(
  file: string,
  name: string,
  source: string,
  authors: Map<string, Author>,
  markdown: Markdown,
): { article: Article } | { errors: ArticleError[] } {
  const errors: ArticleError[] = [];
  const report = (line: number, message: string) => errors.push({ file, line, message });
  if (!slugPattern.test(name)) report(1, `the file's name becomes its address: use lower case, digits and hyphens, like my-article.md`);

  const normalised = source.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
  const parts = /^---[ \t]*\n([\s\S]*?\n)??---[ \t]*(?:\n|$)([\s\S]*)$/.exec(normalised);
  if (!parts) {
    report(1, 'must start with front matter: a line "---", then title, description, author and date, then a line "---"');
    return { errors };
  }
  const [whole, yaml = "", body = ""] = parts;
  const bodyLine = whole.slice(0, whole.length - body.length).split("\n").length;

  const front = readFrontMatter(yaml.trimEnd(), (line, message) => report(line + 1, message));
  const author = front && authors.get(front.values.author);
  // Without any authors the fault lies in authors.yaml, which is told once and not for every article.
  if (front && !author && authors.size > 0) report(front.lineOf("author"), unknownAuthor(front.values.author, authors));

  const { outline, problems } = markdown.outline(body);
  for (const { line, message } of problems) report(line + bodyLine - 1, message);

  if (errors.length > 0 || !front || !author) return { errors };
  const { title, description, date, updated, topics, related, draft } = front.values;
  const facts = { slug: name, title, description, author, topics, related, draft };
  return { article: { ...facts, publishedAt: date, updatedAt: updated, body, outline } };
}

/** Who may sign: `authors.yaml`, key -> name and role. */
export function parseAuthors(file: string, source: string): { authors: Map<string, Author>; errors: ArticleError[] } {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const wrong = (line: number, message: string) => ({ authors: new Map<string, Author>(), errors: [{ file, line, message }] });
  const [error] = document.errors;
  if (error) return wrong(lines.linePos(error.pos[0]).line, error.message);
  const entry = z.strictObject({ name: text(1, 60), role: text(1, 60).optional() });
  const result = z.record(z.string(), entry).safeParse(plainData(document));
  if (result.success) {
    const list = Object.entries(result.data).map(([key, { name, role }]) => [key, { key, name, role }] as const);
    return { authors: new Map(list), errors: [] };
  }
  if (plainData(document) === undefined) return wrong(1, noAliases);
  const [issue] = result.error.issues;
  return wrong(1, `${issue?.path.join(".")} ${issue?.message}; expected "key:" with name and, for a person, role`);
}

const noAliases = "YAML aliases (&name, *name) are not allowed";

/** The data of a YAML document; nothing where it holds aliases, a few of which expand to gigabytes. */
function plainData(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    return undefined;
  }
}

function readFrontMatter(yaml: string, report: (line: number, message: string) => void) {
  const lines = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: lines, prettyErrors: false });
  for (const error of document.errors) report(lines.linePos(error.pos[0]).line, error.message);
  if (document.errors.length > 0) return undefined;
  if (!isMap(document.contents)) {
    report(0, "the front matter must be lines of `key: value`");
    return undefined;
  }
  const lineOfKey = new Map<string, number>();
  for (const { key } of document.contents.items) {
    if (isScalar(key) && key.range) lineOfKey.set(String(key.value), lines.linePos(key.range[0]).line);
  }
  const data = plainData(document);
  if (data === undefined) {
    report(0, noAliases);
    return undefined;
  }
  const result = frontMatterSchema.safeParse(data);
  if (result.success) return { values: result.data, lineOf: (key: string) => (lineOfKey.get(key) ?? 0) + 1 };
  for (const issue of result.error.issues) {
    const key = String(issue.path[0] ?? "");
    if (issue.code === "unrecognized_keys") {
      for (const unknown of issue.keys) report(lineOfKey.get(unknown) ?? 0, `unknown key "${unknown}"${didYouMean(unknown, knownKeys)}`);
    } else if (!lineOfKey.has(key)) report(0, `"${key}" is missing`);
    else report(lineOfKey.get(key) ?? 0, `"${key}" ${issue.message}`);
  }
  return undefined;
}

function parseDay(value: string): Date | undefined {
  const [, year = "", month = "", date = ""] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(value) ?? [];
  if (year) {
    const midnight = new Date(Date.UTC(Number(year), Number(month) - 1, Number(date)));
    if (!midnight.toISOString().startsWith(value)) return undefined; // 2026-02-30
    return instantAt(company.headOffice.timeZone, Number(year), Number(month), Number(date));
  }
  const instant = z.iso.datetime({ offset: true }).safeParse(value);
  return instant.success ? new Date(instant.data) : undefined;
}

function unknownAuthor(key: string, authors: Map<string, Author>): string {
  return `"author" must be one of those in authors.yaml, and "${key}" is not${didYouMean(key, [...authors.keys()])}`;
}

/** `, did you mean "draft"?` where one of the known words is at most two edits away. */
function didYouMean(word: string, known: string[]): string {
  const nearest = closestMatch(word, known, { maxDistance: 2 });
  return nearest ? `, did you mean "${nearest}"?` : `; known are ${known.join(", ")}`;
}
