// Reads the folder of articles: Markdown files, authors.yaml, images, and the files of examples.

import { isUtf8 } from "node:buffer";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { OperatorError } from "../operator-error.ts";
import { newestFirst, type Article, type ArticleError } from "./article.ts";
import { parseArticle, parseAuthors, type ArticleFile } from "./front-matter.ts";
import { describeImage, figureProblem, isImage, type ArticleImage } from "./images.ts";

/** The folder as it was at one instant. */
export type Snapshot = {
  /** The folder's name, for messages. */
  folder: string;
  /** The articles without errors, newest first, also those that are not public. */
  articles: Article[];
  /** Every article file, also those with errors. */
  files: ArticleFile[];
  /** The images by their path in the folder. */
  images: Map<string, ArticleImage>;
  /** The text files of an article's example by the article's slug, each by its path there. */
  examples: Map<string, Map<string, string>>;
  /** What hides an article. */
  errors: ArticleError[];
  /** Files that are not served. */
  problems: ArticleError[];
  /** What articles show of other files. If it changes, every article is read again. */
  surroundings: string;
};

const authorsFile = "authors.yaml";
const isArticle = (name: string) => name.endsWith(".md") && !name.includes("/");
const servedName = /^[\w-][\w./-]*$/; // no name needs percent-encoding in a URL
const maxTextBytes = 200_000; // four times a long article
const maxImageBytes = 20_000_000;
const maxFiles = 5_000; // each is checked twice a second

/** Returns the public path of an article's examples, or of a file among them. */
export const examplesPath = (slug: string, file = "") =>
  `/articles/${slug}/examples${file && `/${file}`}`;

/** Lists the files to consider. Throws an OperatorError if the folder cannot be read. */
function namesIn(dir: string): string[] {
  try {
    const names = filesBelow(dir, "");
    if (names.length <= maxFiles) return names.sort();
  } catch (cause) {
    throw new OperatorError(`${dir} is not a readable folder: check ARTICLES_DIR.`, { cause });
  }
  throw new OperatorError(`${dir} holds more than ${maxFiles} files: remove some.`);
}

/**
 * Lists the files below a folder, except where a name begins with a dot or an underscore. Follows
 * no symbolic link, which `readdirSync` does with `recursive`.
 */
function filesBelow(dir: string, below: string): string[] {
  return readdirSync(path.join(dir, below), { withFileTypes: true })
    .filter(({ name }) => !/^[._]/.test(name))
    .flatMap((entry) => {
      const name = path.join(below, entry.name);
      return entry.isDirectory() ? filesBelow(dir, name) : [name];
    });
}

/** Returns a text that differs when a file has changed. Awaiting each file would be slower. */
export function stampOf(dir: string): string {
  const stamps = namesIn(dir).map((name) => {
    const stats = lstatSync(path.join(dir, name), { throwIfNoEntry: false });
    return stats ? `${name} ${stats.ctimeMs} ${stats.mtimeMs} ${stats.size} ${stats.ino}` : "";
  });
  return stamps.join("\n");
}

/** Reads the folder. Unchanged articles of `before` are the same objects, with their HTML. */
export function loadArticles(dir: string, before?: Snapshot): Snapshot {
  const folder = path.basename(dir);
  const names = namesIn(dir);
  const { images, examples, problems } = loadOtherFiles(dir, names);
  const { authors, errors } = loadAuthors(dir);
  const namesOfExamples = [...examples].map(([slug, files]) => [slug, ...files.keys()]);
  const surroundings = JSON.stringify([...authors, ...images.values(), ...namesOfExamples]);
  const unchanged = new Map(
    (surroundings === before?.surroundings ? before.files : []).map((file) => [file.file, file]),
  );
  const files = names.filter(isArticle).map((name): ArticleFile => {
    const [slug, file] = [name.slice(0, -".md".length), path.join(folder, name)];
    const content = readRegularFile(path.join(dir, name), maxTextBytes);
    if (typeof content === "string") {
      const errors = [{ file, line: 1, message: content }];
      return { slug, file, body: "", bodyLine: 1, source: "", errors };
    }
    const source = content.toString();
    const known = unchanged.get(file);
    return known?.source === source ? known : parseArticle(file, slug, source, authors);
  });
  return {
    folder,
    articles: files.flatMap(({ article }) => article ?? []).sort(newestFirst),
    files,
    images,
    examples,
    errors: [...errors, ...files.flatMap((file) => file.errors)],
    problems,
    surroundings,
  };
}

function loadOtherFiles(dir: string, names: string[]) {
  const images: Snapshot["images"] = new Map();
  const examples: Snapshot["examples"] = new Map();
  const problems: ArticleError[] = [];
  for (const name of names) {
    const report = (message: string) =>
      problems.push({ file: path.join(path.basename(dir), name), line: 1, message });
    if (name.startsWith("examples/")) {
      const [, slug, file] = /^examples\/([^/]+)\/(.+)$/.exec(name) ?? [];
      if (!slug || !file) continue; // run.ts and the drawing module, which belong to no article
      const content = servedName.test(file)
        ? readRegularFile(path.join(dir, name), maxTextBytes)
        : "has a name with other characters than a-z A-Z 0-9 . _ -";
      if (typeof content === "string") report(`${content}, so it is not served`);
      else if (!isUtf8(content) || content.includes(0))
        report("is not text in UTF-8, so it is not served");
      else examples.getOrInsertComputed(slug, () => new Map()).set(file, content.toString());
    } else if (isImage(name)) {
      const content = readRegularFile(path.join(dir, name), maxImageBytes);
      const image = typeof content === "string" ? undefined : describeImage(name, content);
      if (image) images.set(name, image);
      else report("is not an image that a browser can show");
      const problem = typeof content === "string" ? undefined : figureProblem(content);
      if (problem) report(problem);
    }
  }
  return { images, examples, problems };
}

function loadAuthors(dir: string): ReturnType<typeof parseAuthors> {
  const file = path.join(path.basename(dir), authorsFile);
  const content = readRegularFile(path.join(dir, authorsFile), maxTextBytes);
  if (typeof content !== "string") return parseAuthors(file, content.toString());
  return { authors: new Map(), errors: [{ file, line: 1, message: content }] };
}

/** Returns the content, or why it cannot be read. Checks first: a named pipe would block. */
function readRegularFile(file: string, maxBytes: number): Buffer | string {
  try {
    const stats = lstatSync(file);
    if (!stats.isFile()) return "is not a regular file";
    if (stats.size > maxBytes)
      return `has ${Math.ceil(stats.size / 1_000)} KB, and the limit is ${maxBytes / 1_000} KB`;
    return readFileSync(file);
  } catch {
    return "is missing or cannot be read";
  }
}
