// Finds what is wrong with the targets of links and images.

import path from "node:path";
import { examplesPath } from "../urls.ts";
import { isPublic, type ArticleText } from "./article.ts";
import { bodyFacts } from "./body-facts.ts";
import { missingFile } from "./check-code.ts";
import type { ArticleFile } from "./front-matter.ts";
import { isImage, notAnImage } from "./images.ts";
import type { Snapshot } from "./load.ts";
import { routeOf } from "./page-kinds.ts";
import { nearestWord, suggestWord } from "./report.ts";

/** What the targets of links and images are compared with. */
export type Checked = {
  snapshot: Snapshot;
  articleFiles: Map<string, ArticleFile>;
  paths: Set<string>;
  siteUrl: string;
  now: Date;
};

/** Returns what is wrong with an image, and the remedy. */
export function checkImage(
  target: string,
  { images, problems, folder }: Snapshot,
): string | undefined {
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
export function checkLink(
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
