// Everything an author can get wrong that one file's schema does not see, all at once: what would be broken for a reader, and what
// would look careless.

import { readdir } from "node:fs/promises";
import path from "node:path";
import type { Token } from "markdown-it";
import type { ArticleError } from "./article.ts";
import { slugOf } from "./slug.ts";
import { openLibrary } from "./library.ts";
import { createMarkdown } from "./markdown.ts";
import { decoded, inlineTokens, isFence, plainText } from "./tokens.ts";
import { didYouMean } from "./yaml.ts";

const largestImage = 300_000;
const dayMs = 86_400_000;

type Context = Awaited<ReturnType<typeof read>>;
type Checked = Context["articles"][number];

/**
 * Checks a folder of articles. `fontCharacters` are those that the site's fonts have, `sitePaths` the pages that articles may link to besides
 * articles, topics and authors. Returns the errors sorted by file and line.
 */
export async function checkArticles(dir: string, fontCharacters: string, sitePaths: string[], now: Date): Promise<ArticleError[]> {
  const context = await read(dir, sitePaths, now);
  for (const checked of context.articles) {
    checkLinks(checked, context);
    checkImages(checked, context);
    checkStructure(checked);
    checkCharacters(checked, fontCharacters);
    checkFrontMatter(checked, context);
  }
  checkAcross(context.articles);
  for (const name of await readdir(dir)) {
    const { ext } = path.parse(name);
    const misplaced = /^\.(md|markdown|mdx|txt)$/i.test(ext) && ext !== ".md";
    if (misplaced) context.errors.push({ file: path.join(path.basename(dir), name), line: 1, message: "is not read: articles end in .md" });
  }
  return context.errors.sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}

/** The articles with their tokens, and ways to say what is wrong on a line of a body or at a key of the front matter. */
async function read(dir: string, sitePaths: string[], now: Date) {
  const library = await openLibrary(dir, { showHidden: true });
  const markdown = createMarkdown();
  const errors = library.errors();
  const articles = library.list(now).map((article) => {
    const file = path.join(path.basename(dir), `${article.slug}.md`);
    const report = (line: number, message: string) => errors.push({ file, line, message });
    const { tokens, unusedNotes } = markdown.parse(article.body);
    const ids = new Set(tokens.flatMap((token) => (token.attrGet("id") === null ? [] : String(token.attrGet("id")))));
    const at = (line: number, message: string) => report((article.lines["body"] ?? 1) + line - 1, message);
    const atKey = (key: string, message: string) => report(article.lines[key] ?? 1, message);
    return { article, tokens, unusedNotes, ids, at, atKey };
  });
  const bySlug = new Map(articles.map((checked) => [checked.article.slug, checked]));
  const addresses = new Set([
    ...sitePaths,
    ...articles
      .filter(({ article }) => !article.draft)
      .flatMap(({ article }) => [`/authors/${article.author.key}`, ...article.topics.map(({ slug }) => `/topics/${slug}`)]),
  ]);
  const wrongFiles = new Set(library.errors().map(({ file }) => path.basename(file))); // told already
  return { articles, bySlug, addresses, wrongFiles, errors, library, now };
}

