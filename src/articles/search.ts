// The full-text search: words and their beginnings first, similar words if these find nothing.

import { setImmediate } from "node:timers/promises";
import MiniSearch, { type SearchResult } from "minisearch";
import type { Article } from "./article.ts";
import { bodyFacts } from "./body-facts.ts";

/** Text in pieces. `marked` pieces match the query. */
export type Marked = { text: string; marked: boolean }[];
export type Found = { article: Article; title: Marked; excerpt: Marked };
export type SearchIndex = Awaited<ReturnType<typeof createSearchIndex>>;

const maxQueryLength = 200;
const maxTerms = 8;
/** A fuzzy term costs ten times an exact one, and anybody may search. */
const maxFuzzyTerms = 2;
const [wordsBefore, wordsShown] = [5, 28]; // of an excerpt
const boost = { title: 20, headings: 6, text: 1 };

/**
 * Indexes articles, one in each turn of the event loop: it takes about 2 ms for each, and meanwhile
 * the site responds.
 */
export async function createSearchIndex(articles: Article[]) {
  const index = new MiniSearch<Record<"slug" | keyof typeof boost, string>>({
    idField: "slug",
    fields: Object.keys(boost),
    tokenize: (text, field) => (field === "text" ? wordsOf(text) : withJoined(wordsOf(text))),
    processTerm: singular,
    searchOptions: { boost, tokenize: wordsOf },
  });
  const termIds = new Map<string, number>();
  const proseOf = new Map<string, Prose[]>();
  for (const article of articles) {
    const { slug, title, description, topics, author } = article;
    const { headings, text, rest } = bodyFacts(article).searchText;
    const people = author.role ? [author.name] : []; // the company would match nearly everything
    const words = [description, ...topics.map(({ name }) => name), ...people, text, rest];
    index.add({ slug, title, headings, text: words.join(" ") });
    proseOf.set(slug, [readProse(description, termIds), readProse(text, termIds)]);
    await setImmediate();
  }

  return {
    /**
     * Returns those of the visible articles that match a query best: those with all words or their
     * beginnings, otherwise those with all similar words, otherwise those with any. With
     * `inTitles`, only titles are searched, of which at least half of the words must match.
     */
    find(query: string, count: number, visible: Article[], inTitles: boolean): Found[] {
      const bySlug = new Map(visible.map((article) => [article.slug, article]));
      const words = wordsOf(query.slice(0, maxQueryLength)).map(singular);
      const terms = [...new Set(words)].slice(0, maxTerms);
      const minInexact = inTitles ? 6 : 3; // "terms" is not "teams"
      const search = (isFuzzy: boolean) =>
        index.search(terms.join(" "), {
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
      const withAll = (results: SearchResult[]) =>
        results.filter(({ queryTerms }) => queryTerms.length === terms.length);
      let results = withAll(search(false));
      if (results.length === 0) {
        const similar = search(true);
        results = withAll(similar);
        if (results.length === 0) results = similar;
      }
      return results.slice(0, count).flatMap(({ id, terms: matched }): Found[] => {
        const article = bySlug.get(String(id));
        if (!article) return [];
        const marks = new Set(matched);
        const ids = new Set(matched.map((term) => termIds.get(term)));
        const part = partOf(proseOf.get(article.slug) ?? [], ids);
        return [
          { article, title: markWords(article.title, marks), excerpt: markWords(part, marks) },
        ];
      });
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

/** A text with the number of each word's term and the place where it begins. */
type Prose = { text: string; terms: Uint32Array; starts: Uint32Array };

/** Folds a text once: later searches only compare numbers. Adds new terms to `termIds`. */
function readProse(text: string, termIds: Map<string, number>): Prose {
  const words = [...text.matchAll(/[\p{L}\p{N}\p{M}]+/gu)];
  const termOf = ([word]: RegExpExecArray) =>
    termIds.getOrInsert(singular(fold(word)), termIds.size);
  return {
    text,
    terms: Uint32Array.from(words, termOf),
    starts: Uint32Array.from(words, ({ index }) => index),
  };
}

/**
 * Returns the words around the first of these terms in the first text that has one. Otherwise the
 * matches are in a name, in code or in a note: the beginning of the first text.
 */
function partOf(texts: Prose[], ids: Set<number | undefined>): string {
  let [prose, at] = [texts[0], 0];
  for (const one of texts) {
    const found = one.terms.findIndex((id) => ids.has(id));
    if (found < 0) continue;
    [prose, at] = [one, found];
    break;
  }
  if (!prose) return "";
  const { text, starts } = prose;
  const from = Math.max(0, Math.min(at - wordsBefore, starts.length - wordsShown));
  const to = from + wordsShown;
  const shown = text.slice(from > 0 ? starts[from] : 0, starts[to]);
  return `${from > 0 ? "…" : ""}${shown}${to < starts.length ? "…" : ""}`;
}

/** Divides a text at the words that are among these index terms, and marks them. */
function markWords(text: string, matches: Set<string>): Marked {
  const pieces: Marked = [];
  for (const [at, piece] of text.split(/([\p{L}\p{N}\p{M}]+)/u).entries()) {
    const marked = at % 2 === 1 && matches.has(singular(fold(piece))); // the odd ones are words
    const last = pieces.at(-1);
    if (last && !last.marked && !marked) last.text += piece;
    else pieces.push({ text: piece, marked });
  }
  return pieces;
}
