// The author's check finds what no preview shows. Everything else an author sees in `npm run dev`.

import path from "node:path";
import type { Token } from "markdown-it";
import { href, matchUrl, pagesWith } from "../urls.ts";
import {
  isPublic,
  numbersIn,
  slugify,
  type Article,
  type ArticleText,
  type Topic,
} from "../articles/article.ts";
import { bodyFacts } from "../articles/body-facts.ts";
import type { Snapshot } from "../articles/load.ts";
import { fenceInfo, parseBody, linkTarget } from "../articles/markdown.ts";
import { reportInto, type ArticleError, type Report } from "../articles/article-error.ts";

/**
 * The articles to check, and what the check compares them with. Articles may link to `paths`,
 * besides the pages of articles.
 */
type Context = { snapshot: Snapshot; siteUrl: string; paths: string[]; now: Date };

export function checkArticles(context: Context) {
  const { articles, files, examples, folder, fileErrors } = context.snapshot;
  // If there are no authors there is no article, and every mention of one would be reported.
  if (context.snapshot.authors.size === 0) return context.snapshot.errors;
  const errors = [...context.snapshot.errors, ...fileErrors];
  const published = articles.filter(({ draft }) => !draft);
  const pages = published.flatMap((one) => pagesWith(one, examples.has(one.slug)));
  const all = { ...context, paths: [...context.paths, ...pages] };
  const readmes = [...examples].map(([slug, own]): ArticleText => {
    const file = `${folder}/examples/${slug}/README.md`;
    const body = own.get("README.md");
    if (body === undefined)
      errors.push({ file, line: 1, message: `is missing: it is ${href("examples", { slug })}` });
    return { slug, file, body: body ?? "" };
  });
  for (const readme of readmes) checkExamples(readme, context.snapshot, errors);
  for (const text of [...files.values(), ...readmes])
    checkText(text, all, reportInto(errors, text.file));
  for (const { file, body } of files.values()) checkTokens(body, reportInto(errors, file));
  for (const article of articles) checkFrontMatter(article, all, reportInto(errors, article.file));
  return errors.sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
}

const publicPaths = ({ slug, aliases }: Article) => [href("article", { slug }), ...aliases];

/** Reports the public addresses of the `published` articles that the new snapshot no longer has. */
export function findLosses({ snapshot, now }: Context, published: Article[]) {
  const { articles, errors, folder } = snapshot;
  if (errors.length > 0) return errors; // an article with an error has no paths
  const lost: typeof errors = [];
  const report = (file: string, message: string) => lost.push({ file, line: 1, message });
  const shown = published.filter((one) => isPublic(one, now));
  const reachable = articles.filter((one) => one.draft || isPublic(one, now)).flatMap(publicPaths);
  for (const article of shown)
    for (const url of publicPaths(article).filter((one) => !reachable.includes(one)))
      report(
        article.file,
        `${url} is public and would be lost: add it to "aliases" of another article, or publish \`draft: true\` before you delete or postpone it`,
      );
  const left = articles.filter((one) => isPublic(one, now)).length;
  if (left < shown.length / 2)
    report(folder, `only ${left} of ${shown.length} public articles would be left`);
  return lost;
}

/** Reports the files of examples that their README doesn't describe: all of them are public. */
function checkExamples(readme: ArticleText, snapshot: Snapshot, errors: ArticleError[]): void {
  const own = snapshot.examples.get(readme.slug) ?? new Map<string, string>();
  const described = parseBody(readme.body)
    .flatMap(({ children }) => children ?? [])
    .map(linkTarget);
  for (const [name, text] of own) {
    const report = reportInto(errors, path.join(path.dirname(readme.file), name));
    checkTokens(text, report);
    if (own.has("README.md") && name !== "README.md" && !described.includes(name))
      report(1, "is public, and README.md has no link to it: describe it there, or delete it");
  }
}

/**
 * Matches tokens as GitHub and AWS document them, except for keys that end with EXAMPLE, which AWS
 * uses in its guides.
 */
const token =
  /\b(?:(gh[pousr]_)[A-Za-z0-9]{36}|(github_pat_)\w{30,}|(AKIA)(?![A-Z0-9]*EXAMPLE)[A-Z0-9]{16})\b/;

