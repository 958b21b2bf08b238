// The README.md of an example: its front matter says how the programs are run, and a list has a sentence about each file.

import { z } from "zod";
import { text } from "./front-matter.ts";
import type { Mistake } from "./problems.ts";
import { group, readYaml, suggestWord } from "./yaml.ts";

/** A command of an example and the file with its output. */
export type Run = z.infer<typeof run>;
export type Readme = z.infer<typeof facts> & { sentences: Map<string, string>; lineOfRuns: number };

const need = text(1, 200).transform((words) => {
  const [, name = words, file] = /^(.+) at (\/\S+)$/.exec(words) ?? [];
  return { name, file };
});
const patternText = z
  .string({ error: "must be text in single quotes" })
  .min(1, "must not be empty"); // leading and trailing spaces are significant
const pattern = patternText.transform((source, context) => {
  try {
    return new RegExp(source, "gm");
  } catch {
    context.addIssue("must be a regular expression");
    return z.NEVER;
  }
});
const seconds = z.number({ error: "must be a number of seconds" }).positive("must be more than 0");
const limit = z.number({ error: "must be a number" });
const hasOneGroup = ({ source }: RegExp) => new RegExp(`${source}|`).exec("")?.length === 2;
const range = group({
  figure: pattern.refine(hasOneGroup, "must have one group, the number"),
  from: limit,
  to: limit,
});

const run = group(
  {
    /** Run by sh in the folder. */
    command: text(1, 200),
    output: text(1, 100),
    /** What must be installed: "Java 21", "Node 24", "PostgreSQL", a program's name, or words for readers with the file to find: "H2 at /usr/…". */
    needs: z.array(need, { error: "must be a list" }).default([]),
    /** About how long the command takes. */
    seconds,
    /** What varies between runs and is not compared. */
    varies: z.array(pattern, { error: "must be a list of regular expressions" }).default([]),
    /** Figures that vary within limits. `figure` has one group, the number. */
    ranges: z.array(range, { error: "must be a list" }).default([]),
  },
  "command, output and seconds",
);
const facts = group({
  /** The versions and the machine that printed the stored outputs. */
  versions: text(1, 200),
  runs: z.array(run, { error: "must be a list" }).min(1, "must have a command"),
});

/** Whether the command always prints the same. */
export const isDeterministic = ({ varies, ranges }: Run) =>
  varies.length === 0 && ranges.length === 0;

/**
 * Reads the README of an example that has these other files. Returns undefined if its front matter is invalid. Reports each mistake,
 * including a file without a sentence, and a sentence or an output without its file.
 */
export function readReadme(
  source: string,
  files: string[],
  report: (mistake: Mistake) => void,
): Readme | undefined {
  const match = /^---\n([\s\S]*?\n)---\n([\s\S]*)$/.exec(source.replace(/\r\n?/g, "\n"));
  const [whole = "", yaml = "", list = ""] = match ?? [];
  if (!match) {
    report({
      line: 1,
      message:
        'must start with front matter: a line "---", then versions and runs, then a line "---"',
    });
    return undefined;
  }
  const front = readYaml(yaml.trimEnd(), facts, (line, message) =>
    report({ line: line + 1, message }),
  );
  const sentences = readSentences(
    list,
    whole.slice(0, whole.length - list.length).split("\n").length,
  );
  for (const [name, { line }] of sentences)
    if (!files.includes(name))
      report({ line, message: `there is no ${name}${suggestWord(name, files)}` });
  for (const name of files.filter((name) => !sentences.has(name)))
    report({
      line: 1,
      message: `has no sentence about ${name}: add a line like - \`${name}\`: What it is.`,
    });
  if (!front) return undefined;
  const lineOfRuns = (front.lines.get("runs") ?? 0) + 1;
  for (const { output } of front.values.runs)
    if (!files.includes(output))
      report({
        line: lineOfRuns,
        message: `there is no output ${output}${suggestWord(output, files)}`,
      });
  return {
    ...front.values,
    lineOfRuns,
    sentences: new Map([...sentences].map(([name, { sentence }]) => [name, sentence])),
  };
}

/** Reads lines like "- `Retries.java`: A simulation." and the indented lines that continue them. */
function readSentences(
  list: string,
  firstLine: number,
): Map<string, { sentence: string; line: number }> {
  const sentences = new Map<string, { sentence: string; line: number }>();
  for (const match of list.matchAll(/^[-*] `([^`\n]+)`: +(.+(?:\n {2,}\S.*)*)$/gm)) {
    const [, name = "", sentence = ""] = match;
    const line = firstLine + list.slice(0, match.index).split("\n").length - 1;
    sentences.set(name, { sentence: sentence.replace(/\s+/g, " ").trim(), line });
  }
  return sentences;
}
