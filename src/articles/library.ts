// All articles of a folder, read once. One function decides what is public, and everything that lists or shows articles asks it.

import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { parseArticle, parseAuthors, type Article } from "./article.ts";
import { createMarkdown } from "./markdown.ts";

export type Library = Awaited<ReturnType<typeof openLibrary>>;

/** Whether anybody may see the article at this instant. */
export function isPublic(article: Article, now: Date): boolean {
  return !article.draft && article.publishedAt <= now;
}

/**
 * Reads `<dir>/*.md` and `<dir>/authors.yaml`. Files that are wrong are left out and told in `errors`, all at once.
 * With `showHidden`, drafts and scheduled articles are listed as if they were public.
 */
export async function openLibrary(dir: string, { showHidden = false } = {}) {
  const markdown = createMarkdown();
  const { authors, errors } = await readAuthors(dir);
  const articles = new Map<string, Article>();
  const entries = await readdir(dir, { withFileTypes: true });
  const isArticle = ({ name }: { name: string }) => name.endsWith(".md") && !name.startsWith("."); // editors' lock files
  const names = entries
    .filter((entry) => !entry.isDirectory() && isArticle(entry))
    .map(({ name }) => name)
    .sort();
  for (const name of names) {
    const slug = name.slice(0, -".md".length);
    const file = shownPath(dir, name);
    const source = await readFile(path.join(dir, name), "utf8").catch(() => undefined); // a dangling link, a file of somebody else
    if (source === undefined) errors.push({ file, line: 1, message: "cannot be read" });
    if (source === undefined) continue;
    const result = parseArticle(file, slug, source, authors, markdown);
    if ("article" in result) articles.set(slug, result.article);
    else errors.push(...result.errors);
  }
  const newestFirst = [...articles.values()].sort(
    (a, b) => b.publishedAt.getTime() - a.publishedAt.getTime() || a.slug.localeCompare(b.slug, "en"),
  );
  const visible = (article: Article, now: Date) => showHidden || isPublic(article, now);
  const bodies = new Map<string, Promise<string>>();

  return {
    errors,

    /** What readers may see now, newest first; articles of one day by slug. */
    list(now: Date): Article[] {
      return newestFirst.filter((article) => visible(article, now));
    },

    find(slug: string, now: Date): Article | undefined {
      const article = articles.get(slug);
      return article && visible(article, now) ? article : undefined;
    },

    /** What to read next: the author's choice first, then the newest; never the article itself. */
    related(article: Article, now: Date, count: number): Article[] {
      const chosen = article.related.map((slug) => articles.get(slug)).filter((other) => other !== undefined);
      const candidates = new Set([...chosen, ...newestFirst]);
      return [...candidates].filter((other) => other !== article && visible(other, now)).slice(0, count);
    },

    /** The HTML of the article's body, rendered on first demand. */
    body(article: Article): Promise<string> {
      const known = bodies.get(article.slug) ?? markdown.render(article.body);
      bodies.set(article.slug, known);
      return known;
    },
  };
}

async function readAuthors(dir: string): Promise<ReturnType<typeof parseAuthors>> {
  const file = shownPath(dir, "authors.yaml");
  try {
    return parseAuthors(file, await readFile(path.join(dir, "authors.yaml"), "utf8"));
  } catch {
    return { authors: new Map(), errors: [{ file, line: 1, message: "is missing or cannot be read" }] };
  }
}

/** `articles/x.md`: the way an author names the file. */
function shownPath(dir: string, name: string): string {
  return path.join(path.basename(dir), name);
}
