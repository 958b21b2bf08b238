// Compares the output of an example with the stored output. Varying parts are masked in both, and some figures must be within a range.

import { diff } from "node:util";
import { isDeterministic, type Run } from "./example-readme.ts";
import { numbersIn } from "./tokens.ts";

/** Offsets of the start and the end in a text. */
type Span = [from: number, to: number];

const maxShownLines = 20;

/** Returns which figures of an output are not within their range. */
export function checkRanges(text: string, { ranges }: Run): string[] {
  return ranges.flatMap(({ figure, from, to }) => {
    const numbers = spansOf(text, figure, 1).map((span) => text.slice(...span));
    if (numbers.length === 0) return [`nothing matches ${figure.source}`];
    const outside = numbers.filter((number) => !(valueOf(number) >= from && valueOf(number) <= to));
    return outside.map((number) => `${number} is not from ${from} to ${to} (${figure.source})`);
  });
}

/**
 * Returns how a new output differs from the stored one: lines of the stored output with "-", lines of the new one with "+", and figures that
 * are not within their range. Empty if only varying parts differ.
 */
export function compareOutputs(stored: string, printed: string, run: Run): string[] {
  const lines = diff(comparableLines(stored, run), comparableLines(printed, run)).filter(
    ([operation]) => operation !== 0,
  );
  const shown = lines
    .slice(0, maxShownLines)
    .map(([operation, line]) => `${operation > 0 ? "-" : "+"} ${line}`);
  const more =
    lines.length > maxShownLines ? [`and ${lines.length - maxShownLines} more lines`] : [];
  return [...shown, ...more, ...checkRanges(printed, run)];
}

/** Returns the numbers of a stored output that vary and that no range covers, without thousands separators: "1234.5". */
export function uncheckedNumbers(text: string, run: Run): Set<string> {
  const varying = run.varies
    .flatMap((pattern) => spansOf(text, pattern))
    .map((span) => text.slice(...span));
  const checked = run.ranges
    .flatMap(({ figure }) => spansOf(text, figure, 1))
    .map((span) => text.slice(...span));
  return numbersIn(varying.join(" ")).difference(
    numbersIn(`${checked.join(" ")} ${mask(text, run)}`),
  );
}

const valueOf = (number: string) => Number(number.replaceAll(",", ""));

/** Returns the lines to compare. If something varies, so do the widths of columns, so each run of spaces becomes one. */
function comparableLines(text: string, run: Run): string[] {
  const masked = isDeterministic(run) ? text : mask(text, run).replace(/[^\S\n]+/g, " ");
  return masked
    .trimEnd()
    .split("\n")
    .map((line) => line.trimEnd());
}

/** Replaces each varying part with "~". Adjacent parts are merged. */
function mask(text: string, { varies, ranges }: Run): string {
  const spans = [
    ...varies.flatMap((pattern) => spansOf(text, pattern)),
    ...ranges.flatMap(({ figure }) => spansOf(text, figure, 1)),
  ];
  let masked = "";
  let end = -1;
  for (const [from, to] of spans.sort((a, b) => a[0] - b[0])) {
    if (from > end) masked += `${text.slice(Math.max(0, end), from)}~`;
    end = Math.max(end, to);
  }
  return masked + text.slice(Math.max(0, end));
}

/** Returns where a pattern, or one of its groups, matches. */
function spansOf(text: string, { source }: RegExp, group = 0): Span[] {
  return [...text.matchAll(new RegExp(source, "gmd"))].flatMap(({ indices }) => {
    const [from, to] = indices?.[group] ?? [0, 0];
    return to > from ? [[from, to] satisfies Span] : [];
  });
}
