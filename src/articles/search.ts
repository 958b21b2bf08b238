// The full-text index: SQLite's FTS5 in a file that can be thrown away at any time, filled in slices so that readers do not wait.
// At 10,000 articles an index in JavaScript took 605 MB of memory; this one takes next to none, and 15 s of slices the first time (0012).

import type { DatabaseSync } from "node:sqlite";
import leven from "leven";
import type { Article } from "./article.ts";
import { discard, openDisposable } from "./disposable.ts";

/** Text in pieces, those that were looked for marked. */
export type Marked = { text: string; marked: boolean }[];
type TextOf = (article: Article) => { headings: string; text: string };
export type Found = { article: Article; title: Marked; excerpt: Marked };

const schema = 2;
const perSlice = 10; // some 5 ms
const mostTerms = 8;
// Nearly every article has these, so they rank nothing. A query that has only such words is looked up in titles and headings.
const commonWords = new Set(
  "a an and are as at be but by do for from how i if in is it its no not of on or our so that the they this to vs was we what when why will with you".split(
    " ",
  ),
);
const mostSimilar = 10;
const longestQuery = 200;
const corrupt = 11; // SQLITE_CORRUPT
/** How a query is tried, one after the other: all words, all but for a letter or two, any of them. */
const attempts: [join: " AND " | " OR ", edits: number][] = [
  [" AND ", 0],
  [" AND ", 1],
  [" AND ", 2],
  [" OR ", 2],
];
const [markStart, markEnd] = ["\u0001", "\u0002"];

/** Opens or makes the index file; one that is damaged or has another layout is made anew. */
export function openSearch(file: string) {
  let index = openDisposable(file, prepare);
  let damage: unknown;
  let run = 0;
  let terms: string[] | undefined; // reading them takes 160 ms at 10,000 articles, comparing 20 ms

  function remove(slug: string): void {
    terms = undefined;
    index.forget.run(slug);
  }

  function add(article: Article, { headings, text }: ReturnType<TextOf>): void {
    remove(article.slug);
    const id = Number(index.add.get(article.slug, article.version)?.["id"]);
    const whole = `${article.description} ${article.topics.map(({ name }) => name).join(" ")} ${text}`;
    index.addPage.run(id, article.title, headings, whole);
    index.addWords.run(id, `${article.title} ${headings} ${whole}`);
  }

  /** A query as an FTS5 expression: words and their beginnings, and also what differs by no more than some letters. */
  function expression(query: string, join: " AND " | " OR ", edits: number): string {
    const words = searchTerms(query);
    if (words.every((word) => commonWords.has(word))) return words.length > 0 ? `{title headings} : "${words[0]}"` : "";
    const beginnings = (word: string) => [...(word.length < 3 ? [] : [word]), ...(edits > 0 ? similar(word, edits) : [])];
    const alternatives = (word: string) => [`"${word}"`, ...beginnings(word).map((one) => `"${one}"*`)];
    return words.map((word) => `(${alternatives(word).join(" OR ")})`).join(join);
  }

  function similar(word: string, edits: number): string[] {
    const maxDistance = Math.min(edits, Math.floor(word.length / 4)); // a short word differs from too many by one letter
    terms ??= index.vocabulary.all().map((row) => String(row["term"]));
    const near = (term: string) =>
      Math.abs(term.length - word.length) <= maxDistance && leven(word, term, { maxDistance: maxDistance + 1 }) <= maxDistance;
    return maxDistance > 0 ? terms.filter(near).slice(0, mostSimilar) : [];
  }

  /** Where the file is damaged, keeps that in mind; throws whatever else is wrong. */
  function noteDamage(error: unknown): void {
    if (((error as { errcode?: number }).errcode ?? 0) % 256 !== corrupt) throw error;
    damage = error;
  }

  function makeAnew(): void {
    if (index.database.isOpen) index.database.close();
    discard(file);
    index = openDisposable(file, prepare);
    terms = undefined;
    damage = undefined;
  }

  function best(query: string, count: number, articleOf: (slug: string) => Article | undefined): Found[] {
    for (const [join, edits] of attempts) {
      const match = expression(query, join, edits);
      if (!match) return [];
      const found: Found[] = [];
      for (const { id, slug } of index.rank.iterate(match)) {
        const article = articleOf(String(slug));
        if (!article) continue;
        const { title, excerpt } = index.excerpt.get(match, id ?? 0) ?? {};
        found.push({ article, title: marked(String(title)), excerpt: marked(String(excerpt)) });
        if (found.length === count) break;
      }
      if (found.length > 0) return found;
    }
    return [];
  }

  async function renew(mine: number, articles: Article[], textOf: TextOf): Promise<void> {
    await new Promise(setImmediate); // whoever saved an article does not wait for it
    if (mine !== run) return;
    const known = new Map(index.known.all() as unknown as [slug: string, version: string][]);
    const wanted = new Set(articles.map(({ slug }) => slug));
    const work: (() => void)[] = [...known.keys()].filter((slug) => !wanted.has(slug)).map((slug) => () => remove(slug));
    for (const article of articles) if (known.get(article.slug) !== article.version) work.push(() => add(article, textOf(article)));
    while (work.length > 0 && mine === run) {
      index.database.exec("BEGIN");
      try {
        for (const step of work.splice(-perSlice)) step();
        index.database.exec("COMMIT");
      } catch (error) {
        if (index.database.isTransaction) index.database.exec("ROLLBACK");
        throw error;
      }
      await new Promise(setImmediate);
    }
  }

  return {
    /**
     * Makes the index hold exactly these articles. Works in slices of a few milliseconds; a later call takes over from one that is
     * still running. `textOf` is only asked for what has changed.
     */
    async update(articles: Article[], textOf: TextOf): Promise<void> {
      run += 1;
      const mine = run;
      if (!damage) await renew(mine, articles, textOf).catch(noteDamage);
      if (!damage || mine !== run) return;
      makeAnew();
      await renew(mine, articles, textOf);
    },

    /**
     * The best articles for a query, of those that `articleOf` answers: hidden ones are not even asked, so that their words change nothing.
     * A damaged index finds nothing until it was made anew.
     */
    find(query: string, count: number, articleOf: (slug: string) => Article | undefined): Found[] {
      try {
        return damage ? [] : best(query, count, articleOf);
      } catch (error) {
        noteDamage(error);
        return [];
      }
    },

    /** What was found wrong with the file, which the next update makes anew. */
    damage: () => damage,

    close(): void {
      run += 1;
      if (index.database.isOpen) index.database.close();
    },
  };
}

