// Reads the folder of articles: Markdown files, authors.yaml, images, and the files of examples.

import { isUtf8 } from "node:buffer";
import { readdirSync, readFileSync, type Dirent } from "node:fs";
import path from "node:path";
import { imageSize } from "image-size";
import { OperatorError } from "../operator-error.ts";
import { hashedName, imageHref } from "../urls.ts";
import { newestFirst, type Author } from "./article.ts";
import { parseChosen, parseTopics } from "./chosen.ts";
import { parseArticle, parseAuthors, type ArticleFile } from "./front-matter.ts";
import { reportInto, type ArticleError, type Report } from "./article-error.ts";

export type ArticleImage = {
  /** The URL of the image, which has a hash of the content, so that caches may keep it for ever. */
  address: string;
  width: number;
  height: number;
  content: Buffer;
  /** The parts of an SVG without colours, which pages contain so that it takes theirs. */
  figure: { viewBox: string; drawing: string } | undefined;
};

export type Snapshot = ReturnType<typeof loadArticles>;

const servedName = /^[\w-][\w./-]*$/; // a file of such a name has a URL without percent-encoding
const conflict = /^[ \t]*(<{7}|>{7}) \S/m;
const diffBlock = /^```diff$[^]*?^```/gm; // an article may show the signs of a conflict in one
/**
 * The time for some texts grows with the square of their length. The slowest have accents in two
 * places of a letter, which the search puts in order: 64 KB of them took 1 s, and 900 KB stopped
 * the site for 179 s. 64 KB of authors.yaml took 0.7 s. Our longest text has 21 KB.
 */
const maxTextBytes = 64_000;
const maxImageBytes = 1_000_000;
/** All files are held in memory: 15 MB of articles took 314 MB, and the systemd unit allows 512. */
const maxFolderBytes = 20_000_000;

/**
 * Returns the names of files and folders relative to `dir`, which is "" itself. Links are followed
 * neither to files nor to folders.
 */
export function listFolder(dir: string) {
  const folders = [""];
  const files: string[] = [];
  for (const folder of folders)
    for (const entry of readFolder(path.join(dir, folder))) {
      if (/^[._]/.test(entry.name)) continue; // hidden files are no articles
      const name = path.join(folder, entry.name);
      if (entry.isDirectory()) folders.push(name);
      else if (entry.isFile()) files.push(name);
    }
  return { folders, files: files.sort() };
}

function readFolder(dir: string): Dirent[] {
  try {
    return readdirSync(dir, { withFileTypes: true });
  } catch (cause) {
    throw new OperatorError(`${dir} is not a readable folder: check ARTICLES_DIR.`, { cause });
  }
}

/**
 * Reads a folder of articles, and reports what is wrong in it. `figureStyle` is the style sheet of
 * a figure that is opened as a file, as feeds and Markdown link it.
 */
