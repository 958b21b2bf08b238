// Checks that a code block that names a file is an excerpt of that file.

import { suggestWord } from "./yaml.ts";

/** A code block that names its file. `region` is "" for the whole file; `line` is that of the opening fence, in the article's file. */
export type Excerpt = { file: string; region: string; line: number; code: string };

type Line = { text: string; number: number };
const omission = /^\s*(…|(\/\/|#|--)\s*…|\/\*\s*…\s*\*\/|<!--\s*…\s*-->)$/;
const regionMark = /^\s*(?:\/\/|#|--|<!--)\s*(region|endregion)\b\s*([\w-]*)\s*(?:-->)?$/;
const maxQuoted = 60;

/**
 * Returns how a block differs from its file, with the line in the article, or undefined if it is an excerpt: consecutive lines of the file or
 * region, with a line "…" for each omission. Common indentation and trailing spaces may be missing. `files` maps names to the texts of the
 * article's examples. `folder` is their folder in messages.
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
    const lengths = lines.map((_line, start) =>
      start < from ? 0 : matchingLines(part, lines.slice(start, start + part.length)),
    );
    const longest = lengths.reduce((best, length) => Math.max(best, length), 0);
    const start = lengths.indexOf(longest);
    const differing = part[longest];
    if (differing) {
      const next = lines[start + longest];
      const place = region ? `the region ${region} of ${file}` : file;
      const found = next
        ? `line ${next.number} of ${file} is ${quote(next.text)}`
        : `${place} ends above it`;
      const missing = `${quote(differing.text)} is not in ${place}${from > 0 ? " below the lines before it" : ""}`;
      return {
        line: differing.number,
        message:
          longest > 0 ? `the code block has ${quote(differing.text)}, and ${found}` : missing,
      };
    }
    from = start + part.length;
  }
  return undefined;
}

/** Returns how many lines of `part`, from its first, are equal to those of `lines`, which may all have more indentation. */
function matchingLines([first, ...others]: Line[], [start, ...following]: Line[]): number {
  if (!first || !start) return 0;
  const indent = start.text.slice(0, Math.max(0, start.text.length - first.text.length));
  if (indent.trim() || start.text !== indent + first.text) return 0;
  const length = others.findIndex(
    ({ text }, index) => following[index]?.text !== (indent + text).trimEnd(),
  );
  return 1 + (length < 0 ? others.length : length);
}

/** Returns the lines of a file or of a region in it, without region markers, and the names of all regions. */
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

/** Splits a block at its omissions. Ignores blank lines around an omission. */
function partsOf({ code, line }: Excerpt): Line[][] {
  const parts: Line[][] = [[]];
  code.split("\n").forEach((untrimmed, index) => {
    const text = untrimmed.trimEnd();
    if (omission.test(text)) parts.push([]);
    else if (text !== "" || parts.at(-1)?.length)
      parts.at(-1)?.push({ text, number: line + 1 + index });
  });
  for (const part of parts) while (part.at(-1)?.text === "") part.pop();
  return parts.filter((part) => part.length > 0);
}

function quote(text: string): string {
  return `"${text.length > maxQuoted ? `${text.slice(0, maxQuoted)}…` : text}"`;
}
