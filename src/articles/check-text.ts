// Finds problems in the text of an article, or of the README of its example: what readers would see
// as plain text, would not see or would find careless, and links and images that do
// not exist. Problems do not hide the article.

import path from "node:path";
import type { Token } from "markdown-it";
import { articlePath, examplesPath, routeOf } from "../urls.ts";
import { invisible, isPublic, type ArticleText } from "./article.ts";
import { checkCode } from "./check-code.ts";
import type { Snapshot } from "./load.ts";
import { bodyFacts, isFence, isFigure, parseBody, plainText, targetOf } from "./markdown.ts";
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
  reportLines(lines, tokens, report);
  const file = files.get(text.slug);
  const title = file?.body === text.body ? file.article?.title : undefined; // a README has its own
  let level = 1; // of the title, and of the last heading
  let line = 1;
  for (const [index, token] of tokens.entries()) {
    const { type, tag, map, children } = token;
    if (map) line = map[0] + 1; // the cells of a table have none: the line of the row
    const own = lines.slice(...(map ?? []));
    const words = tokens[index + 1];
    if (
      /^((bullet|ordered)_list|heading|blockquote)_open$/.test(type) &&
      tokens[index - 1]?.type === "paragraph_close" &&
      token.level === 0 &&
      own.filter(Boolean).length === 1 &&
      /[\w,]\n\S+ [a-z\d]/.test(`${lines[line - 2]}\n${own[0]}`) // the rest of a sentence
    )
      report(line, "its first sign ends the paragraph above: a blank line, or \\ before the sign");
    if (
      (type === "paragraph_open" || tokens[index - 1]?.type.endsWith("list_close")) &&
      token.level === 0 &&
      /^ {1,3}\S/.test(own[0] ?? "")
    )
      report(line, "not in the list or note above it: indent it by four spaces, or not at all");
    else if (type === "table_open") reportCells(own, line, report);
    else if (type === "paragraph_open") {
      const wrong = wrongParagraphs.find(([pattern]) => pattern.test(words?.content ?? ""));
      if (wrong) report(line, wrong[1]);
    } else if (type === "list_item_open" && words?.type === "list_item_close")
      report(line, "the item of the list is empty: write it, or delete the line");
    else if (type === "code_block")
      report(line, "four spaces before it make it code: delete them, or put it between ```");
    else if (type === "fence") checkCode(token, own, text.slug, example, report);
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
    let before = token;
    for (const part of [token, ...(children ?? [])]) {
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
  if (type === "html_block" || type === "html_inline") return [htmlProblem(content)];
  if (type === "link_open") return [linkProblem(targetOf(token), text, checked)];
  if (type === "link_close" && before.type === "link_open")
    return ["the link has no text: write it in the square brackets"];
  if (type === "image") return [imageProblem(token, snapshot)];
  const isInWord = before.type === "text" && /\w$/.test(before.content);
  if (/^(em|strong)_open$/.test(type) && (isInWord || markup === "__"))
    return [`${markup} makes it bold or italic: write code between \`, \\* for a *, ** for bold`];
  if (info === "escape" && /^\\\w/.test(content))
    return [`write ${content} as code between \`: elsewhere a \\ before a sign is not shown`];
  if (type !== "text") return [];
  return signProblems(content, snapshot.files.get(text.slug)?.article?.draft);
}

/** Returns what readers would see with its signs. A draft may be unfinished. */
export function signProblems(text: string, isDraft = false): string[] {
  return plainSigns.flatMap(([pattern, advice]) => {
    const [plain] = (isDraft && pattern === placeholder ? null : pattern.exec(text)) ?? [];
    return plain ? `${plain.trim()} is shown as plain text: ${advice}` : [];
  });
}

/** Marks of unfinished text. The template has TODO where the author has to write. */
const placeholder = /\b(TODO|FIXME|TBD|XXX|[Ll]orem ipsum)\b|\b[Tt]odo:|\[[Ii]nsert\b|^TITLE$/;

/** What makes a paragraph of something else. */
const wrongParagraphs: [pattern: RegExp, advice: string][] = [
  [/^\|/m, "below its header a table needs a line | --- | --- | with --- for each column"],
  [
    /^([•·▪–➤] |[-+]\p{L}|\d{1,2}[.)] ?\p{L}|\(?[a-z\d]\) \p{L})/mu,
    "a list needs a blank line above it, and - or 1. and a space",
  ],
  [/^(``$|'''|‘‘‘|’’’)/m, "a block of code begins and ends with ```"],
  [/^(:{1,3} ?\w|!!! )/m, "there are no callouts and no lists of definitions: write a paragraph"],
];

const otherMarkdown = "delete it, it belongs to another kind of Markdown";

/** What Markdown did not recognise, and the remedy. Escaped signs are tokens of their own. */
const plainSigns: [pattern: RegExp, advice: string][] = [
  [placeholder, "write what is missing"],
  [/\]\(/, "the URL has no end, has a space or is forbidden, or the caption has curly quotes"],
  [/(\] \(|\)\[)(?=$|[/#]|www\.|images\/|[\w-]+\.md\b)/, "a link is [text](URL), without a space"],
  [
    /\[\^[^\]\s[]{1,100}\]|^\[\d+\]:/,
    "a note is [^1] in the text, and below it [^1]: with its text",
  ],
  [/^(##+|＃|#(?=[A-Z]))/, "a heading is ## or ### and a space"],
  [/(?<!\w)\[[^[\]^]+\]\[[^[\]^]*\]/, "the reference is not defined: write [text](URL)"],
  [/`/, "the code in the line has no end"],
  [
    /\S{1,40}\*\S{0,40}|\*\S{1,40}|(?<!\S)_\S{1,40}|\S{1,40}_(?!\S)|\*$/,
    "the emphasis has no beginning or no end; \\* is the sign",
  ],
  [/\[(?=\p{L})[^\]]*$/u, "the bracket has no end; a link is [text](URL)"],
  [/\$\{|\{([#.:{%]|\w+=)|==\w|%%|\$\$|[\^~]\w+[\^~]|(?<!\S):[a-z_]+:(?!\S)/, otherMarkdown],
  [/^\[(![a-z]+\]|toc\]|[ x]\](?= [^(]))|\[\[|\[@/i, otherMarkdown],
  [
    /&#?\w+;|&(#\d|(amp|lt|gt|quot|nbsp|copy)\b)|<[a-z!/]|[ÃÂ][\u0080-\u00bf]|â€|\ufffd|‘’|’’|\\$|\bmailto:|(?<=\w )---?(?= \w)/i,
    "write the character itself, or code between `",
  ],
];

/** Reports the invisible characters, and the notes that readers do not see. */
function reportLines(lines: string[], tokens: Token[], report: Report): void {
  const inline = tokens.flatMap(({ children }) => children ?? []);
  const used = new Set(inline.map(({ meta }) => (meta as { label?: string })?.label));
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

/** Reports the rows of a table with cells that readers do not see, and with missing ones. */
function reportCells(rows: string[], line: number, report: Report): void {
  const [expected = 0, ...counts] = rows.map(
    (row) => row.replace(/\\\||^[>\s]*\||\|\s*$/g, "").split("|").length,
  );
  for (const [index, count] of counts.entries())
    if (count !== expected)
      report(
        line + 1 + index,
        `cells in this row: ${count}, in the header: ${expected}; a blank line ends a table, and \\| is a bar in a cell`,
      );
}

/** Reports HTML once, at its opening tag. */
function htmlProblem(content: string): string | undefined {
  const shown = content.trim();
  if (shown === "" || shown.startsWith("</")) return undefined;
  const excerpt = shown.replace(/\s+/g, " ").slice(0, 30);
  return `raw HTML is shown as text (${excerpt}): write Markdown, or \\< for the character`;
}

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
  if (
    /^(|\S+\.(svg|png|jpe?g|gif|webp|avif)|image|picture|figure|TODO)$/i.test(token.content.trim())
  )
    return `the image ${target} needs in its brackets what it shows, for those who do not see it`;
  return isFigure(token) ? undefined : `the image ${target} must be alone in its paragraph`;
}

/** What is wrong with the target of a link, whatever pages there are. */
const wrongTargets: [pattern: RegExp, problem: string][] = [
  [/^#?$/, "nothing: write the URL in the brackets"],
  [/^https?:\/\/(localhost|127\.|\[::1\])/i, ", which readers cannot open: write it as code"],
  [/^https?:(?!\/\/)|\/\/https?:|^https?:\/\/[^/]*\.\./i, ", which is no URL: correct it"],
  [/^mailto:(?![^@\s]+@[^@\s]+\.[a-z]{2,})/i, ", which is not an email address"],
];

/** Returns the first thing that is wrong with a link, and the remedy. */
function linkProblem(
  written: string,
  text: ArticleText,
  { snapshot, paths, siteUrl, now }: Checked,
): string | undefined {
  const target = written.startsWith(`${siteUrl}/`) ? written.slice(siteUrl.length) : written;
  const wrong = wrongTargets.find(([pattern]) => pattern.test(target))?.[1];
  if (wrong) return `links to ${target}${wrong}`;
  if (/^(https?|mailto|tel):/i.test(target)) return undefined;
  const [, to = "", fragment = ""] = /^([^?#]*)[^#]*#?(.*)$/.exec(target) ?? [];
  const slug = /^\/articles\/([^/]+?)(?:\.md)?$/.exec(to)?.[1];
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
