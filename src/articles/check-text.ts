// Finds problems in the text of an article, or of the README of its example: what readers would see
// as plain text, would not see or would find careless, and links and images that do
// not exist. Problems do not hide the article.

import path from "node:path";
import type { Token } from "markdown-it";
import { examplesPath, routeOf } from "../urls.ts";
import { invisible, isPublic, type ArticleText } from "./article.ts";
import { bodyFacts } from "./body-facts.ts";
import { checkCode, missingFile } from "./check-code.ts";
import type { Snapshot } from "./load.ts";
import { isFence, parseBody, plainText, targetOf } from "./markdown.ts";
import { nearestWord, suggestWord, type Report } from "./report.ts";

/** What the texts are compared with. `paths` are those of the pages that links may lead to. */
export type Checked = {
  snapshot: Snapshot;
  paths: Set<string>;
  siteUrl: string;
  now: Date;
};

/** Reports the problems in a text. Its front matter may have errors. */
export function checkText(text: ArticleText, report: Report, checked: Checked): void {
  const lines = text.body.split("\n");
  const tokens = parseBody(text.body);
  const inline = inlineTokens(tokens);
  reportLines(lines, tokens, inline, report);
  const file = checked.snapshot.files.get(text.slug);
  const title = file?.body === text.body ? file.article?.title : undefined; // a README has its own
  const files = checked.snapshot.examples.get(text.slug) ?? new Map<string, string>();
  let level = 1; // of the title, and of the last heading
  for (const [index, token] of tokens.entries()) {
    const { type, tag, content, map } = token;
    const line = (map?.[0] ?? 0) + 1;
    const own = lines.slice(...(map ?? []));
    const words = tokens[index + 1];
    if (type === "html_block") reportHtml(content, line, report);
    else if (type === "table_open") reportCells(own, line, report);
    else if (type === "paragraph_open" && /^\|/m.test(words?.content ?? ""))
      report(line, "below its header a table needs a line | --- | --- | with --- for each column");
    else if (type === "code_block")
      report(line, "four spaces before it make it code: delete them, or put it between ```");
    else if (type === "fence") checkCode(token, own, text.slug, files, report);
    else if (type === "heading_open") {
      const heading = plainText(words).trim();
      if (Number(tag.slice(1)) > level + 1)
        report(line, `${own[0]} skips a level: use ${"#".repeat(level + 1)}`);
      if (/[-=]/.test(token.markup))
        report(line, `the line ${own.at(-1)} makes this a heading: leave a blank line above it`);
      if (heading === "") report(line, "the heading is empty: write it, or delete the line");
      else if (heading.toLowerCase() === title?.toLowerCase())
        report(line, "the heading repeats the title, which is above the text: delete it");
      level = Number(tag.slice(1));
    }
  }
  for (const [index, { token, line, source }] of inline.entries()) {
    const { type, content } = token;
    const target = targetOf(token);
    if (type === "html_inline") reportHtml(content, line, report);
    else if (type === "link_open") {
      const problem = linkProblem(target, text, checked);
      if (problem) report(line, `links to ${problem}`);
    } else if (type === "image") {
      if (!content.trim())
        report(line, `the image ${target} has no alternative text in its brackets`);
      else if (/^\S+\.(svg|png|jpe?g|gif|webp|avif)$/i.test(content.trim()))
        report(line, `the alternative text of ${target} is a file name: say what the image shows`);
      const problem = imageProblem(target, checked.snapshot);
      if (problem) report(line, `the image ${target} ${problem}`);
    } else if (type === "text") {
      const [left] = placeholder.exec(content) ?? [];
      if (left && !file?.article?.draft)
        report(line, `${left} is left in the text: write what is missing`);
      // A bare URL is a link of its own: "/" stands for it.
      const shown = inline[index + 1]?.token.markup === "linkify" ? `${content}/` : content;
      const isEscaped = /\\[*_`[\]]/.test(source);
      for (const [pattern, advice] of isEscaped ? plainSigns : [...plainSigns, ...unclosed]) {
        const [plain] = pattern.exec(shown) ?? [];
        if (plain) report(line, `${plain.trim()} is shown as plain text: ${advice}`);
      }
    }
  }
}

type Inline = { token: Token; line: number; source: string };

/**
 * Returns every inline token (text, link, image …) with its line, from 1 at the top of the body, and
 * the Markdown of its paragraph.
 */
function inlineTokens(tokens: Token[]): Inline[] {
  let line = 1;
  return tokens.flatMap(({ map, children, content: source }) => {
    if (map) line = map[0] + 1; // table cells have none, and are on the line of the row
    return (children ?? []).map((token) => {
      const isBreak = token.type === "softbreak" || token.type === "hardbreak";
      return { token, line: isBreak ? line++ : line, source };
    });
  });
}

/** Marks of unfinished text. The template has TODO where the author has to write. */
export const placeholder = /\b(TODO|FIXME|[Ll]orem ipsum)\b/;

/** What Markdown did not recognise, and the remedy. */
const plainSigns: [pattern: RegExp, advice: string][] = [
  [/\]\(/, "the URL has no end, has a space or is forbidden, or the caption has curly quotes"],
  [/(\] \(|\)\[)(?=[/#]|www\.|images\/|[\w-]+\.md\b)/, "a link is [text](URL), without a space"],
  [/\[\^[^\]\s[]{1,100}\]/, "the note with this name is missing"],
  [/^(##+(?=[^#\s])|#(?=[A-Z]))/, "the heading needs a space"],
  [/^:::\w+|^\[(![a-z]+\]|[ x]\](?= [^(]))/i, "delete it, there are no callouts or task lists"],
  [/(?<!\w)\[[^[\]^]+\]\[[^[\]^]*\]/, "the reference is not defined: write [text](URL)"],
  [/\{(#[\w-]+\}|: ?[.#][\w-]+|%|\{)/, "delete it, it belongs to another generator of pages"],
];
/** Signs that would be different if they had been escaped. */
const unclosed: [pattern: RegExp, advice: string][] = [
  [/`/, "the code in the line has no end"],
  [
    /\*\*|(^|[\s(])[*_][\p{L}\p{N}]+|[\p{L}\p{N}]+\.?\*(?=[\s.,:;)]|$)/u,
    "the emphasis has no beginning or no end; \\* is the sign",
  ],
  [/\[(?=\p{L})[^\]]*$/u, "the bracket has no end; a link is [text](URL)"],
];

/** Reports the invisible characters, and the notes that readers do not see. */
function reportLines(lines: string[], tokens: Token[], inline: Inline[], report: Report): void {
  const used = new Set(inline.map(({ token }) => (token.meta as { label?: string })?.label));
  const code = tokens.filter(isFence).map(({ map }): [number, number] => map ?? [0, 0]);
  for (const [index, text] of lines.entries()) {
    const hidden = invisible.exec(text)?.[0].charCodeAt(0).toString(16).toUpperCase();
    if (hidden)
      report(index + 1, `has the invisible character U+${hidden.padStart(4, "0")}: delete it`);
    const [, name] = /^\[\^([^\]\s]+)\]:/.exec(text) ?? [];
    const isCode = code.some(([start, end]) => start <= index && index < end);
    if (name && !isCode && !used.delete(name))
      report(index + 1, `the note [^${name}] is defined twice or not used: rename or delete it`);
  }
}

/** Reports the rows of a table with cells that readers do not see. */
function reportCells(rows: string[], line: number, report: Report): void {
  const counts = rows.map(
    (row) =>
      row
        .replaceAll("\\|", "")
        .replace(/^[>\s]*\||\|\s*$/g, "")
        .split("|").length,
  );
  for (const [index, count] of counts.entries())
    if (count > (counts[0] ?? 0))
      report(
        line + index,
        "the row has more cells than the header: delete them, or write \\| for a bar in a cell",
      );
}

/** Reports HTML once, at its opening tag. Comments are not shown. */
function reportHtml(content: string, line: number, report: Report): void {
  const shown = content.replace(/<!--[^]*?-->/g, "").trim();
  if (shown === "" || shown.startsWith("</")) return;
  const excerpt = shown.replace(/\s+/g, " ").slice(0, 30);
  report(line, `raw HTML is shown as text (${excerpt}): write Markdown, or \\< for the character`);
}

/** Returns what is wrong with an image, and the remedy. */
function imageProblem(target: string, { images, problems, folder }: Snapshot): string | undefined {
  const name = path.posix.normalize(target);
  const isReported = problems.some(({ file }) => file === path.join(folder, name));
  if (images.has(name) || isReported) return undefined;
  if (/^(\w+:)?\/\//.test(target)) return `is on another site: download it into ${folder}/images`;
  const names = [...images.keys()];
  const near = nearestWord(name, names) ?? nearestWord(path.basename(name), names);
  return `does not exist: ${near ? `did you mean "${near}"?` : `put it into ${folder}/images`}`;
}

/** What is wrong with the target of a link, whatever pages there are. */
const wrongTargets: [pattern: RegExp, problem: string][] = [
  [/^$/, "nothing: write the URL in the brackets"],
  [/^https?:\/\/(localhost|127\.|\[::1\])/i, ", which readers cannot open: write it as code"],
  [/^mailto:(?![^@\s]+@[^@\s]+\.[a-z]{2,})/i, ", which is not an email address"],
  [
    /^(www\.|[\w-]+(\.[\w-]+)+\/|[\w.-]+\.(com|org|net|io|dev|dk)$)/i,
    ": write https:// in front of it",
  ],
];

/** Returns the target of a link and the first thing that is wrong with it. */
function linkProblem(
  written: string,
  text: ArticleText,
  { snapshot, paths, siteUrl, now }: Checked,
): string | undefined {
  const target = written.startsWith(`${siteUrl}/`) ? written.slice(siteUrl.length) : written;
  const wrong = wrongTargets.find(([pattern]) => pattern.test(target))?.[1];
  if (wrong) return target + wrong;
  if (/^(https?|mailto|tel):/i.test(target)) return undefined;
  const [to = "", fragment = ""] = target.replace(/\?[^#]*/, "").split("#");
  const slug = /^\/articles\/([^/]+?)(?:\.md)?$/.exec(to)?.[1];
  const there = slug === undefined ? undefined : snapshot.files.get(slug);
  if (slug !== undefined) {
    if (!there)
      return `${to}, which does not exist${suggestWord(slug, [...snapshot.files.keys()])}`;
    const article = snapshot.files.get(text.slug)?.article;
    const readFrom = article && article.publishedAt > now ? article.publishedAt : now;
    if (article?.draft === false && there.article && !isPublic(there.article, readFrom))
      return `${to}, which is not public when this article is: readers would get a 404`;
  } else if (to !== "") {
    const files = snapshot.examples.get(text.slug);
    const isExample = files?.has(to) || to === examplesPath(text.slug);
    if (!to.startsWith("/") && !isExample) {
      const meant = path.basename(to, ".md");
      if (snapshot.files.has(meant)) return `${to}, did you mean "${meant}.md"?`;
      if (files) return `${to}, but ${missingFile(text.slug, to, files)}`;
    }
    // The article that makes the page may have an error.
    const isUnknown = snapshot.errors.length > 0 && routeOf(to) !== undefined;
    if (!isExample && !paths.has(to) && !isUnknown)
      return `${to}, which does not exist; links inside the site are other-article.md or start with /`;
  }
  const ids = to === "" ? bodyFacts(text).headingIds : there && bodyFacts(there).headingIds;
  return fragment && ids && !ids.includes(fragment)
    ? `#${fragment}, which is not a heading there${suggestWord(fragment, ids)}`
    : undefined;
}
