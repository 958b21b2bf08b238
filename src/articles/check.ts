// The author's check: the errors of the files, and the problems found by reading each body and by
// comparing it with other articles, its example and the pages of the site.

import path from "node:path";
import { articlePath, pagesWith } from "../urls.ts";
import { isPublic, slugOf, type Article, type ArticleText, type Finding } from "./article.ts";
import { missingFile } from "./check-code.ts";
import { signProblems } from "./check-signs.ts";
import type { Checked } from "./check-links.ts";
import { checkText } from "./check-text.ts";
import { isUnread, type Snapshot } from "./load.ts";
import { bodyFacts } from "./body-facts.ts";
import { reportInto, suggestWord, type ArticleError, type Report } from "./report.ts";

type CheckedSite = { siteUrl: string; paths: string[]; images?: string[] };

/**
 * Returns every error and problem by file and line. `site` has the URL of the site, the paths that
 * articles may link to besides those of src/urls.ts, and the images that pages show. `live` are the
 * live articles whose files have changed.
 */
export function checkArticles(
  snapshot: Snapshot,
  { siteUrl, paths: sitePaths, images: shown = [] }: CheckedSite,
  now: Date,
  live: Article[] = [],
): ArticleError[] {
  const { articles, files, images, examples, folder, errors, problems } = snapshot;
  const ofArticles = articles.flatMap((article) =>
    article.draft ? [] : pagesWith(article, examples.has(article.slug)),
  );
  const paths = new Set([...sitePaths, ...ofArticles]);
  const context: Checked = { snapshot, paths, siteUrl, now };
  const found = [...errors, ...problems];
  for (const file of files.values()) {
    const report = reportInto(found, file.file, file.bodyLine);
    const { text, rest } = bodyFacts(file).searchText;
    if (file.article && text + rest === "") report(1, "the article has no text");
    checkText(file, report, context);
  }
  for (const [slug, texts] of examples) {
    const body = texts.get("README.md") ?? "";
    const text = { slug, file: `${folder}/examples/${slug}/README.md`, body, bodyLine: 1 };
    const report = reportInto(found, text.file);
    if (!body && !isUnread(snapshot, `examples/${slug}/README.md`))
      report(1, "is missing: it says what each file is, and how to run the programs");
    if (!files.has(slug))
      report(1, `there is no ${slug}.md: rename the folder like its article, or delete it`);
    checkText(text, report, context);
  }
  for (const [name, { content }] of images) {
    const report = reportInto(found, path.join(folder, name));
    checkImage(content, report);
    // Figures for lists are named after their article.
    const isShown = ({ body, slug }: ArticleText) =>
      body.includes(name) ||
      body.includes(encodeURI(name)) ||
      name.startsWith(`images/small/${slug}.`);
    if (!shown.includes(name) && !files.values().some(isShown))
      report(1, "no article shows it: delete it");
  }
  for (const article of articles)
    checkFrontMatter(article, context, reportInto(found, article.file));
  const reachable = articles.filter((one) => one.draft || isPublic(one, now)).flatMap(pathsOf);
  // Another article may have the path, but an error hides it.
  for (const article of errors.length > 0 ? [] : live.filter((one) => isPublic(one, now)))
    for (const lost of pathsOf(article).filter((one) => !reachable.includes(one))) {
      const remedy = articles.some((one) => pathsOf(one).includes(lost))
        ? 'its "date" is now in the future: correct it, or write `draft: true`'
        : 'add it to "aliases" of another article, or publish `draft: true` before you delete the file';
      reportInto(found, article.file)(1, `${lost} is public and would be lost: ${remedy}`);
    }
  return found.sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}

function checkImage(content: Buffer, report: Report): void {
  const bytes = content.toString("latin1");
  if (/(Exif..|eXIf|EXIF.{4})(II|MM)/s.test(bytes))
    report(1, "has metadata, such as the place: turn it upright, and save it without");
}

const yearMs = 365.25 * 86_400_000;

const partKey = (name: string, part: number) => `${slugOf(name)} ${part}`;

