// An article as read from its Markdown file, the rules about its dates, and slugs.

import { createHmac } from "node:crypto";

/** `role` is undefined for the company itself. The URLs of `links` begin with https: or mailto:. */
export type Author = {
  key: string;
  name: string;
  role?: string | undefined;
  bio?: string | undefined;
  links: { label: string; url: string }[];
};
export type Topic = { slug: string; name: string };

/** The keys that an author writes at the top of the file. */
export type FrontMatter = {
  title: string;
  description: string;
  /** A key of authors.yaml. */
  author: string;
  /** Midnight in Copenhagen, or the timestamp in the file. */
  date: Date;
  /** The last correction, and what it changed. */
  updated?: { date: Date; change: string } | undefined;
  topics: Topic[];
  series?: { name: string; part: number } | undefined;
  /** Slugs of the articles to read next, best first. */
  related: string[];
  /** Earlier paths of the article, oldest first, in lower case. */
  aliases: string[];
  draft: boolean;
};

/** The Markdown of an article: with "\n" as line ends and without control characters. */
export type ArticleText = {
  slug: string;
  /** The file's path in messages: "articles/queues.md". */
  file: string;
  body: string;
  /** The line of the file on which the body begins, from 1. */
  bodyLine: number;
};

export type Article = ArticleText &
  Omit<FrontMatter, "author" | "date"> & {
    author: Author;
    /** When the article becomes public. */
    publishedAt: Date;
    /** The line of each key of the front matter, from 1 at the top of the file. */
    lines: Map<string, number>;
  };

/** What is wrong at a line of a file, from 1. An error hides an article, a problem does not. */
export type ArticleError = { file: string; line: number; message: string };

/** Formats an error as "articles/queues.md:4: message", without control characters. */
export const formatError = ({ file, line, message }: ArticleError) =>
  `${file}:${line}: ${message}`.replace(/\p{Cc}/gu, "\ufffd");

/** Whether readers may see the article at this instant. */
export function isPublic(article: Article, now: Date): boolean {
  return !article.draft && article.publishedAt <= now;
}

/** Compares articles for the order of every list: newest first, then by slug. */
export function newestFirst(a: Article, b: Article): number {
  return b.publishedAt.getTime() - a.publishedAt.getTime() || (a.slug < b.slug ? -1 : 1);
}

/** Returns when the article was published or last corrected. */
export function modifiedAt({ publishedAt, updated }: Article): Date {
  return updated && updated.date > publishedAt ? updated.date : publishedAt;
}

/**
 * Returns the secret part of a hidden article's preview URL: 32 hexadecimal digits that cannot be
 * guessed without `secret`.
 */
export function previewToken(secret: string, slug: string): string {
  return createHmac("sha256", secret).update(slug).digest("hex").slice(0, 32);
}

/**
 * Returns the slug of a title or a name: "spring-boot" for "Spring Boot". Empty if it has no letter
 * a to z and no digit.
 */
export function slugOf(words: string): string {
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
