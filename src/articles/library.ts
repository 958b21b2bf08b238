// All articles of a folder, and what was made of them. Files that change are noticed, and a bad save keeps the last good version.
// One function decides what is public, and everything that lists or shows articles asks it.

import { lstat, readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { parseArticle, parseAuthors, type Article, type ArticleError, type Author, type Topic } from "./article.ts";
import { imageAddress, imageTypes, readImage, type ArticleImage } from "./images.ts";
import { createMarkdown, searchText } from "./markdown.ts";
import { createRelatedness } from "./related.ts";
import { openSearch, type Marked } from "./search.ts";
import { watchFolders } from "./watch-folders.ts";

export type Library = Awaited<ReturnType<typeof openLibrary>>;
export type Found = { article: Article; title: Marked; excerpt: Marked };
/** What a look at the folder found: whether anything is new, and what is newly wrong. */
export type Change = { changed: boolean; errors: ArticleError[] };

/** A file as it was read last; `stamp` tells whether it has changed since. */
type Known = { stamp: string; errors: ArticleError[]; article?: Article | undefined; image?: ArticleImage | undefined };

const authorsFile = "authors.yaml";
const imagesFolder = "images";

/** Whether anybody may see the article at this instant. */
export function isPublic(article: Article, now: Date): boolean {
  return !article.draft && article.publishedAt <= now;
}

/**
 * Reads the articles `<dir>/*.md`, `<dir>/authors.yaml` and the images in the folder. Files that are wrong are left out and told in
 * `errors`, all at once. With `showHidden`, drafts and scheduled articles are listed as if they were public. `indexFile` is where the
 * search index is kept; without it nothing is found.
 */
export async function openLibrary(dir: string, { showHidden = false, indexFile = "" } = {}) {
  const markdown = createMarkdown();
  const index = indexFile ? openSearch(indexFile) : undefined;
  const files = new Map<string, Known>();
  let authors = new Map<string, Author>();
  let newestFirst: Article[] = [];
  let aliases = new Map<string, Article>();
  let images = new Map<string, ArticleImage>();
  let version = 0;
  let relatedTo: ReturnType<typeof createRelatedness> | undefined;
  const bodies = new WeakMap<Article, Promise<string>>();
  let indexing: Promise<void> = Promise.resolve();

  const visible = (article: Article, now: Date) => showHidden || isPublic(article, now);
  const articleOf = (slug: string) => files.get(`${slug}.md`)?.article;
  const findImage = (name: string) => files.get(path.posix.normalize(name))?.image;
  const list = (now: Date) => newestFirst.filter((article) => visible(article, now));
  const find = (slug: string, now: Date) => [articleOf(slug)].find((article) => article && visible(article, now));

  /** Looks at every file, or at those named, and reads again what has changed. */
  async function refresh(names?: string[]): Promise<Change> {
    const found = names ?? [...new Set([...(await filesIn(dir)), ...files.keys()])];
    const inOrder = found.filter(isOurs).sort((a, b) => readingOrder(a) - readingOrder(b) || (a < b ? -1 : 1));
    const newErrors: ArticleError[] = [];
    let changed = false;
    let othersDepend = false;
    for (const name of inOrder) {
      const before = files.get(name);
      const after = await look(name, before);
      if (after === before) continue;
      changed = true;
      if (after) files.set(name, after);
      else files.delete(name);
      newErrors.push(...(after?.errors ?? []));
      if (readingOrder(name) < 2) othersDepend = true;
      // Every article depends on the authors, and on the images that it names: those are read again.
      if (readingOrder(name) < 2) for (const [other, file] of files) if (readingOrder(other) === 2) file.stamp = "";
    }
    if (othersDepend && names) newErrors.push(...(await refresh()).errors);
    if (changed) arrange();
    return { changed, errors: newErrors };
  }

  /** The file as it is now; `before` itself where it has not changed, undefined where it is gone. */
  async function look(name: string, before: Known | undefined): Promise<Known | undefined> {
    const file = path.join(dir, name);
    const shown = path.join(path.basename(dir), name);
    const stamp = (await stampOf(file)) ?? (name === authorsFile ? "missing" : "");
    if (stamp === "") return undefined;
    if (before?.stamp === stamp) return before;
    const wrong = (message: string): Known => ({
      stamp,
      errors: [{ file: shown, line: 1, message }],
      article: before?.article,
    });
    if (imageTypes[path.extname(name).toLowerCase()]) {
      const image = await readImage(dir, name).catch(() => undefined); // a folder, a dangling link
      return image ? { stamp, errors: [], image } : wrong("is no image that a browser can show");
    }
    const source = await readFile(file, "utf8").catch(() => undefined); // a dangling link, a file of somebody else
    if (source === undefined) return wrong("is missing or cannot be read");
    if ((await stampOf(file)) !== stamp) return look(name, before); // it was being written
    if (name === authorsFile) {
      const read = parseAuthors(shown, source);
      if (read.errors.length === 0 || authors.size === 0) ({ authors } = read);
      return { stamp, errors: read.errors };
    }
    const parsed = parseArticle(shown, name.slice(0, -".md".length), source, authors, markdown);
    const problems = "errors" in parsed ? parsed.errors : missingImages(shown, parsed.article);
    const article = "article" in parsed && problems.length === 0 ? parsed.article : before?.article;
    return { stamp, errors: problems, article };
  }

  function missingImages(file: string, { images, image, lines }: Article): ArticleError[] {
    const named = [...images, ...(image ? [{ file: image.file, line: lines["image"] ?? 1 }] : [])];
    const missing = named.filter((one) => !findImage(one.file));
    return missing.map((one) => ({ file, line: one.line, message: missingImage(one.file, files.has(path.posix.normalize(one.file))) }));
  }

  function arrange(): void {
    const all = [...files.values()];
    newestFirst = all.flatMap(({ article }) => article ?? []);
    newestFirst.sort((a, b) => b.publishedAt.getTime() - a.publishedAt.getTime() || (a.slug < b.slug ? -1 : 1));
    aliases = new Map(newestFirst.flatMap((article) => article.aliases.map((alias) => [alias, article] as const)));
    images = new Map(all.flatMap(({ image }) => (image ? [[image.address, image] as const] : [])));
    relatedTo = undefined;
    version += 1;
    if (!index) return;
    const findable = newestFirst.filter(({ draft }) => showHidden || !draft);
    indexing = index.update(findable, ({ body }) => searchText(markdown.parse(body).tokens));
    indexing.catch(() => undefined); // whoever asks `settled` hears of it
  }

  await refresh();

  return {
    refresh,

    /** What is wrong with files as they are now, also where an older version of them is still shown. */
    errors: () => [...files.values()].flatMap((file) => file.errors),

    /** The file of an article, as an author names it. */
    fileOf: (article: Article) => path.join(path.basename(dir), `${article.slug}.md`),

    /** Grows whenever something of it has changed. */
    version: () => version,

    /** Resolves once the search index holds what was read last. */
    settled: () => indexing,

    /** What readers may see now, newest first; articles of one day by slug. */
    list,
    find,

    /** What only a private preview shows: drafts, and articles whose time has not come. */
    hidden(now: Date): Article[] {
      return newestFirst.filter((article) => !isPublic(article, now));
    },

    /** The public article that was once at this path, in lower case. */
    findAlias(alias: string, now: Date): Article | undefined {
      const article = aliases.get(alias);
      return article && visible(article, now) ? article : undefined;
    },

    /** Topics of public articles with their counts: the most used first. */
    topics(now: Date): (Topic & { count: number })[] {
      const counts = new Map<string, Topic & { count: number }>();
      for (const topic of list(now).flatMap((article) => article.topics))
        counts.set(topic.slug, { ...topic, count: (counts.get(topic.slug)?.count ?? 0) + 1 });
      return [...counts.values()].sort((a, b) => b.count - a.count || (a.slug < b.slug ? -1 : 1));
    },

    /** One topic with its public articles, newest first. */
    topic(slug: string, now: Date): (Topic & { articles: Article[] }) | undefined {
      const articles = list(now).filter(({ topics }) => topics.some((topic) => topic.slug === slug));
      const topic = articles[0]?.topics.find((one) => one.slug === slug);
      return topic && { ...topic, articles };
    },

    /** The public parts of an article's series and itself, in order; nothing where it belongs to none. */
    seriesOf(article: Article, now: Date): Article[] {
      const { slug, series } = article;
      const others = list(now).filter((other) => other.series?.name === series?.name && other.slug !== slug);
      const parts = series ? [...others, article] : [];
      return parts.sort((a, b) => (a.series?.part ?? 0) - (b.series?.part ?? 0));
    },

    /** What to read next: the author's choice first, then what is most like it, then the newest; never the article itself. */
    related(article: Article, now: Date, count: number): Article[] {
      const likely = [...article.related, ...(relatedTo ??= createRelatedness(newestFirst))(article)]
        .map(articleOf)
        .filter((other) => other !== undefined);
      const candidates = new Set([...likely, ...newestFirst]);
      return [...candidates].filter((other) => other.slug !== article.slug && visible(other, now)).slice(0, count);
    },

    /** The public articles that answer a query best. Any text is a query. */
    search(query: string, now: Date, count: number): Found[] {
      const hits = index?.find(query, count, (slug) => find(slug, now) !== undefined) ?? [];
      return hits.flatMap(({ slug, ...hit }) => ({ ...hit, article: articleOf(slug) as Article }));
    },

    /** The next instant at which an article becomes public by itself. */
    nextPublishing(now: Date): Date | undefined {
      return newestFirst.findLast((article) => !article.draft && article.publishedAt > now)?.publishedAt;
    },

    /** The HTML of the article's body, rendered on first demand. */
    body(article: Article): Promise<string> {
      const known = bodies.get(article) ?? markdown.render(article.body, findImage);
      bodies.set(article, known);
      return known;
    },

    findImage,

    /** An image by its public address: its bytes are read anew each time. */
    async imageAt(address: string): Promise<{ type: string; content: Buffer } | undefined> {
      const image = images.get(address);
      const type = imageTypes[path.extname(image?.name ?? "").toLowerCase()];
      const content = image && (await readFile(path.join(dir, image.name)).catch(() => undefined));
      // A file that was just replaced must not go out under the old name, which caches keep for a year.
      return type && content && imageAddress(image.name, content) === address ? { type, content } : undefined;
    },

    /** Reads files again as they are saved, until the answer is called. `tell` hears of every look that found something new. */
    watch(tell: (change: Change) => void, fail: (error: unknown) => void): () => void {
      return watchFolders([dir, path.join(dir, imagesFolder)], async (changed) => {
        const names = changed?.map((file) => path.relative(dir, file));
        const change = await refresh(names).catch(fail);
        if (change?.changed) tell(change);
        await indexing.catch(fail);
      });
    },

    close(): void {
      index?.close();
    },
  };
}

function missingImage(name: string, isThere: boolean): string {
  if (isThere) return `the image ${name} cannot be read as ${Object.keys(imageTypes).join(" ")}`;
  if (/^([a-z]+:)?\/\//i.test(name))
    return `the image ${name} is on another site, and this one loads nothing from others: save it in images/`;
  return `the image ${name} is not in the folder of articles${name.startsWith("/") ? ": write its name without the slash" : ""}`;
}

/** Images and authors first: articles depend on them. */
function readingOrder(name: string): number {
  return name.endsWith(".md") ? 2 : name === authorsFile ? 1 : 0;
}

/** Names that start with a dot are editors' lock files, with an underscore templates. Images may lie in a folder of their own. */
function isOurs(name: string): boolean {
  const { dir, base, ext } = path.parse(name);
  if (/^[._]/.test(base)) return false;
  if (imageTypes[ext.toLowerCase()]) return dir === "" || dir === imagesFolder;
  return dir === "" && (ext === ".md" || base === authorsFile);
}

async function filesIn(dir: string): Promise<string[]> {
  const images = await readdir(path.join(dir, imagesFolder)).catch(() => []);
  return [...(await readdir(dir)), authorsFile, ...images.map((name) => path.join(imagesFolder, name))];
}

async function stampOf(file: string): Promise<string | undefined> {
  const facts = await stat(file)
    .catch(() => lstat(file))
    .catch(() => undefined);
  return facts && `${facts.ctimeMs} ${facts.mtimeMs} ${facts.size} ${facts.ino}`;
}
