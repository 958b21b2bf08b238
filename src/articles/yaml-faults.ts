// Finds what is wrong with a YAML text, with sentences for authors where the parser's own do not say what to write instead.

import { isCollection, visit, type Document, type LineCounter, type Node } from "yaml";

type Fault = { line: number; message: string };

/** By the code and the message of the parser. */
const sentences: [pattern: RegExp, sentence: string][] = [
  [/^MULTIPLE_DOCS/, 'a line "---" or "..." ends the YAML: delete it'],
  [/^BLOCK_AS_IMPLICIT_KEY/, "has a second colon, or the next line is indented: put the value in quotes, or indent both lines alike"],
  [/^BLOCK_IN_FLOW/, "has a second colon inside of braces: write a comma between the keys, and a space after each colon"],
  [/^MULTILINE_IMPLICIT_KEY|^MISSING_CHAR Implicit/, "is not `key: value`: write a key, a colon, a space and the value on one line"],
  [/block-seq-ind/, "has a list on the line of its key: write it as [a, b], or put the value in quotes"],
  [/at node end|in YAML stream/, "has text after the closing quote or bracket: put the whole value in the other kind of quotes"],
];

/** Returns what is wrong with a parsed YAML text: one mistake a line, with lines from 1. */
export function findFaults(document: Document, source: string, counter: LineCounter): Fault[] {
  const lines = source.split("\n");
  const byLine = new Map<number, Fault>();
  for (const { code, message, pos } of [...document.errors, ...document.warnings]) {
    const found = counter.linePos(pos[0]).line;
    const isUnclosed = /^Missing closing|^Flow /.test(message); // found at the end of what the quote or bracket swallowed
    const opened = lines.findLastIndex((text, index) => index < found && /:\s*["'[{]/.test(text)) + 1;
    const line = (isUnclosed && opened) || found;
    const [, sentence] = sentences.find(([pattern]) => pattern.test(`${code} ${message}`)) ?? [];
    byLine.getOrInsert(line, { line, message: sentence ?? message });
  }
  const refused = findRefused(document);
  if (refused && byLine.size === 0) return [{ line: counter.linePos(refused.offset).line, message: refused.message }];
  return [...byLine.values()];
}

/**
 * Returns what is refused although it is valid YAML, because plain data of it can be huge: a few aliases expand to gigabytes, and a key that is
 * a group becomes a string, whose length doubles with each group inside of it.
 */
export function findRefused(document: Document): { offset: number; message: string } | undefined {
  let refused: ReturnType<typeof findRefused>;
  const refuse = (node: Node, message: string) => {
    refused = { offset: node.range?.[0] ?? 0, message };
    return visit.BREAK;
  };
  visit(document, {
    Alias: (_key, node) => refuse(node, "YAML aliases (&name, *name) are not allowed: put a value that begins with * in quotes"),
    Pair: (_key, { key }) => (isCollection(key) ? refuse(key, "has a key that begins with a bracket: put the value in quotes") : undefined),
  });
  return refused;
}
