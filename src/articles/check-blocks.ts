// The rules for blocks, such as headings and lists, and for the parts of a line, such as emphasis: an
// advice, and when it is given. test/articles/mistakes/ has an example of each.

import type { Token } from "markdown-it";
import { plainText } from "./markdown.ts";
import { note } from "./check-signs.ts";
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
  "a heading has no colon at its end": has("heading_open", /^#.*:$/),
  "a heading is ## or ### and a space": (block) =>
    block.token.level === 0 && has("paragraph_open", /^\*\*[^*\n:]*[^*\n:.!?]\*\*$/)(block),
  [note]: has("paragraph_open", /^\(\d\) [^\n]*$/),
  "not in the item above: indent it by four spaces": (block) =>
    block.token.level === 1 &&
    has("list_item_open", /^ {1,3}[-*+] /)(block) &&
    /^[-*+]/.test(firstLine(block, "bullet_list_open")),
  "only the closing line has --- above it, the last paragraph: delete it": (block) =>
    block.type === "hr" && !(block.next[0]?.type === "paragraph_open" && isEnd(block.next[3])),
  "is in the text twice: delete one of the two": (block) =>
    (/^(##? |!\[)/.test(block.source) || block.source.length > minRepeatedLength) &&
    isRepeated(block),
  "the table has no rows: write them, or delete it": has("table_open", /^.*\n.*$/),
  "the header is empty: name the columns": has("table_open", /^[|> \t]+\n/),
  "not as many cells as the header: a blank line ends a table, \\| is a bar in a cell": (block) =>
    block.type === "tr_open" && cellsIn(block.source) !== cellsIn(firstLine(block, "table_open")),
  "the next item has another sign: use one sign in a list": (block) =>
    block.type.endsWith("_list_close") &&
    block.next[0]?.type === block.type.replace("close", "open"),
  "the numbers of the list are wrong: correct them, indent code in it, or write 1986\\.": (block) =>
    block.type === "ordered_list_open" && isMisnumbered(block),
  "a line below is in this list, quote or note: a blank line above it, or indent it": (block) =>
    block.type === "paragraph_open" && block.token.level > 0 && /\n\p{Lu}/u.test(block.source),
  "not in the list or note above it: indent it by four spaces, or not at all": (block) =>
    block.token.level === 0 && isHalfIndented(block),
  "four spaces before it make it code: delete them, or put it between ```": has("code_block", /^/),
  "is shown as text: write it in the front matter, between the lines ---": (block) =>
    block.index === 0 && has("paragraph_open", /^(title|date|tags|author): /i)(block),
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

/** Returns the first line of the last block of a type: of a row's table, or an item's list. */
const firstLine = ({ above, lines }: Block, type: string) =>
  lines[above.get(type)?.map?.[0] ?? 0] ?? "";

const cellsIn = (row: string) => row.replace(/\\\||^[>\s]*\||\|\s*$/g, "").split("|").length;

/** Returns the numbers of a list's items, but not of the lists in it. */
function numbersOf(list: string): number[] {
  const [indentation = ""] = /^[>\s]*/.exec(list) ?? [];
  const items = list.matchAll(new RegExp(`^${indentation}(\\d+)[.)] `, "gm"));
  return Array.from(items, ([, number]) => Number(number));
}

/** Whether a list begins with a year, skips a number, or continues after code that is in no item. */
function isMisnumbered({ source, tokens, index, above }: Block): boolean {
  const [start = 1, ...others] = numbersOf(source);
  const isBehindCode = tokens[index - 1]?.type === "fence" && tokens[index - 2]?.tag === "ol";
  const isFirst = !above.has("ordered_list_open");
  const isSame = others.every((number) => number === start);
  const isSequence = others.every((number, position) => number === start + 1 + position);
  return start > 99 || (start > 1 ? isFirst : isBehindCode) || !(isSame || isSequence);
}

/** Whether a paragraph, or what follows a list, is indented, but too little for the list. */
const isHalfIndented = ({ type, source, tokens, index }: Block) =>
  (type === "paragraph_open" || !!tokens[index - 1]?.type.endsWith("list_close")) &&
  /^ {1,3}\S/.test(source);

/** A part of a line, and the part before it. */
type Part = { part: Token; before: Token };

/** Names of code that Markdown makes bold. Other words between __ are meant to be bold. */
const pythonNames = /^(dirname|file(name)?|init|main|name|proto|typename)$/;

const is = (part: Token, type: string, content: RegExp) =>
  part.type === type && content.test(part.content);

const datePattern =
  /\b((?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day),? (\d{1,2} [A-Z]\w+,? \d{4}|[A-Z]\w+ \d{1,2}, \d{4})/;

function hasWrongWeekday(text: string): boolean {
  const [, weekday, day] = datePattern.exec(text) ?? [];
  const date = new Date(`${day} UTC`);
  if (Number.isNaN(date.getTime())) return false;
  return date.toLocaleDateString("en", { weekday: "long", timeZone: "UTC" }) !== weekday;
}

/** The first rule that finds a mistake is reported. */
export const partRules: Rules<Part> = {
  "raw HTML is shown as text: write Markdown, or code between `": ({ part }) =>
    part.type.startsWith("html_") && /^\s*(?!<\/)\S/.test(part.content), // once, at its opening tag
  "the URL is shown as text: a link is [text](URL), or <URL> without spaces": ({ part, before }) =>
    part.markup === "linkify" && /(?<!\))[<[\]]$/.test(before.content),
  "the link has no text: write it in the square brackets": ({ part, before }) =>
    part.type === "link_close" && before.type === "link_open",
  "a space before the link is missing; a note is [^1]": ({ part, before }) =>
    part.type === "link_open" &&
    (before.type === "link_close" || is(before, "text", /[a-z]{2}[.,;:]?$/)),
  "a URL begins with https://": ({ part, before }) =>
    before.type !== "link_open" && is(part, "text", /(?<!\S)\(?www\.[\w.-]+\/\w/),
  "readers would see &: its code, such as &amp;, is there twice": ({ part, before }) =>
    before.info === "entity" && is(before, "text_special", /^&$/) && is(part, "text", /^#?\w+;/),
  "the weekday is not that of the date: correct one of the two": ({ part }) =>
    part.type === "text" && hasWrongWeekday(part.content),
  [typeset]: ({ part }) => part.type === "code_inline" && isTypeset(part.content),
  "the code has a space at its end: a ` is missing or misplaced": ({ part, before }) =>
    (is(before, "code_inline", / $/) && is(part, "text", /^\w/)) ||
    (is(before, "text", /\w$/) && is(part, "code_inline", /^ /)),
  "emphasis in a word, or of code: write code between `, \\* for a *, ** for bold": ({
    part,
    before,
  }) =>
    (/^(em|strong)_open$/.test(part.type) && is(before, "text", /\w$/)) ||
    (part.type === "strong_close" && part.markup === "__" && is(before, "text", pythonNames)),
  "readers would see the \\, and elsewhere not: write code between `": ({ part }) =>
    part.info === "escape" && /^\\\w/.test(part.content),
};
