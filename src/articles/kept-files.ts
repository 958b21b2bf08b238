// What was read from each file, kept in DATA_DIR from one start to the next; the long parts of articles stay there and not in memory.
// Without it 10,000 articles took 6.6 s and 320 MB to start; decision 0013 has the figures with it. It comes out by one line in library.ts.
// It also makes the last good version of an article outlive a restart.

import { createHash } from "node:crypto";
import { globSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Article, Author } from "./article.ts";
import { openDisposable } from "./disposable.ts";
import type { Known } from "./folder.ts";

export type KeptFiles = ReturnType<typeof openKeptFiles>;

const longParts = ["outline", "body", "images", "lines"] as const;
const projectDir = path.resolve(import.meta.dirname, "../..");

/**
 * Opens or makes the file for this folder of articles and this program: another release may read the same article in another way, so it
 * starts with a file of its own. The others are removed, which takes nothing from a process that has one open.
 */
export function openKeptFiles(dataDir: string, articlesDir: string) {
  const name = `articles-${fingerprint(articlesDir)}.db`;
  for (const other of globSync("articles-*.db*", { cwd: dataDir })) if (!other.startsWith(name)) rmSync(path.join(dataDir, other));
  const database = openDisposable(path.join(dataDir, name), prepare);
  const keepFile = database.prepare("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)");
  const keepTexts = database.prepare("INSERT OR REPLACE INTO texts VALUES (?, ?, ?, ?, ?)");
  const forgetFile = database.prepare("DELETE FROM files WHERE name = ?");

  // Getters, so that an article costs no more memory than its line in a list.
  const prototype = Object.create(null) as object;
  for (const part of longParts) {
    const read = database.prepare(`SELECT ${part} FROM texts WHERE version = ?`);
    const get = function (this: Article): unknown {
      return JSON.parse(String(read.get(this.version)?.[part])) as unknown;
    };
    Object.defineProperty(prototype, part, { get });
  }
  const authors = new Map<string, Author>(); // one object for each instead of one an article
  function read(stamp: string, json: string): Known {
    const known: Known = Object.assign(JSON.parse(json), { stamp });
    if (known.article) known.article = Object.assign(Object.create(prototype) as Article, revived(known.article, authors));
    return known;
  }

  function keep(name: string, known: Known): Known {
    const { stamp, article, ...others } = known;
    const facts: Partial<Article> = { ...article }; // its own properties: not what it has from the prototype
    const isNew = facts.body !== undefined;
    if (article && isNew) keepTexts.run(article.version, ...longParts.map((part) => JSON.stringify(article[part])));
    if (isNew) for (const part of longParts) delete facts[part];
    const json = JSON.stringify({ ...others, article: article && facts });
    keepFile.run(name, stamp, article?.version ?? null, json);
    return isNew ? read(stamp, json) : known; // pieces of the file would hold the whole of it in memory
  }

  const files = new Map<string, Known>();
  const keptFiles = database.prepare("SELECT name, stamp, known FROM files");
  keptFiles.setReturnArrays(true); // half the time that objects take
  for (const [name = "", stamp = "", known = ""] of keptFiles.iterate() as Iterable<string[]>) files.set(name, read(stamp, known));

  return {
    /** Everything that was kept, by the file's name. */
    files,

    /** Keeps a file as it was read last, or that it is gone; answers it with an article whose long parts are not in memory. */
    keep(name: string, known: Known | undefined): Known | undefined {
      return whereItCan(() => (known ? keep(name, known) : void forgetFile.run(name))) ?? known;
    },

    /** Removes texts that no file has any more. */
    tidy(): void {
      whereItCan(() => database.exec("DELETE FROM texts WHERE version NOT IN (SELECT version FROM files WHERE version IS NOT NULL)"));
    },

    close(): void {
      database.close();
    },
  };
}

/** On a full disk, or while another process writes, things stay in memory and are read again at the next start. */
function whereItCan<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** Dates are text in JSON. */
function revived(article: Article, authors: Map<string, Author>): Article {
  const { author, publishedAt, updated } = article;
  const key = `${author.key} ${author.name} ${author.role}`;
  if (!authors.has(key)) authors.set(key, author);
  return Object.assign(article, {
    author: authors.get(key),
    publishedAt: new Date(publishedAt),
    updated: updated && { ...updated, date: new Date(updated.date) },
  });
}

function fingerprint(articlesDir: string): string {
  const hash = createHash("sha256").update(articlesDir);
  for (const file of ["package-lock.json", ...globSync("src/**/*.ts", { cwd: projectDir }).sort()])
    hash.update(readFileSync(path.join(projectDir, file)));
  return hash.digest("hex").slice(0, 12);
}

function prepare(database: DatabaseSync): DatabaseSync {
  database.exec(`PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS files (name TEXT PRIMARY KEY, stamp TEXT NOT NULL, version TEXT, known TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS texts (version TEXT PRIMARY KEY, outline TEXT, body TEXT, images TEXT, lines TEXT)`);
  return database;
}
