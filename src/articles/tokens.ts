// Reads and annotates the markdown-it tokens of a body: heading ids, figures, links and words.

import GithubSlugger, { slug } from "github-slugger";
import type { Token } from "markdown-it";

export const isFence = (token: Token) => token.type === "fence" || token.type === "code_block";

/** `title`, `file` and `region` are "" if the fence has none. `rest` is what could not be parsed. */
type FenceInfo = {
  language: string;
  title: string;
  file: string;
  region: string;
  mark: string | undefined;
  rest: string;
};

/** Parses the info string of a fence, as in ```java title="A retry" file="Retries.java#backoff" mark="3,7-9". The language is in lower case. */
export function fenceInfo(token: Token): FenceInfo {
  const [, language = "", attributes = ""] = /^(\S*)\s*(.*)$/.exec(token.info.trim()) ?? [];
  const attribute = /\b(title|file|mark)="([^"]*)"/g;
  const values = Object.fromEntries(
    [...attributes.matchAll(attribute)].map(([, name = "", value = ""]) => [name, value]),
  );
  const [file = "", region = ""] = (values["file"] ?? "").split("#");
  const rest = attributes.replace(attribute, "").trim();
  return {
    language: language.toLowerCase() || "text",
    title: values["title"] ?? "",
    file,
    region,
    mark: values["mark"],
    rest,
  };
}

/** Sets the id of each heading as GitHub does, so that links to it also work there. Other ids of the page begin with "page-". */
export function nameHeadings(tokens: Token[]): void {
  const slugger = new GithubSlugger();
  tokens.forEach((token, index) => {
    if (token.type !== "heading_open") return;
    const words = plainText(tokens[index + 1]).normalize("NFC");
    const id = slug(words);
    token.attrSet(
      "id",
      slugger.slug(id === "" ? "section" : /^page(-|$)/.test(id) ? `section ${words}` : words),
    );
  });
}

/** Whether a heading links to itself: `##` and `###` with text and without another link, because links cannot be nested. */
export function isSelfLink(tokens: Token[], index: number): boolean {
  const inside = tokens[index + 1]?.children ?? [];
  const isLevel = ["h2", "h3"].includes(tokens[index]?.tag ?? "");
  return (
    isLevel &&
    inside.length > 0 &&
    !inside.some(({ type }) => type === "link_open" || type === "footnote_ref")
  );
}

/** Marks the paragraphs before the first `##` as the introduction (standfirst), and a paragraph after a final `---` as the closing line (pull). */
export function markStandfirstAndPull(tokens: Token[]): void {
  const firstHeading = tokens.findIndex((token) => token.type === "heading_open");
  for (const token of tokens.slice(0, firstHeading < 0 ? 0 : firstHeading)) {
    if (token.type === "paragraph_open" && token.tag === "p" && token.level === 0)
      token.attrSet("class", "standfirst");
  }
  const notes = tokens.findIndex((token) => token.type === "footnote_block_open");
  const end = notes < 0 ? tokens.length : notes;
  const [rule, paragraph] = tokens.slice(Math.max(0, end - 4), end);
  if (
    rule?.type === "hr" &&
    paragraph?.type === "paragraph_open" &&
    paragraph.tag === "p" &&
    paragraph.level === 0
  ) {
    rule.hidden = true;
    paragraph.attrSet("class", "pull");
  }
}

/** Turns each paragraph that is only an image into a figure. The image's title is the caption. */
export function markFigures(tokens: Token[]): void {
  tokens.forEach((token, index) => {
    const [image, ...others] = token.children ?? [];
    const [open, close] = [tokens[index - 1], tokens[index + 1]];
    const alone = image?.type === "image" && others.length === 0;
    if (
      !alone ||
      open?.type !== "paragraph_open" ||
      open.hidden ||
      close?.type !== "paragraph_close"
    )
      return;
    open.tag = close.tag = "figure";
    image.meta = { caption: image.attrGet("title") };
  });
}

/** Returns the words of a body for the search index: the headings, and the rest. */
export function searchText(tokens: Token[]): { headings: string; text: string } {
  const headings: string[] = [];
  const text: string[] = [];
  tokens.forEach((token, index) => {
    if (isFence(token)) text.push(token.content);
    if (token.type !== "inline") return;
    const before = tokens[index - 1]?.type;
    if (before === "heading_open") headings.push(plainText(token));
    else
      text.push(plainText(token), ...(before === "th_open" || before === "td_open" ? ["·"] : []));
  });
  return { headings: headings.join(" · "), text: text.join(" ") };
}

/** Returns every inline token (text, link, image …) with its line, from 1 at the top of the body. */
export function inlineTokens(tokens: Token[]): { token: Token; line: number }[] {
  const found: { token: Token; line: number }[] = [];
  let line = 1;
  for (const block of tokens) {
    if (block.map) line = block.map[0] + 1; // table cells have none and are on the line of their row
    for (const token of block.children ?? []) {
      found.push({ token, line });
      if (token.type === "softbreak" || token.type === "hardbreak") line += 1;
    }
  }
  return found;
}

/** Returns the text of an inline token, without markup and URLs. */
export function plainText(token: Token | undefined): string {
  const words = (token?.children ?? []).map((child) => {
    if (["text", "code_inline", "image"].includes(child.type)) return child.content;
    return child.type === "softbreak" || child.type === "hardbreak" ? " " : "";
  });
  return words.join("");
}

/** Returns the numbers in a text, without thousands separators. */
export function numbersIn(text: string): Set<string> {
  return new Set(
    (text.match(/\d[\d,]*(?:\.\d+)?/g) ?? []).map((number) => number.replaceAll(",", "")),
  );
}

/** Percent-decodes a URL. Returns it unchanged if it is not validly encoded. */
export function decodeUrl(address: string): string {
  try {
    return decodeURI(address);
  } catch {
    return address;
  }
}
