// The folder of an article's examples: the programs and outputs that the article refers to, which readers can open.

import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { checkRanges } from "./example-output.ts";
import { readReadme, type Readme } from "./example-readme.ts";
import type { Mistake } from "./problems.ts";

/**
 * `files` are by name, which is the path below the folder, such as "timing/Describe.java", in the order of the README. Without a valid README
 * the files are served, and no page lists them.
 */
export type Example = { files: Map<string, ExampleFile>; readme: Readme | undefined };
export type ExampleFile = { name: string; text: string };
export type FileProblem = { name: string; line: number; message: string };

export const examplesFolder = "examples";
const readmeFile = "README.md";
const maxFileBytes = 200_000;
const servedName = /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/; // no name needs percent-encoding in a URL

/** Returns the public path of an article's examples, or of a file among them. */
export const examplesPath = (slug: string, file = "") => `/articles/${slug}/examples${file && `/${file}`}`;

/** Lists the folders of examples, relative to the folder of articles: "examples/slug". */
export function listExamples(dir: string): string[] {
  const folders = entriesOf(path.join(dir, examplesFolder)).filter((entry) => entry.isDirectory());
  return folders.map(({ name }) => `${examplesFolder}/${name}`);
}

/** Returns a text that differs when a file of an example has changed, and "" if there is no such folder. */
export function stampOfExample(dir: string): string {
  const stamps = ["", ...listFiles(dir)].map((name) => {
    const stats = lstatSync(path.join(dir, name), { throwIfNoEntry: false });
    return stats ? `${name} ${stats.ctimeMs} ${stats.mtimeMs} ${stats.size} ${stats.ino}` : "";
  });
  return stamps.join("\n");
}

/** Reads an example, and returns with it the mistakes in its README and why some of its files are not served. */
export function readExample(dir: string): { example: Example; problems: FileProblem[] } {
  const files = new Map<string, ExampleFile>();
  const problems: FileProblem[] = [];
  for (const name of listFiles(dir)) {
    const read = servedName.test(name)
      ? readText(path.join(dir, name))
      : { reason: "its name has other characters than a-z A-Z 0-9 . _ -" };
    if ("text" in read) files.set(name, { name, ...read });
    else problems.push({ name, line: 1, message: `is not served: ${read.reason}` });
  }
  const source = files.get(readmeFile)?.text;
  const report = (mistake: Mistake) => problems.push({ name: readmeFile, ...mistake });
  const others = [...files.keys()].filter((name) => name !== readmeFile);
  const readme = source === undefined ? undefined : readReadme(source, others, report);
  if (source === undefined) report({ line: 1, message: "is missing: it says how the programs are run, and what each file is" });
  for (const run of readme?.runs ?? []) {
    const output = files.get(run.output);
    for (const message of output ? checkRanges(output.text, run) : [])
      report({ line: readme?.lineOfRuns ?? 1, message: `${run.output}: ${message}` });
  }
  const named = [...(readme?.sentences.keys() ?? [])].flatMap((name) => files.get(name) ?? []);
  const inOrder = [...new Set([...named, ...files.values()])];
  return { example: { files: new Map(inOrder.map((file) => [file.name, file])), readme }, problems };
}

/** Lists the files in a folder and its sub-folders, sorted, without those whose name begins with a dot. Follows no symbolic links. */
function listFiles(dir: string, below = ""): string[] {
  const names = entriesOf(path.join(dir, below)).flatMap((entry) => {
    const name = path.posix.join(below, entry.name);
    return entry.isDirectory() ? listFiles(dir, name) : [name];
  });
  return names.sort();
}

/** Lists what is in a folder, without names that begin with a dot; nothing if it cannot be read. */
export function entriesOf(dir: string) {
  try {
    return readdirSync(dir, { withFileTypes: true }).filter(({ name }) => !name.startsWith("."));
  } catch {
    return []; // a folder of articles may have no examples
  }
}

function readText(file: string): { text: string } | { reason: string } {
  let descriptor: number | undefined;
  try {
    // NOFOLLOW refuses a symbolic link, NONBLOCK does not wait for the writer of a named pipe.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) return { reason: "it is not a regular file" };
    if (stats.size > maxFileBytes)
      return { reason: `it has ${Math.ceil(stats.size / 1_000)} KB, and the limit is ${maxFileBytes / 1_000} KB` };
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(descriptor));
    return text.includes("\0") ? { reason: "it holds a NUL character" } : { text };
  } catch (error) {
    return { reason: error instanceof TypeError ? "it is not UTF-8 text" : "it is a symbolic link or cannot be read" };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
