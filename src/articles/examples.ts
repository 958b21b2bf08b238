// The folder of an article's examples: programs and outputs that readers can open.

import { isUtf8 } from "node:buffer";
import { lstatSync } from "node:fs";
import path from "node:path";
import { checkRanges } from "./example-output.ts";
import { readReadme, type Readme } from "./example-readme.ts";
import { filesBelow, readRegularFile } from "./files.ts";
import type { Mistake } from "./problems.ts";

/**
 * `files` maps the path below the folder, such as "timing/Describe.java", to the text, in the order of the README. `readme` is undefined if
 * it is missing or invalid.
 */
export type Example = { files: Map<string, string>; readme: Readme | undefined };

const readmeFile = "README.md";
const maxFileBytes = 200_000;
const servedName = /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/; // no name needs percent-encoding in a URL

/** Returns the public path of an article's examples, or of a file among them. */
export const examplesPath = (slug: string, file = "") =>
  `/articles/${slug}/examples${file && `/${file}`}`;

/** Reads the example in `folder` below `dir`, with the mistakes in its README and the reasons why files are not served. */
export function readExample(
  dir: string,
  folder: string,
): { example: Example; problems: (Mistake & { name: string })[] } {
  const files = new Map<string, string>();
  const problems: (Mistake & { name: string })[] = [];
  for (const file of filesBelow(dir, folder).sort()) {
    const name = path.posix.relative(folder, file);
    const content = servedName.test(name)
      ? readRegularFile(path.join(dir, file), maxFileBytes, lstatSync) // lstat: a symbolic link is no regular file
      : "has a name with other characters than a-z A-Z 0-9 . _ -";
    const text =
      typeof content !== "string" && isUtf8(content) && !content.includes(0)
        ? content.toString()
        : undefined;
    if (text !== undefined) files.set(name, text);
    else
      problems.push({
        name,
        line: 1,
        message: `${typeof content === "string" ? content : "is not text in UTF-8"}, so it is not served`,
      });
  }
  const source = files.get(readmeFile);
  const report = (mistake: Mistake) => problems.push({ name: readmeFile, ...mistake });
  const others = [...files.keys()].filter((name) => name !== readmeFile);
  const readme = source === undefined ? undefined : readReadme(source, others, report);
  if (source === undefined)
    report({
      line: 1,
      message: "is missing: it says how the programs are run, and what each file is",
    });
  for (const run of readme?.runs ?? []) {
    const output = files.get(run.output);
    for (const message of output === undefined ? [] : checkRanges(output, run))
      report({ line: readme?.lineOfRuns ?? 1, message: `${run.output}: ${message}` });
  }
  const order = [...(readme?.sentences.keys() ?? []), ...files.keys()].filter((name) =>
    files.has(name),
  );
  return {
    example: { files: new Map(order.map((name) => [name, files.get(name) ?? ""])), readme },
    problems,
  };
}
