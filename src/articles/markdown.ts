// Markdown to trusted HTML. Raw HTML is refused rather than passed through, links are only those that markdown-it calls safe, and nothing
// needs a style attribute, which the Content-Security-Policy would block.

import MarkdownIt, { type Token } from "markdown-it";
import footnote from "markdown-it-footnote";
import { createHighlighter, knownLanguages, type Highlight } from "./highlight.ts";
import { createOutline, readingClock, type Outline } from "./outline.ts";

export type Markdown = ReturnType<typeof createMarkdown>;

type Problem = { line: number; message: string };
type Environment = { outline: Outline; highlight: Highlight };

export function createMarkdown() {
  // `html: true` makes raw HTML visible as tokens, so that it can be refused with its line.
  const parser = new MarkdownIt({ html: true, linkify: false, typographer: false }).use(footnote);
  const isSafe = parser.validateLink.bind(parser);
  parser.validateLink = (url) => isSafe(url) && !/^\s*data:/i.test(url); // the CSP would block them
  installRules(parser);
  const highlighter = createHighlighter();

  const parse = (body: string) => {
    const tokens = parser.parse(body, {});
    nameHeadings(tokens);
    markStandfirstAndPull(tokens);
    return tokens;
  };

  return {
    /** The sections of a body and what is wrong with it; lines count from 1 at the top of the body. */
    outline(body: string): { outline: Outline; problems: Problem[] } {
      const tokens = parse(body);
      return { outline: outlineOf(tokens), problems: problemsIn(tokens) };
    },

    /** The HTML of a body that has no problems. */
    async render(body: string): Promise<string> {
      const tokens = parse(body);
      const languages = tokens.filter(isFence).map((token) => fenceInfo(token).language);
      const environment: Environment = { outline: outlineOf(tokens), highlight: await highlighter(languages) };
      return parser.renderer.render(tokens, parser.options, environment);
    },
  };
}

const isFence = (token: Token) => token.type === "fence" || token.type === "code_block";

/** ```java title="A retry that gives up" */
function fenceInfo(token: Token): { language: string; title: string; rest: string } {
  const [, language = "", rest = ""] = /^(\S*)\s*(.*)$/.exec(token.info.trim()) ?? [];
  return { language: language || "text", title: /^title="([^"]*)"$/.exec(rest)?.[1] ?? "", rest };
}

/** Gives every heading an id from its words: unique in the article, and never one that the page around it uses. */
function nameHeadings(tokens: Token[]): void {
  const taken = new Set<string>();
  tokens.forEach((token, index) => {
    if (token.type !== "heading_open") return;
    const words = plainText(tokens[index + 1])
      .toLowerCase()
      .normalize("NFC");
    const base = words.replace(/[^\p{L}\p{M}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "section";
    const safe = /^page(-|$)/.test(base) ? `section-${base}` : base;
    let id = safe;
    for (let copy = 2; taken.has(id); copy += 1) id = `${safe}-${copy}`;
    taken.add(id);
    token.attrSet("id", id);
  });
}

/** The paragraphs before the first `##` are the standfirst; one paragraph after a last `---` is the pull. */
function markStandfirstAndPull(tokens: Token[]): void {
  const firstHeading = tokens.findIndex((token) => token.type === "heading_open");
  for (const token of tokens.slice(0, firstHeading < 0 ? 0 : firstHeading)) {
    if (token.type === "paragraph_open" && token.level === 0) token.attrSet("class", "standfirst");
  }
  const notes = tokens.findIndex((token) => token.type === "footnote_block_open");
  const end = notes < 0 ? tokens.length : notes;
  const [rule, paragraph] = tokens.slice(Math.max(0, end - 4), end);
  if (rule?.type === "hr" && paragraph?.type === "paragraph_open" && paragraph.level === 0) {
    rule.hidden = true;
    paragraph.attrSet("class", "pull");
  }
}

function outlineOf(tokens: Token[]): Outline {
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

function problemsIn(tokens: Token[]): Problem[] {
  const problems: Problem[] = [];
  let line = 1;
  const report = (message: string) => problems.push({ line, message });
  const refuseHtml = (html: Token) =>
    report(`raw HTML is refused (${html.content.trim().slice(0, 30)}): write Markdown, or \\< for the character itself`);
  for (const token of tokens) {
    if (token.map) line = token.map[0] + 1; // cells of a table have none and stand in their row's
    if (token.type === "html_block") refuseHtml(token);
    if (token.type === "heading_open" && token.tag === "h1")
      report("# is the title's level and comes from the front matter: start sections with ##");
    if (token.type === "fence") problems.push(...problemsInFence(token).map((message) => ({ line, message })));
    for (const child of token.children ?? []) {
      if (child.type === "html_inline" && !child.content.startsWith("</")) refuseHtml(child);
      if (child.type === "softbreak" || child.type === "hardbreak") line += 1;
    }
  }
  return problems;
}

function problemsInFence(token: Token): string[] {
  const { language, title, rest } = fenceInfo(token);
  const problems: string[] = [];
  if (!knownLanguages.includes(language)) problems.push(`unknown code language "${language}"; known are ${knownLanguages.join(", ")}`);
  if (rest && !title) problems.push(`behind a code language only title="…" may stand, and here is ${rest}`);
  return problems;
}

/** The words of an inline token as a reader hears them. */
function plainText(token: Token | undefined): string {
  const words = (token?.children ?? []).map((child) => {
    if (child.type === "text" || child.type === "code_inline") return child.content;
    return child.type === "softbreak" || child.type === "hardbreak" ? " " : "";
  });
  return words.join("");
}

const countWords = (text: string) => text.match(/[\p{L}\p{N}]+(?:['’.-][\p{L}\p{N}]+)*/gu)?.length ?? 0;

function installRules(parser: ReturnType<typeof MarkdownIt>): void {
  const { rules } = parser.renderer;
  const escape = parser.utils.escapeHtml;
  const plain = (tokens: Token[], index: number) => parser.renderer.renderToken(tokens, index, parser.options);

  // Never reached: parseArticle refuses the file first. Should that fail, the text is shown and not interpreted.
  rules["html_block"] = rules["html_inline"] = (tokens, index) => escape(tokens[index]?.content ?? "");

  rules["hr"] = (tokens, index) => (tokens[index]?.hidden ? "" : "<hr>\n");

  rules["heading_open"] = (tokens, index, _options, environment) => {
    const token = tokens[index];
    const section = (environment as Environment).outline.sections.find(({ id }) => id === token?.attrGet("id"));
    if (section) token?.attrSet("data-at", readingClock(section.startSeconds));
    return plain(tokens, index);
  };

  rules["fence"] = rules["code_block"] = (tokens, index, _options, environment) => {
    const token = tokens[index];
    if (!token) return "";
    const { language, title } = fenceInfo(token);
    const number = tokens.slice(0, index + 1).filter(isFence).length;
    const caption = title ? `<figcaption>${escape(title)}</figcaption>` : "";
    const label = escape(`Code ${number}${title ? `: ${title}` : ""}`);
    const code = (environment as Environment).highlight(token.content.replace(/\n$/, ""), language);
    return `<figure>${caption}<section class="scroll code" tabindex="0" aria-label="${label}"><pre><code>${code}</code></pre></section></figure>\n`;
  };

  rules["table_open"] = (tokens, index) => {
    const number = tokens.slice(0, index + 1).filter((token) => token.type === "table_open").length;
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
