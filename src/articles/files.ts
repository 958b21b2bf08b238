// The files in the folder of articles: which of them are read, whether they have changed, and their content.

import { lstatSync, readdirSync, readFileSync, statSync, type Dirent } from "node:fs";
import path from "node:path";
import { entriesOf, examplesFolder, listExamples, stampOfExample } from "./examples.ts";
import { isImage } from "./images.ts";

export const authorsFile = "authors.yaml";
/** The stamp of a file that does not exist. */
export const missing = "missing";
const imagesFolder = "images";

export const isExample = (name: string) => name.startsWith(`${examplesFolder}/`);
export const isArticle = (name: string) => name.endsWith(".md") && !name.includes("/");
export const isMisplaced = (name: string) => /\.(md|markdown|mdx|txt)$/i.test(name) && !isArticle(name);

/**
 * Returns the names of the files to read, and of texts in sub-folders, which are reported. Names of editors' lock files begin with a dot,
 * those of templates with an underscore.
 */
export function namesIn(dir: string): string[] {
  const entries = readdirSync(dir, { withFileTypes: true });
  const files = entries.map(({ name }) => name).filter((name) => isArticle(name) || isMisplaced(name) || isImage(name));
  const hasImages = statSync(path.join(dir, imagesFolder), { throwIfNoEntry: false })?.isDirectory();
  const images = hasImages ? readdirSync(path.join(dir, imagesFolder)).filter(isImage) : [];
  const named = [...files, ...images.map((name) => `${imagesFolder}/${name}`), ...listExamples(dir)];
  const below = entries.filter(({ name }) => ![examplesFolder, imagesFolder].includes(name)).flatMap((entry) => textsBelow(dir, entry));
  return [authorsFile, ...[...named, ...below].filter((name) => !isIgnored(path.basename(name)))];
}

const isIgnored = (name: string) => /^[._]/.test(name);

/** Lists the Markdown files in a sub-folder and those below it. Follows no symbolic links. */
function textsBelow(dir: string, folder: Dirent, parent = ""): string[] {
  if (!folder.isDirectory() || isIgnored(folder.name)) return [];
  const below = path.posix.join(parent, folder.name);
  const entries = entriesOf(path.join(dir, below));
  const texts = entries.filter((entry) => entry.isFile() && /\.(md|markdown|mdx)$/i.test(entry.name));
  return [...texts.map(({ name }) => `${below}/${name}`), ...entries.flatMap((entry) => textsBelow(dir, entry, below))];
}

/** Returns a text that differs when the file has changed. Synchronous: 10,000 files take 40 ms, and 600 ms when each call is awaited. */
export function stampOf(dir: string, name: string): string {
  const file = path.join(dir, name);
  if (isExample(name)) return stampOfExample(file) || missing;
  for (const stat of [statSync, lstatSync]) {
    try {
      const stats = stat(file, { throwIfNoEntry: false });
      if (stats) return `${stats.ctimeMs} ${stats.mtimeMs} ${stats.size} ${stats.ino}`;
    } catch {
      // a link to itself, or a folder that may not be read
    }
  }
  return missing;
}

/** Returns the content, or why it cannot be read. Checks before opening, because opening a named pipe would block for ever. */
export function readRegularFile(file: string, maxBytes: number): Buffer | string {
  try {
    const stats = statSync(file);
    if (!stats.isFile()) return "is not a regular file";
    if (stats.size > maxBytes) return `has ${(stats.size / 1_000_000).toFixed(1)} MB, and the limit is ${maxBytes / 1_000_000} MB`;
    return readFileSync(file);
  } catch {
    return "is missing or cannot be read";
  }
}
