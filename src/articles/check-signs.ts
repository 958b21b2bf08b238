// Finds signs that readers would see as plain text: what Markdown did not recognise, what belongs to
// other kinds of Markdown or other programs, and code without a fence.

/**
 * Marks of unfinished text. The template has TODO where the author has to write. In the middle of a
 * sentence, TODO is a word.
 */
const placeholder =
  /(^|[([{:] ?)(TODO|FIXME)\b|\b(TODO|FIXME|[Tt]odo):|\b(XXX|[Ll]orem ipsum)\b|\bTBD(?=\W*$)|\[([Ii]nsert\b|([Ll]ink|[Ii]mage|URL)\](?!\())|(?<!\S)\?{3}|^TITLE$/;

const table = "a table has rows | a | b |, and below its header a row | --- | --- |";
const list = "a list needs a blank line above it, and - or 1. and a space";
const oneLine = "the lines become one: make them a list, or write a blank line between them";
const link = "a link is [text](URL), without a space";
const heading = "a heading is ## or ### and a space";
const code = "a block of code begins and ends with ```";
const otherMarkdown = "delete it, it belongs to another program or kind of Markdown";

/**
 * What makes a paragraph of something else. What a lookahead has matched is not tried again, so the
 * time does not grow with the square of a line.
 */
const wrongParagraphs: [pattern: RegExp, advice: string][] = [
  // Fences of other signs, commands, stack traces, statements, YAML, SQL, Python, JSON, drawings.
  [/^(`{1,2}$|``\w+$|'''|‘‘‘|’’’|\$ [a-z]|\s*at [\w$./<>]+\.[\w$<>]+\()/m, code],
  [/^(?=(.*?)[=({])\1.*[;{]\n.*[;{}]$|^[\w.-]+:\n\s*(- )?[\w.-]+:(\s|$)/m, code],
  [/^(SELECT [\w.*()]+(, ?[\w.*()]+)*\s+FROM|CREATE TABLE|INSERT INTO|(def|class) .*:$)/m, code],
  [/^\{\s*"[\w-]+"\s*:|(?<!\S)\+--|[─-╿]|^(?=(.*?-->))\1.*\n[\s|v]*\|/m, code],
  // Bullets of word processors, signs without a space; two lines that begin alike.
  [/^([•·▪●○◦‣▸►▶➤]|[o§]\t|– |[-+][\p{L}[#\xa0]|\d{1,2}[.)] ?\p{L}|[a-z\d]\) \p{L})/mu, list],
  [/^(([a-z]{1,3}|[A-Z])\. .+\n([a-z]{1,3}|[A-Z])\. |([^\p{L}\p{N}\s$|]{1,3}) .+\n\4 )/mu, list],
  [/(?<![^])\(\w\) .+\n\(\w\) /, list],
  [/^((\*\*)?\p{Lu}[\p{L} ]{0,30}(:\*\*|(\*\*)?:) .*[^\s\\](\n(?!\n)|$)){2}/mu, oneLine],
  // Rows without the line below the header; columns of tabs or spaces.
  [/^\||^[^|\n]+ \| .+\n[^|\n]+ \| /m, table],
  [/^\S(?=(.*?(\t| {3})[ \t]*\S))\1.*\n.*?(\t| {3})[ \t]*\S/m, table],
  [/^(\\#\\?#|##|＃|={2,6} ["\w]|(h[1-6]|bq)\. |#\+)|(?<![^])#\p{L}/mu, heading],
  [/\]\n\((https?:|[#/]|[\w-]+\.md\b)/, link],
  // What other programs write for a line, callouts, definitions, attributes, mathematics.
  [/^([-–—_=~^"+])( ?\1)+ ?$/m, "a line across the text is ---, with a blank line above it"],
  [/^(([!?=+:~^%@&])\2\2|:{1,2}\s*\w|~ \w|--8<|\{[^}\n]*\}$|import \w+ from )/m, otherMarkdown],
  [/^(?=(.*?\\\())\1.+\\\)|^\\\[(\s|$)/m, otherMarkdown],
];

const emphasis = "the emphasis has no beginning or no end; \\* is the sign";
const note = "a note is [^1] in the text, and below it [^1]: with its text";
const notText = "write the character itself, or code between `";

/** What Markdown did not recognise, and the remedy. Escaped signs are tokens of their own. */
const plainSigns: [pattern: RegExp, advice: string][] = [
  [placeholder, "write what is missing"],
  [/\]\(/, "the URL has no end or a space, is forbidden here, or the caption has curly quotes"],
  [/(\] \(|\)\[)(?=$|[/#]|www\.|images\/|[\w-]+\.md\b)/, link],
  [/\[\^[^\][]{1,100}\]|^\[\d+\]:/, note],
  [/(?<=\p{L}{4}|[.,;:!?])(\[(\d{1,3}|[a-h])\](?![[(\w])|[¹²³⁴-⁹])|^[¹²³] /u, note],
  [/^\[(?!\d+\])[^\]]+\]: ?$/, "the URL of a reference needs a blank line above it"],
  [/(?<!\w)\[[^[\]^]+\]\[[^[\]^]*\]/, "the reference is not defined: write [text](URL)"],
  [/`/, "the code in the line has no end; captions and titles have no code"],
  [/\S{1,40}\*\S{0,40}|\*\S{1,40}|(?<!\S)_\S{1,40}|\S{0,40}_(?!\S)|\*$/, emphasis],
  // Not the interval [a, b).
  [/\[(?=\p{L})(?!\w+, ?\w+\))[^[\]]*$/u, "the bracket has no end; a link is [text](URL)"],
  // Templates and attributes; marked, underlined, hidden and struck text.
  [/\$\{|\{ ?([#.:{%/=]|--|\+\+|\w+[=:.]\w|[+-] )/, otherMarkdown],
  [/==\w|(?<!\w)(\+\+|\|\|)\w+|(?<!\d)%%|~~|~\w+~|(?<!\S)~\w[^~]*\w~(?!\w)/, otherMarkdown],
  // Superscripts and names of blocks, mathematics, roles, emoji.
  [/\^[\w+-]+\^|(?<![\w)[\]])\^(\d+(?!\.?\w)|\(|[a-z_][\w-]+)/, otherMarkdown],
  [/\$\$|\$[A-Za-z\\({|-]([^$]*[^\s$])?\$(?!\w)/, otherMarkdown],
  [/\b\w+(::($|\s|\S{0,60}\[)|:\[)|(?<![\w:]):([+-]1|[a-z][\w+-]*):(?!\w)/, otherMarkdown],
  // Short codes, tasks, callouts, wiki links, citations, tags.
  [/(?<=\S|^)\[\/\w+\]|\[\w+( \w+=|=")|\[\[|\[[=@~]|†\w+】|#\w+( #|\/)[a-z]+/, otherMarkdown],
  // What ChatGPT and Word leave for citations, comments and fields.
  [/citeturn\d|oai_?cit|Commented \[|Error! [RB][\w ]+ not/, otherMarkdown],
  [/^\[(![a-z]+\]|toc\]|[ x]\](?= [^(])|[>!/-]\])/i, otherMarkdown],
  // Entities and HTML that are none, URLs, a line that ends with \, what other programs wrote.
  [/&#?\w+;|&(#\d|nbsp|(amp|lt|gt|quot|copy)\b)|<[a-z!/]|-->/i, notText],
  [/\\$|\bmailto:|(?<=\w )---?(?= \w)|(?<=\w)---?(?=[a-z])/i, notText],
  [/\bhttps?(:\/|\/\/)\w|\bhttps?:\w+\.\w|\bht{3,9}ps?:/i, notText],
  [/[ÃÂ][\u0080-\u00bf˜†]|â[€†‰œ”ˆ]|ï[¿»]|ðŸ|\ufffd|‘’|’’|(?<=\w)''|""(?=\w)|´/, notText],
];

/** Returns what a row of a table finds. */
function find(text: string, [pattern, advice]: [pattern: RegExp, advice: string]): string[] {
  const [plain] = pattern.exec(text)?.[0].trim().split("\n") ?? [];
  return plain === undefined ? [] : [`${plain.slice(0, 40)} is shown as plain text: ${advice}`];
}

/** Returns what readers would see with its signs. A draft may have placeholders, the first row. */
export const signProblems = (text: string, isDraft = false): string[] =>
  plainSigns.slice(isDraft ? 1 : 0).flatMap((row) => find(text, row));

/** Returns why a paragraph is probably something else, once. */
export function paragraphProblems(source: string): string[] {
  const text = source.replace(/(?<!`)`[^`\n][^`]*`/g, "`code`");
  return wrongParagraphs.flatMap((row) => find(text, row)).slice(0, 1);
}