function checkLinks({ article, tokens, ids, at }: Checked, { bySlug, addresses, wrongFiles, now }: Context): void {
  for (const { token, line } of inlineTokens(tokens)) {
    if (token.type === "text" && /\[\^[^\]\s]+\]/.test(token.content))
      at(line, `there is no note ${/\[\^[^\]]+\]/.exec(token.content)?.[0]}`);
    if (token.type === "text" && /\]\(/.test(token.content))
      at(line, "a link or an image that is none: a space or a forbidden address in it?");
    if (token.type === "text" && /^#{2,}[^#\s]/.test(token.content)) at(line, "a heading wants a space behind its #");
    if (token.type !== "link_open") continue;
    if (!token.attrGet("href")) at(line, "a link that leads nowhere");
    const target = decoded(String(token.attrGet("href")));
    if (/^(https?|mailto|tel):/i.test(target)) continue;
    const [path = "", fragment] = target.replace(/\?[^#]*/, "").split("#");
    const slug = /^\/articles\/([^/]+?)(?:\.md)?$/.exec(path)?.[1];
    const other = slug === undefined ? undefined : bySlug.get(slug);
    const there = path === "" ? ids : other?.ids;
    if (slug !== undefined && !other && !wrongFiles.has(`${slug}.md`))
      at(line, `links to ${path}, which does not exist${didYouMean(slug, [...bySlug.keys()])}`);
    else if (other?.article.draft && !article.draft) at(line, `links to ${path}, which is a draft: readers would find nothing`);
    else if (other && other.article.publishedAt > now && other.article.publishedAt > article.publishedAt && !article.draft)
      at(line, `links to ${path}, which appears later than this article: readers would find nothing until then`);
    else if (slug === undefined && path !== "" && !addresses.has(path))
      at(line, `links to ${path}, which does not exist; links inside the site are other-article.md or start with /`);
    else if (fragment && there && !there.has(fragment))
      at(line, `links to #${fragment}, which is no heading there${didYouMean(fragment, [...there])}`);
  }
}

function checkImages({ article, tokens, at, atKey }: Checked, { library }: Context): void {
  const tooLarge = (file: string) => {
    const bytes = library.findImage(file)?.bytes ?? 0;
    return bytes > largestImage ? `the image ${file} has ${Math.round(bytes / 1_000)} KB; make it ${largestImage / 1_000} KB or less` : "";
  };
  for (const { token, line } of inlineTokens(tokens).filter((inline) => inline.token.type === "image")) {
    const file = decoded(String(token.attrGet("src")));
    if (!token.content.trim()) at(line, `the image ${file} has no alternative text: say in the brackets what it shows`);
    if (tooLarge(file)) at(line, tooLarge(file));
  }
  if (article.image && tooLarge(article.image.file)) atKey("image", tooLarge(article.image.file));
}

function checkStructure({ article, tokens, unusedNotes, at, atKey }: Checked): void {
  let level = 1;
  tokens.forEach((token, index) => {
    if (token.type !== "heading_open") return;
    const [line, next] = [(token.map?.[0] ?? 0) + 1, Number(token.tag.slice(1))];
    if (next > level + 1)
      at(line, `${"#".repeat(next)} follows ${level === 1 ? "the title" : "#".repeat(level)}: use ${"#".repeat(level + 1)}`);
    if (plainText(tokens[index + 1]).trim() === "") at(line, "a heading without words");
    level = next;
  });
  const lines = article.body.split("\n");
  for (const { type, map } of tokens) {
    if (type !== "fence" || !map) continue;
    if (map[1] - map[0] < 2 || !/^[\s>]*(`{3,}|~{3,})\s*$/.test(lines[map[1] - 1] ?? "")) at(map[0] + 1, "this code block is never closed");
  }
  const notes = new Map<string, number>(); // the line of each
  lines.forEach((text, index) => {
    const label = /^[\s>]*\[\^([^\]]+)\]:/.exec(text)?.[1];
    if (!label || tokens.some((token) => isFence(token) && isAt(token, index))) return;
    if (notes.has(label)) at(index + 1, `the note [^${label}] is there twice, and only the last is shown`);
    else notes.set(label, index + 1);
  });
  for (const label of unusedNotes) at(notes.get(label) ?? 1, `nothing refers to the note [^${label}]`);
  if (!tokens.some((token) => token.type === "inline")) atKey("body", "there is no text below the front matter");
}

/** Whether a token covers this line, counted from 0 as its own are. */
function isAt({ map }: Token, line: number): boolean {
  return map !== null && map[0] <= line && line < map[1];
}

function checkCharacters({ article, tokens, at, atKey }: Checked, fontCharacters: string): void {
  const tellMissing = (text: string, tell: (message: string) => void) => {
    const missing = [...new Set(text)].filter((character) => !fontCharacters.includes(character) && character.trim() !== "");
    const codeOf = (character: string) => (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    const told = missing.map((character) => `${character} (U+${codeOf(character)})`).join(", ");
    if (told) tell(`the site's fonts have no ${told}: use words`);
  };
  for (const key of ["title", "description"] as const) tellMissing(article[key], (message) => atKey(key, message));
  for (const { token, line } of inlineTokens(tokens)) if (token.type === "text") tellMissing(token.content, (message) => at(line, message));
}

function checkFrontMatter({ article, atKey }: Checked, { bySlug, addresses, now }: Context): void {
  const dayBefore = new Date(article.publishedAt.getTime() - dayMs); // a plain day begins before an instant on it
  if (article.updated && article.updated.date < dayBefore) atKey("updated", `"updated" lies before "date"`);
  if (article.updated && article.updated.date > now)
    atKey("updated", `"updated" lies in the future: a correction is dated when it is made`);
  const years = (article.publishedAt.getTime() - now.getTime()) / (365 * dayMs);
  if (years > 1 || article.publishedAt.getUTCFullYear() < 1990)
    atKey("date", `"date" is ${article.publishedAt.getUTCFullYear()}: is that meant?`);
  for (const slug of article.related) {
    if (slug === article.slug) atKey("related", `"related" names the article itself`);
    else if (!bySlug.has(slug)) atKey("related", `"related" names ${slug}, which does not exist${didYouMean(slug, [...bySlug.keys()])}`);
  }
  for (const alias of article.aliases) {
    const slug = /^\/articles\/(.+)$/.exec(alias)?.[1] ?? "";
    if (addresses.has(alias) || bySlug.has(slug)) atKey("aliases", `the alias ${alias} is the address of another page`);
  }
  if (article.title === "TITLE") atKey("title", "the title is still the template's");
  if (article.description.startsWith("Say in one or two sentences, of 70") && !article.draft)
    atKey("description", "the description is still the template's");
}

/** What may be there once only, and what has to be written in one way. */
function checkAcross(articles: Checked[]): void {
  const seen = new Map<string, string>();
  const oldestFirst = [...articles].sort((a, b) => a.article.publishedAt.getTime() - b.article.publishedAt.getTime());
  for (const { article, atKey } of oldestFirst) {
    const once = (key: string, value: string, what: string) => {
      const first = seen.get(`${what} ${value.toLowerCase()}`);
      if (first) atKey(key, `${first}.md has the same ${what}`);
      else seen.set(`${what} ${value.toLowerCase()}`, article.slug);
    };
    once("title", article.title, "title");
    if (!article.draft) once("description", article.description, "description");
    for (const alias of article.aliases) once("aliases", alias, `alias, ${alias}:`);
    if (article.series) once("series", `${slugOf(article.series.name)} ${article.series.part}`, "part of the series");
    const oneWay = (key: string, slug: string, name: string) => {
      const first = seen.get(`written ${key} ${slug}`) ?? name;
      if (first !== name) atKey(key, `"${name}" is written "${first}" elsewhere`);
      seen.set(`written ${key} ${slug}`, first);
    };
    for (const { slug, name } of article.topics) oneWay("topics", slug, name);
    if (article.series) oneWay("series", slugOf(article.series.name), article.series.name);
  }
}
