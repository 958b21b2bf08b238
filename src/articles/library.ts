// The articles of a folder, in memory: lists, topics, series, what to read next, search and HTML.

import { watch, type FSWatcher } from "node:fs";
import path from "node:path";
import type { Log } from "../log.ts";
import { href } from "../urls.ts";
import { isPublic, newestFirst, slugify, type Article, type Topic } from "./article.ts";
import { nothingChosen } from "./chosen.ts";
import { formatError } from "./article-error.ts";
import { renderBody, type Rendering } from "./body-html.ts";
import { fileDescription } from "./markdown.ts";
import { listFolder, loadArticles, type Snapshot } from "./load.ts";
import { createSearchIndex, type SearchOptions } from "./search.ts";

type RenderOptions = Partial<Pick<Rendering, "rewriteLink" | "isPlain">>;

/**
 * The articles. Every method answers from the snapshot that was read last, and `now` decides what
 * readers may see.
 */
export type Library = ReturnType<typeof openLibrary>;

/**
 * Opens a folder of articles. With `showHidden`, drafts and scheduled articles are listed as if
 * they were public. Throws an OperatorError if the folder cannot be read.
 */
export function openLibrary(dir: string, { showHidden = false, figureStyle = "" } = {}) {
  let snapshot = loadArticles(dir, figureStyle);
  let version = 0;
  let index: ReturnType<typeof createSearchIndex> | undefined; // the index of this snapshot

  const isVisible = (article: Article, now: Date) => showHidden || isPublic(article, now);
  const list = (now: Date) => snapshot.articles.filter((article) => isVisible(article, now));
  const find = (slug: string, now: Date): Article | undefined =>
    list(now).find((article) => article.slug === slug);

  const readIndex = () => (index ??= createSearchIndex(snapshot.articles));

  function seriesParts(article: Article, now: Date): Article[] {
    const own = article.series && slugify(article.series.name);
    return snapshot.articles
      .filter(({ series }) => series && slugify(series.name) === own)
      .filter((other) => other.slug === article.slug || isVisible(other, now))
      .sort((a, b) => (a.series?.part ?? 0) - (b.series?.part ?? 0));
  }

  return {
    folders: () => listFolder(dir).folders.map((folder) => path.join(dir, folder)),
    /**
     * Reads the folder again. An article that has an error now stays as it was. Throws an
     * OperatorError if the folder cannot be read.
     */
    refresh() {
      const read = loadArticles(dir, figureStyle);
      const { errors } = read;
      // If authors.yaml can't be read, no article would be left, so all stay as they were.
      snapshot = read.authors.size > 0 ? withLastGood(read, snapshot) : { ...snapshot, errors };
      index = undefined;
      version += 1;
      return errors;
    },
    errors: () => snapshot.errors,
    /**
     * Returns the files with errors whose articles are not shown. An article that was valid before
     * is shown as it was.
     */
    hidden(): string[] {
      const shown = new Set(snapshot.articles.map(({ file }) => file));
      const wrong = new Set(snapshot.errors.map(({ file }) => file));
      // If there are authors, authors.yaml is as it was before too.
      const hidesAll = snapshot.authors.size === 0;
      return [...wrong].filter((file) => (file.endsWith(".md") ? !shown.has(file) : hidesAll));
    },
    /** Returns a number that grows whenever articles, authors, images or examples have changed. */
    version: () => version,
    list,
    find,
    people: () => [...snapshot.authors.values()].filter(({ role }) => role),
    /** Returns all articles, also drafts and scheduled ones, which only a private preview shows. */
    all: () => snapshot.articles,
    /** Finds an article by an earlier path of it, in lower case. */
    findByAlias: (alias: string, now: Date) =>
      list(now).find((article) => article.aliases.includes(alias)),
    /** Returns the topics, the most frequent first. */
    topics(now: Date) {
      const counted = new Map<string, Topic & { count: number }>();
      for (const topic of list(now).flatMap(({ topics }) => topics))
        counted.getOrInsertComputed(topic.slug, () => ({ ...topic, count: 0 })).count += 1;
      return [...counted.values()].sort((a, b) => b.count - a.count || (a.slug < b.slug ? -1 : 1));
    },
    topic(slug: string, now: Date) {
      const articles = list(now).filter(({ topics }) => topics.some((one) => one.slug === slug));
      const topic = articles[0]?.topics.find((one) => one.slug === slug);
      return topic && { ...topic, articles };
    },
    /** Returns the editors' choices, which may name articles that are not public. */
    chosen: () => snapshot.chosen ?? nothingChosen,
    topicSentence: (name: string) => snapshot.topicSentences?.get(name),
    seriesParts,
    /**
     * Returns the articles to read next, best first: the next part of the series, those that the
     * author names, those on the same topic, and then the newest.
     */
    readAfter(article: Article, now: Date, count: number) {
      const { slug, related, series, topics } = article;
      const part = series?.part ?? 0;
      const visible = list(now);
      const candidates = new Set([
        ...seriesParts(article, now)
          .filter((other) => (other.series?.part ?? 0) > part)
          .slice(0, 1),
        ...related.flatMap((other) => find(other, now) ?? []),
        ...visible.filter((other) =>
          other.topics.some((one) => topics.some((own) => own.slug === one.slug)),
        ),
        ...visible,
      ]);
      return [...candidates].filter((other) => other.slug !== slug).slice(0, count);
    },
    /** Builds the index, so that no visitor's search waits for it. */
    async prepareSearch(): Promise<void> {
      await readIndex();
    },
    /**
     * Searches the articles. Any text is a valid query. The first search after a change waits for
     * the index.
     */
    async search(query: string, now: Date, options: SearchOptions) {
      return (await readIndex())(query, list(now), options);
    },
    nextPublishing: (now: Date) =>
      snapshot.articles.findLast(({ draft, publishedAt }) => !draft && publishedAt > now)
        ?.publishedAt,
    /** Renders the body of an article, or a Markdown file of its examples. */
    html: ({ slug, body }: Pick<Article, "slug" | "body">, options: RenderOptions = {}) =>
      renderBody(body, {
        findImage: (file) => snapshot.images.get(path.posix.normalize(file)),
        findExample: (file) =>
          snapshot.examples.get(slug)?.has(file) ? href("exampleFile", { slug, file }) : undefined,
        rewriteLink: (target) => target,
        ...options,
      }),
    /** Returns the programs and outputs of an article by their paths. */
    examples: ({ slug }: Article) => snapshot.examples.get(slug),
    /** Returns as text what the README of the examples says about a file. */
    describeExample: ({ slug }: Article, file: string) =>
      fileDescription(snapshot.examples.get(slug)?.get("README.md") ?? "", file),
    image: (file: string) => snapshot.images.get(file),
    imageAt: (address: string) =>
      snapshot.images.values().find((image) => image.address === address),
  };
}

