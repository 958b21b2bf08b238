// Markdown to trusted HTML. Raw HTML is refused rather than passed through, links are only those that markdown-it calls safe, and nothing
// needs a style attribute, which the Content-Security-Policy would block.

import MarkdownIt, { type Token } from "markdown-it";
import footnote from "markdown-it-footnote";
import { createHighlighter, knownLanguages, type Highlight } from "./highlight.ts";
import { createOutline, readingClock, type Outline } from "./outline.ts";

export type Markdown = ReturnType<typeof createMarkdown>;

type Problem = { line: number; message: string };
/** What an image's file is: its public address, and its size in pixels. */
export type ImageFile = { address: string; width: number; height: number };
type FindImage = (file: string) => ImageFile | undefined;
/** What the rules below need while they write one body; the counts number its code blocks and tables. */
type Environment = { startOf: Map<string, number>; highlight: Highlight; findImage: FindImage; codeBlocks: number; tables: number };

export function createMarkdown() {
  // `html: true` makes raw HTML visible as tokens, so that it can be refused with its line.
  const parser = new MarkdownIt({ html: true, linkify: false, typographer: false }).use(footnote);
  const isSafe = parser.validateLink.bind(parser);
  parser.validateLink = (url) => isSafe(url) && !/^\s*data:/i.test(url); // the CSP would block them
  installRules(parser);
  const highlighter = createHighlighter();

  const parse = (body: string) => {
    const environment: { footnotes?: { refs?: Record<string, number> } } = {};
    const tokens = parser.parse(body, environment);
    nameHeadings(tokens);
    markFigures(tokens);
    markStandfirstAndPull(tokens);
    const notes = Object.entries(environment.footnotes?.refs ?? {});
    return { tokens, unusedNotes: notes.filter(([, uses]) => uses < 0).map(([label]) => label.slice(1)) };
  };

  return {
    /** The tokens of a body, and the labels of footnotes that nothing refers to. */
    parse,

    /** The HTML of a body that has no problems. */
    async render(body: string, findImage: FindImage): Promise<string> {
      const { tokens } = parse(body);
      const languages = tokens.filter(isFence).map((token) => fenceInfo(token).language);
      const startOf = new Map(outlineOf(tokens).sections.map(({ id, startSeconds }) => [id, startSeconds]));
      const environment: Environment = { startOf, highlight: await highlighter(languages), findImage, codeBlocks: 0, tables: 0 };
      return parser.renderer.render(tokens, parser.options, environment);
    },
  };
}

const deepest = 99; // markdown-it drops what is nested deeper
const otherNames: Record<string, string> = {
  dockerfile: "docker",
  js: "javascript",
  py: "python",
  sh: "bash",
  shell: "bash",
  ts: "typescript",
  yml: "yaml",
};

const isFence = (token: Token) => token.type === "fence" || token.type === "code_block";

/** ```java title="A retry that gives up" */
function fenceInfo(token: Token): { language: string; title: string; rest: string } {
  const [, language = "", rest = ""] = /^(\S*)\s*(.*)$/.exec(token.info.trim()) ?? [];
  return { language: language || "text", title: /^title="([^"]*)"$/.exec(rest)?.[1] ?? "", rest };
}

