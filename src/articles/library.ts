// All articles of a folder, and what was made of them: lists, topics, series, what is related, search, bodies.
// One function decides what is public, and everything that lists or shows articles asks it.

import { readFile } from "node:fs/promises";
import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { newestFirst, type Article, type Topic } from "./article.ts";
import { createFolder, imagesFolder, type Change } from "./folder.ts";
import { imageAddress } from "./images.ts";
import { openKeptFiles } from "./kept-files.ts";
import { createMarkdown } from "./markdown.ts";
import { createRelatedness } from "./related.ts";
import { openSearch, type Found } from "./search.ts";
import { searchText } from "./tokens.ts";
import { watchFolders } from "./watch-folders.ts";

export type Library = Awaited<ReturnType<typeof openLibrary>>;

const mostBodies = 20; // as many as feeds hold

/** Whether anybody may see the article at this instant. */
export function isPublic(article: Article, now: Date): boolean {
  return !article.draft && article.publishedAt <= now;
}

/**
 * Reads the articles `<dir>/*.md`, `<dir>/authors.yaml` and the images in the folder. Files that are wrong are left out and told in
 * `errors`, all at once. With `showHidden`, drafts and scheduled articles are listed as if they were public. `dataDir` is where the search
 * index is kept, and what was read; without it nothing is found, and the next start reads everything again.
 */
export async function openLibrary(dir: string, { showHidden = false, dataDir = "" } = {}) {
  const markdown = createMarkdown();
  const index = dataDir ? openSearch(path.join(dataDir, "search.db")) : undefined;
  const kept = dataDir ? openKeptFiles(dataDir, dir) : undefined;
  const folder = createFolder(dir, markdown, kept);
  const relatedness = createRelatedness();
  let all: Article[] = []; // newest first
  let version = 0;
  let closed = false;
  const bodies = new Map<Article, Promise<string>>();
  let indexing: Promise<void> | undefined;
  let indexError: unknown;

  const visible = (article: Article, now: Date) => showHidden || isPublic(article, now);
  const list = (now: Date) => all.filter((article) => visible(article, now));
  const find = (slug: string, now: Date) => [folder.article(slug)].find((article) => article && visible(article, now));

  /** The HTML of the article's body, rendered on first demand. */
  function body(article: Article): Promise<string> {
    const known = bodies.get(article) ?? markdown.render(article.body, folder.findImage);
    known.catch(() => bodies.delete(article)); // a failure is not kept
    bodies.delete(article);
    bodies.set(article, known); // the one asked for last stands last
    if (bodies.size > mostBodies) for (const oldest of [...bodies.keys()].slice(0, 1)) bodies.delete(oldest);
    return known;
  }

  function arrange(): void {
    all = folder.articles().sort(newestFirst);
    relatedness.update(all);
    version += 1;
  }

  function updateIndex(): Promise<void> {
    const findable = all.filter(({ draft }) => showHidden || !draft);
    indexError = undefined;
    indexing = index?.update(findable, ({ body }) => searchText(markdown.parse(body).tokens)) ?? Promise.resolve();
    indexing.catch((error: unknown) => (indexError = error)); // the next look tells of it, and who asks `settled` hears of it
    return indexing;
  }

  /** Looks at every file, or at those named, and reads again what has changed. */
  async function refresh(names?: string[]): Promise<Change> {
    const change = await folder.refresh(names);
    if (change.changed) {
      arrange();
      void updateIndex();
    }
    return change;
  }

  await folder.refresh();
  arrange();

  return {
    refresh,

    /** What is wrong with files as they are now, also where an older version of them is still shown. */
    errors: folder.errors,

    /** Grows whenever something of it has changed. */
    version: () => version,

    /** Resolves once the search index holds what was read last. */
    settled: () => indexing ?? updateIndex(),

    /** What readers may see now, newest first; articles of one day by slug. */
    list,
    find,

    /** What only a private preview shows: drafts, and articles whose time has not come. */
    hidden(now: Date): Article[] {
      return all.filter((article) => !isPublic(article, now));
    },

    /** The public article that was once at this path, in lower case. */
    findAlias(alias: string, now: Date): Article | undefined {
      return list(now).findLast((article) => article.aliases.includes(alias));
    },

    /** Topics of public articles with their counts: the most used first. */
    topics(now: Date): (Topic & { count: number })[] {
      const used = list(now).flatMap(({ topics }) => topics);
      const bySlug = Map.groupBy(used, ({ slug }) => slug);
      const counted = [...bySlug].map(([slug, same]) => ({ slug, name: same[0]?.name ?? slug, count: same.length }));
      return counted.sort((a, b) => b.count - a.count || (a.slug < b.slug ? -1 : 1));
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
      if (!series) return [];
      const others = list(now).filter((other) => other.series?.name === series.name && other.slug !== slug);
      return [...others, article].sort((a, b) => (a.series?.part ?? 0) - (b.series?.part ?? 0));
    },

    /** What to read next: the author's choice first, then what is most like it, then the newest; never the article itself. */
    related(article: Article, now: Date, count: number): Article[] {
      const chosen = article.related.map(folder.article).filter((other) => other !== undefined);
      const candidates = new Set([...chosen, ...relatedness.of(article), ...all]);
      return [...candidates].filter((other) => other.slug !== article.slug && visible(other, now)).slice(0, count);
    },

    /** The public articles that answer a query best. Any text is a query. */
    search(query: string, now: Date, count: number): Found[] {
      return index?.find(query, count, (slug) => find(slug, now)) ?? [];
    },

    /** The next instant at which an article becomes public by itself. */
    nextPublishing(now: Date): Date | undefined {
      return all.findLast((article) => !article.draft && article.publishedAt > now)?.publishedAt;
    },

    body,

    /**
     * Does in slices what listening need not wait for: fills the search index, compares all articles, and loads what paints code. Until then
     * a search answers from the index of the last start.
     */
    async warmUp(now: Date): Promise<void> {
      if (!indexing) void updateIndex();
      kept?.tidy();
      while (!closed && relatedness.step()) await nextTurn();
      for (const article of list(now).slice(0, mostBodies)) if (!closed) await body(article).then(nextTurn);
    },

    findImage: folder.findImage,

    /** The bytes of an image by its public address, read anew each time. */
    async imageAt(address: string): Promise<Buffer | undefined> {
      const image = folder.images().find((one) => one.address === address);
      const content = image && (await readFile(path.join(dir, image.name)).catch(() => undefined));
      // A file that was just replaced must not go out under the old name, which caches keep for a year.
      return content && imageAddress(image.name, content) === address ? content : undefined;
    },

    /**
     * Reads files again as they are saved, until the answer is called. `tell` hears of every look that found something new, `fail` of one
     * that failed, and `failIndex` why the search index is not up to date, each time that it is tried again.
     */
    watch(tell: (change: Change) => void, fail: (error: unknown) => void, failIndex: (error: unknown) => void): () => void {
      const look = async (changed?: string[]) => {
        const change = await refresh(changed?.map((file) => path.relative(dir, file)));
        if (change.changed) return tell(change);
        const trouble = indexError ?? index?.damage();
        if (!trouble) return;
        failIndex(trouble);
        void updateIndex();
      };
      return watchFolders([dir, path.join(dir, imagesFolder)], look, fail);
    },

    close(): void {
      closed = true;
      index?.close();
      kept?.close();
    },
  };
}
