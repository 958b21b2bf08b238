// Reads and validates an article file and authors.yaml. Reports all errors, each with its line.

import { z } from "zod";
import { instantAt } from "../calendar.ts";
import { company } from "../company.ts";
import {
  slugOf,
  type Article,
  type ArticleError,
  type ArticleText,
  type Author,
  type FrontMatter,
  type Topic,
} from "./article.ts";
import { group, readYaml, suggestWord, type Report } from "./yaml.ts";

const slugPattern = /^[a-z0-9]+(-[a-z0-9]+)*$/;
export const controlCharacters = /[\0-\x08\x0b-\x1f\x7f]/g;

/** One line of text, trimmed. */
const text = (min: number, max: number) =>
  z
    .string({ error: "must be text (put it in quotes if it looks like a number)" })
    .trim()
    .refine((value) => !/[\0-\x1f\x7f]/.test(value), "must be one line without control characters")
    .refine((value) => value.length >= min && value.length <= max, {
      error: ({ input }) => `must be ${min} to ${max} characters, and has ${String(input).length}`,
    });

const day = z.union(
  [
    z.iso
      .date()
      .transform((date) =>
        instantAt(Temporal.PlainDate.from(date), 0, company.headOffice.timeZone),
      ),
    z.iso.datetime({ offset: true }).transform((instant) => new Date(instant)),
  ],
  "must be an existing day like 2026-11-24, or an instant like 2026-11-24T09:00:00+01:00",
);

const topic = text(1, 40)
  .refine((name) => slugOf(name) !== "", "must have a letter from a to z or a digit, for its URL")
  .transform((name) => ({ slug: slugOf(name), name }));

const areUnique = (topics: Topic[]) =>
  new Set(topics.map(({ slug }) => slug)).size === topics.length;

const noSlugs = { error: "must be a list of slugs" };
const slug = z
  .string(noSlugs)
  .regex(slugPattern, "must be the slug of an article: lower case, digits and hyphens");

const alias = z
  .string({ error: "must be a list of paths" })
  .regex(
    /^\/(?![/\\])[^\s?#]*[^\s?#/]$/,
    "must be paths from the root like /blog/old-title, without a slash at the end",
  )
  .transform((path) => new URL(path, "http://site").pathname.toLowerCase());

/** `satisfies`: a key that is missing here or in the type FrontMatter does not compile. */
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
} satisfies { [Key in keyof FrontMatter]-?: z.ZodType<FrontMatter[Key]> });

/** Every key of the front matter. */
export const frontMatterKeys = Object.keys(frontMatterSchema.shape);

const invalidUrl = "must be an https: or mailto: URL";
const url = z
  .url({ protocol: /^(https|mailto)$/, normalize: true, error: invalidUrl })
  .max(200, "must have 200 characters or fewer")
  .regex(/^(https:|mailto:[^@]+@[^@]+$)/, invalidUrl);
const links = z
  .array(group({ label: text(1, 40), url }), {
    error: "must be a list like [{ label: GitHub, url: https://github.com/NAME }]",
  })
  .max(5, "must have 5 links or fewer")
  .default([]);
const authorsSchema = z.record(
  z.string().regex(slugPattern, "must be lower case, digits and hyphens"),
  group(
    { name: text(1, 60), role: text(1, 60).optional(), bio: text(1, 400).optional(), links },
    "name and, for a person, role",
  ),
);

/** Reads authors.yaml and returns the authors by key, with the errors in the file. */
export function parseAuthors(
  file: string,
  source: string,
): { authors: Map<string, Author>; errors: ArticleError[] } {
  const errors: ArticleError[] = [];
  const read = readYaml(source, authorsSchema, (line, message) =>
    errors.push({ file, line, message }),
  );
  const all = Object.entries(read?.values ?? {});
  return { authors: new Map(all.map(([key, values]) => [key, { key, ...values }])), errors };
}

/** An article file. Without front matter, the whole file is the body. */
export type ArticleFile = ArticleText & {
  source: string;
  /** Undefined if there are errors. */
  article?: Article;
  errors: ArticleError[];
};

/**
 * Reads an article file. `file` is only used in messages; `name` is the file's name without ".md".
 */
export function parseArticle(
  file: string,
  name: string,
  source: string,
  authors: Map<string, Author>,
): ArticleFile {
  const errors: ArticleError[] = [];
  const report: Report = (line, message) => void errors.push({ file, line, message });
  if (!slugPattern.test(name))
    report(1, "the file's name becomes its URL: use lower case, digits and hyphens");
  const normalised = source.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
  const match = /^---[ \t]*\n([\s\S]*?\n)??---[ \t]*(?:\n|$)([\s\S]*)$/.exec(normalised);
  const [, yaml = "", body = normalised] = match ?? [];
  const bodyLine = normalised.slice(0, normalised.length - body.length).split("\n").length;
  const text = { slug: name, file, body: body.replace(controlCharacters, ""), bodyLine };
  if (!match)
    report(
      1,
      'must start with front matter: a line "---", then title, description, author and date, then a line "---" (in a file that is UTF-8)',
    );
  const front = match && readFrontMatter(yaml.trimEnd(), authors, report);
  const isValid = front && errors.length === 0;
  return { ...text, source, errors, ...(isValid && { article: { ...text, ...front } }) };
}

/** Returns what the front matter says, or reports errors. Its first line is line 2 of the file. */
function readFrontMatter(
  yaml: string,
  authors: Map<string, Author>,
  report: Report,
): Omit<Article, keyof ArticleText> | undefined {
  const read = readYaml(yaml, frontMatterSchema, (line, message) => report(line + 1, message));
  if (!read) return undefined;
  const lines = new Map([...read.lines].map(([key, line]): [string, number] => [key, line + 1]));
  const { date: publishedAt, author: key, ...values } = read.values;
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