function prepare(database: DatabaseSync) {
  database.exec("PRAGMA synchronous = OFF");
  if (database.prepare("PRAGMA user_version").get()?.["user_version"] !== schema)
    database.exec(`
      CREATE TABLE documents (id INTEGER PRIMARY KEY, slug TEXT NOT NULL UNIQUE, version TEXT NOT NULL);
      CREATE VIRTUAL TABLE pages USING fts5 (title, headings, text, tokenize = 'porter unicode61 remove_diacritics 2');
      CREATE VIRTUAL TABLE words USING fts5 (text, content = '', contentless_delete = 1, detail = none, tokenize = 'unicode61 remove_diacritics 2');
      CREATE VIRTUAL TABLE vocabulary USING fts5vocab (words, row);
      CREATE TRIGGER forget AFTER DELETE ON documents BEGIN
        DELETE FROM pages WHERE rowid = old.id;
        DELETE FROM words WHERE rowid = old.id;
      END;
      PRAGMA user_version = ${schema}`);
  const known = database.prepare("SELECT slug, version FROM documents");
  known.setReturnArrays(true);
  return {
    database,
    known,
    forget: database.prepare("DELETE FROM documents WHERE slug = ?"),
    add: database.prepare("INSERT INTO documents (slug, version) VALUES (?, ?) RETURNING id"),
    addPage: database.prepare("INSERT INTO pages (rowid, title, headings, text) VALUES (?, ?, ?, ?)"),
    addWords: database.prepare("INSERT INTO words (rowid, text) VALUES (?, ?)"),
    // A word in the title is worth more than in a heading, and that more than in the text.
    rank: database.prepare(
      `SELECT documents.id, slug FROM pages JOIN documents ON documents.id = pages.rowid
       WHERE pages MATCH ? ORDER BY bm25(pages, 20, 6, 1), slug`,
    ),
    // FTS5 ignores a rowid that is no integer, and node:sqlite binds numbers as REAL. Excerpts cost more than ranks, so they are made for
    // the few that are shown.
    excerpt: database.prepare(
      `SELECT highlight(pages, 0, '${markStart}', '${markEnd}') AS title, snippet(pages, 2, '${markStart}', '${markEnd}', '…', 28) AS excerpt
       FROM pages WHERE pages MATCH ? AND rowid = CAST(? AS INTEGER)`,
    ),
    vocabulary: database.prepare("SELECT term FROM vocabulary"),
  };
}

/**
 * The words of a query to look for: each once, at most eight, without common words unless there are no others. SQLite's time grows with
 * the square of the repeated words of a query: eight times "the" took 250 ms over twelve articles.
 */
export function searchTerms(query: string): string[] {
  const words = [...new Set(plain(query.slice(0, longestQuery)).match(/[\p{L}\p{N}]+/gu) ?? [])];
  const distinctive = words.filter((word) => !commonWords.has(word));
  return (distinctive.length > 0 ? distinctive : words).slice(0, mostTerms);
}

const plain = (text: string) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");

function marked(text: string): Marked {
  const pieces = text.split(/[\u0001\u0002]/);
  return pieces.map((piece, index) => ({ text: piece, marked: index % 2 === 1 })).filter((piece) => piece.text !== "");
}
