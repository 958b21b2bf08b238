// Finds links and images that do not exist, or that readers cannot follow or understand.

import path from "node:path";
import type { Token } from "markdown-it";
import { articlePath, examplesPath, routeOf } from "../urls.ts";
import { isPublic, type ArticleText } from "./article.ts";
import { bodyFacts } from "./body-facts.ts";
import { isUnread, type Snapshot } from "./load.ts";
import { isFigure, targetOf } from "./markdown.ts";
import { nearestWord, suggestWord } from "./report.ts";

/** What the texts are compared with. `paths` are those of the pages that links may lead to. */
export type Checked = {
  snapshot: Snapshot;
  paths: Set<string>;
  siteUrl: string;
  now: Date;
};

const notPublic = ", which is not public: correct it, write other-article.md, or make it code";

/** What is wrong with the target of a link, whatever pages there are. */
const targetRules: [pattern: RegExp, problem: string][] = [
  [/^#?$/, "nothing: write the URL in the brackets"],
  [/^https?:(?!\/\/)|\/\/https?:/i, ", which is no URL: correct it"],
  [/^https?:\/\/([^/]*@)?([\w-]+|[^/]*\.(internal|local|lan))([:/?#]|$)/i, notPublic],
  [/^https?:\/\/(\[|(127|10|192\.168|172\.(1[6-9]|2\d|3[01]))\.[\d.]+([:/?#]|$))/, notPublic],
  [/^(\.?\/)?images\//, ", which is an image: ![text](URL) shows it"],
  // The ids of other pages begin with "page-".
  [/^\/(?!articles\/)[^#]*#(?!page-)./, ", and no page has such a part: delete the #"],
  [/^mailto:(?![^@\s]+@[^@\s]+\.[a-z]{2,})/i, ", which is not an email address"],
];

/** Returns the first thing that is wrong with a link, and the remedy. */
export function linkProblem(
  written: string,
  text: ArticleText,
  { snapshot, paths, siteUrl, now }: Checked,
): string | undefined {
  const target = written.startsWith(`${siteUrl}/`) ? written.slice(siteUrl.length) : written;
  const wrong = targetRules.find(([pattern]) => pattern.test(written) || pattern.test(target));
  if (wrong) return `links to ${written}${wrong[1]}`;
  if (/^(https?|mailto|tel):/i.test(target)) return undefined;
  const [, to = "", fragment = ""] = /^([^?#]*)[^#]*#?(.*)$/.exec(target) ?? [];
  const slug = /^\/articles\/([^/]+)$/.exec(to)?.[1];
  const there = snapshot.files.get(slug ?? "");
  if (there) {
    const article = snapshot.files.get(text.slug)?.article;
    const readFrom = article && article.publishedAt > now ? article.publishedAt : now;
    if (article?.draft === false && there.article && !isPublic(there.article, readFrom))
      return `links to ${to}, which is not public when this article is: readers would get a 404`;
  } else if (to !== "") {
    const ownFiles = snapshot.examples.get(text.slug) ?? new Map<string, string>();
    const known = [...paths, examplesPath(text.slug), ...ownFiles.keys()];
    // The article that makes the page may have an error.
    const isUnknown = snapshot.errors.length > 0 && !slug && routeOf(to) !== undefined;
    if (known.includes(to) || isUnknown || isUnread(snapshot, `examples/${text.slug}/${to}`))
      return undefined;
    const all = [...snapshot.files.keys().map(articlePath), ...known];
    const near = nearestWord(to.replace(/\.md$/, ""), all);
    const rule =
      "; a link is other-article.md, /page, a file of the example, or begins with https://";
    return `links to ${to}, which does not exist${near ? `, did you mean "${near}"?` : rule}`;
  }
  const ids = to === "" ? bodyFacts(text).headingIds : there && bodyFacts(there).headingIds;
  return fragment && ids && !ids.includes(fragment)
    ? `links to #${fragment}, which is not a heading there${suggestWord(fragment, ids)}`
    : undefined;
}

/** Descriptions of an image that are its file, or what a program calls it. */
const noDescriptions = [
  /^$|\.(svg|png|jpe?g|gif|webp|avif)$/i,
  /^(alt( text)?|image|picture|figure|diagram|chart|photo|screen ?shot|untitled)[\d\s.:_-]*$/i,
];

/** Returns what is wrong with an image or its alternative text, and the remedy. */
export function imageProblem(token: Token, snapshot: Snapshot): string | undefined {
  const { images, folder } = snapshot;
  const target = targetOf(token);
  const name = path.posix.normalize(target);
  if (/^(\w+:)?\/\//.test(target))
    return `the image ${target} is on another site: download it into ${folder}/images`;
  if (isUnread(snapshot, name)) return undefined;
  if (!images.has(name)) {
    const names = [...images.keys()];
    const near = nearestWord(name, names) ?? nearestWord(path.basename(name), names);
    return `the image ${target} does not exist: ${near ? `did you mean "${near}"?` : `put it into ${folder}/images`}`;
  }
  if (noDescriptions.some((pattern) => pattern.test(token.content.trim())))
    return `the image ${target} needs in its brackets what it shows, for those who do not see it`;
  if (token.content && token.attrGet("title") === token.content)
    return "the caption repeats the text in the brackets: say how to read the image, or delete it";
  return isFigure(token) ? undefined : `the image ${target} must be alone in its paragraph`;
}
