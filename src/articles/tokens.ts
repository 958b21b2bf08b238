// Reads and annotates the markdown-it tokens of a body: heading ids, figures, links and words.

import GithubSlugger, { slug } from "github-slugger";
import type { Token } from "markdown-it";

export const isFence = ({ type }: Token) => type === "fence" || type === "code_block";

/**
 * Parses the words after ```, as in ```java title="A retry" file="Retries.java#backoff". `title`,
 * `file` and `region` are "" if the fence has none. `rest` is what cannot be parsed.
 */
export function fenceInfo({ info }: Token) {
  const [, language = "", attributes = ""] = /^\s*(\S*)(.*)$/.exec(info) ?? [];
  const attribute = /\b(title|file)="([^"]*)"/g;
  const values = new Map(
    attributes.matchAll(attribute).map(([, name, value = ""]) => [name, value]),
  );
  const [file = "", region = ""] = values.get("file")?.split("#") ?? [];
  const rest = attributes.replace(attribute, "").trim();
  return {
    language: language.toLowerCase() || "text",
    title: values.get("title") ?? "",
    file,
    region,
    rest,
  };
}

/**
 * Sets the id of each heading as GitHub does, so that links to it also work there. Other ids of the
 * page begin with "page-". The page's title is its only h1, so `#` becomes `##`.
 */
export function nameHeadings(tokens: Token[]): void {
  const slugger = new GithubSlugger();
  tokens.forEach((token, index) => {
    if (token.tag === "h1") token.tag = "h2";
    if (token.type !== "heading_open") return;
    const words = plainText(tokens[index + 1]).normalize("NFC");
    const id = slug(words);
    const named = /^page(-|$)/.test(id) ? `section ${words}` : words;
    token.attrSet("id", slugger.slug(id === "" ? "section" : named));
  });
}

/** Turns each paragraph that is only an image into a figure. The image's title is the caption. */
export function markFigures(tokens: Token[]): void {
  tokens.forEach((token, index) => {
    const [image, ...others] = token.children ?? [];
    const [open, close] = [tokens[index - 1], tokens[index + 1]];
    if (image?.type !== "image" || others.length > 0 || close?.type !== "paragraph_close") return;
    if (open?.type !== "paragraph_open" || open.hidden) return;
    open.tag = close.tag = "figure";
    image.meta = { caption: image.attrGet("title") };
  });
}

/**
 * Returns every inline token (text, link, image …) with its line, from 1 at the top of the body, and
 * the Markdown of its paragraph.
 */
export function inlineTokens(tokens: Token[]): { token: Token; line: number; source: string }[] {
  const found: { token: Token; line: number; source: string }[] = [];
  let line = 1;
  for (const block of tokens) {
    if (block.map) line = block.map[0] + 1; // table cells have none, and are on the line of the row
    for (const token of block.children ?? []) {
      found.push({ token, line, source: block.content });
      if (token.type === "softbreak" || token.type === "hardbreak") line += 1;
    }
  }
  return found;
}

/** Returns the text of an inline token, without markup and URLs. */
export function plainText(token: Token | undefined): string {
  const words = (token?.children ?? []).map(({ type, content }) => {
    if (["text", "code_inline", "image"].includes(type)) return content;
    return type === "softbreak" || type === "hardbreak" ? " " : "";
  });
  return words.join("");
}

/** Returns the decoded target of a link or an image; an invalid encoding is left as it is. */
export function targetOf(token: Token): string {
  const address = String(token.attrGet(token.type === "image" ? "src" : "href") ?? "");
  try {
    return decodeURI(address);
  } catch {
    return address;
  }
}
