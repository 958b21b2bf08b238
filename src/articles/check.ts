// The author's check: the errors of the files, and the problems found by rendering each body and by
// comparing articles with each other, with their examples and with the pages of the site.

import path from "node:path";
import {
  formatError,
  slugOf,
  type Article,
  type ArticleError,
  type ArticleText,
} from "./article.ts";
import { compareExcerpt } from "./excerpts.ts";
import { controlCharacters } from "./front-matter.ts";
import { examplesPath, type Snapshot } from "./load.ts";
import { factsOf, parseBody, renderBody } from "./markdown.ts";
import { lineOf, reportProblems, type Report } from "./problems.ts";
import { fenceInfo, inlineTokens, targetOf } from "./tokens.ts";
import { suggestWord } from "./yaml.ts";

const maxHtmlLength = 300_000; // the longest article has 40,000
const maxRenderMs = 1_000;
const dayMs = 86_400_000;

/** With an error only the text could be read. */
type CheckedArticle = ArticleText & Partial<Article>;
type ReportKey = (key: string, message: string) => void;
type Context = {
  snapshot: Snapshot;
  bySlug: Map<string, Article>;
  wrongSlugs: Set<string>;
  paths: Set<string>;
  now: Date;
  monotonicMs: () => number;
};

/**
 * Returns every error and problem by file and line. `sitePaths` are the paths that articles may link
 * to besides articles, their examples, topics and authors. `monotonicMs` times the rendering.
 */
export function checkArticles(
  snapshot: Snapshot,
  sitePaths: string[],
  now: Date,
  monotonicMs: () => number,
): ArticleError[] {
  const { articles, files, examples } = snapshot;
  const lists = articles.flatMap(({ author, topics, draft }) =>
    draft ? [] : [`/authors/${author.key}`, ...topics.map((topic) => `/topics/${topic.slug}`)],
  );
  const context: Context = {
    snapshot,
    bySlug: new Map(articles.map((article) => [article.slug, article])),
    wrongSlugs: new Set(files.flatMap(({ slug, article }) => (article ? [] : slug))),
    paths: new Set([...sitePaths, ...lists]),
    now,
    monotonicMs,
  };
  const found = [...snapshot.errors, ...snapshot.problems];
  const reportIn =
    (file: string): Report =>
    (line, message) =>
      found.push({ file, line, message });
  for (const file of files) {
    const report = reportIn(file.file);
    const { article, source } = file;
    if (source !== "") checkBody(article ?? file, source, report, context);
  }
  for (const [slug, texts] of examples)
    checkReadme(texts, reportIn(`${snapshot.folder}/examples/${slug}/README.md`), context);
  const seen = new Map<string, string>();
  for (const article of articles.toReversed()) {
    const reportKey: ReportKey = (key, message) =>
      reportIn(article.file)(article.lines.get(key) ?? 1, message);
    checkFrontMatter(article, reportKey, context);
    checkDuplicates(article, reportKey, seen);
  }
  const distinct = [...new Map(found.map((one) => [formatError(one), one])).values()];
  return distinct.sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}

/** Also checks the body of an article with an error, so that everything is reported at once. */
function checkBody(
  article: CheckedArticle,
  source: string,
  report: Report,
  context: Context,
): void {
  const { slug, body, bodyLine } = article;
  const { images, examples } = context.snapshot;
  checkCharacters(source, report);
  checkRendering(article, report, context);
  const reportBody: Report = (line, message) => report(bodyLine - 1 + line, message);
  const parsed = parseBody(body);
  reportProblems(body, parsed, reportBody);
  for (const { token, line } of inlineTokens(parsed.tokens)) {
    const target = targetOf(token);
    const problem = token.type === "link_open" && checkLink(target, article, context);
    if (problem) reportBody(line, problem);
    if (token.type === "image" && !images.has(path.posix.normalize(target)))
      reportBody(
        line,
        `the image ${target} is not in the folder of articles, or browsers cannot show it`,
      );
  }
  const texts = examples.get(slug) ?? new Map<string, string>();
  for (const token of parsed.tokens) {
    const { file, region } = fenceInfo(token);
    if (token.type !== "fence" || !file) continue;
    const excerpt = { file, region, line: lineOf(token), code: token.content };
    const problem = compareExcerpt(excerpt, texts, `examples/${slug}`);
    if (problem) reportBody(problem.line, problem.message);
  }
}

