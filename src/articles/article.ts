// What an article is: front matter with a strict schema, and Markdown below it. A wrong file gives every error at once, with its line.

import { createHash, createHmac } from "node:crypto";
import { z } from "zod";
import { instantAt } from "../calendar.ts";
import { company } from "../company.ts";
import type { Markdown } from "./markdown.ts";
import type { Outline } from "./outline.ts";
import { problemsIn } from "./problems.ts";
import { decoded, inlineTokens, outlineOf } from "./tokens.ts";
import { slugOf } from "./slug.ts";
import { didYouMean, isYaml, readYaml } from "./yaml.ts";

export type Author = { key: string; name: string; role: string | undefined };
export type Topic = { slug: string; name: string };

export type Article = {
  slug: string;
  title: string;
  description: string;
  author: Author;
  /** The instant from which the article is public: midnight in Copenhagen on its day, or the timestamp it gives. */
  publishedAt: Date;
  /** The last correction, and what it changed. */
  updated: { date: Date; change: string } | undefined;
  topics: Topic[];
  series: { name: string; part: number } | undefined;
  /** Slugs that the author wants to be offered next. */
  related: string[];
  /** Paths under which the article was known before, oldest first, in lower case. */
  aliases: string[];
  draft: boolean;
  /** The image for lists and sharing: a file beside the articles. */
  image: { file: string; alt: string } | undefined;
  /** Where the text was published first, if not here. */
  canonical: string | undefined;
  /** A hash of the file. */
  version: string;
  /** The Markdown below the front matter; line ends are one character. */
  body: string;
  outline: Outline;
  /** The images that the body names, with their lines in the file. */
  images: { file: string; line: number }[];
  /** The line of the file on which each key of the front matter stands, and its "body". */
  lines: Record<string, number>;
};

/** Something wrong in a file; `line` counts from 1 at the top of the file. */
export type ArticleError = { file: string; line: number; message: string };

export const asLine = ({ file, line, message }: ArticleError) => `${file}:${line}: ${message}`;

export const longestTitle = 120;

const noSlugs = { error: "must be a list of slugs" };
const slugPattern = /^[a-z0-9]+(-[a-z0-9]+)*$/;

const slug = z.string(noSlugs).regex(slugPattern, "must be the slug of an article: lower case, digits and hyphens");

const text = (shortest: number, longest: number) =>
  z
    .string({ error: "must be text (put it in quotes if it looks like a number)" })
    .trim()
    .refine((value) => !/[\0-\x1f\x7f]/.test(value), "must be one line without control characters")
    .refine((value) => value.length >= shortest && value.length <= longest, {
      error: ({ input }) => `must be ${shortest} to ${longest} characters, and has ${String(input).length}`,
    });

const midnight = (date: string) => instantAt(Temporal.PlainDate.from(date), 0, company.headOffice.timeZone);

const day = z.union([z.iso.date().transform(midnight), z.iso.datetime({ offset: true }).transform((instant) => new Date(instant))], {
  error: "must be a day like 2026-11-24, or an instant like 2026-11-24T09:00:00+01:00",
});

const topic = text(1, 40)
  .refine((name) => slugOf(name) !== "", "must have a letter from a to z or a digit, for its address")
  .transform((name) => ({ slug: slugOf(name), name }));

const allDifferent = (topics: Topic[]) => new Set(topics.map(({ slug }) => slug)).size === topics.length;

