// An article: the keys of its front matter, the rules about its dates, and slugs.

import { createHmac } from "node:crypto";
import { z } from "zod";
import { instantAt } from "../calendar.ts";
import { company } from "../company.ts";

export const group = <Shape extends z.ZodRawShape>(shape: Shape) => {
  const valid = Object.keys(shape).join(", ");
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => `unknown key "${key}": use ${valid}`).join("; ")
        : `must be a group of ${valid}`,
  });
};

export const slugPattern = /^[a-z0-9]+(-[a-z0-9]+)*$/;

export const text = (min: number, max: number) =>
  z
    .string({ error: "must be text: put a number, or text with a colon, in quotes" })
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
  .refine((name) => slugify(name) !== "", "must have a letter from a to z or a digit, for its URL")
  .transform((name) => ({ slug: slugify(name), name }));

const noSlugs = { error: "must be a list of slugs" };
export const slug = z
  .string(noSlugs)
  .regex(slugPattern, "must be the slug of an article: lower case, digits and hyphens");

const alias = z
  .string({ error: "must be a list of paths" })
  .regex(
    /^\/(?![/\\])[^\s?#]*[^\s?#/]$/,
    "must be paths from the root like /blog/old-title, without a slash at the end",
  )
  .transform((path) => new URL(path, "http://site").pathname.toLowerCase());

const measured = {
  /** The figure that was measured, as pages show it: "1,966" or "22 of 24". */
  number: text(1, 12).regex(/\d/, "must have a digit"),
  unit: text(1, 60),
  /** The line of an example's file that has the number: "output.txt:12". */
  source: z
    .string({ error: "must be a file and a line" })
    .regex(/^[\w./-]+:[1-9]\d*$/, "must be a file of the examples and a line: output.txt:12"),
};

/**
 * Leaves the unit of a number: "8 of 23" and "0 of 23" count in the same one, "145 ms" and "0.3 s"
 * don't.
 */
const withoutDigits = (number = "") => number.replace(/\d[\d,.]*/g, "");

/**
 * A finding: a symptom in a reader's words, what was measured, and the same test after the repair.
 */
const finding = group({
  symptom: text(1, 45),
  number: measured.number.optional(),
  unit: measured.unit.optional(),
  source: measured.source.optional(),
  repaired: group(measured).optional(),
})
  .refine(
    ({ number, unit, source }) => [number, unit, source].filter(Boolean).length % 3 === 0,
    "needs number, unit and source together, or only a symptom",
  )
  .refine(
    ({ number, repaired }) => !repaired || withoutDigits(number) === withoutDigits(repaired.number),
    "needs both numbers in the same unit: their bars are drawn on one scale",
  )
  .refine(({ number, repaired }) => !repaired || number, "needs the number before the repair too");

export type Finding = z.output<typeof finding>;

/** Returns the numbers in a text: 1966 and 10000 of "1,966 of 10,000". */
export const numbersIn = (text: string): number[] =>
  (text.replace(/(?<=\d),(?=\d{3}\b)/g, "").match(/\d+(\.\d+)?/g) ?? []).map(Number);

/**
 * Returns the lengths of the two bars in percent of what each number is out of ("of 110"). If one
 * of them isn't out of anything, they are percent of the larger number.
 */
export function repairBars(finding: Finding): number[] {
  const halves: Pick<Finding, "number" | "unit">[] = [finding, finding.repaired ?? {}];
  const values = halves.map(({ number = "" }) => numbersIn(number)[0] ?? 0);
  const wholes = halves.map(({ number = "", unit = "" }) =>
    numbersIn(/\bof (\d[\d,]*)/.exec(`${number} ${unit}`)?.[1] ?? "").at(0),
  );
  const larger = Math.max(...values);
  const scales = wholes.every(Boolean) ? wholes : [larger, larger];
  return values.map((value, index) => Math.round((value / (scales[index] || 1)) * 1000) / 10);
}

export const frontMatterSchema = group({
  title: text(1, 120),
  description: text(70, 160),
  /** The author, by a key of authors.yaml. */
  author: text(1, 60),
  /**
   * When the article was or will be published: midnight in Copenhagen, or the instant in the file.
   */
  date: day,
  updated: group({ date: day, change: text(3, 200) }).optional(),
  topics: z
    .array(topic, { error: "must be a list like [Java, Teams]" })
    .max(5, "must have 5 topics or fewer")
    .refine((all) => new Set(all.map((one) => one.slug)).size === all.length, "has a topic twice")
    .default([]),
  series: group({
    name: text(1, 80),
    part: z.int({ error: "must be a number, 1 for the first" }).min(1, "starts at 1"),
  }).optional(),
  finding: finding.optional(),
  /** Slugs of the articles to read next, best first. */
  related: z.array(slug, noSlugs).max(8, "must have 8 slugs or fewer").default([]),
  /** Earlier paths of the article, oldest first, in lower case. */
  aliases: z.array(alias, { error: "must be a list like [/blog/old-title]" }).default([]),
  draft: z.boolean({ error: "must be true or false" }).default(false),
});
export type FrontMatter = z.output<typeof frontMatterSchema>;
export type Topic = { slug: string; name: string };

const url = z
  .url({ protocol: /^https$/, normalize: true, error: "must be an https: URL" })
  .max(200, "must have 200 characters or fewer");
const links = z
  .array(group({ label: text(1, 40), url }), {
    error: "must be a list like [{ label: GitHub, url: https://github.com/NAME }]",
  })
  .max(5, "must have 5 links or fewer")
  .default([]);
/** Who wrote an article: a person, or the company itself, which has no role. */
const author = group({
  name: text(1, 60),
  role: text(1, 60).optional(),
  bio: text(1, 400).optional(),
  /**
   * The author's portrait, an image of the folder such as images/eric-hanson.jpg. Pages show it
   * with the city.
   */
  portrait: text(1, 200).optional(),
  city: text(1, 60).optional(),
  links,
});
export type Author = z.output<typeof author> & { key: string };

export const authorsSchema = z
  .record(
    z.string().regex(slugPattern, "must be lower case, digits and hyphens"),
    author,
    "must be a group of authors by key",
  )
  .refine((all) => Object.keys(all).length > 0, "names nobody, and each article needs its author");

export type ArticleText = {
  slug: string;
  /** The file's path in messages: "articles/queues.md". */
  file: string;
  /**
   * The Markdown, with "\n" as line ends. Empty lines stand in place of the front matter, so that a
   * line has the same number as in the file.
   */
  body: string;
};

export type Article = ArticleText &
  Omit<FrontMatter, "author" | "date"> & {
    author: Author;
    publishedAt: Date;
    /** The line of each key of the front matter, from 1 at the top of the file. */
    lines: Map<string, number>;
  };

export function isPublic(article: Article, now: Date): boolean {
  return !article.draft && article.publishedAt <= now;
}

export function newestFirst(a: Article, b: Article): number {
  return b.publishedAt.getTime() - a.publishedAt.getTime() || (a.slug < b.slug ? -1 : 1);
}

export function modifiedAt({ publishedAt, updated }: Article): Date {
  return updated && updated.date > publishedAt ? updated.date : publishedAt;
}

/**
 * Returns the 32 hexadecimal digits in the private URL of an article that isn't public. Nobody can
 * guess them without the secret.
 */
export function previewToken(secret: string, slug: string): string {
  return createHmac("sha256", secret).update(slug).digest("hex").slice(0, 32);
}

/**
 * Turns "Spring Boot" into "spring-boot", and a text without a letter a to z or a digit into "".
 */
export function slugify(words: string): string {
  return words
    .toLowerCase()
    .replaceAll("++", "pp")
    .replace(/(?<=\w)#/g, "-sharp")
    .replace(/[øæåßđł]/g, (letter) => latinLetters[letter] ?? letter)
    .normalize("NFKD")
    .replace(/\p{M}|[’']/gu, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}
const latinLetters: Record<string, string> = { ø: "oe", æ: "ae", å: "aa", ß: "ss", đ: "d", ł: "l" };
