// The full-text index: SQLite's FTS5 in a temporary database, filled in slices so that readers do not wait.

import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import leven from "leven";
import type { Article } from "./article.ts";

/** Text in pieces; `marked` pieces match the query. */
export type Marked = { text: string; marked: boolean }[];
export type Found = { article: Article; title: Marked; excerpt: Marked };

const maxTerms = 8;
const maxQueryLength = 200;
const maxSimilar = 10;
// Nearly every article has these, so they rank nothing. A query that has only such words is looked up in titles and headings.
const commonWords = new Set(
  "a an and are as at be but by do for from how i if in is it its no not of on or our so that the they this to vs was we what when why will with you".split(
    " ",
  ),
);
/** The ways to try a query, in order: all words; all words, one or two letters different; any of the words. */
const attempts: [join: " AND " | " OR ", edits: number][] = [
  [" AND ", 0],
  [" AND ", 1],
  [" AND ", 2],
  [" OR ", 2],
];
const [markStart, markEnd] = ["\u0001", "\u0002"];

export function createSearchIndex() {
  const database = new DatabaseSync(""); // a temporary file that SQLite removes itself
  const statements = prepare(database);
  const indexed = new Map<string, { id: number; version: string }>(); // by slug
  let lastId = 0;
  let terms: string[] | undefined; // reading them takes 160 ms at 10,000 articles

  function remove(slug: string): void {
    const id = indexed.get(slug)?.id ?? 0;
    statements.removePage.run(id);
    statements.removeWords.run(id);
    indexed.delete(slug);
  }

  function add(article: Article): void {
    if (indexed.has(article.slug)) remove(article.slug);
    const { headings, text } = article.readBody().searchText;
    const whole = `${article.description} ${article.topics.map(({ name }) => name).join(" ")} ${text}`;
    lastId += 1;
    statements.addPage.run(lastId, article.slug, article.title, headings, whole);
    statements.addWords.run(lastId, `${article.title} ${headings} ${whole}`);
    indexed.set(article.slug, { id: lastId, version: article.version });
  }

  /** Returns a query as an FTS5 expression: each word, its beginning, and words that differ from it by up to `edits` letters. */
  function expression(query: string, join: " AND " | " OR ", edits: number): string {
    const words = searchTerms(query);
    if (words.every((word) => commonWords.has(word))) return words.length > 0 ? `{title headings} : "${words[0]}"` : "";
    const beginnings = (word: string) => [...(word.length < 3 ? [] : [word]), ...(edits > 0 ? similar(word, edits) : [])];
    const alternatives = (word: string) => [`"${word}"`, ...beginnings(word).map((one) => `"${one}"*`)];
    return words.map((word) => `(${alternatives(word).join(" OR ")})`).join(join);
  }

  function similar(word: string, edits: number): string[] {
    const maxDistance = Math.min(edits, Math.floor(word.length / 4)); // one letter makes another word of a short one
    terms ??= statements.vocabulary.all().map((row) => String(row["term"]));
    const isNear = (term: string) =>
      Math.abs(term.length - word.length) <= maxDistance && leven(word, term, { maxDistance: maxDistance + 1 }) <= maxDistance;
    return maxDistance > 0 ? terms.filter(isNear).slice(0, maxSimilar) : [];
  }

  return {
    /** Makes the index hold exactly these articles. Only those whose file has changed are indexed again. Stops when the index is closed. */
    async update(articles: Article[]): Promise<void> {
      const slugs = new Set(articles.map(({ slug }) => slug));
      const gone = [...indexed.keys()].filter((slug) => !slugs.has(slug));
      const changed = articles.filter(({ slug, version }) => indexed.get(slug)?.version !== version);
      const steps = [...gone.map((slug) => () => remove(slug)), ...changed.map((article) => () => add(article))];
      if (!database.isOpen) return;
      database.exec("BEGIN");
      try {
        for (const step of steps) {
          await nextTurn(); // lets requests through: a step takes 1 ms
          if (!database.isOpen) return;
          step();
        }
      } finally {
        terms = undefined;
        if (database.isOpen) database.exec("COMMIT"); // after an error as well: `indexed` says which articles are in it
      }
    },

    /** Returns the best articles for a query. `findArticle` returns undefined for hidden articles, which therefore affect nothing. */
    find(query: string, count: number, findArticle: (slug: string) => Article | undefined): Found[] {
      for (const [join, edits] of attempts) {
        const match = expression(query, join, edits);
        if (!match) return [];
        const found: Found[] = [];
        for (const { id, slug } of statements.rank.iterate(match)) {
          const article = findArticle(String(slug));
          if (!article) continue;
          const { title, excerpt } = statements.excerpt.get(match, id ?? 0) ?? {};
          found.push({ article, title: splitMarks(String(title)), excerpt: splitMarks(String(excerpt)) });
          if (found.length === count) break;
        }
        if (found.length > 0) return found;
      }
      return [];
    },

    close(): void {
      if (database.isOpen) database.close();
    },
  };
}

