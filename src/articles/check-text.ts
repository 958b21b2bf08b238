// Finds problems in the text of an article, or of the README of its example: what readers would see
// as plain text, would not see or would find careless, and links and images that do
// not exist. Problems do not hide the article.

import path from "node:path";
import type { Token } from "markdown-it";
import { articlePath, examplesPath, routeOf } from "../urls.ts";
import { invisible, isPublic, type ArticleText } from "./article.ts";
import { checkCode, isOpen, isTypeset, noEnd, typeset } from "./check-code.ts";
import { paragraphProblems, signProblems } from "./check-signs.ts";
import type { Snapshot } from "./load.ts";
import { bodyFacts } from "./body-facts.ts";
import { fenceInfo, isFence, isFigure, parseBody, plainText, targetOf } from "./markdown.ts";
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
  const { files, examples } = checked.snapshot;
  const example = examples.get(text.slug) ?? new Map<string, string>();
  const lines = text.body.split("\n");
  const tokens = parseBody(text.body);
  // Without its end, code is taken for text, and text for code.
  const open = tokens.find((token) => isOpen(token, lines));
  if (open?.map) return report(open.map[0] + 1, noEnd);
  reportLines(lines, tokens, report);
  const file = files.get(text.slug);
  const article = file?.article;
  let level = 1; // of the title, and of the last heading
  let line = 1;
  const firstList = tokens.findIndex(({ type }) => type === "ordered_list_open");
  for (const [index, token] of tokens.entries()) {
    const { type, tag, map, children } = token;
    if (map) line = map[0] + 1; // the cells of a table have none: the line of the row
    const own = map ? lines.slice(...map) : [];
    const words = tokens[index + 1];
    const pair = `${type}${token.markup} ${words?.type}${words?.markup}${words?.content} ${tokens[index + 4]?.type}`;
    const start = Number(token.attrGet("start") ?? 1);
    const isBehindCode = tokens[index - 1]?.type === "fence" && tokens[index - 2]?.tag === "ol";
    const isWrong = start > 99 || (start > 1 ? index === firstList : isBehindCode);
    if (type === "ordered_list_open" && isWrong)
      report(line, `numbered from ${start}: indent code in a list, or write ${start}\\. in text`);
    const wrongPair = wrongPairs.find(([pattern]) => pattern.test(pair));
    if (wrongPair && !(article?.draft && wrongPair[0] === noText)) report(line, wrongPair[1]);
    const taken = own.slice(1).findIndex((text) => /^\p{Lu}/u.test(text));
    if (type === "paragraph_open" && token.level > 0 && taken >= 0)
      report(line + 1 + taken, "is in the list, quote or note above: a blank line, or indent it");
    if (
      (type === "paragraph_open" || tokens[index - 1]?.type.endsWith("list_close")) &&
      token.level === 0 &&
      (/^ {1,3}\S/.test(own[0] ?? "") || (map && isPartOfNote(lines, map)))
    )
      report(line, "not in the list or note above it: indent it by four spaces, or not at all");
    else if (type === "table_open") reportCells(own, line, report);
    else if (type === "paragraph_open")
      for (const problem of paragraphProblems(words?.content ?? "")) report(line, problem);
    else if (type === "fence") checkCode(token, text.slug, example, report);
    else if (type === "heading_open") {
      if (Number(tag.slice(1)) > level + 1)
        report(line, `${own[0]} skips a level: use ${"#".repeat(level + 1)}`);
      if (text === file && plainText(words).trim().toLowerCase() === article?.title.toLowerCase())
        report(line, "the heading repeats the title, which is above the text: delete it");
      level = Number(tag.slice(1));
    }
    let before = token;
    const parts = children?.flatMap((part) => [part, ...(part.children ?? [])]) ?? []; // of images
    for (const part of [token, ...parts]) {
      if (part.type.endsWith("break")) line += 1;
      for (const problem of problemsOf(part, before, text, checked))
        if (problem) report(line, problem);
      before = part;
    }
  }
}

