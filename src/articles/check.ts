// The author's check: mistakes that can be seen only across articles, or that would look careless to a reader.

import { formatError, type Article, type ArticleError } from "./article.ts";
import { inspect, reportTo, type Inspected, type Report } from "./inspect.ts";
import type { Library } from "./library.ts";
import { createMarkdown } from "./markdown.ts";
import { slugOf } from "./slug.ts";
import { suggest } from "./yaml.ts";

const maxImageBytes = 300_000;
const dayMs = 86_400_000;

type Context = { bySlug: Map<string, Inspected>; addresses: Set<string>; invalidSlugs: Set<string>; now: Date };

const oldestFirst = (a: Inspected, b: Inspected) => a.article.publishedAt.getTime() - b.article.publishedAt.getTime();

/**
 * Returns a function that checks all articles of a library, which must have been opened with `showHidden`. It returns the errors and problems
 * that the library found as well, sorted by file and line. `fontCharacters` are the characters that the site's fonts have, `sitePaths` the
 * pages that articles may link to besides articles, topics and authors. An article that has not changed since the last call is not parsed again.
 */
export function createCheck(library: Library, fontCharacters: string, sitePaths: string[]): (now: Date) => Promise<ArticleError[]> {
  const markdown = createMarkdown();
  const inspectedBefore = new WeakMap<Article, Inspected>();

  function inspectOnce(article: Article): Inspected {
    const inspected = inspectedBefore.get(article) ?? inspect(article, markdown, fontCharacters);
    inspectedBefore.set(article, inspected);
    return inspected;
  }

  return async (now) => {
    await library.indexReady(); // completes bodyProblems
    const all = library.list(now).map(inspectOnce);
    const bySlug = new Map(all.map((inspected) => [inspected.article.slug, inspected]));
    const listed = all.map(({ article }) => article).filter(({ draft }) => !draft);
    const named = listed.flatMap(({ author, topics }) => [`/authors/${author.key}`, ...topics.map(({ slug }) => `/topics/${slug}`)]);
    const addresses = new Set([...sitePaths, ...named]);
    const invalidSlugs = new Set(library.errors().map(({ file }) => /([^/]*)\.md$/.exec(file)?.[1] ?? ""));
    const context = { bySlug, addresses, invalidSlugs, now };
    const findings = [...library.errors(), ...library.bodyProblems()];
    const seen = new Map<string, string>();
    for (const inspected of all.sort(oldestFirst)) {
      const report = reportTo(findings, inspected.article);
      findings.push(...inspected.findings);
      checkLinks(inspected, report, context);
      checkImageSizes(inspected, report, library);
      checkFrontMatter(inspected.article, report, context);
      checkDuplicates(inspected.article, report, seen);
    }
    const distinct = [...new Map(findings.map((finding) => [formatError(finding), finding])).values()];
    return distinct.sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
  };
}

function checkLinks({ article, ids, links }: Inspected, { at }: Report, { bySlug, addresses, invalidSlugs, now }: Context): void {
  for (const { target, line } of links) {
    if (!target) at(line, "a link without a target");
    if (!target || /^(https?|mailto|tel):/i.test(target)) continue;
    const [path = "", fragment] = target.replace(/\?[^#]*/, "").split("#");
    const slug = /^\/articles\/([^/]+?)(?:\.md)?$/.exec(path)?.[1];
    const other = slug === undefined ? undefined : bySlug.get(slug);
    const idsThere = path === "" ? ids : other?.ids;
    if (slug !== undefined && !other && !invalidSlugs.has(slug))
      at(line, `links to ${path}, which does not exist${suggest(slug, [...bySlug.keys()])}`);
    else if (other?.article.draft && !article.draft) at(line, `links to ${path}, which is a draft: readers would get a 404`);
    else if (other && other.article.publishedAt > now && other.article.publishedAt > article.publishedAt && !article.draft)
      at(line, `links to ${path}, which appears later than this article: readers would get a 404 until then`);
    else if (slug === undefined && path !== "" && !addresses.has(path))
      at(line, `links to ${path}, which does not exist; links inside the site are other-article.md or start with /`);
    else if (fragment && idsThere && !idsThere.has(fragment))
      at(line, `links to #${fragment}, which is no heading there${suggest(fragment, [...idsThere])}`);
  }
}

function checkImageSizes({ article, images }: Inspected, { at, atKey }: Report, library: Library): void {
  const tooLarge = (file: string) => {
    const bytes = library.findImage(file)?.bytes ?? 0;
    return bytes > maxImageBytes
      ? `the image ${file} has ${Math.round(bytes / 1_000)} KB; make it ${maxImageBytes / 1_000} KB or less`
      : "";
  };
  for (const { file, alt, line } of images) {
    if (!alt.trim()) at(line, `the image ${file} has no alternative text: say in the brackets what it shows`);
    if (tooLarge(file)) at(line, tooLarge(file));
  }
  if (article.image && tooLarge(article.image.file)) atKey("image", tooLarge(article.image.file));
}

function checkFrontMatter(article: Article, { atKey }: Report, { bySlug, addresses, now }: Context): void {
  const { slug, title, description, updated, publishedAt, draft } = article;
  const dayBefore = new Date(publishedAt.getTime() - dayMs); // a plain day begins before an instant on it
  if (updated && updated.date < dayBefore) atKey("updated", `"updated" is before "date"`);
  if (updated && updated.date > now) atKey("updated", `"updated" is in the future: write the day of the correction`);
  const years = (publishedAt.getTime() - now.getTime()) / (365 * dayMs);
  const year = publishedAt.getUTCFullYear();
  if (years > 1 || year < 1990) atKey("date", `"date" is in the year ${year}: is that intended?`);
  for (const other of article.related) {
    if (other === slug) atKey("related", `"related" names the article itself`);
    else if (!bySlug.has(other)) atKey("related", `"related" names ${other}, which does not exist${suggest(other, [...bySlug.keys()])}`);
  }
  for (const alias of article.aliases) {
    if (addresses.has(alias) || bySlug.has(/^\/articles\/(.+)$/.exec(alias)?.[1] ?? ""))
      atKey("aliases", `the alias ${alias} is the URL of another page`);
  }
  if (title === "TITLE") atKey("title", "the title is still the template's");
  if (description.startsWith("Say in one or two sentences, of 70") && !draft)
    atKey("description", "the description is still the template's");
}

/** Finds values that must be unique and are not, and names that are written in two ways. `seen` has those of the older articles. */
function checkDuplicates(article: Article, { atKey }: Report, seen: Map<string, string>): void {
  const once = (key: string, value: string, what: string) => {
    const first = seen.get(`${what} ${value.toLowerCase()}`);
    if (first) atKey(key, `${first}.md has the same ${what}`);
    else seen.set(`${what} ${value.toLowerCase()}`, article.slug);
  };
  const sameSpelling = (key: string, slug: string, name: string) => {
    const first = seen.get(`spelling of ${key} ${slug}`) ?? name;
    if (first !== name) atKey(key, `"${name}" is written "${first}" elsewhere`);
    seen.set(`spelling of ${key} ${slug}`, first);
  };
  const { title, description, draft, aliases, series, topics } = article;
  once("title", title, "title");
  if (!draft) once("description", description, "description");
  for (const alias of aliases) once("aliases", alias, `alias, ${alias}:`);
  if (series) once("series", `${slugOf(series.name)} ${series.part}`, "part of the series");
  for (const { slug, name } of topics) sameSpelling("topics", slug, name);
  if (series) sameSpelling("series", slugOf(series.name), series.name);
}