/** Values that must be unique among articles. The slug replaces a value that need not be. */
const valuesOf = (one: Article): Record<string, string> => ({
  title: one.title.toLowerCase(),
  description: one.draft ? one.slug : one.description.toLowerCase(),
  series: one.series ? partKey(one.series.name, one.series.part) : one.slug,
});

/** Reports what is wrong with the front matter of one article. */
function checkFrontMatter(
  article: Article,
  { snapshot, paths, now }: Checked,
  report: Report,
): void {
  const { articles, files, errors } = snapshot;
  const { aliases, draft, series, updated, related, publishedAt, slug, lines } = article;
  const reportKey = (key: string, message: string) => report(lines.get(key) ?? 1, message);
  for (const [key, value] of Object.entries(valuesOf(article))) {
    const twin = articles.find((one) => one !== article && valuesOf(one)[key] === value);
    const what = key === "series" ? "part of the series" : key;
    if (twin) reportKey(key, `${twin.slug}.md has the same ${what}: change one of the two`);
  }
  const texts = {
    title: article.title,
    description: article.description,
    series: series?.name ?? "",
    finding: article.finding?.symptom ?? "",
    updated: updated?.change ?? "",
  };
  for (const [key, text] of Object.entries(texts))
    for (const problem of signProblems(text, draft)) reportKey(key, problem);
  const years = (publishedAt.getTime() - now.getTime()) / yearMs;
  if (years > 1 || years < -10)
    reportKey("date", '"date" is over a year from now, or over ten years ago: correct the year');
  if (updated && (updated.date < publishedAt || updated.date > now))
    reportKey("updated", '"updated" is before "date" or in the future: correct its date');
  for (const other of articles.filter((one) => one !== article && !one.draft))
    for (const taken of pathsOf(other).filter((one) => aliases.includes(one)))
      reportKey("aliases", `${taken} is a path of ${other.slug}.md: delete it here`);
  for (const page of aliases.filter((one) => paths.has(one) && !one.startsWith("/articles/")))
    reportKey("aliases", `${page} is a page of the site: delete it here`);
  const wrong = article.finding && checkSource(article.finding, slug, snapshot);
  if (wrong) reportKey("finding", `"finding.source": ${wrong}`);
  const others = [...files.keys()].filter((other) => other !== slug);
  for (const one of related.filter((other) => !others.includes(other)))
    reportKey(
      "related",
      `"related" names ${one}, which is not another article${suggestWord(one, others)}`,
    );
  for (const { slug, name } of article.topics) {
    const same = articles.flatMap(({ topics }) => topics).filter((topic) => topic.slug === slug);
    const otherwise = same.filter((topic) => topic.name !== name);
    if (otherwise.length >= same.length / 2)
      reportKey("topics", `"${name}" is spelt "${otherwise[0]?.name}" elsewhere: use one spelling`);
  }
  if (!series || series.part === 1 || errors.length > 0) return; // a part may have an error
  const previous = partKey(series.name, series.part - 1);
  const before = articles.find((one) => valuesOf(one)["series"] === previous);
  if (!before) reportKey("series", `part ${series.part - 1} is missing: number the parts 1, 2, 3`);
  else if (!draft && (before.draft || before.publishedAt > publishedAt))
    reportKey("series", `part ${series.part - 1} is public later or a draft: correct a date`);
}

/** Returns why the line that a finding names does not have its number. */
function checkSource(
  { number, source }: Finding,
  slug: string,
  snapshot: Snapshot,
): string | undefined {
  if (!number || !source) return undefined;
  const [file = "", line = ""] = source.split(":");
  const text = snapshot.examples.get(slug)?.get(file);
  if (text === undefined) return missingFile(snapshot, slug, file);
  const found = numbersIn(text.split("\n")[Number(line) - 1] ?? "");
  const missing = numbersIn(number).find((one) => !found.includes(one));
  return missing === undefined
    ? undefined
    : `${missing} is not in line ${line} of ${file}: correct the number or the line`;
}

/** Returns the numbers in a text, without their thousands separators. */
const numbersIn = (text: string): number[] =>
  (text.replace(/(?<=\d),(?=\d{3}\b)/g, "").match(/\d+(\.\d+)?/g) ?? []).map(Number);

const pathsOf = ({ slug, aliases }: Article) => [articlePath(slug), ...aliases];
