// Error messages for invalid YAML, in words for authors, with the correction.

import {
  isCollection,
  isMap,
  isNode,
  isScalar,
  visit,
  type Document,
  type LineCounter,
  type Node,
  type YAMLParseError,
  type YAMLWarning,
} from "yaml";

type Fault = { line: number; message: string };

/** Sentences for errors of the YAML parser, by error code and message. */
const sentences: [pattern: RegExp, sentence: string][] = [
  [/^TAB_AS_INDENT/, "is indented with a tab: use spaces"],
  [/^MULTIPLE_DOCS/, 'a line "---" or "..." ends the YAML: delete it'],
  [/^DUPLICATE_KEY/, "this key is given twice: delete one of the two lines"],
  [
    /^BLOCK_AS_IMPLICIT_KEY/,
    "has a second colon: put the value in quotes, or a group of keys in braces",
  ],
  [
    /^MULTILINE_IMPLICIT_KEY|^MISSING_CHAR Implicit/,
    "is not `key: value`: write a key, a colon, a space and the value on one line",
  ],
  [/^MISSING_CHAR Missing closing (.)quote/, "a quote is never closed: end the value with $1"],
  [/^BAD_INDENT Flow.* end with a (.)/, "a bracket is never closed: end the value with $1"],
  [
    /^BAD_INDENT/,
    "is indented differently from the lines beside it: begin the keys of a group in the same column",
  ],
  [
    /^BLOCK_IN_FLOW/,
    "has a second colon inside of braces: write a comma between the keys, and a space after each colon",
  ],
  [/^BAD_DQ_ESCAPE/, "has a \\ inside of double quotes: write \\\\, or use single quotes"],
  [/^TAG_RESOLVE_FAILED/, "has a value that begins with !: put the value in quotes"],
  [
    /^BAD_SCALAR_START .* character (.)/,
    "has a value that begins with $1: put the value in quotes",
  ],
  [
    /block-seq-ind/,
    "has a list on the line of its key: write it as [a, b], or put the value in quotes",
  ],
  [/Unexpected , /, "has a comma too many: delete it"],
];

/** Returns what is wrong with a YAML text, at most one mistake for each line. Lines count from 1. */
export function findFaults(document: Document, source: string, counter: LineCounter): Fault[] {
  const lines = source.split("\n");
  const byLine = new Map<number, Fault>();
  for (const fault of [...document.errors, ...document.warnings]) {
    const [found] = fault.pos;
    const isUnclosed = /^Missing closing|^Flow /.test(fault.message); // reported at the end of the open quote or bracket
    const offset = isUnclosed ? lastKeyBefore(document.contents, found) : found;
    const { line } = counter.linePos(offset);
    const mistake = { line, message: describe(fault, lines[line - 1] ?? "", lines[line] ?? "") };
    byLine.getOrInsert(line, mistake);
  }
  if (byLine.size > 0) return [...byLine.values()];
  const refused = findRefused(document);
  return refused ? [{ line: counter.linePos(refused.offset).line, message: refused.message }] : [];
}

function describe(
  { code, message }: YAMLParseError | YAMLWarning,
  line: string,
  nextLine: string,
): string {
  if (code === "BLOCK_AS_IMPLICIT_KEY" && nextLine.startsWith(" "))
    return "the next line is indented, and this one is not: indent both alike";
  const [, quoteOrBracket] = /:\s*(["'[{])/.exec(line) ?? [];
  if (/at node end|in YAML stream/.test(message) && quoteOrBracket)
    return /["']/.test(quoteOrBracket)
      ? "has text after the closing quote: put the whole value in the other kind of quotes"
      : "has text after the closing bracket: delete it, or put the whole value in quotes";
  const text = `${code} ${message}`;
  for (const [pattern, sentence] of sentences) {
    const match = pattern.exec(text);
    if (match) return sentence.replace("$1", match[1] ?? "");
  }
  return code === "UNEXPECTED_TOKEN" ? "cannot be read as YAML: put the value in quotes" : message;
}

/** Returns where the last key before `offset` begins, in the innermost block that has one. */
function lastKeyBefore(node: unknown, offset: number): number {
  if (!isMap(node)) return offset;
  const start = (key: unknown) => (isNode(key) ? (key.range?.[0] ?? 0) : 0);
  const pair = node.items.findLast(({ key }) => isScalar(key) && start(key) < offset);
  if (!pair) return offset;
  return isMap(pair.value) && !pair.value.flow
    ? lastKeyBefore(pair.value, offset)
    : start(pair.key);
}

/**
 * Returns what is refused although it is valid YAML, because its plain data can be huge: a few aliases expand to gigabytes, and a key that is a
 * group becomes a string whose length doubles with each nested group.
 */
export function findRefused(document: Document): { offset: number; message: string } | undefined {
  let refused: ReturnType<typeof findRefused>;
  const refuse = (node: Node, message: string) => {
    refused = { offset: node.range?.[0] ?? 0, message };
    return visit.BREAK;
  };
  visit(document, {
    Alias: (_key, node) =>
      refuse(
        node,
        "YAML aliases (&name, *name) are not allowed: put a value that begins with * in quotes",
      ),
    Pair: (_key, { key }) =>
      isCollection(key)
        ? refuse(key, "has a key that begins with a bracket: put the value in quotes")
        : undefined,
  });
  return refused;
}
