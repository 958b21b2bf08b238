// The full-text search: words and their beginnings first, similar words if these find nothing.

import { setImmediate } from "node:timers/promises";
import MiniSearch from "minisearch";
import type { Article } from "./article.ts";
import { bodyFacts } from "./body-facts.ts";
import { escapeText } from "./html.ts";

/**
 * An article that was found, with its title and an excerpt as HTML that has the matches in
 * `<mark>`. `isExact` says that it has all words of the query or their beginnings, and not just
 * some of them or similar ones.
 */
export type Hit = { article: Article; title: string; excerpt: string; isExact: boolean };
/** With `inTitles` only articles are found whose titles have at least half of the words. */
export type SearchOptions = { max: number; inTitles?: boolean };

const maxQueryLength = 200;
const maxTerms = 8;
/** A fuzzy term costs ten times an exact one, and anybody may search. */
const maxFuzzyTerms = 2;
/** "on" and "call" are in most articles: alone they don't say what somebody looks for. */
const maxShare = 2 / 3;
const charactersShown = 220; // an excerpt has about so many
const boost = { title: 20, headings: 6, text: 1 };

/**
 * Returns a function that searches the articles. Indexing one takes 2 ms, and between two of them
 * the event loop continues, so that the site responds.
 */
export async function createSearchIndex(articles: Article[]) {
  const index = new MiniSearch<Record<"slug" | keyof typeof boost, string>>({
    idField: "slug",
    fields: Object.keys(boost),
    tokenize: (text, field) => (field === "text" ? splitWords(text) : withJoined(splitWords(text))),
    processTerm: singular,
    searchOptions: { boost, tokenize: splitWords },
  });
  // To fold the paragraphs in each search took a fifth of its time.
  const paragraphs = new Map<string, Paragraph[]>();
  for (const article of articles) {
    const { slug, title, description, topics, author, finding } = article;
    const { headings, text, rest } = bodyFacts(article).searchText;
    // The company's name would match nearly everything.
    const people = author.role ? [author.name] : [];
    const words = [description, ...topics.map(({ name }) => name), ...people, text, rest];
    const prominent = `${headings} ${finding?.symptom ?? ""}`; // a symptom has a reader's words
    index.add({ slug, title, headings: prominent, text: words.join(" ") });
    paragraphs.set(slug, text.split("\n").map(foldParagraph));
    await setImmediate();
  }

  // The search finds the articles with all words of the query, or their beginnings. If there are
  // none, it finds those with any of them or a similar one, where single letters and words of most
  // articles don't count.
  return (query: string, visible: Article[], { max, inTitles = false }: SearchOptions): Hit[] => {
    const bySlug = new Map(visible.map((article) => [article.slug, article]));
    const terms = [...new Set(searchWords(query.slice(0, maxQueryLength)))].slice(0, maxTerms);
    const minInexact = inTitles ? 6 : 3; // "terms" must not find "teams"
    // In a short word, one changed letter makes a different word.
    const changedLetters = ({ length }: string) =>
      length < minInexact ? 0 : length > 6 ? 2 : length > 4 ? 1 : 0;

    /** Finds the articles with any of the words or their beginnings, or with similar words. */
    const withAnyOf = (words: string[], { similar }: { similar: boolean }) =>
      index.search(words.join(" "), {
        ...(inTitles ? { fields: ["title"] } : {}),
        prefix: ({ length }) => length >= minInexact,
        fuzzy: (word, at) => similar && at < maxFuzzyTerms && changedLetters(word),
        filter: ({ id, queryTerms }) =>
          bySlug.has(String(id)) && (!inTitles || queryTerms.length >= words.length / 2),
      });

    const withAny = withAnyOf(terms, { similar: false });
    const exact = withAny.filter(({ queryTerms }) => queryTerms.length === terms.length);
    const isRare = (term: string) =>
      withAny.filter(({ queryTerms }) => queryTerms.includes(term)).length <=
      maxShare * visible.length;
    const similar = () =>
      withAnyOf(
        terms.filter((term) => term.length > 1 && isRare(term)),
        { similar: true },
      );

    const isExact = exact.length > 0;
    const results = isExact ? exact : similar();
    return results.slice(0, max).flatMap(({ id, terms: matched }): Hit[] => {
      const article = bySlug.get(String(id));
      if (!article) return [];
      const matches = new Set(matched);
      const isMatch = (word: string) => matches.has(singular(word));
      const title = markWords(article.title, isMatch);
      const text = paragraphs.get(article.slug) ?? [];
      const excerpt = pickExcerpt(article.description, text, matched, isMatch);
      return [{ article, title, excerpt: markWords(excerpt, isMatch), isExact }];
    });
  };
}

const wordPattern = /[\p{L}\p{N}]+/gu;
// Matches the accents of our alphabet. To look for those of all alphabets, with \p{M}, takes twice
// as long.
const accents = /[\u0300-\u036f]+/g;
export const fold = (text: string) => text.toLowerCase().normalize("NFD").replace(accents, "");
const splitWords = (text: string): string[] => fold(text).match(wordPattern) ?? [];

/** Returns the words of a text as the search compares them: folded, and in the singular. */
export const searchWords = (text: string): string[] => splitWords(text).map(singular);

/** Adds each pair of neighbouring words as one word, so that "timezone" finds "time zone". */
function withJoined(words: string[]): string[] {
  return [...words, ...words.slice(1).map((word, index) => `${words[index]}${word}`)];
}

function singular(word: string): string {
  if (word.length < 4 || !word.endsWith("s")) return word;
  return word.replace(/ies$/, "y").replace(/(?<=[^siu])s$/, "");
}

type Paragraph = { text: string; folded: string };
const foldParagraph = (text: string): Paragraph => ({ text, folded: fold(text) });

/**
 * Returns an excerpt that begins with the sentence of the first match, or the description if that
 * matches, or if no whole sentence does.
 */
function pickExcerpt(
  description: string,
  paragraphs: Paragraph[],
  terms: string[],
  isMatch: (word: string) => boolean,
): string {
  const beginnings = terms.map((term) => term.replace(/y$/, "")); // "query" also finds "queries"
  const firstMatch = ({ folded }: Paragraph) => {
    // Asking `isMatch` about each word of a text took most of the time of a search.
    if (!beginnings.some((beginning) => folded.includes(beginning))) return undefined;
    return folded.matchAll(wordPattern).find(([word]) => isMatch(word));
  };
  if (firstMatch(foldParagraph(description))) return description;
  for (const paragraph of paragraphs) {
    // The match has this place in the folded text. In the text itself it may be a few letters off,
    // which is near enough for an excerpt.
    const at = firstMatch(paragraph)?.index;
    const { text } = paragraph;
    if (at === undefined || !/^[^\p{L}]*\p{Lu}.*[.?!]\W*$/u.test(text)) continue;
    const from = /.*[.?!:]["”’]? /.exec(text.slice(0, at))?.[0].length ?? 0;
    const to = text.indexOf(" ", from + charactersShown);
    return to < 0 ? text.slice(from) : text.slice(from, to).replace(/(?<![.?!])$/, "…");
  }
  return description;
}

/** Marks the matches in a text, and escapes it word by word, because "&amp;" is no word. */
function markWords(text: string, isMatch: (word: string) => boolean): string {
  return escapeText(text).replace(/&\w+;|[\p{L}\p{N}\p{M}]+/gu, (word) =>
    isMatch(fold(word)) ? `<mark>${word}</mark>` : word,
  );
}