function checkTokens(text: string, report: Report): void {
  for (const [index, line] of text.split("\n").entries()) {
    const form = token.exec(line)?.slice(1).find(Boolean);
    if (form) report(index + 1, `has a token that begins with ${form}: revoke it, and write …`);
  }
}

const unfinished = /(?<![\w.-])TODO(?![\w-]|\.\w)/;
const missing = "readers would see TODO: write what is missing";

function checkText(text: ArticleText, context: Context, report: Report): void {
  const lines = text.body.split("\n");
  const tokens = parseBody(text.body);
  // A code block without an end would take the text below it for code, and the next block for text.
  const open = tokens.find((token) => isOpen(token, lines));
  if (open?.map)
    return report(open.map[0] + 1, "the code block that starts here, or one above it, has no end");
  let line = 1;
  for (const token of tokens) {
    // The cells of a table have no line of their own, so they get that of their row.
    if (token.map) line = token.map[0] + 1;
    if (token.type === "fence") checkExcerpt(token, text.slug, context, report);
    for (const part of token.children ?? []) {
      if (part.type.endsWith("break")) line += 1;
      const error = errorIn(part, text, context);
      if (error) report(line, error);
    }
  }
}

/** Returns whether a block has no ``` at its end, or has the first line of another block in it. */
function isOpen({ type, map, markup, content }: Token, lines: string[]): boolean {
  if (type !== "fence" || !map) return false;
  const last = lines.slice(map[0] + 1, map[1]).at(-1) ?? "";
  const opening = new RegExp(`^\\s*${markup}[a-z]`, "m");
  return !last.replace(/^[>\s]+/, "").startsWith(markup) || opening.test(content);
}

