// The author's check: the errors of the files, and the problems found by rendering each body and by
// comparing articles with each other, with their examples and with the pages of the site.

import path from "node:path";
import { isPublic, slugOf, type Article, type ArticleError, type ArticleText } from "./article.ts";
import { reportProblems } from "./check-body.ts";
import type { ArticleFile } from "./front-matter.ts";
import { examplesPath, type Snapshot } from "./load.ts";
import { factsOf, parseBody, renderBody } from "./markdown.ts";
import { inlineTokens, targetOf } from "./tokens.ts";
import { suggestWord, type Report } from "./yaml.ts";

const maxHtmlLength = 300_000; // the longest article has 40,000
const maxRenderMs = 1_000;

type Context = {
  snapshot: Snapshot;
  articleFiles: Map<string, ArticleFile>;
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
  const articleFiles = new Map(files.map((file) => [file.slug, file]));
  const paths = new Set([...sitePaths, ...lists]);
  const context: Context = { snapshot, articleFiles, paths, now, monotonicMs };
  const found = [...snapshot.errors, ...snapshot.problems];
  const reportIn =
    ({ file, bodyLine }: Pick<ArticleText, "file" | "bodyLine">): Report =>
    (line, message) =>
      found.push({ file, line: bodyLine - 1 + line, message });
  for (const file of files) checkText(file, reportIn(file), context);
  for (const [slug, texts] of examples) {
    const body = texts.get("README.md") ?? "";
    const text = { slug, file: `${folder}/examples/${slug}/README.md`, body, bodyLine: 1 };
    const report = reportIn(text);
    if (!body) report(1, "is missing: it says what each file is, and how to run the programs");
    checkText(text, report, context);
  }
  const seen = new Map<string, string>();
  for (const article of articles.toReversed())
    checkFrontMatter(article, reportIn({ ...article, bodyLine: 1 }), seen, context);
  return found.sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}

/**
 * Checks the text of an article, also with an error in its front matter, or of the README of its
 * example.
 */
function checkText(text: ArticleText, report: Report, context: Context): void {
  const { images, examples } = context.snapshot;
  if (!rendersInTime(text.body, report, context)) return;
  const tokens = parseBody(text.body);
  reportProblems(tokens, examples.get(text.slug) ?? new Map(), `examples/${text.slug}`, report);
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

/** Returns the target of a link and what is wrong with it. */
function checkLink(
  target: string,
  text: ArticleText,
  { snapshot, articleFiles, paths, now }: Context,
): string | undefined {
  if (!target || /^(https?|mailto|tel):/i.test(target)) return undefined;
  const [to = "", fragment] = target.replace(/\?[^#]*/, "").split("#");
  const slug = /^\/articles\/([^/]+?)(?:\.md)?$/.exec(to)?.[1];
  const other = articleFiles.get(slug ?? "");
  if (slug !== undefined && !other)
    return `${to}, which does not exist${suggestWord(slug, [...articleFiles.keys()])}`;
  const article = articleFiles.get(text.slug)?.article;
  const readFrom = article && new Date(Math.max(article.publishedAt.getTime(), now.getTime()));
  if (readFrom && !article.draft && other?.article && !isPublic(other.article, readFrom))
    return `${to}, which is not public when this article is: readers would get a 404`;
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

/** `seen` has the values of older articles that should be unique. */
function checkFrontMatter(
  { slug, title, description, draft, series, updated, related, lines }: Article,
  report: Report,
  seen: Map<string, string>,
  { articleFiles, now }: Context,
): void {
  const reportKey = (key: string, message: string) => report(lines.get(key) ?? 1, message);
  if (updated && updated.date > now)
    reportKey("updated", `"updated" is in the future: write the day of the correction`);
  for (const other of related)
    if (!articleFiles.has(other)) {
      const suggestion = suggestWord(other, [...articleFiles.keys()]);
      reportKey("related", `"related" names ${other}, which does not exist${suggestion}`);
    }
  const requireUnique = (key: string, value: string, what: string) => {
    const first = seen.getOrInsert(`${what} ${value.toLowerCase()}`, slug);
    if (first !== slug) reportKey(key, `${first}.md has the same ${what}`);
  };
  requireUnique("title", title, "title");
  if (!draft) requireUnique("description", description, "description");
  if (series)
    requireUnique("series", `${slugOf(series.name)} ${series.part}`, "part of the series");
}
