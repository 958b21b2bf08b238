// Finds signs that readers would see as plain text: what Markdown did not recognise, what belongs to
// other kinds of Markdown or other programs, and code without a fence.

/**
 * A mistake, the pattern that finds it and others like it, and the advice. A test runs each mistake
 * through the check. `.{0,80}` limits the time, which would grow with the square of a line.
 */
type Rule = [mistake: string, pattern: RegExp, advice: string];

const code = "a block of code begins and ends with ```";
const list = "a list needs a blank line above it, and - or 1. and a space";
const oneLine = "the lines become one: make them a list, or write a blank line between them";
const table = "a table has rows | a | b |, and below its header a row | --- | --- |";
const heading = "a heading is ## or ### and a space";
const rule = "a line across the text is ---, with a blank line above it";
const link = "a link is [text](URL), without a space";
export const note = "a note is [^1] in the text, and below it [^1]: with its text";
const remnant = "delete it, it is not part of the text";
const dialect = "delete it, it belongs to another kind of Markdown, or write code between `";

/** What a chatbot writes to the author. */
export const chatbot =
  /^(Sure|Certainly|Of course|Absolutely)! Here|\bLet me know if you['’]d like|^Copy code$|(\.{3}|…) ?(the )?rest of (the|your) code/im;

/** What makes a paragraph something else. Its code between ` is `code` here. */
export const paragraphRules: Rule[] = [
  ["``java\nint a;\n``", /^(`{1,2}$|``\w+$|'''|‘‘‘|’’’)/m, code],
  ["$ npm install", /^(\$ [a-z]|\s*at [\w$./<>]+\.[\w$<>]+\()/m, code],
  ["let a = 1;\nlet b = 2;", /^.{0,80}([=(].{0,80}[;{]| \{)\n.*[;{}]$/m, code],
  ["spring:\n  datasource:\n    name: a", /^[\w.-]+:\n\s*(- )?[\w.-]+:(\s|$)/m, code],
  ["CREATE TABLE a", /^(SELECT [\w.*(), ]+\sFROM|CREATE TABLE|INSERT INTO)/m, code],
  ["def run(a):\n  pass", /^((def|class) .*:$|\{\s*"[\w-]+"\s*:)/m, code],
  ["[a] ---> [b]   [c]\n  |\n  v", /(?<!\S)\+--|[─-╿]|^.{0,80}-->.*\n[\s|v]*\|/m, code],
  ["• one\n• two", /^([•·▪●○◦‣▸►▶➤]|[o§][\t ]|– |\xa0+[-+*•] )/m, list],
  ["1.one", /^([-+][\p{L}[#\xa0]|\d{1,2}[.)] ?\p{L}|[a-z\d]\) \p{L})/mu, list],
  ["a. one\nb. two", /^([a-z]{1,3}|[A-Z])\. .+\n([a-z]{1,3}|[A-Z])\. /m, list],
  ["It waited for a", /(?<!\S)(an|the|(for|in|with) a)(?![^])/, "write the end of the sentence"],
  ["Page 3 of 12", /(?<![^])Page \d+ of \d+(?![^])|\.{5} ?\d+$/m, remnant],
  ["Sure! Here's a better version:", chatbot, remnant],
  ["→ one\n→ two", /^([^\p{L}\p{N}\s$|]{1,3}) .+\n\1 /mu, list],
  ["(a) one\n(b) two", /(?<![^])\(\w\) .+\n\(\w\) /, list],
  // Not sentences.
  ["State: done\nPart: 2", /^(\p{Lu}[\p{L} ]{0,30}: .*[^\s\\.?!](\n|$)){2}/mu, oneLine],
  ["**A:** b\n**C:** d", /^(\*\*\p{Lu}.{0,30}(:\*\*|\*\*:) .*[^\s\\](\n|$)){2}/mu, oneLine],
  ["a | b\n1 | 2", /^\||^[^|\n]+ \| .+\n[^|\n]+ \| /m, table],
  ["Name\tCount\na\t1", /^\S.{0,80}?(\t| {3})[ \t]*\S.*\n.{0,80}?(\t| {3})[ \t]*\S/m, table],
  ["##Two", /^(\\?#\\?#|＃|#\+|={2,6} ["\w]|(h[1-6]|bq)\. )|(?<![^])#\p{L}/mu, heading],
  ["See [x]\n(https://a.example/) for more.", /\]\n\((https?:|[#/]|[\w-]+\.md\b)/, link],
  [
    "It is in the\nthe queue.",
    /\b(the|an?|of|to|in|is|and|for|with|we|it)\n\1\b/i,
    "write it once",
  ],
  ["https://a.example/one-\ntwo", /https?:\/\/\S+[-=&?_]\n\S/, "a URL is in one line"],
  ["———", /^([-–—_=~^"+])( ?\1)+ ?$/m, rule],
  ["!!! note\nA callout.", /^(([!?=+:~^%@&])\2\2|:{1,2}\s*\w|~ \w)/m, dialect],
  ["{ .annotate }", /^(--8<|\{[^}\n]*\}$|import \w+ from )/m, dialect],
  ["The sum \\(x + y\\) is.", /\\\(.{1,80}?\\\)|^\\\[(\s|$)/m, dialect],
];

const missing = "write what is missing";

/** Unfinished text, which a draft may have. */
export const unfinishedRules: Rule[] = [
  // In the middle of a sentence, TODO is a word. The template has it where the author has to write.
  ["Later: TODO", /(^|[([{:] ?)(TODO|FIXME)\b|\b(TODO|FIXME|[Tt]odo):/, missing],
  ["The date is TBD.", /(?<=\b(is|are|be) )TBD\b|\bTBD(?=\W*$)/, missing],
  ["A share of XX %", /\bXXX\b|\bXX ?%|\b[Ll]orem ipsum\b|^TITLE$/, missing],
  ["[Insert it here]", /\[(insert|your)\b|\(ask \w+!*\)|\[(link|image|URL)\](?!\()/i, missing],
  ["The share is ???", /(?<!\S)\?{3}/, missing],
];

const url = "the URL has no end or a space, or the caption has curly quotes";
const forbidden = "readers cannot open it: a URL begins with https:// or mailto:";
const caption = "write “ and ” in a caption";
const reference = "a link is [text](URL); [text]: URL needs a blank line above it";
const noReference = "the reference is not defined: write [text](URL)";
const inlineCode = "the code in the line has no end; captions and titles have no code";
const emphasis = "the emphasis has no beginning or no end; write code between `, or \\* for a *";
const bracket = "the bracket has no end; a link is [text](URL)";
const character = "write the character itself, or code between `";

/** What Markdown did not recognise in text. Escaped signs are texts of their own. */
export const textRules: Rule[] = [
  // Not the interval [a, b).
  ["A [bracket that never ends.", /\[(?=\p{L})(?!\w+, ?\w+\))[^[\]]*$/u, bracket],
  ["A missing note.[^9]", /\[\^[^\][]{1,100}\]|^\[\d+\]:|\^\[(?=\p{L})/u, note],
  ["It is so.[1]", /(?<=\p{L}{4}|[.,;:!?])\[(\d{1,3}|[a-h])\](?![[(\w])/u, note],
  ["It is so.¹", /(?<=\p{L}{4}|[.,;:!?])[¹²³⁴-⁹]|^[¹²³] /u, note],
  ["See [x] (/contact).", /(\] \(|\)\[)(?=$|[/#]|www\.|images\/|[\w-]+\.md\b)/, link],
  ["A [link](file:///c/a.md).", /\]\(<?([a-z]:|(file|data|javascript|vbscript):)/i, forbidden],
  ['An ![image](a.svg "a "b" c").', /\]\([^)]*\s"[^")]*"[^)]*"\)/, caption],
  ["A [link that never ends](/contact", /\]\(/, url],
  ["See it.\n[x]: https://a.example/", /(?<!\S)\[(?!\d+\])[^[\]]+\]: ?$/, reference],
  ["See [that][ref].", /(?<!\w)\[[^[\]^]+\]\[[^[\]^]*\]/, noReference],
  ["A `backtick that never ends.", /`/, inlineCode],
  ["One that never* begins.", /\S{1,40}\*\S{0,40}|\*(\S{1,40}|$)/, emphasis],
  ["An _underscore.", /(?<!\S)_\S{1,40}|\S{0,40}_(?!\S)/, emphasis],
  ["A class. {: .wide }", /\$\{|\{ ?([#.:{%/=]|--|\+\+|\w+[=:.]\w|[+-] )/, dialect],
  ["This is ==marked==.", /==\w|(?<!\w)(\+\+|\|\|)\w+|(?<!\d)%%/, dialect],
  ["H~2~O", /~~|~\w+~|(?<!\S)~\w[^~]*\w~(?!\w)/, dialect],
  ["10^6^ requests", /\^[\w+-]+\^|(?<![\w)[\]])\^(\d+(?!\.?\w)|\(|[a-z_][\w-]+)/, dialect],
  ["The value $x$.", /\$\$|\$[A-Za-z\\({|-]([^$]*[^\s$])?\$(?!\w)/, dialect],
  ["key:: value", /\b\w+(::($|\s|\S{0,60}\[)|:\[)/, dialect],
  ["Well done :tada:", /(?<![\w:]):([+-]1|[a-z][\w+-]*):(?!\w)/, dialect],
  ['A [gallery ids="1"].', /(?<=\S|^)\[\/\w+\]|\[\w+( \w+=|=")/, dialect],
  ["A [[page]] of a wiki.", /\[\[|\[[=@~]|†\w+】|#\w+( #|\/)[a-z]+/, dialect],
  ["> [!NOTE]\n> A callout.", /^\[(![a-z]+\]|toc\]|[ x]\](?= [^(])|[>!/-]\])/i, dialect],
  // What ChatGPT and Word leave for citations, comments and fields.
  ["So citeturn0search3.", /citeturn\d|oai_?cit|Commented \[|Error! [RB][\w ]+ not/, dialect],
  ["Fish &nbps; chips", /&#?\w+;|&(#\d|nbsp|(amp|lt|gt|quot|copy)\b)/, character],
  ["Text <!-- that is never closed.", /(?<!\w)<[a-z]|<[!/]|-->/i, character],
  ["Two -- dashes", /\\$|\bmailto:|(?<=\w )---?(?= \w)|(?<=\w)---?(?=[a-z])/i, character],
  ["htttps://a.example", /\bhttps?(:\/|\/\/)\w|\bhttps?:\w+\.\w|\bht{3,9}ps?:/i, character],
  ["It is in the the queue.", /\b(the|an?|of|to|in|is|and|for|with|we|it) \1\b/i, "write it once"],
  ["It waits.Then it runs.", /[a-z]{2}\.(Then?|This|It|We|But|So)\b/, "write a space"],
  ["It was meas- ured.", /[a-z]{1,20}- (?!(and|or|to|nor|but)\b)[a-z]+/, "delete the hyphen"],
  ["It waits.. Then it runs.", /\w(,,|\.\.)(?=\s|$)/, "write it once"],
  ["It waits , then it runs.", /[\p{L}\d)] [,.](?=\s|$)/u, "delete the space"],
  // UTF-8 that was read as another encoding; signs typed for quotation marks.
  ["CafÃ© or tea", /[ÃÂ][\u0080-\u00bf˜†]|â[€†‰œ”ˆ]|ï[¿»]|ðŸ|\ufffd/, character],
  ["He said ´hello´.", /‘’|’’|(?<=\w)''|""(?=\w)|´/, character],
];

/** Returns what readers would see, by each rule that finds something. */
function* findSigns(text: string, rules: Rule[]): Generator<string> {
  let rest = text; // without the signs that are reported
  for (const [, pattern, advice] of rules) {
    const found = pattern.exec(rest)?.[0];
    if (found === undefined) continue;
    rest = rest.replace(found, "…");
    yield `readers would see ${found.trim().split("\n")[0]?.slice(0, 40)}: ${advice}`;
  }
}

/** Returns what readers would see with its signs. A draft may have unfinished text. */
export const signProblems = (text: string, isDraft = false): string[] => [
  ...findSigns(text, isDraft ? textRules : [...unfinishedRules, ...textRules]),
];

/** Returns why a paragraph is probably something else, once. */
export function paragraphProblem(source: string): string | undefined {
  const text = source.replace(/(?<!`)`[^`\n][^`]*`/g, "`code`");
  return findSigns(text, paragraphRules).next().value;
}
