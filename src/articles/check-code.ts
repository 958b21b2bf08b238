// Finds problems in a code block: no end, an unknown language, or lines that differ from the file
// that it names.

import type { Token } from "markdown-it";
import { codeLanguages, isCodeLanguage } from "./html.ts";
import { chatbot } from "./check-signs.ts";
import { fenceInfo } from "./markdown.ts";
import { nearestWord, suggestWord, type Report } from "./report.ts";

/**
 * Returns the message about a file that is missing in the folder of an article's example, which has
 * these `files`.
 */
export function missingFile(slug: string, file: string, files: Map<string, string>): string {
  const nearest = nearestWord(file, [...files.keys()]);
  const suggestion = nearest ? `, did you mean "${nearest}"?` : ";";
  return `there is no examples/${slug}/${file}${suggestion} \`npm run examples -- ${slug}\` writes the outputs that its README names`;
}

export const typeset = "the code has “quotes”, –, …, \\_, &lt; or no-break spaces: type it again";

/** The part of each line before its first string, comment or tag, which may have any sign. */
const beforeText = /^([^"'#*<>\\/\n]|\/(?![/*])|(?<=\w)\\[_*])*/gm;

/** Whether code has the signs that a word processor or a CMS puts there. */
export function isTypeset(code: string): boolean {
  const plain = code.match(beforeText)?.join("\n") ?? "";
  return (
    code.includes("\xa0") ||
    /\S.*&(lt|gt|amp|quot|nbsp|#39);/.test(plain) ||
    /(?<!\w)[“‘–—]\w|\w… \w|[([{,] ?…\w|\w\\[_*]\w/.test(plain)
  );
}

/** What is wrong with code in some languages. */
const codeRules: [languages: RegExp, wrong: RegExp, advice: string][] = [
  [/^(sh|bash|shell)$/, /^\$ /m, "commands with $ before them are ```console"],
  [/^ya?ml$/, /^ *\t/m, "YAML has no tabs: indent it with spaces"],
  [/^json$/, /,\s*[}\]]/, "JSON has no comma before } or ]: delete it"],
  [/^(?!text|console|diff)/, /^@@ -\d|^- .*\n\+ /m, "lines with - and + before them are ```diff"],
  [/^(?!text|console|sql)/, /^ *1[ |:\t].*\n *2[ |:\t]/m, "has line numbers: delete them"],
  [/^(?!text|console)/, chatbot, "has what a chatbot wrote: write the code"],
];

export const noEnd = "the code block that starts here, or one above it, has no end";

/** Whether a block that begins with ``` does not end, or has the beginning of another block in it. */
export function isOpen({ type, map, markup, content }: Token, lines: string[]): boolean {
  if (type !== "fence" || !map) return false;
  const last = lines.slice(map[0] + 1, map[1]).at(-1) ?? "";
  const opening = new RegExp(`^\\s*${markup}[a-z]`, "m");
  return !last.replace(/^[>\s]+/, "").startsWith(markup) || opening.test(content);
}

/**
 * Reports the problems of a block between ```. `files` are the texts of the article's example by name.
 */
export function checkCode(
  token: Token,
  slug: string,
  files: Map<string, string>,
  report: Report,
): void {
  const { map, content } = token;
  const line = (map?.[0] ?? 0) + 1;
  const { language, file, region, rest } = fenceInfo(token);
  if (!isCodeLanguage(language))
    report(line, `unknown code language "${language}"${suggestWord(language, codeLanguages)}`);
  // Output and the text in XML may have such signs, but no command and no tag has a no-break space.
  const isXml = /^(xml|html|properties)$/.test(language);
  const others = isXml ? /[^\xa0]/g : language === "console" ? /^(?!\$ ).*/gm : /$^/;
  if (language !== "text" && isTypeset(content.replace(others, ""))) report(line, typeset);
  for (const [languages, wrong, advice] of codeRules)
    if (languages.test(language) && wrong.test(content)) report(line, advice);
  if (rest) report(line, `only title="…" and file="…" may follow a code language, not ${rest}`);
  if (!content.trim()) return report(line, "the block is empty: write its lines, or delete it");
  if (!file) return;
  const source = files.get(file);
  if (source === undefined) return report(line, missingFile(slug, file, files));
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
