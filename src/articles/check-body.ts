// Finds problems in a single body: what readers would see as plain text, would find careless, or
// what differs from the files of its example. They do not hide the article.

import type { Token } from "markdown-it";
import type { ArticleText } from "./article.ts";
import { codeLanguages, isCodeLanguage } from "./highlight.ts";
import { fenceInfo, inlineTokens, isFence, targetOf } from "./tokens.ts";
import { nearestWord, suggestWord, type Report } from "./report.ts";

/**
 * Reports the problems in a body and its tokens. Lines count from 1 at the top of the body. `files`
 * has the texts of the article's example by name.
 */
export function reportProblems(
  { slug, body }: Pick<ArticleText, "slug" | "body">,
  tokens: Token[],
  files: Map<string, string>,
  report: Report,
): void {
  const lines = body.split("\n");
  let level = 1; // of the title, and of each heading
  for (const [index, token] of tokens.entries()) {
    const { type, content, markup } = token;
    const line = lineOf(token);
    if (type === "html_block") reportHtml(content, line, report);
    if (type === "table_open") reportCells(linesOf(token, lines), line, report);
    if (type === "paragraph_open" && /^\|/m.test(tokens[index + 1]?.content ?? ""))
      report(
        line,
        "below its header a table needs a line | --- | --- | with one --- for each column",
      );
    if (type === "heading_open") {
      const next = Number(token.tag.slice(1));
      if (next > level + 1)
        report(line, `${lines[line - 1]} skips a level: use ${"#".repeat(level + 1)}`);
      level = next;
      if (/[-=]/.test(markup))
        report(line, `the ${markup.repeat(3)} below makes this text a heading: leave a blank line`);
    }
    if (type !== "fence") continue;
    const last = linesOf(token, lines).slice(1).at(-1) ?? "";
    if (last.replace(/^[>\s]+/, "").startsWith(markup)) checkFence(token, slug, files, report);
    else report(line, "the code block that starts here has no end");
  }
  const inline = inlineTokens(tokens);
  const usedNotes = new Set(inline.map(({ token }) => (token.meta as { label?: string })?.label));
  reportNotes(lines, tokens, usedNotes, report);
  for (const [index, { token, line }] of inline.entries()) {
    const { type, content } = token;
    if (type === "html_inline" && !content.startsWith("</")) reportHtml(content, line, report);
    if (type === "image" && !content.trim())
      report(line, `the image ${targetOf(token)} has no alternative text in its brackets`);
    if (type !== "text") continue;
    // A bare URL is a link of its own: "/" stands for it.
    const text = inline[index + 1]?.token.markup === "linkify" ? `${content}/` : content;
    for (const [pattern, advice] of plainMarkdown) {
      const [plain] = pattern.exec(text) ?? [];
      if (plain) report(line, `${plain} is shown as plain text: ${advice}`);
    }
  }
}

/** What Markdown did not recognise, and the remedy. */
const plainMarkdown: [pattern: RegExp, advice: string][] = [
  [/\]\(/, "the URL has a space or is forbidden, or the caption has curly quotes"],
  [/(\] \(|\)\[)(?=[/#]|www\.|images\/|[\w-]+\.md\b)/, "a link is [text](URL), without a space"],
  [/\[\^[^\]\s[]{1,100}\]/, "the note with this name is missing"],
  [/^(##+(?=[^#\s])|#(?=[A-Z]))/, "the heading needs a space"],
  [/^:::\w+|^\[(![a-z]+\]|[ x]\](?= [^(]))/i, "delete it, there are no callouts or task lists"],
];

const lineOf = ({ map }: Token) => (map?.[0] ?? 0) + 1;
const linesOf = ({ map }: Token, lines: string[]) => lines.slice(...(map ?? []));

/** Reports the notes that readers do not see. `used` has the names of those in the text. */
function reportNotes(lines: string[], tokens: Token[], used: Set<unknown>, report: Report): void {
  const code = tokens.filter(isFence).map(({ map }): [number, number] => map ?? [0, 0]);
  for (const [index, text] of lines.entries()) {
    const [, name] = /^\[\^([^\]\s]+)\]:/.exec(text) ?? [];
    const isCode = code.some(([start, end]) => start <= index && index < end);
    if (name && !isCode && !used.delete(name))
      report(index + 1, `the note [^${name}] is defined twice or not used: rename or delete it`);
  }
}

function checkFence(token: Token, slug: string, files: Map<string, string>, report: Report): void {
  const line = lineOf(token);
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

const cellsIn = (row = "") =>
  row
    .replaceAll("\\|", "")
    .replace(/^[>\s]*\||\|\s*$/g, "")
    .split("|").length;

/** Reports the rows of a table with cells that readers do not see. */
function reportCells(rows: string[], line: number, report: Report): void {
  for (const [index, row] of rows.entries())
    if (cellsIn(row) > cellsIn(rows[0]))
      report(
        line + index,
        "the row has more cells than the header: delete them, or write \\| for a bar in a cell",
      );
}

function reportHtml(content: string, line: number, report: Report): void {
  const excerpt = content.trim().replace(/\s+/g, " ").slice(0, 30);
  report(line, `raw HTML is shown as text (${excerpt}): write Markdown, or \\< for the character`);
}

const maxExcerptLines = 500; // comparing takes quadratic time
const omission = /^(…|(\/\/|#|--)\s*…)$/;
const regionMark = /^(?:\/\/|#|--|<!--)\s*(region|endregion)\b\s*([\w-]*)\s*(?:-->)?$/;

/**
 * Reports the line of a block that differs from its file. The block must be an excerpt: consecutive
 * lines of the file or region, with a line "…" for each omission. Indentation and blank lines are
 * not compared.
 */
function compareExcerpt(token: Token, source: string, report: Report): void {
  const { file, region } = fenceInfo(token);
  const line = lineOf(token);
  const lines = readRegion(source, region);
  if (!token.content.trim()) return report(line, "the block is empty: paste the lines of the file");
  if (lines.length === 0) return report(line, `${file} has no region ${region}`);
  const shown = trimLines(token.content);
  if (shown.length > maxExcerptLines)
    return report(line, `the block has more than ${maxExcerptLines} lines: leave some out with …`);
  const text = joinLines(lines);
  let part: string[] = []; // the lines since the last omission
  let from = 0; // where they begin in the text, at the earliest
  for (const [index, one] of shown.entries()) {
    if (omission.test(one)) {
      from += joinLines(part).length - 1;
      part = [];
    } else if (one) {
      part.push(one);
      from = text.indexOf(joinLines(part), from);
      if (from < 0)
        return report(line + 1 + index, `"${one}" is not in ${file} at this place: copy the line`);
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
