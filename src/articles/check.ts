// The author's check: the mistakes that the library lists, and those found by comparing articles with each other, with pages and with the
// fonts.

import {
  formatError,
  imagesOf,
  slugOf,
  type Article,
  type ArticleError,
  type ArticleText,
} from "./article.ts";
import { uncheckedNumbers } from "./example-output.ts";
import type { Library } from "./library.ts";
import { numbersIn } from "./tokens.ts";
import { suggestWord } from "./yaml.ts";

const maxImageBytes = 300_000;
const minDigits = 3; // shorter numbers are often settings that happen to be equal
const dayMs = 86_400_000;

type Report = (line: number, message: string) => void;
type ReportKey = (key: string, message: string) => void;
type Context = {
  bySlug: Map<string, Article>;
  paths: Set<string>;
  invalidSlugs: Set<string>;
  now: Date;
};

/**
 * Returns the errors and problems of a library, which must have been opened with `showHidden`, and those of this check, by file and line.
 * `fontCharacters` are the characters of the site's fonts, `sitePaths` the paths that articles may link to besides articles, topics and
 * authors.
 */
export async function checkArticles(
  library: Library,
  fontCharacters: string,
  sitePaths: string[],
  now: Date,
): Promise<ArticleError[]> {
  await library.indexReady(); // completes bodyProblems
  const articles = library.list(now);
  const bySlug = new Map(articles.map((article) => [article.slug, article]));
  const listed = articles.filter(({ draft }) => !draft);
  const listPaths = listed.flatMap(({ author, topics }) => [
    `/authors/${author.key}`,
    ...topics.map(({ slug }) => `/topics/${slug}`),
  ]);
  const paths = new Set([...sitePaths, ...listPaths]);
  const invalidSlugs = new Set(
    library.errors().map(({ file }) => /([^/]*)\.md$/.exec(file)?.[1] ?? ""),
  );
  const context = { bySlug, paths, invalidSlugs, now };
  const findings = [...library.errors(), ...library.bodyProblems()];
  function reportIn(file: string): Report {
    return (line, message) => findings.push({ file, line, message });
  }
  for (const article of library.texts()) {
    const report = reportIn(article.file);
    for (const { target, line } of article.readBody().links) {
      const mistake = checkLink(target, article, context);
      if (mistake) report(line, mistake);
    }
    for (const { text, line } of article.readBody().symbols)
      checkCharacters(text, fontCharacters, (message) => report(line, message));
    checkImageSizes(article, library, report);
    checkCitedFigures(article, library, report);
  }
  const seen = new Map<string, string>();
  for (const article of articles.filter(({ slug }) => !invalidSlugs.has(slug)).toReversed()) {
    const { file, lines, title, description } = article;
    const reportKey: ReportKey = (key, message) => reportIn(file)(lines.get(key) ?? 1, message);
    checkCharacters(title, fontCharacters, (message) => reportKey("title", message));
    checkCharacters(description, fontCharacters, (message) => reportKey("description", message));
    checkFrontMatter(article, reportKey, context);
    checkDuplicates(article, reportKey, seen);
  }
  const distinct = [
    ...new Map(findings.map((finding) => [formatError(finding), finding])).values(),
  ];
  return distinct.sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}

