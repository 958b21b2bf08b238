// Reads YAML against a schema and reports every mistake with its line. Aliases are refused: a few of them expand to gigabytes.

import { closestMatch } from "leven";
import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Document, type YAMLParseError, type YAMLWarning } from "yaml";
import { z } from "zod";

/** A map with a fixed set of keys. The error for an unknown key is the list of valid keys, from which `readYaml` makes a sentence. */
export const group = <Shape extends z.ZodRawShape>(shape: Shape, required = Object.keys(shape).join(" and ")) =>
  z.strictObject(shape, { error: ({ code }) => (code === "unrecognized_keys" ? Object.keys(shape).join() : `must hold ${required}`) });

/**
 * Returns the values with the line of every key of the outermost map, from 1. Calls `report` for each mistake and then returns undefined. The
 * schema's message for unknown keys must be the valid keys, joined by commas.
 */
export function readYaml<Values>(
  source: string,
  schema: z.ZodType<Values>,
  report: (line: number, message: string) => void,
): { values: Values; lines: Map<string, number> } | undefined {
  const counter = new LineCounter();
  const document = parseDocument(source, { lineCounter: counter, prettyErrors: false });
  const faults = [...document.errors, ...document.warnings]; // a warning is an unknown tag like !!js
  for (const fault of faults) {
    const { line } = counter.linePos(fault.pos[0]);
    report(line, describeFault(fault, source.split("\n")[line] ?? ""));
  }
  if (faults.length > 0) return undefined;
  const data = plainData(document);
  if (!isMap(document.contents) || data === undefined) {
    report(1, isMap(document.contents) ? "YAML aliases (&name, *name) are not allowed" : "expected lines of `key: value`");
    return undefined;
  }
  const lines = new Map<string, number>();
  for (const { key, value } of document.contents.items) {
    if (!isScalar(key) || !key.range) continue;
    const line = counter.linePos(key.range[0]).line;
    lines.set(String(key.value), line);
    if (["title", "description"].includes(String(key.value)) && isScalar(value) && value.comment)
      report(line, `"${String(key.value)}" ends before the #, which begins a comment in YAML: put the value in quotes`);
  }
  const result = schema.safeParse(data, { reportInput: true });
  if (result.success) return { values: result.data, lines };
  const reported = new Set<string>();
  for (const issue of result.error.issues) {
    const place = issue.path.join(".");
    if (reported.has(place)) continue; // a value of the wrong type also breaks the rules about its length
    reported.add(place);
    const key = String(issue.path[0] ?? "");
    const path = issue.path.filter((step) => typeof step === "string").join(".");
    const lineAt = (steps: PropertyKey[]) => lineOf(document.contents, steps, counter);
    if (issue.code === "unrecognized_keys") {
      const valid = issue.message.split(",");
      for (const unknown of issue.keys) report(lineAt([...issue.path, unknown]), `unknown key "${unknown}"${suggest(unknown, valid)}`);
    } else {
      const [keyIssue] = issue.code === "invalid_key" ? issue.issues : [];
      report(lineAt(issue.path), `"${path || key}" ${issue.input == null ? "is missing" : (keyIssue ?? issue).message}`);
    }
  }
  return undefined;
}

/** Returns the line, from 1, of what is at `path`, or of the innermost part of the path that is there. */
function lineOf(root: unknown, path: PropertyKey[], counter: LineCounter): number {
  let line = 1;
  let node = root;
  for (const step of path) {
    const pair = isMap(node) ? node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(step)) : undefined;
    const item = isSeq(node) ? node.items[Number(step)] : pair?.key;
    if (!isNode(item) || !item.range) break;
    line = counter.linePos(item.range[0]).line;
    node = pair ? pair.value : item;
  }
  return line;
}

const useQuotes = ": put the value in quotes";
const adviceFor: Partial<Record<YAMLParseError["code"], string>> = {
  BAD_SCALAR_START: useQuotes,
  BLOCK_AS_IMPLICIT_KEY: useQuotes,
  MULTILINE_IMPLICIT_KEY: ": write the value on one line, with a space after the colon",
  TAB_AS_INDENT: ": use spaces",
  TAG_RESOLVE_FAILED: useQuotes,
  UNEXPECTED_TOKEN: useQuotes,
};

function describeFault({ code, message }: YAMLParseError | YAMLWarning, nextLine: string): string {
  if (code === "MULTIPLE_DOCS") return 'a line "---" or "..." ends the YAML: delete it';
  if (code === "BLOCK_AS_IMPLICIT_KEY" && nextLine.startsWith(" ")) return `${message}: indent the next line like the others`;
  return `${message}${adviceFor[code] ?? ""}`;
}

/** Returns whether the text is valid YAML, whatever its content. */
export function isYaml(source: string): boolean {
  return parseDocument(source).errors.length === 0;
}

function plainData(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    return undefined;
  }
}

/** Returns `, did you mean "draft"?` if a valid word is an edit or two away, else the valid words if there are at most 20. */
export function suggest(word: string, valid: string[]): string {
  const nearest = closestMatch(word, valid, { maxDistance: word.length < 5 ? 1 : 2 });
  if (nearest) return `, did you mean "${nearest}"?`;
  return valid.length > 0 && valid.length <= 20 ? `; use one of ${valid.join(", ")}` : "";
}
