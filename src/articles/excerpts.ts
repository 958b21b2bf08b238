// Compares a code block that names a file with that file.

import { suggestWord } from "./yaml.ts";

/** `region` is "" for the whole file; `line` is that of the opening fence. */
export type Excerpt = { file: string; region: string; line: number; code: string };

type Line = { text: string; number: number };
const omission = /^(…|(\/\/|#|--)\s*…|\/\*\s*…\s*\*\/|<!--\s*…\s*-->)$/;
const regionMark = /^(?:\/\/|#|--|<!--)\s*(region|endregion)\b\s*([\w-]*)\s*(?:-->)?$/;

/**
 * Returns how a block differs from its file, with the line in the article, or undefined if it is an
 * excerpt: consecutive lines of the file or region, with a line "…" for each omission. Indentation
 * is not compared. `files` maps names to texts, `folder` is their folder in messages.
 */
export function compareExcerpt(
  excerpt: Excerpt,
  files: Map<string, string>,
  folder: string,
): { line: number; message: string } | undefined {
  const { file, region, line } = excerpt;
  const text = files.get(file);
  if (text === undefined)
    return {
      line,
      message: `there is no ${folder}/${file}${suggestWord(file, [...files.keys()])}`,
    };
  const { lines, regions } = readRegion(text, region);
  if (region && !regions.includes(region))
    return { line, message: `${file} has no region ${region}${suggestWord(region, regions)}` };
  const parts = partsOf(excerpt);
  if (parts.length === 0) return { line, message: `the code block has no line of ${file}` };
  let from = 0;
  for (const part of parts) {
    const { start, length } = longestMatch(part, lines, from);
    const differing = part[length];
    const place = region ? `the region ${region} of ${file}` : file;
    const below = length > 0 ? " below the line before it" : "";
    if (differing)
      return {
        line: differing.number,
        message: `${quote(differing.text)} is not in ${place}${below}`,
      };
    from = start + length;
  }
  return undefined;
}

/** Returns where most lines of `part`, from its first, are found at or after `from`. */
function longestMatch(
  part: Line[],
  lines: Line[],
  from: number,
): { start: number; length: number } {
  let best = { start: from, length: 0 };
  for (let start = from; start < lines.length && best.length < part.length; start += 1) {
    const differing = part.findIndex(({ text }, index) => text !== lines[start + index]?.text);
    const length = differing < 0 ? part.length : differing;
    if (length > best.length) best = { start, length };
  }
  return best;
}

/** Returns the lines of a file or of a region in it, without region markers, and all regions. */
function readRegion(source: string, region: string): { lines: Line[]; regions: string[] } {
  const open: string[] = [];
  const regions: string[] = [];
  const lines = linesOf(source, 1).filter(({ text }) => {
    const [, mark, name = ""] = regionMark.exec(text) ?? [];
    if (mark === "region") regions.push(open[open.push(name) - 1] ?? "");
    if (mark === "endregion") open.pop();
    return mark === undefined && (region === "" || open.includes(region));
  });
  return { lines, regions };
}

/** Splits a block at its omissions. Ignores blank lines around an omission. */
function partsOf({ code, line }: Excerpt): Line[][] {
  const parts: Line[][] = [[]];
  for (const one of linesOf(code, line + 1)) {
    if (omission.test(one.text)) parts.push([]);
    else if (one.text !== "" || parts.at(-1)?.length) parts.at(-1)?.push(one);
  }
  for (const part of parts) while (part.at(-1)?.text === "") part.pop();
  return parts.filter((part) => part.length > 0);
}

const linesOf = (source: string, first: number): Line[] =>
  source.split("\n").map((text, index) => ({ text: text.trim(), number: first + index }));
const quote = (text: string) => `"${text.length > 60 ? `${text.slice(0, 60)}…` : text}"`;