/** Returns what is wrong with a token that follows `before`. */
function problemsOf(
  token: Token,
  before: Token,
  text: ArticleText,
  checked: Checked,
): (string | undefined)[] {
  const { type, markup, info, content } = token;
  const { snapshot } = checked;
  const isDraft = snapshot.files.get(text.slug)?.article?.draft;
  if (isFence(token)) return signProblems(fenceInfo(token).title, isDraft);
  if (type === "html_block" || type === "html_inline") return [htmlProblem(content)];
  if (markup === "linkify" && /(?<!\))[<[\]]$/.test(before.content))
    return ["the URL is shown as text: a link is [text](URL), or <URL> without spaces"];
  if (type === "link_open") return [linkProblem(targetOf(token), text, checked)];
  if (type === "link_close" && before.type === "link_open")
    return ["the link has no text: write it in the square brackets"];
  const caption = String(token.attrGet("title") ?? "");
  if (type === "image") return [imageProblem(token, snapshot), ...signProblems(caption, isDraft)];
  if (type === "code_inline" && isTypeset(content)) return [typeset];
  const pair = `${before.type} ${before.content}\n${type} ${content}`;
  if (/^code_inline .* \ntext \w|^text .*\w\ncode_inline {2}/.test(pair))
    return ["the code has a space at its end, and a word follows: a ` is missing or misplaced"];
  const isInWord = before.type === "text" && /\w$/.test(before.content);
  const isCode = markup === "__" && pythonNames.test(before.content);
  if ((/^(em|strong)_open$/.test(type) && isInWord) || (type === "strong_close" && isCode))
    return [`${markup} makes it bold or italic: write code between \`, \\* for a *, ** for bold`];
  if (info === "escape" && /^\\\w/.test(content))
    return [`write ${content} as code between \`: elsewhere a \\ before a sign is not shown`];
  if (type !== "text" || (before.type === "link_open" && before.info === "auto")) return [];
  return signProblems(content, isDraft);
}

/**
 * Returns whether a paragraph is probably the second one of the note above it: it is above a note or
 * at the end of the text, and the note is not below the paragraph that has its sign.
 */
