// The author's check: the errors of the files, and the problems found by rendering each body and by
// comparing it with other articles, its example and the pages of the site.

import path from "node:path";
import { examplesPath } from "../urls.ts";
import { isPublic, type Article, type ArticleText } from "./article.ts";
import type { ArticleError } from "./report.ts";
import { checkBody } from "./check-body.ts";
import { missingFile } from "./check-code.ts";
import { checkFrontMatter, lostPaths, placeholder } from "./check-front-matter.ts";
import type { ArticleFile } from "./front-matter.ts";
import { isImage, notAnImage } from "./images.ts";
import type { Snapshot } from "./load.ts";
import { bodyFacts, parseBody } from "./markdown.ts";
import { pagesWith, routeOf } from "./page-kinds.ts";
import { inlineTokens, targetOf } from "./tokens.ts";
import { nearestWord, reportInto, suggestWord, type Report } from "./report.ts";

type Checked = {
  snapshot: Snapshot;
  articleFiles: Map<string, ArticleFile>;
  paths: Set<string>;
  siteUrl: string;
  now: Date;
};

/**
 * Returns every error and problem by file and line. `site` has the URL of the site, and the paths
 * that articles may link to besides those of src/articles/page-kinds.ts. `live` are the live
 * articles whose files have changed.
 */
export function checkArticles(
  snapshot: Snapshot,
  { siteUrl, paths: sitePaths }: { siteUrl: string; paths: string[] },
  now: Date,
  live: Article[] = [],
): ArticleError[] {
  const { articles, files, examples, folder } = snapshot;
  const ofArticles = articles.flatMap((article) =>
    article.draft ? [] : pagesWith(article, examples.has(article.slug)),
  );
  const articleFiles = new Map(files.map((file) => [file.slug, file]));
  const paths = new Set([...sitePaths, ...ofArticles]);
  const context: Checked = { snapshot, articleFiles, paths, siteUrl, now };
  const found = [...snapshot.errors, ...snapshot.problems];
  const reportIn = ({ file, bodyLine }: Pick<ArticleText, "file" | "bodyLine">) =>
    reportInto(found, file, bodyLine);
  for (const file of files) {
    const report = reportIn(file);
    const { text, rest } = bodyFacts(file).searchText;
    if (file.article && text + rest === "") report(1, "the article has no text");
    checkText(file, report, context);
  }
  for (const [slug, texts] of examples) {
    const body = texts.get("README.md") ?? "";
    const text = { slug, file: `${folder}/examples/${slug}/README.md`, body, bodyLine: 1 };
    const report = reportIn(text);
    if (!body) report(1, "is missing: it says what each file is, and how to run the programs");
    if (!articleFiles.has(slug))
      report(1, `there is no ${slug}.md: rename the folder like its article, or delete it`);
    checkText(text, report, context);
  }
  for (const article of articles)
    checkFrontMatter(article, snapshot, now, reportIn({ ...article, bodyLine: 1 }));
  // Another article may have the path, but an error hides it.
  for (const article of snapshot.errors.length > 0 ? [] : live)
    for (const lost of lostPaths(article, articles, now))
      found.push({
        file: article.file,
        line: 1,
        message: `${lost} is public and would be lost: add it to "aliases" of another article, or publish \`draft: true\` before you delete the file`,
      });
  return found.sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}

/**
 * Checks the text of an article, also with an error in its front matter, or of the README of its
 * example.
 */
function checkText(text: ArticleText, report: Report, context: Checked): void {
  const { snapshot, articleFiles } = context;
  const tokens = parseBody(text.body);
  const file = articleFiles.get(text.slug);
  const isDraft = file?.article?.draft;
  const title = file?.body === text.body ? file.article?.title : undefined; // a README has its own
  const files = snapshot.examples.get(text.slug) ?? new Map<string, string>();
  checkBody({ slug: text.slug, title, body: text.body, files }, tokens, report);
  for (const { token, line } of inlineTokens(tokens)) {
    const target = targetOf(token);
    const link = token.type === "link_open" && checkLink(target, text, context);
    if (link) report(line, `links to ${link}`);
    const image = token.type === "image" && checkImage(target, snapshot);
    if (image) report(line, `the image ${target} ${image}`);
    const [left] = (token.type === "text" && !isDraft && placeholder.exec(token.content)) || [];
    if (left) report(line, `${left} is left in the text: write what is missing`);
  }
}

