// Reads and validates an article file. Reports all its errors, each with its line.

import { hash } from "node:crypto";
import { z } from "zod";
import { instantAt } from "../calendar.ts";
import { company } from "../company.ts";
import {
  slugOf,
  type Article,
  type ArticleError,
  type ArticleText,
  type Author,
  type Topic,
} from "./article.ts";
import type { BodyFacts, Markdown } from "./markdown.ts";
import type { Mistake } from "./problems.ts";
import { group, isYaml, readYaml, suggestWord } from "./yaml.ts";

const noSlugs = { error: "must be a list of slugs" };
export const slugPattern = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const controlCharacters = /[\0-\x08\x0b-\x1f\x7f]/g;

const slug = z
  .string(noSlugs)
  .regex(slugPattern, "must be the slug of an article: lower case, digits and hyphens");

/** One line of text, trimmed. */
export const text = (min: number, max: number) =>
  z
    .string({ error: "must be text (put it in quotes if it looks like a number)" })
    .trim()
    .refine((value) => !/[\0-\x1f\x7f]/.test(value), "must be one line without control characters")
    .refine((value) => value.length >= min && value.length <= max, {
      error: ({ input }) => `must be ${min} to ${max} characters, and has ${String(input).length}`,
    });

const midnight = (date: string) =>
  instantAt(Temporal.PlainDate.from(date), 0, company.headOffice.timeZone);

const day = z.union(
  [
    z.iso.date().transform(midnight),
    z.iso.datetime({ offset: true }).transform((instant) => new Date(instant)),
  ],
  {
    error: ({ input }) => describeWrongDay(String(input)),
  },
);

function describeWrongDay(input: string): string {
  const [, month, day] = /^(\d{4}-(?:0[1-9]|1[0-2]))-(\d\d)(?:T|$)/.exec(input) ?? [];
  const lastDay = month && Temporal.PlainYearMonth.from(month).toPlainDate({ day: 31 });
  if (lastDay && Number(day) > lastDay.day)
    return `is a day that does not exist: the last day of that month is ${lastDay.toString()}`;
  return "must be a day like 2026-11-24, or an instant like 2026-11-24T09:00:00+01:00";
}

const topic = text(1, 40)
  .refine((name) => slugOf(name) !== "", "must have a letter from a to z or a digit, for its URL")
  .transform((name) => ({ slug: slugOf(name), name }));

const areUnique = (topics: Topic[]) =>
  new Set(topics.map(({ slug }) => slug)).size === topics.length;

