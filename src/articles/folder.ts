// The files in the folder of articles: reads those that have changed. If an article or authors.yaml has an error, its last valid version is
// used.

import { readFile } from "node:fs/promises";
import path from "node:path";
import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import {
  imagesOf,
  type Article,
  type ArticleError,
  type ArticleText,
  type Author,
} from "./article.ts";
import { parseAuthors } from "./authors.ts";
import { readExample, type Example } from "./examples.ts";
import { compareExcerpt } from "./excerpts.ts";
import {
  authorsFile,
  examplesFolder,
  isArticle,
  isExample,
  isMisplaced,
  missing,
  namesIn,
  readRegularFile,
  stampOf,
} from "./files.ts";
import { parseArticle } from "./front-matter.ts";
import { describeImage, imageAddress, isImage, type ArticleImage } from "./images.ts";
import type { Markdown } from "./markdown.ts";

/** A file as last read. If it has `errors`, `article` and `authors` are of its last valid version. `problems` do not hide the article. */
type FileRecord = {
  /** Times, size and inode. Changes whenever the file does. */
  stamp: string;
  errors: ArticleError[];
  problems: ArticleError[];
  article?: Article | undefined;
  /** What could be read of an article with errors. */
  text?: ArticleText | undefined;
  image?: ArticleImage | undefined;
  example?: Example | undefined;
  authors?: Map<string, Author> | undefined;
};

const maxTextBytes = 1_000_000; // 20 times the length of a long article; one of 20 MB once made the feed 25 MB
const maxImageBytes = 20_000_000;
const articlesPerSlice = 10; // about 3 ms

/** Nothing is read before the first `refresh`. */
export function createFolder(dir: string, markdown: Markdown) {
  const records = new Map<string, FileRecord>();
  const missedOnce = new Set<string>();
  const findImage = (name: string) => records.get(path.posix.normalize(name))?.image;
  const findExample = (slug: string) => records.get(`${examplesFolder}/${slug}`)?.example;

  /** Reads changed files. Returns the errors in them, or undefined if nothing has changed. Throws if `dir` does not exist. */
  async function refresh(): Promise<ArticleError[] | undefined> {
    const names = [...new Set([...namesIn(dir), ...records.keys()])].sort();
    const others = names.filter((name) => !isArticle(name) && hasChanged(name));
    for (const name of others) read(name);
    // Articles depend on the authors, and their pages on images and examples.
    const articles = names.filter(
      (name) =>
        isArticle(name) && (hasChanged(name) || (others.length > 0 && !missedOnce.has(name))),
    );
    for (const [index, name] of articles.entries()) {
      read(name);
      if (index % articlesPerSlice === articlesPerSlice - 1) await yieldToEventLoop();
    }
    const changed = [...others, ...articles];
    return changed.length > 0
      ? changed.flatMap((name) => records.get(name)?.errors ?? [])
      : undefined;
  }

  /** Some editors delete a file before they write it again, so a file counts as deleted when two refreshes in a row miss it. */
  function hasChanged(name: string): boolean {
    const stamp = stampOf(dir, name);
    const before = records.get(name)?.stamp;
    if (stamp === missing && before !== undefined && before !== missing && !missedOnce.has(name)) {
      missedOnce.add(name);
      return false;
    }
    missedOnce.delete(name);
    return stamp !== before;
  }

  function read(name: string): void {
    const stamp = stampOf(dir, name);
    if (stamp === missing && name !== authorsFile) records.delete(name);
    else
      records.set(name, {
        stamp,
        errors: [],
        problems: [],
        ...readContent(name, records.get(name)),
      });
  }

  function readContent(name: string, before: FileRecord | undefined): Partial<FileRecord> {
    const file = path.join(path.basename(dir), name);
    const mistake = (message: string) => [{ file, line: 1, message }];
    if (isExample(name)) {
      const { example, problems } = readExample(dir, name);
      return {
        example,
        problems: problems.map(({ name: below, ...mistake }) => ({
          file: path.join(file, below),
          ...mistake,
        })),
      };
    }
    if (isMisplaced(name)) return { problems: mistake(describeMisplaced(name)) };
    const content = readRegularFile(
      path.join(dir, name),
      isImage(name) ? maxImageBytes : maxTextBytes,
    );
    if (isImage(name)) {
      const image = typeof content === "string" ? undefined : describeImage(name, content);
      return image ? { image } : { problems: mistake("is not an image that a browser can show") };
    }
    const { article, authors } = before ?? {};
    if (typeof content === "string") return { errors: mistake(content), article, authors };
    if (name === authorsFile) {
      const parsed = parseAuthors(file, content.toString());
      return {
        errors: parsed.errors,
        authors: parsed.errors.length > 0 && authors?.size ? authors : parsed.authors,
      };
    }
    const allAuthors = records.get(authorsFile)?.authors ?? new Map<string, Author>();
    const lastValid = article && { ...article }; // a new object, so that its body is rendered again with the current images
    return {
      article: lastValid,
      ...parseArticle(file, name.slice(0, -".md".length), content.toString(), allAuthors, markdown),
    };
  }

  /** Returns the mistakes in a body, the images in it that cannot be shown, and its code blocks that differ from their file. Parses the body. */
  function findProblems(article: ArticleText): ArticleError[] {
    const { problems, excerpts } = article.readBody();
    const unusable = imagesOf(article).filter(({ file }) => !findImage(file));
    const examples = findExample(article.slug)?.files ?? new Map<string, string>();
    const found = [
      ...problems,
      ...unusable.map(({ file, line }) => ({
        line,
        message: `the image ${file} is not in the folder of articles, or browsers cannot show it`,
      })),
      ...excerpts.flatMap(
        (excerpt) => compareExcerpt(excerpt, examples, `${examplesFolder}/${article.slug}`) ?? [],
      ),
    ];
    return found.map((mistake) => ({ file: article.file, ...mistake }));
  }

  const all = () => [...records.values()];
  const articles = () => all().flatMap(({ article }) => article ?? []);
  const texts = () =>
    all().flatMap(
      ({ errors, article, text }) => text ?? (errors.length === 0 ? (article ?? []) : []),
    );
  return {
    refresh,
    findImage,
    findExample,
    articles,
    /** Lists the articles as their files are now: with errors, what could be read of them. */
    texts,
    errors: () => all().flatMap(({ errors }) => errors),

    /** Reads the bytes of an image by its public path. */
    imageAt: async (address: string): Promise<Buffer | undefined> => {
      const image = all().find((record) => record.image?.address === address)?.image;
      const content = image && (await readFile(path.join(dir, image.name)).catch(() => undefined));
      // A file that was just replaced must not be sent under the old URL, which caches keep for a year.
      return content && imageAddress(image.name, content) === address ? content : undefined;
    },

    /** Lists the mistakes that do not hide an article. Parses all bodies. */
    problems: () => [
      ...all().flatMap(({ problems }) => problems),
      ...texts().flatMap(findProblems),
    ],
  };
}

function describeMisplaced(name: string): string {
  return name.includes("/")
    ? "is not read, because it is in a sub-folder: move it beside the other articles"
    : "is not read: articles end in .md";
}
