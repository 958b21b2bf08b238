// An article as read from its Markdown file, the rules about its dates, and slugs.

import { createHmac } from "node:crypto";
import type { BodyFacts } from "./markdown.ts";

/** `role` is undefined for the company itself. The URLs of `links` begin with https: or mailto:. */
export type Author = {
  key: string;
  name: string;
  role?: string | undefined;
  bio?: string | undefined;
  links: { label: string; url: string }[];
};
export type Topic = { slug: string; name: string };

export type Article = {
  slug: string;
  title: string;
  description: string;
  author: Author;
  /** When the article becomes public: midnight in Copenhagen on its date, or the timestamp in the file. */
  publishedAt: Date;
  /** The last correction, and what it changed. */
  updated?: { date: Date; change: string } | undefined;
  topics: Topic[];
  series?: { name: string; part: number } | undefined;
  /** Slugs of the articles to read next, chosen by the author, best first. */
  related: string[];
  /** Earlier paths of the article, oldest first, in lower case. */
  aliases: string[];
  draft: boolean;
  /** The image for the top of the page and for sharing: a file in the folder of articles. */
  image?: { file: string; alt: string } | undefined;
  /** The URL where the text was first published, if elsewhere. */
  canonical?: string | undefined;
  /** The file's path in messages: "articles/queues.md". */
  file: string;
  /** A hash of the file's content. */
  version: string;
  /** The Markdown below the front matter, with "\n" as line ends and without control characters. */
  body: string;
  /** The line of each key of the front matter, from 1 at the top of the file. */
  lines: Map<string, number>;
  /** Returns facts about the body. The first call parses it, which takes about 0.5 ms. */
  readBody: () => BodyFacts;
};

/** What could be read of an article's file. Even if the front matter has an error, the body can be checked. */
export type ArticleText = Pick<Article, "slug" | "file" | "readBody"> & Partial<Article>;

/** A mistake in a file: an error, which hides the article, or a problem, which does not. `line` counts from 1. */
export type ArticleError = { file: string; line: number; message: string };

/** Formats an error as "articles/queues.md:4: message". */
export const formatError = ({ file, line, message }: ArticleError) => `${file}:${line}: ${message}`;

/** Whether readers may see the article at this instant. */
export function isPublic(article: Article, now: Date): boolean {
  return !article.draft && article.publishedAt <= now;
}

/** Compares articles for the order of every list: newest first, then by slug. */
export function newestFirst(a: Article, b: Article): number {
  return b.publishedAt.getTime() - a.publishedAt.getTime() || (a.slug < b.slug ? -1 : 1);
}

/** Lists the images that an article names in its front matter and in its body, with their lines in the file. */
export function imagesOf({
  image,
  lines,
  readBody,
}: ArticleText): { file: string; line: number }[] {
  const inFrontMatter = image ? [{ file: image.file, line: lines?.get("image") ?? 1 }] : [];
  return [...inFrontMatter, ...readBody().images];
}

/** Returns when the article was published or last corrected. */
export function modifiedAt({ publishedAt, updated }: Article): Date {
  return updated && updated.date > publishedAt ? updated.date : publishedAt;
}

/** Returns the secret part of a hidden article's preview URL: 32 hexadecimal digits that cannot be guessed without `secret`. */
export function previewToken(secret: string, slug: string): string {
  return createHmac("sha256", secret).update(slug).digest("hex").slice(0, 32);
}

/** Returns the slug of a title or a name: "spring-boot" for "Spring Boot". Empty if it has no letter a to z and no digit. */
export function slugOf(words: string): string {
  const latin = words
    .toLowerCase()
    .replaceAll("++", "pp")
    .replace(/(?<=\w)#/g, "-sharp")
    .replace(/[øæåßđł]/g, (letter) => latinLetters[letter] ?? letter);
  return latin
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[’']/g, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}
const latinLetters: Record<string, string> = { ø: "oe", æ: "ae", å: "aa", ß: "ss", đ: "d", ł: "l" };
