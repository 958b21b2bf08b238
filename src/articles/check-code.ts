// Finds problems in a code block: no end, an unknown language, or lines that differ from the file
// that it names.

import type { Token } from "markdown-it";
import { codeLanguages, isCodeLanguage } from "./html.ts";
import { isUnread, type Snapshot } from "./load.ts";
import { fenceInfo } from "./markdown.ts";
import { nearestWord, suggestWord, type Report } from "./report.ts";

/**
 * Returns what is wrong if the example of an article has no such file. A file that could not be read
 * has a report of its own.
 */
export function missingFile(snapshot: Snapshot, slug: string, file: string): string | undefined {
  if (isUnread(snapshot, `examples/${slug}/${file}`)) return undefined;
  const nearest = nearestWord(file, [...(snapshot.examples.get(slug)?.keys() ?? [])]);
  const suggestion = nearest ? `, did you mean "${nearest}"?` : ";";
  return `there is no examples/${slug}/${file}${suggestion} \`npm run examples -- ${slug}\` writes the outputs that its README names`;
}

export const typeset = "the code has “quotes”, –, &lt; or no-break spaces: type it again";

/** The part of each line before its first string, comment or tag, which may have any sign. */
const beforeText = /^([^"'#*<>\\/\n]|\/(?![/*])|(?<=\w)\\[_*])*/gm;

/** Whether code has the signs that a word processor or a CMS puts there. */
export function isTypeset(code: string): boolean {
  const plain = code.match(beforeText)?.join("\n") ?? "";
  return (
    code.includes("\xa0") ||
    /\S.*&(lt|gt|amp|quot|nbsp|#39);|(?<!\w)[“‘–—]\w|\w\\[_*]\w/.test(plain)
  );
}

export const noEnd = "the code block that starts here, or one above it, has no end";

/** Whether a block that begins with ``` does not end, or has the beginning of another block in it. */
export function isOpen({ type, map, markup, content }: Token, lines: string[]): boolean {
  if (type !== "fence" || !map) return false;
  const last = lines.slice(map[0] + 1, map[1]).at(-1) ?? "";
  const opening = new RegExp(`^\\s*${markup}[a-z]`, "m");
  return !last.replace(/^[>\s]+/, "").startsWith(markup) || opening.test(content);
}

/** Reports the problems of a block between ```, which may name a file of the article's example. */
export function checkCode(token: Token, slug: string, snapshot: Snapshot, report: Report): void {
  const { map, content } = token;
  const line = (map?.[0] ?? 0) + 1;
  const { language, file, region, rest } = fenceInfo(token);
  if (!isCodeLanguage(language))
    report(line, `unknown code language "${language}"${suggestWord(language, codeLanguages)}`);
  // Output, and the text in XML, may have such signs.
  const typed = language === "console" ? content.replace(/^(?!\$ ).*/gm, "") : content;
  if (!/^(text|xml|html|properties)$/.test(language) && isTypeset(typed)) report(line, typeset);
  if (/^(sh|bash|shell)$/.test(language) && /^\$ /m.test(content))
    report(line, "commands with $ before them are ```console");
  if (rest) report(line, `only title="…" and file="…" may follow a code language, not ${rest}`);
  if (!content.trim()) return report(line, "the block is empty: write its lines, or delete it");
  if (!file) return;
  const source = snapshot.examples.get(slug)?.get(file);
  if (source === undefined) {
    const missing = missingFile(snapshot, slug, file);
    return missing === undefined ? undefined : report(line, missing);
  }
  const stored = readRegion(source, region);
  if (stored.length === 0) return report(line, `${file} has no region ${region}`);
  const shown = trimLines(content);
  const different = firstDifference(shown, stored);
  if (different >= 0)
    report(
      line + 1 + different,
      `"${shown[different]}" is not in ${file} at this place: copy the line`,
    );
}

const trimLines = (text: string) => text.split("\n").map((line) => line.trim());
const omission = /^(…|(\/\/|#|--)\s*…)$/;
const regionMark = /^(?:\/\/|#|--|<!--)\s*(region|endregion)\b\s*([\w-]*)\s*(?:-->)?$/;

/** Returns the lines of a file, or of a region in it, without blank lines and marks of regions. */
function readRegion(source: string, region: string): string[] {
  let open = "";
  return trimLines(source).filter((text) => {
    const [, mark, name = ""] = regionMark.exec(text) ?? [];
    if (mark) open = mark === "region" ? name : "";
    return text && !mark && (region === "" || open === region);
  });
}

/**
 * Returns the index of the first shown line that makes the block no excerpt, or -1. An excerpt is
 * consecutive lines of the file, with a line "…" for each omission. Indentation and blank lines are
 * not compared.
 */
function firstDifference(shown: string[], stored: string[]): number {
  const text = `\n${stored.join("\n")}\n`;
  let part = "\n"; // the lines since the last omission
  let from = 0; // where they begin in the file, at the earliest
  return shown.findIndex((line) => {
    if (omission.test(line)) {
      from += part.length - 1;
      part = "\n";
    } else if (line !== "") {
      part += `${line}\n`;
      from = text.indexOf(part, from);
    }
    return from < 0;
  });
}
