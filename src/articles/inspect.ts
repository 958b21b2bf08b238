// The parts of the author's check that need nothing but one article.

import type { Token } from "markdown-it";
import type { Article, ArticleError } from "./article.ts";
import type { Markdown } from "./markdown.ts";
import { decodeUrl, inlineTokens, isFence, plainText } from "./tokens.ts";

/** An article with the parts of its body that the checks need. Lines of `links` and `images` count from the top of the body. */
export type Inspected = {
  article: Article;
  ids: Set<string>;
  links: { target: string; line: number }[];
  images: { file: string; alt: string; line: number }[];
  findings: ArticleError[];
};

/** Adds findings about an article: `at` a line of its body, or `atKey` of its front matter. */
export type Report = { at: (line: number, message: string) => void; atKey: (key: string, message: string) => void };

/** Returns a Report that adds to `findings`. */
export function reportTo(findings: ArticleError[], { file, lines }: Article): Report {
  const lineOf = (key: string) => lines.get(key) ?? 1;
  return {
    at: (line, message) => findings.push({ file, line: lineOf("body") + line - 1, message }),
    atKey: (key, message) => findings.push({ file, line: lineOf(key), message }),
  };
}

/** Makes the checks that need nothing but the article itself. */
export function inspect(article: Article, markdown: Markdown, fontCharacters: string): Inspected {
  const { tokens, unusedNotes } = markdown.parse(article.body);
  const findings: ArticleError[] = [];
  const report = reportTo(findings, article);
  const lines = article.body.split("\n");
  const inline = inlineTokens(tokens);
  checkText(inline, report);
  checkHeadings(tokens, report);
  checkFences(lines, tokens, report);
  checkNotes(lines, tokens, unusedNotes, report);
  if (inline.length === 0) report.atKey("body", "there is no text below the front matter");
  const checkCharacters = (text: string, found: (message: string) => void) => {
    const missing = missingCharacters(text, fontCharacters);
    if (missing) found(`the site's fonts have no ${missing}: use words`);
  };
  for (const key of ["title", "description"] as const) checkCharacters(article[key], (message) => report.atKey(key, message));
  for (const { token, line } of inline) if (token.type === "text") checkCharacters(token.content, (message) => report.at(line, message));
  const ids = tokens.flatMap((token) => token.attrGet("id") ?? []).map(String);
  const links = inline.filter(({ token }) => token.type === "link_open");
  const images = inline.filter(({ token }) => token.type === "image");
  return {
    article,
    ids: new Set(ids),
    links: links.map(({ token, line }) => ({ target: decodeUrl(String(token.attrGet("href") ?? "")), line })),
    images: images.map(({ token, line }) => ({ file: decodeUrl(String(token.attrGet("src"))), alt: token.content, line })),
    findings,
  };
}

function checkText(inline: { token: Token; line: number }[], { at }: Report): void {
  for (const { token, line } of inline) {
    if (token.type !== "text") continue;
    const note = /\[\^[^\]\s]+\]/.exec(token.content)?.[0];
    if (note) at(line, `there is no note ${note}`);
    if (token.content.includes("](")) at(line, "a link or an image that is not valid: is a space or a forbidden URL in it?");
    if (/^#{2,}[^#\s]/.test(token.content)) at(line, "a heading needs a space after its #");
  }
}

function checkHeadings(tokens: Token[], { at }: Report): void {
  let level = 1;
  tokens.forEach((token, index) => {
    if (token.type !== "heading_open") return;
    const [line, next] = [(token.map?.[0] ?? 0) + 1, Number(token.tag.slice(1))];
    if (next > level + 1)
      at(line, `${"#".repeat(next)} follows ${level === 1 ? "the title" : "#".repeat(level)}: use ${"#".repeat(level + 1)}`);
    if (plainText(tokens[index + 1]).trim() === "") at(line, "a heading without words");
    level = next;
  });
}

function checkFences(lines: string[], tokens: Token[], { at }: Report): void {
  for (const { type, map } of tokens) {
    if (type !== "fence" || !map) continue;
    if (map[1] - map[0] < 2 || !/^[\s>]*(`{3,}|~{3,})\s*$/.test(lines[map[1] - 1] ?? "")) at(map[0] + 1, "this code block is never closed");
  }
}

function checkNotes(lines: string[], tokens: Token[], unusedNotes: string[], { at }: Report): void {
  const isCode = (line: number) => tokens.some((token) => isFence(token) && token.map && token.map[0] <= line && line < token.map[1]);
  const lineOfNote = new Map<string, number>();
  lines.forEach((text, index) => {
    const label = /^[\s>]*\[\^([^\]]+)\]:/.exec(text)?.[1];
    if (!label || isCode(index)) return;
    if (lineOfNote.has(label)) at(index + 1, `the note [^${label}] is defined twice, and only the last is shown`);
    else lineOfNote.set(label, index + 1);
  });
  for (const label of unusedNotes) at(lineOfNote.get(label) ?? 1, `nothing refers to the note [^${label}]`);
}

function missingCharacters(text: string, fontCharacters: string): string {
  const missing = [...new Set(text)].filter((character) => !fontCharacters.includes(character) && character.trim() !== "");
  const codeOf = (character: string) => (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return missing.map((character) => `${character} (U+${codeOf(character)})`).join(", ");
}