const alias = z
  .string({ error: "must be a list of paths" })
  .regex(
    /^\/(?![/\\])[^\s?#]*[^\s?#/]$/,
    "must be paths from the root like /blog/old-title, without a slash at the end",
  )
  .transform((path) => new URL(path, "http://site").pathname.toLowerCase());

const frontMatterSchema = group({
  title: text(1, 120),
  description: text(70, 160),
  author: text(1, 60),
  date: day,
  updated: group({ date: day, change: text(3, 200) }).optional(),
  topics: z
    .array(topic, { error: "must be a list like [Java, Teams]" })
    .max(5, "must have 5 topics or fewer")
    .refine(areUnique, "has a topic twice")
    .default([]),
  series: group({
    name: text(1, 80),
    part: z.int({ error: "must be a number, 1 for the first" }).min(1, "starts at 1"),
  }).optional(),
  related: z.array(slug, noSlugs).max(8, "must have 8 slugs or fewer").default([]),
  aliases: z.array(alias, { error: "must be a list like [/blog/old-title]" }).default([]),
  draft: z.boolean({ error: "must be true or false" }).default(false),
  image: group({ file: text(1, 200), alt: text(1, 300) }).optional(),
  canonical: z
    .url({ protocol: /^https?$/, normalize: true, error: "must be an absolute URL" })
    .optional(),
});

/**
 * Reads an article file. Returns the article, or all errors in its front matter, with the body if its beginning is clear. The body is parsed
 * on first use, because that takes five times as long. `file` is only used in messages. `name` is the file's name without ".md".
 */
export function parseArticle(
  file: string,
  name: string,
  source: string,
  authors: Map<string, Author>,
  markdown: Markdown,
): { article: Article } | { errors: ArticleError[]; text: ArticleText | undefined } {
  const errors: ArticleError[] = [];
  const report = (line: number, message: string) => errors.push({ file, line, message });
  if (!slugPattern.test(name))
    report(
      1,
      `the file's name becomes its URL: use lower case, digits and hyphens, like my-article.md`,
    );

  const normalised = source.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
  const match = /^---[ \t]*\n([\s\S]*?\n)??---[ \t]*(?:\n|$)([\s\S]*)$/.exec(normalised);
  const [whole = "", yaml = "", rawBody = ""] = match ?? [];
  if (!match || (/^##+ /m.test(yaml) && !isYaml(yaml))) {
    const { message, hasText } = describeMissingFrontMatter(normalised);
    report(1, message);
    return {
      errors,
      text: hasText
        ? { slug: name, file, readBody: bodyReader(normalised, 1, markdown) }
        : undefined,
    };
  }
  const bodyLine = whole.slice(0, whole.length - rawBody.length).split("\n").length;

  for (const { line, message } of findBadCharacters(yaml, 2)) report(line, message);
  const front = readYaml(yaml.trimEnd(), frontMatterSchema, (line, message) =>
    report(line + 1, message),
  );
  const author = front && authors.get(front.values.author);
  // Without any authors the mistake is in authors.yaml, which is reported once and not for every article.
  if (front && !author && authors.size > 0) {
    const { author: key } = front.values;
    const suggestion = suggestWord(key, [...authors.keys()]);
    report(
      (front.lines.get("author") ?? 0) + 1,
      `"author" must be one of those in authors.yaml, and "${key}" is not${suggestion}`,
    );
  }
  const readBody = bodyReader(rawBody, bodyLine, markdown);
  errors.sort((a, b) => a.line - b.line);
  if (errors.length > 0 || !front || !author)
    return { errors, text: { slug: name, file, readBody } };

  const { date, ...values } = front.values;
  const version = hash("sha256", normalised, "base64url").slice(0, 16);
  const lines = new Map([...front.lines].map(([key, line]): [string, number] => [key, line + 1]));
  const body = rawBody.replace(controlCharacters, "");
  const article = {
    ...values,
    slug: name,
    author,
    publishedAt: date,
    file,
    version,
    body,
    lines,
    readBody,
  };
  return { article };
}

/** Returns a function that parses a body, which begins on `firstLine` of its file, when it is called for the first time. */
function bodyReader(source: string, firstLine: number, markdown: Markdown): () => BodyFacts {
  let facts: BodyFacts | undefined;
  const read = () => {
    const { problems, ...others } = markdown.read(source.replace(controlCharacters, ""), firstLine);
    return { ...others, problems: [...findBadCharacters(source, firstLine), ...problems] };
  };
  return () => (facts ??= read());
}

/** `hasText`: the whole file is probably the body of an article. */
function describeMissingFrontMatter(source: string): { message: string; hasText: boolean } {
  if (/[\0\ufffd]/.test(source.slice(0, 4)))
    return { message: "is not UTF-8: save the file as UTF-8", hasText: false };
  if (/^---[ \t]*\n/.test(source))
    return {
      message: 'the front matter is never closed: write a line "---" below its last key',
      hasText: false,
    };
  const message =
    'must start with front matter: a line "---", then title, description, author and date, then a line "---"';
  return { message, hasText: source.trim() !== "" };
}

const badCharacter = /[\0-\x08\x0b-\x1f\x7f\ufffd]/;

function findBadCharacters(source: string, firstLine: number): Mistake[] {
  const message =
    "holds a control character, or one that is not UTF-8: delete it, or save the file as UTF-8";
  return source
    .split("\n")
    .flatMap((text, index) =>
      badCharacter.test(text) ? { line: firstLine + index, message } : [],
    );
}
