// Finds mistakes in a single body: what readers would see as plain text, would not see, or would find careless.

import type { Token } from "markdown-it";
import { codeLanguages } from "./highlight.ts";
import { parseMark } from "./marked-lines.ts";
import { decodeUrl, fenceInfo, inlineTokens, isFence, plainText } from "./tokens.ts";
import { suggestWord } from "./yaml.ts";

/** A mistake in a file that the caller names. */
export type Mistake = { line: number; message: string };

type Report = (line: number, message: string) => void;

/** Returns the mistakes in a body, in the order of their lines, which count from 1 at the top of the body. */
export function findProblems(body: string, tokens: Token[], unusedNotes: string[]): Mistake[] {
  const problems: Mistake[] = [];
  const report: Report = (line, message) => problems.push({ line, message });
  const lines = body.split("\n");
  const inline = inlineTokens(tokens);
  if (inline.length === 0) report(1, "there is no text below the front matter");
  for (const token of tokens) {
    const line = firstLineOf(token);
    if (token.type === "html_block") reportHtml(token, line, report);
    if (token.type === "fence") checkFence(token, lines, report);
  }
  for (const { token, line } of inline) checkInline(token, line, report);
  checkHeadings(tokens, report);
  checkNotes(lines, tokens, unusedNotes, report);
  return problems.sort((a, b) => a.line - b.line);
}

const firstLineOf = ({ map }: Token) => (map?.[0] ?? 0) + 1;

function reportHtml({ content }: Token, line: number, report: Report): void {
  const excerpt = content.trim().replace(/\s+/g, " ").slice(0, 30);
  const advice = content.trimStart().startsWith("<!--")
    ? "delete it"
    : "write Markdown, or \\< for the character itself";
  report(line, `raw HTML is shown as text (${excerpt}): ${advice}`);
}

function checkFence(token: Token, lines: string[], report: Report): void {
  const line = firstLineOf(token);
  const { language, mark, rest } = fenceInfo(token);
  if (!codeLanguages.includes(language))
    report(line, `unknown code language "${language}"${suggestWord(language, codeLanguages)}`);
  if (rest)
    report(
      line,
      `only title="…", file="…" and mark="…" may follow a code language, and here is ${rest}`,
    );
  const { problem } = parseMark(mark, token.content.replace(/\n$/, "").split("\n").length);
  if (problem) report(line, problem);
  const prompt = ["bash", "sh", "shell"].includes(language)
    ? token.content.split("\n").findIndex((text) => text.startsWith("$ "))
    : -1;
  if (prompt >= 0)
    report(
      line + 1 + prompt,
      'the prompt "$ " needs the code language console: then readers do not copy it',
    );
  const end = token.map?.[1] ?? 0;
  if (end <= line || !/^[\s>]*(`{3,}|~{3,})\s*$/.test(lines[end - 1] ?? ""))
    report(line, "this code block is never closed");
}

function checkInline(token: Token, line: number, report: Report): void {
  const { type, content } = token;
  if (type === "html_inline" && !content.startsWith("</")) reportHtml(token, line, report);
  if (type === "link_open" && !token.attrGet("href")) report(line, "a link without a target");
  if (type === "image" && !content.trim())
    report(
      line,
      `the image ${decodeUrl(String(token.attrGet("src")))} has no alternative text: say in the brackets what it shows`,
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
    const line = firstLineOf(token);
    const next = Number(token.tag.slice(1));
    if (["#", "="].includes(token.markup))
      report(
        line,
        "# is the level of the title, which comes from the front matter: start sections with ##",
      );
    if (next > level + 1)
      report(
        line,
        `${"#".repeat(next)} follows ${level === 1 ? "the title" : "#".repeat(level)}: use ${"#".repeat(level + 1)}`,
      );
    if (plainText(tokens[index + 1]).trim() === "") report(line, "a heading without words");
    if (tokens[index + 1]?.children?.some(({ type }) => type === "link_open"))
      report(line, "a heading is a link to itself: move the link in it into the text");
    level = next;
  });
}

function checkNotes(lines: string[], tokens: Token[], unusedNotes: string[], report: Report): void {
  const isCode = (line: number) =>
    tokens.some(
      (token) => isFence(token) && token.map && token.map[0] <= line && line < token.map[1],
    );
  const lineOfNote = new Map<string, number>();
  lines.forEach((text, index) => {
    const label = /^[\s>]*\[\^([^\]]+)\]:/.exec(text)?.[1];
    if (!label || isCode(index)) return;
    if (lineOfNote.has(label))
      report(index + 1, `the note [^${label}] is defined twice, and only the last is shown`);
    else lineOfNote.set(label, index + 1);
  });
  for (const label of unusedNotes)
    report(lineOfNote.get(label) ?? 1, `nothing refers to the note [^${label}]`);
}
