// Compares the code blocks of an article that name a file with that file: a block must be an excerpt of it.

import type { Mistake } from "./problems.ts";
import { suggest } from "./yaml.ts";

/** A code block that names its file. `region` is "" for the whole file; `line` is that of the opening fence, in the article's file. */
export type Excerpt = { file: string; region: string; line: number; code: string };

type Line = { text: string; number: number };
type Difference = Mistake & { matched: number };

const omission = /^\s*(…|(\/\/|#|--)\s*…|\/\*\s*…\s*\*\/|<!--\s*…\s*-->)$/;
const regionMark = /^\s*(?:\/\/|#|--|<!--)\s*(region|endregion)\b\s*([\w-]*)\s*(?:-->)?$/;
const maxQuoted = 60;

/**
 * Returns how a block differs from its file, at the line of the block where it does, or undefined if it is an excerpt: lines of the file or of
 * the region that follow each other, with a line "…" where some are left out. Common indentation and trailing spaces may be missing. `files`
 * has the texts of the article's examples by name, and `folder` is their folder as messages show it.
 */
export function compareExcerpt(excerpt: Excerpt, files: Map<string, { text: string }>, folder: string): Mistake | undefined {
  const { file, region, line } = excerpt;
  const text = files.get(file)?.text;
  if (text === undefined) return { line, message: `there is no ${folder}/${file}${suggest(file, [...files.keys()])}` };
  const { lines, regions } = readRegion(text, region);
  if (region && !regions.includes(region)) return { line, message: `${file} has no region ${region}${suggest(region, regions)}` };
  const parts = partsOf(excerpt);
  const first = parts[0]?.[0];
  if (!first) return { line, message: `the code block has no line of ${file}` };
  const possible = lines.filter(({ text }) => text.trimStart() === first.text.trimStart());
  const indents = new Set(possible.map(({ text }) => text.slice(0, Math.max(0, text.length - first.text.length))));
  const differences = [...(indents.size > 0 ? indents : [""])].map((indent) => findDifference(parts, lines, indent, excerpt));
  if (differences.includes(undefined)) return undefined;
  const [closest] = differences.flatMap((difference) => difference ?? []).sort((a, b) => b.matched - a.matched);
  return closest && { line: closest.line, message: closest.message };
}

/** Returns the lines of a file, or of a region in it, without the lines that mark regions, and the names of all regions. */
function readRegion(source: string, region: string): { lines: Line[]; regions: string[] } {
  const open: string[] = [];
  const regions: string[] = [];
  const lines: Line[] = [];
  source
    .trimEnd()
    .split("\n")
    .forEach((untrimmed, index) => {
      const text = untrimmed.trimEnd();
      const [, mark, name = ""] = regionMark.exec(text) ?? [];
      if (mark === "region") {
        open.push(name);
        regions.push(name);
      } else if (mark === "endregion") open.pop();
      else if (region === "" || open.includes(region)) lines.push({ text, number: index + 1 });
    });
  return { lines, regions };
}

/** Splits a block at its omissions. Blank lines around an omission do not count. */
function partsOf({ code, line }: Excerpt): Line[][] {
  const parts: Line[][] = [[]];
  code.split("\n").forEach((untrimmed, index) => {
    const text = untrimmed.trimEnd();
    if (omission.test(text)) parts.push([]);
    else if (text !== "" || parts.at(-1)?.length) parts.at(-1)?.push({ text, number: line + 1 + index });
  });
  for (const part of parts) while (part.at(-1)?.text === "") part.pop();
  return parts.filter((part) => part.length > 0);
}

/** Looks for each part below the one before it. `indent` is what was removed from every line of the block. */
function findDifference(parts: Line[][], lines: Line[], indent: string, excerpt: Excerpt): Difference | undefined {
  const isSame = (blockLine: Line, fileLine: Line | undefined) => fileLine?.text === (indent + blockLine.text).trimEnd();
  let from = 0;
  let matched = 0;
  for (const part of parts) {
    const lengthAt = (start: number) => {
      const length = part.findIndex((blockLine, index) => !isSame(blockLine, lines[start + index]));
      return length < 0 ? part.length : length;
    };
    const lengths = lines.map((_line, start) => (start < from ? 0 : lengthAt(start)));
    const longest = lengths.reduce((best, length) => Math.max(best, length), 0);
    const start = lengths.indexOf(longest);
    const differing = part[longest];
    if (differing) {
      const message =
        longest > 0 ? describeDifference(differing, lines[start + longest], excerpt) : describeMissing(differing, lines, excerpt);
      return { line: differing.number, message, matched: matched + longest };
    }
    from = start + part.length;
    matched += part.length;
  }
  return undefined;
}

/** Describes a line that differs from the line of the file that follows the lines before it. */
function describeDifference({ text }: Line, fileLine: Line | undefined, { file, region }: Excerpt): string {
  if (!fileLine) return `the code block has ${quote(text)} below the last line of ${region ? `the region ${region} of ` : ""}${file}`;
  const place = `line ${fileLine.number} of ${file}`;
  if (fileLine.text.trim() === text.trim()) return `${quote(text)} is indented differently from ${place}`;
  return `the code block has ${quote(text)}, and ${place} is ${quote(fileLine.text)}`;
}

/** Describes the first line of a part that is not in the file below the part before it. */
function describeMissing({ text }: Line, lines: Line[], { file, region }: Excerpt): string {
  const elsewhere = lines.find((line) => line.text.trim() === text.trim());
  if (!elsewhere) return `${quote(text)} is not in ${region ? `the region ${region} of ` : ""}${file}`;
  return `${quote(text)} is line ${elsewhere.number} of ${file}: keep the order and the indentation of the file`;
}

function quote(line: string): string {
  const text = line.trim();
  if (text === "") return "an empty line";
  return `"${text.length > maxQuoted ? `${text.slice(0, maxQuoted)}…` : text}"`;
}
