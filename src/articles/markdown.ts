// Reads the Markdown of an article as tokens, for its HTML, the facts about it and the check.

import { createRequire } from "node:module";
import { unescape } from "node:querystring";
import GithubSlugger, { slug } from "github-slugger";
import MarkdownIt from "markdown-it";
import type { MarkdownIt as Parser, Token } from "markdown-it";
import { href } from "../urls.ts";

const require = createRequire(import.meta.url);

let parser: Parser | undefined;

export function createParser(): Parser {
  // `html: true` makes tokens of comments, which are left out. Other HTML is shown as text.
  const created = new MarkdownIt({ html: true, linkify: true, typographer: false });
  created.use(require("markdown-it-footnote") as (parser: Parser) => void);
  created.linkify.set({ fuzzyEmail: false }).add("ftp:", null).add("mailto:", null).add("//", null);
  const normalize = created.normalizeLink.bind(created);
  // Authors link to the files of other articles, so that links work on GitHub and here.
  created.normalizeLink = (url) =>
    normalize(url).replace(/^(?:\.\/)?([\w-]+)\.md(?=#|$)/, href("article", { slug: "$1" }));
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

/** Returns whether an image is alone in its paragraph. */
export const isFigure = ({ type, meta }: Token) => type === "image" && meta !== null;

export const isFence = ({ type }: Token) => type === "fence" || type === "code_block";

/** Reads the line that opens a block: ```java title="A retry" file="Retries.java#backoff" {2,5} */
export function fenceInfo({ info }: Token) {
  const [, language = "", attributes = ""] = /^\s*(\S*)(.*)$/.exec(info) ?? [];
  const readAttribute = (name: string) =>
    new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? "";
  const title = readAttribute("title");
  const [file = "", region = ""] = readAttribute("file").split("#");
  const marked = /\{([\d,]+)\}\s*$/.exec(attributes)?.[1]?.split(",").map(Number) ?? [];
  return { language: language.toLowerCase() || "text", title, file, region, marked };
}

/**
 * Gives headings the ids that they have on GitHub, so that links to them work there. None is an h1,
 * because that is the title of the page.
 */
function nameHeadings(tokens: Token[]): void {
  const slugger = new GithubSlugger();
  tokens.forEach((token, index) => {
    if (token.tag === "h1") token.tag = "h2";
    if (token.type !== "heading_open") return;
    const words = plainText(tokens[index + 1]);
    token.attrSet("id", slugger.slug(slug(words) === "" ? "section" : words));
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

/** Returns the decoded target of a link. One with an invalid encoding stays as it is. */
export const linkTarget = (token: Token): string =>
  unescape(String(token.attrGet(token.type === "image" ? "src" : "href") ?? ""));

/** Returns what follows the colon in the first item or paragraph that links to the file. */
export function fileDescription(readme: string, file: string): string | undefined {
  const isLink = (token: Token) => token.type === "link_open" && linkTarget(token) === file;
  const item = parseBody(readme).find(({ children }) => children?.some(isLink));
  return /: (.+)/.exec(plainText(item))?.[1];
}
