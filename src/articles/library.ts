// The articles of a folder, in memory: lists, topics, series, related articles, search and rendered bodies.

import QuickLRU from "quick-lru";
import { isPublic, newestFirst, type Article, type ArticleError, type Topic } from "./article.ts";
import { examplesPath } from "./examples.ts";
import { createFolder } from "./folder.ts";
import { createMarkdown } from "./markdown.ts";
import { indexRelated } from "./related.ts";
import { createSearchIndex, type Found } from "./search.ts";

export type Library = Awaited<ReturnType<typeof openLibrary>>;

const maxRendered = 200; // bodies, of about 30 KB
const renderedAtStart = 20; // as many as a feed contains

/**
 * Opens the folder with the articles `*.md`, `authors.yaml` and images. Files with errors are left out and listed in `errors`. With
 * `showHidden`, drafts and scheduled articles are listed as if they were public. Throws if the folder cannot be read.
 */
export async function openLibrary(dir: string, { showHidden = false } = {}) {
  const markdown = createMarkdown();
  const folder = createFolder(dir, markdown);
  const index = createSearchIndex();
  const rendered = new QuickLRU<Article, Promise<string>>({ maxSize: maxRendered });
  let all: Article[] = []; // newest first
  let bySlug = new Map<string, Article>();
  let rankRelated: ReturnType<typeof indexRelated> | undefined; // cleared by each change
  let version = 0;
  let problems: ArticleError[] = [];
  let indexing = Promise.resolve();
  let indexedVersion = 0; // 0: nothing is indexed yet
  let closed = false;

  const isVisible = (article: Article, now: Date) => showHidden || isPublic(article, now);
  const list = (now: Date) => all.filter((article) => isVisible(article, now));

  function find(slug: string, now: Date): Article | undefined {
    const article = bySlug.get(slug);
    return article && isVisible(article, now) ? article : undefined;
  }

  /** Lists the public parts of an article's series in order, with the article itself; nothing if it has no series. */
  function seriesOf(article: Article, now: Date): Article[] {
    const { slug, series } = article;
    if (!series) return [];
    const others = list(now).filter(
      (other) => other.series?.name === series.name && other.slug !== slug,
    );
    return [...others, article].sort((a, b) => (a.series?.part ?? 0) - (b.series?.part ?? 0));
  }

  /** Reads changed files. Returns the errors in them, or undefined if nothing has changed. Throws if the folder does not exist. */
  async function refresh(): Promise<ArticleError[] | undefined> {
    const errors = await folder.refresh();
    if (!errors) return undefined;
    all = folder.articles().sort(newestFirst);
    bySlug = new Map(all.map((article) => [article.slug, article]));
    rankRelated = undefined;
    version += 1;
    return errors;
  }

  /** Resolves when the search index contains all articles as last read. Rejects if SQLite fails; the next call tries again. */
  function indexReady(): Promise<void> {
    if (indexedVersion === version) return indexing;
    indexedVersion = version;
    indexing = indexing.catch(() => {}).then(updateIndex);
    indexing.catch(() => (indexedVersion = 0));
    return indexing;
  }

  async function updateIndex(): Promise<void> {
    await index.update(all.filter(({ draft }) => showHidden || !draft));
    if (!closed) problems = folder.problems();
  }

  function render({ slug, body }: Article): Promise<string> {
    const files = folder.findExample(slug)?.files;
    return markdown.render(body, folder.findImage, (name) =>
      files?.has(name) ? examplesPath(slug, name) : undefined,
    );
  }

  /** Returns the HTML of an article's body, which is rendered on first use. */
  function body(article: Article): Promise<string> {
    const html = rendered.get(article) ?? render(article);
    rendered.set(article, html);
    html.catch(() => rendered.delete(article)); // the next request tries again
    return html;
  }

  await refresh();

  return {
    refresh,
    indexReady,

    /** Lists mistakes in bodies, missing images and misnamed files. They do not hide articles. Complete once `indexReady` has resolved. */
    bodyProblems: () => problems,

    texts: folder.texts,

    /** Lists the errors in front matter, in authors.yaml and of unreadable files, as the files are now. */
    errors: folder.errors,

    /** Incremented by every change of an article, an author or an image. */
    version: () => version,

    /** Lists the articles that readers may see, newest first. */
    list,
    find,

    /** Lists drafts and scheduled articles, which only a private preview shows. */
    hidden(now: Date): Article[] {
      return all.filter((article) => !isPublic(article, now));
    },

    /** Returns the public article that had this path earlier. `alias` is in lower case. */
    findByAlias(alias: string, now: Date): Article | undefined {
      return list(now).findLast((article) => article.aliases.includes(alias));
    },

    /** Lists the topics of public articles with their counts, the most frequent first. */
    topics(now: Date): (Topic & { count: number })[] {
      const used = list(now).flatMap(({ topics }) => topics);
      const bySlug = Map.groupBy(used, ({ slug }) => slug);
      const counted = [...bySlug].map(([slug, same]) => ({
        slug,
        name: same[0]?.name ?? slug,
        count: same.length,
      }));
      return counted.sort((a, b) => b.count - a.count || (a.slug < b.slug ? -1 : 1));
    },

    /** Returns a topic with its public articles, newest first. */
    topic(slug: string, now: Date): (Topic & { articles: Article[] }) | undefined {
      const articles = list(now).filter(({ topics }) =>
        topics.some((topic) => topic.slug === slug),
      );
      const topic = articles[0]?.topics.find((one) => one.slug === slug);
      return topic && { ...topic, articles };
    },

    seriesOf,

    /**
     * Lists what to read after an article, best first: the next part of its series, the author's choice, similar articles, the newest. `next`
     * has the first two, `more` up to `count` others. If there are fewer others, `more` repeats the first two.
     */
    readAfter(article: Article, now: Date, count: number): { next: Article[]; more: Article[] } {
      rankRelated ??= indexRelated(all);
      const nextPart = seriesOf(article, now).find(
        ({ series }) => (series?.part ?? 0) > (article.series?.part ?? 0),
      );
      const chosen = article.related.flatMap((slug) => bySlug.get(slug) ?? []);
      const candidates = new Set([
        ...(nextPart ? [nextPart] : []),
        ...chosen,
        ...rankRelated(article),
        ...all,
      ]);
      const others = [...candidates].filter(
        (other) => other.slug !== article.slug && isVisible(other, now),
      );
      const next = others.slice(0, 2);
      return { next, more: [...others.slice(2), ...next].slice(0, count) };
    },

    /** Returns the public articles that match a query best. Any text is a valid query. Waits until the index is complete. */
    async search(query: string, now: Date, count: number): Promise<Found[]> {
      await indexReady();
      return index.find(query, count, (slug) => find(slug, now));
    },

    /** Returns the public articles whose titles contain words of a path that does not exist. Waits until the index is complete. */
    async suggest(words: string, now: Date, count: number): Promise<Article[]> {
      await indexReady();
      return index.suggest(words, count, (slug) => find(slug, now));
    },

    /** Returns the next instant at which a scheduled article becomes public. */
    nextPublishing(now: Date): Date | undefined {
      return all.findLast((article) => !article.draft && article.publishedAt > now)?.publishedAt;
    },

    body,

    /** Renders the newest articles, which also loads the highlighter. */
    async renderNewest(now: Date): Promise<void> {
      for (const article of list(now).slice(0, renderedAtStart)) await body(article);
    },

    /** Returns the programs and outputs of an article, if it has any. */
    exampleOf: ({ slug }: Pick<Article, "slug">) => folder.findExample(slug),

    findImage: folder.findImage,
    imageAt: folder.imageAt,

    close(): void {
      closed = true;
      index.close();
    },
  };
}