/** Returns what is wrong with an image, and the remedy. */
function checkImage(target: string, { images, problems, folder }: Snapshot): string | undefined {
  const name = path.posix.normalize(target);
  if (images.has(name)) return undefined;
  if (/^(\w+:)?\/\//.test(target)) return `is on another site: download it into ${folder}/images`;
  const problem = problems.find(({ file }) => file === path.join(folder, name));
  if (problem) return problem.message;
  if (!isImage(name)) return notAnImage;
  const names = [...images.keys()];
  const fileOf = (one: string) => path.basename(one).toLowerCase();
  const near = names.find((one) => fileOf(one) === fileOf(name)) ?? nearestWord(name, names);
  if (near?.toLowerCase() === name.toLowerCase())
    return `differs from its file in upper and lower case, did you mean "${near}"?`;
  const remedy = near ? `did you mean "${near}"?` : `put it into ${folder}/images`;
  return `is not in ${folder}: ${remedy}`;
}

/** Returns the target of a link and what is wrong with it: the first rule that is broken. */
function checkLink(
  written: string,
  text: ArticleText,
  { snapshot, articleFiles, paths, siteUrl, now }: Checked,
): string | undefined {
  const target = written.startsWith(`${siteUrl}/`) ? written.slice(siteUrl.length) : written;
  const isAddress = /^(https?|mailto|tel):/i.test(target);
  const isInside = !isAddress && target !== "";
  const [to = "", fragment = ""] = target.replace(/\?[^#]*/, "").split("#");
  const slug = /^\/articles\/([^/]+?)(?:\.md)?$/.exec(to)?.[1];
  const other = articleFiles.get(slug ?? "");
  const meant = path.basename(to, ".md");
  const article = articleFiles.get(text.slug)?.article;
  const readFrom = new Date(Math.max(article?.publishedAt.getTime() ?? 0, now.getTime()));
  const isPublicBefore = !other?.article || isPublic(other.article, readFrom);
  const files = snapshot.examples.get(text.slug);
  const isExample = files?.has(to) || to === examplesPath(text.slug);
  const isRelative = to !== "" && !to.startsWith("/");
  // The article that makes the page may have an error.
  const isUnknown = snapshot.errors.length > 0 && routeOf(to) !== undefined;
  const exists = slug !== undefined || to === "" || paths.has(to) || isExample || isUnknown;
  const there = to === "" ? text : other;
  const ids = isInside && fragment && there ? bodyFacts(there).headingIds : [fragment];
  const rules: [isBroken: boolean, message: string][] = [
    [
      /^https?:\/\/(localhost|127\.|\[::1\])/i.test(target),
      `${target}, which readers cannot open: write it as code`,
    ],
    [target === "", "nothing: write the URL in the brackets"],
    [
      /^mailto:(?![^@\s]+@[^@\s]+\.[a-z]{2,})/i.test(target),
      `${target}, which is not an email address`,
    ],
    [
      isInside && /^(www\.|[\w-]+(\.[\w-]+)+\/|[\w.-]+\.(com|org|net|io|dev|dk)$)/i.test(target),
      `${target}: write https:// in front of it`,
    ],
    [
      slug !== undefined && !other,
      `${to}, which does not exist${suggestWord(slug ?? "", [...articleFiles.keys()])}`,
    ],
    [isInside && isRelative && articleFiles.has(meant), `${to}, did you mean "${meant}.md"?`],
    [
      article?.draft === false && !isPublicBefore,
      `${to}, which is not public when this article is: readers would get a 404`,
    ],
    [
      isInside && isRelative && files !== undefined && !isExample,
      `${to}, but ${missingFile(text.slug, to, files ?? new Map())}`,
    ],
    [
      isInside && !exists,
      `${to}, which does not exist; links inside the site are other-article.md or start with /`,
    ],
    [
      !ids.includes(fragment),
      `#${fragment}, which is not a heading there${suggestWord(fragment, ids)}`,
    ],
  ];
  return rules.find(([isBroken]) => isBroken)?.[1];
}
