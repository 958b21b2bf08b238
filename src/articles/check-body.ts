// Finds problems in a single body: what readers would see as plain text, would not see, or would
// find careless. They do not hide the article.

import type { Token } from "markdown-it";
import { invisible } from "./article.ts";
import { checkFence, type CheckedBody } from "./check-code.ts";
import type { Report } from "./report.ts";
import { inlineTokens, isFence, plainText, targetOf } from "./markdown.ts";

/** Reports the problems in a body and its tokens. Lines count from 1 at the top of the body. */
export function checkBody(checked: CheckedBody, tokens: Token[], report: Report): void {
  const lines = checked.body.split("\n");
  for (const [index, text] of lines.entries()) {
    const [found] = invisible.exec(text) ?? [];
    if (found) report(index + 1, `has the invisible character ${codePoint(found)}: delete it`);
  }
  const headingProblems = createHeadingCheck(checked.title, lines);
  for (const [index, token] of tokens.entries()) {
    const line = (token.map?.[0] ?? 0) + 1;
    const next = tokens[index + 1];
    const own = lines.slice(...(token.map ?? []));
    if (token.type === "html_block") reportHtml(token.content, line, report);
    else if (token.type === "table_open") reportCells(own, line, report);
    else if (token.type === "paragraph_open" && /^\|/m.test(next?.content ?? ""))
      report(
        line,
        "below its header a table needs a line | --- | --- | with one --- for each column",
      );
    else if (token.type === "code_block")
      report(
        line,
        "is code, because four spaces are before it: delete them, or put it between ```",
      );
    else if (token.type === "heading_open")
      for (const problem of headingProblems(token, next)) report(line, problem);
    else if (token.type === "fence") checkFence(token, own, checked, report);
  }
  const inline = inlineTokens(tokens);
  reportNotes(lines, tokens, inline, report);
  for (const [index, { token, line, source }] of inline.entries()) {
    if (token.type === "html_inline") reportHtml(token.content, line, report);
    else if (token.type === "image") reportAlternative(token, line, report);
    else if (token.type === "text") {
      // A bare URL is a link of its own: "/" stands for it.
      const isBeforeUrl = inline[index + 1]?.token.markup === "linkify";
      const isEscaped = /\\[*_`[\]]/.test(source);
      for (const [pattern, advice] of isEscaped ? plainSigns : [...plainSigns, ...unclosed]) {
        const [plain] = pattern.exec(isBeforeUrl ? `${token.content}/` : token.content) ?? [];
        if (plain) report(line, `${plain.trim()} is shown as plain text: ${advice}`);
      }
    }
  }
}

const codePoint = (sign: string) =>
  `U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;

/** What Markdown did not recognise, and the remedy. */
const plainSigns: [pattern: RegExp, advice: string][] = [
  [/\]\(/, "the URL has no end, has a space or is forbidden, or the caption has curly quotes"],
  [/(\] \(|\)\[)(?=[/#]|www\.|images\/|[\w-]+\.md\b)/, "a link is [text](URL), without a space"],
  [/\[\^[^\]\s[]{1,100}\]/, "the note with this name is missing"],
  [/^(##+(?=[^#\s])|#(?=[A-Z]))/, "the heading needs a space"],
  [/^:::\w+|^\[(![a-z]+\]|[ x]\](?= [^(]))/i, "delete it, there are no callouts or task lists"],
  [/(?<!\w)\[[^[\]^]+\]\[[^[\]^]*\]/, "the reference is not defined: write [text](URL)"],
  [/\{(#[\w-]+\}|: ?[.#][\w-]+|%|\{)/, "delete it, it belongs to another generator of pages"],
];
/** Signs that would be different if they had been escaped. */
const unclosed: [pattern: RegExp, advice: string][] = [
  [/`/, "the code in the line has no end"],
  [
    /\*\*|(^|[\s(])[*_][\p{L}\p{N}]+|[\p{L}\p{N}]+\.?\*(?=[\s.,:;)]|$)/u,
    "the emphasis has no beginning or no end; \\* is the sign",
  ],
  [/\[(?=\p{L})[^\]]*$/u, "the bracket has no end; a link is [text](URL)"],
];

/** Returns a function that returns what is wrong with a heading: it compares it with the last one. */
function createHeadingCheck(title: string | undefined, lines: string[]) {
  let level = 1; // of the title, and of each heading
  return ({ tag, markup, map }: Token, text: Token | undefined): string[] => {
    const [above, own] = [level, Number(tag.slice(1))];
    level = own;
    const words = plainText(text).trim();
    const isTitle = words !== "" && words.toLowerCase() === title?.toLowerCase();
    const problems: [isWrong: boolean, problem: string][] = [
      [own > above + 1, `${lines[map?.[0] ?? 0]} skips a level: use ${"#".repeat(above + 1)}`],
      [
        /[-=]/.test(markup),
        `the ${markup.repeat(3)} below makes this text a heading: leave a blank line`,
      ],
      [words === "", "the heading is empty: write it, or delete the line"],
      [isTitle, "the heading repeats the title, which is above the text: delete it"],
    ];
    return problems.filter(([isWrong]) => isWrong).map(([, problem]) => problem);
  };
}

/** Reports the notes that readers do not see. */
function reportNotes(
  lines: string[],
  tokens: Token[],
  inline: { token: Token }[],
  report: Report,
): void {
  const used = new Set(inline.map(({ token }) => (token.meta as { label?: string })?.label));
  const code = tokens.filter(isFence).map(({ map }): [number, number] => map ?? [0, 0]);
  for (const [index, text] of lines.entries()) {
    const [, name] = /^\[\^([^\]\s]+)\]:/.exec(text) ?? [];
    const isCode = code.some(([start, end]) => start <= index && index < end);
    if (name && !isCode && !used.delete(name))
      report(index + 1, `the note [^${name}] is defined twice or not used: rename or delete it`);
  }
}

function reportAlternative(image: Token, line: number, report: Report): void {
  const target = targetOf(image);
  if (!image.content.trim())
    report(line, `the image ${target} has no alternative text in its brackets`);
  else if (/^\S+\.(svg|png|jpe?g|gif|webp|avif)$/i.test(image.content.trim()))
    report(line, `the alternative text of ${target} is a file name: say what the image shows`);
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

/** Reports HTML once, at its opening tag. Comments are not shown. */
function reportHtml(content: string, line: number, report: Report): void {
  const shown = content.replace(/<!--[^]*?-->/g, "").trim();
  if (shown === "" || shown.startsWith("</")) return;
  const excerpt = shown.replace(/\s+/g, " ").slice(0, 30);
  report(line, `raw HTML is shown as text (${excerpt}): write Markdown, or \\< for the character`);
}
