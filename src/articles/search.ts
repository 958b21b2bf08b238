// The full-text index: SQLite's FTS5 in a temporary database, filled in slices so that readers do not wait.

import { DatabaseSync } from "node:sqlite";
import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import leven from "leven";
import type { Article } from "./article.ts";
import { isCommon, splitsOf, searchTerms } from "./search-terms.ts";

/** Text in pieces. `marked` pieces match the query. */
export type Marked = { text: string; marked: boolean }[];
type FindArticle = (slug: string) => Article | undefined;
export type Found = { article: Article; title: Marked; excerpt: Marked };

const maxSimilar = 10;
const maxCandidates = 10; // some of which will not be similar enough
/** Tried in order until one finds something: all words; all words with one or two letters changed; any of the words. */
const strategies: [join: " AND " | " OR ", edits: number][] = [
  [" AND ", 0],
  [" AND ", 1],
  [" AND ", 2],
  [" OR ", 2],
];
const [markStart, markEnd] = ["\u0001", "\u0002"];

export function createSearchIndex() {
  const database = new DatabaseSync(""); // a temporary file that SQLite removes
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
    const topics = article.topics.map(({ name }) => name);
    const people = article.author.role ? [article.author.name] : []; // an author without a role is the company, which would match nearly everything
    const whole = [article.description, ...topics, ...people, text].join(" · ");
    lastId += 1;
    statements.addPage.run(lastId, article.slug, article.title, headings, whole);
    statements.addWords.run(lastId, `${article.title} ${headings} ${whole}`);
    indexed.set(article.slug, { id: lastId, version: article.version });
  }

  /** Returns a query as an FTS5 expression. With `respell`, "timezone" is also "time zone", and the reverse. */
  function expression(
    query: string,
    join: " AND " | " OR ",
    edits: number,
    respell: boolean,
  ): string {
    const words = searchTerms(query);
    if (words.every(isCommon)) return words.length > 0 ? `{title headings} : "${words[0]}"` : "";
    const joined = words.slice(1).map((word, index) => `${words[index]}${word}`);
    const respelt = (word: string, index: number) =>
      [...splitsOf(word), ...joined.slice(Math.max(0, index - 1), index + 1)].map(quote);
    return words
      .map((word, index) => [
        ...alternatives(word, edits),
        ...(respell ? respelt(word, index) : []),
      ])
      .map((all) => `(${all.join(" OR ")})`)
      .join(join);
  }

  /** Returns FTS5 phrases for a word: the word, words that begin with it, and words that differ by up to `edits` letters. */
  function alternatives(word: string, edits: number): string[] {
    const beginnings = [...(word.length < 3 ? [] : [word]), ...similar(word, edits)];
    return [quote(word), ...beginnings.map((one) => `${quote(one)}*`)];
  }

  function similar(word: string, edits: number): string[] {
    const maxDistance = Math.min(edits, Math.floor(word.length / 4)); // in a short word, one changed letter makes a different word
    if (maxDistance === 0) return [];
    terms ??= statements.vocabulary.all().map((row) => String(row["term"]));
    const isNear = (term: string) =>
      Math.abs(term.length - word.length) <= maxDistance &&
      leven(word, term, { maxDistance: maxDistance + 1 }) <= maxDistance;
    return terms.filter(isNear).slice(0, maxSimilar);
  }

  /** Returns the best articles for an FTS5 expression. */
  function best(match: string, count: number, findArticle: FindArticle): Found[] {
    const found: Found[] = [];
    for (const { id, slug } of statements.rank.iterate(match)) {
      const article = findArticle(String(slug));
      if (!article) continue;
      const { title, excerpt } = statements.excerpt.get(match, id ?? 0) ?? {};
      found.push({
        article,
        title: splitMarks(String(title)),
        excerpt: splitMarks(String(excerpt)),
      });
      if (found.length === count) break;
    }
    return found;
  }

  return {
    /** Updates the index to exactly these articles, indexing only changed ones again. Stops when the index is closed. */
    async update(articles: Article[]): Promise<void> {
      const slugs = new Set(articles.map(({ slug }) => slug));
      const gone = [...indexed.keys()].filter((slug) => !slugs.has(slug));
      const changed = articles.filter(
        ({ slug, version }) => indexed.get(slug)?.version !== version,
      );
      const steps = [
        ...gone.map((slug) => () => remove(slug)),
        ...changed.map((article) => () => add(article)),
      ];
      if (!database.isOpen) return;
      database.exec("BEGIN");
      try {
        for (const step of steps) {
          await yieldToEventLoop(); // lets requests run in between: a step takes 1 ms
          if (!database.isOpen) return;
          step();
        }
      } finally {
        terms = undefined;
        if (database.isOpen) database.exec("COMMIT"); // even after an error: `indexed` says which articles are in it
      }
    },

    /** Returns the best articles for a query. `findArticle` returns undefined for hidden articles. */
    find(query: string, count: number, findArticle: FindArticle): Found[] {
      for (const [join, edits] of strategies) {
        const found: Found[] = [];
        const findOther: FindArticle = (slug) =>
          found.some(({ article }) => article.slug === slug) ? undefined : findArticle(slug);
        for (const respell of [false, true]) {
          const match = expression(query, join, edits, respell);
          if (match && found.length < count)
            found.push(...best(match, count - found.length, findOther));
        }
        if (found.length > 0) return found;
      }
      return [];
    },

    /**
     * Returns articles whose titles contain at least half of these words, for the 404 page. Short words must match exactly:
     * with one letter changed, "terms" is "teams".
     */
    suggest(text: string, count: number, findArticle: FindArticle): Article[] {
      const words = searchTerms(text).filter((word) => !isCommon(word));
      if (words.length === 0) return [];
      const phrases = words.flatMap((word) => [
        ...(word.length < 6 ? [quote(word)] : alternatives(word, 1)),
        ...splitsOf(word).map(quote),
      ]);
      const candidates = best(`title : (${phrases.join(" OR ")})`, maxCandidates, findArticle);
      const isClose = ({ title }: Found) =>
        title.filter(({ marked }) => marked).length >= words.length / 2;
      return candidates
        .filter(isClose)
        .slice(0, count)
        .map(({ article }) => article);
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
  /** run() returns the last row id of an internal FTS5 table, which may exceed 2^53, and throws then unless BigInts are allowed. */
  const prepareWrite = (statement: string) => {
    const write = database.prepare(statement);
    write.setReadBigInts(true);
    return write;
  };
  // node:sqlite binds numbers as REAL, and FTS5 ignores a condition on a rowid that is not an integer.
  return {
    addPage: prepareWrite(
      "INSERT INTO pages (rowid, slug, title, headings, text) VALUES (?, ?, ?, ?, ?)",
    ),
    addWords: prepareWrite("INSERT INTO words (rowid, text) VALUES (?, ?)"),
    removePage: prepareWrite("DELETE FROM pages WHERE rowid = CAST(? AS INTEGER)"),
    removeWords: prepareWrite("DELETE FROM words WHERE rowid = CAST(? AS INTEGER)"),
    // A word in the title counts more than one in a heading, and that more than one in the text.
    rank: database.prepare(
      "SELECT rowid AS id, slug FROM pages WHERE pages MATCH ? ORDER BY bm25(pages, 0, 20, 6, 1), slug",
    ),
    // Excerpts cost more than ranking, so they are made only for the results shown.
    excerpt: database.prepare(
      `SELECT highlight(pages, 1, '${markStart}', '${markEnd}') AS title, snippet(pages, 3, '${markStart}', '${markEnd}', '…', 28) AS excerpt
       FROM pages WHERE pages MATCH ? AND rowid = CAST(? AS INTEGER)`,
    ),
    vocabulary: database.prepare("SELECT term FROM vocabulary"),
  };
}

const quote = (phrase: string) => `"${phrase}"`;

function splitMarks(text: string): Marked {
  const pieces = text.split(/[\u0001\u0002]/);
  return pieces
    .map((piece, index) => ({ text: piece, marked: index % 2 === 1 }))
    .filter((piece) => piece.text !== "");
}