function prepare(database: DatabaseSync) {
  database.exec(`
    CREATE VIRTUAL TABLE pages USING fts5 (slug UNINDEXED, title, headings, text, tokenize = 'porter unicode61 remove_diacritics 2');
    CREATE VIRTUAL TABLE words USING fts5 (text, content = '', contentless_delete = 1, detail = none, tokenize = 'unicode61 remove_diacritics 2');
    CREATE VIRTUAL TABLE vocabulary USING fts5vocab (words, row)`);
  /** The last row id is that of a table inside FTS5, which may exceed 2^53: run() throws unless it may return a BigInt. */
  const prepareWrite = (statement: string) => {
    const write = database.prepare(statement);
    write.setReadBigInts(true);
    return write;
  };
  // node:sqlite binds numbers as REAL, and FTS5 ignores a condition on a rowid that is not an integer.
  return {
    addPage: prepareWrite("INSERT INTO pages (rowid, slug, title, headings, text) VALUES (?, ?, ?, ?, ?)"),
    addWords: prepareWrite("INSERT INTO words (rowid, text) VALUES (?, ?)"),
    removePage: prepareWrite("DELETE FROM pages WHERE rowid = CAST(? AS INTEGER)"),
    removeWords: prepareWrite("DELETE FROM words WHERE rowid = CAST(? AS INTEGER)"),
    // A word in the title counts more than one in a heading, and that more than one in the text.
    rank: database.prepare("SELECT rowid AS id, slug FROM pages WHERE pages MATCH ? ORDER BY bm25(pages, 0, 20, 6, 1), slug"),
    // Excerpts cost more than ranks, so they are made only for the results that are shown.
    excerpt: database.prepare(
      `SELECT highlight(pages, 1, '${markStart}', '${markEnd}') AS title, snippet(pages, 3, '${markStart}', '${markEnd}', '…', 28) AS excerpt
       FROM pages WHERE pages MATCH ? AND rowid = CAST(? AS INTEGER)`,
    ),
    vocabulary: database.prepare("SELECT term FROM vocabulary"),
  };
}

/**
 * Returns the words of a query to look up: each once, at most eight, without common words unless there are no others. SQLite's time grows
 * with the square of the repeated words of a query: eight times "the" took 250 ms over twelve articles.
 */
export function searchTerms(query: string): string[] {
  const words = [...new Set(foldCase(query.slice(0, maxQueryLength)).match(/[\p{L}\p{N}]+/gu) ?? [])];
  const distinctive = words.filter((word) => !commonWords.has(word));
  return (distinctive.length > 0 ? distinctive : words).slice(0, maxTerms);
}

const foldCase = (text: string) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");

function splitMarks(text: string): Marked {
  const pieces = text.split(/[\u0001\u0002]/);
  return pieces.map((piece, index) => ({ text: piece, marked: index % 2 === 1 })).filter((piece) => piece.text !== "");
}
