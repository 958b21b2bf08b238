// Finds signs that readers would see as plain text: what Markdown did not recognise, what belongs to
// other kinds of Markdown, and code without a fence.

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
const link = "a link is [text](URL), without a space";
const note = "a note is [^1] in the text, and below it [^1]: with its text";
const remnant = "delete it, it is not part of the text";
const dialect = "write code between `, or delete it: it belongs to another kind of Markdown";

/** What makes a paragraph something else. Its code between ` is `code` here. */
export const paragraphRules: Rule[] = [
  ["``java\nint a;\n``", /^(`{1,2}$|``\w+$|(['´‘])\2\2)/m, code],
  [
    "npm ci\nnpm start",
    /^(npm|git|docker|kubectl|mvn|cd|curl) .+\n(npm|git|docker|kubectl|mvn|cd|curl) /m,
    code,
  ],
  ["$ npm install", /^(\$ [a-z]|\s*at [\w$./<>]+\.[\w$<>]+\()/m, code],
  ["let a = 1;\nlet b = 2;", /^.{0,80}([=(].{0,80}[;{]| \{)\n.*[;{}]$/m, code],
  ["spring:\n  datasource:\n    name: a", /^[\w.-]+:\n( +|- )[\w.-]+:(\s|$)/m, code],
  ["INSERT INTO a (b)", /^(SELECT [\w.*(), ]+\sFROM|(CREATE TABLE|INSERT INTO) \w+ ?\()/m, code],
  ["def run(a):\n  pass", /^((def|class) \w+(\(.*\))?:$|\{\s*"[\w-]+"\s*:)/m, code],
  ["[a] ---> [b]   [c]\n  |\n  v", /(?<!\S)\+--|[─-╿]|^.{0,80}-->.*\n[\s|v]*\|/m, code],
  ["The sum \\(x + y\\) is.", /\\\(.{1,80}?\\\)|^\\\[(\s|$)/m, dialect],
  ["• one", /^([•●▪◦‣➤]|([-*+]|\d\.)[\xa0\u202f]|[\xa0\u202f]+[-*+]|o\t)/m, list],
  ["→ one\n→ two", /^([^\p{L}\p{N}\s$|#!&<>*_`"'“‘([]{1,2}) ?\S.*\n\1 ?\S/mu, list],
  ["1- one\n2- two", /^\d{1,2}[.)]\p{Lu}|^1[.)-] ?\p{L}.*\n2[.)-]/mu, list],
  ["(a) one\n(b) two", /(?<![^])(\(?\w\)|[a-z]{1,3}\.|A\.) .+\n(\(?\w\)|[a-z]{1,3}\.|B\.) /, list],
  [
    "State: done\nPart: 2",
    /^((\*\*)?\p{Lu}[\p{L}\d ]{0,30}(:|:\*\*|\*\*:) .*[^\s\\.?!](\n|$)){2}/mu,
    oneLine,
  ],
  ["| a | b |\n| 1 | 2 |", /^\|/m, table],
  ["Name\tCount\na\t1", /^\S.{0,80}?\t.*\n.{0,80}?\t/m, table],
  ["##Two", /^#{2,}[^ \n]|(?<![^])#\p{Lu}/mu, heading],
  [
    "It is in the\nthe queue.",
    /\b([Tt]he\s+the|(an|of|to|for|and|with|we)\s+\2)\b/,
    "write it once",
  ],
  ["!!! note\nA callout.", /^(:{1,3}|!!!|\?\?\?) *\w/m, dialect],
];

const missing = "write what is missing";

/** Unfinished text, which a draft may have. */
export const unfinishedRules: Rule[] = [
  ["It takes TODO ms.", /\b(TODO|FIXME)\b|\b[Tt]odo:/, missing],
  [
    "The date is TBD.",
    /(?<=\b(is|are|be) )TBD\b|\bTBD(?=\W*$)|(?<!\S)\?{3}|^(WIP|DRAFT|Coming soon)\b/,
    missing,
  ],
  ["It took XX ms.", /(?<!\.)\bXXX?\b(?!\.)|\b[Ll]orem ipsum\b|^TITLE$/, missing],
  ["[Insert it here]", /\[(insert|your) |\[(link|image|URL)\](?!\()/i, missing],
];

const url = "its URL has no end, has a space, or begins wrongly, or its caption has curly quotes";
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
  [
    "A missing note.[^9]",
    /\[\^[^\][]{1,100}\]|^\[\d+\]:|(?<=[.,;:!?])(\[(\d{1,3}|[a-h])\](?![[(\w])|[¹²³⁴-⁹])/,
    note,
  ],
  ["See [x] (/contact).", /(\] \(|\)\[)(?=$|[/#]|www\.|images\/|[\w-]+\.md\b)/, link],
  ["A [link that never ends](/contact", /\]\(/, url],
  ["See it.\n[x]: https://a.example/", /(?<!\S)\[(?!\d+\])[^[\]]+\]: ?$/, reference],
  ["See [that][ref].", /(?<!\w)\[[^[\]^]+\]\[[^[\]^]*\]/, noReference],
  ["A `backtick that never ends.", /`|´\w.{0,80}´/, inlineCode],
  // Not char*, A*, *.log or 2*3.
  ["Two **words.", /(?<![\w)\].*])\*+([\p{L}\d]\S{0,40}| .{1,80}\*\*|$)/u, emphasis],
  ["One that never* begins.", /\b(?!(char|int|void)\b)\w{1,40}[^\W_]\*+(?![\w*])/, emphasis],
  ["An _underscore.", /(?<!\S)_(?!id\b)\p{L}\S{0,40}/u, emphasis],
  ["A class. {: .wide }", /\{:( |[.#]|toc)|\{ ?[#.][a-z]|\{[{%<]/, dialect],
  ["H~2~O", /==\w[^=]{0,80}==|~~|~\w+~|\^[\w+-]+\^/, dialect],
  ["The value $x$.", /\$\$|\$[A-Za-z\\({|-]([^$]*[^\s$])?\$(?!\w)/, dialect],
  ["Well done :tada:", /(?<![\w:]):[a-z][\w-]{2,}:(?!\w)/, dialect],
  ["A [[page]] of a wiki.", /\[\[\p{L}[^\]]{0,80}\]\]/u, dialect],
  ["> [!NOTE]\n> A callout.", /^\[(![a-z]+\]|toc\]|[ x]\](?= [^(]))/i, dialect],
  // What chatbots leave in a text.
  ["It waits.【4†source】", /oai_?cite|citeturn\d|†\w+】|^(Sure|Certainly)! Here/, remnant],
  ["Fish &nbps; chips", /&(#?\w{2,};|(amp|lt|gt|nbsp)\b)/, character],
  ["Text <!-- that is never closed.", /(?<!\w)<[a-z/!]/i, character],
  ["Two -- dashes", /(?<=\w )---?(?= \w)|(?<=\w)---?(?=[a-z])/i, character],
  ["htttps://a.example", /\bhttps?(:\/|\/\/)\w|\bht{3,9}ps?:/i, character],
  // UTF-8 that was read as another encoding.
  ["CafÃ© or tea", /[ÃÂ][\u0080-\u00bf˜†]|â[€†‰œ”ˆ]|ï[¿»]|ðŸ|[\ufb00-\ufb04\ufffd]/, character],
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
