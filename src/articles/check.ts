// The author's check: the mistakes that the library lists, and those that only a comparison with other articles, pages and fonts shows.

import { formatError, imagesOf, slugOf, type Article, type ArticleError, type ArticleText } from "./article.ts";
import { uncheckedNumbers } from "./example-output.ts";
import type { Library } from "./library.ts";
import { numbersIn } from "./tokens.ts";
import { suggest } from "./yaml.ts";

const maxImageBytes = 300_000;
const minDigits = 3; // round numbers are often settings that happen to be equal
const dayMs = 86_400_000;

/** Adds a mistake: at a line of the file, or at a key of the front matter. */
type Report = (line: number, message: string) => void;
type ReportKey = (key: string, message: string) => void;
type Context = { bySlug: Map<string, Article>; addresses: Set<string>; invalidSlugs: Set<string>; now: Date };

/**
 * Returns the errors and problems of a library, which must have been opened with `showHidden`, and the findings of this check, sorted by file
 * and line. `fontCharacters` are the characters that the site's fonts have, `sitePaths` the pages that articles may link to besides articles,
 * topics and authors.
 */
export async function checkArticles(library: Library, fontCharacters: string, sitePaths: string[], now: Date): Promise<ArticleError[]> {
  await library.indexReady(); // completes bodyProblems
  const articles = library.list(now);
  const bySlug = new Map(articles.map((article) => [article.slug, article]));
  const listed = articles.filter(({ draft }) => !draft);
  const named = listed.flatMap(({ author, topics }) => [`/authors/${author.key}`, ...topics.map(({ slug }) => `/topics/${slug}`)]);
  const addresses = new Set([...sitePaths, ...named]);
  const invalidSlugs = new Set(library.errors().map(({ file }) => /([^/]*)\.md$/.exec(file)?.[1] ?? ""));
  const context = { bySlug, addresses, invalidSlugs, now };
  const findings = [...library.errors(), ...library.bodyProblems()];
  function reportIn(file: string): Report {
    return (line, message) => findings.push({ file, line, message });
  }
  for (const article of library.texts()) {
    const at = reportIn(article.file);
    for (const { target, line } of article.readBody().links) {
      const mistake = checkLink(target, article, context);
      if (mistake) at(line, mistake);
    }
    for (const { text, line } of article.readBody().symbols) checkCharacters(text, fontCharacters, (message) => at(line, message));
    checkImageSizes(article, library, at);
    checkCitedFigures(article, library, at);
  }
  const seen = new Map<string, string>();
  for (const article of articles.filter(({ slug }) => !invalidSlugs.has(slug)).toReversed()) {
    const { file, lines, title, description } = article;
    const atKey: ReportKey = (key, message) => reportIn(file)(lines.get(key) ?? 1, message);
    checkCharacters(title, fontCharacters, (message) => atKey("title", message));
    checkCharacters(description, fontCharacters, (message) => atKey("description", message));
    checkFrontMatter(article, atKey, context);
    checkDuplicates(article, atKey, seen);
  }
  const distinct = [...new Map(findings.map((finding) => [formatError(finding), finding])).values()];
  return distinct.sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}

