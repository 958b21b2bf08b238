// The outline of an article: its sections as spans of reading time, for the contents, the marks at headings and the bars in lists.

import type { Token } from "markdown-it";
import { isFence, plainText } from "./tokens.ts";

/** A `##` section, or the text before the first one, with an empty id and title. */
type Section = {
  id: string;
  title: string;
  startSeconds: number;
  seconds: number;
  hasCode: boolean;
};

export type Outline = { sections: Section[]; words: number; readingMinutes: number };

// Adults read English non-fiction at 238 words a minute (Brysbaert 2019, a meta-analysis of 190 studies). Code is counted like prose.
const wordsPerMinute = 238;

/** Returns the sections of a body, and the number of words and the reading time of the whole. */
export function outlineOf(tokens: Token[]): Outline {
  const sections: Section[] = [{ id: "", title: "", startSeconds: 0, seconds: 0, hasCode: false }];
  let words = 0;
  tokens.forEach((token, index) => {
    if (token.type === "heading_open" && token.tag === "h2" && token.level === 0) {
      const id = String(token.attrGet("id") ?? "");
      sections.push({
        id,
        title: plainText(tokens[index + 1]),
        startSeconds: readingSeconds(words),
        seconds: 0,
        hasCode: false,
      });
    }
    const section = sections.at(-1);
    if (!section || (token.type !== "inline" && !isFence(token))) return;
    words += countWords(token.type === "inline" ? plainText(token) : token.content);
    section.seconds = readingSeconds(words) - section.startSeconds;
    section.hasCode ||= isFence(token);
  });
  const shown = sections.filter(({ id, seconds }) => id !== "" || seconds > 0);
  return {
    sections: shown,
    words,
    readingMinutes: Math.max(1, Math.round(readingSeconds(words) / 60)),
  };
}

/** Formats seconds as "1:13". */
export function readingClock(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

const readingSeconds = (words: number) => (words * 60) / wordsPerMinute;
const countWords = (text: string) =>
  text.match(/[\p{L}\p{N}]+(?:['’.-][\p{L}\p{N}]+)*/gu)?.length ?? 0;
