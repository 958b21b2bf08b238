// Renders tokens as HTML: the rules that differ from markdown-it's own.

import type MarkdownIt from "markdown-it";
import type { Token } from "markdown-it";
import type { Highlight } from "./highlight.ts";
import { markLines, parseMark } from "./marked-lines.ts";
import { decodeUrl, fenceInfo, isSelfLink } from "./tokens.ts";

/** An image: its public path, and its size in pixels. */
export type ImageFile = { address: string; width: number; height: number };
export type FindImage = (file: string) => ImageFile | undefined;
/** Returns the public path of a file among the article's examples. */
export type FindExample = (file: string) => string | undefined;
/** The state while a body is rendered. `codeBlocks` and `tables` count them, for their labels. */
export type Environment = {
  highlight: Highlight;
  findImage: FindImage;
  findExample: FindExample;
  codeBlocks: number;
  tables: number;
};

export function installRules(parser: ReturnType<typeof MarkdownIt>): void {
  const { rules } = parser.renderer;
  const escape = parser.utils.escapeHtml;

  // Raw HTML is a problem that the author's check reports. Readers see it as text.
  rules["html_block"] = rules["html_inline"] = (tokens, index) =>
    escape(tokens[index]?.content ?? "");

  rules["image"] = (tokens, index, _options, environment) => {
    const token = tokens[index];
    const file = String(token?.attrGet("src"));
    const alt = parser.renderer.renderInlineAsText(
      token?.children ?? [],
      parser.options,
      environment,
    );
    const image = (environment as Environment).findImage(decodeUrl(file));
    const { caption } = (token?.meta ?? {}) as { caption?: string };
    const figcaption = caption ? `<figcaption>${escape(caption)}</figcaption>` : "";
    if (!image) return `<em>${escape(alt)}</em>${figcaption}`;
    const { address, width, height } = image;
    const attributes = `src="${escape(address)}" alt="${escape(alt)}" width="${width}" height="${height}" loading="lazy" decoding="async"`;
    return `<img ${attributes}>${figcaption}`;
  };

  // Section headings link to themselves, so that readers can copy their URLs.
  rules["heading_open"] = (tokens, index) => {
    const { tag, attrs } = tokens[index] ?? { tag: "", attrs: [] };
    const { id = "", "data-at": at } = Object.fromEntries(attrs ?? []) as {
      id?: string;
      "data-at"?: string;
    };
    const mark = at === undefined ? "" : ` data-at="${at}"`;
    return isSelfLink(tokens, index)
      ? `<${tag} id="${id}"><a href="#${id}"${mark}>`
      : `<${tag} id="${id}"${mark}>`;
  };
  rules["heading_close"] = (tokens, index) =>
    `${isSelfLink(tokens, index - 2) ? "</a>" : ""}</${tokens[index]?.tag}>\n`;

  rules["fence"] = rules["code_block"] = (tokens, index, _options, environment) => {
    const token = tokens[index];
    if (!token) return "";
    const { language, title, file, mark } = fenceInfo(token);
    const { highlight, findExample } = environment as Environment;
    const number = ((environment as Environment).codeBlocks += 1);
    const address = findExample(file);
    const link = address ? `<a href="${escape(address)}">${escape(file)}</a>` : escape(file);
    const words = [...(title ? [escape(title)] : []), ...(file ? [link] : [])].join(" ");
    const caption = words && `<figcaption>${words}</figcaption>`;
    const label = escape(`Code ${number}${title || file ? `: ${title || file}` : ""}`);
    const source = token.content.replace(/\n$/, "");
    const code = markLines(
      highlight(source, language),
      parseMark(mark, source.split("\n").length).lines,
    );
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

  // Ids of notes begin with "page-", as heading ids never do.
  const meta = (tokens: Token[], index: number) =>
    (tokens[index]?.meta ?? {}) as { id?: number; subId?: number };
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
