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
    if (token.type === "fence") checkFence(token, files, folder, report);
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

function checkFence(
  token: Token,
  files: Map<string, string>,
  folder: string,
  report: Report,
): void {
  const line = lineOf(token);
  const { language, file, rest } = fenceInfo(token);
  if (!isCodeLanguage(language))
    report(line, `unknown code language "${language}"${suggestWord(language, codeLanguages)}`);
  if (rest) report(line, `only title="…" and file="…" may follow a code language, not ${rest}`);
  if (file) compareExcerpt(token, files, folder, report);
}

type Line = { text: string; number: number };
const omission = /^(…|(\/\/|#|--)\s*…|\/\*\s*…\s*\*\/|<!--\s*…\s*-->)$/;
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
  const parts: Line[][] = [[]];
  for (const one of linesOf(token.content, line + 1))
    if (omission.test(one.text)) parts.push([]);
    else parts.at(-1)?.push(one);
  let from = 0;
  for (const part of parts) {
    const { start, length } = longestMatch(part, lines, from);
    const differing = part[length];
    if (differing)
      return report(differing.number, `"${differing.text}" is not in ${file} at this place`);
    from = start + length;
  }
}

/** Returns the lines of a file, or of a region in it, without the marks of regions. */
function readRegion(source: string, region: string): Line[] {
  let open = "";
  return linesOf(source, 1).filter(({ text }) => {
    const [, mark, name = ""] = regionMark.exec(text) ?? [];
    if (mark) open = mark === "region" ? name : "";
    return !mark && (region === "" || open === region);
  });
}

/** Returns where most lines of `part`, from its first, are found at or after `from`. */
function longestMatch(part: Line[], lines: Line[], from: number) {
  let best = { start: from, length: 0 };
  for (let start = from; start < lines.length && best.length < part.length; start += 1) {
    const differing = part.findIndex(({ text }, index) => text !== lines[start + index]?.text);
    const length = differing < 0 ? part.length : differing;
    if (length > best.length) best = { start, length };
  }
  return best;
}

const linesOf = (source: string, first: number): Line[] =>
  source
    .split("\n")
    .map((text, index) => ({ text: text.trim(), number: first + index }))
    .filter(({ text }) => text !== "");
