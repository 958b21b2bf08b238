// Finds problems in a code block: no end, an unknown language, or lines that differ from the file
// that it names.

import type { Token } from "markdown-it";
import { codeLanguages, isCodeLanguage } from "./highlight.ts";
import { nearestWord, suggestWord, type Report } from "./report.ts";
import { fenceInfo } from "./markdown.ts";

/** A body, and the title that its page shows. `files` has the texts of its example by name. */
export type CheckedBody = {
  slug: string;
  title: string | undefined;
  body: string;
  files: Map<string, string>;
};

/** Reports the problems of a block between ```. `lines` are its lines in the body, with both ends. */
export function checkFence(
  token: Token,
  lines: string[],
  { slug, files }: Pick<CheckedBody, "slug" | "files">,
  report: Report,
): void {
  const { map, markup, content } = token;
  const line = (map?.[0] ?? 0) + 1;
  const last = lines.slice(1).at(-1) ?? "";
  const opening = new RegExp(`^\\s*${markup}[a-z]`, "m"); // of another block
  if (!last.replace(/^[>\s]+/, "").startsWith(markup) || opening.test(content))
    return report(line, "the code block that starts here has no end");
  const { language, file, rest } = fenceInfo(token);
  if (!isCodeLanguage(language))
    report(line, `unknown code language "${language}"${suggestWord(language, codeLanguages)}`);
  if (rest) report(line, `only title="…" and file="…" may follow a code language, not ${rest}`);
  const source = files.get(file);
  if (source !== undefined) compareExcerpt(token, source, report);
  else if (file) report(line, missingFile(slug, file, files));
}

/** Returns the message about a file that is missing in the folder of an article's example. */
export function missingFile(slug: string, file: string, files: Map<string, string>): string {
  if (files.size === 0)
    return `there is no folder examples/${slug}: if you have renamed the article, rename the folder`;
  const nearest = nearestWord(file, [...files.keys()]);
  const suggestion = nearest ? `, did you mean "${nearest}"?` : ";";
  return `there is no examples/${slug}/${file}${suggestion} \`npm run examples -- ${slug}\` writes the outputs that its README names`;
}

const omission = /^(…|(\/\/|#|--)\s*…)$/;
const regionMark = /^(?:\/\/|#|--|<!--)\s*(region|endregion)\b\s*([\w-]*)\s*(?:-->)?$/;

/**
 * Reports the line of a block that differs from its file. The block must be an excerpt: consecutive
 * lines of the file or region, with a line "…" for each omission. Indentation and blank lines are
 * not compared.
 */
function compareExcerpt(token: Token, source: string, report: Report): void {
  const { file, region } = fenceInfo(token);
  const line = (token.map?.[0] ?? 0) + 1;
  const lines = readRegion(source, region);
  if (!token.content.trim()) return report(line, "the block is empty: paste the lines of the file");
  if (lines.length === 0) return report(line, `${file} has no region ${region}`);
  let part: string[] = []; // the lines since the last omission
  let from = 0; // where they begin in the file, at the earliest
  for (const [index, shown] of trimLines(token.content).entries()) {
    if (omission.test(shown)) {
      from += part.length;
      part = [];
    } else if (shown) {
      part.push(shown);
      from = indexOfPart(lines, part, from);
      if (from < 0)
        return report(
          line + 1 + index,
          `"${shown}" is not in ${file} at this place: copy the line`,
        );
    }
  }
}

/** Returns where these lines follow each other, at `from` or later; -1 if they do not. */
const indexOfPart = (lines: string[], part: string[], from: number): number =>
  lines.findIndex((_, at) => at >= from && part.every((line, index) => lines[at + index] === line));

/** Returns the lines of a file, or of a region in it, without blank lines and marks of regions. */
function readRegion(source: string, region: string): string[] {
  let open = "";
  return trimLines(source).filter((text) => {
    const [, mark, name = ""] = regionMark.exec(text) ?? [];
    if (mark) open = mark === "region" ? name : "";
    return text && !mark && (region === "" || open === region);
  });
}

const trimLines = (text: string) => text.split("\n").map((line) => line.trim());