function errorIn(part: Token, text: ArticleText, context: Context): string | undefined {
  const { siteUrl, paths, now } = context;
  const { files, images, examples } = context.snapshot;
  const from = files.get(text.slug)?.article;
  if (part.type === "text" && !from?.draft && unfinished.test(part.content)) return missing;
  const target = linkTarget(part);
  if (part.type === "image" && !images.has(path.posix.normalize(target)))
    return `there is no image ${target}`;
  if (part.type === "image" && !part.content.trim())
    return `the image ${target} needs in its brackets what it shows, for those who do not see it`;
  if (part.type !== "link_open") return undefined;
  // An address that was copied from the browser works on the author's machine, and nowhere else.
  if (target.startsWith(`${siteUrl}/`)) return `links to ${siteUrl}: begin the link with "/"`;
  if (/^(https?|mailto|tel):/i.test(target))
    return URL.canParse(target)
      ? undefined
      : `links to "${target}", which no browser can open: correct it, or write it as \`code\``;
  const [, to = "", fragment = ""] = /^([^?#]*)[^#]*#?(.*)$/.exec(target) ?? [];
  const there = to ? files.get(matchUrl(to)?.parts["slug"] ?? "") : text;
  const own = examples.get(text.slug)?.keys() ?? [];
  const known = [
    ...paths,
    ...own,
    href("examples", { slug: text.slug }),
    ...files.keys().map((slug) => href("article", { slug })),
  ];
  if (!target || (to && !known.includes(to))) return `links to "${target}", which does not exist`;
  const other = files.get(there?.slug ?? "")?.article;
  const readAt = from && from.publishedAt > now ? from.publishedAt : now;
  if (other && from?.draft === false && !isPublic(other, readAt))
    return `links to ${to}, which is not public when this article is`;
  const ids = there && fragment ? bodyFacts(there).headingIds : [fragment];
  return ids.includes(fragment) ? undefined : `links to #${fragment}, which is not a heading there`;
}

const trimLines = (text: string) => text.split("\n").map((line) => line.trim());
const omission = /^((\/\/|#|--)\s*)?…$/;
const regionMark = /^(?:\/\/|#|--|<!--)\s*(region|endregion)\b\s*([\w-]*)\s*(?:-->)?$/;

/** Reports the first line that a block doesn't share with its file. A line "…" leaves some out. */
function checkExcerpt(token: Token, slug: string, { snapshot }: Context, report: Report): void {
  const line = (token.map?.[0] ?? 0) + 1;
  const { file, region } = fenceInfo(token);
  if (!file) return;
  let open = "";
  const stored = trimLines(snapshot.examples.get(slug)?.get(file) ?? "").filter((text) => {
    const [, mark, name = ""] = regionMark.exec(text) ?? [];
    if (mark) open = mark === "region" ? name : "";
    return text && !mark && (region === "" || open === region);
  });
  const name = `examples/${slug}/${file}${region && `#${region}`}`;
  if (stored.length === 0) return report(line, `there is no ${name}`);
  const text = `\n${stored.join("\n")}\n`;
  let part = "\n"; // holds the lines since the last omission
  let from = 0; // the lines begin here in the file, at the earliest
  for (const [at, shown] of trimLines(token.content).entries()) {
    if (shown === "") continue;
    if (omission.test(shown)) {
      from += part.length - 1;
      part = "\n";
      continue;
    }
    const isNext = text.startsWith(`${shown}\n`, from + part.length);
    part += `${shown}\n`;
    if (!isNext) from = text.indexOf(part, from);
    if (from < 0)
      return report(line + 1 + at, `"${shown}" is not in ${file} at this place: copy the line`);
  }
}

function checkFrontMatter(article: Article, context: Context, reportAt: Report): void {
  const { snapshot, paths, now } = context;
  const { aliases, related, finding, slug, draft, updated, lines } = article;
  const report = (key: string, message: string) => reportAt(lines.get(key) ?? 1, message);
  for (const key of ["title", "description"] as const)
    if (!draft && unfinished.test(article[key])) report(key, missing);
  const others = snapshot.articles.filter((one) => one !== article && !one.draft);
  const taken = [...paths, ...others.flatMap(publicPaths)];
  for (const alias of aliases.filter((one) => taken.includes(one)))
    report("aliases", `${alias} is the path of another page: delete it here`);
  for (const one of related.filter((other) => other === slug || !snapshot.files.has(other)))
    report("related", `there is no other article ${one}`);
  for (const half of [finding, finding?.repaired]) {
    const error = errorInNumber(half, snapshot.examples.get(slug));
    if (error) report("finding", error);
  }
  if (updated && updated.date > now)
    report("updated", "is a correction in the future: readers would see its date today");
  for (const topic of article.topics) {
    const error = errorInTopic(topic, snapshot.articles);
    if (error) report("topics", error);
  }
  const seriesError = errorInSeries(article, snapshot.articles);
  if (seriesError) report("series", seriesError);
}

/** Says which number that readers see is not in the line that the finding names. */
function errorInNumber(
  { number = "", source = "" }: { number?: string | undefined; source?: string | undefined } = {},
  examples: Map<string, string> | undefined,
): string | undefined {
  const [file = "", line = ""] = source.split(":");
  const there = numbersIn(examples?.get(file)?.split("\n")[Number(line) - 1] ?? "");
  const missing = numbersIn(number).find((one) => !there.includes(one));
  return missing === undefined
    ? undefined
    : `${missing} is not in line ${line} of ${file}: correct the number or the line`;
}

/**
 * Says that an article writes a topic in another way than the oldest article about it. The heading
 * of the topic's page is what the newest writes.
 */
function errorInTopic({ slug, name }: Topic, articles: Article[]): string | undefined {
  const spellings = articles.flatMap(({ topics, slug: article }) =>
    topics.filter((one) => one.slug === slug).map((one) => ({ article, name: one.name })),
  );
  const oldest = spellings.at(-1);
  return oldest && oldest.name !== name
    ? `"${name}" is "${oldest.name}" in ${oldest.article}.md, and both have one page: write it in the same way`
    : undefined;
}

/** Says what is wrong with the numbers of a series, which all of its pages show: "Part 1 of 9". */
function errorInSeries({ slug, series }: Article, articles: Article[]): string | undefined {
  if (!series) return undefined;
  const { name, part } = series;
  const all = articles.filter((one) => one.series && slugify(one.series.name) === slugify(name));
  const other = all.find((one) => one.slug !== slug && one.series?.part === part);
  if (other)
    return `part ${part} of "${name}" is ${other.slug}.md too: give one of them another number`;
  return part > all.length
    ? `part ${part} is beyond the end of "${name}", which has ${plural(all.length)}: use 1 to ${all.length}`
    : undefined;
}

const plural = (count: number) => (count === 1 ? "1 article" : `${count} articles`);
