// Finds problems in a single body: what readers would see as plain text, would not see, or would find
// careless. They do not hide the article.

import type { Token } from "markdown-it";
import { codeLanguages } from "./highlight.ts";
import { parseBody } from "./markdown.ts";
import { fenceInfo, inlineTokens, plainText, targetOf } from "./tokens.ts";
import { suggestWord } from "./yaml.ts";

export type Report = (line: number, message: string) => void;

/** Reports the problems in a body. Lines count from 1 at the top of the body. */
export function reportProblems(
  body: string,
  { tokens, unusedNotes }: ReturnType<typeof parseBody>,
  report: Report,
): void {
  const lines = body.split("\n");
  const inline = inlineTokens(tokens);
  if (inline.length === 0) report(1, "there is no text below the front matter");
  for (const token of tokens) {
    if (token.type === "html_block") reportHtml(token.content, lineOf(token), report);
    if (token.type === "fence") checkFence(token, lines, report);
  }
  for (const { token, line } of inline) checkInline(token, line, report);
  checkHeadings(tokens, report);
  const lineOfNote = new Map(
    lines.map((text, index) => [/\[\^([^\]]+)\]:/.exec(text)?.[1], index + 1]),
  );
  for (const label of unusedNotes)
    report(lineOfNote.get(label) ?? 1, `nothing refers to the note [^${label}]`);
}

export const lineOf = ({ map }: Token) => (map?.[0] ?? 0) + 1;

function reportHtml(content: string, line: number, report: Report): void {
  const excerpt = content.trim().replace(/\s+/g, " ").slice(0, 30);
  const advice = /^\s*<!--/.test(content)
    ? "delete it"
    : "write Markdown, or \\< for the character itself";
  report(line, `raw HTML is shown as text (${excerpt}): ${advice}`);
}

function checkFence(token: Token, lines: string[], report: Report): void {
  const line = lineOf(token);
  const { language, rest } = fenceInfo(token);
  if (!codeLanguages.includes(language))
    report(line, `unknown code language "${language}"${suggestWord(language, codeLanguages)}`);
  if (rest) report(line, `only title="…" and file="…" may follow a code language, not ${rest}`);
  const end = token.map?.[1] ?? 0;
  if (end <= line || !/^[\s>]*(`{3,}|~{3,})\s*$/.test(lines[end - 1] ?? ""))
    report(line, "this code block is never closed");
}

function checkInline(token: Token, line: number, report: Report): void {
  const { type, content } = token;
  if (type === "html_inline" && !content.startsWith("</")) reportHtml(content, line, report);
  if (type === "link_open" && !token.attrGet("href")) report(line, "a link without a target");
  if (type === "image" && !content.trim())
    report(
      line,
      `the image ${targetOf(token)} has no alternative text: say in the brackets what it shows`,
    );
  if (type !== "text") return;
  const note = /\[\^[^\]\s]+\]/.exec(content)?.[0];
  if (note) report(line, `there is no note ${note}`);
  if (content.includes("]("))
    report(line, "a link or an image that is not valid: is a space or a forbidden URL in it?");
  if (/^#{2,}[^#\s]/.test(content)) report(line, "a heading needs a space after its #");
}

function checkHeadings(tokens: Token[], report: Report): void {
  let level = 1;
  tokens.forEach((token, index) => {
    if (token.type !== "heading_open") return;
    const line = lineOf(token);
    const next = Number(token.tag.slice(1));
    if (["#", "="].includes(token.markup))
      report(line, "# is the level of the title: start sections with ##");
    if (next > level + 1) {
      const before = level === 1 ? "the title" : "#".repeat(level);
      report(line, `${"#".repeat(next)} follows ${before}: use ${"#".repeat(level + 1)}`);
    }
    if (plainText(tokens[index + 1]).trim() === "") report(line, "a heading without words");
    level = next;
  });
}