/** Returns what is wrong with a link, if anything. An article whose front matter is wrong may link to drafts: perhaps it is one. */
function checkLink(target: string, article: ArticleText, { bySlug, addresses, invalidSlugs, now }: Context): string | undefined {
  const { draft = true, publishedAt = now } = article;
  if (!target || /^(https?|mailto|tel):/i.test(target)) return undefined;
  const [path = "", fragment] = target.replace(/\?[^#]*/, "").split("#");
  const slug = /^\/articles\/([^/]+?)(?:\.md)?$/.exec(path)?.[1];
  const other = slug === undefined ? undefined : bySlug.get(slug);
  if (slug !== undefined && !other && !invalidSlugs.has(slug))
    return `links to ${path}, which does not exist${suggest(slug, [...bySlug.keys()])}`;
  if (other?.draft && !draft) return `links to ${path}, which is a draft: readers would get a 404`;
  if (other && other.publishedAt > now && other.publishedAt > publishedAt && !draft)
    return `links to ${path}, which appears later than this article: readers would get a 404 until then`;
  if (slug === undefined && path !== "" && !addresses.has(path))
    return `links to ${path}, which does not exist; links inside the site are other-article.md or start with /`;
  const ids = (path === "" ? article : other)?.readBody().headingIds;
  if (fragment && ids && !ids.includes(fragment)) return `links to #${fragment}, which is no heading there${suggest(fragment, ids)}`;
  return undefined;
}

function checkCharacters(text: string, fontCharacters: string, report: (message: string) => void): void {
  const missing = [...new Set(text)].filter((character) => !fontCharacters.includes(character) && character.trim() !== "");
  if (missing.length > 0) report(`the site's fonts have no ${missing.map(withCode).join(", ")}: use words`);
}

const withCode = (character: string) => `${character} (U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")})`;

function checkImageSizes(article: ArticleText, library: Library, at: Report): void {
  for (const { file, line } of imagesOf(article)) {
    const bytes = library.findImage(file)?.bytes ?? 0;
    if (bytes > maxImageBytes)
      at(line, `the image ${file} has ${Math.round(bytes / 1_000)} KB; make it ${maxImageBytes / 1_000} KB or less`);
  }
}

/** Finds numbers in the text that differ from run to run of an example, and that no range of its README checks. */
function checkCitedFigures(article: ArticleText, library: Library, at: Report): void {
  const { files, readme } = library.exampleOf(article) ?? {};
  for (const run of readme?.runs ?? []) {
    const varying = uncheckedNumbers(files?.get(run.output) ?? "", run).difference(numbersIn(readme?.versions ?? ""));
    for (const { number, line } of article.readBody().numbers) {
      if (varying.has(number) && number.replace(/\D|0+$/g, "").length >= minDigits)
        at(line, `cites ${number}, which varies in ${run.output}: write a range, and add it to "ranges" in the README of the example`);
    }
  }
}

function checkFrontMatter(article: Article, atKey: ReportKey, { bySlug, addresses, now }: Context): void {
  const { description, updated, publishedAt, draft } = article;
  const dayBefore = new Date(publishedAt.getTime() - dayMs); // a plain day begins before an instant on it
  if (updated && updated.date < dayBefore) atKey("updated", `"updated" is before "date"`);
  if (updated && updated.date > now) atKey("updated", `"updated" is in the future: write the day of the correction`);
  const years = (publishedAt.getTime() - now.getTime()) / (365 * dayMs);
  const year = publishedAt.getUTCFullYear();
  if (years > 1 || year < 1990) atKey("date", `"date" is in the year ${year}: is that intended?`);
  for (const other of article.related) {
    if (!bySlug.has(other)) atKey("related", `"related" names ${other}, which does not exist${suggest(other, [...bySlug.keys()])}`);
  }
  for (const alias of article.aliases) {
    if (addresses.has(alias) || bySlug.has(/^\/articles\/(.+)$/.exec(alias)?.[1] ?? ""))
      atKey("aliases", `the alias ${alias} is the URL of another page`);
  }
  if (description.startsWith("Say in one or two sentences, of 70") && !draft)
    atKey("description", "the description is still the template's");
}

/** Finds values that must be unique and are not. `seen` has those of the older articles. */
function checkDuplicates(article: Article, atKey: ReportKey, seen: Map<string, string>): void {
  const once = (key: string, value: string, what: string) => {
    const first = seen.get(`${what} ${value.toLowerCase()}`);
    if (first) atKey(key, `${first}.md has the same ${what}`);
    else seen.set(`${what} ${value.toLowerCase()}`, article.slug);
  };
  const { title, description, draft, aliases, series } = article;
  once("title", title, "title");
  if (!draft) once("description", description, "description");
  for (const alias of aliases) once("aliases", alias, `alias, ${alias}:`);
  if (series) once("series", `${slugOf(series.name)} ${series.part}`, "part of the series");
}
