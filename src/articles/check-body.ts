// Finds problems in a single body: what readers would see as plain text, would find careless, or
// what differs from the files of its example. They do not hide the article.

import type { Token } from "markdown-it";
import { codeLanguages, isCodeLanguage } from "./highlight.ts";
import { fenceInfo, inlineTokens, targetOf } from "./tokens.ts";
import { suggestWord, type Report } from "./yaml.ts";

/**
 * Reports the problems in a body. Lines count from 1 at the top of the body. `files` has the texts
 * of the article's example by name, `folder` is their folder in messages.
 */
export function reportProblems(
  tokens: Token[],
  files: Map<string, string>,
  folder: string,
  report: Report,
): void {
  for (const token of tokens) {
    const line = lineOf(token);
    if (token.type === "html_block") reportHtml(token.content, line, report);
    if (token.type !== "fence") continue;
    const { language, file, rest } = fenceInfo(token);
    if (!isCodeLanguage(language))
      report(line, `unknown code language "${language}"${suggestWord(language, codeLanguages)}`);
    if (rest) report(line, `only title="…" and file="…" may follow a code language, not ${rest}`);
    if (file) compareExcerpt(token, files, folder, report);
  }
  for (const { token, line } of inlineTokens(tokens)) {
    const { type, content } = token;
    if (type === "html_inline" && !content.startsWith("</")) reportHtml(content, line, report);
    if (type === "image" && !content.trim())
      report(line, `the image ${targetOf(token)} has no alternative text in its brackets`);
    const [plain] = (type === "text" && plainMarkdown.exec(content)) || [];
    if (plain) report(line, `${plain} is shown as plain text: the ${causes[plain.slice(0, 2)]}`);
  }
}

/** The beginning of a link, a note or a heading that Markdown did not recognise. */
const plainMarkdown = /\]\(|\[\^[^\]\s[]{1,100}\]|^##+(?=[^#\s])/;
const causes: Record<string, string> = {
  "](": "URL has a space, is too long or is forbidden",
  "[^": "note with this name is missing",
  "##": "heading needs a space",
};

const lineOf = ({ map }: Token) => (map?.[0] ?? 0) + 1;

function reportHtml(content: string, line: number, report: Report): void {
  const excerpt = content.trim().replace(/\s+/g, " ").slice(0, 30);
  report(line, `raw HTML is shown as text (${excerpt}): write Markdown, or \\< for the character`);
}

const omission = /^(…|(\/\/|#|--)\s*…)$/;
const regionMark = /^(?:\/\/|#|--|<!--)\s*(region|endregion)\b\s*([\w-]*)\s*(?:-->)?$/;

/**
 * Reports the line of a block that differs from its file. The block must be an excerpt: consecutive
 * lines of the file or region, with a line "…" for each omission. Indentation and blank lines are
 * not compared.
 */
function compareExcerpt(
  token: Token,
  files: Map<string, string>,
  folder: string,
  report: Report,
): void {
  const { file, region } = fenceInfo(token);
  const line = lineOf(token);
  const source = files.get(file);
  if (source === undefined)
    return report(line, `there is no ${folder}/${file}${suggestWord(file, [...files.keys()])}`);
  const lines = readRegion(source, region);
  if (lines.length === 0) return report(line, `${file} has no region ${region}`);
  const text = joinLines(lines);
  let part: string[] = []; // the lines since the last omission
  let from = 0; // where they begin in the text, at the earliest
  for (const [index, one] of trimLines(token.content).entries()) {
    if (omission.test(one)) {
      from += joinLines(part).length - 1;
      part = [];
    } else if (one) {
      part.push(one);
      from = text.indexOf(joinLines(part), from);
      if (from < 0) return report(line + 1 + index, `"${one}" is not in ${file} at this place`);
    }
  }
}

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
const joinLines = (lines: string[]) => ["", ...lines, ""].join("\n");
