// The files of the folder of articles as they were read last. What has changed is read again, and a bad save keeps the last good version.

import { createHash } from "node:crypto";
import { lstatSync, statSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { parseArticle, parseAuthors, type Article, type ArticleError, type Author } from "./article.ts";
import { imageEndings, isImage, readImage, type ArticleImage } from "./images.ts";
import type { KeptFiles } from "./kept-files.ts";
import type { Markdown } from "./markdown.ts";

/** What a look at the folder found: whether anything is new, and what is newly wrong. */
export type Change = { changed: boolean; errors: ArticleError[] };

/** A file as it was read last; `stamp` tells whether it has changed since, or what it depends on. */
export type Known = {
  stamp: string;
  errors: ArticleError[];
  article?: Article | undefined;
  image?: ArticleImage | undefined;
  authors?: Author[] | undefined;
};

const authorsFile = "authors.yaml";
export const imagesFolder = "images";

/** Reads nothing yet: `refresh` does. */
export function createFolder(dir: string, markdown: Markdown, kept?: KeptFiles) {
  const files = kept?.files ?? new Map<string, Known>();
  const authors = () => new Map(files.get(authorsFile)?.authors?.map((author) => [author.key, author]));
  const findImage = (name: string) => files.get(path.posix.normalize(name))?.image;

  /** Stands for what every article depends on: the authors, and the images that it may name. */
  let shared = sharedStamp();

  /** Looks at every file, or at those named, and reads again what has changed. */
  async function refresh(names?: string[]): Promise<Change> {
    const change: Change = { changed: false, errors: [] };
    const before = shared;
    const found = names?.filter(isOurs).sort() ?? (await everything());
    for (const name of found) if (!isArticle(name) && hasChanged(name)) await readAgain(name, change);
    if (change.changed) shared = sharedStamp();
    const articles = shared === before ? found : await everything();
    for (const name of articles) if (isArticle(name) && hasChanged(name)) await readAgain(name, change);
    return change;
  }

  /** The names of all files that are there, or were. */
  async function everything(): Promise<string[]> {
    return [...new Set([...(await filesIn(dir)), ...files.keys()])].filter(isOurs).sort();
  }

  function sharedStamp(): string {
    const names = [...files.keys()].filter((name) => !isArticle(name)).sort();
    const stamps = names.map((name) => `${name} ${files.get(name)?.stamp}\n`);
    return createHash("sha256").update(stamps.join("")).digest("base64url").slice(0, 16);
  }

  /** What tells whether a file has changed, or what it depends on; undefined where it is gone. */
  function stampNow(name: string): string | undefined {
    const own = stampOf(`${dir}/${name}`) ?? (name === authorsFile ? "missing" : undefined);
    return own && isArticle(name) ? `${own} ${shared}` : own;
  }

  const hasChanged = (name: string) => stampNow(name) !== files.get(name)?.stamp;

  async function readAgain(name: string, change: Change): Promise<void> {
    const after = await read(name, files.get(name));
    const known = kept ? kept.keep(name, after) : after;
    if (known) files.set(name, known);
    else files.delete(name);
    change.changed = true;
    change.errors.push(...(after?.errors ?? []));
  }

  /** The file as it is now; undefined where it is gone. Where it is wrong, what `before` had of it stays. */
  async function read(name: string, before: Known | undefined): Promise<Known | undefined> {
    const file = path.join(dir, name);
    const shown = path.join(path.basename(dir), name);
    const stamp = stampNow(name);
    if (!stamp) return undefined;
    const wrong = (message: string): Known => ({
      stamp,
      errors: [{ file: shown, line: 1, message }],
      article: before?.article,
      authors: before?.authors,
    });
    if (isImage(name)) {
      const image = await readImage(dir, name).catch(() => undefined); // no image, a folder, a dangling link
      return image ? { stamp, errors: [], image } : wrong("is no image that a browser can show");
    }
    const source = await readFile(file, "utf8").catch(() => undefined); // a dangling link, a file of somebody else
    if (source === undefined) return wrong("is missing or cannot be read");
    if (stampNow(name) !== stamp) return read(name, before); // it was being written
    if (name === authorsFile) {
      const listed = parseAuthors(shown, source);
      const keepsLast = listed.errors.length > 0 && before?.authors?.length;
      return { stamp, errors: listed.errors, authors: keepsLast ? before.authors : [...listed.authors.values()] };
    }
    const parsed = parseArticle(shown, name.slice(0, -".md".length), source, authors(), markdown);
    const problems = "errors" in parsed ? parsed.errors : missingImages(shown, parsed.article);
    const article = "article" in parsed && problems.length === 0 ? parsed.article : before?.article;
    return { stamp, errors: problems, article };
  }

  function missingImages(file: string, { images, image, lines }: Article): ArticleError[] {
    const named = [...images, ...(image ? [{ file: image.file, line: lines["image"] ?? 1 }] : [])];
    const missing = named.filter((one) => !findImage(one.file));
    return missing.map((one) => ({ file, line: one.line, message: missingImage(one.file, files.has(path.posix.normalize(one.file))) }));
  }

  return {
    refresh,
    findImage,
    article: (slug: string) => files.get(`${slug}.md`)?.article,
    articles: () => [...files.values()].flatMap(({ article }) => article ?? []),
    images: () => [...files.values()].flatMap(({ image }) => image ?? []),
    errors: () => [...files.values()].flatMap((file) => file.errors),
  };
}

function missingImage(name: string, isThere: boolean): string {
  if (isThere) return `the image ${name} cannot be read as ${imageEndings.join(" ")}`;
  if (/^([a-z]+:)?\/\//i.test(name))
    return `the image ${name} is on another site, and this one loads nothing from others: save it in images/`;
  return `the image ${name} is not in the folder of articles${name.startsWith("/") ? ": write its name without the slash" : ""}`;
}

const isArticle = (name: string) => name.endsWith(".md");

/** Names that start with a dot are editors' lock files, with an underscore templates. Images may lie in a folder of their own. */
function isOurs(name: string): boolean {
  if (isArticle(name) || name === authorsFile) return /^[^._/][^/]*$/.test(name);
  return isImage(name) && /^(images\/)?[^._/][^/]*$/.test(name);
}

async function filesIn(dir: string): Promise<string[]> {
  const images = await readdir(path.join(dir, imagesFolder)).catch(() => []);
  return [...(await readdir(dir)), authorsFile, ...images.map((name) => `${imagesFolder}/${name}`)];
}

/** Asked in this thread: for 10,000 files that takes 40 ms, and 600 ms when each is waited for. */
function stampOf(file: string): string | undefined {
  for (const ask of [statSync, lstatSync]) {
    try {
      const facts = ask(file, { throwIfNoEntry: false });
      if (facts) return `${facts.ctimeMs} ${facts.mtimeMs} ${facts.size} ${facts.ino}`;
    } catch {
      // a link to itself, a folder that may not be read
    }
  }
  return undefined;
}
