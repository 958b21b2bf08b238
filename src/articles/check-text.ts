// Finds problems in the text of an article, or of the README of its example: what readers would see
// as plain text, would not see or would find careless. Problems do not hide the article.

import type { Token } from "markdown-it";
import { invisible, type ArticleText } from "./article.ts";
import { blockRules, noText, partRules, type Block, type Part } from "./check-blocks.ts";
import { checkCode, isOpen, noEnd } from "./check-code.ts";
import { imageProblem, linkProblem, type Checked } from "./check-links.ts";
import { paragraphProblem, signProblems } from "./check-signs.ts";
import { fenceInfo, isFence, parseBody, targetOf } from "./markdown.ts";
import type { Report } from "./report.ts";

/** Reports the problems in a text. Its front matter may have errors. */
export function checkText(text: ArticleText, report: Report, checked: Checked): void {
  const lines = text.body.split("\n");
  const tokens = parseBody(text.body);
  // Without its end, code is taken for text, and text for code.
  const open = tokens.find((token) => isOpen(token, lines));
  if (open?.map) return report(open.map[0] + 1, noEnd);
  reportInvisible(lines, report);
  reportDefinitions(lines, tokens, report);
  const file = checked.snapshot.files.get(text.slug);
  const isDraft = file?.article?.draft ?? false;
  const title = text === file ? file.article?.title.toLowerCase() : undefined;
  const above = new Map<string, Token>();
  let line = 1;
  let wrongLine = 0; // where the last wrong paragraph or row begins: its signs are not reported
  for (const [index, token] of tokens.entries()) {
    const { type, map } = token;
    if (map) line = map[0] + 1; // the cells of a table have none: the line of the row
    const source = map ? lines.slice(...map).join("\n") : "";
    const next = tokens.slice(index + 1, index + 5);
    const block = { token, type, source, next, index, tokens, above, lines, title };
    const wrong = blockProblem(block, isDraft);
    above.set(type, token);
    if (wrong) report(line, wrong);
    if (wrong && /^(paragraph|tr)_open$/.test(type)) wrongLine = line;
    if (type === "fence") checkCode(token, text.slug, checked.snapshot, report);
    const hasSigns = line !== wrongLine;
    let before = token;
    // The parts of an image are in it. A block without parts is code or HTML.
    const parts = token.children?.flatMap((part) => [part, ...(part.children ?? [])]) ?? [token];
    for (const [at, part] of parts.entries()) {
      if (part.type.endsWith("break")) line += 1;
      const problem = partProblem({ part, before, after: parts[at + 1] }, text, checked);
      if (problem) report(line, problem);
      for (const sign of hasSigns ? signProblems(shownText(part, before), isDraft) : [])
        report(line, sign);
      before = part;
    }
  }
}

/** Returns what is wrong with a block: the first rule that finds something, or what it looks like. */
function blockProblem(block: Block, isDraft: boolean): string | undefined {
  for (const [advice, isWrong] of Object.entries(blockRules))
    if (isWrong(block) && !(isDraft && advice === noText)) return advice;
  return block.type === "paragraph_open"
    ? paragraphProblem(block.next[0]?.content ?? "")
    : undefined;
}

/** Returns what is wrong with a part of a line, without its signs. */
function partProblem(place: Part, text: ArticleText, checked: Checked): string | undefined {
  for (const [advice, isWrong] of Object.entries(partRules)) if (isWrong(place)) return advice;
  const { part } = place;
  if (part.type === "link_open") return linkProblem(targetOf(part), text, checked);
  return part.type === "image" ? imageProblem(part, checked.snapshot) : undefined;
}

/** Returns the text of a part that may have signs of Markdown: also captions and titles. */
function shownText(part: Token, before: Token): string {
  if (isFence(part)) return fenceInfo(part).title;
  if (part.type === "image") return String(part.attrGet("title") ?? "");
  const isUrl = before.type === "link_open" && before.info === "auto";
  return part.type === "text" && !isUrl ? part.content : "";
}

/** Reports invisible characters, also in code. */
function reportInvisible(lines: string[], report: Report): void {
  for (const [index, text] of lines.entries()) {
    const hidden = invisible.exec(text)?.[0].charCodeAt(0).toString(16).toUpperCase();
    if (hidden)
      report(index + 1, `has the invisible character U+${hidden.padStart(4, "0")}: delete it`);
  }
}

/** Reports notes and references that readers do not see. */
function reportDefinitions(lines: string[], tokens: Token[], report: Report): void {
  const inline = tokens.flatMap(({ children }) => children ?? []);
  const used = new Set(inline.map(({ meta }) => (meta as { label?: string })?.label));
  const names =
    lines
      .join(" ")
      .toLowerCase()
      .match(/\[[^[\]]+\]/g) ?? [];
  const written = Map.groupBy(names, (name) => name);
  const defined = new Set<string>();
  const code = tokens.filter(isFence).map(({ map }): [number, number] => map ?? [0, 0]);
  for (const [index, text] of lines.entries()) {
    if (code.some(([start, end]) => start <= index && index < end)) continue;
    const [, name = "", note, content] = /^\[(\^?([^\]]+))\]:(.*)/.exec(text) ?? [];
    if (!note) continue;
    if (name === note && /^[^[]/.test(lines[index - 1] ?? "")) continue; // in a paragraph
    const times = written.get(`[${name.toLowerCase()}]`)?.length ?? 0;
    const isUsed = name === note ? times > 1 : used.has(note);
    if (defined.has(name) || !isUsed)
      report(index + 1, `[${name}] is defined twice or not used: rename or delete it`);
    else if (name !== note && !content?.trim()) report(index + 1, "the note is empty: write it");
    defined.add(name);
  }
}
