// Every URL of the site. Routes, redirects, mails, views, commands and tests build and match
// addresses from this table. `:name` is one part of a path, `*name` is the rest of it.

import { hash } from "node:crypto";
import path from "node:path";
import type { Article, Author } from "./articles/article.ts";

export const urls = {
  home: "/",
  services: "/services",
  howWeWork: "/how-we-work",
  howBuilt: "/how-this-site-is-built",
  privacy: "/privacy",

  articles: "/articles", // may have ?page=2
  articleText: "/articles/:slug.md",
  article: "/articles/:slug",
  examples: "/articles/:slug/examples",
  exampleFile: "/articles/:slug/examples/*file", // may have ?plain
  image: "/images/*file",
  topic: "/topics/:topic",
  topicFeed: "/topics/:topic/feed.atom",
  author: "/authors/:author", // only a person with a bio has a page
  search: "/search", // has ?q=WORDS
  preview: "/drafts/:token",

  contact: "/contact", // may have ?kind=failing&from=SLUG
  receipt: "/contact/received", // has ?ref=CS-7F3K-9QXM, and for an hour &key=
  staff: "/staff/:token",

  formerServices: "/ways-to-work",
  about: "/about",
  team: "/team",
  pricing: "/pricing",

  feed: "/feed.atom",
  formerFeed: "/feed",
  formerRss: "/rss.xml",
  sitemap: "/sitemap.xml",
  robots: "/robots.txt",
  llms: "/llms.txt",
  security: "/.well-known/security.txt",
  sharingImage: "/og/:slug.png",
  asset: "/assets/*file",

  readyz: "/readyz",
  problems: "/problems",
  reloadScript: "/dev/reload.js",
  reloadEvents: "/dev/events",
} as const;

export type UrlName = keyof typeof urls;

/** Former addresses, and those that people try, with the page that each redirects to. */
export const redirects = [
  ["formerServices", "services"],
  ["about", "howWeWork"],
  ["team", "howWeWork"],
  ["pricing", "services"],
  ["formerFeed", "feed"],
  ["formerRss", "feed"],
] as const satisfies [UrlName, UrlName][];

type WordOf<Text extends string> = Text extends `${infer Start}/${string}`
  ? WordOf<Start>
  : Text extends `${infer Word}.${string}`
    ? Word
    : Text;
type NamesIn<Path extends string> = Path extends `${string}${":" | "*"}${infer Rest}`
  ? WordOf<Rest> | NamesIn<Rest>
  : never;
type Parts<Name extends UrlName> = [NamesIn<(typeof urls)[Name]>] extends [never]
  ? []
  : [parts: Record<NamesIn<(typeof urls)[Name]>, string>];

/** Builds a path: `href("article", { slug: "queues" })` is "/articles/queues". */
export function href<Name extends UrlName>(name: Name, ...[parts]: Parts<Name>): string {
  const values = new Map<string, string>(Object.entries(parts ?? {}));
  return urls[name].replace(/[:*](\w+)/g, (_, word: string) => values.get(word) ?? "");
}

const patterns = Object.entries(urls).map(([name, route]) => {
  const pattern = route
    .replaceAll(".", "\\.")
    .replace(/:(\w+)/g, "(?<$1>[^/]+)")
    .replace(/\*(\w+)/, "(?<$1>.+)");
  return { name: name as UrlName, pattern: new RegExp(`^${pattern}$`) };
});

/**
 * Finds the row that a path belongs to: `matchUrl("/articles/queues")` is
 * `{ name: "article", parts: { slug: "queues" } }`.
 */
export function matchUrl(path: string) {
  for (const { name, pattern } of patterns) {
    const match = pattern.exec(path);
    if (match) return { name, parts: { ...match.groups } as Partial<Record<string, string>> };
  }
  return undefined;
}

/**
 * Returns the URL of a receipt. With `key` it shows what was sent, so nothing but the redirect
 * after the form may have one.
 */
export const receiptHref = (reference: string, key = "") =>
  `${href("receipt")}?ref=${reference}${key && `&key=${key}`}`;

/**
 * Returns the URL of an image, in lower case as all URLs of the site. `name` has a hash of the
 * content.
 */
export const imageHref = (name: string) =>
  href("image", { file: name.split("/").map(encodeURIComponent).join("/") }).toLowerCase();

/** Adds a hash of the content to a name, as in "queue.1f3a…c2.svg". */
export function hashedName(name: string, content: Buffer): string {
  const { dir, name: stem, ext } = path.parse(name);
  return path.posix.join(dir, `${stem}.${hash("sha256", content).slice(0, 10)}${ext}`);
}

/**
 * Returns the path of an author's page. Only a person with a bio has one, and the company has no
 * role.
 */
export const authorHref = ({ key, role, bio }: Author): string | undefined =>
  role && bio ? href("author", { author: key }) : undefined;

type Listed = Pick<Article, "slug" | "topics" | "author">;

/**
 * Returns the paths of the pages that show a public article, except for those that always exist.
 */
export const pagesWith = ({ slug, topics, author }: Listed, hasExamples: boolean): string[] => [
  href("article", { slug }),
  ...(hasExamples ? [href("examples", { slug })] : []),
  ...topics.map((topic) => href("topic", { topic: topic.slug })),
  ...[authorHref(author) ?? []].flat(),
];
