// The files in the folder of articles: which of them are read, whether they have changed, and their content.

import { lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { OperatorError } from "../operator-error.ts";
import { isImage } from "./images.ts";

export const authorsFile = "authors.yaml";
export const examplesFolder = "examples";
/** The stamp of a missing file. */
export const missing = "missing";

export const isExample = (name: string) => name.startsWith(`${examplesFolder}/`);
export const isArticle = (name: string) => name.endsWith(".md") && !name.includes("/");
export const isMisplaced = (name: string) =>
  /\.(md|markdown|mdx)$|^[^/]*\.txt$/i.test(name) && !isArticle(name);

/**
 * Returns the names of the files to read, of texts that are misnamed or in sub-folders, which are reported, and of the folders of examples.
 * Templates and their folders begin with an underscore. Throws an OperatorError if the folder cannot be read.
 */
export function namesIn(dir: string): string[] {
  const names = filesBelow(dir).filter((name) => !/(^|\/)_/.test(name));
  const examples = names.flatMap((name) => /^examples\/[^/]+(?=\/)/.exec(name)?.[0] ?? []);
  const others = names.filter(
    (name) => !isExample(name) && (isArticle(name) || isMisplaced(name) || isImage(name)),
  );
  return [authorsFile, ...others, ...new Set(examples)];
}

/** Lists the files in a folder and its sub-folders, without names that begin with a dot. Follows no symbolic links to folders. */
export function filesBelow(dir: string, below = ""): string[] {
  return entriesOf(path.join(dir, below), below !== "").flatMap((entry) => {
    const name = path.posix.join(below, entry.name);
    return entry.isDirectory() ? filesBelow(dir, name) : [name];
  });
}

function entriesOf(dir: string, mayBeMissing: boolean) {
  try {
    return readdirSync(dir, { withFileTypes: true }).filter(({ name }) => !name.startsWith("."));
  } catch (error) {
    if (mayBeMissing) return []; // deleted a moment ago
    throw new OperatorError(`${dir} is not a readable folder: check ARTICLES_DIR.`, {
      cause: error,
    });
  }
}

/** Returns a text that differs when the file has changed. Synchronous: 10,000 files take 40 ms, and 600 ms when each call is awaited. */
export function stampOf(dir: string, name: string): string {
  const files = isExample(name) ? filesBelow(dir, name) : [name];
  return files.map((file) => stampOfFile(path.join(dir, file))).join("\n") || missing;
}

function stampOfFile(file: string): string {
  try {
    const stats = statSync(file, { throwIfNoEntry: false }) ?? lstatSync(file); // of a broken symbolic link
    return `${stats.ctimeMs} ${stats.mtimeMs} ${stats.size} ${stats.ino}`;
  } catch {
    return "";
  }
}

/** Returns the content, or why it cannot be read. Checks before opening, because opening a named pipe would block forever. */
export function readRegularFile(
  file: string,
  maxBytes: number,
  stat: typeof statSync = statSync,
): Buffer | string {
  try {
    const stats = stat(file);
    if (!stats.isFile()) return "is not a regular file";
    if (stats.size > maxBytes)
      return `has ${Math.ceil(stats.size / 1_000)} KB, and the limit is ${maxBytes / 1_000} KB`;
    return readFileSync(file);
  } catch {
    return "is missing or cannot be read";
  }
}
