// Reads the body of an article: as tokens for the check and the facts, and as safe HTML. Raw HTML is
// shown as text, only links that markdown-it considers safe are rendered, and no style attributes are
// used, because the Content-Security-Policy would block them.

import { createRequire } from "node:module";
import { unescape } from "node:querystring";
import GithubSlugger, { slug } from "github-slugger";
import MarkdownIt from "markdown-it";
import type { MarkdownIt as Parser, Token } from "markdown-it";
import { highlight, markLines, withBreaks } from "./html.ts";
import type { ArticleImage } from "./load.ts";
import { href } from "../urls.ts";

export type Rendering = {
  findImage: (file: string) => ArticleImage | undefined;
  /** The public path of a file of the article's examples. */
  findExample: (file: string) => string | undefined;
  rewriteLink: (target: string) => string;
  /** For programs without our style sheet: code has no colours, an image is a link to its file. */
  isPlain?: boolean;
};

const require = createRequire(import.meta.url);

let parser: Parser | undefined;

function createParser() {
  // `html: true` makes tokens of comments, which are left out. Other HTML is shown as text.
  const created = new MarkdownIt({ html: true, linkify: true, typographer: false });
  created.use(require("markdown-it-footnote") as (parser: Parser) => void);
  created.linkify.set({ fuzzyEmail: false }).add("ftp:", null).add("mailto:", null).add("//", null);
  const normalize = created.normalizeLink.bind(created);
  // Links to files of other articles work on GitHub and here.
  created.normalizeLink = (url) =>
    normalize(url).replace(/^(?:\.\/)?([\w-]+)\.md(?=#|$)/, href("article", { slug: "$1" }));
  installRules(created);
  return created;
}

const comments = /<!--[^]*?-->/g;

export function parseBody(body: string): Token[] {
  parser ??= createParser();
  const tokens = parser.parse(body, {});
  for (const token of tokens.flatMap((one) => [one, ...(one.children ?? [])]))
    if (token.type.startsWith("html_")) token.content = token.content.replace(comments, "");
  nameHeadings(tokens);
  markFigures(tokens);
  return tokens;
}

export function renderBody(body: string, rendering: Rendering): string {
  parser ??= createParser();
  return parser.renderer.render(parseBody(body), parser.options, rendering);
}

/** Whether an image is alone in its paragraph. */
export const isFigure = ({ type, meta }: Token) => type === "image" && meta !== null;

export const isFence = ({ type }: Token) => type === "fence" || type === "code_block";

/** ```java title="A retry" file="Retries.java#backoff" {2,5} `marked` are lines, or NaN. */
export function fenceInfo({ info }: Token) {
  const [, language = "", attributes = ""] = /^\s*(\S*)(.*)$/.exec(info) ?? [];
  const readAttribute = (name: string) =>
    new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? "";
  const title = readAttribute("title");
  const [file = "", region = ""] = readAttribute("file").split("#");
  const rest = attributes.replace(/\b(title|file)="[^"]*"/g, "").trim();
  const list = /^\{(.*)\}$/.exec(rest)?.[1] ?? rest;
  const marked = list ? list.split(",").map(Number) : [];
  return { language: language.toLowerCase() || "text", title, file, region, rest, marked };
}

/**
 * Ids as on GitHub, so that links to them work there. Our own ids begin with "page-". The page's
 * title is its only h1, so `#` becomes `##`.
 */
function nameHeadings(tokens: Token[]): void {
  const slugger = new GithubSlugger();
  tokens.forEach((token, index) => {
    if (token.tag === "h1") token.tag = "h2";
    if (token.type !== "heading_open") return;
    const words = plainText(tokens[index + 1]);
    const id = slug(words);
    const named = /^page(-|$)/.test(id) ? `section ${words}` : words;
    token.attrSet("id", slugger.slug(id === "" ? "section" : named));
  });
}

/** Turns each paragraph that is only an image into a figure. The image's title is the caption. */
function markFigures(tokens: Token[]): void {
  tokens.forEach((token, index) => {
    const [image, ...others] = token.children ?? [];
    const [open, close] = [tokens[index - 1], tokens[index + 1]];
    if (image?.type !== "image" || others.length > 0 || close?.type !== "paragraph_close") return;
    if (open?.type !== "paragraph_open" || open.hidden) return;
    open.tag = close.tag = "figure";
    image.meta = { caption: image.attrGet("title") };
  });
}

export function plainText(token: Token | undefined): string {
  const words = (token?.children ?? []).map(({ type, content }) => {
    if (type === "softbreak" || type === "hardbreak") return " ";
    return /^(text|html|image|code)/.test(type) ? content : "";
  });
  return words.join("");
}

/** Decoded; an invalid encoding stays as it is. */
export const linkTarget = (token: Token): string =>
  unescape(String(token.attrGet(token.type === "image" ? "src" : "href") ?? ""));

/** What follows the colon in the first item or paragraph that links to the file. */
export function fileDescription(readme: string, file: string): string | undefined {
  const isLink = (token: Token) => token.type === "link_open" && linkTarget(token) === file;
  const item = parseBody(readme).find(({ children }) => children?.some(isLink));
  return /: (.+)/.exec(plainText(item))?.[1];
}

/** Longer lines get the full width of a wide screen, without the contents beside them. */
const wideColumns = 82;
const widerColumns = 127; // longer lines also get a smaller type

function installRules({ renderer, utils }: Parser): void {
  const escape = utils.escapeHtml;
  const show = (type: string, html: (token: Token, rendering: Rendering) => string) => {
    renderer.rules[type] = (tokens, index, _options, environment) =>
      tokens[index] ? html(tokens[index], environment as Rendering) : "";
  };
  const styled = ({ isPlain }: Rendering, attributes: string) => (isPlain ? "" : ` ${attributes}`);

  for (const type of ["html_block", "html_inline"]) show(type, ({ content }) => escape(content));

  const broken = ({ content }: Token, { isPlain }: Rendering) =>
    isPlain ? escape(content) : withBreaks(escape(content), 30);
  const unit = /(?<=\d) (?=([mµ]?s|[kKMG]?B)\b)/g; // not parted from its number, as in "20 s"
  show("text", (token, rendering) => broken(token, rendering).replace(unit, "\u00a0"));
  show("code_inline", (token, rendering) => `<code>${broken(token, rendering)}</code>`);

  show("image", (token, rendering) => {
    const alt = escape(plainText(token));
    const { findImage, rewriteLink, isPlain } = rendering;
    const image = findImage(linkTarget(token));
    const { caption } = (token.meta ?? {}) as { caption?: string };
    const figcaption = caption ? `<figcaption>${escape(caption)}</figcaption>` : "";
    if (!image) return `<em>${alt}</em>${figcaption}`;
    const { address, width, height, figure } = image;
    if (figure && isFigure(token) && !isPlain) {
      // The first sentence of the text is a headline. The label repeats only the rest.
      const [, headline = alt, label = alt] = /^(.+?[^.])\. (.+)$/.exec(alt) ?? [];
      const svg = `<svg class="figure" viewBox="${figure.viewBox}" role="img" aria-label="${label}">${figure.drawing}</svg>`;
      return `<p class="headline">${headline}</p>${svg}${figcaption}`;
    }
    const size = `width="${width}" height="${height}" loading="lazy" decoding="async"`;
    return `<img src="${escape(rewriteLink(address))}" alt="${alt}" ${size}>${figcaption}`;
  });

  show("link_open", (token, { findExample, rewriteLink }) => {
    token.attrSet(
      "href",
      rewriteLink(findExample(linkTarget(token)) ?? String(token.attrGet("href"))),
    );
    return `<a${renderer.renderAttrs(token)}>`;
  });

  for (const type of ["fence", "code_block"])
    show(type, (token, { findExample, rewriteLink, isPlain }) => {
      const { language, title, file, marked } = fenceInfo(token);
      const address = findExample(file);
      const link = address
        ? `<a href="${escape(rewriteLink(address))}">${escape(file)}</a>`
        : escape(file);
      const words = [escape(title), link].filter(Boolean).join(" ");
      const caption = words && `<figcaption>${words}</figcaption>`;
      const code = token.content.replace(/\n$/, "");
      const html = highlight(code, isPlain ? "text" : language);
      const pre = `<pre><code>${marked.length > 0 ? markLines(html, marked) : html}</code></pre>`;
      if (isPlain) return `<figure>${caption}${pre}</figure>\n`;
      const label = escape(title || file || "Code");
      const longest = Math.max(...token.content.split("\n").map(({ length }) => length));
      const width =
        longest > wideColumns ? ` class="wide${longest > widerColumns ? " wider" : ""}"` : "";
      return `<figure${width}>${caption}<div class="scroll code" role="group" tabindex="0" aria-label="${label}">${pre}</div></figure>\n`;
    });

  show("table_open", (_token, rendering) => {
    const attributes = 'class="scroll" role="group" tabindex="0" aria-label="Table"';
    return `<div${styled(rendering, attributes)}><table>\n`;
  });
  show("table_close", () => "</table></div>\n");
  for (const type of ["th_open", "td_open"])
    show(type, ({ tag, attrs }, rendering) => {
      const [, align] = /text-align:(right|center)/.exec(String(attrs?.[0]?.[1] ?? "")) ?? [];
      const scope = tag === "th" ? ' scope="col"' : "";
      return `<${tag}${scope}${align ? styled(rendering, `class="${align}"`) : ""}>`;
    });

  // Ids of notes begin with "page-", as heading ids never do.
  const readNote = ({ meta }: Token) => {
    const { id, subId } = meta as { id: number; subId?: number };
    return { note: id + 1, reference: `page-note-ref-${id + 1}${subId ? `-${subId}` : ""}` };
  };
  show("footnote_ref", (token, { rewriteLink }) => {
    const { note, reference } = readNote(token);
    const href = escape(rewriteLink(`#page-note-${note}`));
    return `<sup><a href="${href}" id="${reference}" aria-label="Note ${note}">${note}</a></sup>`;
  });
  show(
    "footnote_block_open",
    (_token, rendering) =>
      `<section${styled(rendering, 'class="notes"')} aria-label="Notes"><ol>\n`,
  );
  show("footnote_open", (token) => `<li id="page-note-${readNote(token).note}">`);
  show("footnote_anchor", (token, rendering) => {
    const { note, reference } = readNote(token);
    const href = escape(rendering.rewriteLink(`#${reference}`));
    return ` <a${styled(rendering, 'class="back"')} href="${href}" aria-label="Back to the text at note ${note}">Back</a>`;
  });
}