export function loadArticles(dir: string, figureStyle = "") {
  const folder = path.basename(dir); // messages name the folder so
  const names = listFolder(dir).files;
  /** The errors that hide an article. */
  const errors: ArticleError[] = [];
  /** The errors of files that are not served. */
  const fileErrors: ArticleError[] = [];
  const readContent = createReader(dir);

  /** Reads a YAML file. Returns undefined if it is wrong. A missing one is read as an empty one. */
  const read = <Values>(
    name: string,
    parse: (source: string, report: Report) => Values,
    list = fileErrors,
  ) => {
    const report = reportInto(list, path.join(folder, name));
    const source = names.includes(name)
      ? readText(readContent(name, maxTextBytes, report), report)
      : "";
    return source === undefined ? undefined : parse(source, report);
  };
  const authors = read("authors.yaml", parseAuthors, errors) ?? new Map<string, Author>();

  /** Every article file by its slug, also those with errors. */
  const files = new Map<string, ArticleFile>();
  /** The images by their paths in the folder. */
  const images = new Map<string, ArticleImage>();
  /** The text files of an article's examples: by its slug, then by path. */
  const examples = new Map<string, Map<string, string>>();
  for (const name of names) {
    const report = reportInto(fileErrors, path.join(folder, name));
    const [, slug, file] = /^examples\/([^/]+)\/(.+)$/.exec(name) ?? [];
    if (name.endsWith(".md") && !name.includes("/")) {
      const parse = (source: string, report: Report) =>
        parseArticle(path.join(folder, name), source, authors, report);
      const article = read(name, parse, errors);
      if (article) files.set(article.slug, article);
    } else if (slug && file) {
      const text = read(name, String);
      if (!servedName.test(file))
        report(1, "has a name with other characters than a-z A-Z 0-9 . _ -");
      else if (text !== undefined)
        examples.getOrInsertComputed(slug, () => new Map()).set(file, text);
    } else if (/^(images|sharing)\//.test(name)) {
      const content = readContent(name, maxImageBytes, report);
      const image = content && readImage(name, content, figureStyle);
      if (image) images.set(name, image);
      else if (content)
        report(1, "is not an image for browsers: export it as SVG, PNG, JPEG, WebP, AVIF or GIF");
    }
  }
  /** The articles without errors, newest first, also those that are not public. */
  const articles = [...files.values()].flatMap(({ article }) => article ?? []).sort(newestFirst);
  const isThere = (name: string) => files.has(name) || images.has(name);
  const chosen = read("chosen.yaml", (...file) => parseChosen(...file, isThere));
  const topicSentences = read("topics.yaml", parseTopics);
  const choices = { chosen, topicSentences };
  return { folder, authors, articles, files, images, examples, ...choices, errors, fileErrors };
}

function createReader(dir: string) {
  let room = maxFolderBytes;
  return (name: string, maxBytes: number, report: Report): Buffer | undefined => {
    try {
      const content = readFileSync(path.join(dir, name));
      const { length } = content;
      if (length > maxBytes) report(1, `has ${length} bytes, and the limit is ${maxBytes}`);
      else if (length > room)
        report(1, `has no room: the limit of all files together is ${maxFolderBytes} bytes`);
      else {
        room -= length;
        return content;
      }
    } catch {
      report(1, "cannot be read");
    }
    return undefined;
  };
}

function readText(content: Buffer | undefined, report: Report): string | undefined {
  if (!content) return undefined;
  const text = content.toString();
  const mark = text.replace(diffBlock, (block) => block.replace(/[<>]/g, " ")).search(conflict);
  if (!isUtf8(content) || text.includes("\0")) report(1, "is not text in UTF-8: save it as UTF-8");
  else if (mark >= 0)
    report(
      text.slice(0, mark).split("\n").length,
      "is the mark of a conflict: choose a version, or show it as ```diff",
    );
  else return text;
  return undefined;
}

const imageName = /\.(avif|gif|jpe?g|png|svg|webp)$/i;

function readImage(name: string, bytes: Buffer, figureStyle: string): ArticleImage | undefined {
  try {
    const { width, height } = imageSize(bytes);
    if (!width || !height || !imageName.test(name)) return undefined;
    const svg = /\.svg$/i.test(name) ? bytes.toString() : ""; // to read 28 PNGs as text took 16 ms
    const [, viewBox, drawing] = figureParts.exec(svg) ?? [];
    const figure = viewBox && drawing ? { viewBox, drawing: drawing.trim() } : undefined;
    const style = (end: string) => `${end}<style>${figureStyle}</style>`;
    const content = figure ? Buffer.from(svg.replace("</desc>", style)) : bytes;
    const address = imageHref(hashedName(name, content));
    return { address, width: Math.round(width), height: Math.round(height), content, figure };
  } catch {
    return undefined;
  }
}

/** Matches the file of a figure: its view box, its description, and the content after these. */
const figureParts =
  /^<svg class="figure"[^<>]{0,300} viewBox="([^"<>]{1,60})"[^<>]{0,300}>\s*(?:<title[^<>]*>[^<]*<\/title>\s*)?<desc[^<>]*>[^<]*<\/desc>([^]*)<\/svg>\s*$/;
