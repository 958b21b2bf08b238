// The rules for blocks, such as headings and lists, and for the parts of a line, such as emphasis: an
// advice, and when it is given. test/articles/mistakes/ has an example of each.

import type { Token } from "markdown-it";
import { plainText, targetOf } from "./markdown.ts";
import { isTypeset, typeset } from "./check-code.ts";

/** The beginning or the end of a block. */
export type Block = {
  token: Token;
  type: string; // of the token
  source: string; // the lines of the block; "" at its end
  next: (Token | undefined)[]; // the four tokens after it
  index: number; // in the tokens of the text
  tokens: Token[];
  above: Map<string, Token>; // the last token of each type before it
  lines: string[]; // of the text
  title: string | undefined; // of the article, in lower case
};

type Rules<Place> = Record<string, (place: Place) => boolean>;

/** Returns the rule that a block of a type has such lines. */
const has = (type: string, lines: RegExp) => (block: Block) =>
  block.type === type && lines.test(block.source);

/** Unfinished parts, which a draft may have. */
export const noText = "has no text in it or below it: write it, or delete the line";

/** The first rule that finds a mistake is reported. */
export const blockRules: Rules<Block> = {
  "the line below makes this a heading: leave a blank line between them": (block) =>
    isHeading(block) && /[-=]/.test(block.token.markup),
  "the heading is empty: write it, or delete the line": has("heading_open", /^[>\s]*#+\s*$/),
  "the heading repeats the title, which is above the text: delete it": (block) =>
    isHeading(block) && plainText(block.next[0]).trim().toLowerCase() === block.title,
  "the title is the only heading with one #: write ##": (block) =>
    has("heading_open", /^# /)(block) && block.title !== undefined,
  "the heading skips a level: use at most one # more than in the heading above": (block) =>
    isHeading(block) && levelOf(block.token) > levelOf(block.above.get("heading_open")) + 1,
  [noText]: (block) =>
    isHeading(block)
      ? isEndOfSection(block.token, block.next[2])
      : /^(list_item|blockquote)_open$/.test(block.type) && block.next[0]?.nesting === -1,
  "only the closing line has --- above it, the last paragraph: delete it": (block) =>
    block.type === "hr" && !(block.next[0]?.type === "paragraph_open" && isEnd(block.next[3])),
  "is in the text twice: delete one of the two": (block) =>
    (/^(##? |!\[)/.test(block.source) || block.source.length > minRepeatedLength) &&
    isRepeated(block),
  "not as many cells as the header: a blank line ends a table, \\| is a bar in a cell": (block) =>
    block.type === "tr_open" && cellsIn(block.source) !== cellsIn(headerOf(block)),
  "a blank line has to separate two tables": has("tr_open", /^[|\s]*:?-{3}/),
  "a list begins with 1: correct it, indent the code above it, or write 1986\\. for a year": (
    block,
  ) => block.type === "ordered_list_open" && hasWrongStart(block),
  "a line below becomes part of this list, quote or note: add a blank line above it, or indent it":
    (block) =>
      block.type === "paragraph_open" &&
      block.token.level > 0 &&
      /^.{0,60}\n\p{Lu}/mu.test(block.source),
  "not in the list above it: indent it by four spaces, or not at all": (block) =>
    block.token.level === 0 &&
    /^ {1,3}\S/.test(block.source) &&
    /^[ou]l$/.test(block.tokens[block.index - 1]?.tag ?? ""),
  "its first sign ends the paragraph above: write \\ before it": (block) =>
    /^(blockquote|bullet_list)_open$/.test(block.type) &&
    /^[-+*>] [a-z\d]/.test(block.source) &&
    /[\p{L}\d,]$/u.test(block.lines[(block.token.map?.[0] ?? 0) - 1] ?? "") &&
    !/\n\s*([-+*>]|\d)/.test(block.source),
  "four spaces before it make it code: delete them, or put it between ```": has("code_block", /^/),
};

const isHeading = ({ type }: { type: string }) => type === "heading_open";
/** Returns the level of a heading. The title has level 1. */
const levelOf = (heading?: Token) => Number(heading?.tag.slice(1) ?? 1);

const isEnd = (next?: Token) => !next || next.type === "footnote_block_open";
const isEndOfSection = ({ markup }: Token, next?: Token) =>
  !next ||
  next.type === "hr" ||
  (isHeading(next) && /^.{2}/.test(next.markup) && next.markup.length <= markup.length);

const minRepeatedLength = 80; // shorter paragraphs may have the same words

function isRepeated({ token, tokens, index, next: [words] }: Block): boolean {
  const first = tokens.findIndex(({ content }) => content === words?.content);
  return token.level === 0 && words?.type === "inline" && first < index;
}

/** Returns the line with the header of a row's table. */
const headerOf = ({ above, lines }: Block) => lines[above.get("table_open")?.map?.[0] ?? 0] ?? "";

const cellsIn = (row: string) => row.replace(/\\\||^[>\s]*\||\|\s*$/g, "").split("|").length;

/** Whether a list begins with a year, with 2 and has none above it, or again with 1 below code. */
function hasWrongStart({ token, tokens, index, above }: Block): boolean {
  const start = Number(token.attrGet("start") ?? 1);
  const isBehindCode = tokens[index - 1]?.type === "fence" && tokens[index - 2]?.tag === "ol";
  return start > 99 || (start > 1 ? !above.has("ordered_list_open") : isBehindCode);
}

/** A part of a line, and the parts before and after it. */
export type Part = { part: Token; before: Token; after: Token | undefined };

/** Names of code that Markdown makes bold. Other words between __ are meant to be bold. */
const pythonNames = /^(file|init|main|name)$/;

const is = (part: Token, type: string, content: RegExp) =>
  part.type === type && content.test(part.content);

/** Whether HTML opens an element, and is not part of List<String> or of a<b and c>d. */
const isTag = ({ content }: Token, before: Token) =>
  /^\s*(?!<\/)\S/.test(content) && !(is(before, "text", /\w$/) && !inlineElement.test(content));

const inlineElement = /^<(a|b|br|code|em|i|kbd|mark|span|strong|su[bp]|u)>$/;

/** The first rule that finds a mistake is reported. */
export const partRules: Rules<Part> = {
  "raw HTML is shown as text: write Markdown, or code between `": ({ part, before }) =>
    part.type.startsWith("html_") && isTag(part, before), // once, at its opening tag
  "the link has no text: write it in the square brackets": ({ part, before }) =>
    part.type === "link_close" && before.type === "link_open",
  "a space before the link is missing; a note is [^1]": ({ part, before }) =>
    part.type === "link_open" &&
    (before.type === "link_close" || is(before, "text", /[a-z]{2}[.,;:]?$/)),
  "a URL begins with https://": ({ part, before }) =>
    before.type !== "link_open" && is(part, "text", /(?<!\S)\(?www\.[\w.-]+\/\w/),
  [typeset]: ({ part }) => part.type === "code_inline" && isTypeset(part.content),
  "a link is [text](URL)": ({ part }) => part.info === "auto" && targetOf(part).includes("|"),
  "the code touches a word, or has a space at its end: a ` is missing or misplaced": ({
    part,
    before,
  }) =>
    (is(before, "code_inline", / $/) && is(part, "text", /^\w/)) ||
    (is(before, "text", /\w$/) && part.type === "code_inline"),
  "emphasis in a word, or of code: write code between `, \\* for a *, ** for bold": isOfCode,
};

/** Whether * or _ of code was taken for emphasis, as in __init__, a/__b__/c and count(*), sum(*). */
function isOfCode({ part, before, after }: Part): boolean {
  const isUnderlined = part.markup === "__";
  if (part.type === "strong_close") return isUnderlined && is(before, "text", pythonNames);
  if (!/^(em|strong)_open$/.test(part.type)) return false;
  const isBetweenSigns =
    is(before, "text", /[(/.*]$/) && after !== undefined && is(after, "text", /^[)/.,*]/);
  return isBetweenSigns || is(before, "text", isUnderlined ? /[\w/]$/ : /\w$/);
}