function isPartOfNote(lines: string[], [start, end]: [number, number]): boolean {
  const below = lines.slice(end, end + 9).find((text) => text.trim()) ?? "";
  if (!/^(\[\^|$)/.test(below) || lines.slice(start, end).join().includes("[^")) return false;
  const before = lines.slice(0, start).join("\n").trimEnd();
  const above = before.split(/\n\s*\n/);
  const [sign] = /^\[\^.+?\](?=:)/.exec(above.at(-1) ?? "") ?? [];
  return sign !== undefined && (below !== "" || !above.at(-2)?.includes(sign));
}

/** Names of code that Markdown makes bold. Other words between __ are meant to be bold. */
const pythonNames = /^(dirname|file(name)?|init|main|name|proto|typename)$/;

/** Unfinished parts: a heading or a line with nothing below it, an empty item or quote. */
const noText =
  /^(heading_close(##+) (undefined|hr|heading_open#(?!\2))|(list_item|blockquote)_open\S* \4_close)/;

const closing = "only the closing line has --- above it, the last paragraph: delete it";

/** What is wrong with a token and the next one, by their types, signs and texts, and the fourth. */
const wrongPairs: [pattern: RegExp, advice: string][] = [
  [noText, "has no text in it or below it: write it, or delete the line"],
  [/^heading_open#+ inline /, "the heading is empty: write it, or delete the line"],
  [/^hr(?!\S* paragraph_open (undefined|footnote_block_open)$)/, closing],
  [/^heading_open[-=]/, "the line below makes this a heading: leave a blank line between them"],
  [/^thead_close table_close/, "the table has no rows: write them, or delete it"],
  [/^(\w+_list)_close\S* \1_open/, "the next item has another sign: use one sign in a list"],
  [/^code_block/, "four spaces before it make it code: delete them, or put it between ```"],
];

/** The beginning of a private key in PEM; tokens of GitHub and AWS. */
const secret = /\b(MII[\w+/]{3}IBA[AD]|b3BlbnNzaC1rZXkt|ghp_\w{36}|AKIA(?!\w*EX)[A-Z\d]{16}\b)/;

/** Reports secrets, invisible characters, and notes and references that readers do not see. */
function reportLines(lines: string[], tokens: Token[], report: Report): void {
  const inline = tokens.flatMap(({ children }) => children ?? []);
  const used = new Set(inline.map(({ meta }) => (meta as { label?: string })?.label));
  const defined = new Set<string>();
  const code = tokens.filter(isFence).map(({ map }): [number, number] => map ?? [0, 0]);
  for (const [index, text] of lines.entries()) {
    if (secret.test(text)) report(index + 1, "has a secret: revoke it, and delete it");
    const hidden = invisible.exec(text)?.[0].charCodeAt(0).toString(16).toUpperCase();
    if (hidden)
      report(index + 1, `has the invisible character U+${hidden.padStart(4, "0")}: delete it`);
    if (code.some(([start, end]) => start <= index && index < end)) continue;
    const around = lines.slice(index - 1, index + 2).join("\n");
    if (/^\p{L}.*[\w,]\n(([-+*>]|#+) [a-z\d]|1[.)] ).*(\n(?!([-+*]|\d+[.)]) |\s)|$)/u.test(around))
      report(index + 1, "its first sign ends the paragraph above: write \\ before it");
    const [, name = "", note, content] = /^\[(\^?([^\]]+))\]:(.*)/.exec(text) ?? [];
    if (!note) continue;
    if (defined.has(name) || (name !== note && !used.has(note)))
      report(index + 1, `[${name}] is defined twice or not used: rename or delete it`);
    else if (name !== note && !content?.trim()) report(index + 1, "the note is empty: write it");
    defined.add(name);
  }
}

/** Reports the rows of a table with cells that readers do not see, and with missing ones. */
function reportCells(rows: string[], line: number, report: Report): void {
  const cells = (row = "") => row.replace(/\\\||^[>\s]*\||\|\s*$/g, "").split("|").length;
  const [header, ...others] = rows.map(cells);
  if (/^[|>\s]+$/.test(rows[0] ?? "")) report(line, "the header is empty: name the columns");
  for (const [index, count] of others.entries())
    if (count !== header)
      report(line + 1 + index, `cells: ${count}, in the header: ${header}; ${bars}`);
}

const bars = "a blank line ends a table, and \\| is a bar in a cell";

/** Reports HTML once, at its opening tag. */
function htmlProblem(content: string): string | undefined {
  const shown = content.trim();
  if (shown === "" || shown.startsWith("</")) return undefined;
  const excerpt = shown.replace(/\s+/g, " ").slice(0, 30);
  return `raw HTML is shown as text (${excerpt}): write Markdown, or \\< for the character`;
}

/** Names of files, and what other programs write in the brackets of an image. */
const noDescription =
  /^(|\S+\.(svg|png|jpe?g|gif|webp|avif)|(alt( text)?|image|picture|figure|diagram|chart|photo|screen ?shot|untitled|TODO)([\d\s.:_-]|\b(at|[ap]m|png|jpe?g)\b)*)$|\|\d+$/i;

/** Returns what is wrong with an image or its alternative text, and the remedy. */
function imageProblem(token: Token, { images, problems, folder }: Snapshot): string | undefined {
  const target = targetOf(token);
  const name = path.posix.normalize(target);
  const isReported = problems.some(({ file }) => file === path.join(folder, name));
  if (/^(\w+:)?\/\//.test(target))
    return `the image ${target} is on another site: download it into ${folder}/images`;
  if (!images.has(name) && !isReported) {
    const names = [...images.keys()];
    const near = nearestWord(name, names) ?? nearestWord(path.basename(name), names);
    return `the image ${target} does not exist: ${near ? `did you mean "${near}"?` : `put it into ${folder}/images`}`;
  }
  if (noDescription.test(token.content.trim()))
    return `the image ${target} needs in its brackets what it shows, for those who do not see it`;
  return isFigure(token) ? undefined : `the image ${target} must be alone in its paragraph`;
}

const notPublic = ", which is not public: correct it, write other-article.md, or make it code";

/** What is wrong with the target of a link, whatever pages there are. */
const wrongTargets: [pattern: RegExp, problem: string][] = [
  [/^#?$/, "nothing: write the URL in the brackets"],
  [/^https?:(?!\/\/)|\/\/https?:|^https?:\/\/[^/]*\.\.|^[^?]*\|/i, ", which is no URL: correct it"],
  [/^https?:\/\/([^/]*@)?([\w-]+|[^/]*\.(internal|local|lan))([:/?#]|$)/i, notPublic],
  [/^https?:\/\/(\[|(127|10|192\.168|172\.(1[6-9]|2\d|3[01]))\.[\d.]+([:/?#]|$))/, notPublic],
  [/^https?:\/\/(www\.google\.\w+\/url|\w+\.safelinks|l\.facebook)\b/, ", which only redirects"],
  [/^\/articles\/[^/]+\.md/, ", which is the Markdown of the article: delete .md"],
  // The ids of other pages begin with "page-".
  [/^\/(?!articles\/)[^#]*#(?!page-)./, ", and no page has such a part: delete the #"],
  [/^mailto:(?![^@\s]+@[^@\s]+\.[a-z]{2,})/i, ", which is not an email address"],
];

/** Returns the first thing that is wrong with a link, and the remedy. */
function linkProblem(
  written: string,
  text: ArticleText,
  { snapshot, paths, siteUrl, now }: Checked,
): string | undefined {
  const target = written.startsWith(`${siteUrl}/`) ? written.slice(siteUrl.length) : written;
  const wrong = wrongTargets.find(([one]) => one.test(written) || one.test(target))?.[1];
  if (wrong) return `links to ${written}${wrong}`;
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
    if (known.includes(to) || isUnknown) return undefined;
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
