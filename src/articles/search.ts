// The full-text search: words and their beginnings first, similar words if these find nothing.

import MiniSearch from "minisearch";
import type { Article } from "./article.ts";
import { factsOf } from "./markdown.ts";

/** Text in pieces. `marked` pieces match the query. */
export type Marked = { text: string; marked: boolean }[];
export type Found = { article: Article; title: Marked; excerpt: Marked };
export type SearchIndex = ReturnType<typeof createSearchIndex>;

const maxQueryLength = 200;
const maxTerms = 8;
const maxShownLength = 20_000; // an excerpt is from the beginning of an article that is longer
/** A fuzzy term costs ten times an exact one, and anybody may search. */
const maxFuzzyTerms = 3;
const excerptPieces = 56; // 28 words, with what is between them
const boost = { title: 20, headings: 6, text: 1 };
/** Tried in order until one finds something. */
const strategies = [
  { combineWith: "AND", isFuzzy: false },
  { combineWith: "AND", isFuzzy: true },
  { combineWith: "OR", isFuzzy: true },
] as const;

/** Indexes articles. It takes about 2 ms for each. */
export function createSearchIndex(articles: Article[]) {
  const index = new MiniSearch<Record<"slug" | keyof typeof boost, string>>({
    idField: "slug",
    fields: Object.keys(boost),
    tokenize: (text, field) => (field === "text" ? wordsOf(text) : withJoined(wordsOf(text))),
    processTerm: singular,
    searchOptions: { boost, tokenize: wordsOf },
  });
  for (const article of articles) {
    const { slug, title, description, topics, author } = article;
    const { headings, text, rest } = factsOf(article).searchText;
    const people = author.role ? [author.name] : []; // the company would match nearly everything
    const words = [description, ...topics.map(({ name }) => name), ...people, text, rest];
    index.add({ slug, title, headings, text: words.join(" ") });
  }

  return {
    /**
     * Returns those of the visible articles that match a query best. With `inTitles`, only titles
     * are searched, of which at least half of the words must match.
     */
    find(query: string, count: number, visible: Article[], inTitles: boolean): Found[] {
      const bySlug = new Map(visible.map((article) => [article.slug, article]));
      const terms = [...new Set(wordsOf(query.slice(0, maxQueryLength)))].slice(0, maxTerms);
      const minInexact = inTitles ? 6 : 3; // "terms" is not "teams"
      for (const { combineWith, isFuzzy } of strategies) {
        const results = index.search(terms.join(" "), {
          combineWith,
          ...(inTitles ? { fields: ["title"] } : {}),
          prefix: ({ length }) => length >= minInexact,
          // In a short word, one changed letter makes a different word.
          fuzzy: ({ length }, at) =>
            isFuzzy &&
            at < maxFuzzyTerms &&
            length >= minInexact &&
            Math.min(2, Math.floor(length / 4)),
          filter: ({ id, queryTerms }) =>
            bySlug.has(String(id)) && (!inTitles || queryTerms.length >= terms.length / 2),
        });
        const found = results.slice(0, count).flatMap(({ id, terms: matched }): Found[] => {
          const article = bySlug.get(String(id));
          if (!article) return [];
          const marks = new Set(matched);
          const { description, title } = article;
          const { text } = factsOf(article).searchText;
          // The description without marks if the matches are in a name, in code or in a note.
          const texts = [description, text.slice(0, maxShownLength)];
          const marked = texts.map((one) => markWords(one, marks));
          const prose = marked.find((one) => one.some((piece) => piece.marked)) ?? marked[0] ?? [];
          return [{ article, title: markWords(title, marks), excerpt: excerptOf(prose) }];
        });
        if (found.length > 0) return found;
      }
      return [];
    },
  };
}

const fold = (text: string) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
const wordsOf = (text: string): string[] => fold(text).match(/[\p{L}\p{N}]+/gu) ?? [];

/** Adds each two neighbours as one word, so that "timezone" finds "time zone". */
function withJoined(words: string[]): string[] {
  return [...words, ...words.slice(1).map((word, index) => `${words[index]}${word}`)];
}

/** Removes the ending of an English plural. */
function singular(word: string): string {
  if (word.length < 4 || !word.endsWith("s")) return word;
  return word.replace(/ies$/, "y").replace(/(?<=[^siu])s$/, "");
}

/** Splits a text at its words, the odd pieces, and marks those among these index terms. */
function markWords(text: string, matches: Set<string>): Marked {
  return text.split(/([\p{L}\p{N}\p{M}]+)/u).map((piece, at) => ({
    text: piece,
    marked: at % 2 === 1 && matches.has(singular(fold(piece))),
  }));
}

/** Returns the part of a text around the first match; its beginning if there is none. */
function excerptOf(pieces: Marked): Marked {
  const first = pieces.findIndex(({ marked }) => marked);
  const start = Math.max(0, Math.min(first - 10, pieces.length - excerptPieces));
  const end = start + excerptPieces + 1; // with the full stop behind the last word
  const ellipsis = (isCut: boolean) => ({ text: isCut ? "…" : "", marked: false });
  return [ellipsis(start > 0), ...pieces.slice(start, end), ellipsis(end < pieces.length)];
}
