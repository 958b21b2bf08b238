// Facts about the body of an article for lists, the outline and the search.

import type { Token } from "markdown-it";
import type { ArticleText } from "./article.ts";
import { isFence, parseBody, plainText } from "./markdown.ts";

export type Outline = ReturnType<typeof buildOutline>;
type BodyFacts = ReturnType<typeof readFacts>;

// How many words of English non-fiction adults read in a minute (Brysbaert 2019, a meta-analysis of
// 190 studies). Code is counted like prose.
const wordsPerMinute = 238;

const cachedFacts = new WeakMap<ArticleText, BodyFacts>();

/**
 * Returns the facts about a body, which it reads when they are first asked for: parsing 500 bodies
 * at the start would double the time until the site listens.
 */
export function bodyFacts(article: ArticleText): BodyFacts {
  return cachedFacts.getOrInsertComputed(article, readFacts);
}

function readFacts({ body }: ArticleText) {
  const tokens = parseBody(body);
  const headings = tokens.filter(({ type }) => type === "heading_open");
  return {
    outline: buildOutline(tokens),
    headingIds: headings.map((token) => String(token.attrGet("id"))),
    searchText: collectSearchText(tokens),
  };
}

/**
 * Returns the sections of a body, which begin with `##`. The text before the first is a section
 * with an empty id and title.
 */
function buildOutline(tokens: Token[]) {
  const sections = [{ id: "", title: "", words: 0, hasCode: false }];
  tokens.forEach((token, index) => {
    if (token.type === "heading_open" && token.tag === "h2" && token.level === 0) {
      const about = { id: String(token.attrGet("id")), title: plainText(tokens[index + 1]) };
      sections.push({ ...about, words: 0, hasCode: false });
    }
    const section = sections.at(-1);
    if (!section || (token.type !== "inline" && !isFence(token))) return;
    section.words += countWords(isFence(token) ? token.content : plainText(token));
    section.hasCode ||= isFence(token);
  });
  const words = sections.reduce((sum, section) => sum + section.words, 0);
  return {
    sections: sections.filter(({ id, words }) => id !== "" || words > 0),
    words,
    readingMinutes: Math.max(1, Math.round(words / wordsPerMinute)),
  };
}

/** Writes how long it takes to read so many words: "1:13". */
export function readingClock(words: number): string {
  const seconds = Math.round((words * 60) / wordsPerMinute);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

const countWords = (text: string) =>
  text.match(/[\p{L}\p{N}]+(?:['’.-][\p{L}\p{N}]+)*/gu)?.length ?? 0;

/**
 * Returns the words that the search finds. Those in `rest` are never quoted: code, tables, the
 * descriptions of images.
 */
function collectSearchText(tokens: Token[]) {
  const [headings, text, rest]: [string[], string[], string[]] = [[], [], []];
  tokens.forEach((token, index) => {
    if (isFence(token)) rest.push(token.content);
    if (token.type !== "inline") return;
    const before = tokens[index - 1]?.type ?? "";
    const isRest = /^t[hd]_open$/.test(before) || token.children?.[0]?.type === "image";
    (before === "heading_open" ? headings : isRest ? rest : text).push(plainText(token));
  });
  return { headings: headings.join(" · "), text: text.join("\n"), rest: rest.join(" ") };
}
