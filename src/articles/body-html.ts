// The HTML of an article's body. Raw HTML is shown as text, only links that markdown-it considers
// safe are rendered, and no style attributes are used, because the Content-Security-Policy would
// block them.

import type { MarkdownIt as Parser, Token } from "markdown-it";
import { highlight, markLines, withBreaks } from "./html.ts";
import type { ArticleImage } from "./load.ts";
import { createParser, fenceInfo, isFigure, linkTarget, parseBody, plainText } from "./markdown.ts";

export type Rendering = {
  findImage: (file: string) => ArticleImage | undefined;
  /** Returns the public path of a file of the article's examples. */
  findExample: (file: string) => string | undefined;
  rewriteLink: (target: string) => string;
  /**
   * Whether the HTML is for a program without our style sheet. Then code has no colours, and an
   * image is a link to its file.
   */
  isPlain?: boolean;
};

let parser: Parser | undefined;

export function renderBody(body: string, rendering: Rendering): string {
  parser ??= withRules(createParser());
  return parser.renderer.render(parseBody(body), parser.options, rendering);
}

/** Renders the Markdown of one line, outside of any article: links, bold words, code. */
export function renderSentence(text: string): string {
  parser ??= withRules(createParser());
  const rendering: Rendering = {
    findImage: () => undefined,
    findExample: () => undefined,
    rewriteLink: (target) => target,
  };
  return parser.renderInline(text, rendering);
}

/**
 * Code with longer lines than this gets the full width of a wide screen, without the contents
 * beside it.
 */
const wideColumns = 82;
const widerColumns = 127; // code with longer lines than this also gets a smaller type

function withRules(created: Parser): Parser {
  const { renderer, utils } = created;
  const escape = utils.escapeHtml;
  const show = (type: string, html: (token: Token, rendering: Rendering) => string) => {
    renderer.rules[type] = (tokens, index, _options, environment) =>
      tokens[index] ? html(tokens[index], environment as Rendering) : "";
  };
  const styled = ({ isPlain }: Rendering, attributes: string) => (isPlain ? "" : ` ${attributes}`);

  for (const type of ["html_block", "html_inline"]) show(type, ({ content }) => escape(content));

  const broken = ({ content }: Token, { isPlain }: Rendering) =>
    isPlain ? escape(content) : withBreaks(escape(content), 30);
  const unit = /(?<=\d) (?=([mµ]?s|[kKMG]?B)\b)/g; // a unit stays with its number, as in "20 s"
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
      // The first sentence of an image's text is its headline, so the label repeats only the rest.
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

  // Our own ids begin with "page-", because the ids of headings are their words.
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
  return created;
}
