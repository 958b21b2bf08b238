// The full-text search: exact words and beginnings of words first, similar words if these find nothing.

import MiniSearch, { type Query } from "minisearch";
import type { Article } from "./article.ts";
import { factsOf } from "./markdown.ts";

/** Text in pieces. `marked` pieces match the query. */
export type Marked = { text: string; marked: boolean }[];
export type Found = { article: Article; title: Marked; excerpt: Marked };
export type SearchIndex = ReturnType<typeof createSearchIndex>;
type FindArticle = (slug: string) => Article | undefined;

const maxTerms = 8;
const maxQueryLength = 200;
const excerptWords = 28;
const boost = { title: 20, headings: 6, text: 1 };
/** Nearly every article has these. A query of such words only searches titles and headings. */
const commonWords = new Set(
  "a an and are as at be but by do for from how i if in is it its no not of on or our so that the they this to vs was we what when why will with you".split(
    " ",
  ),
);

/** Tried in order until one finds something. */
const strategies: { combineWith: "AND" | "OR"; isFuzzy: boolean }[] = [
  { combineWith: "AND", isFuzzy: false },
  { combineWith: "AND", isFuzzy: true },
  { combineWith: "OR", isFuzzy: true },
];
/** In a short word, one changed letter makes a different word. */
const maxEdits = (term: string) => Math.min(2, Math.floor(term.length / 4));
const joinMark = "+"; // begins the index term for two neighbouring words
const isWord = (term: string) => !term.startsWith(joinMark);

/** Indexes articles. It takes about 2 ms for each. */
export function createSearchIndex(articles: Article[]) {
  const index = new MiniSearch<{ slug: string; title: string; headings: string; text: string }>({
    idField: "slug",
    fields: Object.keys(boost),
    tokenize: (text, field) => (field === "text" ? wordsOf(text) : withJoined(wordsOf(text))),
    processTerm: singular,
  });
  index.addAll(
    articles.map((article) => {
      const { headings } = factsOf(article).searchText;
      return { slug: article.slug, title: article.title, headings, text: wholeText(article) };
    }),
  );

  return {
    /**
     * Returns the best articles for a query. `findArticle` returns undefined for hidden articles.
     * With `inTitles`, only titles are searched, of which at least half of the words must match.
     */
    find(query: string, count: number, findArticle: FindArticle, inTitles = false): Found[] {
      const terms = searchTerms(query);
      const areCommon = terms.every((term) => commonWords.has(term));
      if (terms.length === 0 || (inTitles && areCommon)) return [];
      const fields = inTitles ? ["title"] : areCommon ? ["title", "headings"] : Object.keys(boost);
      const minInexact = inTitles ? 6 : 3; // "terms" is not "teams"
      const mayDiffer = (term: string) => isWord(term) && term.length >= minInexact;
      const isEnough = (matched: string[]) =>
        !inTitles || terms.filter((term) => matched.includes(term)).length >= terms.length / 2;
      for (const { combineWith, isFuzzy } of strategies) {
        const results = index.search(queryOf(terms, combineWith), {
          fields,
          boost,
          tokenize: (term) => [term],
          processTerm: (term) => term,
          prefix: mayDiffer,
          fuzzy: (term) => isFuzzy && mayDiffer(term) && maxEdits(term),
          filter: ({ id, queryTerms }) => isEnough(queryTerms) && !!findArticle(String(id)),
        });
        const found = results.slice(0, count).flatMap(({ id, match }) => {
          const article = findArticle(String(id));
          return article ? [describeFound(article, new Set(Object.keys(match)))] : [];
        });
        if (found.length > 0) return found;
      }
      return [];
    },
  };
}

/** Returns an article with its title and an excerpt, in which the matching words are marked. */
function describeFound(article: Article, matches: Set<string>): Found {
  const title = markWords(article.title, matches).filter(({ text }) => text !== "");
  return { article, title, excerpt: excerptOf(wholeText(article), matches) };
}

/** The description, topics and author are searched like the text. */
function wholeText(article: Article): string {
  const { description, topics, author } = article;
  const people = author.role ? [author.name] : []; // the company would match nearly everything
  const names = [...topics.map(({ name }) => name), ...people];
  return [description, ...names, factsOf(article).searchText.text].join(" · ");
}

/** Returns the words to look up: each once, without common words unless there are no others. */
export function searchTerms(query: string): string[] {
  const terms = [...new Set(wordsOf(query.slice(0, maxQueryLength)).map(singular))];
  const distinctive = terms.filter((term) => !commonWords.has(term));
  return (distinctive.length > 0 ? distinctive : terms).slice(0, maxTerms);
}

/** Returns a query for all or any of the terms, in which two neighbours may also be one word. */
function queryOf(terms: string[], combineWith: "AND" | "OR"): Query {
  const alsoJoined = (term: string): Query => ({
    combineWith: "OR",
    queries: [term, joinMark + term],
  });
  const all: Query = { combineWith, queries: terms.map(alsoJoined) };
  const joined = terms.slice(1).map((term, index) => ({
    combineWith,
    queries: [...terms.slice(0, index), `${terms[index]}${term}`, ...terms.slice(index + 2)],
  }));
  return { combineWith: "OR", queries: [all, ...joined] };
}

const fold = (text: string) => {
  const lower = text.toLowerCase();
  return /[^\0-\x7f]/.test(lower) ? lower.normalize("NFD").replace(/\p{M}/gu, "") : lower;
};
const wordsOf = (text: string): string[] => fold(text).match(/[\p{L}\p{N}]+/gu) ?? [];

/** Adds each two neighbours as one term, so that "timezone" finds "time zone". */
function withJoined(words: string[]): string[] {
  return [...words, ...words.slice(1).map((word, index) => `${joinMark}${words[index]}${word}`)];
}

/** Removes the ending of an English plural. */
function singular(word: string): string {
  if (word.length < 4 || !word.endsWith("s")) return word;
  return word.replace(/ies$/, "y").replace(/(?<=[^siu])s$/, "");
}

/** Splits a text at its words, which are the odd pieces, and marks those among these index terms. */
function markWords(text: string, matches: Set<string>): Marked {
  return text.split(/([\p{L}\p{N}\p{M}]+)/u).map((piece, at) => ({
    text: piece,
    marked: at % 2 === 1 && matches.has(singular(fold(piece))),
  }));
}

/** Returns the part of a text with most different matches, of 28 words. */
function excerptOf(text: string, matches: Set<string>): Marked {
  const pieces = markWords(text, matches);
  const length = 2 * excerptWords;
  let start = 0;
  let most = 0;
  pieces.forEach(({ marked }, at) => {
    if (!marked) return;
    const from = Math.max(0, Math.min(at - 11, pieces.length - length));
    const inside = pieces.slice(from, from + length).filter((piece) => piece.marked);
    const different = new Set(inside.map((piece) => fold(piece.text))).size;
    if (different <= most) return;
    most = different;
    start = from - (from % 2);
  });
  const ellipsis = (isCut: boolean) => (isCut ? [{ text: "…", marked: false }] : []);
  const end = start + length + 1; // with the full stop behind the last word
  return [
    ...ellipsis(start > 0),
    ...pieces.slice(start > 0 ? start + 1 : 0, end),
    ...ellipsis(end < pieces.length),
  ].filter((piece) => piece.text !== "");
}