const alias = z
  .string({ error: "must be a list of paths" })
  .regex(/^\/(?![/\\])[^\s?#]*[^\s?#/]$/, "must be paths from the root like /blog/old-title, without a slash at the end")
  .transform((path) => new URL(path, "http://site").pathname.toLowerCase());

/** A map of known keys. The error of an unknown key is the list of them, out of which `readYaml` makes a sentence. */
const group = <Shape extends z.ZodRawShape>(shape: Shape, wanted = Object.keys(shape).join(" and ")) =>
  z.strictObject(shape, { error: ({ code }) => (code === "unrecognized_keys" ? Object.keys(shape).join() : `must hold ${wanted}`) });

const frontMatterSchema = group({
  title: text(1, longestTitle),
  description: text(70, 160),
  author: text(1, 60),
  date: day,
  updated: group({ date: day, change: text(3, 200) }).optional(),
  topics: z
    .array(topic, { error: "must be a list like [Java, Teams]" })
    .max(5, "must have 5 topics or fewer")
    .refine(allDifferent, "has a topic twice")
    .default([]),
  series: group({ name: text(1, 80), part: z.int({ error: "must be a number, 1 for the first" }).min(1, "starts at 1") }).optional(),
  related: z.array(slug, noSlugs).max(8, "must have 8 slugs or fewer").default([]),
  aliases: z.array(alias, { error: "must be a list like [/blog/old-title]" }).default([]),
  draft: z.boolean({ error: "must be true or false" }).default(false),
  image: group({ file: text(1, 200), alt: text(1, 300) }).optional(),
  canonical: z.url({ protocol: /^https?$/, normalize: true, error: "must be an absolute address" }).optional(),
});

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

  if (/^##+ /m.test(yaml) && !isYaml(yaml)) {
    report(1, 'the front matter is never closed: write a line "---" below its last key');
    return { errors };
  }
  const front = readYaml(yaml.trimEnd(), frontMatterSchema, (line, message) => report(line + 1, message));
  const author = front && authors.get(front.values.author);
  // Without any authors the fault lies in authors.yaml, which is told once and not for every article.
  if (front && !author && authors.size > 0) {
    const { author: key } = front.values;
    const known = didYouMean(key, [...authors.keys()]);
    report((front.lines["author"] ?? 0) + 1, `"author" must be one of those in authors.yaml, and "${key}" is not${known}`);
  }

  const { tokens } = markdown.parse(body);
  for (const { line, message } of problemsIn(tokens)) report(line + bodyLine - 1, message);
  normalised.split("\n").forEach((line, index) => {
    if (/[\0-\x08\x0b-\x1f\x7f]/.test(line)) report(index + 1, "holds a control character, which feeds cannot carry: delete it");
    if (line.includes("\ufffd")) report(index + 1, "holds a character that is not UTF-8: save the file as UTF-8");
  });

  if (errors.length > 0 || !front || !author) return { errors };
  const { date, updated, series, image, canonical, ...others } = front.values;
  const facts = { ...others, slug: name, author, publishedAt: date, updated, series, image, canonical };
  const version = createHash("sha256").update(normalised).digest("base64url").slice(0, 16);
  const images = inlineTokens(tokens)
    .filter(({ token }) => token.type === "image")
    .map(({ token, line }) => ({ file: decoded(String(token.attrGet("src"))), line: line + bodyLine - 1 }));
  const lines = Object.fromEntries(Object.entries(front.lines).map(([key, line]) => [key, line + 1]));
  return {
    article: { ...facts, version, body, outline: outlineOf(tokens), images, lines: { ...lines, body: bodyLine } },
  };
}

const authorsSchema = z.record(
  z.string().regex(slugPattern, "must be lower case, digits and hyphens"),
  group({ name: text(1, 60), role: text(1, 60).optional() }, "name and, for a person, role"),
);

/** Who may sign: `authors.yaml`, key -> name and role. */
export function parseAuthors(file: string, source: string): { authors: Map<string, Author>; errors: ArticleError[] } {
  const errors: ArticleError[] = [];
  const read = readYaml(source, authorsSchema, (line, message) => errors.push({ file, line, message }));
  const list = Object.entries(read?.values ?? {}).map(([key, { name, role }]) => [key, { key, name, role }] as const);
  return { authors: new Map(list), errors };
}

/** The order of every list: the newest first, those of one instant by slug. */
export function newestFirst(a: Article, b: Article): number {
  return b.publishedAt.getTime() - a.publishedAt.getTime() || (a.slug < b.slug ? -1 : 1);
}

/** When the article was changed last, as far as readers are concerned. */
export function modifiedAt({ publishedAt, updated }: Article): Date {
  return updated && updated.date > publishedAt ? updated.date : publishedAt;
}

/** The private address of an article that is not public yet: 32 hexadecimal digits that nobody guesses without the secret. */
export function previewToken(secret: string, slug: string): string {
  return createHmac("sha256", secret).update(slug).digest("hex").slice(0, 32);
}