/** Returns what is wrong with a link, if anything. An article with invalid front matter may link to drafts, because it may be one. */
function checkLink(
  target: string,
  article: ArticleText,
  { bySlug, paths, invalidSlugs, now }: Context,
): string | undefined {
  const { draft = true, publishedAt = now } = article;
  if (!target || /^(https?|mailto|tel):/i.test(target)) return undefined;
  const [path = "", fragment] = target.replace(/\?[^#]*/, "").split("#");
  const slug = /^\/articles\/([^/]+?)(?:\.md)?$/.exec(path)?.[1];
  const other = slug === undefined ? undefined : bySlug.get(slug);
  if (slug !== undefined && !other && !invalidSlugs.has(slug))
    return `links to ${path}, which does not exist${suggestWord(slug, [...bySlug.keys()])}`;
  if (other?.draft && !draft) return `links to ${path}, which is a draft: readers would get a 404`;
  if (other && other.publishedAt > now && other.publishedAt > publishedAt && !draft)
    return `links to ${path}, which appears later than this article: readers would get a 404 until then`;
  if (slug === undefined && path !== "" && !paths.has(path))
    return `links to ${path}, which does not exist; links inside the site are other-article.md or start with /`;
  const ids = (path === "" ? article : other)?.readBody().headingIds;
  if (fragment && ids && !ids.includes(fragment))
    return `links to #${fragment}, which is not a heading there${suggestWord(fragment, ids)}`;
  return undefined;
}

function checkCharacters(
  text: string,
  fontCharacters: string,
  report: (message: string) => void,
): void {
  const missing = [...new Set(text)].filter(
    (character) => !fontCharacters.includes(character) && character.trim() !== "",
  );
  if (missing.length > 0)
    report(`the site's fonts have no ${missing.map(withCode).join(", ")}: use words`);
}

const withCode = (character: string) =>
  `${character} (U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")})`;

function checkImageSizes(article: ArticleText, library: Library, report: Report): void {
  for (const { file, line } of imagesOf(article)) {
    const bytes = library.findImage(file)?.bytes ?? 0;
    if (bytes > maxImageBytes)
      report(
        line,
        `the image ${file} has ${Math.round(bytes / 1_000)} KB; make it ${maxImageBytes / 1_000} KB or less`,
      );
  }
}

/** Reports numbers in the text that vary between runs of the example and that no range in its README covers. */
function checkCitedFigures(article: ArticleText, library: Library, report: Report): void {
  const { files, readme } = library.exampleOf(article) ?? {};
  for (const run of readme?.runs ?? []) {
    const varying = uncheckedNumbers(files?.get(run.output) ?? "", run).difference(
      numbersIn(readme?.versions ?? ""),
    );
    for (const { number, line } of article.readBody().numbers) {
      if (varying.has(number) && number.replace(/\D|0+$/g, "").length >= minDigits)
        report(
          line,
          `cites ${number}, which varies in ${run.output}: write a range, and add it to "ranges" in the README of the example`,
        );
    }
  }
}

function checkFrontMatter(
  article: Article,
  reportKey: ReportKey,
  { bySlug, paths, invalidSlugs, now }: Context,
): void {
  const { description, updated, publishedAt, draft } = article;
  const dayBefore = new Date(publishedAt.getTime() - dayMs); // a date without a time is midnight, before a time on the same day
  if (updated && updated.date < dayBefore) reportKey("updated", `"updated" is before "date"`);
  if (updated && updated.date > now)
    reportKey("updated", `"updated" is in the future: write the day of the correction`);
  const years = (publishedAt.getTime() - now.getTime()) / (365 * dayMs);
  const year = publishedAt.getUTCFullYear();
  if (years > 1 || year < 1990)
    reportKey("date", `"date" is in the year ${year}: is that intended?`);
  for (const other of article.related) {
    if (!bySlug.has(other) && !invalidSlugs.has(other))
      reportKey(
        "related",
        `"related" names ${other}, which does not exist${suggestWord(other, [...bySlug.keys()])}`,
      );
  }
  for (const alias of article.aliases) {
    if (paths.has(alias) || bySlug.has(/^\/articles\/(.+)$/.exec(alias)?.[1] ?? ""))
      reportKey("aliases", `the alias ${alias} is the URL of another page`);
  }
  if (description.startsWith("Say in one or two sentences, of 70") && !draft)
    reportKey("description", "the description is still the template's");
}

/** Reports values that should be unique. `seen` contains the values of older articles. */
function checkDuplicates(article: Article, reportKey: ReportKey, seen: Map<string, string>): void {
  const requireUnique = (key: string, value: string, what: string) => {
    const first = seen.get(`${what} ${value.toLowerCase()}`);
    if (first) reportKey(key, `${first}.md has the same ${what}`);
    else seen.set(`${what} ${value.toLowerCase()}`, article.slug);
  };
  const { title, description, draft, aliases, series } = article;
  requireUnique("title", title, "title");
  if (!draft) requireUnique("description", description, "description");
  for (const alias of aliases) requireUnique("aliases", alias, `alias, ${alias}:`);
  if (series)
    requireUnique("series", `${slugOf(series.name)} ${series.part}`, "part of the series");
}
