// Reads YAML against a schema and reports every mistake with its line.

import { closestMatch } from "leven";
import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { findFaults, findRefused } from "./yaml-faults.ts";

type Report = (line: number, message: string) => void;

/** A map with a fixed set of keys. The error for an unknown key is the list of valid keys, which `readYaml` turns into a sentence. */
export const group = <Shape extends z.ZodRawShape>(
  shape: Shape,
  required = Object.keys(shape).join(" and "),
) =>
  z.strictObject(shape, {
    error: ({ code }) =>
      code === "unrecognized_keys" ? Object.keys(shape).join() : `must hold ${required}`,
  });

/**
 * Returns the values, and the line (from 1) of every key of the outermost map. If there are mistakes, reports each and returns undefined. The
 * schema's message for unknown keys must be the valid keys, joined by commas.
 */
export function readYaml<Values>(
  source: string,
  schema: z.ZodType<Values>,
  report: Report,
): { values: Values; lines: Map<string, number> } | undefined {
  const counter = new LineCounter();
  const document = parseDocument(source, { lineCounter: counter, prettyErrors: false });
  const faults = findFaults(document, source, counter);
  for (const { line, message } of faults) report(line, message);
  const data: unknown = findRefused(document) ? undefined : document.toJS();
  if (!isMap(document.contents) || data === undefined) {
    if (faults.length === 0) report(1, "expected lines of `key: value`");
    return undefined;
  }
  // The parser guesses what a faulty line means, and an error about a guess would mislead.
  const wrongLines = new Set(faults.map(({ line }) => line));
  const reportOutsideFaults: Report = (line, message) =>
    void (wrongLines.has(line) || report(line, message));
  const lines = new Map<string, number>();
  for (const { key, value } of document.contents.items) {
    if (!isScalar(key) || !key.range) continue;
    const line = counter.linePos(key.range[0]).line;
    lines.set(String(key.value), line);
    if (["title", "description"].includes(String(key.value)) && isScalar(value) && value.comment)
      reportOutsideFaults(
        line,
        `"${String(key.value)}" ends before the #, which begins a comment in YAML: put the value in quotes`,
      );
  }
  const result = schema.safeParse(data, { reportInput: true });
  if (result.success) return faults.length === 0 ? { values: result.data, lines } : undefined;
  const issues = result.error.issues.filter(({ input }) => faults.length === 0 || input != null);
  reportIssues(issues, (path) => lineOf(document.contents, path, counter), reportOutsideFaults);
  return undefined;
}

/** Reports what the schema rejects, once per value, because a value of the wrong type also violates rules about its length. */
function reportIssues(
  issues: z.core.$ZodIssue[],
  lineAt: (path: PropertyKey[]) => number,
  report: Report,
): void {
  for (const [issue] of Map.groupBy(issues, ({ path }) => path.join(".")).values()) {
    if (issue?.code === "unrecognized_keys") {
      const valid = issue.message.split(",");
      for (const unknown of issue.keys)
        report(
          lineAt([...issue.path, unknown]),
          `unknown key "${unknown}"${suggestWord(unknown, valid)}`,
        );
    } else if (issue) {
      const name = issue.path.filter((step) => typeof step === "string").join(".");
      const [keyIssue] = issue.code === "invalid_key" ? issue.issues : [];
      report(
        lineAt(issue.path),
        `"${name}" ${issue.input == null ? "is missing" : (keyIssue ?? issue).message}`,
      );
    }
  }
}

/** Returns the line, from 1, of the value at `path`, or of the innermost existing group or list around it. */
function lineOf(root: unknown, path: PropertyKey[], counter: LineCounter): number {
  let line = 1;
  let node = root;
  for (const step of path) {
    const pair = isMap(node)
      ? node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(step))
      : undefined;
    const item = isSeq(node) ? node.items[Number(step)] : pair?.key;
    if (!isNode(item) || !item.range) break;
    line = counter.linePos(item.range[0]).line;
    node = pair ? pair.value : item;
  }
  return line;
}

/** Whether a text is valid YAML. */
export function isYaml(source: string): boolean {
  return parseDocument(source).errors.length === 0;
}

const maxListed = 40; // more than there are code languages

/** Returns `, did you mean "draft"?` if a valid word is one or two edits away, otherwise the valid words if there are at most 40. */
export function suggestWord(word: string, valid: string[]): string {
  const nearest = closestMatch(word, valid, { maxDistance: word.length < 5 ? 1 : 2 });
  if (nearest) return `, did you mean "${nearest}"?`;
  return valid.length > 0 && valid.length <= maxListed ? `; use one of ${valid.join(", ")}` : "";
}