/** Gives every heading an id from its words: unique in the article, and never one that the page around it uses. */
function nameHeadings(tokens: Token[]): void {
  const taken = new Set<string>();
  const copies = new Map<string, number>();
  tokens.forEach((token, index) => {
    if (token.type !== "heading_open") return;
    const words = plainText(tokens[index + 1])
      .toLowerCase()
      .normalize("NFC")
      .replaceAll("\ufe0f", "");
    const base = words.replace(/[^\p{L}\p{M}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "section";
    const safe = /^(page(-|$)|\P{L})/u.test(base) ? `section-${base}` : base;
    let copy = copies.get(safe) ?? 1;
    let id = copy > 1 ? `${safe}-${copy}` : safe;
    while (taken.has(id)) id = `${safe}-${(copy += 1)}`;
    copies.set(safe, copy + 1);
    taken.add(id);
    token.attrSet("id", id);
  });
}

/** The paragraphs before the first `##` are the standfirst; one paragraph after a last `---` is the pull. */
function markStandfirstAndPull(tokens: Token[]): void {
  const firstHeading = tokens.findIndex((token) => token.type === "heading_open");
  for (const token of tokens.slice(0, firstHeading < 0 ? 0 : firstHeading)) {
    if (token.type === "paragraph_open" && token.tag === "p" && token.level === 0) token.attrSet("class", "standfirst");
  }
  const notes = tokens.findIndex((token) => token.type === "footnote_block_open");
  const end = notes < 0 ? tokens.length : notes;
  const [rule, paragraph] = tokens.slice(Math.max(0, end - 4), end);
  if (rule?.type === "hr" && paragraph?.type === "paragraph_open" && paragraph.tag === "p" && paragraph.level === 0) {
    rule.hidden = true;
    paragraph.attrSet("class", "pull");
  }
}

/** A paragraph that is one image becomes a figure; the image's title is its caption. */
function markFigures(tokens: Token[]): void {
  tokens.forEach((token, index) => {
    const [image, ...others] = token.children ?? [];
    const [open, close] = [tokens[index - 1], tokens[index + 1]];
    const alone = image?.type === "image" && others.length === 0;
    if (!alone || open?.type !== "paragraph_open" || open.hidden || close?.type !== "paragraph_close") return;
    open.tag = close.tag = "figure";
    image.meta = { caption: image.attrGet("title") };
  });
}

/** The words of a body for a search index: the headings, and the rest. */
export function searchText(tokens: Token[]): { headings: string; text: string } {
  const isHeading = (index: number) => tokens[index - 1]?.type === "heading_open";
  const words = (wanted: (token: Token, index: number) => boolean) =>
    tokens.map((token, index) => (wanted(token, index) ? (isFence(token) ? token.content : plainText(token)) : "")).filter(Boolean);
  return {
    headings: words((token, index) => token.type === "inline" && isHeading(index)).join(" · "),
    text: words((token, index) => isFence(token) || (token.type === "inline" && !isHeading(index))).join(" "),
  };
}

/** Every inline token (text, link, image …) with its line, from 1 at the top of the body. */
export function inlineTokens(tokens: Token[]): { token: Token; line: number }[] {
  const found: { token: Token; line: number }[] = [];
  let line = 1;
  for (const block of tokens) {
    if (block.map) line = block.map[0] + 1; // cells of a table have none and stand in their row's
    for (const token of block.children ?? []) {
      found.push({ token, line });
      if (token.type === "softbreak" || token.type === "hardbreak") line += 1;
    }
  }
  return found;
}

export function outlineOf(tokens: Token[]): Outline {
  const parts = [{ id: "", title: "", words: 0, hasCode: false }];
  tokens.forEach((token, index) => {
    if (token.type === "heading_open" && token.tag === "h2" && token.level === 0) {
      parts.push({ id: String(token.attrGet("id") ?? ""), title: plainText(tokens[index + 1]), words: 0, hasCode: false });
    }
    const part = parts.at(-1);
    if (!part || (token.type !== "inline" && !isFence(token))) return;
    part.words += countWords(token.type === "inline" ? plainText(token) : token.content);
    part.hasCode ||= isFence(token);
  });
  return createOutline(parts.filter((part) => part.id !== "" || part.words > 0));
}

/** What keeps a body from being shown; lines count from 1 at the top of the body. */
export function problemsIn(tokens: Token[]): Problem[] {
  const problems: Problem[] = [];
  const refuseHtml = (line: number, html: Token) => {
    const message = `raw HTML is refused (${html.content.trim().replace(/\s+/g, " ").slice(0, 30)}): write Markdown, or \\< for the character itself`;
    problems.push({ line, message });
  };
  for (const token of tokens) {
    const line = (token.map?.[0] ?? 0) + 1;
    if (token.type === "html_block") refuseHtml(line, token);
    if (token.level === deepest) problems.push({ line, message: "is nested so deeply that what follows would be lost" });
    if (token.type === "heading_open" && token.tag === "h1")
      problems.push({ line, message: "# is the title's level and comes from the front matter: start sections with ##" });
    if (token.type === "fence") problems.push(...problemsInFence(token).map((message) => ({ line, message })));
  }
  for (const { token, line } of inlineTokens(tokens)) {
    if (token.type === "html_inline" && !token.content.startsWith("</")) refuseHtml(line, token);
  }
  return problems.sort((a, b) => a.line - b.line);
}

function problemsInFence(token: Token): string[] {
  const { language, title, rest } = fenceInfo(token);
  const problems: string[] = [];
  const usual = otherNames[language.toLowerCase()] ?? language.toLowerCase();
  if (!knownLanguages.includes(language)) {
    const hint = knownLanguages.includes(usual) ? `, write "${usual}"` : `; known are ${knownLanguages.join(", ")}`;
    problems.push(`unknown code language "${language}"${hint}`);
  }
  if (rest && !title) problems.push(`behind a code language only title="…" may stand, and here is ${rest}`);
  return problems;
}

/** The words of an inline token as a reader hears them. */
export function plainText(token: Token | undefined): string {
  const words = (token?.children ?? []).map((child) => {
    if (child.type === "text" || child.type === "code_inline") return child.content;
    if (child.type === "image") return child.content;
    return child.type === "softbreak" || child.type === "hardbreak" ? " " : "";
  });
  return words.join("");
}

/** An address without its percent signs, where they are an encoding. */
export function decoded(address: string): string {
  try {
    return decodeURI(address);
  } catch {
    return address;
  }
}

/** Where a link of an article leads: `other.md#part`, which also works where the file is read, is /articles/other#part. */
export function linkTarget(href: string): string {
  return href.replace(/^(?:\.\/)?([\w-]+)\.md(?=#|$)/, "/articles/$1");
}

const countWords = (text: string) => text.match(/[\p{L}\p{N}]+(?:['’.-][\p{L}\p{N}]+)*/gu)?.length ?? 0;

function installRules(parser: ReturnType<typeof MarkdownIt>): void {
  const { rules } = parser.renderer;
  const escape = parser.utils.escapeHtml;
  const plain = (tokens: Token[], index: number) => parser.renderer.renderToken(tokens, index, parser.options);

  // Never reached: parseArticle refuses the file first. Should that fail, the text is shown and not interpreted.
  rules["html_block"] = rules["html_inline"] = (tokens, index) => escape(tokens[index]?.content ?? "");

  rules["link_open"] = (tokens, index) => {
    const token = tokens[index];
    token?.attrSet("href", linkTarget(String(token.attrGet("href"))));
    return plain(tokens, index);
  };

  rules["image"] = (tokens, index, _options, environment) => {
    const token = tokens[index];
    const file = String(token?.attrGet("src"));
    const alt = parser.renderer.renderInlineAsText(token?.children ?? [], parser.options, environment);
    const image = (environment as Environment).findImage(decoded(file));
    const attributes = { src: image?.address ?? file, alt, width: image?.width, height: image?.height };
    const known = Object.entries(attributes).filter(([, value]) => value !== undefined);
    const written = known.map(([name, value]) => ` ${name}="${escape(String(value))}"`);
    const { caption } = (token?.meta ?? {}) as { caption?: string };
    return `<img${written.join("")} loading="lazy" decoding="async">${caption ? `<figcaption>${escape(caption)}</figcaption>` : ""}`;
  };

  rules["hr"] = (tokens, index) => (tokens[index]?.hidden ? "" : "<hr>\n");

  rules["heading_open"] = (tokens, index, _options, environment) => {
    const token = tokens[index];
    const start = (environment as Environment).startOf.get(String(token?.attrGet("id")));
    if (start !== undefined) token?.attrSet("data-at", readingClock(start));
    return plain(tokens, index);
  };

  rules["fence"] = rules["code_block"] = (tokens, index, _options, environment) => {
    const token = tokens[index];
    if (!token) return "";
    const { language, title } = fenceInfo(token);
    const number = ((environment as Environment).codeBlocks += 1);
    const caption = title ? `<figcaption>${escape(title)}</figcaption>` : "";
    const label = escape(`Code ${number}${title ? `: ${title}` : ""}`);
    const code = (environment as Environment).highlight(token.content.replace(/\n$/, ""), language);
    return `<figure>${caption}<section class="scroll code" tabindex="0" aria-label="${label}"><pre><code>${code}</code></pre></section></figure>\n`;
  };

  rules["table_open"] = (_tokens, _index, _options, environment) => {
    const number = ((environment as Environment).tables += 1);
    return `<section class="scroll" tabindex="0" aria-label="Table ${number}"><table>\n`;
  };
  rules["table_close"] = () => "</table></section>\n";
  rules["th_open"] = rules["td_open"] = (tokens, index) => {
    const token = tokens[index];
    const align = /text-align:(right|center)/.exec(String(token?.attrGet("style") ?? ""))?.[1];
    const scope = token?.tag === "th" ? ' scope="col"' : "";
    return `<${token?.tag}${scope}${align ? ` class="${align}"` : ""}>`;
  };

  // Ids of the page's own start with "page-", which no heading's may.
  const meta = (tokens: Token[], index: number) => (tokens[index]?.meta ?? {}) as { id?: number; subId?: number };
  const noteOf = (tokens: Token[], index: number) => (meta(tokens, index).id ?? 0) + 1;
  const referenceOf = (tokens: Token[], index: number) => {
    const { subId = 0 } = meta(tokens, index);
    return `page-note-ref-${noteOf(tokens, index)}${subId > 0 ? `-${subId}` : ""}`;
  };
  rules["footnote_ref"] = (tokens, index) => {
    const note = noteOf(tokens, index);
    return `<sup><a href="#page-note-${note}" id="${referenceOf(tokens, index)}" aria-label="Note ${note}">${note}</a></sup>`;
  };
  rules["footnote_block_open"] = () => `<section class="notes" aria-label="Notes"><ol>\n`;
  rules["footnote_block_close"] = () => "</ol></section>\n";
  rules["footnote_open"] = (tokens, index) => `<li id="page-note-${noteOf(tokens, index)}">`;
  rules["footnote_close"] = () => "</li>\n";
  rules["footnote_anchor"] = (tokens, index) => {
    const label = `Back to the text at note ${noteOf(tokens, index)}`;
    return ` <a class="back" href="#${referenceOf(tokens, index)}" aria-label="${label}">Back</a>`;
  };
}
