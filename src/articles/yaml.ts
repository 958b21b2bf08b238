// Reads YAML against a schema and says of everything that is wrong on which line it stands. Nothing is repaired, nothing is executed, and
// aliases are refused: a few of them expand to gigabytes.

import { closestMatch } from "leven";
import { isMap, isScalar, LineCounter, parseDocument, type Document } from "yaml";
import type { z } from "zod";

/** `lines` has the line of every key of the outermost map, from 1. */
export type ReadYaml<Values> = { values: Values; lines: Record<string, number> };

/** Nothing where something was wrong and has been reported. A schema's message for unknown keys is the known ones, with commas. */
export function readYaml<Values>(
  source: string,
  schema: z.ZodType<Values>,
  report: (line: number, message: string) => void,
): ReadYaml<Values> | undefined {
  const counter = new LineCounter();
  const document = parseDocument(source, { lineCounter: counter, prettyErrors: false });
  const faults = [...document.errors, ...document.warnings]; // a warning is a tag like !!js, which nobody means
  for (const fault of faults)
    report(counter.linePos(fault.pos[0]).line, `${fault.message}${fault.code === "DUPLICATE_KEY" ? "" : ": put the value in quotes"}`);
  if (faults.length > 0) return undefined;
  const data = plainData(document);
  if (!isMap(document.contents) || data === undefined) {
    report(1, isMap(document.contents) ? "YAML aliases (&name, *name) are not allowed" : "expected lines of `key: value`");
    return undefined;
  }
  const lines: Record<string, number> = {};
  for (const { key, value } of document.contents.items) {
    if (!isScalar(key) || !key.range) continue;
    const line = counter.linePos(key.range[0]).line;
    lines[String(key.value)] = line;
    if (["title", "description"].includes(String(key.value)) && isScalar(value) && value.comment)
      report(line, `"${String(key.value)}" ends before the #, which begins a comment in YAML: put the value in quotes`);
  }
  const result = schema.safeParse(data, { reportInput: true });
  if (result.success) return { values: result.data, lines };
  const told = new Set<string>();
  for (const issue of result.error.issues) {
    const place = issue.path.join(".");
    if (told.has(place)) continue; // a list that is none is also too long
    told.add(place);
    const key = String(issue.path[0] ?? "");
    const path = issue.path.filter((step) => typeof step === "string").join(".");
    if (issue.code === "unrecognized_keys") {
      const known = issue.message.split(",");
      for (const unknown of issue.keys) report(lines[key || unknown] ?? 1, `unknown key "${unknown}"${didYouMean(unknown, known)}`);
    } else report(lines[key] ?? 1, `"${path || key}" ${issue.input == null ? "is missing" : issue.message}`);
  }
  return undefined;
}

/** Whether the text is YAML at all, whatever it says. */
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

/** `, did you mean "draft"?` where one of the known words is an edit or two away; else the known words, if they are few. */
export function didYouMean(word: string, known: string[]): string {
  const nearest = closestMatch(word, known, { maxDistance: word.length < 5 ? 1 : 2 });
  if (nearest) return `, did you mean "${nearest}"?`;
  return known.length <= 20 ? `; known are ${known.join(", ")}` : "";
}
