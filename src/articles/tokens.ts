// What the tokens of an article's body say: its headings and their ids, its figures, its outline, its links and its words.

import type { Token } from "markdown-it";
import { readingSeconds, type Outline, type Section } from "./outline.ts";

export const isFence = (token: Token) => token.type === "fence" || token.type === "code_block";

/** ```java title="A retry that gives up"; the language in lower case. */
export function fenceInfo(token: Token): { language: string; title: string; rest: string } {
  const [, language = "", rest = ""] = /^(\S*)\s*(.*)$/.exec(token.info.trim()) ?? [];
  return { language: language.toLowerCase() || "text", title: /^title="([^"]*)"$/.exec(rest)?.[1] ?? "", rest };
}

/** Gives every heading an id from its words: unique in the article, and never one that the page around it uses. */
export function nameHeadings(tokens: Token[]): void {
  const taken = new Set<string>();
  const copies = new Map<string, number>();
  tokens.forEach((token, index) => {
    if (token.type !== "heading_open") return;
    const words = plainText(tokens[index + 1])
      .toLowerCase()
      .normalize("NFC")
      .replaceAll("\ufe0f", "");
    const base = words.replace(/[^\p{L}\p{M}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "section";
    const safe = /^(page(-|$)|\P{L})/u.test(base) ? `section-${base}` : base;
    let copy = copies.get(safe) ?? 1;
    let id = copy > 1 ? `${safe}-${copy}` : safe;
    while (taken.has(id)) id = `${safe}-${(copy += 1)}`;
    copies.set(safe, copy + 1);
    taken.add(id);
    token.attrSet("id", id);
  });
}

/** The paragraphs before the first `##` are the standfirst; one paragraph after a last `---` is the pull. */
export function markStandfirstAndPull(tokens: Token[]): void {
  const firstHeading = tokens.findIndex((token) => token.type === "heading_open");
  for (const token of tokens.slice(0, firstHeading < 0 ? 0 : firstHeading)) {
    if (token.type === "paragraph_open" && token.tag === "p" && token.level === 0) token.attrSet("class", "standfirst");
  }
  const notes = tokens.findIndex((token) => token.type === "footnote_block_open");
  const end = notes < 0 ? tokens.length : notes;
  const [rule, paragraph] = tokens.slice(Math.max(0, end - 4), end);
  if (rule?.type === "hr" && paragraph?.type === "paragraph_open" && paragraph.tag === "p" && paragraph.level === 0) {
    rule.hidden = true;
    paragraph.attrSet("class", "pull");
  }
}

/** A paragraph that is one image becomes a figure; the image's title is its caption. */
export function markFigures(tokens: Token[]): void {
  tokens.forEach((token, index) => {
    const [image, ...others] = token.children ?? [];
    const [open, close] = [tokens[index - 1], tokens[index + 1]];
    const alone = image?.type === "image" && others.length === 0;
    if (!alone || open?.type !== "paragraph_open" || open.hidden || close?.type !== "paragraph_close") return;
    open.tag = close.tag = "figure";
    image.meta = { caption: image.attrGet("title") };
  });
}

/** The words of a body for a search index: the headings, and the rest. */
export function searchText(tokens: Token[]): { headings: string; text: string } {
  const isHeading = (index: number) => tokens[index - 1]?.type === "heading_open";
  const words = (wanted: (token: Token, index: number) => boolean) =>
    tokens.map((token, index) => (wanted(token, index) ? (isFence(token) ? token.content : plainText(token)) : "")).filter(Boolean);
  return {
    headings: words((token, index) => token.type === "inline" && isHeading(index)).join(" · "),
    text: words((token, index) => isFence(token) || (token.type === "inline" && !isHeading(index))).join(" "),
  };
}

/** Every inline token (text, link, image …) with its line, from 1 at the top of the body. */
export function inlineTokens(tokens: Token[]): { token: Token; line: number }[] {
  const found: { token: Token; line: number }[] = [];
  let line = 1;
  for (const block of tokens) {
    if (block.map) line = block.map[0] + 1; // cells of a table have none and stand in their row's
    for (const token of block.children ?? []) {
      found.push({ token, line });
      if (token.type === "softbreak" || token.type === "hardbreak") line += 1;
    }
  }
  return found;
}

/** The sections of a body as spans of reading time, and what it has as a whole. */
export function outlineOf(tokens: Token[]): Outline {
  const sections: Section[] = [{ id: "", title: "", startSeconds: 0, seconds: 0, hasCode: false }];
  let words = 0;
  tokens.forEach((token, index) => {
    if (token.type === "heading_open" && token.tag === "h2" && token.level === 0) {
      const id = String(token.attrGet("id") ?? "");
      sections.push({ id, title: plainText(tokens[index + 1]), startSeconds: readingSeconds(words), seconds: 0, hasCode: false });
    }
    const section = sections.at(-1);
    if (!section || (token.type !== "inline" && !isFence(token))) return;
    words += countWords(token.type === "inline" ? plainText(token) : token.content);
    section.seconds = readingSeconds(words) - section.startSeconds;
    section.hasCode ||= isFence(token);
  });
  const shown = sections.filter(({ id, seconds }) => id !== "" || seconds > 0);
  return { sections: shown, words, readingMinutes: Math.max(1, Math.round(readingSeconds(words) / 60)) };
}

/** The words of an inline token as a reader hears them. */
export function plainText(token: Token | undefined): string {
  const words = (token?.children ?? []).map((child) => {
    if (child.type === "text" || child.type === "code_inline") return child.content;
    if (child.type === "image") return child.content;
    return child.type === "softbreak" || child.type === "hardbreak" ? " " : "";
  });
  return words.join("");
}

/** An address without its percent signs, where they are an encoding. */
export function decoded(address: string): string {
  try {
    return decodeURI(address);
  } catch {
    return address;
  }
}

/** Where a link of an article leads: `other.md#part`, which also works where the file is read, is /articles/other#part. */
export function linkTarget(href: string): string {
  return href.replace(/^(?:\.\/)?([\w-]+)\.md(?=#|$)/, "/articles/$1");
}

const countWords = (text: string) => text.match(/[\p{L}\p{N}]+(?:['’.-][\p{L}\p{N}]+)*/gu)?.length ?? 0;
