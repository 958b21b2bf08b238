// Renders tokens as HTML: the rules that differ from markdown-it's own.

import type MarkdownIt from "markdown-it";
import type { Token } from "markdown-it";
import { highlight } from "./highlight.ts";
import { fenceInfo, targetOf } from "./tokens.ts";

/** What a body shows from other files. */
export type BodyFiles = {
  /** Returns the public path of an image, and its size in pixels. */
  findImage: (file: string) => { address: string; width: number; height: number } | undefined;
  /** Returns the public path of a file among the article's examples. */
  findExample: (file: string) => string | undefined;
};

/** Lines up to this length fit beside the contents on a wide screen; longer ones get its full width. */
const wideColumns = 82;
const widerColumns = 127; // longer lines also get a smaller type

export function installRules({ renderer, utils, options }: ReturnType<typeof MarkdownIt>): void {
  const { rules } = renderer;
  const escape = utils.escapeHtml;

  // Raw HTML is a problem that the author's check reports. Readers see it as text.
  rules["html_block"] = rules["html_inline"] = (tokens, index) =>
    escape(tokens[index]?.content ?? "");

  rules["image"] = (tokens, index, _options, environment) => {
    const token = tokens[index];
    if (!token) return "";
    const alt = escape(renderer.renderInlineAsText(token.children ?? [], options, environment));
    const image = (environment as BodyFiles).findImage(targetOf(token));
    const { caption } = (token.meta ?? {}) as { caption?: string };
    const figcaption = caption ? `<figcaption>${escape(caption)}</figcaption>` : "";
    if (!image) return `<em>${alt}</em>${figcaption}`;
    const size = `width="${image.width}" height="${image.height}"`;
    return `<img src="${escape(image.address)}" alt="${alt}" ${size} loading="lazy" decoding="async">${figcaption}`;
  };

  rules["link_open"] = (tokens, index, _options, environment) => {
    const token = tokens[index];
    const address = token && (environment as BodyFiles).findExample(targetOf(token));
    if (address) token.attrSet("href", address);
    return renderer.renderToken(tokens, index, options);
  };

  rules["fence"] = rules["code_block"] = (tokens, index, _options, environment) => {
    const token = tokens[index];
    if (!token) return "";
    const { language, title, file } = fenceInfo(token);
    const address = (environment as BodyFiles).findExample(file);
    const link = address ? `<a href="${escape(address)}">${escape(file)}</a>` : escape(file);
    const words = [escape(title), link].filter(Boolean).join(" ");
    const caption = words && `<figcaption>${words}</figcaption>`;
    const label = escape(title || file || "Code");
    const longest = Math.max(...token.content.split("\n").map(({ length }) => length));
    const width =
      longest > wideColumns ? ` class="wide${longest > widerColumns ? " wider" : ""}"` : "";
    const code = highlight(token.content.replace(/\n$/, ""), language);
    return `<figure${width}>${caption}<div class="scroll code" role="group" tabindex="0" aria-label="${label}"><pre><code>${code}</code></pre></div></figure>\n`;
  };

  rules["table_open"] = () =>
    `<div class="scroll" role="group" tabindex="0" aria-label="Table"><table>\n`;
  rules["table_close"] = () => "</table></div>\n";
  rules["th_open"] = rules["td_open"] = (tokens, index) => {
    const { tag = "", attrs } = tokens[index] ?? {};
    const [, align] = /text-align:(right|center)/.exec(String(attrs?.[0]?.[1] ?? "")) ?? [];
    const scope = tag === "th" ? ' scope="col"' : "";
    return `<${tag}${scope}${align ? ` class="${align}"` : ""}>`;
  };

  // Ids of notes begin with "page-", as heading ids never do.
  const noteOf = (tokens: Token[], index: number) => {
    const { id = 0, subId = 0 } = (tokens[index]?.meta ?? {}) as { id?: number; subId?: number };
    const note = id + 1;
    return { note, reference: `page-note-ref-${note}${subId > 0 ? `-${subId}` : ""}` };
  };
  rules["footnote_ref"] = (tokens, index) => {
    const { note, reference } = noteOf(tokens, index);
    return `<sup><a href="#page-note-${note}" id="${reference}" aria-label="Note ${note}">${note}</a></sup>`;
  };
  rules["footnote_block_open"] = () => `<section class="notes" aria-label="Notes"><ol>\n`;
  rules["footnote_block_close"] = () => "</ol></section>\n";
  rules["footnote_open"] = (tokens, index) => `<li id="page-note-${noteOf(tokens, index).note}">`;
  rules["footnote_close"] = () => "</li>\n";
  rules["footnote_anchor"] = (tokens, index) => {
    const { note, reference } = noteOf(tokens, index);
    return ` <a class="back" href="#${reference}" aria-label="Back to the text at note ${note}">Back</a>`;
  };
}