function checkCharacters(source: string, report: Report): void {
  source.split(/\r\n?|\n/).forEach((text, index) => {
    if (text.includes("\ufffd") || text.search(controlCharacters) >= 0)
      report(
        index + 1,
        "holds a control character, or one that is not UTF-8: delete it, or save the file as UTF-8",
      );
  });
}

/** Readers would wait for such a body, and so would everybody else. */
function checkRendering(
  { body, bodyLine }: Pick<ArticleText, "body" | "bodyLine">,
  report: Report,
  context: Context,
): void {
  const startedAt = context.monotonicMs();
  const { length } = renderBody(body, {
    findImage: () => undefined,
    findExample: () => undefined,
  });
  const ms = context.monotonicMs() - startedAt;
  if (length > maxHtmlLength) report(bodyLine, `is too large as HTML (${length} characters)`);
  if (ms > maxRenderMs) report(bodyLine, `takes too long to render (${(ms / 1_000).toFixed(1)} s)`);
}

/** Returns what is wrong with a link. An article with an error may link to drafts: it may be one. */
function checkLink(
  target: string,
  article: CheckedArticle,
  { snapshot, bySlug, wrongSlugs, paths, now }: Context,
): string | undefined {
  const { draft = true, publishedAt = now } = article;
  if (!target || /^(https?|mailto|tel):/i.test(target)) return undefined;
  const [to = "", fragment] = target.replace(/\?[^#]*/, "").split("#");
  const slug = /^\/articles\/([^/]+?)(?:\.md)?$/.exec(to)?.[1];
  const other = slug === undefined ? undefined : bySlug.get(slug);
  if (slug !== undefined && !other && !wrongSlugs.has(slug))
    return `links to ${to}, which does not exist${suggestWord(slug, [...bySlug.keys()])}`;
  if (other?.draft && !draft) return `links to ${to}, which is a draft: readers would get a 404`;
  if (other && other.publishedAt > now && other.publishedAt > publishedAt && !draft)
    return `links to ${to}, which appears later than this article: readers would get a 404 until then`;
  const examples = snapshot.examples.get(article.slug);
  const isExample = examples?.has(to) || to === examplesPath(article.slug);
  if (slug === undefined && to !== "" && !paths.has(to) && !isExample)
    return `links to ${to}, which does not exist; links inside the site are other-article.md or start with /`;
  const there = to === "" ? article : other;
  const ids = there && factsOf(there).headingIds;
  if (fragment && ids && !ids.includes(fragment))
    return `links to #${fragment}, which is not a heading there${suggestWord(fragment, ids)}`;
  return undefined;
}

/** An example is shown with its README, which names its files. */
function checkReadme(texts: Map<string, string>, report: Report, context: Context): void {
  const readme = texts.get("README.md");
  if (readme === undefined)
    return report(1, "is missing: it says what each file is, and how the programs are run");
  checkRendering({ body: readme, bodyLine: 1 }, report, context);
  const names = [...texts.keys()];
  for (const { token, line } of inlineTokens(parseBody(readme).tokens)) {
    const target = targetOf(token);
    if (token.type === "link_open" && !/^(https?:|\/)/.test(target) && !texts.has(target))
      report(line, `links to ${target}, which does not exist${suggestWord(target, names)}`);
  }
}

function checkFrontMatter(
  article: Article,
  reportKey: ReportKey,
  { bySlug, paths, wrongSlugs, now }: Context,
): void {
  const { updated, publishedAt } = article;
  const dayBefore = new Date(publishedAt.getTime() - dayMs); // a date without a time is midnight
  if (updated && updated.date < dayBefore) reportKey("updated", `"updated" is before "date"`);
  if (updated && updated.date > now)
    reportKey("updated", `"updated" is in the future: write the day of the correction`);
  for (const other of article.related)
    if (!bySlug.has(other) && !wrongSlugs.has(other)) {
      const suggestion = suggestWord(other, [...bySlug.keys()]);
      reportKey("related", `"related" names ${other}, which does not exist${suggestion}`);
    }
  for (const alias of article.aliases)
    if (paths.has(alias) || bySlug.has(/^\/articles\/(.+)$/.exec(alias)?.[1] ?? ""))
      reportKey("aliases", `the alias ${alias} is the URL of another page`);
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
