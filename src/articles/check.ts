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
import { reportProblems } from "./check-body.ts";
import { controlCharacters } from "./front-matter.ts";
import { examplesPath, type Snapshot } from "./load.ts";
import { factsOf, parseBody, renderBody } from "./markdown.ts";
import { inlineTokens, targetOf } from "./tokens.ts";
import { suggestWord, type Report } from "./yaml.ts";

const maxHtmlLength = 300_000; // the longest article has 40,000
const maxRenderMs = 1_000;

/** An article, also with an error in its front matter, or the README of its example. */
type CheckedText = ArticleText & Partial<Pick<Article, "draft" | "publishedAt">>;
type Context = {
  snapshot: Snapshot;
  bySlug: Map<string, Article>;
  wrongSlugs: Set<string>;
  paths: Set<string>;
  now: Date;
  monotonicMs: () => number;
};

/**
 * Returns every error and problem by file and line. `sitePaths` are the paths that articles may
 * link to besides articles, their examples, topics and authors. `monotonicMs` times the rendering.
 */
export function checkArticles(
  snapshot: Snapshot,
  sitePaths: string[],
  now: Date,
  monotonicMs: () => number,
): ArticleError[] {
  const { articles, files, examples, folder } = snapshot;
  const lists = articles.flatMap(({ author, topics, draft }) =>
    draft ? [] : [`/authors/${author.key}`, ...topics.map((topic) => `/topics/${topic.slug}`)],
  );
  const bySlug = new Map(articles.map((article) => [article.slug, article]));
  const context: Context = {
    snapshot,
    bySlug,
    wrongSlugs: new Set(files.flatMap(({ slug, article }) => (article ? [] : slug))),
    paths: new Set([...sitePaths, ...lists]),
    now,
    monotonicMs,
  };
  const found = [...snapshot.errors, ...snapshot.problems];
  const reportIn =
    (file: string, lineBefore = 0): Report =>
    (line, message) =>
      found.push({ file, line: lineBefore + line, message });
  const check = (text: CheckedText) =>
    checkText(text, reportIn(text.file, text.bodyLine - 1), context);
  for (const file of files) {
    checkCharacters(file.source, reportIn(file.file));
    check(file.article ?? file);
  }
  for (const [slug, texts] of examples) {
    const file = `${folder}/examples/${slug}/README.md`;
    const body = texts.get("README.md");
    if (body !== undefined) check({ ...bySlug.get(slug), slug, file, body, bodyLine: 1 });
    else reportIn(file)(1, "is missing: it says what each file is, and how to run the programs");
  }
  const seen = new Map<string, string>();
  for (const article of articles.toReversed()) {
    const report = reportIn(article.file);
    const reportKey: ReportKey = (key, message) => report(article.lines.get(key) ?? 1, message);
    checkFrontMatter(article, reportKey, context);
    checkDuplicates(article, reportKey, seen);
  }
  const distinct = [...new Map(found.map((one) => [formatError(one), one])).values()];
  return distinct.sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
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

/** Lines count from 1 at the top of the body. */
function checkText(text: CheckedText, report: Report, context: Context): void {
  const { slug, body } = text;
  const { images, examples } = context.snapshot;
  if (!rendersInTime(body, report, context)) return;
  const tokens = parseBody(body);
  reportProblems(tokens, examples.get(slug) ?? new Map(), `examples/${slug}`, report);
  for (const { token, line } of inlineTokens(tokens)) {
    const target = targetOf(token);
    const problem = token.type === "link_open" && checkLink(target, text, context);
    if (problem) report(line, `links to ${problem}`);
    if (token.type === "image" && !images.has(path.posix.normalize(target)))
      report(
        line,
        `the image ${target} is not in the folder of articles, or browsers cannot show it`,
      );
  }
}

/** Reports a body for which readers would wait. Returns false if the other checks would, too. */
function rendersInTime(body: string, report: Report, { monotonicMs }: Context): boolean {
  const startedAt = monotonicMs();
  const { length } = renderBody(body, {
    findImage: () => undefined,
    findExample: () => undefined,
  });
  const ms = monotonicMs() - startedAt;
  if (length > maxHtmlLength) report(1, `is too large as HTML (${length} characters)`);
  if (ms > maxRenderMs) report(1, `takes too long to render (${(ms / 1_000).toFixed(1)} s)`);
  return ms <= maxRenderMs;
}

/**
 * Returns the target of a link and what is wrong with it. An article with an error may link to
 * drafts: it may be one.
 */
function checkLink(
  target: string,
  text: CheckedText,
  { snapshot, bySlug, wrongSlugs, paths, now }: Context,
): string | undefined {
  const { draft = true, publishedAt = now } = text;
  if (!target || /^(https?|mailto|tel):/i.test(target)) return undefined;
  const [to = "", fragment] = target.replace(/\?[^#]*/, "").split("#");
  const slug = /^\/articles\/([^/]+?)(?:\.md)?$/.exec(to)?.[1];
  const other = slug === undefined ? undefined : bySlug.get(slug);
  if (slug !== undefined && !other && !wrongSlugs.has(slug))
    return `${to}, which does not exist${suggestWord(slug, [...bySlug.keys()])}`;
  if (other?.draft && !draft) return `${to}, which is a draft: readers would get a 404`;
  if (other && other.publishedAt > now && other.publishedAt > publishedAt && !draft)
    return `${to}, which appears later than this article: readers would get a 404 until then`;
  const examples = snapshot.examples.get(text.slug);
  const isExample = examples?.has(to) || to === examplesPath(text.slug);
  if (slug === undefined && to !== "" && !paths.has(to) && !isExample)
    return `${to}, which does not exist; links inside the site are other-article.md or start with /`;
  const there = to === "" ? text : other;
  const ids = there && factsOf(there).headingIds;
  if (fragment && ids && !ids.includes(fragment))
    return `#${fragment}, which is not a heading there${suggestWord(fragment, ids)}`;
  return undefined;
}

type ReportKey = (key: string, message: string) => void;

function checkFrontMatter(
  { updated, related, aliases }: Article,
  reportKey: ReportKey,
  { bySlug, paths, wrongSlugs, now }: Context,
): void {
  if (updated && updated.date > now)
    reportKey("updated", `"updated" is in the future: write the day of the correction`);
  for (const other of related)
    if (!bySlug.has(other) && !wrongSlugs.has(other)) {
      const suggestion = suggestWord(other, [...bySlug.keys()]);
      reportKey("related", `"related" names ${other}, which does not exist${suggestion}`);
    }
  for (const alias of aliases)
    if (paths.has(alias) || bySlug.has(/^\/articles\/(.+)$/.exec(alias)?.[1] ?? ""))
      reportKey("aliases", `the alias ${alias} is the URL of another page`);
}

/** Reports values that should be unique. `seen` contains the values of older articles. */
function checkDuplicates(
  { slug, title, description, draft, aliases, series }: Article,
  reportKey: ReportKey,
  seen: Map<string, string>,
): void {
  const requireUnique = (key: string, value: string, what: string) => {
    const first = seen.getOrInsert(`${what} ${value.toLowerCase()}`, slug);
    if (first !== slug) reportKey(key, `${first}.md has the same ${what}`);
  };
  requireUnique("title", title, "title");
  if (!draft) requireUnique("description", description, "description");
  for (const alias of aliases) requireUnique("aliases", alias, `alias, ${alias}:`);
  if (series)
    requireUnique("series", `${slugOf(series.name)} ${series.part}`, "part of the series");
}