/** Adds to a snapshot, as they were before, the articles that have an error now. */
function withLastGood(read: Snapshot, before: Snapshot): Snapshot {
  const wrong = new Set(read.errors.map(({ file }) => file));
  const kept = before.articles.filter(({ file }) => wrong.has(file));
  return {
    ...read,
    articles: [...read.articles, ...kept].sort(newestFirst),
    chosen: read.chosen ?? before.chosen,
    topicSentences: read.topicSentences ?? before.topicSentences,
  };
}

/**
 * Refreshes the library after changes, once nothing has changed for `quietMs`: `git merge` and
 * editors write several files. It logs once a minute that the folder can't be read. Returns a
 * function that ends it.
 */
export function watchLibrary(
  { folders, refresh }: Pick<Library, "folders" | "refresh">,
  log: Pick<Log, "info" | "error">,
  { quietMs = 300, retryMs = 60_000 } = {},
): () => void {
  const watchers: FSWatcher[] = [];
  let timer: NodeJS.Timeout | undefined;
  const stop = () => {
    clearTimeout(timer);
    for (const watcher of watchers.splice(0)) watcher.close();
  };
  const readIn = (delayMs: number) => {
    clearTimeout(timer);
    timer = setTimeout(read, delayMs).unref();
  };
  const changed = () => readIn(quietMs);
  const watchAll = () => {
    stop();
    // Each folder has a watcher of its own. With `recursive`, Node would give one to each of the
    // 400 files.
    for (const folder of folders())
      watchers.push(watch(folder, { persistent: false }, changed).on("error", changed));
  };
  function read() {
    try {
      watchAll(); // watching comes before reading, because a folder may be new
      const errors = refresh();
      for (const error of errors)
        log.error(
          { article: formatError(error) },
          "an article has an error: readers see it as it was before",
        );
      if (errors.length === 0) log.info("the articles were reloaded");
    } catch (error) {
      log.error({ err: error }, "the articles could not be reloaded");
      readIn(retryMs);
    }
  }
  watchAll();
  return stop;
}
